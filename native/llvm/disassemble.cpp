#include "disassemble.h"

#include <algorithm>
#include <map>

#include "child.h"
#include "code_object.h"
#include "json.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/DebugInfo/DWARF/DWARFContext.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrAnalysis.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "target.h"

namespace soma::llvm_addon {
namespace {

using llvm::json::OStream;

/// LLVM's decoder and printer for one target and wave size.
class Decoder {
public:
    Decoder(const std::string& target, unsigned waveSize)
        : registers(amdgpu().target.createMCRegInfo(amdgpu().triple)),
          asmInfo(amdgpu().target.createMCAsmInfo(*registers, amdgpu().triple, options)),
          subtarget(amdgpu().target.createMCSubtargetInfo(amdgpu().triple, target, waveFeature(waveSize))),
          instructions(amdgpu().target.createMCInstrInfo()),
          context(amdgpu().triple, asmInfo.get(), registers.get(), subtarget.get()),
          disassembler(amdgpu().target.createMCDisassembler(*subtarget, context)),
          analysis(amdgpu().target.createMCInstrAnalysis(instructions.get())),
          printer(amdgpu().target.createMCInstPrinter(amdgpu().triple, asmInfo->getAssemblerDialect(), *asmInfo, *instructions,
                                               *registers)) {}

    struct Decoded {
        uint64_t size;
        std::string text;
        std::optional<uint64_t> branch;
    };

    /// The instruction in the first `length` bytes. LLVM sees what follows them too: it crashes on a literal that is
    /// cut off, as one is in data that happens to stand at a function's end.
    Decoded decode(llvm::ArrayRef<uint8_t> bytes, size_t length, uint64_t address) const {
        llvm::MCInst instruction;
        uint64_t size = 0;
        const auto status = disassembler->getInstruction(instruction, size, bytes, address, llvm::nulls());
        if (status == llvm::MCDisassembler::Fail || size == 0 || size > length) {
            return data(bytes.take_front(length));
        }
        std::string text;
        llvm::raw_string_ostream stream(text);
        printer->printInst(&instruction, address, "", *subtarget, stream);
        std::replace(text.begin(), text.end(), '\t', ' ');
        std::optional<uint64_t> branch;
        uint64_t target = 0;
        if (analysis->isBranch(instruction) && analysis->evaluateBranch(instruction, address, size, target)) {
            branch = target;
        }
        return {size, llvm::StringRef(text).trim().str(), branch};
    }

private:
    // Targets from gfx10 on have both wave sizes, as features that exclude each other; older ones have neither name.
    static std::string waveFeature(unsigned waveSize) {
        return waveSize == 32 ? "+wavefrontsize32" : "+wavefrontsize64";
    }

    /// One 32-bit word that is no instruction, or what is left of one.
    static Decoded data(llvm::ArrayRef<uint8_t> bytes) {
        const size_t size = std::min<size_t>(bytes.size(), 4);
        uint32_t word = 0;
        std::copy_n(bytes.begin(), size, reinterpret_cast<uint8_t*>(&word));
        return {size, ".long 0x" + llvm::utohexstr(word, /*LowerCase=*/true, /*Width=*/8), std::nullopt};
    }

    const llvm::MCTargetOptions options;
    const std::unique_ptr<llvm::MCRegisterInfo> registers;
    const std::unique_ptr<llvm::MCAsmInfo> asmInfo;
    const std::unique_ptr<llvm::MCSubtargetInfo> subtarget;
    const std::unique_ptr<llvm::MCInstrInfo> instructions;
    llvm::MCContext context;
    const std::unique_ptr<llvm::MCDisassembler> disassembler;
    const std::unique_ptr<llvm::MCInstrAnalysis> analysis;
    const std::unique_ptr<llvm::MCInstPrinter> printer;
};

/// The code object's line tables. A damaged table, or none, gives no lines.
class LineTables {
public:
    explicit LineTables(const CodeObject& object) {
        // A compressed section may claim any size, which LLVM would allocate.
        for (const auto& section : object.file().sections()) {
            if (section.isCompressed()) {
                return;
            }
        }
        const auto ignore = [](llvm::Error error) { llvm::consumeError(std::move(error)); };
        dwarf = llvm::DWARFContext::create(object.file(), llvm::DWARFContext::ProcessDebugRelocations::Ignore, nullptr,
                                           "", ignore, ignore);
    }

