// Memory: allocation, copies, fills.
// Copies that touch host memory not from hipHostMalloc are synchronous, as HIP's documentation of hipMemcpyAsync has it.
#include "../observe/observers.h"
#include "context.h"
#include "host_memory.h"
#include "shared_memory.h"

#include <algorithm>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

hipError_t copy(void* destination, const void* source, size_t size, hipMemcpyKind kind, hipStream_t stream,
                bool asynchronous) {
    return call(
        [&] { return enqueue("a copy", stream, linearCopy(destination, source, size, kind), asynchronous); });
}

hipError_t fill(void* destination, uint32_t value, unsigned elementSize, size_t count, hipStream_t stream,
                bool asynchronous) {
    return call([&] {
        const Fill fill{
            .destination = {destination}, .value = value, .elementSize = elementSize, .width = count};
        return enqueue("a fill", stream, fill, asynchronous);
    });
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
        device->core.observers().allocatedByHost(*address);
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
        if (freeHost(pointer, HostBlock::Kind::Managed) || unmap(pointer, HostBlock::Kind::ForeignPool)) {
            return hipSuccess;
        }
        for (const auto& device : runtime.devices()) {
            Memory& memory = device->core.memory();
            const auto allocation = memory.find(address);
            if (!allocation || allocation->imported || allocation->base != address) {
                continue;
            }
            for (const auto& user : runtime.devices()) {
                runtime.idle(*user);
            }
            if (const auto graphMemory = runtime.pooled.graphMemory(address)) {
                graphMemory->outstanding = false;
                return hipSuccess;
            }
            if (runtime.pooled.release(address) || memory.free(address)) {
                return hipSuccess;
            }
        }
        return fail(hipErrorInvalidDevicePointer,
                    hex(address) + " is not the beginning of live device memory: it was freed already, or never "
                                   "came from hipMalloc");
    });
}

hipError_t hipMemcpy(void* destination, const void* source, size_t size, hipMemcpyKind kind) {
    return copy(destination, source, size, kind, nullptr, false);
}

hipError_t hipMemcpyAsync(void* destination, const void* source, size_t size, hipMemcpyKind kind, hipStream_t stream) {
    return copy(destination, source, size, kind, stream, true);
}

hipError_t hipMemcpyHtoD(hipDeviceptr_t destination, void* source, size_t size) {
    return copy(destination, source, size, hipMemcpyHostToDevice, nullptr, false);
}

hipError_t hipMemcpyDtoH(void* destination, hipDeviceptr_t source, size_t size) {
    return copy(destination, source, size, hipMemcpyDeviceToHost, nullptr, false);
}

hipError_t hipMemcpyDtoD(hipDeviceptr_t destination, hipDeviceptr_t source, size_t size) {
    return copy(destination, source, size, hipMemcpyDeviceToDevice, nullptr, false);
}

hipError_t hipMemcpyHtoDAsync(hipDeviceptr_t destination, void* source, size_t size, hipStream_t stream) {
    return copy(destination, source, size, hipMemcpyHostToDevice, stream, true);
}

hipError_t hipMemcpyDtoHAsync(void* destination, hipDeviceptr_t source, size_t size, hipStream_t stream) {
    return copy(destination, source, size, hipMemcpyDeviceToHost, stream, true);
}

hipError_t hipMemcpyDtoDAsync(hipDeviceptr_t destination, hipDeviceptr_t source, size_t size, hipStream_t stream) {
    return copy(destination, source, size, hipMemcpyDeviceToDevice, stream, true);
}

hipError_t hipMemset(void* destination, int value, size_t size) {
    return fill(destination, static_cast<unsigned char>(value), 1, size, nullptr, false);
}

hipError_t hipMemsetAsync(void* destination, int value, size_t size, hipStream_t stream) {
    return fill(destination, static_cast<unsigned char>(value), 1, size, stream, true);
}

hipError_t hipMemsetD8(hipDeviceptr_t destination, unsigned char value, size_t count) {
    return fill(destination, value, 1, count, nullptr, false);
}

hipError_t hipMemsetD8Async(hipDeviceptr_t destination, unsigned char value, size_t count, hipStream_t stream) {
    return fill(destination, value, 1, count, stream, true);
}

hipError_t hipMemsetD32(hipDeviceptr_t destination, int value, size_t count) {
    return fill(destination, static_cast<uint32_t>(value), 4, count, nullptr, false);
}

hipError_t hipMemsetD32Async(hipDeviceptr_t destination, int value, size_t count, hipStream_t stream) {
    return fill(destination, static_cast<uint32_t>(value), 4, count, stream, true);
}
