// Instructions in whole-wave mode write lanes that are off: those of work-items on another path, whose values may lie in
// the same register. LLVM 22.1.8 takes care that registers of whole-wave values hold nothing else, but not where one
// definition serves both sides: MachineCSE merges a zero that a scan begins with and the zero in the upper half of an
// index, the coalescer makes both one register, and the scan then overwrites the index of the work-items that don't take
// part. So each definition that both sides use is made twice, after the last pass that merges definitions.
//
// And where it changes the mask of lanes for whole-wave mode, it takes no care of copies of that mask, which a ballot of
// `true` has become: between two instructions of a whole wave such a copy is of all lanes. So it becomes a comparison,
// which is a vector instruction, and for those it switches back.

#include "whole_waves.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetInstrInfo.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/CodeGen/TargetRegisterInfo.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"
#include "llvm/Target/RegisterTargetPassConfigCallback.h"
#include "llvm/Target/TargetMachine.h"

namespace soma::llvm_addon {
namespace {

class SplitWholeWaveDefinitions : public llvm::MachineFunctionPass {
public:
    SplitWholeWaveDefinitions() : MachineFunctionPass(id) {}

    llvm::StringRef getPassName() const override { return "Define apart what whole waves compute with"; }

    bool runOnMachineFunction(llvm::MachineFunction& function) override {
        names_ = function.getSubtarget().getInstrInfo();
        registers_ = &function.getRegInfo();
        if (!registers_->isSSA()) {
            return false;
        }
        const Instructions whole = computedByWholeWaves(function);
        if (whole.empty()) {
            return false;
        }
        bool changed = compareForMasks(function);
        // A twin is outside, and so is its use of what it is computed from.
        for (bool again = true; again; changed |= again) {
            again = false;
            for (llvm::MachineInstr* definition : whole) {
                again |= split(*definition, whole);
            }
        }
        return changed;
    }

private:
    using Instructions = llvm::SetVector<llvm::MachineInstr*>;

    /// The operand of V_SET_INACTIVE, whose operands are the result, and a value behind its modifiers, twice.
    static constexpr unsigned kOfLanesThatAreOff = 4;

    bool is(const llvm::MachineInstr& instruction, llvm::StringRef name) const {
        return names_->getName(instruction.getOpcode()).starts_with(name);
    }

    /// What the results of whole waves are computed by. Values enter whole-wave mode by V_SET_INACTIVE: of its own operands
    /// the one for lanes that are off belongs to the whole wave, the one for those that are on does not.
    Instructions computedByWholeWaves(llvm::MachineFunction& function) const {
        Instructions found;
        llvm::SmallVector<llvm::MachineInstr*> open;
        for (llvm::MachineBasicBlock& block : function) {
            for (llvm::MachineInstr& instruction : block) {
                if (is(instruction, "STRICT_WWM")) {
                    open.push_back(&instruction);
                }
            }
        }
        while (!open.empty()) {
            llvm::MachineInstr& user = *open.pop_back_val();
            for (const llvm::MachineOperand& operand : user.uses()) {
                if (is(user, "V_SET_INACTIVE") && operand.getOperandNo() != kOfLanesThatAreOff) {
                    continue;
                }
                llvm::MachineInstr* definition =
                    operand.isReg() && operand.getReg().isVirtual() ? registers_->getVRegDef(operand.getReg()) : nullptr;
                if (definition != nullptr && found.insert(definition)) {
                    open.push_back(definition);
                }
            }
        }
        return found;
    }

