// The sanitizer's checks of one host thread's waves. What looks at every instruction is loops over lanes and cells, so this
// is compiled once for each host instruction set, as the semantics are.
#pragma once

#include "barrier_clocks.h"
#include "extents.h"
#include "register_shadow.h"
#include "sanitizer.h"

#include <unordered_set>

namespace soma::vgpu::SOMA_HOST_ISA {

class ThreadSanitizer final : public WaveSanitizer {
public:
    explicit ThreadSanitizer(LaunchSanitizer& launch) : launch_(launch) {}

    void beginGroup(const Workgroup& group) override;
    void run(Wave& wave) override;
    bool before(Wave& wave, const MicroOp& op, const OpFacts& facts, size_t index) override;
    void after(Wave& wave, const OpFacts& facts) override;

private:
    /// An access of a range of LDS that was right and brings nothing new, as long as no cell changes and all of it counts as
    /// written.
    struct KnownRange {
        size_t index = ~size_t(0);
        unsigned which = 0;
        uint64_t begin = 0;
        uint64_t end = 0;
        uint32_t epoch = 0;
        uint64_t change = 0;
        bool operator==(const KnownRange&) const = default;
    };
    /// What a load straight to LDS writes there, `bytes` by each lane.
    struct Arrival {
        static constexpr uint32_t kUnderWay = ~uint32_t(0);
        /// Of lane 0.
        uint64_t base = 0;
        unsigned bytes = 0;
        uint64_t lanes = 0;
        /// The load's place, and its number among the wave's (PendingLoads).
        size_t load = 0;
        uint32_t number = 0;
        /// The epochs of the load and of the wait for it.
        uint32_t issued = 0;
        uint32_t waited = kUnderWay;

        uint64_t begin() const { return base + uint64_t(std::countr_zero(lanes)) * bytes; }
        uint64_t end() const { return base + uint64_t(64 - std::countl_zero(lanes)) * bytes; }
        /// The first of these bytes that it writes.
        std::optional<uint64_t> firstOf(uint64_t from, uint64_t to) const {
            for (uint64_t at = std::max(from, begin()); at < std::min(to, end()); ++at) {
                if ((lanes >> ((at - base) / bytes) & 1) != 0) {
                    return at;
                }
            }
            return std::nullopt;
        }
    };
    /// An access of LDS that comes before what a load brings there.
    struct EarlyAccess {
        size_t index;
        bool writes;
        unsigned wave;
        int lane;
    };
    struct WaveState {
        explicit WaveState(unsigned lanes) : shadow(lanes) {}
        RegisterShadow shadow;
        PendingLoads pending;
        uint64_t firstExec = 0;
        /// How often it arrived at the workgroup's barrier, and the last one's place.
        uint32_t signals = 0;
        size_t barrier = 0;
        /// The resource of global wave sync that it comes from: it goes on behind all who came there.
        std::optional<unsigned> synchronised;
        /// Ranges of LDS that were looked at last, by the instruction's place.
        std::array<KnownRange, 16> known{};
        /// Loads straight to LDS that are under way, and those that came in a later epoch than they were issued in.
        std::vector<Arrival> arrivals;
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
        /// It reads or writes a register with bits that nobody wrote.
        bool undefined;
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
        /// Of what a load stores in LDS: where it comes from, or, where it comes late, what was under way.
        LaneAccess* source = nullptr;
        const Arrival* late = nullptr;

        void locate(const Step& step);
        void locate(const Arrival& arrival);
        void leaveOut(uint64_t lanes, unsigned bytes);
        const LaneAddresses& each(const Step& step);
    };

    struct LdsRules;
    struct GlobalRules;

