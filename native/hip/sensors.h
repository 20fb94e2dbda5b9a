// What ROCm's system management library and its profiling library tell of a device.
#pragma once

#include <napi.h>

namespace soma::hip {

/// `readSensors(domain, bus, device, library?)`: an object of numbers, of which those are missing that the library doesn't know, and
/// of counters by name where some are counted (counters.h); undefined where neither library has a device at that PCI address.
Napi::Value readSensors(const Napi::CallbackInfo& info);

}  // namespace soma::hip
