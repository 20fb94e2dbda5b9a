// Memory: of the device, pinned on the host, of another process or device, copies and fills.
#include "context.h"

#include "../hip_abi/hip_optional.h"

#include <bit>
#include <type_traits>

using namespace soma::cuda;

namespace {

std::string bytesText(size_t size) { return std::to_string(size) + " bytes"; }

/// What a copy or a fill has in common: nothing to do for no bytes, no null addresses, a stream that is there, the thread's
/// device current. `body` gives the driver's result.
template <typename Body>
hipError_t transfer(const char* call, size_t size, std::initializer_list<const void*> addresses, hipStream_t stream,
                    Body&& body) {
    return withDriver([&](const Driver& driver) {
        if (const hipError_t error = checkStream(stream)) {
            return error;
        }
        if (size == 0) {
            return hipSuccess;
        }
        for (const void* address : addresses) {
            if (!address) {
                return fail(hipErrorInvalidValue, std::string(call) + ": an address is null, for " + bytesText(size));
            }
        }
        const hipError_t error = enter(driver);
        if (error) {
            return error;
        }
        if constexpr (std::is_same_v<std::invoke_result_t<Body, const Driver&>, hipError_t>) {
            return body(driver);
        } else {
            return outcome(driver, body(driver), call, bytesText(size));
        }
    });
}

hipError_t checkKind(hipMemcpyKind kind) {
    const int number = static_cast<int>(kind);
    return number >= hipMemcpyHostToHost && number <= hipMemcpyDefault
               ? hipSuccess
               : fail(hipErrorInvalidMemcpyDirection, "there is no copy direction " + std::to_string(number));
}

}  // namespace

hipError_t hipMemGetInfo(size_t* free, size_t* total) {
    return withDriver([&](const Driver& driver) {
        if (!free || !total) {
            return fail(hipErrorInvalidValue, "an address for the memory's size is null");
        }
        const hipError_t error = enter(driver);
        return error ? error : outcome(driver, driver.cuMemGetInfo_v2(free, total), "cuMemGetInfo");
    });
}

hipError_t hipMalloc(void** pointer, size_t size) {
    return withDriver([&](const Driver& driver) {
        if (const hipError_t error = answer(pointer, static_cast<void*>(nullptr), "allocation")) {
            return error;
        }
        if (const hipError_t error = enter(driver)) {
            return error;
        }
        if (size == 0) {
            return hipSuccess;
        }
        CUdeviceptr address = 0;
        const hipError_t error = outcome(driver, driver.cuMemAlloc_v2(&address, size), "cuMemAlloc", bytesText(size));
        *pointer = reinterpret_cast<void*>(address);
        return error;
    });
}

hipError_t hipFree(void* pointer) {
    return withDriver([&](const Driver& driver) {
        if (!pointer) {
            return hipSuccess;
        }
        const hipError_t error = enter(driver);
        return error ? error : outcome(driver, driver.cuMemFree_v2(raw(pointer)), "cuMemFree");
    });
}

hipError_t hipHostMalloc(void** pointer, size_t size, unsigned int flags) {
    return withDriver([&](const Driver& driver) {
        if (const hipError_t error = answer(pointer, static_cast<void*>(nullptr), "allocation")) {
            return error;
        }
        // CUDA has both under the same numbers. Its pinned memory is portable and mapped anyway.
        if ((flags & ~(hipHostMallocPortable | hipHostMallocMapped)) != 0) {
            return fail(hipErrorInvalidValue, "hipHostMalloc knows no flags " + std::to_string(flags) + " here: 0 to 3");
        }
        const hipError_t error = enter(driver);
        if (error || size == 0) {
            return error;
        }
        return outcome(driver, driver.cuMemHostAlloc(pointer, size, flags), "cuMemHostAlloc", bytesText(size));
    });
}

