// Modules and their kernels.
#include "handles.h"

#include <climits>

namespace soma::hip {

std::vector<ModuleHandle::PropertyDescriptor> ModuleHandle::members() {
    return {
        InstanceMethod<&ModuleHandle::kernel>("kernel"),
        InstanceMethod<&ModuleHandle::global>("global"),
        InstanceMethod<&ModuleHandle::reload>("reload"),
        InstanceAccessor("disposed", &ModuleHandle::disposed, nullptr),
        InstanceMethod<&ModuleHandle::dispose>("dispose"),
    };
}

Napi::Value ModuleHandle::kernel(const Napi::CallbackInfo& info) {
    const std::string name = stringArgument(info[0], "name");
    return KernelHandle::make(info.Env(), unwrap(info.Env(), findKernel(state(), name)));
}

Napi::Value ModuleHandle::global(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const std::string name = stringArgument(info[0], "name");
    const DeviceState& device = *state()->device;
    hipDeviceptr_t pointer = nullptr;
    size_t bytes = 0;
    requireUsable(env, *state()->loaded);
    if (const hipError_t code =
            device.hip().hipModuleGetGlobal(&pointer, &bytes, state()->module, name.c_str())) {
        throw toJs(env, device.failure("hipModuleGetGlobal", code, "variable '" + name + "'"));
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("address", Napi::BigInt::New(env, reinterpret_cast<uint64_t>(pointer)));
    result.Set("bytes", Napi::Number::New(env, static_cast<double>(bytes)));
    return result;
}

void ModuleHandle::reload(const Napi::CallbackInfo& info) {
    const Bytes image = bytesArgument(info[0], "image");
    if (const auto failure = reloadModule(*state(), {image.data.get(), image.size})) {
        throw toJs(info.Env(), *failure);
    }
}

void ModuleHandle::dispose(const Napi::CallbackInfo&) { state_.reset(); }

std::vector<KernelHandle::PropertyDescriptor> KernelHandle::members() {
    return {
        InstanceAccessor<&KernelHandle::name>("name"),
        InstanceAccessor<&KernelHandle::slot>("slot"),
        InstanceAccessor<&KernelHandle::number<&KernelState::maxThreadsPerBlock>>("maxThreadsPerBlock"),
        InstanceAccessor<&KernelHandle::number<&KernelState::sharedBytes>>("sharedBytes"),
        InstanceAccessor<&KernelHandle::number<&KernelState::localBytes>>("localBytes"),
        InstanceAccessor<&KernelHandle::number<&KernelState::registers>>("registers"),
        InstanceMethod<&KernelHandle::resident>("resident"),
    };
}

Napi::Value KernelHandle::name(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), state()->name); }

Napi::Value KernelHandle::slot(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), slot_); }

template <int KernelState::* Member>
Napi::Value KernelHandle::number(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), state().get()->*Member);
}

Napi::Value KernelHandle::resident(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto items = static_cast<int>(integerArgument(info[0], "workItems", INT_MAX));
    const auto shared = integerArgument(info[1], "dynamicSharedBytes", INT_MAX);
    requireUsable(env, *state()->module->loaded);
    const DeviceState& device = *state()->module->device;
    int workgroups = 0;
    if (const hipError_t code = device.hip().hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(
            &workgroups, state()->function, items, shared)) {
        throw toJs(env, device.failure("hipModuleOccupancyMaxActiveBlocksPerMultiprocessor", code,
                                       "workgroups of " + std::to_string(items) + " work-items of kernel '" +
                                           state()->name + "'"));
    }
    return Napi::Number::New(env, workgroups);
}

}  // namespace soma::hip
