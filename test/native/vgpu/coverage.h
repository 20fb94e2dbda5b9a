// What of a target's instructions is implemented.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace soma::vgpu::test {

/// Encodings of a mnemonic (VOP3, DPP, SDWA, …) that the virtual GPU runs, and that it does not.
struct Coverage {
    unsigned implemented = 0;
    unsigned missing = 0;
    /// One that it does not, in LLVM's syntax.
    std::string example;
};

/// By mnemonic without the suffix of its encoding. Without graphics' instructions.
std::map<std::string, Coverage> instructionCoverage(std::string_view target);

}  // namespace soma::vgpu::test
