#pragma once

namespace llvm {
class Module;
}

namespace soma::llvm_addon {

/// Hides from LLVM 22's AMDGPU back end that a dividend is small, where its short division would be wrong. For modules
/// after LLVM's own passes over the IR, at the `level` that they are compiled at.
void hideSmallDividends(llvm::Module& module, unsigned level);

}  // namespace soma::llvm_addon
