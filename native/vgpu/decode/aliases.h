// Older targets' mnemonics for instructions that RDNA3 renamed. LLVM's AMDGPU instruction syntax for each target.
#pragma once

#include <string>
#include <string_view>

namespace soma::vgpu {

/// The mnemonic's RDNA3 name, or the mnemonic itself.
std::string modernName(std::string_view mnemonic);

/// Whether a 16-bit result of that instruction of gfx9, under the name that gfx9 has for it, leaves the upper half of its
/// register alone.
bool keepsUpperHalf(std::string_view mnemonic);

}  // namespace soma::vgpu
