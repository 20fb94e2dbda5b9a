// Which instructions of a target the virtual GPU implements, asked of LLVM itself: every opcode that LLVM has is encoded
// with the first registers that fit and zeros; what the target's disassembler reads back is an instruction of the target;
// and decoding it as a code image says whether the virtual GPU can run it.
#include "coverage.h"

#include "decode/code_image.h"

#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCCodeEmitter.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCFixup.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstPrinter.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/MCTargetOptions.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/TargetParser/Triple.h>

#include <map>
#include <stdexcept>

namespace soma::vgpu::test {

namespace {

/// Opcodes that no encoding of LLVM's has: found out by asking.
void refuse(void*, const char* reason, bool) { throw std::runtime_error(reason); }

/// Of graphics and of work between GPUs' queues: no kernel for computing has them.
bool isForGraphics(llvm::StringRef name) {
    for (const char* prefix :
         {"image_", "exp", "tbuffer_", "v_interp", "lds_param", "lds_direct", "ds_param", "ds_direct", "export",
          "s_ttrace", "ds_ordered", "s_sendmsg_rtn", "ds_add_gs", "ds_sub_gs", "buffer_wbinvl1_vol",
          "ds_bvh"}) {
        if (name.starts_with(prefix)) {
            return true;
        }
    }
    return name.contains("_format_") || name.contains("_bvh_");
}

}  // namespace

std::map<std::string, Coverage> instructionCoverage(std::string_view name) {
    const Target* target = findTarget(name);
    if (target == nullptr) {
        throw std::runtime_error("no such target");
    }
    const unsigned waveSize = target->wave32 ? 32 : 64;
    // Initialises LLVM's parts.
    const Disassembler disassembler(*target, waveSize);
    const llvm::Triple triple("amdgcn-amd-amdhsa");
    std::string error;
    const llvm::Target* llvmTarget = llvm::TargetRegistry::lookupTarget(triple, error);
    const llvm::MCTargetOptions options;
    const std::unique_ptr<llvm::MCRegisterInfo> registers(llvmTarget->createMCRegInfo(triple));
    const std::unique_ptr<llvm::MCAsmInfo> assembly(llvmTarget->createMCAsmInfo(*registers, triple, options));
    const std::unique_ptr<llvm::MCInstrInfo> instructions(llvmTarget->createMCInstrInfo());
    const std::string features = target->wave32 ? "+wavefrontsize32,-wavefrontsize64" : "";
    const std::unique_ptr<llvm::MCSubtargetInfo> subtarget(llvmTarget->createMCSubtargetInfo(
        triple, llvm::StringRef(name.data(), name.size()),
        target->gfx11Plus() ? features + ",+real-true16" : features));
    llvm::MCContext context(triple, assembly.get(), registers.get(), subtarget.get());
    const std::unique_ptr<llvm::MCCodeEmitter> emitter(llvmTarget->createMCCodeEmitter(*instructions, context));
    const std::unique_ptr<llvm::MCInstPrinter> printer(
        llvmTarget->createMCInstPrinter(triple, 0, *assembly, *instructions, *registers));
    const unsigned mode = subtarget->getHwMode(llvm::MCSubtargetInfo::HwMode_RegInfo);

    std::map<std::string, Coverage> found;
    llvm::install_fatal_error_handler(refuse);
    for (unsigned opcode = 0; opcode < instructions->getNumOpcodes(); ++opcode) {
        const llvm::MCInstrDesc& description = instructions->get(opcode);
        llvm::MCInst instruction;
        instruction.setOpcode(opcode);
        if (description.isPseudo()) {
            continue;
        }
        const char* text = printer->getMnemonic(instruction).first;
        if (text == nullptr || isForGraphics(text)) {
            continue;
        }
        for (const llvm::MCOperandInfo& operand : description.operands()) {
            const int kind = instructions->getOpRegClassID(operand, mode);
            instruction.addOperand(kind < 0 ? llvm::MCOperand::createImm(0)
                                            : llvm::MCOperand::createReg(*registers->getRegClass(kind).begin()));
        }
        llvm::SmallVector<char, 32> bytes;
        llvm::SmallVector<llvm::MCFixup, 4> fixups;
        try {
            emitter->encodeInstruction(instruction, bytes, fixups, *subtarget);
        } catch (const std::runtime_error&) {
            continue;
        }
        // A literal may follow.
        bytes.resize(bytes.size() + 16, 0);
        const auto code = std::as_bytes(std::span(bytes.data(), bytes.size()));
        const Disassembler::Instruction read = disassembler.decode(code, 0);
        // GDS is memory that graphics and queues share.
        if (read.text.empty() || (read.text.ends_with(" gds") && !read.text.starts_with("ds_gws_"))) {
            continue;
        }
        // Registers that the instruction cannot have: an encoding of another target's.
        if (read.text.find("/*Invalid") != std::string::npos) {
            continue;
        }
        const CodeImage image(*target, waveSize, code.first(read.size), 0);
        const bool implemented = image.implements(0);
        const std::string_view whole = read.text;
        for (size_t at = 0; at != std::string_view::npos;) {
            // Both halves of a dual-issue pair are instructions.
            const std::string_view rest = whole.substr(at);
            std::string mnemonic(rest.substr(0, rest.find(' ')));
            for (const char* suffix : {"_e32", "_dpp", "_sdwa", "_e64"}) {
                if (mnemonic.ends_with(suffix)) {
                    mnemonic.erase(mnemonic.size() - std::string_view(suffix).size());
                }
            }
            if (!isForGraphics(mnemonic)) {
                Coverage& coverage = found[mnemonic];
                ++(implemented ? coverage.implemented : coverage.missing);
                if (!implemented && coverage.example.empty()) {
                    coverage.example = read.text;
                }
            }
            const size_t pair = whole.find(" :: ", at);
            at = pair == std::string_view::npos ? pair : pair + 4;
        }
    }
    llvm::remove_fatal_error_handler();
    return found;
}

}  // namespace soma::vgpu::test