    void write(OStream& json, uint64_t address) const {
        if (!dwarf) {
            return;
        }
        const auto place = dwarf->getLineInfoForAddress({address, llvm::object::SectionedAddress::UndefSection});
        if (place && place->Line != 0 && place->FileName != llvm::DILineInfo::BadString) {
            json.attribute("file", place->FileName);
            json.attribute("line", place->Line);
            json.attribute("column", place->Column);
        }
    }

private:
    std::unique_ptr<llvm::DWARFContext> dwarf;
};

/// Writes the instructions of the first `length` bytes of `code`.
void writeInstructions(OStream& json, const Decoder& decoder, const LineTables& lines, llvm::ArrayRef<uint8_t> code,
                       size_t length, uint64_t address) {
    while (length > 0) {
        const Decoder::Decoded decoded = decoder.decode(code, length, address);
        json.object([&] {
            json.attribute("address", address);
            json.attribute("bytes", llvm::toHex(code.take_front(decoded.size), /*LowerCase=*/true));
            json.attribute("text", decoded.text);
            if (decoded.branch) {
                json.attribute("branch", *decoded.branch);
            }
            lines.write(json, address);
        });
        code = code.drop_front(decoded.size);
        length -= decoded.size;
        address += decoded.size;
    }
}

/// Writes every function of the code object, in ascending order of address. None is read beyond the next one's start.
void writeFunctions(OStream& json, const CodeObject& object) {
    const LineTables lines(object);
    std::map<unsigned, Decoder> decoders;
    const unsigned usualWaveSize = object.kernels().empty() ? 64 : object.kernels().front().waveSize;

    std::vector<Symbol> functions = object.symbols();
    llvm::erase_if(functions, [](const Symbol& symbol) { return !symbol.isFunction; });
    for (size_t i = 0; i < functions.size(); i++) {
        const Symbol& function = functions[i];
        const auto kernel = llvm::find_if(object.kernels(), [&](const KernelEntry& entry) {
            return entry.entry == function.address && entry.name == function.name;
        });
        const bool isKernel = kernel != object.kernels().end();
        const unsigned waveSize = isKernel ? kernel->waveSize : usualWaveSize;
        const Decoder& decoder = decoders.try_emplace(waveSize, object.target(), waveSize).first->second;

        // Hand-written assembly may leave out a symbol's size.
        uint64_t size = function.size == 0 ? UINT64_MAX : function.size;
        if (i + 1 < functions.size()) {
            size = std::min(size, functions[i + 1].address - function.address);
        }
        json.object([&] {
            json.attribute("name", function.name);
            json.attribute("kernel", isKernel);
            json.attribute("address", function.address);
            json.attribute("waveSize", waveSize);
            json.attributeArray("instructions", [&] {
                const llvm::ArrayRef<uint8_t> code = object.bytesAt(function.address);
                writeInstructions(json, decoder, lines, code, std::min<uint64_t>(size, code.size()), function.address);
            });
        });
    }
}

}  // namespace

std::string disassemble(const std::string& codeObject) {
    amdgpu();  // Initialised here, not anew in every child.
    return runInChild([&] {
        return guardedJson([&](OStream& json) {
            const CodeObject object(codeObject);
            json.object([&] {
                writeTargetId(json, object);
                json.attributeArray("functions", [&] { writeFunctions(json, object); });
            });
        });
    });
}

}  // namespace soma::llvm_addon
