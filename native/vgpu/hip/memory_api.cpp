// Memory: allocation, copies, fills. A device address is a host address of this process, so that a copy is a memmove; what
// the checks here add is that it stays inside allocations.
// Copies that touch host memory not from hipHostMalloc are synchronous, as HIP's documentation of hipMemcpyAsync has it.
#include "context.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

/// What the kind of a copy demands of an end. HIP accepts device memory where it says host: addresses are unified.
enum class Side { Any, Device };

/// Where one end of a copy lies.
enum class Place { Pageable, Pinned, Device };

constexpr size_t kPageBytes = 4096;

/// Validates [pointer, pointer + size): inside one allocation, or, unless `side` is Device, host memory. With `order` held.
std::optional<Failure> locate(const char* what, const void* pointer, size_t size, Side side, Place& place) {
    const uint64_t address = reinterpret_cast<uint64_t>(pointer);
    if (!pointer) {
        return Failure{hipErrorInvalidValue, std::string("the ") + what + "'s address is null"};
    }
    for (const auto& device : Runtime::instance().devices()) {
        const Memory& memory = device->core.memory();
        const auto allocation = memory.find(address);
        if (!allocation) {
            continue;
        }
        if (!allocation->contains(address, size)) {
            return Failure{hipErrorInvalidValue, std::string("the ") + what + ", " + std::to_string(size) +
                                                     " bytes at " + hex(address) + ", ends outside the " +
                                                     std::to_string(allocation->size) + "-byte allocation at " +
                                                     hex(allocation->base) + " on " + device->describe()};
        }
        place = allocation->imported ? Place::Pinned : Place::Device;
        return std::nullopt;
    }
    if (side == Side::Device) {
        std::string where;
        for (const auto& device : Runtime::instance().devices()) {
            where += (where.empty() ? ": " : "; ") + device->core.memory().describe(address);
        }
        return Failure{hipErrorInvalidValue,
                       std::string("the ") + what + ", " + hex(address) + ", is not device memory" + where};
    }
    place = Place::Pageable;
    return std::nullopt;
}

/// Queues `work` on a stream once `validate` has passed, and waits for it unless it may go on by itself. `validate` runs
/// with `order` held, so that what it finds alive stays so until the work is done; it may clear `asynchronous`.
template <typename Validate, typename Work>
hipError_t perform(const char* what, hipStream_t handle, bool asynchronous, Validate&& validate, Work&& work) {
    return call([&] {
        if (const hipError_t refused = refuseInHostFunction(what)) {
            return refused;
        }
        const auto stream = findStream(handle);
        if (!stream) {
            return lastError();
        }
        Runtime& runtime = Runtime::instance();
        Ticket ticket;
        {
            std::scoped_lock lock(runtime.order);
            if (const std::optional<Failure> failure = validate(asynchronous)) {
                return fail(*failure);
            }
            const auto run = [work](const Failure*) -> std::optional<Failure> {
                work();
                return std::nullopt;
            };
            ticket = runtime.submit(*stream->device, stream->queue, {.run = run});
        }
        if (asynchronous) {
            return hipSuccess;
        }
        stream->queue->wait(ticket);
        const auto failure = stream->queue->takeFailure();
        return failure ? fail(*failure) : hipSuccess;
    });
}

hipError_t copy(void* destination, const void* source, size_t size, Side to, Side from, hipStream_t stream,
                bool asynchronous) {
    const auto validate = [=](bool& mayGoOn) -> std::optional<Failure> {
        Place target{};
        Place origin{};
        if (size == 0) {
            return std::nullopt;
        }
        if (auto failure = locate("destination", destination, size, to, target)) {
            return failure;
        }
        if (auto failure = locate("source", source, size, from, origin)) {
            return failure;
        }
        mayGoOn = mayGoOn && target != Place::Pageable && origin != Place::Pageable;
        return std::nullopt;
    };
    return perform("a copy", stream, asynchronous, validate, [=] {
        if (size != 0) {
            std::memmove(destination, source, size);
        }
    });
}

