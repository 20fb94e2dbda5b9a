// Host memory that kernels may access: pinned, managed, registered, or another process's. Device and host see it under one address.
#pragma once

#include "context.h"

namespace soma::vgpu::hip {

/// Memory of this process that all devices import; null for size 0.
hipError_t allocateHost(void** pointer, size_t size, HostBlock::Kind kind, unsigned flags);
/// Waits for all devices, and frees what allocateHost gave. False where the address is not the beginning of such memory of
/// that kind. Runtime's `order` must be held.
bool freeHost(void* pointer, HostBlock::Kind kind);

/// Lets kernels of all devices access the host's memory, or no longer, after all devices' work. Runtime's `order` must be
/// held, as for the next.
void importEverywhere(void* memory, const HostBlock& block);
void releaseEverywhere(void* memory);
/// The block that holds an address; null where none does.
const std::pair<const uint64_t, HostBlock>* hostBlockOf(const void* pointer);

}  // namespace soma::vgpu::hip
