// Linking objects into a code object, with lld in this process.
#pragma once

#include <string>
#include <vector>

#include "message.h"
#include "stopwatch.h"

namespace soma::llvm_addon {

/// Links relocatable AMDGPU objects into a shared one, as clang does for amdgcn-amd-amdhsa. Returns the file's bytes,
/// or nothing with an error in `messages`. One link at a time in a process: lld keeps its state in globals.
std::string linkCodeObject(const std::vector<std::string>& objects, Messages& messages, Timings& timings);

}  // namespace soma::llvm_addon
