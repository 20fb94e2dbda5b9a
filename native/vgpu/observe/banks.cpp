#include "banks.h"

#include <algorithm>

namespace soma::vgpu {

namespace {

constexpr unsigned kMostBanks = 64;
constexpr unsigned kWord = 4;

/// The lane at a place of the order in which phases take them. CDNA's 16-byte reads pair distant lanes in groups of four:
/// 0-3 with 20-23, 4-7 with 16-19, 8-11 with 28-31, 12-15 with 24-27.
unsigned laneAt(bool paired, unsigned place) {
    if (!paired) {
        return place;
    }
    constexpr unsigned kGroups[] = {0, 5, 1, 4, 2, 7, 3, 6};
    return place / 32 * 32 + kGroups[place % 32 / 4] * 4 + place % 4;
}

}  // namespace

unsigned ldsBanks(const Target& target) { return target.isa == IsaClass::Gfx950 ? 64 : 32; }

BankCycles bankCycles(const Target& target, const LaneAddresses& addresses, unsigned lanes, unsigned bytes,
                      Touch touch) {
    const unsigned banks = ldsBanks(target);
    const unsigned words = std::max(1u, (bytes + kWord - 1) / kWord);
    unsigned perPhase = 1;
    while (perPhase * 2 * words <= banks && perPhase < 32) {
        perPhase *= 2;
    }
    const bool paired = target.gfx9() && banks == 32 && bytes == 16 && touch == Touch::Load;
    BankCycles result;
    for (unsigned first = 0; first < lanes; first += perPhase) {
        std::array<uint64_t, kMostBanks * 32> seen;
        std::array<uint8_t, kMostBanks> count{};
        unsigned busiest = 0;
        for (unsigned place = first; place < first + perPhase; ++place) {
            const unsigned lane = laneAt(paired, place);
            if ((addresses.lds >> lane & 1) == 0) {
                continue;
            }
            const uint64_t begin = addresses.at[lane] / kWord;
            const uint64_t end = (addresses.at[lane] + bytes - 1) / kWord;
            for (uint64_t word = begin; word <= end; ++word) {
                const unsigned bank = static_cast<unsigned>(word % banks);
                uint64_t* const begun = seen.data() + size_t(bank) * 32;
                if (count[bank] < 32 && std::find(begun, begun + count[bank], word) == begun + count[bank]) {
                    begun[count[bank]++] = word;
                    busiest = std::max<unsigned>(busiest, count[bank]);
                }
            }
        }
        result.cycles += busiest;
        result.conflicts += busiest > 1 ? busiest - 1 : 0;
    }
    return result;
}

}  // namespace soma::vgpu