    /// Makes copies of the lanes' mask comparisons that hold in every lane that is on.
    bool compareForMasks(llvm::MachineFunction& function) const {
        const llvm::TargetRegisterInfo& physical = *registers_->getTargetRegisterInfo();
        llvm::SmallVector<llvm::MachineInstr*> copies;
        for (llvm::MachineBasicBlock& block : function) {
            for (llvm::MachineInstr& instruction : block) {
                if (instruction.isCopy() && instruction.getOperand(0).getReg().isVirtual() &&
                    instruction.getOperand(1).getReg().isPhysical() &&
                    physical.getRegAsmName(instruction.getOperand(1).getReg()).starts_with("exec")) {
                    copies.push_back(&instruction);
                }
            }
        }
        for (llvm::MachineInstr* copy : copies) {
            const llvm::MCInstrDesc& compare = names_->get(equalOpcode());
            const llvm::TargetRegisterClass& lanes = *names_->getRegClass(compare, 0);
            // What is copied to may be a vector register, which no comparison writes, or take one half only.
            const llvm::MCRegister copied = copy->getOperand(1).getReg().asMCReg();
            const bool isHalf = physical.getRegSizeInBits(*physical.getMinimalPhysRegClass(copied)) <
                                physical.getRegSizeInBits(lanes);
            const unsigned part = isHalf ? physical.getSubRegIndex(*physical.superregs(copied).begin(), copied) : 0;
            const llvm::Register mask = registers_->createVirtualRegister(&lanes);
            llvm::BuildMI(*copy->getParent(), copy, copy->getDebugLoc(), compare, mask).addImm(0).addImm(0);
            copy->getOperand(1).setReg(mask);
            copy->getOperand(1).setSubReg(part);
        }
        return !copies.empty();
    }

    /// Of V_CMP_EQ_U32_e64; LLVM's numbers of instructions are in headers that are not installed.
    unsigned equalOpcode() const {
        static const unsigned opcode = [this] {
            unsigned at = 0;
            while (at < names_->getNumOpcodes() && names_->getName(at) != "V_CMP_EQ_U32_e64") {
                ++at;
            }
            return at;
        }();
        return opcode;
    }

    /// Gives the uses outside of whole-wave mode a definition of their own.
    bool split(llvm::MachineInstr& definition, const Instructions& whole) const {
        if (definition.isPHI() || definition.mayLoadOrStore() || definition.isConvergent() ||
            definition.hasUnmodeledSideEffects() || definition.getNumExplicitDefs() != 1 ||
            !writesLanes(definition)) {
            return false;
        }
        const llvm::Register reg = definition.getOperand(0).getReg();
        llvm::SmallVector<llvm::MachineOperand*> outside;
        for (llvm::MachineOperand& use : registers_->use_operands(reg)) {
            if (!whole.contains(use.getParent()) && !is(*use.getParent(), "STRICT_WWM")) {
                outside.push_back(&use);
            }
        }
        if (llvm::none_of(outside, [](const llvm::MachineOperand* use) { return !use->isDebug(); })) {
            return false;
        }
        llvm::MachineBasicBlock& block = *definition.getParent();
        llvm::MachineInstr* twin = definition.getMF()->CloneMachineInstr(&definition);
        block.insertAfter(definition.getIterator(), twin);
        const llvm::Register other = registers_->cloneVirtualRegister(reg);
        twin->getOperand(0).setReg(other);
        for (llvm::MachineOperand* use : outside) {
            use->setReg(other);
        }
        registers_->clearKillFlags(other);
        for (const llvm::MachineOperand& operand : twin->uses()) {
            if (operand.isReg() && operand.getReg().isVirtual()) {
                registers_->clearKillFlags(operand.getReg());
            }
        }
        return true;
    }

    /// Whether its result depends on the lanes that are on: only such registers are written lane by lane.
    static bool writesLanes(const llvm::MachineInstr& definition) {
        return llvm::any_of(definition.implicit_operands(),
                            [](const llvm::MachineOperand& operand) { return operand.isReg() && operand.isUse(); }) ||
               definition.isCopy() || definition.isRegSequence();
    }

    const llvm::TargetInstrInfo* names_ = nullptr;
    llvm::MachineRegisterInfo* registers_ = nullptr;
    static char id;
};

char SplitWholeWaveDefinitions::id = 0;

void add(llvm::TargetMachine& machine, llvm::PassManagerBase&, llvm::TargetPassConfig* config) {
    if (machine.getTargetTriple().isAMDGPU()) {
        config->insertPass(&llvm::DetectDeadLanesID, new SplitWholeWaveDefinitions());
    }
}

}  // namespace

void keepWholeWavesApart() {
    static const llvm::RegisterTargetPassConfigCallback callback(add);
}

}  // namespace soma::llvm_addon
