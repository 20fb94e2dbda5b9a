// A linked AMDGPU ELF file, opened with checks: what `inspect` and `disassemble` both read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/AMDHSAKernelDescriptor.h"
#include "metadata.h"

namespace soma::llvm_addon {

/// A defined symbol of the loaded code object.
struct Symbol {
    std::string name;
    uint64_t address;
    uint64_t size;
    bool isFunction;
};

/// A kernel as the metadata lists it, with its descriptor.
struct KernelEntry {
    std::string name;
    /// The descriptor's symbol.
    std::string symbol;
    const Metadata* metadata;
    llvm::amdhsa::kernel_descriptor_t descriptor;
    /// Address of the first instruction.
    uint64_t entry;
    unsigned waveSize;
};

class CodeObject {
public:
    /// `bytes` must outlive the object. Throws CodeObjectError, which says what is wrong with the file.
    explicit CodeObject(const std::string& bytes);

    const llvm::object::ELF64LEObjectFile& file() const { return *elf; }
    /// 4, 5 or 6.
    unsigned version() const { return codeObjectVersion; }
    /// Such as `gfx942`, known to this LLVM.
    const std::string& target() const { return targetName; }
    /// Such as `sramecc+`.
    const std::vector<std::string>& features() const { return targetFeatures; }
    /// In the metadata's order.
    const std::vector<KernelEntry>& kernels() const { return kernelEntries; }
    /// In ascending order of address, then name; each once.
    const std::vector<Symbol>& symbols() const { return allSymbols; }

    /// The bytes that are loaded at this address, to the end of their section; empty if there are none.
    llvm::ArrayRef<uint8_t> bytesAt(uint64_t address) const;

private:
    void readTarget();
    void readSymbols();
    void readKernels();
    llvm::StringRef findMetadataNote() const;
    const Symbol* findSymbol(const std::string& name) const;

    std::unique_ptr<llvm::object::ELF64LEObjectFile> elf;
    Metadata metadata;
    unsigned codeObjectVersion = 0;
    std::string targetName;
    std::vector<std::string> targetFeatures;
    std::vector<Symbol> allSymbols;
    std::vector<KernelEntry> kernelEntries;
};

}  // namespace soma::llvm_addon
