// Source places of code addresses, and variables there, from a code object's DWARF.
#pragma once

#include "variables.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace soma::vgpu {

struct SourcePlace {
    std::string file;
    unsigned line = 0;
    unsigned column = 0;
};

class LineTable {
public:
    /// `image` is the ELF file and must outlive the table. Without debug information every look-up is empty.
    explicit LineTable(std::span<const std::byte> image);
    ~LineTable();

    /// `offset` is an address as the ELF file has them. Line 0: unknown. Thread-safe.
    SourcePlace find(uint64_t offset) const;

    /// The variables in scope at such an address, which is of a line: see `variablesAt`. Thread-safe.
    std::vector<SourceVariable> variables(uint64_t offset, unsigned line) const;

    /// Whether a compiler whose name begins so made all of it. Thread-safe.
    bool producedBy(std::string_view compiler) const;

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace soma::vgpu
