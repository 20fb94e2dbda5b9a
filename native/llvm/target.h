// The AMDGPU targets that this LLVM knows, and LLVM's one-time initialisation.
#pragma once

#include <string>
#include <vector>

#include "llvm/ADT/StringRef.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/TargetParser/Triple.h"

namespace soma::llvm_addon {

/// amdgcn-amd-amdhsa, the one triple of all code objects.
const llvm::Triple& targetTriple();

/// LLVM's AMDGPU back end; the first call, from any thread, initialises LLVM.
const llvm::Target& amdgpu();

/// All target names, such as `gfx1100`, in LLVM's order.
std::vector<std::string> targetNames();

bool isTargetName(llvm::StringRef name);

}  // namespace soma::llvm_addon
