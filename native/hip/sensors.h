// What ROCm's system management library tells of a device.
#pragma once

#include <napi.h>

namespace soma::hip {

/// `readSensors(domain, bus, device, library?)`: an object of numbers, of which those are missing that the library doesn't know;
/// undefined where there is no library, or none that has a device at that PCI address.
Napi::Value readSensors(const Napi::CallbackInfo& info);

}  // namespace soma::hip
