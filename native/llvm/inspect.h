#pragma once

#include <string>

namespace soma::llvm_addon {

/// The JSON of `CodeObjectInfo` in index.d.ts. Throws CodeObjectError.
std::string inspect(const std::string& codeObject);

}  // namespace soma::llvm_addon
