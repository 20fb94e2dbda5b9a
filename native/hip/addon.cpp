// The addon: `openLibrary`, `openHip`, and the end of a JavaScript thread.
#include "counters.h"
#include "handles.h"
#include "sensors.h"

namespace soma::hip {

namespace {

/// By soname (a development package has the first, a runtime package only the others), then where ROCm installs itself.
const std::vector<std::string> kHipCandidates = {
    "libamdhip64.so",
    "libamdhip64.so.7",
    "libamdhip64.so.6",
    "libamdhip64.so.5",
    "/opt/rocm/lib/libamdhip64.so",
    "/opt/rocm/lib/libamdhip64.so.7",
    "/opt/rocm/lib/libamdhip64.so.6",
    "/opt/rocm/lib/libamdhip64.so.5",
};

constexpr const char* kNoLibraryHelp =
    "HIP's runtime is part of AMD's ROCm (https://rocm.docs.amd.com); Debian and Ubuntu have it as the package "
    "libamdhip64-5. Without an AMD GPU, use the virtual one: the device \"vgpu\".";

Napi::Value openLibraryJs(const Napi::CallbackInfo& info) {
    const std::string path = stringArgument(info[0], "path");
    auto opened = openLibrary(path);
    if (const auto* failure = std::get_if<LoadFailure>(&opened)) {
        throw toJs(info.Env(), *failure, path, std::nullopt);
    }
    return LibraryHandle::make(info.Env(), std::get<std::shared_ptr<LibraryState>>(opened));
}

Napi::Value openHip(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    std::string tried;
    LoadFailure lacking;
    for (const std::string& candidate : kHipCandidates) {
        auto opened = openLibrary(candidate);
        if (auto* failure = std::get_if<LoadFailure>(&opened)) {
            if (!failure->missing.empty()) {
                lacking = *failure;
            }
            tried += (tried.empty() ? "" : ", ") + candidate;
            continue;
        }
        const auto library = std::get<std::shared_ptr<LibraryState>>(opened);
        auto count = library->deviceCount();
        if (std::holds_alternative<int>(count) && std::get<int>(count) > 0) {
            return LibraryHandle::make(env, library);
        }
        HipError error = std::holds_alternative<HipError>(count)
                             ? std::get<HipError>(count)
                             : library->failure("hipGetDeviceCount", hipErrorNoDevice, "the devices of " + candidate);
        error.help = "HIP's library " + candidate + " is installed, but it finds no device. " + noDeviceHelp();
        throw toJs(env, error);
    }
    if (!lacking.missing.empty()) {
        throw toJs(env, lacking, tried, "An older or newer ROCm may have what is missing.");
    }
    throw toJs(env, {"no HIP library was found (tried " + tried + ")", {}}, tried, kNoLibraryHelp);
}

/// The channel of tickets of whoever calls this (settler.h).
Napi::Value openChannel(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_float64_array ||
        info[0].As<Napi::TypedArray>().ElementLength() < 2) {
        throw Napi::TypeError::New(env, "results must be a Float64Array of two elements at least");
    }
    if (!info[1].IsFunction() || !info[2].IsFunction()) {
        throw Napi::TypeError::New(env, "settled and failed must be functions");
    }
    return Napi::Number::New(env, Addon::of(env).settler->openChannel(info[0].As<Napi::Float64Array>(),
                                                                      info[1].As<Napi::Function>(),
                                                                      info[2].As<Napi::Function>()));
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
    auto* addon = new Addon;
    env.SetInstanceData(addon);
    addon->settler = Settler::create(env);
    // Registered after the settler's function, so it runs before that function ends.
    env.AddCleanupHook([addon] {
        addon->settler->close();
        const auto deadline = std::chrono::steady_clock::now() + kLastMoment;
        for (const auto& weak : addon->workers) {
            if (const auto worker = weak.lock()) {
                worker->abandon(deadline);
            }
        }
    });
    LibraryHandle::define(env);
    DeviceHandle::define(env);
    BufferHandle::define(env);
    ModuleHandle::define(env);
    KernelHandle::define(env);
    EventHandle::define(env);
    StreamHandle::define(env);
    GraphHandle::define(env);
    Napi::Array candidates = Napi::Array::New(env, kHipCandidates.size());
    for (size_t i = 0; i < kHipCandidates.size(); ++i) {
        candidates.Set(static_cast<uint32_t>(i), Napi::String::New(env, kHipCandidates[i]));
    }
    exports.Set("hipCandidates", candidates);
    exports.Set("openLibrary", Napi::Function::New(env, openLibraryJs, "openLibrary"));
    exports.Set("prepareCounters", Napi::Function::New(env, prepareCounters, "prepareCounters"));
    exports.Set("startCounters", Napi::Function::New(env, startCounters, "startCounters"));
    exports.Set("readSensors", Napi::Function::New(env, readSensors, "readSensors"));
    exports.Set("openChannel", Napi::Function::New(env, openChannel, "openChannel"));
    exports.Set("openHip", Napi::Function::New(env, openHip, "openHip"));
    return exports;
}

}  // namespace

}  // namespace soma::hip

static Napi::Object initialiseAddon(Napi::Env env, Napi::Object exports) {
    return soma::hip::initialise(env, exports);
}

NODE_API_MODULE(soma_hip, initialiseAddon)
