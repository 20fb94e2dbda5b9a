#include "handles.h"

#include <algorithm>
#include <cstring>

namespace soma::hip {

namespace {

struct NamedAttribute {
    const char* name;
    hipDeviceAttribute_t attribute;
};

constexpr NamedAttribute kAttributes[] = {
    {"warpSize", hipDeviceAttributeWarpSize},
    {"multiprocessorCount", hipDeviceAttributeMultiprocessorCount},
    {"maxThreadsPerBlock", hipDeviceAttributeMaxThreadsPerBlock},
    {"maxThreadsPerMultiprocessor", hipDeviceAttributeMaxThreadsPerMultiProcessor},
    {"maxBlockDimX", hipDeviceAttributeMaxBlockDimX},
    {"maxBlockDimY", hipDeviceAttributeMaxBlockDimY},
    {"maxBlockDimZ", hipDeviceAttributeMaxBlockDimZ},
    {"maxGridDimX", hipDeviceAttributeMaxGridDimX},
    {"maxGridDimY", hipDeviceAttributeMaxGridDimY},
    {"maxGridDimZ", hipDeviceAttributeMaxGridDimZ},
    {"maxSharedMemoryPerBlock", hipDeviceAttributeMaxSharedMemoryPerBlock},
    {"maxSharedMemoryPerMultiprocessor", hipDeviceAttributeMaxSharedMemoryPerMultiprocessor},
    {"maxRegistersPerBlock", hipDeviceAttributeMaxRegistersPerBlock},
    {"clockRateKHz", hipDeviceAttributeClockRate},
    {"l2CacheBytes", hipDeviceAttributeL2CacheSize},
    {"computeCapabilityMajor", hipDeviceAttributeComputeCapabilityMajor},
    {"computeCapabilityMinor", hipDeviceAttributeComputeCapabilityMinor},
    {"integrated", hipDeviceAttributeIntegrated},
    {"pciBusId", hipDeviceAttributePciBusId},
    {"pciDeviceId", hipDeviceAttributePciDeviceId},
    {"pciDomainId", hipDeviceAttributePciDomainID},
};

/// Loads a module on a thread of Node's pool.
class ModuleLoad : public Napi::AsyncWorker {
public:
    ModuleLoad(Napi::Env env, std::shared_ptr<DeviceState> device, Bytes image)
        : Napi::AsyncWorker(env, "soma_hip.loadModule"),
          promise(Napi::Promise::Deferred::New(env)),
          device_(std::move(device)),
          image_(std::move(image)) {}

    const Napi::Promise::Deferred promise;

protected:
    void Execute() override {
        result_ = hip::loadModule(device_, {image_.data.get(), image_.size});
        image_ = {};
    }

    void OnOK() override {
        if (const auto* error = std::get_if<HipError>(&result_)) {
            promise.Reject(toJs(Env(), *error).Value());
        } else {
            promise.Resolve(ModuleHandle::make(Env(), std::get<std::shared_ptr<ModuleState>>(result_)));
        }
    }

    void OnError(const Napi::Error& error) override { promise.Reject(error.Value()); }

private:
    const std::shared_ptr<DeviceState> device_;
    Bytes image_;
    Result<std::shared_ptr<ModuleState>> result_;
};

/// Resets a device on a thread of Node's pool: it waits for kernels.
class DeviceReset : public Napi::AsyncWorker {
public:
    DeviceReset(Napi::Env env, std::shared_ptr<DeviceState> device)
        : Napi::AsyncWorker(env, "soma_hip.reset"),
          promise(Napi::Promise::Deferred::New(env)),
          device_(std::move(device)) {}

    const Napi::Promise::Deferred promise;

protected:
    void Execute() override { error_ = device_->reset(); }

    void OnOK() override {
        if (error_) {
            promise.Reject(toJs(Env(), *error_).Value());
        } else {
            promise.Resolve(Env().Undefined());
        }
    }

private:
    const std::shared_ptr<DeviceState> device_;
    std::optional<HipError> error_;
};

}  // namespace

std::vector<DeviceHandle::PropertyDescriptor> DeviceHandle::members() {
    return {
        InstanceAccessor<&DeviceHandle::index>("index"),
        InstanceAccessor<&DeviceHandle::name>("name"),
        InstanceAccessor<&DeviceHandle::target>("target"),
        InstanceAccessor<&DeviceHandle::architecture>("architecture"),
        InstanceMethod<&DeviceHandle::attribute>("attribute"),
        InstanceMethod<&DeviceHandle::memory>("memory"),
        InstanceMethod<&DeviceHandle::allocate>("allocate"),
        InstanceMethod<&DeviceHandle::allocateHost>("allocateHost"),
        InstanceMethod<&DeviceHandle::import>("import"),
        InstanceMethod<&DeviceHandle::exportMemory>("exportMemory"),
        InstanceMethod<&DeviceHandle::openMemory>("openMemory"),
        InstanceAccessor<&DeviceHandle::lost>("lost"),
        InstanceMethod<&DeviceHandle::reset>("reset"),
        InstanceMethod<&DeviceHandle::loadModule>("loadModule"),
        InstanceMethod<&DeviceHandle::createStream>("createStream"),
        InstanceMethod<&DeviceHandle::createEvent>("createEvent"),
        InstanceMethod<&DeviceHandle::createGraph>("createGraph"),
        InstanceMethod<&DeviceHandle::submit>("submit"),
        InstanceMethod<&DeviceHandle::drain>("drain"),
        InstanceMethod<&DeviceHandle::counters>("counters"),
        InstanceMethod<&DeviceHandle::setProfiling>("setProfiling"),
        InstanceMethod<&DeviceHandle::profile>("profile"),
        InstanceMethod<&DeviceHandle::setSanitizing>("setSanitizing"),
        InstanceMethod<&DeviceHandle::sanitizerReports>("sanitizerReports"),
        InstanceMethod<&DeviceHandle::setTrace>("setTrace"),
        InstanceMethod<&DeviceHandle::trace>("trace"),
        InstanceMethod<&DeviceHandle::setInstructionLimit>("setInstructionLimit"),
    };
}

Napi::Value DeviceHandle::index(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), state()->index); }

