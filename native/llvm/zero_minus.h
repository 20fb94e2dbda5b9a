#pragma once

namespace llvm {
class Module;
}

namespace soma::llvm_addon {

/// Keeps `0.0 - x` a difference, which LLVM's AMDGPU back end takes for `-x`. For modules after LLVM's own passes over the
/// IR.
void keepZeroMinus(llvm::Module& module);

}  // namespace soma::llvm_addon
