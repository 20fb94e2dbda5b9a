// Those who watch a device's launches: profile, sanitizer, trace. Off, a launch runs on the fast path and nothing here is
// called; on, its waves run in the loop of `ThreadObserver`, which tells them of every instruction.
// A launch has one `LaunchObservation`, each of its host threads a `ThreadObserver` of its own.
#pragma once

#include "../execute/wave.h"
#include "profile.h"
#include "sanitizer.h"
#include "trace.h"

#include <atomic>
#include <chrono>
#include <memory>

namespace soma::vgpu {

class ThreadObserver {
public:
    ThreadObserver(const CodeImage& code, const CodeFacts& facts) : code_(code), facts_(facts) {}

    /// Before a workgroup's first instruction; its registers are set.
    void beginGroup(const Workgroup& group);
    /// After its last one.
    void endGroup();
    /// Runs a wave until it stops, as runWave does.
    void run(Wave& wave);

    std::unique_ptr<ThreadProfile> profile;
    std::unique_ptr<WaveSanitizer> sanitizer;
    std::unique_ptr<ThreadTrace> trace;

private:
    const CodeImage& code_;
    const CodeFacts& facts_;
};

class LaunchObservation;

class Observers {
public:
    explicit Observers(Device& device) : device_(device), profiler_(device) {}

    /// Switching it on begins anew.
    void setProfiling(bool on);
    bool profiling() const { return profiling_.load(std::memory_order_relaxed); }
    const Profiler& profiler() const { return profiler_; }

    /// Checks every later launch, or stops to; switching it on forgets what was found before. Memory that is allocated
    /// already counts as written.
    void setSanitizing(bool on);
    bool sanitizing() const;
    ReportLog& reports() { return reports_; }
    TraceLog& trace() { return trace_; }
    /// The host program allocated memory, which it has to free.
    void allocatedByHost(uint64_t address);
    /// Reports what the host program has not freed.
    void reportLeaks();

    /// Null where nobody watches.
    std::unique_ptr<LaunchObservation> begin(const Dispatch& dispatch);

private:
    friend class LaunchObservation;
    Device& device_;
    std::atomic<bool> profiling_{false};
    Profiler profiler_;
    mutable std::mutex mutex_;
    /// Null: off.
    std::shared_ptr<DeviceShadow> shadow_;
    std::set<uint64_t> hostAllocations_;
    ReportLog reports_;
    TraceLog trace_;
};

class LaunchObservation {
public:
    LaunchObservation(Observers& observers, const Device& device, const Dispatch& dispatch);

    /// Called by a launch's threads as they start.
    std::unique_ptr<ThreadObserver> thread() const;
    /// When all threads have ended. A fault that the sanitizer let the launch go on after.
    std::optional<Fault> finish(const Counters& counters, std::span<const ThreadObserver* const> threads);

private:
    Observers& observers_;
    const Target& target_;
    const Dispatch& dispatch_;
    const CodeImage& code_;
    const CodeFacts& facts_;
    bool profiling_;
    /// Threads that have asked for an observer: each is a compute unit of the trace.
    mutable std::atomic<unsigned> units_{0};
    std::shared_ptr<DeviceShadow> shadow_;
    std::unique_ptr<LaunchSanitizer> sanitizer_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace soma::vgpu
