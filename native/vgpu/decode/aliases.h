// Older targets' mnemonics for instructions that RDNA3 renamed. LLVM's AMDGPU instruction syntax for each target.
#pragma once

#include <string>
#include <string_view>

namespace soma::vgpu {

/// The mnemonic's RDNA3 name, or the mnemonic itself.
std::string modernName(std::string_view mnemonic);

}  // namespace soma::vgpu
