#pragma once

namespace llvm {
class Module;
}

namespace soma::llvm_addon {

/// Computes before a loop what its divisions of 64 bits need of a divisor that stays the same in it. For modules of the
/// AMDGPU back end, after LLVM's own passes over the IR.
void hoistReciprocals(llvm::Module& module);

}  // namespace soma::llvm_addon
