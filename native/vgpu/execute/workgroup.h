// Runs the waves of one workgroup on the calling thread: each until it ends, waits at a barrier, or has had its share.
#pragma once

#include "wave.h"

namespace soma::vgpu {

/// A turn of each wave; false when all have ended or one has faulted (`group.fault`).
bool runRound(Workgroup& group);

}  // namespace soma::vgpu