hipError_t copyOfKind(void* destination, const void* source, size_t size, hipMemcpyKind kind, hipStream_t stream,
                      bool asynchronous) {
    switch (static_cast<int>(kind)) {
        case hipMemcpyHostToHost:
            return copy(destination, source, size, Side::Any, Side::Any, stream, asynchronous);
        case hipMemcpyHostToDevice:
            return copy(destination, source, size, Side::Device, Side::Any, stream, asynchronous);
        case hipMemcpyDeviceToHost:
            return copy(destination, source, size, Side::Any, Side::Device, stream, asynchronous);
        case hipMemcpyDeviceToDevice:
            return copy(destination, source, size, Side::Device, Side::Device, stream, asynchronous);
        case hipMemcpyDefault:
            return copy(destination, source, size, Side::Any, Side::Any, stream, asynchronous);
        default:
            return call([&] {
                return fail(hipErrorInvalidMemcpyDirection,
                            "there is no hipMemcpyKind " + std::to_string(static_cast<int>(kind)));
            });
    }
}

/// Fills `count` elements of the type of `value`.
template <typename T>
hipError_t fill(void* destination, T value, size_t count, hipStream_t stream, bool asynchronous) {
    const auto validate = [=](bool&) -> std::optional<Failure> {
        if (count > SIZE_MAX / sizeof(T)) {
            return Failure{hipErrorInvalidValue, std::to_string(count) + " elements are more than memory can hold"};
        }
        if (reinterpret_cast<uint64_t>(destination) % sizeof(T) != 0) {
            return Failure{hipErrorInvalidValue, "the destination, " + hex(destination) +
                                                     ", is not a multiple of " + std::to_string(sizeof(T))};
        }
        Place place{};
        return count == 0 ? std::nullopt
                          : locate("destination", destination, count * sizeof(T), Side::Device, place);
    };
    return perform("a fill", stream, asynchronous, validate,
                   [=] { std::fill_n(static_cast<T*>(destination), count, value); });
}

}  // namespace

hipError_t hipMemGetInfo(size_t* free, size_t* total) {
    return call([&] {
        if (!free || !total) {
            return fail(hipErrorInvalidValue, "the address for the free or the total memory is null");
        }
        const auto device = Runtime::instance().current();
        if (!device) {
            return lastError();
        }
        const Memory& memory = device->core.memory();
        *total = memory.capacity();
        *free = memory.capacity() - std::min(memory.used(), memory.capacity());
        return hipSuccess;
    });
}

hipError_t hipMalloc(void** pointer, size_t size) {
    return call([&] {
        if (!pointer) {
            return fail(hipErrorInvalidValue, "the address for the pointer is null");
        }
        const auto device = Runtime::instance().current();
        if (!device) {
            return lastError();
        }
        *pointer = nullptr;
        if (size == 0) {
            return hipSuccess;
        }
        Memory& memory = device->core.memory();
        const auto address = memory.allocate(size);
        if (!address) {
            return fail(hipErrorOutOfMemory, std::to_string(size) + " bytes do not fit: " +
                                                 std::to_string(memory.capacity() - memory.used()) + " of " +
                                                 std::to_string(memory.capacity()) + " bytes are free on " +
                                                 device->describe());
        }
        *pointer = reinterpret_cast<void*>(*address);
        return hipSuccess;
    });
}

hipError_t hipFree(void* pointer) {
    return call([&] {
        if (const hipError_t refused = refuseInHostFunction("hipFree")) {
            return refused;
        }
        if (!pointer) {
            return hipSuccess;
        }
        Runtime& runtime = Runtime::instance();
        const uint64_t address = reinterpret_cast<uint64_t>(pointer);
        std::scoped_lock lock(runtime.order);
        for (const auto& device : runtime.devices()) {
            Memory& memory = device->core.memory();
            const auto allocation = memory.find(address);
            if (!allocation || allocation->imported || allocation->base != address) {
                continue;
            }
            for (const auto& user : runtime.devices()) {
                runtime.idle(*user);
            }
            if (memory.free(address)) {
                return hipSuccess;
            }
        }
        return fail(hipErrorInvalidDevicePointer,
                    hex(address) + " is not the beginning of live device memory: it was freed already, or never "
                                   "came from hipMalloc");
    });
}

