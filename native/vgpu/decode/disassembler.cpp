#include "disassembler.h"

#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstPrinter.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/MCTargetOptions.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/TargetParser/Triple.h>

#include <mutex>
#include <stdexcept>

extern "C" {
void LLVMInitializeAMDGPUTargetInfo();
void LLVMInitializeAMDGPUTargetMC();
void LLVMInitializeAMDGPUDisassembler();
}

namespace soma::vgpu {

namespace {

const llvm::Target& amdgpu(const llvm::Triple& triple) {
    static std::once_flag once;
    std::call_once(once, [] {
        LLVMInitializeAMDGPUTargetInfo();
        LLVMInitializeAMDGPUTargetMC();
        LLVMInitializeAMDGPUDisassembler();
    });
    std::string error;
    const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
    if (target == nullptr) {
        throw std::logic_error("the virtual GPU was built without LLVM's AMDGPU target: " + error);
    }
    return *target;
}

std::string features(const Target& target, unsigned waveSize) {
    std::string text;
    if (target.wave32) {
        text = waveSize == 32 ? "+wavefrontsize32,-wavefrontsize64" : "-wavefrontsize32,+wavefrontsize64";
    }
    if (target.gfx11Plus()) {
        // Prints the halves of registers (v0.l, v0.h), which is how the hardware reads every 16-bit operand.
        text += ",+real-true16";
    }
    return text;
}

}  // namespace

struct Disassembler::State {
    llvm::Triple triple{"amdgcn-amd-amdhsa"};
    llvm::MCTargetOptions options;
    std::unique_ptr<llvm::MCRegisterInfo> registers;
    std::unique_ptr<llvm::MCAsmInfo> assembly;
    std::unique_ptr<llvm::MCInstrInfo> instructions;
    std::unique_ptr<llvm::MCSubtargetInfo> subtarget;
    std::unique_ptr<llvm::MCContext> context;
    std::unique_ptr<llvm::MCDisassembler> disassembler;
    std::unique_ptr<llvm::MCInstPrinter> printer;
};

Disassembler::Disassembler(const Target& target, unsigned waveSize) : state_(std::make_unique<State>()) {
    State& state = *state_;
    const llvm::Target& llvmTarget = amdgpu(state.triple);
    state.registers.reset(llvmTarget.createMCRegInfo(state.triple));
    state.assembly.reset(llvmTarget.createMCAsmInfo(*state.registers, state.triple, state.options));
    state.instructions.reset(llvmTarget.createMCInstrInfo());
    state.subtarget.reset(llvmTarget.createMCSubtargetInfo(
        state.triple, llvm::StringRef(target.name.data(), target.name.size()), features(target, waveSize)));
    state.context = std::make_unique<llvm::MCContext>(state.triple, state.assembly.get(), state.registers.get(),
                                                      state.subtarget.get());
    state.disassembler.reset(llvmTarget.createMCDisassembler(*state.subtarget, *state.context));
    state.printer.reset(
        llvmTarget.createMCInstPrinter(state.triple, 0, *state.assembly, *state.instructions, *state.registers));
    if (!state.disassembler || !state.printer) {
        throw std::logic_error("the virtual GPU was built without LLVM's AMDGPU disassembler");
    }
}

Disassembler::~Disassembler() = default;

Disassembler::Instruction Disassembler::decode(std::span<const std::byte> bytes, uint64_t address) const {
    llvm::MCInst instruction;
    uint64_t size = 0;
    const llvm::ArrayRef<uint8_t> view(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    if (state_->disassembler->getInstruction(instruction, size, view, address, llvm::nulls()) !=
            llvm::MCDisassembler::Success ||
        size == 0) {
        return {};
    }
    Instruction result;
    llvm::raw_string_ostream stream(result.text);
    state_->printer->printInst(&instruction, address, "", *state_->subtarget, stream);
    result.text.erase(0, result.text.find_first_not_of(" \t"));
    result.text.erase(result.text.find_last_not_of(" \t\n") + 1);
    result.size = static_cast<unsigned>(size);
    return result;
}

}  // namespace soma::vgpu
