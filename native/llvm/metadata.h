// AMD's metadata as a tree: the MessagePack of the NT_AMDGPU_METADATA note (LLVM's AMDGPU guide, "Code Object
// Metadata"), read with checks, since a code object may come from anywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "llvm/ADT/StringRef.h"

namespace soma::llvm_addon {

/// What is wrong with a code object, in words for its user.
class CodeObjectError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Metadata {
public:
    /// Throws CodeObjectError if the bytes are not one well-formed MessagePack map.
    static Metadata parse(llvm::StringRef bytes);

    // Each names the key in its CodeObjectError if the value is missing or of another type.
    uint64_t unsignedAt(llvm::StringRef key) const;
    std::string stringAt(llvm::StringRef key) const;
    const std::vector<Metadata>& arrayAt(llvm::StringRef key) const;

    // Nothing where the key is missing; of another type is still an error.
    std::optional<uint64_t> optionalUnsigned(llvm::StringRef key) const;
    std::optional<std::string> optionalString(llvm::StringRef key) const;
    bool flag(llvm::StringRef key) const;
    /// Null where the key is missing.
    const std::vector<Metadata>* optionalArray(llvm::StringRef key) const;

    /// This node as a number (an element of an array).
    uint64_t asUnsigned() const;

private:
    friend class MetadataReader;
    enum class Kind { Other, Unsigned, Boolean, String, Array, Map };

    const Metadata* find(llvm::StringRef key) const;
    const Metadata& require(llvm::StringRef key, Kind kind, const char* name) const;
    const Metadata* allow(llvm::StringRef key, Kind kind, const char* name) const;

    Kind kind = Kind::Other;
    uint64_t number = 0;
    std::string text;
    /// An array's elements, or a map's values.
    std::vector<Metadata> items;
    /// A map's keys; those that are not strings are empty.
    std::vector<std::string> keys;
};

}  // namespace soma::llvm_addon
