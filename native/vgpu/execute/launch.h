// One launch: its memory, and its workgroups over the host's cores. Workgroups start in order, so that of several that
// fault the first is always among those that ran: the report is the same on every run.
#pragma once

#include "../device.h"
#include "worker_pool.h"

namespace soma::vgpu {

struct LaunchResult {
    Counters counters;
    std::optional<Fault> fault;
};

/// `dispatch` must have passed the device's checks.
LaunchResult runLaunch(Device& device, WorkerPool& pool, const Limits& limits, const Dispatch& dispatch);

}  // namespace soma::vgpu
