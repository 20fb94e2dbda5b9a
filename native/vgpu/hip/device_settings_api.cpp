// Peers, contexts, limits and settings of devices. All virtual devices reach each other's memory: it is one address space.
#include "context.h"

#include <cstdio>
#include <string_view>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

thread_local unsigned deviceFlags = 0;

/// A device's context as a handle: HIP's contexts are the devices' own.
hipCtx_t contextOf(int device) { return reinterpret_cast<hipCtx_t>(static_cast<uintptr_t>(device) + 1); }
int deviceOf(hipCtx_t context) { return static_cast<int>(reinterpret_cast<uintptr_t>(context)) - 1; }

/// The size of private memory that kernels with a dynamic stack get is the device's own limit; the others are only kept.
constexpr size_t kPrintfFifoBytes = 1 << 20;
constexpr size_t kHeapBytes = 8 << 20;

template <typename T>
hipError_t give(T* out, T value) {
    return call([&] {
        if (!out) {
            return fail(hipErrorInvalidValue, "the address for the answer is null");
        }
        *out = value;
        return hipSuccess;
    });
}

}  // namespace

hipError_t hipDeviceCanAccessPeer(int* can, int device, int peer) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        if (!can || !runtime.device(device) || !runtime.device(peer)) {
            return can ? lastError() : fail(hipErrorInvalidValue, "the address for the answer is null");
        }
        *can = device != peer;
        return hipSuccess;
    });
}

hipError_t hipDeviceEnablePeerAccess(int peer, unsigned flags) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        const auto device = runtime.current();
        if (!device || !runtime.device(peer)) {
            return lastError();
        }
        if (flags != 0 || peer == device->index) {
            return fail(hipErrorInvalidValue, "flags are not 0, or the peer is the device itself");
        }
        std::scoped_lock lock(runtime.order);
        return device->peers.insert(peer).second
                   ? hipSuccess
                   : fail(hipErrorPeerAccessAlreadyEnabled,
                          device->describe() + " may access device " + std::to_string(peer) + " already");
    });
}

hipError_t hipDeviceDisablePeerAccess(int peer) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        const auto device = runtime.current();
        if (!device || !runtime.device(peer)) {
            return lastError();
        }
        std::scoped_lock lock(runtime.order);
        return device->peers.erase(peer) != 0
                   ? hipSuccess
                   : fail(hipErrorPeerAccessNotEnabled,
                          "hipDeviceEnablePeerAccess was not called for device " + std::to_string(peer));
    });
}

hipError_t hipDeviceGetP2PAttribute(int* value, hipDeviceP2PAttr attribute, int from, int to) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        if (!value || !runtime.device(from) || !runtime.device(to)) {
            return value ? lastError() : fail(hipErrorInvalidValue, "the address for the attribute's value is null");
        }
        // 0 performance rank, 1 access, 2 native atomics, 3 arrays.
        if (attribute < 0 || attribute > 3 || from == to) {
            return fail(hipErrorInvalidValue, "there is no such attribute, or both devices are the same");
        }
        *value = attribute == 1 || attribute == 2;
        return hipSuccess;
    });
}

hipError_t hipDeviceReset() {
    // Handles stay alive, as they do in HIP: what was submitted ends, and the last error is forgotten.
    return call([&] {
        const hipError_t error = hipDeviceSynchronize();
        takeLastError();
        return error;
    });
}

hipError_t hipDeviceComputeCapability(int* major, int* minor, hipDevice_t device) {
    const hipError_t error = hipDeviceGetAttribute(major, hipDeviceAttributeComputeCapabilityMajor, device);
    return error != hipSuccess ? error
                               : hipDeviceGetAttribute(minor, hipDeviceAttributeComputeCapabilityMinor, device);
}

