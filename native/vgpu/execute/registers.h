// What a wave finds when it starts: argument segment, dispatch packet, and initial registers.
// Sources: LLVM's AMDGPU user guide, "Initial Kernel Execution State", "Kernel Descriptor", "Kernarg Segment"; the HSA
// runtime specification for the dispatch packet.
#pragma once

#include "../device.h"
#include "wave.h"

namespace soma::vgpu {

/// Device addresses of what the host prepares for a launch.
struct LaunchAddresses {
    uint64_t packet = 0;
    uint64_t queue = 0;
    uint64_t arguments = 0;
    /// Of cooperative launches; 0 else.
    uint64_t gridSync = 0;
};

/// The launch's own block of device memory; freed with it.
class LaunchMemory {
public:
    LaunchMemory(Memory& memory, const Dispatch& dispatch);
    ~LaunchMemory();
    LaunchMemory(const LaunchMemory&) = delete;
    LaunchMemory& operator=(const LaunchMemory&) = delete;

    bool allocated() const { return base_.has_value(); }
    const LaunchAddresses& addresses() const { return addresses_; }

private:
    Memory& memory_;
    std::optional<uint64_t> base_;
    LaunchAddresses addresses_;
};

/// Sets all registers but the program counter, and the wave's bookkeeping. `wave.group->id` must be set.
void initialiseRegisters(const Target& target, const Dispatch& dispatch, const LaunchAddresses& addresses, Wave& wave);

}  // namespace soma::vgpu