Napi::Value DeviceHandle::name(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), state()->name); }

Napi::Value DeviceHandle::target(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), state()->target());
}

Napi::Value DeviceHandle::architecture(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), state()->architecture);
}

Napi::Value DeviceHandle::attribute(const Napi::CallbackInfo& info) {
    const std::string name = stringArgument(info[0], "name");
    const auto* found = std::find_if(std::begin(kAttributes), std::end(kAttributes),
                                     [&](const NamedAttribute& one) { return name == one.name; });
    if (found == std::end(kAttributes)) {
        throw Napi::TypeError::New(info.Env(), "there is no device attribute '" + name + "'");
    }
    int value = 0;
    if (const hipError_t code = state()->hip().hipDeviceGetAttribute(&value, found->attribute, state()->index)) {
        throw toJs(info.Env(), state()->failure("hipDeviceGetAttribute", code, "the attribute " + name));
    }
    return Napi::Number::New(info.Env(), value);
}

Napi::Value DeviceHandle::memory(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    size_t free = 0;
    size_t total = 0;
    hipError_t code = state()->select();
    code = code == hipSuccess ? state()->hip().hipMemGetInfo(&free, &total) : code;
    if (code != hipSuccess) {
        throw toJs(env, state()->failure("hipMemGetInfo", code, "the memory's size"));
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("free", Napi::Number::New(env, static_cast<double>(free)));
    result.Set("total", Napi::Number::New(env, static_cast<double>(total)));
    return result;
}

Napi::Value DeviceHandle::loadModule(const Napi::CallbackInfo& info) {
    auto* load = new ModuleLoad(info.Env(), state(), bytesArgument(info[0], "image"));
    const Napi::Promise promise = load->promise.Promise();
    load->Queue();
    return promise;
}

Napi::Value DeviceHandle::createStream(const Napi::CallbackInfo& info) {
    Addon& addon = Addon::of(info.Env());
    const int priority = info[0].IsNumber() ? info[0].As<Napi::Number>().Int32Value() : 0;
    auto worker = unwrap(info.Env(), Worker::create(state(), addon.settler, priority));
    std::erase_if(addon.workers, [](const auto& weak) { return weak.expired(); });
    addon.workers.push_back(worker);
    return StreamHandle::make(info.This().As<Napi::Object>(), std::move(worker));
}

Napi::Value DeviceHandle::createEvent(const Napi::CallbackInfo& info) {
    return EventHandle::make(info.Env(), unwrap(info.Env(), hip::createEvent(state(), hipEventDefault)));
}

Napi::Value DeviceHandle::lost(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), state()->lost());
}

Napi::Value DeviceHandle::reset(const Napi::CallbackInfo& info) {
    auto* reset = new DeviceReset(info.Env(), state());
    const Napi::Promise promise = reset->promise.Promise();
    reset->Queue();
    return promise;
}

Napi::Value DeviceHandle::counters(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!state()->library->isVirtual()) {
        return env.Undefined();
    }
    somaVgpuCounters counters{};
    counters.size = sizeof counters;
    if (const hipError_t code = state()->hip().somaVgpuGetCounters(state()->index, &counters)) {
        throw toJs(env, state()->failure("somaVgpuGetCounters", code, "the counters"));
    }
    Napi::Object result = Napi::Object::New(env);
#define SOMA_COUNTER(name) result.Set(#name, Napi::Number::New(env, static_cast<double>(counters.name)));
    SOMA_VGPU_COUNTERS(SOMA_COUNTER)
#undef SOMA_COUNTER
    return result;
}

Napi::Value DeviceHandle::setInstructionLimit(const Napi::CallbackInfo& info) {
    const uint64_t instructions = integerArgument(info[0], "instructions");
    if (!state()->library->isVirtual()) {
        return Napi::Boolean::New(info.Env(), false);
    }
    if (const hipError_t code = state()->hip().somaVgpuSetLimit(state()->index, somaVgpuLimitWaveInstructions,
                                                                instructions)) {
        throw toJs(info.Env(), state()->failure("somaVgpuSetLimit", code, std::to_string(instructions)));
    }
    return Napi::Boolean::New(info.Env(), true);
}

}  // namespace soma::hip
