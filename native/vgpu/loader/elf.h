// The parts of an ELF64 code object that loading needs, read with every offset checked against the file's end.
// Layout: the ELF specification; AMDGPU's own values: LLVM's AMDGPU user guide, "Code Object".
#pragma once

#include <llvm/BinaryFormat/ELF.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace soma::vgpu {

struct Symbol {
    std::string_view name;
    uint64_t value = 0;
    uint64_t size = 0;
    uint8_t type = 0;
    bool defined = false;
};

struct Elf {
    llvm::ELF::Elf64_Ehdr header{};
    std::vector<llvm::ELF::Elf64_Phdr> segments;
    std::vector<llvm::ELF::Elf64_Rela> relocations;
    /// Of the dynamic symbol table, in its order: relocations refer to it by index.
    std::vector<Symbol> symbols;
    /// The description of the NT_AMDGPU_METADATA note: MessagePack.
    std::span<const std::byte> metadata;
};

/// False with `error` in words where `bytes` is no sound AMDGPU code object. Views point into `bytes`.
bool readElf(std::span<const std::byte> bytes, Elf& elf, std::string& error);

}  // namespace soma::vgpu
