#pragma once

namespace llvm {
class Module;
}

namespace soma::llvm_addon {

/// Keeps the signs of zeros that LLVM's AMDGPU back end loses: `0.0 - x` a difference, and a product that becomes a half a
/// product. For modules after LLVM's own passes over the IR.
void keepSignedZeros(llvm::Module& module);

}  // namespace soma::llvm_addon
