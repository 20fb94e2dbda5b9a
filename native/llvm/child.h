// Work that LLVM may crash in. Its disassembler does on bytes that are no instructions (a literal that is cut off
// dereferences null: llvm/llvm-project issues 170318 and 214909; others run into llvm_unreachable, which a release
// build compiles to nothing). A code object may come from anywhere, so such work runs in a forked copy of the process,
// whose death is an error message here.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace soma::llvm_addon {

/// Runs `work` in a child process and returns what it returned. Throws CodeObjectError with the message of the
/// std::exception that it threw, or if the child crashed or took longer than it may; std::system_error if no child
/// can be made.
std::string runInChild(const std::function<std::string()>& work, std::chrono::seconds limit = std::chrono::seconds(60));

}  // namespace soma::llvm_addon
