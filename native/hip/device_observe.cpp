// What only a virtual GPU can tell of its launches. On any other device these features are absent: false, or undefined.
#include "arguments.h"
#include "failure.h"
#include "handles.h"

#include <algorithm>

namespace soma::hip {

namespace {

/// Switches a feature on or off; false where the library has none.
Napi::Value switchOf(const Napi::CallbackInfo& info, const DeviceState& state, hipError_t (*set)(int, int),
                     const char* name) {
    if (!state.library->isVirtual()) {
        return Napi::Boolean::New(info.Env(), false);
    }
    const bool on = info[0].ToBoolean().Value();
    if (const hipError_t code = set(state.index, on ? 1 : 0)) {
        throw toJs(info.Env(), state.failure(name, code, on ? "on" : "off"));
    }
    return Napi::Boolean::New(info.Env(), true);
}

/// The text that one of the virtual GPU's functions writes; undefined where the library is none.
Napi::Value textOf(const Napi::CallbackInfo& info, const DeviceState& state, size_t (*write)(int, char*, size_t)) {
    if (!state.library->isVirtual()) {
        return info.Env().Undefined();
    }
    // It may grow between the calls: the second one says how much there was.
    std::string text(write(state.index, nullptr, 0), '\0');
    const size_t length = write(state.index, text.data(), text.size() + 1);
    text.resize(std::min(length, text.size()));
    return Napi::String::New(info.Env(), text);
}

}  // namespace

Napi::Value DeviceHandle::setProfiling(const Napi::CallbackInfo& info) {
    return switchOf(info, *state(), state()->hip().somaVgpuSetProfiling, "somaVgpuSetProfiling");
}

Napi::Value DeviceHandle::profile(const Napi::CallbackInfo& info) {
    return textOf(info, *state(), state()->hip().somaVgpuProfile);
}

Napi::Value DeviceHandle::setSanitizing(const Napi::CallbackInfo& info) {
    return switchOf(info, *state(), state()->hip().somaVgpuSetSanitizing, "somaVgpuSetSanitizing");
}

Napi::Value DeviceHandle::sanitizerReports(const Napi::CallbackInfo& info) {
    return textOf(info, *state(), state()->hip().somaVgpuSanitizerReports);
}

Napi::Value DeviceHandle::setTrace(const Napi::CallbackInfo& info) {
    const DeviceState& device = *state();
    if (!device.library->isVirtual()) {
        return Napi::Boolean::New(info.Env(), false);
    }
    const std::string settings = info[0].ToString().Utf8Value();
    if (const hipError_t code = device.hip().somaVgpuSetTrace(device.index, settings.c_str())) {
        throw toJs(info.Env(), device.failure("somaVgpuSetTrace", code, settings));
    }
    return Napi::Boolean::New(info.Env(), true);
}

Napi::Value DeviceHandle::trace(const Napi::CallbackInfo& info) {
    return textOf(info, *state(), state()->hip().somaVgpuTrace);
}

}  // namespace soma::hip
