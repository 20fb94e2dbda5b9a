#include "handles.h"

namespace soma::hip {

std::vector<BufferHandle::PropertyDescriptor> BufferHandle::members() {
    return {
        InstanceAccessor<&BufferHandle::device>("device"),
        InstanceAccessor<&BufferHandle::address>("address"),
        InstanceAccessor<&BufferHandle::bytes>("bytes"),
        InstanceAccessor("disposed", &BufferHandle::disposed, nullptr),
        InstanceMethod<&BufferHandle::dispose>("dispose"),
    };
}

Napi::Object BufferHandle::make(const Napi::Object& device, std::shared_ptr<BufferState> state) {
    const Napi::Env env = device.Env();
    // The collector is told what hangs on a handle: else it has no reason to collect those that nobody disposed.
    Napi::MemoryManagement::AdjustExternalMemory(env, state->owned ? static_cast<int64_t>(state->bytes) : 0);
    const Napi::Object object = Handle::make(env, std::move(state));
    Unwrap(object)->device_ = Napi::Persistent(device);
    return object;
}

void BufferHandle::Finalize(Napi::Env env) { release(env); }

Napi::Value BufferHandle::device(const Napi::CallbackInfo&) { return device_.Value(); }

Napi::Value BufferHandle::address(const Napi::CallbackInfo& info) {
    return Napi::BigInt::New(info.Env(), reinterpret_cast<uint64_t>(state()->pointer));
}

Napi::Value BufferHandle::bytes(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(state()->bytes));
}

void BufferHandle::dispose(const Napi::CallbackInfo& info) { release(info.Env()); }

void BufferHandle::release(Napi::Env env) {
    if (state_) {
        Napi::MemoryManagement::AdjustExternalMemory(env, state_->owned ? -static_cast<int64_t>(state_->bytes) : 0);
        state_.reset();
    }
}

}  // namespace soma::hip