hipError_t hipHostMalloc(void** pointer, size_t size, unsigned int) {
    return call([&] {
        if (!pointer) {
            return fail(hipErrorInvalidValue, "the address for the pointer is null");
        }
        Runtime& runtime = Runtime::instance();
        if (!runtime.current()) {
            return lastError();
        }
        *pointer = nullptr;
        if (size == 0) {
            return hipSuccess;
        }
        void* const memory = size > SIZE_MAX - kPageBytes
                                 ? nullptr
                                 : std::aligned_alloc(kPageBytes, (size + kPageBytes - 1) / kPageBytes * kPageBytes);
        if (!memory) {
            return fail(hipErrorOutOfMemory, std::to_string(size) + " bytes of host memory cannot be had");
        }
        std::scoped_lock lock(runtime.order);
        for (const auto& device : runtime.devices()) {
            device->core.memory().import(memory, size);
        }
        runtime.hostMemory.emplace(reinterpret_cast<uint64_t>(memory), size);
        *pointer = memory;
        return hipSuccess;
    });
}

hipError_t hipHostFree(void* pointer) {
    return call([&] {
        if (const hipError_t refused = refuseInHostFunction("hipHostFree")) {
            return refused;
        }
        if (!pointer) {
            return hipSuccess;
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        if (runtime.hostMemory.erase(reinterpret_cast<uint64_t>(pointer)) == 0) {
            return fail(hipErrorInvalidValue,
                        hex(pointer) + " is not the beginning of live memory from hipHostMalloc");
        }
        for (const auto& device : runtime.devices()) {
            runtime.idle(*device);
            device->core.memory().release(pointer);
        }
        std::free(pointer);
        return hipSuccess;
    });
}

hipError_t hipMemcpy(void* destination, const void* source, size_t size, hipMemcpyKind kind) {
    return copyOfKind(destination, source, size, kind, nullptr, false);
}

hipError_t hipMemcpyAsync(void* destination, const void* source, size_t size, hipMemcpyKind kind, hipStream_t stream) {
    return copyOfKind(destination, source, size, kind, stream, true);
}

hipError_t hipMemcpyHtoD(hipDeviceptr_t destination, void* source, size_t size) {
    return copy(destination, source, size, Side::Device, Side::Any, nullptr, false);
}

hipError_t hipMemcpyDtoH(void* destination, hipDeviceptr_t source, size_t size) {
    return copy(destination, source, size, Side::Any, Side::Device, nullptr, false);
}

hipError_t hipMemcpyDtoD(hipDeviceptr_t destination, hipDeviceptr_t source, size_t size) {
    return copy(destination, source, size, Side::Device, Side::Device, nullptr, false);
}

hipError_t hipMemcpyHtoDAsync(hipDeviceptr_t destination, void* source, size_t size, hipStream_t stream) {
    return copy(destination, source, size, Side::Device, Side::Any, stream, true);
}

hipError_t hipMemcpyDtoHAsync(void* destination, hipDeviceptr_t source, size_t size, hipStream_t stream) {
    return copy(destination, source, size, Side::Any, Side::Device, stream, true);
}

hipError_t hipMemcpyDtoDAsync(hipDeviceptr_t destination, hipDeviceptr_t source, size_t size, hipStream_t stream) {
    return copy(destination, source, size, Side::Device, Side::Device, stream, true);
}

hipError_t hipMemset(void* destination, int value, size_t size) {
    return fill(destination, static_cast<unsigned char>(value), size, nullptr, false);
}

hipError_t hipMemsetAsync(void* destination, int value, size_t size, hipStream_t stream) {
    return fill(destination, static_cast<unsigned char>(value), size, stream, true);
}

hipError_t hipMemsetD8(hipDeviceptr_t destination, unsigned char value, size_t count) {
    return fill(destination, value, count, nullptr, false);
}

hipError_t hipMemsetD8Async(hipDeviceptr_t destination, unsigned char value, size_t count, hipStream_t stream) {
    return fill(destination, value, count, stream, true);
}

hipError_t hipMemsetD32(hipDeviceptr_t destination, int value, size_t count) {
    return fill(destination, static_cast<uint32_t>(value), count, nullptr, false);
}

hipError_t hipMemsetD32Async(hipDeviceptr_t destination, int value, size_t count, hipStream_t stream) {
    return fill(destination, static_cast<uint32_t>(value), count, stream, true);
}
