#include "notes.h"

#include "llvm/BinaryFormat/ELF.h"
#include "llvm/BinaryFormat/MsgPackDocument.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/Alignment.h"
#include "llvm/Support/raw_ostream.h"
#include "metadata.h"

namespace soma::llvm_addon {
namespace {

using llvm::object::ELF64LE;

constexpr llvm::StringLiteral VENDOR = llvm::StringLiteral::withInnerNUL("AMDGPU\0");
constexpr size_t ALIGNMENT = 4;

ELF64LE::Shdr& sectionHeader(std::string& object, const MetadataNote& note) {
    return *reinterpret_cast<ELF64LE::Shdr*>(object.data() + note.sectionHeader);
}

void pad(std::string& bytes) { bytes.resize(llvm::alignTo(bytes.size(), ALIGNMENT)); }

/// A note's section with this description ("Note Section" of the ELF specification).
std::string noteSection(const std::string& description) {
    std::string bytes;
    llvm::raw_string_ostream stream(bytes);
    for (const size_t word : {VENDOR.size(), description.size(), size_t{llvm::ELF::NT_AMDGPU_METADATA}}) {
        const llvm::support::ulittle32_t field(static_cast<uint32_t>(word));
        stream.write(reinterpret_cast<const char*>(&field), sizeof field);
    }
    stream << VENDOR;
    pad(bytes);
    bytes += description;
    pad(bytes);
    return bytes;
}

/// What two objects' metadata say becomes one: kernels are appended, all else is the same in both.
int merge(llvm::msgpack::DocNode* into, llvm::msgpack::DocNode, llvm::msgpack::DocNode key) {
    const bool kernels = into->isArray() && key.isString() && key.getString() == "amdhsa.kernels";
    return kernels ? static_cast<int>(into->getArray().size()) : 0;
}

}  // namespace

std::optional<MetadataNote> metadataNote(llvm::StringRef object) {
    auto file = llvm::object::ELFFile<ELF64LE>::create(object);
    if (!file) {
        llvm::consumeError(file.takeError());
        return std::nullopt;
    }
    auto sections = file->sections();
    if (!sections) {
        llvm::consumeError(sections.takeError());
        return std::nullopt;
    }
    for (const auto& section : *sections) {
        if (section.sh_type != llvm::ELF::SHT_NOTE) {
            continue;
        }
        llvm::Error error = llvm::Error::success();
        std::optional<MetadataNote> found;
        for (const auto& note : file->notes(section, error)) {
            if (note.getName() == "AMDGPU" && note.getType() == llvm::ELF::NT_AMDGPU_METADATA) {
                const auto* header = reinterpret_cast<const char*>(&section);
                found = {static_cast<size_t>(header - object.data()), note.getDescAsStringRef(section.sh_addralign)};
            }
        }
        llvm::consumeError(std::move(error));
        if (found) {
            return found;
        }
    }
    return std::nullopt;
}

void joinMetadata(std::vector<std::string>& objects) {
    if (objects.size() < 2) {
        return;
    }
    llvm::msgpack::Document all;
    std::vector<MetadataNote> notes;
    for (const std::string& object : objects) {
        const std::optional<MetadataNote> note = metadataNote(object);
        // LLVM writes it into every object.
        if (!note || !all.readFromBlob(note->description, /*Multi=*/false, merge)) {
            throw CodeObjectError("an object of LLVM's has no metadata");
        }
        notes.push_back(*note);
    }
    std::string description;
    all.writeToBlob(description);

    std::string& first = objects.front();
    pad(first);
    const size_t place = first.size();
    const std::string section = noteSection(description);
    first += section;
    ELF64LE::Shdr& header = sectionHeader(first, notes.front());
    header.sh_offset = place;
    header.sh_size = section.size();
    for (size_t at = 1; at < objects.size(); at++) {
        ELF64LE::Shdr& other = sectionHeader(objects[at], notes[at]);
        other.sh_flags = other.sh_flags | llvm::ELF::SHF_EXCLUDE;
    }
}

}  // namespace soma::llvm_addon
