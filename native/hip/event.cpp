#include "handles.h"

namespace soma::hip {

std::vector<EventHandle::PropertyDescriptor> EventHandle::members() {
    return {
        InstanceAccessor<&EventHandle::slot>("slot"),
        InstanceMethod<&EventHandle::query>("query"),
        InstanceMethod<&EventHandle::elapsedSince>("elapsedSince"),
        InstanceAccessor("disposed", &EventHandle::disposed, nullptr),
        InstanceMethod<&EventHandle::dispose>("dispose"),
    };
}

Napi::Value EventHandle::slot(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), slot_); }

Napi::Value EventHandle::query(const Napi::CallbackInfo& info) {
    if (!state()->allMade()) {
        return Napi::Boolean::New(info.Env(), false);
    }
    const DeviceState& device = *state()->device;
    requireUsable(info.Env(), *state());
    const hipError_t code = device.hip().hipEventQuery(state()->event);
    if (code != hipSuccess && code != hipErrorNotReady) {
        throw toJs(info.Env(), device.failure("hipEventQuery", code, "an event"));
    }
    return Napi::Boolean::New(info.Env(), code == hipSuccess);
}

Napi::Value EventHandle::elapsedSince(const Napi::CallbackInfo& info) {
    const auto start = EventHandle::from(info[0], "start").state();
    const DeviceState& device = *state()->device;
    requireUsable(info.Env(), *start);
    requireUsable(info.Env(), *state());
    float milliseconds = 0;
    if (const hipError_t code = device.hip().hipEventElapsedTime(&milliseconds, start->event, state()->event)) {
        throw toJs(info.Env(), device.failure("hipEventElapsedTime", code, "two events"));
    }
    return Napi::Number::New(info.Env(), milliseconds);
}

void EventHandle::dispose(const Napi::CallbackInfo&) { state_.reset(); }

}  // namespace soma::hip
