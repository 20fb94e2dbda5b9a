#include "shared_memory.h"

#include "host_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace soma::vgpu::hip {

std::shared_ptr<VirtualDevice> holderOf(const void* pointer, Allocation& allocation) {
    for (const auto& device : Runtime::instance().devices()) {
        const auto found = device->core.memory().find(reinterpret_cast<uint64_t>(pointer));
        if (found && !found->imported) {
            allocation = *found;
            return device;
        }
    }
    return nullptr;
}

std::optional<Failure> share(VirtualDevice& holder, const Allocation& allocation, const void* pointer,
                             SharedMemory& shared) {
    Runtime& runtime = Runtime::instance();
    for (const auto& user : runtime.devices()) {
        runtime.idle(*user);
    }
    struct stat status {};
    const int descriptor = holder.core.memory().share(allocation.base);
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        return Failure{hipErrorOperatingSystem, "the system gives no memory that can be shared"};
    }
    // The sanitizer does not see what other processes write.
    holder.core.memory().written(allocation.base, allocation.size);
    shared = {static_cast<int32_t>(getpid()), descriptor, static_cast<uint64_t>(status.st_ino), allocation.size,
              reinterpret_cast<uint64_t>(pointer) - allocation.base};
    return std::nullopt;
}

std::optional<Failure> map(const SharedMemory& shared, HostBlock::Kind kind, void** pointer) {
    const std::string path = "/proc/" + std::to_string(shared.process) + "/fd/" + std::to_string(shared.descriptor);
    const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
    struct stat status {};
    const bool same = descriptor >= 0 && fstat(descriptor, &status) == 0 &&
                      static_cast<uint64_t>(status.st_ino) == shared.inode &&
                      static_cast<uint64_t>(status.st_size) >= shared.size;
    void* const memory =
        same ? mmap(nullptr, shared.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0) : MAP_FAILED;
    if (descriptor >= 0) {
        close(descriptor);
    }
    if (memory == MAP_FAILED) {
        return Failure{hipErrorInvalidHandle, "the process " + std::to_string(shared.process) +
                                                  " has no such memory any more, or may not be looked into"};
    }
    importEverywhere(memory, {shared.size, kind, 0});
    *pointer = static_cast<std::byte*>(memory) + shared.offset;
    return std::nullopt;
}

bool unmap(const void* pointer, HostBlock::Kind kind) {
    const auto* block = hostBlockOf(pointer);
    if (!block || block->second.kind != kind) {
        return false;
    }
    void* const memory = reinterpret_cast<void*>(block->first);
    const uint64_t size = block->second.size;
    releaseEverywhere(memory);
    munmap(memory, size);
    return true;
}

}  // namespace soma::vgpu::hip
