// Of one wave: which bits of its registers come from memory that nobody wrote. Registers themselves count as written when
// a wave starts. An instruction none of whose registers has such bits costs a test of a few bits.
#pragma once

#include "addresses.h"
#include "register_set.h"

namespace soma::vgpu {

class RegisterShadow {
public:
    explicit RegisterShadow(unsigned lanes) : lanes_(lanes) {}

    void clear() { any_.clear(); }
    /// Registers with such bits.
    const RegisterSet& undefined() const { return any_; }
    bool any(std::span<const RegisterRange> ranges) const {
        for (const RegisterRange& range : ranges) {
            for (unsigned i = 0; i < range.count; ++i) {
                if (any_[range.first + i]) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Undefined bits of a vector register in a lane, of a scalar one, and of SCC (0 or 1).
    uint32_t vector(unsigned reg, unsigned lane) const { return any_[reg] ? rows_[reg * lanes_ + lane] : 0; }
    uint32_t scalar(unsigned reg) const {
        return any_[registers::kScalar + reg] ? scalars_[reg] : 0;
    }
    bool scc() const { return any_[registers::kScc]; }
    /// Lanes whose value was computed from undefined bits, rather than copied.
    uint64_t computed(unsigned reg) const { return any_[reg] ? computed_[reg] : 0; }
    /// The micro-operation that loaded what is undefined in one of these.
    size_t origin(std::span<const RegisterRange> ranges) const;

    void setVector(unsigned reg, unsigned lane, uint32_t bits, bool computed, size_t origin);
    void setScalar(unsigned reg, uint32_t bits, size_t origin);
    /// The lanes' bits count as written.
    void define(unsigned reg, uint64_t lanes);

    /// Passes on what an instruction that is about to run makes of its sources. Memory instructions set their own results.
    void propagate(Wave& wave, const MicroOp& op, const OpFacts& facts);

private:
    uint64_t sourceBits(const Wave& wave, const MicroOp& op, const OpFacts& facts, unsigned source,
                        unsigned lane) const;
    uint64_t combine(const Wave& wave, const MicroOp& op, const OpFacts& facts, unsigned lane) const;
    bool move(Wave& wave, const MicroOp& op, const OpFacts& facts, size_t origin);
    void defineAll(const Wave& wave, const OpFacts& facts);
    void setScc(bool undefined, size_t origin);
    uint32_t* row(unsigned reg);

    unsigned lanes_;
    RegisterSet any_;
    std::vector<uint32_t> rows_ = std::vector<uint32_t>(registers::kScalar * lanes_);
    std::array<uint32_t, sgpr::kCount> scalars_{};
    std::array<uint64_t, registers::kCount> computed_{};
    std::array<size_t, registers::kCount> origins_{};
};

}  // namespace soma::vgpu
