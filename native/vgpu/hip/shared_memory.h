// Device memory that another process of the machine maps: named by a file descriptor of the process that has it, which
// /proc opens for whoever may look into that process (proc_pid_fd(5)); the inode says that it is still the same.
#pragma once

#include "context.h"

namespace soma::vgpu::hip {

/// As it goes through handles from process to process.
struct SharedMemory {
    int32_t process;
    int32_t descriptor;
    uint64_t inode;
    uint64_t size;
    /// From the beginning of the allocation to what was asked for.
    uint64_t offset;
};

/// The device whose memory holds an address, and the allocation; null where none does.
std::shared_ptr<VirtualDevice> holderOf(const void* pointer, Allocation& allocation);

// Runtime's `order` must be held for what follows.

/// Shares the allocation that holds an address. Waits for all devices.
std::optional<Failure> share(VirtualDevice& holder, const Allocation& allocation, const void* pointer,
                             SharedMemory& shared);
/// Maps what a process shared, and lets kernels of all devices access it; `kind` says who unmaps it.
std::optional<Failure> map(const SharedMemory& shared, HostBlock::Kind kind, void** pointer);
/// Waits for all devices, and unmaps what `map` mapped. False where the address is in no memory of that kind.
bool unmap(const void* pointer, HostBlock::Kind kind);

}  // namespace soma::vgpu::hip
