// Memory in the order of a stream, from pools.
#include "graph_handles.h"

using namespace soma::cuda;

namespace {

/// A device's pool by one of the driver's two functions.
template <typename Call>
hipError_t poolOf(hipMemPool_t* pool, int index, Call&& call) {
    return checked({present(pool, "pool")}, [&](const Driver& driver) {
        CUdevice device = 0;
        if (const hipError_t error = findDevice(driver, index, device)) {
            return error;
        }
        const hipError_t error = call(driver, reinterpret_cast<CUmemoryPool*>(pool), device);
        if (!error && !handles().pools.has(*pool)) {
            handles().pools.add(*pool, false);
        }
        return error;
    });
}

hipError_t allocate(void** pointer, size_t size, const std::initializer_list<Problem>& problems, auto&& call) {
    return checked(problems, [&](const Driver& driver) {
        *pointer = nullptr;
        if (size == 0) {
            return hipSuccess;
        }
        CUdeviceptr address = 0;
        const hipError_t error = call(driver, address);
        *pointer = reinterpret_cast<void*>(address);
        return error;
    });
}

}  // namespace

hipError_t hipMallocAsync(void** pointer, size_t size, hipStream_t stream) {
    return allocate(pointer, size, {present(pointer, "allocation"), known(stream)},
                    [&](const Driver& driver, CUdeviceptr& address) {
                        return SOMA_RECENT(driver, cuMemAllocAsync, &address, size, raw(stream));
                    });
}

hipError_t hipMallocFromPoolAsync(void** pointer, size_t size, hipMemPool_t pool, hipStream_t stream) {
    return allocate(pointer, size, {present(pointer, "allocation"), known(pool), known(stream)},
                    [&](const Driver& driver, CUdeviceptr& address) {
                        return SOMA_RECENT(driver, cuMemAllocFromPoolAsync, &address, size, raw(pool), raw(stream));
                    });
}

hipError_t hipFreeAsync(void* pointer, hipStream_t stream) {
    return checked({known(stream)}, [&](const Driver& driver) {
        return pointer ? SOMA_RECENT(driver, cuMemFreeAsync, raw(pointer), raw(stream)) : hipSuccess;
    });
}

hipError_t hipMemPoolCreate(hipMemPool_t* pool, const hipMemPoolProps* properties) {
    return checked({present(pool, "pool"), present(properties, "pool's properties")}, [&](const Driver& driver) {
        const hipError_t error =
            SOMA_RECENT(driver, cuMemPoolCreate, reinterpret_cast<CUmemoryPool*>(pool), properties);
        if (!error) {
            handles().pools.add(*pool, true);
        }
        return error;
    });
}

hipError_t hipMemPoolDestroy(hipMemPool_t pool) {
    return checked({known(pool)}, [&](const Driver& driver) {
        bool created = false;
        if (!handles().pools.find(pool, created) || !created || !handles().pools.remove(pool)) {
            return fail(hipErrorInvalidValue, "a device's default pool can't be destroyed");
        }
        return SOMA_RECENT(driver, cuMemPoolDestroy, raw(pool));
    });
}

hipError_t hipMemPoolSetAttribute(hipMemPool_t pool, hipMemPoolAttr attribute, void* value) {
    return checked({known(pool), present(value, "attribute's value")}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuMemPoolSetAttribute, raw(pool), static_cast<int>(attribute), value);
    });
}

hipError_t hipMemPoolGetAttribute(hipMemPool_t pool, hipMemPoolAttr attribute, void* value) {
    return checked({known(pool), present(value, "attribute's value")}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuMemPoolGetAttribute, raw(pool), static_cast<int>(attribute), value);
    });
}

hipError_t hipMemPoolTrimTo(hipMemPool_t pool, size_t bytesToKeep) {
    return checked({known(pool)}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuMemPoolTrimTo, raw(pool), bytesToKeep);
    });
}

hipError_t hipMemPoolSetAccess(hipMemPool_t pool, const hipMemAccessDesc* descriptors, size_t count) {
    return checked({known(pool), count == 0 ? Problem{} : present(descriptors, "access descriptors")},
                   [&](const Driver& driver) {
                       return SOMA_RECENT(driver, cuMemPoolSetAccess, raw(pool), descriptors, count);
                   });
}

hipError_t hipMemPoolGetAccess(hipMemAccessFlags* flags, hipMemPool_t pool, hipMemLocation* location) {
    return checked({present(flags, "flags"), known(pool), present(location, "location")}, [&](const Driver& driver) {
        int number = 0;
        const hipError_t error = SOMA_RECENT(driver, cuMemPoolGetAccess, &number, raw(pool), location);
        *flags = static_cast<hipMemAccessFlags>(number);
        return error;
    });
}

hipError_t hipDeviceGetDefaultMemPool(hipMemPool_t* pool, int device) {
    return poolOf(pool, device, [](const Driver& driver, CUmemoryPool* out, CUdevice of) {
        return SOMA_RECENT(driver, cuDeviceGetDefaultMemPool, out, of);
    });
}

hipError_t hipDeviceGetMemPool(hipMemPool_t* pool, int device) {
    return poolOf(pool, device, [](const Driver& driver, CUmemoryPool* out, CUdevice of) {
        return SOMA_RECENT(driver, cuDeviceGetMemPool, out, of);
    });
}

hipError_t hipDeviceSetMemPool(int index, hipMemPool_t pool) {
    return checked({known(pool)}, [&](const Driver& driver) {
        CUdevice device = 0;
        const hipError_t error = findDevice(driver, index, device);
        return error ? error : SOMA_RECENT(driver, cuDeviceSetMemPool, device, raw(pool));
    });
}
