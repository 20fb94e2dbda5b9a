#include "waits.h"

#include <algorithm>
#include <charconv>

namespace soma::vgpu {

namespace {

/// The number in `name(3)`.
std::optional<unsigned> countOf(std::string_view text, std::string_view name) {
    const size_t at = text.find(name);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    unsigned value = 0;
    const char* first = text.data() + at + name.size();
    return std::from_chars(first, text.data() + text.size(), value).ec == std::errc{} ? std::optional(value)
                                                                                      : std::nullopt;
}

void readWait(WaitFacts& facts, std::string_view mnemonic, std::string_view text, const Assembly& assembly) {
    const auto immediate = static_cast<unsigned>(assembly.operands.empty() ? 0 : assembly.operands.back().integer);
    constexpr unsigned kSecond = 0x3f;
    if (mnemonic == "s_waitcnt") {
        facts.vector = countOf(text, "vmcnt(");
        facts.lds = facts.scalar = countOf(text, "lgkmcnt(");
    } else if (mnemonic == "s_waitcnt_vmcnt" || mnemonic == "s_wait_loadcnt") {
        facts.vector = immediate;
    } else if (mnemonic == "s_waitcnt_lgkmcnt") {
        facts.lds = facts.scalar = immediate;
    } else if (mnemonic == "s_wait_dscnt") {
        facts.lds = immediate;
    } else if (mnemonic == "s_wait_kmcnt") {
        facts.scalar = immediate;
    } else if (mnemonic == "s_wait_loadcnt_dscnt") {
        facts.vector = immediate >> 8 & kSecond;
        facts.lds = immediate & kSecond;
    } else if (mnemonic == "s_wait_storecnt_dscnt") {
        facts.lds = immediate & kSecond;
    } else if (mnemonic == "s_wait_idle") {
        facts.vector = facts.lds = facts.scalar = 0;
    }
}

}  // namespace

WaitFacts waitFacts(const Target& target, std::string_view mnemonic, std::string_view text, const Assembly& assembly,
                    InstructionClass cls) {
    WaitFacts facts;
    if (cls == InstructionClass::Wait) {
        readWait(facts, mnemonic, text, assembly);
        return facts;
    }
    const bool stores = mnemonic.find("_store") != std::string_view::npos &&
                        mnemonic.find("storexchg") == std::string_view::npos &&
                        mnemonic.find("cmpstore") == std::string_view::npos;
    facts.returns = !stores;
    const bool atomic = cls == InstructionClass::VectorAtomic;
    const bool old = assembly.has("glc") || assembly.has("sc0") || assembly.has("th");
    // From gfx10 on what returns nothing has a counter of its own.
    const bool returns = !stores && (!atomic || old);
    const bool vector = !target.gfx10Plus() || returns;
    if (mnemonic.starts_with("flat_")) {
        facts.addsVector = vector;
        facts.addsLds = true;
    } else if (cls == InstructionClass::Lds) {
        facts.addsLds = true;
    } else if (cls == InstructionClass::ScalarMemory || mnemonic.starts_with("s_sendmsg_rtn")) {
        facts.addsScalar = true;
    } else if (cls == InstructionClass::VectorLoad || cls == InstructionClass::VectorStore || atomic ||
               cls == InstructionClass::Scratch) {
        facts.addsVector = vector;
    }
    return facts;
}

void PendingLoads::clear() {
    issued_ = done_ = Counts{};
    pending_.clear();
    any_ = false;
}

bool PendingLoads::isPending(unsigned reg) const {
    if (!pending_[reg]) {
        return false;
    }
    const Counts& numbers = loads_[reg].numbers;
    return numbers.vector > done_.vector || numbers.lds > done_.lds || numbers.scalar > done_.scalar;
}

bool PendingLoads::inOrder(unsigned reg, const WaitFacts& facts) const {
    const Counts& numbers = loads_[reg].numbers;
    return facts.returns && !facts.addsScalar && facts.addsVector == (numbers.vector != 0) &&
           facts.addsLds == (numbers.lds != 0) && numbers.scalar == 0;
}

std::optional<PendingLoads::Early> PendingLoads::check(const RegisterUse& use, const WaitFacts& facts) const {
    for (const RegisterRange& range : use.reads) {
        for (unsigned reg = range.first; reg < unsigned(range.first + range.count); ++reg) {
            // Loads into half of a register read its other half.
            const auto isTarget = [&](const RegisterRange& target) {
                return reg >= target.first && reg < unsigned(target.first + target.count);
            };
            if (isPending(reg) && !(inOrder(reg, facts) && std::ranges::any_of(use.writes, isTarget))) {
                return Early{reg, loads_[reg].loader};
            }
        }
    }
    for (const RegisterRange& range : use.writes) {
        for (unsigned reg = range.first; reg < unsigned(range.first + range.count); ++reg) {
            if (isPending(reg) && !inOrder(reg, facts)) {
                return Early{reg, loads_[reg].loader};
            }
        }
    }
    return std::nullopt;
}

void PendingLoads::execute(const RegisterUse& use, const WaitFacts& facts, size_t index) {
    const auto returned = [](uint32_t& done, uint32_t issued, std::optional<unsigned> left) {
        if (left) {
            done = std::max(done, issued - std::min(*left, issued));
        }
    };
    returned(done_.vector, issued_.vector, facts.vector);
    returned(done_.lds, issued_.lds, facts.lds);
    if (facts.scalar == 0u) {
        done_.scalar = issued_.scalar;
    }
    if (any_ && done_.vector == issued_.vector && done_.lds == issued_.lds && done_.scalar == issued_.scalar) {
        pending_.clear();
        any_ = false;
    }
    if (!facts.issues() && !any_) {
        return;
    }
    const bool loads = facts.issues() && facts.returns;
    any_ = any_ || loads;
    Load load;
    load.loader = index;
    load.numbers.vector = facts.addsVector ? ++issued_.vector : 0;
    load.numbers.lds = facts.addsLds ? ++issued_.lds : 0;
    load.numbers.scalar = facts.addsScalar ? ++issued_.scalar : 0;
    for (const RegisterRange& range : use.writes) {
        for (unsigned reg = range.first; reg < unsigned(range.first + range.count); ++reg) {
            pending_.set(reg, loads);
            if (loads) {
                loads_[reg] = load;
            }
        }
    }
}

}  // namespace soma::vgpu
