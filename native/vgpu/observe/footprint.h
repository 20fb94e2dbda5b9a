// The set of 128-byte lines that a launch touched in global memory: 128 bytes are a line of the L2 cache on every target
// here (RDNA whitepaper, "Cache hierarchy"; CDNA 2 and 3 whitepapers, "L2 cache").
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

namespace soma::vgpu {

class Footprint {
public:
    static constexpr uint64_t kLine = 128;

    void touch(uint64_t address, uint64_t bytes) {
        const uint64_t last = (address + bytes - 1) / kLine;
        for (uint64_t line = address / kLine; line <= last; ++line) {
            if (line / kRegion != region_ || bits_ == nullptr) {
                region_ = line / kRegion;
                bits_ = &regions_[region_];
            }
            (*bits_)[line % kRegion / 64] |= uint64_t(1) << line % 64;
        }
    }
    void merge(const Footprint& other);
    uint64_t lines() const;

private:
    static constexpr uint64_t kRegion = 512;
    using Bits = std::array<uint64_t, kRegion / 64>;

    std::unordered_map<uint64_t, Bits> regions_;
    uint64_t region_ = 0;
    Bits* bits_ = nullptr;
};

}  // namespace soma::vgpu
