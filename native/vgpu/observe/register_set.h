// Sets of registers (registers_of.h) as bits, and what an instruction reads or writes as a few masks of their words: whether
// an instruction has to do with any register of a set is known from one or two words.
#pragma once

#include "../decode/registers_of.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace soma::vgpu {

class RegisterSet {
public:
    static constexpr size_t kWords = (registers::kCount + 63) / 64;

    bool operator[](unsigned reg) const { return (words_[reg / 64] >> reg % 64 & 1) != 0; }
    void set(unsigned reg, bool in) {
        const uint64_t bit = uint64_t(1) << reg % 64;
        words_[reg / 64] = in ? words_[reg / 64] | bit : words_[reg / 64] & ~bit;
    }
    void clear() { words_.fill(0); }
    bool none() const {
        return std::all_of(words_.begin(), words_.end(), [](uint64_t word) { return word == 0; });
    }
    uint64_t word(size_t at) const { return words_[at]; }

private:
    std::array<uint64_t, kWords> words_{};
};

/// The registers of a use. `all`: more words than there is room for; then it is taken to touch every register.
struct RegisterMasks {
    static constexpr size_t kMost = 4;

    bool all = false;
    uint8_t count = 0;
    std::array<uint8_t, kMost> word{};
    std::array<uint64_t, kMost> mask{};

    RegisterMasks() = default;
    explicit RegisterMasks(const RegisterUse& use) {
        for (const auto* ranges : {&use.reads, &use.writes}) {
            for (const RegisterRange& range : *ranges) {
                for (unsigned i = 0; i < range.count; ++i) {
                    add(range.first + i);
                }
            }
        }
    }

    bool touches(const RegisterSet& set) const {
        uint64_t common = 0;
        for (size_t i = 0; i < count; ++i) {
            common |= set.word(word[i]) & mask[i];
        }
        return common != 0 || (all && !set.none());
    }

private:
    void add(unsigned reg) {
        size_t at = 0;
        while (at < count && word[at] != reg / 64) {
            ++at;
        }
        if (at == kMost) {
            all = true;
            return;
        }
        count = std::max<uint8_t>(count, static_cast<uint8_t>(at + 1));
        word[at] = static_cast<uint8_t>(reg / 64);
        mask[at] |= uint64_t(1) << reg % 64;
    }
};

}  // namespace soma::vgpu
