// The streams of all JavaScript threads: for what ends all of them, as the process does, and for what all of a device's have to wait for.
#pragma once

#include "worker.h"

namespace soma::hip {

/// From now on the worker is among them, and abandoned when the process exits.
void addWorker(const std::shared_ptr<Worker>& worker);

/// Waits for all streams of a device, of whichever JavaScript threads.
void drainDevice(const DeviceState& device);
/// Stops what is on all of them, where the device can do that.
void stopDevice(const DeviceState& device);

}  // namespace soma::hip
