// Host memory in the C ABI: pinned, managed and registered, and what is known of an address.
#include "host_memory.h"

#include <algorithm>
#include <cstdlib>

namespace soma::vgpu::hip {

namespace {

constexpr size_t kPageBytes = 4096;

}  // namespace

void importEverywhere(void* memory, const HostBlock& block) {
    Runtime& runtime = Runtime::instance();
    for (const auto& device : runtime.devices()) {
        device->core.memory().import(memory, block.size);
    }
    runtime.hostMemory.emplace(reinterpret_cast<uint64_t>(memory), block);
}

void releaseEverywhere(void* memory) {
    Runtime& runtime = Runtime::instance();
    for (const auto& device : runtime.devices()) {
        runtime.idle(*device);
        device->core.memory().release(memory);
    }
    const auto block = runtime.hostMemory.find(reinterpret_cast<uint64_t>(memory));
    if (block->second.kind == HostBlock::Kind::Managed) {
        runtime.advice.change(block->first, block->second.size, [](PageAdvice& page) { page = {}; });
    }
    runtime.hostMemory.erase(block);
}

hipError_t allocateHost(void** pointer, size_t size, HostBlock::Kind kind, unsigned flags) {
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
    importEverywhere(memory, {size, kind, flags});
    *pointer = memory;
    return hipSuccess;
}

bool freeHost(void* pointer, HostBlock::Kind kind) {
    Runtime& runtime = Runtime::instance();
    const auto found = runtime.hostMemory.find(reinterpret_cast<uint64_t>(pointer));
    if (found == runtime.hostMemory.end() || found->second.kind != kind) {
        return false;
    }
    releaseEverywhere(pointer);
    std::free(pointer);
    return true;
}

const std::pair<const uint64_t, HostBlock>* hostBlockOf(const void* pointer) {
    const auto& blocks = Runtime::instance().hostMemory;
    const uint64_t address = reinterpret_cast<uint64_t>(pointer);
    auto next = blocks.upper_bound(address);
    if (next == blocks.begin()) {
        return nullptr;
    }
    --next;
    return address - next->first < next->second.size ? &*next : nullptr;
}

}  // namespace soma::vgpu::hip

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

hipError_t hipHostMalloc(void** pointer, size_t size, unsigned int flags) {
    return call([&] { return allocateHost(pointer, size, HostBlock::Kind::Pinned, flags); });
}

hipError_t hipHostAlloc(void** pointer, size_t size, unsigned flags) { return hipHostMalloc(pointer, size, flags); }

hipError_t hipMallocHost(void** pointer, size_t size) { return hipHostMalloc(pointer, size, hipHostMallocDefault); }

hipError_t hipMallocManaged(void** pointer, size_t size, unsigned flags) {
    return call([&] {
        if (flags != hipMemAttachGlobal && flags != hipMemAttachHost) {
            return fail(hipErrorInvalidValue, "hipMallocManaged takes hipMemAttachGlobal or hipMemAttachHost");
        }
        return allocateHost(pointer, size, HostBlock::Kind::Managed, flags);
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
        std::scoped_lock lock(Runtime::instance().order);
        return freeHost(pointer, HostBlock::Kind::Pinned)
                   ? hipSuccess
                   : fail(hipErrorInvalidValue,
                          hex(pointer) + " is not the beginning of live memory from hipHostMalloc");
    });
}

hipError_t hipFreeHost(void* pointer) { return hipHostFree(pointer); }

hipError_t hipHostRegister(void* pointer, size_t size, unsigned flags) {
    return call([&] {
        if (!pointer || size == 0) {
            return fail(hipErrorInvalidValue, "the host memory's address is null, or its size 0");
        }
        Runtime& runtime = Runtime::instance();
        if (!runtime.current()) {
            return lastError();
        }
        std::scoped_lock lock(runtime.order);
        for (const auto& device : runtime.devices()) {
            const auto overlapping = device->core.memory().nearest(reinterpret_cast<uint64_t>(pointer));
            const uint64_t begin = reinterpret_cast<uint64_t>(pointer);
            if (overlapping && overlapping->base < begin + size && begin < overlapping->base + overlapping->size) {
                return fail(hipErrorHostMemoryAlreadyRegistered,
                            "a part of the " + std::to_string(size) + " bytes at " + hex(pointer) +
                                " is registered or allocated already");
            }
        }
        importEverywhere(pointer, {size, HostBlock::Kind::Registered, flags});
        return hipSuccess;
    });
}

