// The sanitizer: checks every instruction of a launch before it runs (spec/vgpu.md, "Sanitizer"). An access that is out of
// bounds is reported and left out, so that the launch goes on; it then fails as it does without a sanitizer.
#pragma once

#include "../execute/wave.h"
#include "../fault.h"
#include "facts.h"
#include "report.h"
#include "shadow.h"

#include <memory>

namespace soma::vgpu {

/// What the threads of one launch share.
class LaunchSanitizer {
public:
    LaunchSanitizer(const Device& device, const Dispatch& dispatch, const CodeImage& code, const CodeFacts& facts,
                    DeviceShadow& shadow, ReportLog& log);

    struct Finding {
        const char* kind;
        size_t operation;
        std::string what;
        unsigned wave = 0;
        /// -1: the wave as a whole.
        int lane = -1;
        uint64_t address = 0;
        std::string allocation{};
        /// The other instruction, if there is one, and what it did.
        std::optional<size_t> other{};
        std::string otherWhat{};
        std::optional<std::array<uint32_t, 3>> otherGroup{};
        /// Of that workgroup; -1: not known. Then maybe its wave is.
        int otherItem = -1;
        std::optional<unsigned> otherWave{};
        /// A launch that did this fails.
        std::optional<FaultKind> fault{};
    };
    /// `describe` makes the finding's words, if its place was not reported yet.
    template <class Describe>
    void find(const char* kind, size_t operation, const Workgroup& group, Describe describe) {
        findPair(kind, operation, operation, group, describe);
    }
    /// Of two accesses, in whatever order they come.
    template <class Describe>
    void findPair(const char* kind, size_t operation, size_t other, const Workgroup& group, Describe describe) {
        const uint64_t first = code_.addressOf(code_.operations()[std::min(operation, other)]);
        const uint64_t second = code_.addressOf(code_.operations()[std::max(operation, other)]);
        if (log_.claim(kind, first, second)) {
            report(group, describe(), true);
        }
    }
    std::optional<Fault> fault() const;
    bool hasFault() const { return faulted_.load(std::memory_order_relaxed); }
    /// An access that makes the launch fail, also where its place was reported for an earlier one.
    template <class Describe>
    void findFault(const char* kind, size_t operation, const Workgroup& group, Describe describe) {
        const uint64_t address = code_.addressOf(code_.operations()[operation]);
        if (log_.claim(kind, address, address)) {
            report(group, describe(), true);
        } else if (!hasFault()) {
            report(group, describe(), false);
        }
    }

    const Device& device() const { return device_; }
    const CodeImage& code() const { return code_; }
    const CodeFacts& facts() const { return facts_; }
    DeviceShadow& shadow() const { return shadow_; }
    const Dispatch& dispatch() const { return dispatch_; }
    uint32_t launch() const { return launch_; }
    Synchronisation& synchronisation() { return synchronisation_; }
    /// Plain accesses at odd addresses are no mistake: the language can't ask for one, and the compiler makes them of
    /// neighbouring smaller ones, which the hardware allows.
    bool checksAlignment() const { return checksAlignment_; }
    /// Numbers of memory instructions, and back; the last number stands for all that are too many.
    uint32_t siteOf(size_t operation) const { return sites_[operation]; }
    std::optional<size_t> operationOf(uint32_t site) const;
    std::array<uint32_t, 3> groupOf(uint32_t index) const;

private:
    void report(const Workgroup& group, const Finding& finding, bool logged);
    CodePlace placeOf(size_t operation) const;
    WorkItem workItem(const std::array<uint32_t, 3>& group, unsigned wave, int lane) const;

    const Device& device_;
    const Dispatch& dispatch_;
    const CodeImage& code_;
    const CodeFacts& facts_;
    DeviceShadow& shadow_;
    ReportLog& log_;
    uint32_t launch_;
    bool checksAlignment_;
    Synchronisation synchronisation_;
    std::vector<uint16_t> sites_;
    std::vector<size_t> operations_;
    mutable std::mutex mutex_;
    std::optional<Fault> fault_;
    std::atomic<bool> faulted_{false};
};

/// Of one host thread, whose workgroups run one after another. It is compiled once for each host instruction set
/// (thread_sanitizer.h).
class WaveSanitizer {
public:
    virtual ~WaveSanitizer() = default;

    virtual void beginGroup(const Workgroup& group) = 0;
    /// Runs a wave until it stops, as runWave does.
    virtual void run(Wave& wave) = 0;
    /// False where the instruction must not run. EXEC may lack lanes until `after`.
    virtual bool before(Wave& wave, const MicroOp& op, const OpFacts& facts, size_t index) = 0;
    virtual void after(Wave& wave, const OpFacts& facts) = 0;
};

}  // namespace soma::vgpu
