// A running wave and its workgroup. Registers are [register][lane] arrays of 32-bit words, so that an instruction is a
// loop over contiguous lanes. A workgroup belongs to one host thread; nothing here is shared but device memory.
#pragma once

#include "../decode/assembly.h"
#include "cache_lines.h"
#include "global_wave_sync.h"
#include "micro_op.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soma::vgpu {

class CodeImage;
class ThreadObserver;
struct Workgroup;

enum class Stop : uint8_t { None, Yield, Barrier, End, Fault };

/// The MODE register: rounding in bits 3:0, denormals in bits 7:4. Manual: "Mode register" of each ISA document.
namespace mode {
constexpr uint32_t kRound32 = 0x3;
constexpr uint32_t kRound64 = 0xc;
constexpr uint32_t kDenormals32 = 0x30;
constexpr uint32_t kDenormals64 = 0xc0;
constexpr uint32_t kDx10Clamp = 0x100;
constexpr uint32_t kIeee = 0x200;
/// FP16_OVFL: overflowing halves and floats of 8 bits become the greatest number instead of infinity.
constexpr uint32_t kHalfOverflow = 1 << 23;
/// GPR_IDX_EN (gfx9): vector instructions add M0's index to their vector registers.
constexpr uint32_t kRegisterIndexing = 1 << 27;
}  // namespace mode

struct Wave {
    uint32_t* vgpr = nullptr;
    const MicroOp* pc = nullptr;
    uint32_t lanes = 32;
    /// 32-lane parts: 1 or 2.
    uint32_t halves = 1;
    Stop stop = Stop::None;
    bool scc = false;
    bool ended = false;
    bool waiting = false;
    /// MODE asks for something else than rounding to nearest with denormals and infinities.
    bool specialMode = false;
    uint32_t mode = 0;
    /// What is left of the wave's turn: taken branches and streamed bytes use it up (see execute/workgroup.cpp).
    int64_t turn = 0;
    uint32_t index = 0;
    /// Of split barriers: the phase that this wave signalled in.
    uint32_t signalledPhase = 0;
    /// The named barrier that it joined, from 1; 0: none. And whether that has opened since it last waited.
    uint32_t joinedBarrier = 0;
    bool barrierOpened = false;
    bool atNamedBarrier = false;
    /// Where it waits in global wave sync, or waited last.
    GlobalWaveSync::Place place;
    alignas(8) std::array<uint32_t, sgpr::kCount> sgpr{};
    std::array<uint64_t, kInstructionClasses> executed{};
    uint64_t activeLanes = 0;
    uint64_t vectorInstructions = 0;
    Workgroup* group = nullptr;
    /// Private memory: `scratchBytes` for each lane, lane after lane.
    std::byte* scratch = nullptr;
    uint64_t scratchBytes = 0;

    uint32_t exec32(unsigned half) const { return sgpr[sgpr::kExec + half]; }
    uint64_t exec() const {
        return lanes == 64 ? uint64_t(sgpr[sgpr::kExec + 1]) << 32 | sgpr[sgpr::kExec] : sgpr[sgpr::kExec];
    }
    uint64_t read64(unsigned reg) const { return uint64_t(sgpr[reg + 1]) << 32 | sgpr[reg]; }
    void write64(unsigned reg, uint64_t value) {
        sgpr[reg] = static_cast<uint32_t>(value);
        sgpr[reg + 1] = static_cast<uint32_t>(value >> 32);
    }
    /// A lane mask: one register in wave32, two in wave64.
    uint64_t readMask(unsigned reg) const { return lanes == 64 ? read64(reg) : sgpr[reg]; }
    void writeMask(unsigned reg, uint64_t value) {
        sgpr[reg] = static_cast<uint32_t>(value);
        if (lanes == 64) {
            sgpr[reg + 1] = static_cast<uint32_t>(value >> 32);
        }
    }
    void setMode(uint32_t value) {
        mode = value;
        constexpr uint32_t kDenormals = mode::kDenormals32 | mode::kDenormals64;
        constexpr uint32_t kUnusual = mode::kRound32 | mode::kRound64 | mode::kHalfOverflow;
        specialMode = (value & kUnusual) != 0 || (value & kDenormals) != kDenormals;
    }
    void countVector() {
        activeLanes += static_cast<unsigned>(std::popcount(exec()));
        ++vectorInstructions;
    }
    uint64_t instructions() const {
        uint64_t sum = 0;
        for (size_t i = 0; i + 1 < kInstructionClasses; ++i) {
            sum += executed[i];
        }
        return sum;
    }
};

/// A fault as its wave saw it; the launch completes it with text and place.
struct PendingFault {
    FaultKind kind = FaultKind::MemoryAccess;
    std::string what;
    const MicroOp* op = nullptr;
    /// For faults of the program counter itself.
    uint64_t codeAddress = 0;
    unsigned wave = 0;
    int lane = -1;
    uint64_t address = 0;
};

/// A barrier of some of a workgroup's waves (gfx12).
struct NamedBarrier {
    uint32_t members = 0;
    uint32_t signals = 0;
    /// How often it has opened.
    uint32_t phase = 0;
};

/// The allocations last accessed, by kinds of access: most find theirs here. A kernel that copies goes from one to another.
struct LastAllocations {
    Allocation loaded;
    /// By vector stores and atomics.
    Allocation stored;
    Allocation scalar;
};

struct Workgroup {
    const Memory* memory = nullptr;
    LastAllocations last;
    const CodeImage* code = nullptr;
    std::array<uint32_t, 3> id{};
    std::vector<Wave> waves;
    std::byte* lds = nullptr;
    uint64_t ldsBytes = 0;
    /// Waves that arrived at the barrier in this phase.
    uint32_t arrived = 0;
    uint32_t live = 0;
    uint32_t phase = 0;
    std::array<NamedBarrier, 16> namedBarriers{};
    GlobalWaveSync* globalWaveSync = nullptr;
    /// Other workgroups run at the same time: waves may wait for theirs.
    bool cooperative = false;
    std::optional<PendingFault> fault;
    uint64_t instructionLimit = 0;
    /// The host asks for the launch's end; null where it can't.
    const std::atomic<bool>* stop = nullptr;
    /// Of the memory's allocations that are as large, stores of whole lines pass the host's caches by.
    uint64_t streamedSize = ~uint64_t(0);
    /// Stores that pass the host's caches by are on their way (see completeStreams).
    bool streams = false;
    /// Seed of the clocks that s_memtime and its kind read.
    uint64_t startTicks = 0;
    /// Who watches each instruction; null nearly always.
    ThreadObserver* observer = nullptr;
};

/// Stops the wave with a fault. `lane` -1: the wave's own.
void raiseFault(Wave& wave, const MicroOp& op, FaultKind kind, int lane, uint64_t address, std::string what);

/// Counts an arrival at the workgroup's barrier, and opens it when all live waves have come.
void arriveAtBarrier(Workgroup& group);

/// To be called where a wave waits for its stores, and at a workgroup's end: what passed the host's caches by is there for
/// other threads before anything that is stored from now on.
inline void completeStreams(Workgroup& group) {
    if (group.streams) {
        group.streams = false;
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }
}

/// Lets the waves of a named barrier (from 1) go on where all its members have signalled.
void openNamedBarrier(Workgroup& group, uint32_t number);

}  // namespace soma::vgpu
