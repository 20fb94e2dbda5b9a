#pragma once

namespace llvm {
class Module;
}

namespace soma::llvm_addon {

/// Rewrites what LLVM 22's AMDGPU back end compiles wrongly: a 64-bit `or` of which one half is known to be all ones.
/// For optimised modules, after LLVM's own passes over the IR.
void separateKnownOnes(llvm::Module& module);

}  // namespace soma::llvm_addon
