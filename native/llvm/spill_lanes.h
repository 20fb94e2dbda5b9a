#pragma once

namespace soma::llvm_addon {

/// From now on LLVM's AMDGPU back end keeps what it puts into lanes of registers for spilled scalars from one round of a
/// loop to the next. Call it once, when LLVM is initialised.
void keepSpillsAcrossRounds();

}  // namespace soma::llvm_addon
