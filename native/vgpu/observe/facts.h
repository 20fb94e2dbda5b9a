// What observers (profile, sanitizer, trace) know of each micro-operation before it runs: read once from LLVM's text of
// the instruction, beside the code image and in its order. The fast path never looks here.
#pragma once

#include "../decode/code_image.h"
#include "register_set.h"
#include "shadow_rules.h"
#include "waits.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace soma::vgpu {

/// How an instruction touches memory.
enum class Touch : uint8_t { None, Load, Store, Atomic };

struct OpFacts {
    /// As RDNA3 names it, of a dual-issue half the instruction that it stands for.
    std::string mnemonic;
    /// Vector memory: bytes of one access of one lane, and how many accesses a lane makes (2 for ds_load_2addr).
    Touch touch = Touch::None;
    uint8_t bytes = 0;
    uint8_t accesses = 0;
    /// Of two accesses: bytes that one unit of their offsets means.
    uint16_t unit = 1;
    /// Of elements smaller than a register: loads extend their sign; they go to, or come from, half a register.
    bool signExtends = false;
    bool half = false;
    bool upperHalf = false;
    /// Atomics whose result does not depend on what was there.
    bool exchanges = false;
    /// Scalar loads: bytes in all.
    uint8_t scalarBytes = 0;
    /// Floating-point operations of one lane, and of the whole wave (matrix instructions).
    uint8_t laneFlops = 0;
    uint32_t waveFlops = 0;
    /// May turn lanes off.
    bool writesExec = false;
    bool conditionalBranch = false;
    bool vector = false;
    /// A barrier's arrival: s_barrier, or the signal of a split one; and where a wave waits for the others. `named`: of a
    /// wait, the one that the wave has joined; of a signal, maybe one that some waves join: the operand says.
    bool arrives = false;
    bool meets = false;
    bool named = false;
    /// Orders workgroups by a resource of global wave sync.
    bool globalWaveSync = false;
    /// Ends the wave.
    bool ends = false;
    /// Other workgroups see the access in the order of the device's memory: an atomic, or a load or store of device scope.
    bool coherent = false;
    /// Of a load from memory straight to LDS: what it stores there.
    std::unique_ptr<OpFacts> toLds;
    /// Of two accesses one behind the other, to registers that follow each other: the same as one access.
    std::unique_ptr<OpFacts> joined;
    RegisterUse registers;
    WaitFacts waits;
    /// How the instruction passes on that bits were never written.
    ShadowRule shadow;
    Signature signature;
};

/// What decides whether the sanitizer has anything to do: small, so that the facts of a loop stay in the host's caches.
struct QuickFacts {
    /// Neither memory nor waits, barriers or the end of a wave.
    bool plain = false;
    RegisterMasks registers;
};

class CodeFacts {
public:
    CodeFacts(const Target& target, const CodeImage& image);

    const OpFacts& of(const MicroOp& op) const { return facts_[image_.indexOf(op)]; }

    /// Bytes of one access of one lane, neighbouring ones taken together.
    unsigned joinedBytes(size_t index) const {
        const OpFacts& facts = facts_[index];
        return facts.joined ? facts.joined->bytes : facts.bytes;
    }
    /// The same in LDS.
    unsigned ldsBytes(size_t index) const {
        const OpFacts& facts = facts_[index];
        return facts.toLds ? facts.toLds->bytes : joinedBytes(index);
    }
    std::span<const OpFacts> all() const { return facts_; }
    std::span<const QuickFacts> quick() const { return quick_; }

private:
    const CodeImage& image_;
    std::vector<OpFacts> facts_;
    std::vector<QuickFacts> quick_;
};

}  // namespace soma::vgpu
