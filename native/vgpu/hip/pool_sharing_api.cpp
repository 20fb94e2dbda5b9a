// Pools for other processes, in the C ABI. A pool's file descriptor says which pool it is and no more: its memory goes by
// itself, as hipMemPoolExportPointer names it.
#include "shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

constexpr uint64_t kPoolMagic = 0x6c6f702d616d6f73;     // "soma-pol"
constexpr uint64_t kPointerMagic = 0x7274702d616d6f73;  // "soma-ptr"

struct ExportedPointer {
    uint64_t magic;
    /// Pool::identity.
    uint64_t pool;
    SharedMemory memory;
};
static_assert(sizeof(ExportedPointer) <= sizeof(hipMemPoolPtrExportData));

uint64_t inodeOf(int descriptor) {
    struct stat status {};
    return fstat(descriptor, &status) == 0 ? static_cast<uint64_t>(status.st_ino) : 0;
}

/// Gives the pool the file by which processes know it. False where the system refuses.
bool identify(Pool& pool) {
    if (pool.descriptor < 0) {
        pool.descriptor = memfd_create("soma-vgpu-pool", MFD_CLOEXEC);
        if (pool.descriptor < 0 || pwrite(pool.descriptor, &kPoolMagic, sizeof kPoolMagic, 0) != sizeof kPoolMagic) {
            return false;
        }
        pool.identity = inodeOf(pool.descriptor);
    }
    return pool.identity != 0;
}

hipError_t requireDescriptorType(hipMemAllocationHandleType type, unsigned flags) {
    return type == hipMemHandleTypePosixFileDescriptor && flags == 0
               ? hipSuccess
               : fail(hipErrorInvalidValue,
                      "pools are shared by hipMemHandleTypePosixFileDescriptor, without flags");
}

}  // namespace

hipError_t hipMemPoolExportToShareableHandle(void* out, hipMemPool_t handle, hipMemAllocationHandleType type,
                                             unsigned int flags) {
    return call([&] {
        if (!out) {
            return fail(hipErrorInvalidValue, "the address for the file descriptor is null");
        }
        if (const hipError_t wrong = requireDescriptorType(type, flags)) {
            return wrong;
        }
        std::scoped_lock lock(Runtime::instance().order);
        const auto pool = findPool(handle);
        if (!pool) {
            return lastError();
        }
        if (pool->handleTypes != type) {
            return fail(hipErrorInvalidValue, pool->imported ? "the pool is another process's"
                                                             : "the pool was created without "
                                                               "hipMemHandleTypePosixFileDescriptor in handleTypes");
        }
        const int descriptor = identify(*pool) ? fcntl(pool->descriptor, F_DUPFD_CLOEXEC, 0) : -1;
        if (descriptor < 0) {
            return fail(hipErrorOperatingSystem, "the system gives no file descriptor");
        }
        *static_cast<int*>(out) = descriptor;
        return hipSuccess;
    });
}

hipError_t hipMemPoolImportFromShareableHandle(hipMemPool_t* out, void* handle, hipMemAllocationHandleType type,
                                               unsigned int flags) {
    return call([&] {
        if (!out || !handle) {
            return fail(hipErrorInvalidValue, "the address for the pool or the file descriptor is null");
        }
        if (const hipError_t wrong = requireDescriptorType(type, flags)) {
            return wrong;
        }
        Runtime& runtime = Runtime::instance();
        const auto device = runtime.current();
        if (!device) {
            return lastError();
        }
        const int descriptor = static_cast<int>(reinterpret_cast<intptr_t>(handle));
        uint64_t magic = 0;
        if (pread(descriptor, &magic, sizeof magic, 0) != sizeof magic || magic != kPoolMagic) {
            return fail(hipErrorInvalidValue,
                        std::to_string(descriptor) + " is no file descriptor of a virtual GPU's pool");
        }
        auto pool = std::make_shared<Pool>();
        pool->device = device;
        pool->imported = true;
        pool->identity = inodeOf(descriptor);
        *out = runtime.pools.add(std::move(pool));
        return hipSuccess;
    });
}

hipError_t hipMemPoolExportPointer(hipMemPoolPtrExportData* out, void* pointer) {
    return call([&] {
        if (!out || !pointer) {
            return fail(hipErrorInvalidValue, "the address for the data or of the memory is null");
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        Allocation allocation;
        const auto device = holderOf(pointer, allocation);
        const auto pool = device ? runtime.pooled.poolOf(allocation.base) : nullptr;
        if (!pool || pool->handleTypes == hipMemHandleTypeNone || runtime.pooled.freedLater(allocation.base)) {
            return fail(hipErrorInvalidValue,
                        hex(pointer) + " is no live memory from a pool that was created with handleTypes");
        }
        ExportedPointer data{kPointerMagic, 0, {}};
        if (const auto failure = share(*device, allocation, pointer, data.memory)) {
            return fail(*failure);
        }
        if (!identify(*pool)) {
            return fail(hipErrorOperatingSystem, "the system gives no file descriptor");
        }
        data.pool = pool->identity;
        std::memset(out, 0, sizeof *out);
        std::memcpy(out, &data, sizeof data);
        return hipSuccess;
    });
}

hipError_t hipMemPoolImportPointer(void** out, hipMemPool_t handle, hipMemPoolPtrExportData* given) {
    return call([&] {
        if (!out || !given) {
            return fail(hipErrorInvalidValue, "the address for the pointer or of the data is null");
        }
        std::scoped_lock lock(Runtime::instance().order);
        const auto pool = findPool(handle);
        if (!pool) {
            return lastError();
        }
        ExportedPointer data{};
        std::memcpy(&data, given, sizeof data);
        if (data.magic != kPointerMagic || !pool->imported || data.pool != pool->identity) {
            return fail(hipErrorInvalidValue, "that is no data of hipMemPoolExportPointer's, or the pool is not the one "
                                              "that the memory is from, imported");
        }
        const auto failure = map(data.memory, HostBlock::Kind::ForeignPool, out);
        return failure ? fail(*failure) : hipSuccess;
    });
}
