// The targets that this LLVM knows, by back end, and LLVM's one-time initialisation.
#pragma once

#include <string>
#include <vector>

#include "llvm/ADT/StringRef.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/TargetParser/Triple.h"

namespace soma::llvm_addon {

struct Backend {
    /// Of every module that is compiled for it.
    llvm::Triple triple;
    const llvm::Target& target;
};

// The first call of either, from any thread, initialises LLVM.
/// amdgcn-amd-amdhsa.
const Backend& amdgpu();
/// nvptx64-nvidia-cuda.
const Backend& nvptx();

/// The back end of a target, which `isTargetName`.
const Backend& backendOf(llvm::StringRef target);

/// Features, in LLVM's words, that code for a target is made with beside what LLVM takes for granted there.
const char* featuresOf(llvm::StringRef target);

/// All target names, such as `gfx1100` and `sm_90`, in LLVM's order.
std::vector<std::string> targetNames();

bool isTargetName(llvm::StringRef name);

}  // namespace soma::llvm_addon
