// Counting, for those who ask for it: what every instruction of a launch did, summed to source lines and kernels.
// A thread counts into a `ThreadProfile` of its own; `Profiler` adds them up and writes JSON (spec/vgpu.md, "Counters").
#pragma once

#include "../execute/wave.h"
#include "facts.h"
#include "footprint.h"

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace soma::vgpu {

/// Sums over executions; what a field does not apply to leaves it 0.
struct OpCounts {
    /// Once for each wave.
    uint64_t executed = 0;
    /// Of vector and memory instructions: lanes that were on.
    uint64_t lanes = 0;
    /// Of instructions that change EXEC: how often some lanes, but not all, went off.
    uint64_t divergent = 0;
    /// Global memory: cache lines asked for, and different bytes that lanes wanted of them.
    uint64_t transactions = 0;
    uint64_t usefulBytes = 0;
    /// LDS: cycles that its accesses take by the rule of banks.h, and those that conflicts cost of them.
    uint64_t ldsCycles = 0;
    uint64_t ldsConflicts = 0;
    uint64_t flops = 0;
    uint64_t matrixFlops = 0;

    OpCounts& operator+=(const OpCounts& other);
};

class ThreadProfile {
public:
    ThreadProfile(const Target& target, size_t operations) : target_(target), ops_(operations) {}

    /// Before an instruction runs; `index` is its place in the code image.
    void before(const Wave& wave, const MicroOp& op, const OpFacts& facts, size_t index);
    /// After it ran. `exec` is EXEC as it was before.
    void after(const Wave& wave, const OpFacts& facts, size_t index, uint64_t exec);

    std::span<const OpCounts> operations() const { return ops_; }
    const Footprint& footprint() const { return footprint_; }

private:
    void countMemory(const Wave& wave, const MicroOp& op, const OpFacts& facts, OpCounts& counts);

    const Target& target_;
    std::vector<OpCounts> ops_;
    Footprint footprint_;
};

/// What kernels did on a device since profiling began. Thread-safe.
class Profiler {
public:
    explicit Profiler(const Device& device) : device_(device) {}

    void clear();
    /// Adds a launch; its threads' profiles are merged here.
    void add(const Dispatch& dispatch, const CodeImage& code, const CodeFacts& facts, const Counters& counters,
             double milliseconds, std::span<const ThreadProfile* const> threads);
    /// An object with one entry for each kernel.
    std::string json() const;
    /// Sums over all kernels.
    OpCounts total() const;

private:
    struct Line {
        OpCounts counts;
        std::array<uint64_t, kInstructionClasses> byClass{};
    };
    struct Kernel {
        uint64_t launches = 0;
        Counters counters;
        OpCounts counts;
        uint64_t branches = 0;
        uint64_t footprintLines = 0;
        double milliseconds = 0;
        unsigned waveSize = 0;
        unsigned workItems = 0;
        unsigned groupsPerUnit = 0;
        std::map<std::pair<std::string, unsigned>, Line> lines;
    };

    const Device& device_;
    mutable std::mutex mutex_;
    std::map<std::string, Kernel> kernels_;
};

}  // namespace soma::vgpu
