#pragma once

#include <string>

namespace soma::llvm_addon {

/// The JSON of `Disassembly` in index.d.ts. Throws CodeObjectError.
std::string disassemble(const std::string& codeObject);

}  // namespace soma::llvm_addon
