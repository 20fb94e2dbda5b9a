// The addresses of a vector memory instruction, before it runs: what observers look at. Nothing is checked here.
// Sources as in semantics/addresses.cpp, which computes them for execution.
#pragma once

#include "facts.h"
#include "../execute/wave.h"

#include <optional>

namespace soma::vgpu {

/// One access of each active lane. Lanes of a buffer access that its descriptor leaves out are in no set.
struct LaneAddresses {
    uint64_t global = 0;
    uint64_t lds = 0;
    uint64_t scratch = 0;
    /// Device addresses; LDS and scratch: byte offsets.
    std::array<uint64_t, 64> at;

    uint64_t lanes() const { return global | lds | scratch; }
};

/// `which`: the first or second access of an instruction that makes two.
void addressesOf(const Wave& wave, const MicroOp& op, const OpFacts& facts, unsigned which, LaneAddresses& out);

/// Where the accesses of some lanes lie. `dense`: consecutive lanes access consecutive memory.
struct Extent {
    uint64_t begin = 0;
    uint64_t end = 0;
    /// All bits that any of the addresses has.
    uint64_t bits = 0;
    bool dense = false;
};
Extent extentOf(const LaneAddresses& addresses, uint64_t lanes, unsigned bytes);
/// Lanes without those that access what a neighbour does, or the lane 16 before (as in products of tiles).
uint64_t distinctLanes(const LaneAddresses& addresses, uint64_t lanes);
/// Of an instruction whose lanes access consecutive memory of one space, without the addresses of each; nothing where that
/// is not seen at once.
std::optional<Extent> denseExtentOf(const Wave& wave, const MicroOp& op, const OpFacts& facts, unsigned which);

/// The device address of a scalar load.
uint64_t scalarAddressOf(const Wave& wave, const MicroOp& op, const OpFacts& facts);

/// Calls `body(lane)` for each set bit.
template <class Body>
void forEachLane(uint64_t lanes, Body body) {
    for (; lanes != 0; lanes &= lanes - 1) {
        body(static_cast<unsigned>(std::countr_zero(lanes)));
    }
}

}  // namespace soma::vgpu
