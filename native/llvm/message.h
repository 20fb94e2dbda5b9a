// What LLVM says about a module, with the place in the source program that the IR's debug locations give.
#pragma once

#include <string>
#include <vector>

#include "spills.h"

namespace llvm {
class DiagnosticHandler;
}

namespace soma::llvm_addon {

struct Message {
    /// `error`, `warning`, `remark` or `note`.
    const char* severity = "error";
    std::string text = {};
    std::string file = {};
    /// From 1; 0 where the place is unknown.
    unsigned line = 0;
    /// From 1; 0 for the whole line.
    unsigned column = 0;
    /// Where it is about spilled vector registers: whose, how many, and the scheduler that does without, if one was taken.
    std::string kernel = {};
    unsigned spilled = 0;
    std::string scheduler = {};
};

using Messages = std::vector<Message>;

bool hasError(const Messages& messages);

void addError(Messages& messages, std::string text);

/// A handler that appends each of LLVM's diagnostics to `messages`, and what is about spills to `spills`; both must outlive
/// it. The caller owns it.
llvm::DiagnosticHandler* newMessageCollector(Messages& messages, SpillReport& spills);

}  // namespace soma::llvm_addon