hipError_t hipDeviceGetPCIBusId(char* id, int length, int device) {
    return call([&] {
        if (!id || length <= 0) {
            return fail(hipErrorInvalidValue, "the buffer for the bus number is null or empty");
        }
        if (!Runtime::instance().device(device)) {
            return lastError();
        }
        std::snprintf(id, static_cast<size_t>(length), "0000:%02x:00.0", device + 1);
        return hipSuccess;
    });
}

hipError_t hipDeviceGetByPCIBusId(int* device, const char* id) {
    return call([&] {
        unsigned domain = 0;
        unsigned bus = 0;
        if (!device || !id || std::sscanf(id, "%x:%x", &domain, &bus) != 2) {
            return fail(hipErrorInvalidValue, "the address for the device or the bus number is null or malformed");
        }
        if (bus == 0 || !Runtime::instance().device(static_cast<int>(bus) - 1)) {
            return fail(hipErrorInvalidDevice, std::string("no virtual device has the bus number ") + id);
        }
        *device = static_cast<int>(bus) - 1;
        return hipSuccess;
    });
}

hipError_t hipDeviceGetLimit(size_t* value, hipLimit_t limit) {
    return call([&] {
        const auto device = Runtime::instance().current();
        if (!value || !device) {
            return device ? fail(hipErrorInvalidValue, "the address for the limit is null") : lastError();
        }
        switch (static_cast<int>(limit)) {
            case hipLimitStackSize:
                *value = device->core.limits().dynamicStackBytes;
                return hipSuccess;
            case hipLimitPrintfFifoSize:
                *value = kPrintfFifoBytes;
                return hipSuccess;
            case hipLimitMallocHeapSize:
                *value = kHeapBytes;
                return hipSuccess;
            default:
                return fail(hipErrorUnsupportedLimit, "there is no limit " + std::to_string(static_cast<int>(limit)));
        }
    });
}

hipError_t hipDeviceSetLimit(hipLimit_t limit, size_t value) {
    return call([&] {
        const auto device = Runtime::instance().current();
        if (!device) {
            return lastError();
        }
        if (limit != hipLimitStackSize || value > UINT32_MAX) {
            return fail(hipErrorUnsupportedLimit, "only hipLimitStackSize can be set, below 4 GiB");
        }
        Limits limits = device->core.limits();
        limits.dynamicStackBytes = static_cast<uint32_t>(value);
        device->core.setLimits(limits);
        return hipSuccess;
    });
}

hipError_t hipDeviceSetCacheConfig(hipFuncCache_t) { return hipSuccess; }

hipError_t hipDeviceGetCacheConfig(hipFuncCache_t* config) { return give(config, 0); }

hipError_t hipDeviceSetSharedMemConfig(hipSharedMemConfig) { return hipSuccess; }

hipError_t hipDeviceGetSharedMemConfig(hipSharedMemConfig* config) { return give(config, 0); }

hipError_t hipSetDeviceFlags(unsigned flags) {
    // How a host thread waits, which is a matter of the host alone.
    deviceFlags = flags;
    return hipSuccess;
}

hipError_t hipGetDeviceFlags(unsigned* flags) { return give(flags, deviceFlags); }

hipError_t hipCtxCreate(hipCtx_t* context, unsigned, hipDevice_t device) {
    const hipError_t error = hipSetDevice(device);
    return error != hipSuccess ? error : give(context, contextOf(device));
}

hipError_t hipCtxDestroy(hipCtx_t context) {
    return call([&] { return Runtime::instance().device(deviceOf(context)) ? hipSuccess : lastError(); });
}

hipError_t hipCtxSetCurrent(hipCtx_t context) { return context ? hipSetDevice(deviceOf(context)) : hipSuccess; }

hipError_t hipCtxGetCurrent(hipCtx_t* context) { return give(context, contextOf(currentDeviceIndex())); }

hipError_t hipCtxGetDevice(hipDevice_t* device) { return hipGetDevice(device); }

hipError_t hipCtxSynchronize() { return hipDeviceSynchronize(); }

hipError_t hipProfilerStart() { return hipSuccess; }

hipError_t hipProfilerStop() { return hipSuccess; }
