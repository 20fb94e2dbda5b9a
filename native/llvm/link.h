// Linking one object into a code object, with lld in this process.
#pragma once

#include <string>

#include "llvm/ADT/StringRef.h"
#include "message.h"
#include "stopwatch.h"

namespace soma::llvm_addon {

/// Links a relocatable AMDGPU object into a shared one, as clang does for amdgcn-amd-amdhsa. Returns the file's bytes,
/// or nothing with an error in `messages`. One link at a time in a process: lld keeps its state in globals.
std::string linkCodeObject(llvm::StringRef object, Messages& messages, Timings& timings);

}  // namespace soma::llvm_addon
