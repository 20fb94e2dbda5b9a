// Host memory that kernels may access: pinned, managed, registered. Device and host see it under one address.
#pragma once

#include "context.h"

namespace soma::vgpu::hip {

/// Memory of this process that all devices import; null for size 0.
hipError_t allocateHost(void** pointer, size_t size, HostBlock::Kind kind, unsigned flags);
/// Waits for all devices, and frees what allocateHost gave. False where the address is not the beginning of such memory of
/// that kind. Runtime's `order` must be held.
bool freeHost(void* pointer, HostBlock::Kind kind);

}  // namespace soma::vgpu::hip
