// AMD's metadata notes in relocatable objects, which LLVM made: where they are, and several objects' as one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "llvm/ADT/StringRef.h"

namespace soma::llvm_addon {

struct MetadataNote {
    /// Where the header of the note's section is in the object.
    size_t sectionHeader;
    /// MessagePack.
    llvm::StringRef description;
};

/// Nothing where the bytes are no object or have no such note.
std::optional<MetadataNote> metadataNote(llvm::StringRef object);

/// A code object has one note with all of its kernels, and a linker would leave one of each object: the first object gets
/// a note with the kernels of all, in their order, and those of the others are excluded from the link.
void joinMetadata(std::vector<std::string>& objects);

}  // namespace soma::llvm_addon
