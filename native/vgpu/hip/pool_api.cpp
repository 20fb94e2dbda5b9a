// Memory pools in the C ABI: allocation at once, release in the stream's order. What a capturing stream allocates belongs
// to its graph.
#include "context.h"
#include "shared_memory.h"

#include <algorithm>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

/// What HIP's documentation says that allocations of a pool are rounded to.
constexpr uint64_t kGranularity = 4096;

uint64_t roundUp(uint64_t size) { return (size + kGranularity - 1) / kGranularity * kGranularity; }

/// With `order` held.
hipMemPool_t defaultPool(const std::shared_ptr<VirtualDevice>& device) {
    if (!device->defaultPool) {
        auto pool = std::make_shared<Pool>();
        pool->device = device;
        device->defaultPool = Runtime::instance().pools.add(std::move(pool));
        device->currentPool = device->defaultPool;
    }
    return device->defaultPool;
}

hipMemPool_t currentPool(const std::shared_ptr<VirtualDevice>& device) {
    const hipMemPool_t usual = defaultPool(device);
    return Runtime::instance().pools.find(device->currentPool) ? device->currentPool : usual;
}

/// With `order` held.
hipError_t allocate(void** pointer, size_t size, hipMemPool_t handle, Stream& stream) {
    if (size == 0) {
        return hipSuccess;
    }
    if (stream.capture) {
        Failure failure{};
        auto memory = allocateGraphMemory(stream.device, size, failure);
        if (!memory) {
            return fail(failure);
        }
        *pointer = reinterpret_cast<void*>(memory->address);
        return capture(stream, "hipMallocAsync", AllocateWork{std::move(memory)}, true);
    }
    const auto pool = findPool(handle);
    if (!pool) {
        return lastError();
    }
    if (pool->imported) {
        return fail(hipErrorInvalidValue, "the pool is another process's: only its own process allocates from it");
    }
    Memory& memory = pool->device->core.memory();
    std::optional<uint64_t> address;
    if (size <= memory.capacity() && (pool->maxSize == 0 || pool->used + roundUp(size) <= pool->maxSize)) {
        address = memory.allocate(size);
        if (!address) {
            // What streams are about to release may make room.
            Runtime::instance().idle(*pool->device);
            address = memory.allocate(size);
        }
    }
    if (!address) {
        return fail(hipErrorOutOfMemory, std::to_string(size) + " bytes do not fit: " + std::to_string(pool->used.load()) +
                                             " bytes of the pool are in use on " + pool->device->describe());
    }
    Runtime::instance().pooled.add(*address, roundUp(size), pool);
    *pointer = reinterpret_cast<void*>(*address);
    return hipSuccess;
}

hipError_t allocateOn(void** pointer, size_t size, std::optional<hipMemPool_t> pool, hipStream_t handle) {
    if (!pointer) {
        return fail(hipErrorInvalidValue, "the address for the pointer is null");
    }
    *pointer = nullptr;
    if (const hipError_t refused = refuseInHostFunction("hipMallocAsync")) {
        return refused;
    }
    const auto stream = findStream(handle);
    if (!stream) {
        return lastError();
    }
    std::scoped_lock lock(Runtime::instance().order);
    return allocate(pointer, size, pool ? *pool : currentPool(stream->device), *stream);
}

}  // namespace

hipError_t hipMallocAsync(void** pointer, size_t size, hipStream_t stream) {
    return call([&] { return allocateOn(pointer, size, std::nullopt, stream); });
}

hipError_t hipMallocFromPoolAsync(void** pointer, size_t size, hipMemPool_t pool, hipStream_t stream) {
    return call([&] { return allocateOn(pointer, size, pool, stream); });
}

