// A MessagePack reader for the metadata note: any bytes give a value or "damaged", never a crash, which LLVM's document
// reader does not promise. Format: github.com/msgpack/msgpack, spec.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace soma::vgpu {

struct PackedValue {
    /// What code objects hold. Floating-point numbers, binary data and extensions read as Nothing.
    enum class Kind { Nothing, Boolean, Unsigned, Text, List, Map };
    Kind kind = Kind::Nothing;
    bool boolean = false;
    uint64_t number = 0;
    std::string text;
    std::vector<PackedValue> list;
    /// Entries whose keys are texts; others are left out.
    std::vector<std::pair<std::string, PackedValue>> entries;

    /// Null where this is no map or has no such key.
    const PackedValue* find(std::string_view key) const;
};

std::optional<PackedValue> readMessagePack(std::span<const std::byte> bytes);

}  // namespace soma::vgpu
