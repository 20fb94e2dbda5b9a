#include "lines.h"

#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/Path.h>

#include <mutex>

namespace soma::vgpu {

struct LineTable::Context {
    std::mutex mutex;
    std::unique_ptr<llvm::object::ObjectFile> object;
    std::unique_ptr<llvm::DWARFContext> dwarf;
};

LineTable::LineTable(std::span<const std::byte> image) : context_(std::make_unique<Context>()) {
    const llvm::StringRef bytes(reinterpret_cast<const char*>(image.data()), image.size());
    auto object = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(bytes, "code object"));
    if (!object) {
        llvm::consumeError(object.takeError());
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
