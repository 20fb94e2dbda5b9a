// Memory of a device's JavaScript object: taken, and exchanged with others.
#include "handles.h"
#include "workers.h"

#include <cstring>

namespace soma::hip {

Napi::Value DeviceHandle::allocate(const Napi::CallbackInfo& info) {
    const uint64_t bytes = integerArgument(info[0], "bytes");
    const bool pooled = info[1].IsBoolean() && info[1].As<Napi::Boolean>().Value();
    auto buffer = hip::allocate(state(), bytes, pooled);
    if (const auto* error = std::get_if<HipError>(&buffer); error && error->code == hipErrorOutOfMemory) {
        // What was freed while operations were in flight is not free yet.
        drainDevice(*state());
        state()->releaseNow();
        buffer = hip::allocate(state(), bytes, pooled);
    }
    return BufferHandle::make(info.This().As<Napi::Object>(), unwrap(info.Env(), std::move(buffer)));
}

Napi::Value DeviceHandle::import(const Napi::CallbackInfo& info) {
    bool exact = false;
    if (!info[0].IsBigInt()) {
        throw Napi::TypeError::New(info.Env(), "address must be a bigint");
    }
    const uint64_t address = info[0].As<Napi::BigInt>().Uint64Value(&exact);
    const uint64_t bytes = integerArgument(info[1], "bytes");
    if (!exact || address == 0 || bytes > UINT64_MAX - address) {
        throw Napi::RangeError::New(info.Env(), "address must be that of memory, and not be null");
    }
    auto buffer = std::make_shared<BufferState>(state(), reinterpret_cast<void*>(address), bytes, nullptr);
    return BufferHandle::make(info.This().As<Napi::Object>(), std::move(buffer));
}

Napi::Value DeviceHandle::allocateHost(const Napi::CallbackInfo& info) {
    const uint64_t bytes = integerArgument(info[0], "bytes");
    return BufferHandle::make(info.This().As<Napi::Object>(), unwrap(info.Env(), hip::allocateHost(state(), bytes)));
}

Napi::Value DeviceHandle::exportMemory(const Napi::CallbackInfo& info) {
    const auto buffer = BufferHandle::from(info[0], "buffer").state();
    if (buffer->device != state()) {
        throw Napi::TypeError::New(info.Env(), "buffer is none of the device");
    }
    const auto handle = unwrap(info.Env(), hip::exportMemory(*buffer));
    Napi::Uint8Array bytes = Napi::Uint8Array::New(info.Env(), sizeof handle);
    std::memcpy(bytes.Data(), &handle, sizeof handle);
    return bytes;
}

Napi::Value DeviceHandle::openMemory(const Napi::CallbackInfo& info) {
    const Bytes given = bytesArgument(info[0], "handle");
    const uint64_t bytes = integerArgument(info[1], "bytes");
    hipIpcMemHandle_t handle{};
    if (given.size != sizeof handle) {
        throw Napi::RangeError::New(info.Env(), "handle must have " + std::to_string(sizeof handle) + " bytes");
    }
    std::memcpy(&handle, given.data.get(), sizeof handle);
    auto buffer = unwrap(info.Env(), hip::openMemory(state(), handle, bytes));
    return BufferHandle::make(info.This().As<Napi::Object>(), std::move(buffer));
}

}  // namespace soma::hip