    /// The instruction has to do with nothing that the wave's state is about.
    static bool idle(const WaveState& state, const QuickFacts& facts);
    /// The barrier that it arrives at; nothing where the operand names none.
    static std::optional<unsigned> barrierOf(const Wave& wave, const MicroOp& op, const OpFacts& facts);
    void checkWaits(const Step& step);
    void checkBarrier(const Step& step);
    void checkEnd(const Step& step);
    void checkBranch(const Step& step);
    void checkAddress(const Step& step);
    void reportUndefined(const Step& step, const char* decides, int lane, std::span<const RegisterRange> registers);
    bool checkScalarLoad(const Step& step);
    void checkMemory(const Step& step);
    KnownRange rangeOf(const Step& step, const LaneAccess& access) const;
    uint64_t outside(const Step& step, LaneAccess& access);
    void checkAlignment(const Step& step, LaneAccess& access);
    /// False where it brings what was not written.
    bool checkValues(const Step& step, LaneAccess& access);
    bool allWritten(const Step& step, const LaneAccess& access);
    bool load(const Step& step, LaneAccess& access);
    void store(const Step& step, LaneAccess& access);
    void storeUndefined(const Step& step, LaneAccess& access, RegisterRange range);
    void update(const Step& step, LaneAccess& access);
    /// The part in LDS of a load straight there; gives the lanes that must not run.
    uint64_t loadToLds(const Step& load, LaneAccess& from, uint64_t lanes);
    void copyToLds(const Step& load, LaneAccess& from, const LaneAccess& to);
    /// Accesses of what loads have yet to bring to LDS.
    void checkArrivals(const Step& step, LaneAccess& access);
    /// After a wait.
    void settleArrivals(const Step& step);
    /// The arrival behind a wave's cell at an address of LDS, if `other` comes behind the load but not behind the wait for it.
    const Arrival* lateArrival(unsigned wave, const AccessCell& cell, uint64_t address, unsigned other) const;
    /// When clocks begin anew.
    void forgetArrivals();
    void reportEarly(const Wave& wave, const EarlyAccess& access, const Arrival& arrival, unsigned loader, uint64_t address);
    void checkRaces(const Step& step, LaneAccess& access);
    /// Of an atomic access of global memory: who came before it in memory's order, and who learns of it.
    void meet(const Step& step, const LaneAccess& access);
    /// Acquires and releases what the instruction in progress accesses atomically.
    void synchronise(const OpFacts& facts);
    /// Lanes of a load of global memory that read what is not known to be read by all (ReadBlocks).
    uint64_t notYetRead(const Step& step, const LaneAccess& access) const;
    /// Of consecutive words, and which bytes of each.
    void raceInLds(const Step& step, LaneAccess& lanes, uint64_t word, uint64_t words, uint8_t bytes, unsigned lane);
    /// Whether a store gives a word of LDS other bytes than it has.
    bool changesLds(const Step& step, LaneAccess& access, uint64_t begin) const;
    /// The same of what a load stores.
    bool changesLds(const Step& step, LaneAccess& source, const LaneAddresses& to, uint64_t begin) const;
    void raceInGlobal(const Step& step, uint64_t word, uint64_t words, uint8_t bytes, unsigned lane);
    /// Are all accesses of LDS over for all waves?
    bool isLdsOver() const;
    void forgetLds();
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
    /// The arrays of cells one after the other, how many of them hold any of accesses that are not over, how many any at all, and the
    /// words of each.
    std::vector<AccessCell> ldsCells_;
    unsigned ldsUsed_ = 0;
    unsigned ldsFilled_ = 0;
    size_t ldsWords_ = 0;
    /// By wave: the epoch of the last access that is in a cell.
    std::array<uint32_t, BarrierClocks::kMostWaves> ldsEpochs_{};
    /// How often cells of LDS were written, or bytes there became such that count as not written.
    uint64_t ldsChanges_ = 0;
    /// How many loads straight to LDS are under way.
    size_t underWay_ = 0;
    BarrierClocks clocks_;
    Synchronisation::Group group_;
    /// What the instruction in progress accesses atomically (by no lanes: nothing), and how many entries there were before.
    struct Met {
        uint64_t lanes = 0;
        unsigned bytes = 0;
        /// Then it is [begin, end), else so many bytes at each lane's address.
        bool dense = false;
        uint64_t begin = 0;
        uint64_t end = 0;
        std::array<uint64_t, 64> at;

        template <class Body>
        void forEachWord(Body body) const {
            const auto words = [&](uint64_t first, uint64_t last) {
                for (uint64_t word = first / kCellBytes; word * kCellBytes < last; ++word) {
                    body(word * kCellBytes);
                }
            };
            if (dense) {
                words(begin, end);
            } else {
                forEachLane(lanes, [&](unsigned lane) { words(at[lane], at[lane] + bytes); });
            }
        }
    };
    Met met_;
    uint64_t entriesBefore_ = 0;
    std::unordered_set<uint32_t> ordered_;
    LastAllocations last_;
    uint64_t exec_ = 0;
    bool masked_ = false;
};

}  // namespace soma::vgpu::SOMA_HOST_ISA
