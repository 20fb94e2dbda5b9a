// Where the accesses of an instruction's lanes lie together: mostly they are consecutive, which is seen at once.
#pragma once

#include "addresses.h"

namespace soma::vgpu::SOMA_HOST_ISA {

/// Where the accesses of some lanes lie. `dense`: consecutive lanes access consecutive memory.
struct Extent {
    uint64_t begin = 0;
    uint64_t end = 0;
    /// All bits that any of the addresses has.
    uint64_t bits = 0;
    bool dense = false;

    void clear() {
        begin = end = bits = 0;
        dense = false;
    }
};
Extent extentOf(const LaneAddresses& addresses, uint64_t lanes, unsigned bytes);
/// Lanes without those that access what a neighbour does, or the lane 16 before (as in products of tiles).
uint64_t distinctLanes(const LaneAddresses& addresses, uint64_t lanes);
/// Of an instruction whose lanes access consecutive memory of one space, without the addresses of each; false where that is
/// not seen at once.
bool denseExtentOf(const Wave& wave, const MicroOp& op, const OpFacts& facts, unsigned which, Extent& out);

}  // namespace soma::vgpu::SOMA_HOST_ISA
