// The sanitizer: checks every instruction of a launch before it runs (spec/vgpu.md, "Sanitizer"). An access that is out of
// bounds is reported and left out, so that the launch goes on; it then fails as it does without a sanitizer.
#pragma once

#include "../fault.h"
#include "register_shadow.h"
#include "report.h"
#include "shadow.h"

#include <memory>
#include <unordered_map>
#include <unordered_set>

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
        /// Of that workgroup; -1: not known.
        int otherItem = -1;
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

/// Of one host thread, whose workgroups run one after another.
class ThreadSanitizer {
public:
    explicit ThreadSanitizer(LaunchSanitizer& launch) : launch_(launch) {}

    void beginGroup(const Workgroup& group);
    /// Runs a wave until it stops, as runWave does.
    void run(Wave& wave);
    /// False where the instruction must not run. EXEC may lack lanes until `after`.
    bool before(Wave& wave, const MicroOp& op, const OpFacts& facts, size_t index);
    void after(Wave& wave, const OpFacts& facts);

private:
    struct WaveState {
        explicit WaveState(unsigned lanes) : shadow(lanes) {}
        RegisterShadow shadow;
        PendingLoads pending;
        uint64_t firstExec = 0;
        /// Barriers signalled and passed, and the last one's place.
        uint32_t signals = 0;
        uint32_t waits = 0;
        size_t barrier = 0;
        /// Bits of private memory that were written; bytes whose undefined bits were computed.
        std::vector<uint8_t> scratchDefined;
        std::vector<uint8_t> scratchComputed;
    };
    /// A check in progress.
    struct Step {
        Wave& wave;
        WaveState& state;
        const MicroOp& op;
        const OpFacts& facts;
        size_t index;
    };

    /// What the lanes of an instruction access; of two accesses that each makes, one. Of a dense access the address of
    /// each lane is not computed before somebody asks for it.
    struct LaneAccess {
        unsigned which = 0;
        LaneAddresses addresses;
        bool computed = false;
        Extent global, lds, scratch;
        /// Of these sets, lanes that together access all that is accessed.
        uint64_t distinctGlobal = 0;
        uint64_t distinctLds = 0;

        void locate(const Step& step);
        void leaveOut(uint64_t lanes, unsigned bytes);
        const LaneAddresses& each(const Step& step);
    };

    struct LdsRules;
    struct GlobalRules;

    /// The instruction has to do with nothing that the wave's state is about.
    static bool idle(const WaveState& state, const QuickFacts& facts);
    void passBarrier(Wave& wave);
    void checkWaits(const Step& step);
    void checkBarrier(const Step& step);
    void checkEnd(const Step& step);
    void checkBranch(const Step& step);
    void checkAddress(const Step& step);
    void reportUndefined(const Step& step, const char* decides, int lane, std::span<const RegisterRange> registers);
    bool checkScalarLoad(const Step& step);
    void checkMemory(const Step& step);
    uint64_t outside(const Step& step, LaneAccess& access);
    void checkAlignment(const Step& step, LaneAccess& access);
    void checkValues(const Step& step, LaneAccess& access);
    bool allWritten(const Step& step, const LaneAccess& access);
    void load(const Step& step, LaneAccess& access);
    void store(const Step& step, LaneAccess& access);
    void storeUndefined(const Step& step, LaneAccess& access, RegisterRange range);
    void update(const Step& step, LaneAccess& access);
    void checkRaces(const Step& step, LaneAccess& access);
    /// Of consecutive words, and which bytes of each.
    void raceInLds(const Step& step, LaneAccess& lanes, uint64_t word, uint64_t words, uint8_t bytes, unsigned lane);
    /// Whether a store gives a word of LDS other bytes than it has.
    bool changesLds(const Step& step, LaneAccess& access, uint64_t begin) const;
    void raceInGlobal(const Step& step, uint64_t word, uint64_t words, uint8_t bytes, unsigned lane);
    AccessCell ldsCell(const Step& step, uint8_t bytes, unsigned lane) const;
    AccessCell globalCell(const Step& step, uint8_t bytes, unsigned lane) const;
    CellPlanes ldsPlanes();
    void raceInInstruction(const Step& step, const LaneAccess& access);
    bool ordered(uint32_t group);
    /// The shadow of a lane's bytes, or null where they count as written.
    uint8_t* definedAt(const Step& step, const LaneAddresses& addresses, unsigned lane);
    uint8_t* computedAt(const Step& step, const LaneAddresses& addresses, unsigned lane);

    LaunchSanitizer& launch_;
    std::vector<WaveState> waves_;
    std::vector<uint8_t> ldsDefined_;
    std::vector<uint8_t> ldsComputed_;
    /// The arrays of cells one after the other, how many of them hold any, and the words of each.
    std::vector<AccessCell> ldsCells_;
    unsigned ldsUsed_ = 0;
    size_t ldsWords_ = 0;
    /// Epochs of LDS count barriers from this one on; every wave has passed those up to the floor.
    uint32_t ldsEpochs_ = 0;
    uint32_t ldsFloor_ = 0;
    Synchronisation::Group group_;
    std::unordered_set<uint32_t> ordered_;
    Allocation cache_;
    uint64_t exec_ = 0;
    bool masked_ = false;
};

}  // namespace soma::vgpu
