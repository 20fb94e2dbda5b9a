// Runs the waves of one workgroup on the calling thread: each until it ends, waits at a barrier, or has had its share.
#pragma once

#include "wave.h"

namespace soma::vgpu {

enum class Round {
    /// All waves have ended, or one has faulted (`group.fault`).
    Over,
    GoesOn,
    /// Each waits for waves of other workgroups.
    Waits,
};

/// A turn of each wave.
Round runRound(Workgroup& group);
/// Nothing will ever release what a waiting workgroup waits for.
void raiseStuck(Workgroup& group);

}  // namespace soma::vgpu
