// What a device's waves did, one after the other: executed instructions with the registers that they changed, the registers
// of a work-item where it comes to a source line, when each workgroup ran and on which host thread (a compute unit of the
// virtual GPU), and samples of the lanes that are on. Everything is bounded: what has no room is counted as lost.
#pragma once

#include "../execute/wave.h"
#include "../loader/variables.h"
#include "facts.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace soma::vgpu {

struct TraceSettings {
    /// Of which waves; whatever is not given matches all.
    std::optional<std::string> kernel;
    std::optional<uint64_t> group;
    std::optional<uint64_t> wave;
    bool instructions = false;
    /// Where `item` (its number in the workgroup) comes to a line, instead of every instruction; 0: nowhere.
    unsigned line = 0;
    std::string file;
    uint64_t item = 0;
    bool workgroups = false;
    /// Instructions of a host thread from one sample of lanes to the next; 0: none.
    uint64_t lanesEvery = 0;

    bool any() const { return instructions || line != 0 || workgroups || lanesEvery != 0; }
    /// From JSON with these names; nothing where the text is none.
    static std::optional<TraceSettings> parse(std::string_view text);
};

/// A register's new values: of a scalar one the first.
struct RegisterChange {
    unsigned reg = 0;
    uint64_t lanes = 0;
    std::vector<uint32_t> values;
};

/// What a variable of the source is for one work-item.
struct VariableValue {
    SourceVariable variable;
    std::vector<uint8_t> bytes;
};

struct TraceStep {
    std::string kernel;
    uint64_t group = 0;
    uint32_t wave = 0;
    std::string instruction;
    std::string file;
    unsigned line = 0;
    uint64_t offset = 0;
    uint64_t exec = 0;
    std::vector<RegisterChange> changes;
    /// Of a stop, in code that was not optimised.
    std::vector<VariableValue> variables{};
};

struct WorkgroupSpan {
    std::string kernel;
    uint64_t group = 0;
    unsigned unit = 0;
    /// Milliseconds since 1970, and from there.
    double start = 0;
    double milliseconds = 0;
};

struct LaneSample {
    uint64_t number = 0;
    double time = 0;
    std::string kernel;
    uint64_t group = 0;
    uint32_t wave = 0;
    unsigned lanes = 0;
    uint64_t exec = 0;
};

/// Of a device; thread-safe.
class TraceLog {
public:
    static constexpr size_t kSteps = 100000;
    static constexpr size_t kStops = 64;
    static constexpr size_t kSpans = 65536;
    static constexpr size_t kSamples = 4096;

    /// Begins anew.
    void configure(TraceSettings settings);
    TraceSettings settings() const;
    bool on() const { return on_.load(std::memory_order_relaxed); }
    void addStep(TraceStep step, bool isStop);
    void addSpan(WorkgroupSpan span);
    void addSample(LaneSample sample);
    std::string json() const;

private:
    mutable std::mutex mutex_;
    std::atomic<bool> on_{false};
    TraceSettings settings_;
    std::vector<TraceStep> steps_;
    std::vector<TraceStep> stops_;
    std::vector<WorkgroupSpan> spans_;
    std::deque<LaneSample> samples_;
    uint64_t sampled_ = 0;
    uint64_t lost_ = 0;
};

/// Of one host thread in one launch.
class ThreadTrace {
public:
    ThreadTrace(TraceLog& log, const Target& target, const Dispatch& dispatch, const CodeImage& code, unsigned unit);

    void beginGroup(const Workgroup& group);
    void endGroup();
    void before(const Wave& wave, const MicroOp& op, const OpFacts& facts, size_t index);
    void after(const Wave& wave, const OpFacts& facts, size_t index);

private:
    TraceStep stepOf(const Wave& wave, size_t index) const;
    bool isWatched(const Wave& wave) const;
    /// Those that are declared before a line, as one lane has them.
    std::vector<VariableValue> variablesOf(const Wave& wave, uint64_t lane, uint64_t offset, unsigned line) const;

    TraceLog& log_;
    const Dispatch& dispatch_;
    const CodeImage& code_;
    TraceSettings settings_;
    unsigned unit_;
    /// Where a frame lies is counted in bytes of a whole wave.
    bool framesOfWaves_;
    bool kernel_;
    uint64_t group_ = 0;
    double start_ = 0;
    uint64_t untilSample_ = 0;
    /// Micro-operations of the line that is stopped at, and whether each wave's latest one is of them.
    std::vector<bool> ofLine_;
    std::vector<bool> onLine_;
    /// What the registers that an instruction writes were before it.
    std::vector<uint32_t> saved_;
    uint64_t exec_ = 0;
};

}  // namespace soma::vgpu
