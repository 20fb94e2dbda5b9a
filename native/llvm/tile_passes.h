// LLVM's passes over the IR of what was a program of tiles.
#pragma once

#include "llvm/Passes/PassBuilder.h"

namespace soma::llvm_addon {

/// What was a program of tiles is long straight code, which compiler/emit marks.
bool isOfTiles(const llvm::Module& module);

/// Of LLVM's default pipeline the passes that find something in programs of tiles, each as often as it does.
llvm::ModulePassManager tilePasses(const llvm::Module& module, llvm::PassBuilder& builder);

}  // namespace soma::llvm_addon
