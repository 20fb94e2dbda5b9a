#include "footprint.h"

#include <bit>
#include <cstddef>

namespace soma::vgpu {

void Footprint::merge(const Footprint& other) {
    for (const auto& [region, bits] : other.regions_) {
        Bits& own = regions_[region];
        for (std::size_t i = 0; i < bits.size(); ++i) {
            own[i] |= bits[i];
        }
    }
}

uint64_t Footprint::lines() const {
    uint64_t lines = 0;
    for (const auto& [region, bits] : regions_) {
        for (const uint64_t word : bits) {
            lines += static_cast<unsigned>(std::popcount(word));
        }
    }
    return lines;
}

}  // namespace soma::vgpu
