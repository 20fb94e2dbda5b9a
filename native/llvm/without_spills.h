// Compiling kernels that have more values than vector registers: by another of LLVM's schedulers, where one does without spills.
#pragma once

#include <string>

#include "generate.h"
#include "message.h"
#include "stopwatch.h"

namespace soma::llvm_addon {

/// What one module became.
struct Compiled {
    /// They count only if there is no error in `messages`.
    std::string bytes;
    Messages messages;
};

/// Everything up to the linker. Kernels that keep vector registers in memory are compiled by another scheduler, where one
/// does without, and a message says what came of it.
Compiled compileWithoutSpills(const std::string& ir, const GenerateOptions& options, Timings& timings);

}  // namespace soma::llvm_addon
