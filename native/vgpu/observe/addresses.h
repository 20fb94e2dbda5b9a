// The addresses of a vector memory instruction, before it runs: what observers look at. Nothing is checked here.
// Sources as in semantics/addresses.cpp, which computes them for execution.
#pragma once

#include "facts.h"
#include "../execute/wave.h"

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

/// A scalar operand's value, 0 where there is none.
inline uint64_t scalarOperand(const Wave& wave, const Source& source, bool wide) {
    switch (source.kind) {
    case Source::Kind::Sgpr:
        return wide ? wave.read64(source.reg) : wave.sgpr[source.reg];
    case Source::Kind::Constant:
        return source.value;
    default:
        return 0;
    }
}

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
