// Memory of hipMalloc's for other processes of the machine, in the C ABI.
#include "shared_memory.h"

#include "../../hip_abi/hip_optional.h"

#include <unistd.h>

#include <cstring>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

constexpr uint64_t kMagic = 0x6d656d2d616d6f73;  // "soma-mem"

struct Handle {
    uint64_t magic;
    SharedMemory memory;
};
static_assert(sizeof(Handle) <= HIP_IPC_HANDLE_SIZE);

}  // namespace

hipError_t hipIpcGetMemHandle(hipIpcMemHandle_t* out, void* pointer) {
    return call([&] {
        if (!out || !pointer) {
            return fail(hipErrorInvalidValue, "the address for the handle or of the memory is null");
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        Allocation allocation;
        const auto device = holderOf(pointer, allocation);
        if (!device || runtime.pooled.poolOf(allocation.base)) {
            return fail(hipErrorInvalidDevicePointer, hex(pointer) + " is no memory of hipMalloc's");
        }
        Handle handle{kMagic, {}};
        if (const auto failure = share(*device, allocation, pointer, handle.memory)) {
            return fail(*failure);
        }
        std::memset(out, 0, sizeof *out);
        std::memcpy(out, &handle, sizeof handle);
        return hipSuccess;
    });
}

hipError_t hipIpcOpenMemHandle(void** pointer, hipIpcMemHandle_t given, unsigned int flags) {
    return call([&] {
        if (!pointer || (flags & ~hipIpcMemLazyEnablePeerAccess) != 0) {
            return fail(hipErrorInvalidValue, "the address for the pointer is null, or there is no such flag");
        }
        Runtime& runtime = Runtime::instance();
        if (!runtime.current()) {
            return lastError();
        }
        Handle handle{};
        std::memcpy(&handle, &given, sizeof handle);
        if (handle.magic != kMagic) {
            return fail(hipErrorInvalidValue, "that is no handle of a virtual GPU's memory");
        }
        if (handle.memory.process == getpid()) {
            return fail(hipErrorInvalidContext, "the memory is this process's own");
        }
        std::scoped_lock lock(runtime.order);
        const auto failure = map(handle.memory, HostBlock::Kind::Foreign, pointer);
        return failure ? fail(*failure) : hipSuccess;
    });
}

hipError_t hipIpcCloseMemHandle(void* pointer) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        return unmap(pointer, HostBlock::Kind::Foreign)
                   ? hipSuccess
                   : fail(hipErrorInvalidValue, hex(pointer) + " is no memory of hipIpcOpenMemHandle's");
    });
}
