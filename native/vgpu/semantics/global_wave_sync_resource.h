// Which resource of global wave sync an instruction means: M0[21:16] and its offset.
// Source: RDNA2 ISA, DS_GWS_INIT; LLVM's SIInstrInfo, which puts a resource that is not constant there.
#pragma once

#include "../execute/wave.h"

namespace soma::vgpu {

inline unsigned globalWaveSyncResource(const Wave& wave, const MicroOp& op) {
    return ((wave.sgpr[sgpr::kM0] >> 16) + static_cast<uint32_t>(op.imm)) % GlobalWaveSync::kResources;
}

}  // namespace soma::vgpu
