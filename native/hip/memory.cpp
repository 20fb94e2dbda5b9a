// Memory of devices, of the host for devices, and of other processes.
#include "state.h"

#include <cstring>

namespace soma::hip {

hipStream_t DeviceState::memoryStream() {
    if (memoryStream_) {
        return *memoryStream_;
    }
    int has = 0;
    hipStream_t stream = nullptr;
    const Table& table = hip();
    if (table.hipMallocAsync && table.hipFreeAsync &&
        table.hipDeviceGetAttribute(&has, hipDeviceAttributeMemoryPoolsSupported, index) == hipSuccess && has != 0 &&
        table.hipStreamCreateWithFlags(&stream, hipStreamNonBlocking) != hipSuccess) {
        stream = nullptr;
    }
    table.hipGetLastError();
    memoryStream_ = stream;
    return stream;
}

Allocated DeviceState::allocatePooled(size_t bytes) {
    std::scoped_lock lock(memoryMutex_);
    const std::string asked = std::to_string(bytes) + " bytes";
    const Table& table = hip();
    const hipStream_t stream = memoryStream();
    if (!stream) {
        return std::shared_ptr<BufferState>();
    }
    void* pointer = nullptr;
    if (const hipError_t code = table.hipMallocAsync(&pointer, bytes, stream)) {
        return failure("hipMallocAsync", code, asked);
    }
    // Nothing but releases is before it: from here on any stream may use the memory.
    if (const hipError_t code = table.hipStreamSynchronize(stream)) {
        table.hipFreeAsync(pointer, stream);
        return failure("hipStreamSynchronize", code, asked);
    }
    return std::make_shared<BufferState>(shared_from_this(), pointer, bytes,
                                         [&table, pointer, stream] { table.hipFreeAsync(pointer, stream); });
}

Allocated allocate(const std::shared_ptr<DeviceState>& device, size_t bytes, bool pooled) {
    const std::string asked = std::to_string(bytes) + " bytes";
    if (auto unusable = device->unusable(device->epoch())) {
        return *unusable;
    }
    if (const hipError_t code = device->select()) {
        return device->failure("hipSetDevice", code, asked);
    }
    if (bytes == 0) {
        return std::make_shared<BufferState>(device, nullptr, 0, nullptr);
    }
    if (pooled) {
        auto buffer = device->allocatePooled(bytes);
        if (std::holds_alternative<HipError>(buffer) || std::get<std::shared_ptr<BufferState>>(buffer)) {
            return buffer;
        }
    }
    void* pointer = nullptr;
    const Table& hip = device->hip();
    if (const hipError_t code = hip.hipMalloc(&pointer, bytes)) {
        return device->failure("hipMalloc", code, asked);
    }
    return std::make_shared<BufferState>(device, pointer, bytes, [&hip, pointer] { hip.hipFree(pointer); });
}

namespace {

HipError unsupported(const DeviceState& device, const char* call, const std::string& asked) {
    return device.library->refusal(call, hipErrorNotSupported, asked + " on " + device.describe());
}

}  // namespace

Allocated allocateHost(const std::shared_ptr<DeviceState>& device, size_t bytes) {
    const std::string asked = std::to_string(bytes) + " bytes of the host's memory";
    if (auto unusable = device->unusable(device->epoch())) {
        return *unusable;
    }
    const Table& hip = device->hip();
    if (!hip.hipHostMalloc || !hip.hipHostFree || !hip.hipHostGetDevicePointer) {
        return unsupported(*device, "hipHostMalloc", asked);
    }
    if (const hipError_t code = device->select()) {
        return device->failure("hipSetDevice", code, asked);
    }
    if (bytes == 0) {
        return std::make_shared<BufferState>(device, nullptr, 0, nullptr);
    }
    void* host = nullptr;
    if (const hipError_t code = hip.hipHostMalloc(&host, bytes, hipHostMallocMapped | hipHostMallocPortable)) {
        return device->failure("hipHostMalloc", code, asked);
    }
    void* pointer = nullptr;
    if (const hipError_t code = hip.hipHostGetDevicePointer(&pointer, host, 0)) {
        HipError error = device->failure("hipHostGetDevicePointer", code, asked);
        hip.hipHostFree(host);
        return error;
    }
    std::memset(host, 0, bytes);
    return std::make_shared<BufferState>(device, pointer, bytes, [&hip, host] { hip.hipHostFree(host); }, host);
}

Result<hipIpcMemHandle_t> exportMemory(const BufferState& buffer) {
    const DeviceState& device = *buffer.device;
    const std::string asked = "a handle of " + std::to_string(buffer.bytes) + " bytes";
    if (auto unusable = buffer.unusable()) {
        return *unusable;
    }
    if (!device.hip().hipIpcGetMemHandle) {
        return unsupported(device, "hipIpcGetMemHandle", asked);
    }
    hipIpcMemHandle_t handle{};
    hipError_t code = device.select();
    code = code == hipSuccess ? device.hip().hipIpcGetMemHandle(&handle, buffer.pointer) : code;
    if (code != hipSuccess) {
        return device.failure("hipIpcGetMemHandle", code, asked);
    }
    return handle;
}

Allocated openMemory(const std::shared_ptr<DeviceState>& device, const hipIpcMemHandle_t& handle, size_t bytes) {
    const Table& hip = device->hip();
    const std::string asked = std::to_string(bytes) + " bytes of another process";
    if (auto unusable = device->unusable(device->epoch())) {
        return *unusable;
    }
    if (!hip.hipIpcOpenMemHandle || !hip.hipIpcCloseMemHandle) {
        return unsupported(*device, "hipIpcOpenMemHandle", asked);
    }
    void* pointer = nullptr;
    hipError_t code = device->select();
    code = code == hipSuccess ? hip.hipIpcOpenMemHandle(&pointer, handle, hipIpcMemLazyEnablePeerAccess) : code;
    if (code != hipSuccess) {
        return device->failure("hipIpcOpenMemHandle", code, asked);
    }
    return std::make_shared<BufferState>(device, pointer, bytes, [&hip, pointer] { hip.hipIpcCloseMemHandle(pointer); });
}

}  // namespace soma::hip
