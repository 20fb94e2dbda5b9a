// Loading code objects and offload bundles, and the handles of their kernels.
#pragma once

#include "context.h"

#include <span>

namespace soma::vgpu::hip {

/// A code object, or the entry of a bundle that suits the device. Null with `failure` set.
std::shared_ptr<LoadedModule> loadModule(const std::shared_ptr<VirtualDevice>& device, std::span<const std::byte> bytes,
                                         Failure& failure);

/// The handle of a kernel, the same each time; null where the module has none of that name.
hipFunction_t functionOf(const std::shared_ptr<LoadedModule>& module, std::string_view name);

}  // namespace soma::vgpu::hip
