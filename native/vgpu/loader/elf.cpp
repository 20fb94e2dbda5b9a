#include "elf.h"

#include "../format.h"

#include <cstring>

namespace soma::vgpu {

namespace {

using namespace llvm::ELF;

class Reader {
public:
    Reader(std::span<const std::byte> bytes, std::string& error) : bytes_(bytes), error_(error) {}

    bool fail(std::string text) {
        error_ = std::move(text);
        return false;
    }

    /// A view of [offset, offset + size), or an error that names `what`.
    bool range(uint64_t offset, uint64_t size, const char* what, std::span<const std::byte>& out) {
        if (offset > bytes_.size() || size > bytes_.size() - offset) {
            return fail(
                format("the code object is truncated: {0} needs {1} bytes at offset {2}, but the file has {3} "
                       "bytes",
                       what, size, offset, bytes_.size()));
        }
        out = bytes_.subspan(offset, size);
        return true;
    }

    template <class T>
    bool table(uint64_t offset, uint64_t count, const char* what, std::vector<T>& out) {
        std::span<const std::byte> view;
        if (count > bytes_.size() / sizeof(T)) {
            return fail(
                format("the code object is truncated: {0} has {1} entries, more than the file can hold", what, count));
        }
        if (!range(offset, count * sizeof(T), what, view)) {
            return false;
        }
        out.resize(count);
        if (count != 0) {
            std::memcpy(out.data(), view.data(), view.size());
        }
        return true;
    }

private:
    std::span<const std::byte> bytes_;
    std::string& error_;
};

/// The name at `offset` of a string table; empty where it is out of range or unterminated.
std::string_view nameAt(std::span<const std::byte> strings, uint64_t offset) {
    if (offset >= strings.size()) {
        return {};
    }
    const char* begin = reinterpret_cast<const char*>(strings.data()) + offset;
    const void* end = std::memchr(begin, 0, strings.size() - offset);
    return end == nullptr ? std::string_view{} : std::string_view(begin, static_cast<const char*>(end) - begin);
}

bool readNotes(Reader& reader, const Elf64_Phdr& segment, Elf& elf) {
    std::span<const std::byte> notes;
    if (!reader.range(segment.p_offset, segment.p_filesz, "the note segment", notes)) {
        return false;
    }
    constexpr auto pad = [](uint64_t size) { return (size + 3) & ~uint64_t(3); };
    uint64_t at = 0;
    while (at + sizeof(Elf64_Nhdr) <= notes.size()) {
        Elf64_Nhdr note;
        std::memcpy(&note, notes.data() + at, sizeof note);
        at += sizeof note;
        const uint64_t name = pad(note.n_namesz);
        const uint64_t description = pad(note.n_descsz);
        if (name > notes.size() - at || note.n_descsz > notes.size() - at - name) {
            return reader.fail("the code object is damaged: a note runs past the end of its segment");
        }
        const bool amd = note.n_namesz == 7 && std::memcmp(notes.data() + at, "AMDGPU", 7) == 0;
        if (amd && note.n_type == NT_AMDGPU_METADATA) {
            elf.metadata = notes.subspan(at + name, note.n_descsz);
        }
        at += name + std::min<uint64_t>(description, notes.size() - at - name);
    }
    return true;
}

bool readSections(Reader& reader, Elf& elf) {
    std::vector<Elf64_Shdr> sections;
    if (elf.header.e_shnum != 0 && elf.header.e_shentsize != sizeof(Elf64_Shdr)) {
        return reader.fail("the code object is damaged: its section headers have an unexpected size");
    }
    if (!reader.table(elf.header.e_shoff, elf.header.e_shnum, "the section header table", sections)) {
        return false;
    }
    for (const Elf64_Shdr& section : sections) {
        if (section.sh_type == SHT_RELA && (section.sh_flags & SHF_ALLOC) != 0) {
            std::vector<Elf64_Rela> entries;
            if (!reader.table(section.sh_offset, section.sh_size / sizeof(Elf64_Rela), "a relocation table", entries)) {
                return false;
            }
            elf.relocations.insert(elf.relocations.end(), entries.begin(), entries.end());
        }
        if (section.sh_type != SHT_DYNSYM) {
            continue;
        }
        std::vector<Elf64_Sym> entries;
        std::span<const std::byte> strings;
        if (section.sh_link >= sections.size()) {
            return reader.fail("the code object is damaged: its symbol table has no string table");
        }
        const Elf64_Shdr& names = sections[section.sh_link];
        if (!reader.table(section.sh_offset, section.sh_size / sizeof(Elf64_Sym), "the symbol table", entries) ||
            !reader.range(names.sh_offset, names.sh_size, "the string table", strings)) {
            return false;
        }
        for (const Elf64_Sym& entry : entries) {
            elf.symbols.push_back(Symbol{nameAt(strings, entry.st_name), entry.st_value, entry.st_size, entry.getType(),
                                         entry.st_shndx != SHN_UNDEF});
        }
    }
    return true;
}

}  // namespace

bool readElf(std::span<const std::byte> bytes, Elf& elf, std::string& error) {
    Reader reader(bytes, error);
    if (bytes.size() < EI_NIDENT || std::memcmp(bytes.data(), ElfMagic, 4) != 0) {
        return reader.fail("this is no code object: it does not begin with the ELF magic number");
    }
    if (bytes.size() < sizeof(Elf64_Ehdr)) {
        return reader.fail("the code object is truncated: it ends within the ELF header");
    }
    std::memcpy(&elf.header, bytes.data(), sizeof elf.header);
    const Elf64_Ehdr& header = elf.header;
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_machine != EM_AMDGPU) {
        return reader.fail("this ELF file is no AMDGPU code object: it is for another machine");
    }
    if (header.e_ident[EI_OSABI] != ELFOSABI_AMDGPU_HSA) {
        return reader.fail("this AMDGPU object is not for the HSA runtime (triple amdgcn-amd-amdhsa)");
    }
    if (header.e_type != ET_DYN) {
        return reader.fail("this AMDGPU object is not linked: link it with ld.lld -shared first");
    }
    const unsigned version = header.e_ident[EI_ABIVERSION];
    if (version < ELFABIVERSION_AMDGPU_HSA_V4 || version > ELFABIVERSION_AMDGPU_HSA_V6) {
        return reader.fail(
            format("code object version {0} is not supported: compile for version 4, 5 or 6 "
                   "(-mcode-object-version=5)",
                   version + 2));
    }
    if (header.e_phentsize != sizeof(Elf64_Phdr)) {
        return reader.fail("the code object is damaged: its program headers have an unexpected size");
    }
    if (!reader.table(header.e_phoff, header.e_phnum, "the program header table", elf.segments) ||
        !readSections(reader, elf)) {
        return false;
    }
    for (const Elf64_Phdr& segment : elf.segments) {
        std::span<const std::byte> content;
        if (segment.p_type == PT_LOAD && !reader.range(segment.p_offset, segment.p_filesz, "a segment", content)) {
            return false;
        }
        if (segment.p_type == PT_NOTE && !readNotes(reader, segment, elf)) {
            return false;
        }
    }
    if (elf.metadata.empty()) {
        return reader.fail("the code object has no AMDGPU metadata note: nothing says what kernels it has");
    }
    return true;
}

}  // namespace soma::vgpu
