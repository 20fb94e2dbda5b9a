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

struct RegisterName {
    std::string_view prefix;
    unsigned first;
    unsigned count;
    /// A number follows.
    bool numbered;
};

// Longer names before their beginnings.
constexpr RegisterName kRegisterNames[] = {
    {"VGPR", registers::kVector, 1, true},
    {"AGPR", registers::kAccumulation, 1, true},
    {"SGPR_NULL", 0, 0, false},
    {"SGPR", registers::kScalar, 1, true},
    {"TTMP", registers::kScalar + sgpr::kTtmp0, 1, true},
    {"VCC_LO", registers::kScalar + sgpr::kVcc, 1, false},
    {"VCC_HI", registers::kScalar + sgpr::kVcc + 1, 1, false},
    {"VCC", registers::kScalar + sgpr::kVcc, 2, false},
    {"EXEC_LO", registers::kScalar + sgpr::kExec, 1, false},
    {"EXEC_HI", registers::kScalar + sgpr::kExec + 1, 1, false},
    {"EXEC", registers::kScalar + sgpr::kExec, 2, false},
    {"FLAT_SCR_LO", registers::kScalar + sgpr::kFlatScratch, 1, false},
    {"FLAT_SCR_HI", registers::kScalar + sgpr::kFlatScratch + 1, 1, false},
    {"FLAT_SCR", registers::kScalar + sgpr::kFlatScratch, 2, false},
    {"M0", registers::kScalar + sgpr::kM0, 1, false},
    {"SCC", registers::kScc, 1, false},
};

/// LLVM's name of a register, such as VGPR4_VGPR5, VCC_LO or M0_gfx11plus. Count 0: none that holds a value.
RegisterRange rangeOf(std::string_view name) {
    for (const RegisterName& known : kRegisterNames) {
        if (!name.starts_with(known.prefix)) {
            continue;
        }
        RegisterRange range{static_cast<uint16_t>(known.first), static_cast<uint16_t>(known.count)};
        if (known.numbered) {
            unsigned number = 0;
            size_t at = known.prefix.size();
            for (; at < name.size() && name[at] >= '0' && name[at] <= '9'; ++at) {
                number = number * 10 + static_cast<unsigned>(name[at] - '0');
            }
            range.first = static_cast<uint16_t>(range.first + number);
            for (; (at = name.find(known.prefix, at)) != std::string_view::npos; at += known.prefix.size()) {
                ++range.count;
            }
        }
        return range.first + range.count <= registers::kCount ? range : RegisterRange{0, 0};
    }
    return {0, 0};
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

RegisterUse Disassembler::registersOf(std::span<const std::byte> bytes, uint64_t address) const {
    llvm::MCInst instruction;
    uint64_t size = 0;
    const llvm::ArrayRef<uint8_t> view(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    RegisterUse use;
    if (state_->disassembler->getInstruction(instruction, size, view, address, llvm::nulls()) !=
        llvm::MCDisassembler::Success) {
        return use;
    }
    const llvm::MCInstrDesc& description = state_->instructions->get(instruction.getOpcode());
    const auto add = [&](llvm::MCRegister reg, std::vector<RegisterRange>& to) {
        const RegisterRange range = rangeOf(state_->registers->getName(reg));
        if (range.count != 0) {
            to.push_back(range);
        }
    };
    for (unsigned i = 0; i < instruction.getNumOperands(); ++i) {
        const llvm::MCOperand& operand = instruction.getOperand(i);
        if (operand.isReg() && operand.getReg() != 0) {
            add(operand.getReg(), i < description.getNumDefs() ? use.writes : use.reads);
        }
    }
    const auto isState = [&](llvm::MCPhysReg reg) {
        const llvm::StringRef name = state_->registers->getName(reg);
        return name.starts_with("EXEC") || name.starts_with("M0") || name.starts_with("FLAT_SCR");
    };
    for (const llvm::MCPhysReg reg : description.implicit_uses()) {
        if (!isState(reg)) {
            add(reg, use.reads);
        }
    }
    for (const llvm::MCPhysReg reg : description.implicit_defs()) {
        add(reg, use.writes);
    }
    return use;
}

}  // namespace soma::vgpu
