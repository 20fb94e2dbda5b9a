// Memory shared with other processes of the machine, in the C ABI: a handle names a file descriptor of the process that made
// it, which /proc opens for whoever may look into that process (proc_pid_fd(5)); the inode says that it is still the same.
#include "context.h"
#include "host_memory.h"

#include "../../hip_abi/hip_optional.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

constexpr uint64_t kMagic = 0x6d656d2d616d6f73;  // "soma-mem"

struct Handle {
    uint64_t magic;
    int32_t process;
    int32_t descriptor;
    uint64_t inode;
    uint64_t size;
    /// From the beginning of the allocation to what was asked for.
    uint64_t offset;
};
static_assert(sizeof(Handle) <= HIP_IPC_HANDLE_SIZE);

/// The device that an address of device memory is on.
std::shared_ptr<VirtualDevice> holderOf(uint64_t address, Allocation& allocation) {
    for (const auto& device : Runtime::instance().devices()) {
        const auto found = device->core.memory().find(address);
        if (found && !found->imported) {
            allocation = *found;
            return device;
        }
    }
    return nullptr;
}

}  // namespace

hipError_t hipIpcGetMemHandle(hipIpcMemHandle_t* out, void* pointer) {
    return call([&] {
        if (!out || !pointer) {
            return fail(hipErrorInvalidValue, "the address for the handle or of the memory is null");
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        const uint64_t address = reinterpret_cast<uint64_t>(pointer);
        Allocation allocation;
        const auto device = holderOf(address, allocation);
        if (!device || runtime.pooled.poolOf(allocation.base)) {
            return fail(hipErrorInvalidDevicePointer, hex(pointer) + " is no memory of hipMalloc's");
        }
        for (const auto& user : runtime.devices()) {
            runtime.idle(*user);
        }
        struct stat status {};
        const int descriptor = device->core.memory().share(allocation.base);
        if (descriptor < 0 || fstat(descriptor, &status) != 0) {
            return fail(hipErrorOperatingSystem, "the system gives no memory that can be shared");
        }
        const Handle handle{kMagic,
                            static_cast<int32_t>(getpid()),
                            descriptor,
                            static_cast<uint64_t>(status.st_ino),
                            allocation.size,
                            address - allocation.base};
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
        if (handle.process == getpid()) {
            return fail(hipErrorInvalidContext, "the memory is this process's own");
        }
        const std::string path =
            "/proc/" + std::to_string(handle.process) + "/fd/" + std::to_string(handle.descriptor);
        const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
        struct stat status {};
        const bool same = descriptor >= 0 && fstat(descriptor, &status) == 0 &&
                          static_cast<uint64_t>(status.st_ino) == handle.inode &&
                          static_cast<uint64_t>(status.st_size) >= handle.size;
        void* const memory = same ? mmap(nullptr, handle.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
                                  : MAP_FAILED;
        if (descriptor >= 0) {
            close(descriptor);
        }
        if (memory == MAP_FAILED) {
            return fail(hipErrorInvalidHandle, "the process " + std::to_string(handle.process) +
                                                   " has no such memory any more, or may not be looked into");
        }
        std::scoped_lock lock(runtime.order);
        importEverywhere(memory, {handle.size, HostBlock::Kind::Foreign, 0});
        *pointer = static_cast<std::byte*>(memory) + handle.offset;
        return hipSuccess;
    });
}

hipError_t hipIpcCloseMemHandle(void* pointer) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        const auto* block = hostBlockOf(pointer);
        if (!block || block->second.kind != HostBlock::Kind::Foreign) {
            return fail(hipErrorInvalidValue, hex(pointer) + " is no memory of hipIpcOpenMemHandle's");
        }
        void* const memory = reinterpret_cast<void*>(block->first);
        const uint64_t size = block->second.size;
        releaseEverywhere(memory);
        munmap(memory, size);
        return hipSuccess;
    });
}
