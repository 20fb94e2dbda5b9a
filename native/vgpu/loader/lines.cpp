#include "lines.h"

#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/Path.h>

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace soma::vgpu {

struct LineTable::Context {
    std::mutex mutex;
    std::unique_ptr<llvm::object::ObjectFile> object;
    std::unique_ptr<llvm::DWARFContext> dwarf;
};

namespace {

/// LLVM makes room for what a compressed section says that it expands to, and ends the process where there is none. No
/// section of a compiler's expands to more than zlib can: 1032 times its size.
bool expandsBeyondBounds(const llvm::object::SectionRef& section) {
    constexpr uint64_t kMostExpansion = 1032;
    if (!section.isCompressed()) {
        return false;
    }
    auto contents = section.getContents();
    Elf64_Chdr header{};
    if (!contents || contents->size() < sizeof header) {
        llvm::consumeError(contents.takeError());
        return true;
    }
    std::memcpy(&header, contents->data(), sizeof header);
    return header.ch_size / kMostExpansion > contents->size();
}

}  // namespace

LineTable::LineTable(std::span<const std::byte> image) : context_(std::make_unique<Context>()) {
    const llvm::StringRef bytes(reinterpret_cast<const char*>(image.data()), image.size());
    auto object = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(bytes, "code object"));
    if (!object) {
        llvm::consumeError(object.takeError());
        return;
    }
    if (std::any_of((*object)->section_begin(), (*object)->section_end(), expandsBeyondBounds)) {
        return;
    }
    context_->object = std::move(*object);
    // Damaged debug information costs the source line in a message, nothing else: its errors go nowhere.
    const auto ignore = [](llvm::Error error) { llvm::consumeError(std::move(error)); };
    context_->dwarf = llvm::DWARFContext::create(
        *context_->object, llvm::DWARFContext::ProcessDebugRelocations::Process, nullptr, "", ignore, ignore);
}

LineTable::~LineTable() = default;

SourcePlace LineTable::find(uint64_t offset) const {
    std::lock_guard lock(context_->mutex);
    if (!context_->dwarf) {
        return {};
    }
    using Specifier = llvm::DILineInfoSpecifier;
    const auto info = context_->dwarf->getLineInfoForAddress(
        {offset, llvm::object::SectionedAddress::UndefSection},
        Specifier(Specifier::FileLineInfoKind::AbsoluteFilePath, Specifier::FunctionNameKind::None));
    if (!info || !*info) {
        return {};
    }
    // Our own code objects have the folder "." so that they are the same everywhere.
    return SourcePlace{llvm::sys::path::remove_leading_dotslash(info->FileName).str(), info->Line, info->Column};
}

std::vector<SourceVariable> LineTable::variables(uint64_t offset, unsigned line) const {
    std::lock_guard lock(context_->mutex);
    return context_->dwarf ? variablesAt(*context_->dwarf, offset, line) : std::vector<SourceVariable>{};
}

bool LineTable::producedBy(std::string_view compiler) const {
    std::lock_guard lock(context_->mutex);
    if (!context_->dwarf || context_->dwarf->getNumCompileUnits() == 0) {
        return false;
    }
    for (const auto& unit : context_->dwarf->compile_units()) {
        const auto producer = llvm::dwarf::toString(unit->getUnitDIE().find(llvm::dwarf::DW_AT_producer), "");
        if (!std::string_view(producer).starts_with(compiler)) {
            return false;
        }
    }
    return true;
}

}  // namespace soma::vgpu