hipError_t hipFreeAsync(void* pointer, hipStream_t handle) {
    return call([&] {
        if (const hipError_t refused = refuseInHostFunction("hipFreeAsync")) {
            return refused;
        }
        const auto stream = findStream(handle);
        if (!stream || !pointer) {
            return stream ? hipSuccess : lastError();
        }
        Runtime& runtime = Runtime::instance();
        const uint64_t address = reinterpret_cast<uint64_t>(pointer);
        std::scoped_lock lock(runtime.order);
        if (const auto memory = runtime.pooled.graphMemory(address)) {
            if (stream->capture) {
                return capture(*stream, "hipFreeAsync", FreeWork{memory}, true);
            }
            memory->outstanding = false;
            return hipSuccess;
        }
        if (stream->capture) {
            return refuseCapturing(*stream, "hipFreeAsync of memory that the capture did not allocate");
        }
        // Waits, as what other devices and streams do with it is not known.
        if (unmap(pointer, HostBlock::Kind::ForeignPool)) {
            return hipSuccess;
        }
        if (!runtime.pooled.freeLater(address)) {
            return fail(hipErrorInvalidValue, hex(pointer) + (runtime.pooled.poolOf(address)
                                                                  ? " was given to hipFreeAsync before"
                                                                  : " is not the beginning of memory from a pool: use "
                                                                    "hipFree for memory from hipMalloc"));
        }
        const auto run = [address](const Failure*) -> std::optional<Failure> {
            Runtime::instance().pooled.release(address);
            return std::nullopt;
        };
        runtime.submit(*stream->device, stream->queue, {.run = run, .evenAfterFailure = true});
        return hipSuccess;
    });
}

hipError_t hipMemPoolCreate(hipMemPool_t* out, const hipMemPoolProps* properties) {
    return call([&] {
        if (!out || !properties) {
            return fail(hipErrorInvalidValue, "the address for the pool or its properties are null");
        }
        *out = nullptr;
        const bool shareable = properties->handleTypes == hipMemHandleTypePosixFileDescriptor;
        if (properties->allocType != hipMemAllocationTypePinned || properties->location.type != hipMemLocationTypeDevice ||
            !(shareable || properties->handleTypes == hipMemHandleTypeNone)) {
            return fail(hipErrorNotSupported, "a pool's memory must be hipMemAllocationTypePinned on a device, its handles "
                                              "for other processes file descriptors or none");
        }
        Runtime& runtime = Runtime::instance();
        const auto device = runtime.device(properties->location.id);
        if (!device) {
            return lastError();
        }
        auto pool = std::make_shared<Pool>();
        pool->device = device;
        pool->handleTypes = properties->handleTypes;
        pool->maxSize = properties->maxSize;
        *out = runtime.pools.add(std::move(pool));
        return hipSuccess;
    });
}

hipError_t hipMemPoolDestroy(hipMemPool_t handle) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        const auto pool = findPool(handle);
        if (!pool) {
            return lastError();
        }
        if (pool->device->defaultPool == handle) {
            return fail(hipErrorInvalidValue, "a device's default pool cannot be destroyed");
        }
        // Its memory lives on until it is freed; the device falls back to its default pool.
        runtime.pools.remove(handle);
        return hipSuccess;
    });
}

hipError_t hipMemPoolSetAttribute(hipMemPool_t handle, hipMemPoolAttr attribute, void* value) {
    return call([&] {
        if (!value) {
            return fail(hipErrorInvalidValue, "the attribute's value is null");
        }
        std::scoped_lock lock(Runtime::instance().order);
        const auto pool = findPool(handle);
        if (!pool) {
            return lastError();
        }
        switch (static_cast<int>(attribute)) {
            case hipMemPoolReuseFollowEventDependencies:
            case hipMemPoolReuseAllowOpportunistic:
            case hipMemPoolReuseAllowInternalDependencies:
                pool->reuse[attribute - hipMemPoolReuseFollowEventDependencies] = *static_cast<const int*>(value);
                return hipSuccess;
            case hipMemPoolAttrReleaseThreshold:
                pool->releaseThreshold = *static_cast<const uint64_t*>(value);
                return hipSuccess;
            case hipMemPoolAttrReservedMemHigh:
            case hipMemPoolAttrUsedMemHigh:
                if (*static_cast<const uint64_t*>(value) != 0) {
                    return fail(hipErrorInvalidValue, "a high watermark can only be reset, to 0");
                }
                pool->highest = pool->used.load();
                return hipSuccess;
            default:
                return fail(hipErrorInvalidValue,
                            "no attribute of a pool that can be set: " + std::to_string(static_cast<int>(attribute)));
        }
    });
}

