#include "handles.h"

namespace soma::hip {

std::vector<LibraryHandle::PropertyDescriptor> LibraryHandle::members() {
    return {
        InstanceAccessor<&LibraryHandle::path>("path"),
        InstanceAccessor<&LibraryHandle::runtimeVersion>("runtimeVersion"),
        InstanceAccessor<&LibraryHandle::virtualAbiVersion>("virtualAbiVersion"),
        InstanceMethod<&LibraryHandle::deviceCount>("deviceCount"),
        InstanceMethod<&LibraryHandle::device>("device"),
        InstanceMethod<&LibraryHandle::configureVirtualDevices>("configureVirtualDevices"),
    };
}

Napi::Value LibraryHandle::path(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), state()->path); }

Napi::Value LibraryHandle::runtimeVersion(const Napi::CallbackInfo& info) {
    int version = 0;
    if (const hipError_t code = state()->table.hipRuntimeGetVersion(&version)) {
        throw toJs(info.Env(), state()->failure("hipRuntimeGetVersion", code, state()->path));
    }
    return Napi::Number::New(info.Env(), version);
}

Napi::Value LibraryHandle::virtualAbiVersion(const Napi::CallbackInfo& info) {
    return state()->isVirtual() ? Napi::Number::New(info.Env(), state()->table.somaVgpuAbiVersion())
                                : info.Env().Undefined();
}

Napi::Value LibraryHandle::deviceCount(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), unwrap(info.Env(), state()->deviceCount()));
}

Napi::Value LibraryHandle::device(const Napi::CallbackInfo& info) {
    const auto index = static_cast<int>(integerArgument(info[0], "index", INT32_MAX));
    return DeviceHandle::make(info.Env(), unwrap(info.Env(), state()->device(index)));
}

void LibraryHandle::configureVirtualDevices(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!state()->isVirtual()) {
        throw Napi::TypeError::New(env, "'" + state()->path + "' has no virtual devices to configure");
    }
    if (!info[0].IsArray()) {
        throw Napi::TypeError::New(env, "targets must be an array of strings");
    }
    std::vector<std::string> targets;
    for (uint32_t i = 0; i < info[0].As<Napi::Array>().Length(); ++i) {
        targets.push_back(stringArgument(info[0].As<Napi::Array>().Get(i), "targets[" + std::to_string(i) + "]"));
    }
    if (const auto error = state()->configure(targets)) {
        throw toJs(env, *error);
    }
}

}  // namespace soma::hip
