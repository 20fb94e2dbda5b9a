// Which loads are under way. Hardware returns values some time after a load, and a wave says with s_waitcnt (from gfx12 on
// s_wait_loadcnt and its kind) how many may still be under way. Here a load is done at once; this keeps account of what a
// GPU could have under way, to find registers that are used too early.
// Sources: RDNA3 and RDNA4 ISA, "Data Dependency Resolution"; LLVM's SIInsertWaitcnts for which counter counts what.
// Vector and LDS accesses return in order, scalar ones in any; flat ones count as both vector and LDS accesses.
#pragma once

#include "../decode/assembly.h"
#include "../decode/registers_of.h"
#include "../device.h"
#include "register_set.h"

#include <array>
#include <optional>

namespace soma::vgpu {

struct WaitFacts {
    /// The counters that it adds to.
    bool addsVector = false;
    bool addsLds = false;
    bool addsScalar = false;
    /// What it writes arrives later.
    bool returns = false;
    /// Of a wait: how many of each kind may still be under way.
    std::optional<unsigned> vector;
    std::optional<unsigned> lds;
    std::optional<unsigned> scalar;

    bool issues() const { return addsVector || addsLds || addsScalar; }
};

WaitFacts waitFacts(const Target& target, std::string_view mnemonic, std::string_view text, const Assembly& assembly,
                    InstructionClass cls);

/// Of one wave.
class PendingLoads {
public:
    void clear();
    /// Registers that loads under way write; of some the load may have returned.
    const RegisterSet& pending() const { return pending_; }
    /// The first register that the instruction uses too early, and the instruction (by index) that loads it.
    struct Early {
        unsigned reg;
        size_t loader;
    };
    std::optional<Early> check(const RegisterUse& use, const WaitFacts& facts) const;
    void execute(const RegisterUse& use, const WaitFacts& facts, size_t index);
    /// The number of the last vector load, and whether the wave has waited for one.
    uint32_t lastVector() const { return issued_.vector; }
    bool vectorReturned(uint32_t number) const { return number <= done_.vector; }

private:
    /// How many were issued, or are known to have returned, of each kind; of a load: its numbers, 0 for kinds it is not.
    struct Counts {
        uint32_t vector = 0;
        uint32_t lds = 0;
        uint32_t scalar = 0;
    };
    struct Load {
        Counts numbers;
        size_t loader = 0;
    };
    bool isPending(unsigned reg) const;
    /// Loads of one kind into the same register need no wait between them: they return in order.
    bool inOrder(unsigned reg, const WaitFacts& facts) const;

    Counts issued_;
    Counts done_;
    RegisterSet pending_;
    /// False: the set is empty.
    bool any_ = false;
    std::array<Load, registers::kCount> loads_{};
};

}  // namespace soma::vgpu