hipError_t hipHostFree(void* pointer) {
    return withDriver([&](const Driver& driver) {
        if (!pointer) {
            return hipSuccess;
        }
        const hipError_t error = enter(driver);
        return error ? error : outcome(driver, driver.cuMemFreeHost(pointer), "cuMemFreeHost");
    });
}

hipError_t hipHostGetDevicePointer(void** devicePointer, void* hostPointer, unsigned int flags) {
    return withDriver([&](const Driver& driver) {
        if (!devicePointer || !hostPointer || flags != 0) {
            return fail(hipErrorInvalidValue, "an address is null, or flags are not 0");
        }
        if (const hipError_t error = enter(driver)) {
            return error;
        }
        CUdeviceptr address = 0;
        const hipError_t error = SOMA_RECENT(driver, cuMemHostGetDevicePointer_v2, &address, hostPointer, 0u);
        *devicePointer = reinterpret_cast<void*>(address);
        return error;
    });
}

hipError_t hipIpcGetMemHandle(hipIpcMemHandle_t* handle, void* pointer) {
    static_assert(sizeof(hipIpcMemHandle_t) == sizeof(CUipcMemHandle));
    return withDriver([&](const Driver& driver) {
        if (!handle || !pointer) {
            return fail(hipErrorInvalidValue, "the address for the handle, or the memory's, is null");
        }
        const hipError_t error = enter(driver);
        return error ? error
                     : SOMA_RECENT(driver, cuIpcGetMemHandle, reinterpret_cast<CUipcMemHandle*>(handle), raw(pointer));
    });
}

hipError_t hipIpcOpenMemHandle(void** pointer, hipIpcMemHandle_t handle, unsigned int flags) {
    return withDriver([&](const Driver& driver) {
        if (const hipError_t error = answer(pointer, static_cast<void*>(nullptr), "memory")) {
            return error;
        }
        if (flags != hipIpcMemLazyEnablePeerAccess) {
            return fail(hipErrorInvalidValue, "opening memory of another process takes flags 1");
        }
        if (const hipError_t error = enter(driver)) {
            return error;
        }
        CUdeviceptr address = 0;
        const auto given = std::bit_cast<CUipcMemHandle>(handle);
        const hipError_t error = SOMA_RECENT(driver, cuIpcOpenMemHandle_v2, &address, given, flags);
        *pointer = reinterpret_cast<void*>(address);
        return error;
    });
}

hipError_t hipIpcCloseMemHandle(void* pointer) {
    return withDriver([&](const Driver& driver) {
        if (!pointer) {
            return fail(hipErrorInvalidValue, "the memory's address is null");
        }
        const hipError_t error = enter(driver);
        return error ? error : SOMA_RECENT(driver, cuIpcCloseMemHandle, raw(pointer));
    });
}

hipError_t hipMemcpyPeerAsync(void* destination, int destinationDevice, const void* source, int sourceDevice,
                              size_t size, hipStream_t stream) {
    return withDriver([&](const Driver& driver) {
        CUcontext to = nullptr;
        CUcontext from = nullptr;
        if (const hipError_t error = contextOf(driver, destinationDevice, to)) {
            return error;
        }
        if (const hipError_t error = contextOf(driver, sourceDevice, from)) {
            return error;
        }
        return transfer("cuMemcpyPeerAsync", size, {destination, source}, stream, [&](const Driver&) {
            return SOMA_RECENT(driver, cuMemcpyPeerAsync, raw(destination), to, raw(source), from, size, raw(stream));
        });
    });
}

// Addresses are unified: the driver sees itself on which side each of the two is.
hipError_t hipMemcpy(void* destination, const void* source, size_t size, hipMemcpyKind kind) {
    if (const hipError_t error = checkKind(kind)) {
        return error;
    }
    return transfer("cuMemcpy", size, {destination, source}, nullptr,
                    [&](const Driver& driver) { return driver.cuMemcpy(raw(destination), raw(source), size); });
}