hipError_t hipMemPoolGetAttribute(hipMemPool_t handle, hipMemPoolAttr attribute, void* value) {
    return call([&] {
        if (!value) {
            return fail(hipErrorInvalidValue, "the address for the attribute's value is null");
        }
        std::scoped_lock lock(Runtime::instance().order);
        const auto pool = findPool(handle);
        if (!pool) {
            return lastError();
        }
        uint64_t& bytes = *static_cast<uint64_t*>(value);
        switch (static_cast<int>(attribute)) {
            case hipMemPoolReuseFollowEventDependencies:
            case hipMemPoolReuseAllowOpportunistic:
            case hipMemPoolReuseAllowInternalDependencies:
                *static_cast<int*>(value) = pool->reuse[attribute - hipMemPoolReuseFollowEventDependencies];
                return hipSuccess;
            case hipMemPoolAttrReleaseThreshold:
                bytes = pool->releaseThreshold;
                return hipSuccess;
            case hipMemPoolAttrReservedMemCurrent:
            case hipMemPoolAttrUsedMemCurrent:
                bytes = pool->used;
                return hipSuccess;
            case hipMemPoolAttrReservedMemHigh:
            case hipMemPoolAttrUsedMemHigh:
                bytes = pool->highest;
                return hipSuccess;
            default:
                return fail(hipErrorInvalidValue,
                            "there is no attribute " + std::to_string(static_cast<int>(attribute)) + " of a pool");
        }
    });
}

hipError_t hipMemPoolTrimTo(hipMemPool_t handle, size_t) {
    // A pool keeps nothing back that could be trimmed.
    return call([&] { return findPool(handle) ? hipSuccess : lastError(); });
}

hipError_t hipMemPoolSetAccess(hipMemPool_t handle, const hipMemAccessDesc* descriptors, size_t count) {
    return call([&] {
        if (count != 0 && !descriptors) {
            return fail(hipErrorInvalidValue, "the access descriptors are null");
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        const auto pool = findPool(handle);
        if (!pool) {
            return lastError();
        }
        for (size_t i = 0; i < count; ++i) {
            const hipMemLocation& location = descriptors[i].location;
            if (location.type != hipMemLocationTypeDevice || !runtime.device(location.id)) {
                return fail(hipErrorInvalidValue, "access descriptor " + std::to_string(i) + " names no device");
            }
            if (location.id == pool->device->index && descriptors[i].flags != hipMemAccessFlagsProtReadWrite) {
                return fail(hipErrorInvalidDevice, "a pool's own device always has read and write access");
            }
            pool->access[location.id] = descriptors[i].flags;
        }
        return hipSuccess;
    });
}

hipError_t hipMemPoolGetAccess(hipMemAccessFlags* flags, hipMemPool_t handle, hipMemLocation* location) {
    return call([&] {
        if (!flags || !location) {
            return fail(hipErrorInvalidValue, "the address for the access or the location is null");
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        const auto pool = findPool(handle);
        if (!pool || !runtime.device(location->id)) {
            return lastError();
        }
        const auto found = pool->access.find(location->id);
        *flags = location->id == pool->device->index ? hipMemAccessFlagsProtReadWrite
                 : found == pool->access.end()       ? hipMemAccessFlagsProtNone
                                                     : found->second;
        return hipSuccess;
    });
}

namespace {

/// Answers with a pool of the device, by `choose`.
template <typename Choose>
hipError_t poolOfDevice(hipMemPool_t* out, int index, Choose&& choose) {
    return call([&] {
        if (!out) {
            return fail(hipErrorInvalidValue, "the address for the pool is null");
        }
        Runtime& runtime = Runtime::instance();
        const auto device = runtime.device(index);
        if (!device) {
            return lastError();
        }
        std::scoped_lock lock(runtime.order);
        *out = choose(device);
        return hipSuccess;
    });
}

}  // namespace

hipError_t hipDeviceGetDefaultMemPool(hipMemPool_t* pool, int device) {
    return poolOfDevice(pool, device, defaultPool);
}

hipError_t hipDeviceGetMemPool(hipMemPool_t* pool, int device) { return poolOfDevice(pool, device, currentPool); }

hipError_t hipDeviceSetMemPool(int index, hipMemPool_t handle) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        const auto device = runtime.device(index);
        const auto pool = device ? findPool(handle) : nullptr;
        if (!pool) {
            return lastError();
        }
        if (pool->imported) {
            return fail(hipErrorInvalidValue, "the pool is another process's: only its own process allocates from it");
        }
        if (pool->device != device) {
            return fail(hipErrorInvalidValue, "the pool's memory is on " + pool->device->describe());
        }
        std::scoped_lock lock(runtime.order);
        defaultPool(device);
        device->currentPool = handle;
        return hipSuccess;
    });
}
