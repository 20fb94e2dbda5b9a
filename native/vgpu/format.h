// Text from values: llvm::formatv ("{0}", "{1:x}") as a string. (GCC 12 has no <format>.)
#pragma once

#include <llvm/Support/FormatVariadic.h>

#include <string>

namespace soma::vgpu {

template <class... Values>
std::string format(const char* pattern, const Values&... values) {
    return llvm::formatv(pattern, values...).str();
}

}  // namespace soma::vgpu
