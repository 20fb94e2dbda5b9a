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

/// What waves find in their registers when they start: in all workgroups of a launch the same, but for the workgroup's number.
class InitialRegisters {
public:
    InitialRegisters(const Target& target, const Dispatch& dispatch, const LaunchAddresses& addresses, uint64_t scratchBytes);

    /// Sets all registers but the program counter, and the wave's bookkeeping. `wave.group->id` must be set.
    void set(Wave& wave) const;

private:
    void setScalars(const Kernel& kernel, const LaunchAddresses& addresses, uint64_t scratchBytes);
    void setVectors(const Target& target, const Dispatch& dispatch);

    uint32_t lanes_;
    std::vector<uint32_t> scalars_;
    /// Where the workgroup's number goes: from gfx12 on to registers of the trap handler, else to those that the kernel asks for.
    bool numberInTraps_;
    std::array<std::optional<unsigned>, 3> number_;
    uint32_t mode_ = 0;
    /// How many vector registers are zeroed, and of those for accumulation.
    uint32_t vectors_ = 0;
    uint32_t accumulation_ = 0;
    /// Work-items of a workgroup, and for each wave the first vector registers, which have their places in it.
    uint32_t items_ = 0;
    uint32_t placeRows_ = 1;
    std::vector<uint32_t> places_;
};

}  // namespace soma::vgpu
