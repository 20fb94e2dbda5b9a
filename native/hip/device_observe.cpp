// What only a virtual GPU can tell of its launches. On any other device these features are absent: false, or undefined.
#include "arguments.h"
#include "failure.h"
#include "handles.h"

#include <algorithm>

namespace soma::hip {

namespace {

/// The text that one of the virtual GPU's functions writes.
Napi::Value textOf(const Napi::CallbackInfo& info, size_t (*write)(int, char*, size_t), int device) {
    // It may grow between the calls: the second one says how much there was.
    std::string text(write(device, nullptr, 0), '\0');
    const size_t length = write(device, text.data(), text.size() + 1);
    text.resize(std::min(length, text.size()));
    return Napi::String::New(info.Env(), text);
}

}  // namespace

Napi::Value DeviceHandle::setProfiling(const Napi::CallbackInfo& info) {
    if (!state()->library->isVirtual()) {
        return Napi::Boolean::New(info.Env(), false);
    }
    const bool on = info[0].ToBoolean().Value();
    if (const hipError_t code = state()->hip().somaVgpuSetProfiling(state()->index, on ? 1 : 0)) {
        throw toJs(info.Env(), state()->failure("somaVgpuSetProfiling", code, on ? "on" : "off"));
    }
    return Napi::Boolean::New(info.Env(), true);
}

Napi::Value DeviceHandle::profile(const Napi::CallbackInfo& info) {
    return state()->library->isVirtual() ? textOf(info, state()->hip().somaVgpuProfile, state()->index)
                                         : info.Env().Undefined();
}

}  // namespace soma::hip
