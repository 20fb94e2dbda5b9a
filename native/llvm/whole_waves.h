#pragma once

namespace soma::llvm_addon {

/// From now on LLVM's AMDGPU back end computes what lanes hand to each other in registers that hold nothing else. Call it
/// once, when LLVM is initialised.
void keepWholeWavesApart();

}  // namespace soma::llvm_addon
