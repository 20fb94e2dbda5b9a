// What packed instructions select and negate: op_sel picks the half that the low operation reads, op_sel_hi the one for the
// high operation; neg_lo and neg_hi negate them. All four are in MicroOp::aux, four bits for each source (see bindPacked).
#pragma once

#include "../execute/micro_op.h"

namespace soma::vgpu {

constexpr uint32_t kSelectLow = 1;
constexpr uint32_t kSelectHigh = 2;
constexpr uint32_t kNegateLow = 4;
constexpr uint32_t kNegateHigh = 8;

inline uint32_t sourceFlags(const MicroOp& op, unsigned source) { return op.aux >> (source * 4) & 15; }

}  // namespace soma::vgpu