hipError_t hipMemcpyAsync(void* destination, const void* source, size_t size, hipMemcpyKind kind, hipStream_t stream) {
    if (const hipError_t error = checkKind(kind)) {
        return error;
    }
    return transfer("cuMemcpyAsync", size, {destination, source}, stream, [&](const Driver& driver) {
        return driver.cuMemcpyAsync(raw(destination), raw(source), size, raw(stream));
    });
}

hipError_t hipMemcpyHtoD(hipDeviceptr_t destination, void* source, size_t size) {
    return transfer("cuMemcpyHtoD", size, {destination, source}, nullptr,
                    [&](const Driver& driver) { return driver.cuMemcpyHtoD_v2(raw(destination), source, size); });
}

hipError_t hipMemcpyDtoH(void* destination, hipDeviceptr_t source, size_t size) {
    return transfer("cuMemcpyDtoH", size, {destination, source}, nullptr,
                    [&](const Driver& driver) { return driver.cuMemcpyDtoH_v2(destination, raw(source), size); });
}

hipError_t hipMemcpyDtoD(hipDeviceptr_t destination, hipDeviceptr_t source, size_t size) {
    return transfer("cuMemcpyDtoD", size, {destination, source}, nullptr,
                    [&](const Driver& driver) { return driver.cuMemcpyDtoD_v2(raw(destination), raw(source), size); });
}

hipError_t hipMemcpyHtoDAsync(hipDeviceptr_t destination, void* source, size_t size, hipStream_t stream) {
    return transfer("cuMemcpyHtoDAsync", size, {destination, source}, stream, [&](const Driver& driver) {
        return driver.cuMemcpyHtoDAsync_v2(raw(destination), source, size, raw(stream));
    });
}

hipError_t hipMemcpyDtoHAsync(void* destination, hipDeviceptr_t source, size_t size, hipStream_t stream) {
    return transfer("cuMemcpyDtoHAsync", size, {destination, source}, stream, [&](const Driver& driver) {
        return driver.cuMemcpyDtoHAsync_v2(destination, raw(source), size, raw(stream));
    });
}

hipError_t hipMemcpyDtoDAsync(hipDeviceptr_t destination, hipDeviceptr_t source, size_t size, hipStream_t stream) {
    return transfer("cuMemcpyDtoDAsync", size, {destination, source}, stream, [&](const Driver& driver) {
        return driver.cuMemcpyDtoDAsync_v2(raw(destination), raw(source), size, raw(stream));
    });
}

hipError_t hipMemset(void* destination, int value, size_t size) {
    return hipMemsetD8(destination, static_cast<unsigned char>(value), size);
}

hipError_t hipMemsetAsync(void* destination, int value, size_t size, hipStream_t stream) {
    return hipMemsetD8Async(destination, static_cast<unsigned char>(value), size, stream);
}

hipError_t hipMemsetD8(hipDeviceptr_t destination, unsigned char value, size_t count) {
    return transfer("cuMemsetD8", count, {destination}, nullptr,
                    [&](const Driver& driver) { return driver.cuMemsetD8_v2(raw(destination), value, count); });
}

hipError_t hipMemsetD8Async(hipDeviceptr_t destination, unsigned char value, size_t count, hipStream_t stream) {
    return transfer("cuMemsetD8Async", count, {destination}, stream, [&](const Driver& driver) {
        return driver.cuMemsetD8Async(raw(destination), value, count, raw(stream));
    });
}

hipError_t hipMemsetD32(hipDeviceptr_t destination, int value, size_t count) {
    return transfer("cuMemsetD32", count, {destination}, nullptr, [&](const Driver& driver) {
        return driver.cuMemsetD32_v2(raw(destination), static_cast<unsigned>(value), count);
    });
}

hipError_t hipMemsetD32Async(hipDeviceptr_t destination, int value, size_t count, hipStream_t stream) {
    return transfer("cuMemsetD32Async", count, {destination}, stream, [&](const Driver& driver) {
        return driver.cuMemsetD32Async(raw(destination), static_cast<unsigned>(value), count, raw(stream));
    });
}
