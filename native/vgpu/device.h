// A virtual AMD GPU: memory, code objects and launches. This is the C++ interface that the HIP ABI is built upon.
// No function throws for what a user does; launches are synchronous and one at a time per device (a mutex sees to it).
#pragma once

#include "execute/global_wave_sync.h"
#include "fault.h"
#include "memory.h"
#include "module.h"
#include "target.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

namespace soma::vgpu {

class Observers;
class WorkerPool;

/// Instruction classes of the counters.
enum class InstructionClass : uint8_t {
    Salu,
    Valu,
    Transcendental,
    Matrix,
    VectorLoad,
    VectorStore,
    VectorAtomic,
    ScalarMemory,
    Lds,
    Scratch,
    Branch,
    Barrier,
    Wait,
    Other,
    /// Second halves of dual-issue pairs and helper micro-operations: executed, not an instruction of their own.
    Internal,
};
constexpr size_t kInstructionClasses = 15;
/// Such as "valu"; for tables and JSON.
const char* instructionClassName(InstructionClass cls);

struct Counters {
    uint64_t workgroups = 0;
    uint64_t waves = 0;
    /// Wave-instructions by class; `Internal` ones are no instructions.
    std::array<uint64_t, kInstructionClasses> byClass{};
    /// Lanes on, summed over vector instructions; with `vectorInstructions` × wave size the share that was active.
    uint64_t activeLanes = 0;
    uint64_t vectorInstructions = 0;

    /// Wave-instructions in all.
    uint64_t instructions() const;
    Counters& operator+=(const Counters& other);
};

struct Limits {
    /// Wave-instructions that one wave may execute before the launch stops as an endless loop. The default takes the
    /// virtual GPU in the order of ten seconds.
    uint64_t waveInstructions = uint64_t(1) << 28;
    /// Host threads of a launch; 0: one per core.
    unsigned threads = 0;
    /// Private memory per work-item for kernels with a dynamic stack, in bytes.
    uint32_t dynamicStackBytes = 16384;
};

struct Dispatch {
    const Module* module = nullptr;
    const Kernel* kernel = nullptr;
    /// Workgroups and work-items per workgroup on each axis, x first.
    std::array<uint32_t, 3> groups{1, 1, 1};
    std::array<uint32_t, 3> block{1, 1, 1};
    /// Bytes of LDS on top of the kernel's static size.
    uint32_t dynamicLds = 0;
    /// The argument segment as the metadata lays it out. May end early (missing bytes are 0) but must hold the explicit
    /// arguments; hidden arguments are written by the device over whatever is here.
    std::span<const std::byte> arguments;
    /// All workgroups take turns, so that they may wait for each other; else each runs to its end.
    bool cooperative = false;
    /// Stops the launch when it becomes true; may be null.
    const std::atomic<bool>* stop = nullptr;
};

class Device {
public:
    /// `memoryBytes` 0: the target's own size.
    explicit Device(const Target& target, uint64_t memoryBytes = 0);
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    const Target& target() const { return target_; }
    Memory& memory() { return memory_; }
    const Memory& memory() const { return memory_; }

    Limits limits() const;
    void setLimits(const Limits& limits);

    /// Runs a launch to its end. A fault is also kept as `lastFault`; the device stays usable after it. A grid with a
    /// zero extent runs nothing and is no fault here.
    std::optional<Fault> run(const Dispatch& dispatch);

    std::optional<Fault> lastFault() const;
    void clearFault();

    /// Of the last launch (up to the fault, where one stopped it), and of all launches since the device was made.
    Counters lastCounters() const;
    Counters totalCounters() const;

    /// Profile, sanitizer and trace of launches.
    Observers& observers() { return *observers_; }
    const Observers& observers() const { return *observers_; }

    GlobalWaveSync& globalWaveSync() { return globalWaveSync_; }

    /// Private memory of each work-item, with the stack that calls may take of it.
    uint64_t scratchBytes(const Kernel& kernel) const;
    /// Workgroups of that kernel that one compute unit holds at once, by waves, LDS and registers; 0: none fits.
    unsigned occupancy(const Kernel& kernel, unsigned workItems, uint32_t dynamicLds) const;

    /// Device addresses at which flat accesses mean LDS or scratch (4 GiB each), as src_shared_base gives them.
    static constexpr uint64_t kSharedBase = uint64_t(1) << 48;
    static constexpr uint64_t kPrivateBase = uint64_t(2) << 48;

private:
    std::optional<Fault> check(const Dispatch& dispatch) const;

    const Target& target_;
    Memory memory_;
    GlobalWaveSync globalWaveSync_;
    std::unique_ptr<WorkerPool> pool_;
    std::unique_ptr<Observers> observers_;
    std::mutex launching_;
    mutable std::mutex state_;
    Limits limits_;
    std::optional<Fault> lastFault_;
    Counters last_;
    Counters total_;
};

}  // namespace soma::vgpu
