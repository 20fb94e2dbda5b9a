// From LLVM IR text to assembly, a code object, or optimised IR: one call a job.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "message.h"
#include "stopwatch.h"

namespace soma::llvm_addon {

enum class Output { Assembly, CodeObject, Ir };

struct GenerateOptions {
    std::string target;
    /// 0 to 3.
    unsigned optimisation;
    Output output;
};

struct GenerateResult {
    /// Nothing when a message is an error.
    std::optional<std::string> output;
    Messages messages;
    /// What each step took, in order.
    Timings timings;
};

/// Blocks until done; safe from any number of threads. Modules, of which there is at least one, become one code object, and are
/// compiled at the same time; other outputs are of one module. The same input gives the same bytes.
GenerateResult generate(const std::vector<std::string>& modules, const GenerateOptions& options);

}  // namespace soma::llvm_addon
