#pragma once

namespace soma::llvm_addon {

/// From now on LLVM's AMDGPU back end moves constants of 64 bits into scalar registers whole. Call it once, when LLVM is
/// initialised.
void moveWideConstantsWhole();

}  // namespace soma::llvm_addon
