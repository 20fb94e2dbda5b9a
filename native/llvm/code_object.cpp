#include "code_object.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "llvm/BinaryFormat/ELF.h"
#include "target.h"

namespace soma::llvm_addon {
namespace {

using Elf = llvm::object::ELF64LE;

template <typename T>
T unwrap(llvm::Expected<T> value, const char* what) {
    if (!value) {
        throw CodeObjectError(std::string("its ") + what + " cannot be read: " + llvm::toString(value.takeError()));
    }
    return std::move(*value);
}

std::unique_ptr<llvm::object::ELF64LEObjectFile> open(const std::string& bytes) {
    const auto* header = reinterpret_cast<const unsigned char*>(bytes.data());
    if (bytes.size() < sizeof(Elf::Ehdr) || std::memcmp(header, llvm::ELF::ElfMagic, 4) != 0) {
        throw CodeObjectError("this is not an ELF file");
    }
    const uint16_t machine = llvm::support::endian::read16le(header + offsetof(Elf::Ehdr, e_machine));
    if (header[llvm::ELF::EI_CLASS] != llvm::ELF::ELFCLASS64 || header[llvm::ELF::EI_DATA] != llvm::ELF::ELFDATA2LSB ||
        machine != llvm::ELF::EM_AMDGPU) {
        throw CodeObjectError("this is an ELF file, but not for AMD GPUs");
    }
    const uint16_t type = llvm::support::endian::read16le(header + offsetof(Elf::Ehdr, e_type));
    if (type != llvm::ELF::ET_DYN) {
        throw CodeObjectError("this object file is not linked: a code object is a shared object");
    }
    return std::make_unique<llvm::object::ELF64LEObjectFile>(
        unwrap(llvm::object::ELF64LEObjectFile::create(llvm::MemoryBufferRef(bytes, "code object")), "ELF structure"));
}

}  // namespace

CodeObject::CodeObject(const std::string& bytes) : elf(open(bytes)) {
    // Version 3 has ABI number 1 (LLVM's AMDGPU guide, "Header"); from version 4 on the metadata names the target.
    codeObjectVersion = elf->getELFFile().getHeader().e_ident[llvm::ELF::EI_ABIVERSION] + 2;
    if (codeObjectVersion < 4 || codeObjectVersion > 6) {
        throw CodeObjectError("it is of code object version " + std::to_string(codeObjectVersion) +
                              "; versions 4 to 6 can be read");
    }
    metadata = Metadata::parse(findMetadataNote());
    readTarget();
    readSymbols();
    readKernels();
}

llvm::StringRef CodeObject::findMetadataNote() const {
    const auto& file = elf->getELFFile();
    for (const auto& segment : unwrap(file.program_headers(), "program headers")) {
        if (segment.p_type != llvm::ELF::PT_NOTE) {
            continue;
        }
        llvm::StringRef found;
        llvm::Error error = llvm::Error::success();
        for (const auto& note : file.notes(segment, error)) {
            if (found.empty() && note.getName() == "AMDGPU" && note.getType() == llvm::ELF::NT_AMDGPU_METADATA) {
                found = note.getDescAsStringRef(std::max<size_t>(segment.p_align, 4));
            }
        }
        if (error) {
            throw CodeObjectError("its notes cannot be read: " + llvm::toString(std::move(error)));
        }
        if (!found.empty()) {
            return found;
        }
    }
    throw CodeObjectError("it has no AMD metadata note: a code object for the HSA runtime (amdgcn-amd-amdhsa) has one");
}

void CodeObject::readTarget() {
    const std::string id = metadata.stringAt("amdhsa.target");
    llvm::StringRef rest = id;
    if (!rest.consume_front("amdgcn-amd-amdhsa--")) {
        throw CodeObjectError("its target is " + id + ", not one of amdgcn-amd-amdhsa");
    }
    llvm::SmallVector<llvm::StringRef, 3> parts;
    rest.split(parts, ':');
    targetName = parts[0].str();
    if (!isTargetName(targetName)) {
        throw CodeObjectError("its target " + targetName + " is not known to this LLVM");
    }
    targetFeatures.assign(parts.begin() + 1, parts.end());
}

void CodeObject::readSymbols() {
    const auto add = [&](const llvm::object::ELFSymbolRef& symbol) {
        const uint32_t flags = unwrap(symbol.getFlags(), "symbol table");
        if ((flags & llvm::object::SymbolRef::SF_Undefined) != 0 || symbol.getELFType() > llvm::ELF::STT_FUNC) {
            return;
        }
        const uint64_t address = unwrap(symbol.getAddress(), "symbol table");
        const llvm::StringRef name = unwrap(symbol.getName(), "symbol table");
        allSymbols.push_back({name.str(), address, symbol.getSize(), symbol.getELFType() == llvm::ELF::STT_FUNC});
    };
    for (const auto& symbol : elf->symbols()) {
        add(symbol);
    }
    for (const auto& symbol : elf->getDynamicSymbolIterators()) {
        add(symbol);
    }
    const auto key = [](const Symbol& symbol) { return std::tie(symbol.address, symbol.name); };
    std::sort(allSymbols.begin(), allSymbols.end(),
              [&](const Symbol& left, const Symbol& right) { return key(left) < key(right); });
    const auto end = std::unique(allSymbols.begin(), allSymbols.end(),
                                 [&](const Symbol& left, const Symbol& right) { return key(left) == key(right); });
    allSymbols.erase(end, allSymbols.end());
}

const Symbol* CodeObject::findSymbol(const std::string& name) const {
    const auto found = std::find_if(allSymbols.begin(), allSymbols.end(),
                                    [&](const Symbol& symbol) { return symbol.name == name; });
    return found == allSymbols.end() ? nullptr : &*found;
}

llvm::ArrayRef<uint8_t> CodeObject::bytesAt(uint64_t address) const {
    const auto& file = elf->getELFFile();
    for (const auto& section : unwrap(file.sections(), "section headers")) {
        const bool loaded = (section.sh_flags & llvm::ELF::SHF_ALLOC) != 0 && section.sh_type != llvm::ELF::SHT_NOBITS;
        if (loaded && address >= section.sh_addr && address - section.sh_addr < section.sh_size) {
            return unwrap(file.getSectionContents(section), "sections").drop_front(address - section.sh_addr);
        }
    }
    return {};
}

void CodeObject::readKernels() {
    const std::vector<Metadata>* kernels = metadata.optionalArray("amdhsa.kernels");
    if (kernels == nullptr) {
        return;
    }
    for (const Metadata& kernel : *kernels) {
        KernelEntry entry{kernel.stringAt(".name"), kernel.stringAt(".symbol"), &kernel, {}, 0, 0};
        const Symbol* symbol = findSymbol(entry.symbol);
        if (symbol == nullptr) {
            throw CodeObjectError("it has no symbol " + entry.symbol + ", the descriptor of its kernel " + entry.name);
        }
        const llvm::ArrayRef<uint8_t> bytes = bytesAt(symbol->address);
        if (bytes.size() < sizeof(entry.descriptor)) {
            throw CodeObjectError("the descriptor of its kernel " + entry.name + " lies outside of its sections");
        }
        std::memcpy(&entry.descriptor, bytes.data(), sizeof(entry.descriptor));
        entry.entry = symbol->address + static_cast<uint64_t>(entry.descriptor.kernel_code_entry_byte_offset);
        entry.waveSize = static_cast<unsigned>(kernel.unsignedAt(".wavefront_size"));
        if (entry.waveSize != 32 && entry.waveSize != 64) {
            throw CodeObjectError("its kernel " + entry.name + " has waves of neither 32 nor 64 lanes");
        }
        kernelEntries.push_back(std::move(entry));
    }
}

}  // namespace soma::llvm_addon
