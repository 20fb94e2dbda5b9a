// A constant of 64 bits that a vector register gets, and a copy takes from there to a scalar register, LLVM 22.1.8's
// SIFixSGPRCopies moves to the scalar register itself, by S_MOV_B64. Before gfx1250 that instruction has room for 32 bits:
// the encoder leaves the upper half out (3.25 becomes 0). So such moves are made the pseudo instruction that becomes two
// moves where the constant needs them.

#include "wide_constants.h"

#include "llvm/ADT/bit.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/TargetInstrInfo.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Target/RegisterTargetPassConfigCallback.h"
#include "llvm/Target/TargetMachine.h"

#include <cmath>
#include <cstdint>
#include <optional>

namespace llvm {
// Of SIFixSGPRCopies, whose header is not installed.
extern char& SIFixSGPRCopiesLegacyID;
}  // namespace llvm

namespace soma::llvm_addon {
namespace {

class MoveWideConstants : public llvm::MachineFunctionPass {
public:
    MoveWideConstants() : MachineFunctionPass(id) {}

    llvm::StringRef getPassName() const override { return "Move constants of 64 bits whole"; }

    bool runOnMachineFunction(llvm::MachineFunction& function) override {
        const llvm::TargetInstrInfo& names = *function.getSubtarget().getInstrInfo();
        static const std::optional<unsigned> narrow = opcodeOf(names, "S_MOV_B64");
        static const std::optional<unsigned> whole = opcodeOf(names, "S_MOV_B64_IMM_PSEUDO");
        bool changed = false;
        for (llvm::MachineBasicBlock& block : function) {
            for (llvm::MachineInstr& instruction : block) {
                if (narrow && whole && instruction.getOpcode() == *narrow && instruction.getOperand(1).isImm() &&
                    !fits(instruction.getOperand(1).getImm())) {
                    instruction.setDesc(names.get(*whole));
                    changed = true;
                }
            }
        }
        return changed;
    }

private:
    /// Whether the instruction has room for it: 32 bits, which stand for a number without a sign, or one of the small numbers
    /// that operands hold in themselves (-16 to 64, 0.5, 1, 2, 4 and their negatives).
    static bool fits(int64_t constant) {
        const double number = std::abs(llvm::bit_cast<double>(constant));
        return llvm::isUInt<32>(static_cast<uint64_t>(constant)) || (constant >= -16 && constant < 0) || number == 0.5 ||
               number == 1.0 || number == 2.0 || number == 4.0;
    }

    /// LLVM's numbers of instructions are in headers that are not installed.
    static std::optional<unsigned> opcodeOf(const llvm::TargetInstrInfo& names, llvm::StringRef name) {
        for (unsigned opcode = 0; opcode < names.getNumOpcodes(); ++opcode) {
            if (names.getName(opcode) == name) {
                return opcode;
            }
        }
        return std::nullopt;
    }

    static char id;
};

char MoveWideConstants::id = 0;

void add(llvm::TargetMachine& machine, llvm::PassManagerBase&, llvm::TargetPassConfig* config) {
    if (machine.getTargetTriple().isAMDGPU()) {
        config->insertPass(&llvm::SIFixSGPRCopiesLegacyID, new MoveWideConstants());
    }
}

}  // namespace

void moveWideConstantsWhole() {
    static const llvm::RegisterTargetPassConfigCallback callback(add);
}

}  // namespace soma::llvm_addon
