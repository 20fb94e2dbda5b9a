// Generic processors: what code runs on every processor of a family. Source: LLVM's AMDGPU user guide, "Generic processors".
#pragma once

#include "../target.h"

namespace soma::vgpu {

struct GenericProcessor {
    /// Such as `gfx11-generic`.
    std::string_view name;
    /// EF_AMDGPU_MACH of its code objects.
    uint32_t machine;
};

/// The one whose code a target runs beside its own; null where there is none.
const GenericProcessor* genericOf(const Target& target);
/// Null for any other machine.
const GenericProcessor* findGeneric(uint32_t machine);

}  // namespace soma::vgpu
