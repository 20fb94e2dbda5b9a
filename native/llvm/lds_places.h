#pragma once

namespace soma::llvm_addon {

/// Has AMDGPU's code generation of programs of tiles ask less about accesses to LDS; see lds_places.cpp.
void nameArraysOfLds();

}  // namespace soma::llvm_addon
