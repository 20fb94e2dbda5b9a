// Where loads from global memory straight to LDS write: a lane's value goes to
//     LDS base + M0 + the instruction's offset + lane · size, of at least four bytes.
// Source: CDNA3 and CDNA4 ISA, "Memory Buffer Load to LDS" and GLOBAL_LOAD_LDS_*; LLVM's AMDGPU user guide on
// llvm.amdgcn.global.load.lds, whose offset counts on both sides.
#pragma once

#include "../execute/wave.h"

namespace soma::vgpu {

/// Of lane 0.
inline uint64_t directLdsBase(const Wave& wave, const MicroOp& op) {
    return (wave.sgpr[sgpr::kM0] & 0xffff) + static_cast<uint64_t>(op.imm);
}

}  // namespace soma::vgpu
