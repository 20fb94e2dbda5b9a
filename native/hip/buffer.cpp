#include "handles.h"

namespace soma::hip {

std::vector<BufferHandle::PropertyDescriptor> BufferHandle::members() {
    return {
        InstanceAccessor<&BufferHandle::device>("device"),
        InstanceAccessor<&BufferHandle::address>("address"),
        InstanceAccessor<&BufferHandle::bytes>("bytes"),
        InstanceAccessor<&BufferHandle::isHost>("isHost"),
        InstanceMethod<&BufferHandle::host>("host"),
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

void BufferHandle::Finalize(Napi::Env env) {
    // Arrays over the memory may be there still, and hold it.
    host_.Reset();
    release(env);
}

Napi::Value BufferHandle::device(const Napi::CallbackInfo&) { return device_.Value(); }

Napi::Value BufferHandle::address(const Napi::CallbackInfo& info) {
    return Napi::BigInt::New(info.Env(), reinterpret_cast<uint64_t>(state()->pointer));
}

Napi::Value BufferHandle::bytes(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(state()->bytes));
}

Napi::Value BufferHandle::isHost(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), state()->host != nullptr);
}

Napi::Value BufferHandle::host(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!state()->host) {
        throw Napi::TypeError::New(env, "the buffer is no memory of the host's");
    }
    if (host_.IsEmpty()) {
        napi_value buffer = nullptr;
        // The memory lives as long as anything has the array, wherever it was transferred to.
        auto* hold = new std::shared_ptr<BufferState>(state());
        const auto release = [](napi_env, void*, void* held) { delete static_cast<std::shared_ptr<BufferState>*>(held); };
        if (napi_create_external_arraybuffer(env, state()->host, state()->bytes, release, hold, &buffer) != napi_ok) {
            delete hold;
            throw Napi::Error::New(env, "this JavaScript engine takes no memory from outside");
        }
        host_ = Napi::Persistent(Napi::Value(env, buffer).As<Napi::ArrayBuffer>());
    }
    return host_.Value();
}

void BufferHandle::dispose(const Napi::CallbackInfo& info) { release(info.Env()); }

void BufferHandle::release(Napi::Env env) {
    if (!host_.IsEmpty()) {
        // Arrays over the memory have no elements from now on.
        Napi::ArrayBuffer array = host_.Value();
        if (!array.IsEmpty() && !array.IsDetached()) {
            array.Detach();
        }
        host_.Reset();
    }
    if (state_) {
        Napi::MemoryManagement::AdjustExternalMemory(env, state_->owned ? -static_cast<int64_t>(state_->bytes) : 0);
        state_.reset();
    }
}

}  // namespace soma::hip
