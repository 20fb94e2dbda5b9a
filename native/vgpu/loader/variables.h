// Variables of a source program and where they lie, from a code object's DWARF. Code that is not optimised keeps each in
// private memory at a fixed place of its function's frame; others are not there.
// Sources: DWARF 5, sections 2.6 and 3.3.5; LLVM's AMDGPU user guide, "Register Identifier" and "Address Space Identifier".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class DWARFContext;
}

namespace soma::vgpu {

struct SourceVariable {
    enum class Kind : uint8_t { Signed, Unsigned, Float, Boolean, Pointer };

    std::string name;
    /// Of an element, in the source's words; and how many there are, of vectors and arrays.
    std::string type;
    Kind kind = Kind::Unsigned;
    unsigned bytes = 0;
    unsigned count = 1;
    /// Bytes from the frame's start, and the scalar register that says where that is; none: at 0.
    uint64_t offset = 0;
    std::optional<unsigned> frame{};
};

/// Those in scope at an address of the code, which is of a line of the source, outermost first: parameters, and what is declared
/// before that line; of functions that this is inlined into, before the call.
std::vector<SourceVariable> variablesAt(llvm::DWARFContext& dwarf, uint64_t address, unsigned line);

}  // namespace soma::vgpu
