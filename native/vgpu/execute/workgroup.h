// Runs the waves of one workgroup on the calling thread: each until it ends, waits at a barrier, or has had its share.
#pragma once

#include "wave.h"

namespace soma::vgpu {

/// Until all waves have ended or one has faulted (`group.fault`).
void runWorkgroup(Workgroup& group);

}  // namespace soma::vgpu
