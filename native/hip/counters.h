// Counters of AMD GPUs through ROCm's profiling library.
#pragma once

#include <napi.h>

#include <cstdint>
#include <map>
#include <string>

namespace soma::hip {

/// `prepareCounters(library?)`: registers with the library; false where there is none, or HIP is in use already. To be called
/// before HIP's library is opened.
Napi::Value prepareCounters(const Napi::CallbackInfo& info);

/// `startCounters(domain, bus, device, names)`: counts these on the device at that PCI address from now on, and nothing else. Gives
/// the names of what the device can't count, and counts nothing then; undefined where nothing was prepared, or the library doesn't
/// have the device.
Napi::Value startCounters(const Napi::CallbackInfo& info);

/// What was counted since then, over all parts of the device; empty where nothing is counted.
std::map<std::string, double> readCounters(uint64_t domain, uint64_t bus, uint64_t device);

}  // namespace soma::hip