hipError_t hipHostUnregister(void* pointer) {
    return call([&] {
        if (const hipError_t refused = refuseInHostFunction("hipHostUnregister")) {
            return refused;
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        const auto found = runtime.hostMemory.find(reinterpret_cast<uint64_t>(pointer));
        if (found == runtime.hostMemory.end() || found->second.kind != HostBlock::Kind::Registered) {
            return fail(hipErrorHostMemoryNotRegistered, hex(pointer) + " is not the beginning of registered memory");
        }
        releaseEverywhere(pointer);
        return hipSuccess;
    });
}

hipError_t hipHostGetDevicePointer(void** devicePointer, void* hostPointer, unsigned flags) {
    return call([&] {
        if (!devicePointer || flags != 0) {
            return fail(hipErrorInvalidValue, "the address for the pointer is null, or flags are not 0");
        }
        std::scoped_lock lock(Runtime::instance().order);
        *devicePointer = hostBlockOf(hostPointer) ? hostPointer : nullptr;
        return *devicePointer ? hipSuccess
                              : fail(hipErrorInvalidValue, hex(hostPointer) + " is no pinned or registered memory");
    });
}

hipError_t hipHostGetFlags(unsigned* flags, void* pointer) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto* block = hostBlockOf(pointer);
        if (!flags || !block) {
            return fail(hipErrorInvalidValue, "the address for the flags is null, or " + hex(pointer) +
                                                  " is no pinned or registered memory");
        }
        *flags = block->second.flags;
        return hipSuccess;
    });
}

hipError_t hipPointerGetAttributes(hipPointerAttribute_t* attributes, const void* pointer) {
    return call([&] {
        if (!attributes) {
            return fail(hipErrorInvalidValue, "the address for the attributes is null");
        }
        *attributes = {};
        void* const address = const_cast<void*>(pointer);
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        if (const auto* block = hostBlockOf(pointer)) {
            const bool managed = block->second.kind == HostBlock::Kind::Managed;
            *attributes = {managed ? hipMemoryTypeManaged : hipMemoryTypeHost, 0, address, address, managed,
                           block->second.flags};
            return hipSuccess;
        }
        for (const auto& device : runtime.devices()) {
            if (device->core.memory().find(reinterpret_cast<uint64_t>(pointer))) {
                *attributes = {hipMemoryTypeDevice, device->index, address, nullptr, 0, 0};
                return hipSuccess;
            }
        }
        // Host memory that HIP does not know: no error since HIP 6.
        attributes->device = hipInvalidDeviceId;
        return hipSuccess;
    });
}

hipError_t hipMemGetAddressRange(hipDeviceptr_t* base, size_t* size, hipDeviceptr_t pointer) {
    return call([&] {
        for (const auto& device : Runtime::instance().devices()) {
            if (const auto found = device->core.memory().find(reinterpret_cast<uint64_t>(pointer))) {
                if (base) {
                    *base = reinterpret_cast<hipDeviceptr_t>(found->base);
                }
                if (size) {
                    *size = found->size;
                }
                return hipSuccess;
            }
        }
        return fail(hipErrorNotFound, hex(pointer) + " is in no allocation");
    });
}

hipError_t hipStreamAttachMemAsync(hipStream_t stream, void* pointer, size_t, unsigned) {
    return call([&] {
        return pointer ? enqueue("hipStreamAttachMemAsync", stream, EmptyWork{}, true)
                       : fail(hipErrorInvalidValue, "the address is null");
    });
}
