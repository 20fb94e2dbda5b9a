// Scalars that find no register are kept in the lanes of vector registers. LLVM 22.1.8's SILowerSGPRSpills defines such a
// register, by an IMPLICIT_DEF, in the block that dominates all of its uses. That may lie in a loop: where a mask of lanes
// is read in its head and written at its end, and has no value before. The register is then not live into the loop's
// head, so the fast allocator (-O0) reads another's contents there, and the others may use it in between (fixed for
// LLVM 23, https://github.com/llvm/llvm-project/pull/186348). So the definition is moved in front of all loops.

#include "spill_lanes.h"

#include "llvm/CodeGen/LiveIntervals.h"
#include "llvm/CodeGen/MachineDominators.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineLoopInfo.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"
#include "llvm/CodeGen/TargetInstrInfo.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"
#include "llvm/Target/RegisterTargetPassConfigCallback.h"
#include "llvm/Target/TargetMachine.h"

namespace llvm {
// Declared in a header of the target's own, which is not installed.
extern char& SILowerSGPRSpillsLegacyID;
}  // namespace llvm

namespace soma::llvm_addon {
namespace {

class MoveLaneDefinitions : public llvm::MachineFunctionPass {
public:
    MoveLaneDefinitions() : MachineFunctionPass(id) {}

    llvm::StringRef getPassName() const override { return "Define the lanes of spilled scalars in front of loops"; }

    void getAnalysisUsage(llvm::AnalysisUsage& usage) const override {
        usage.addRequired<llvm::MachineDominatorTreeWrapperPass>();
        usage.addRequired<llvm::MachineLoopInfoWrapperPass>();
        usage.setPreservesAll();
        MachineFunctionPass::getAnalysisUsage(usage);
    }

    bool runOnMachineFunction(llvm::MachineFunction& function) override {
        const llvm::MachineLoopInfo& loops = getAnalysis<llvm::MachineLoopInfoWrapperPass>().getLI();
        llvm::SmallVector<llvm::MachineInstr*> definitions;
        for (llvm::MachineBasicBlock& block : function) {
            if (loops.getLoopFor(&block) == nullptr) {
                continue;
            }
            for (llvm::MachineInstr& instruction : block) {
                if (instruction.isImplicitDef() && holdsScalars(instruction.getOperand(0).getReg(), function)) {
                    definitions.push_back(&instruction);
                }
            }
        }
        for (llvm::MachineInstr* definition : definitions) {
            moveInFront(*definition, *loops.getLoopFor(definition->getParent())->getOutermostLoop());
        }
        return !definitions.empty();
    }

private:
    static bool holdsScalars(llvm::Register reg, const llvm::MachineFunction& function) {
        const llvm::TargetInstrInfo& names = *function.getSubtarget().getInstrInfo();
        return reg.isVirtual() && llvm::any_of(function.getRegInfo().use_nodbg_instructions(reg), [&](const auto& use) {
                   const llvm::StringRef name = names.getName(use.getOpcode());
                   return name == "SI_SPILL_S32_TO_VGPR" || name == "SI_RESTORE_S32_FROM_VGPR";
               });
    }

    void moveInFront(llvm::MachineInstr& definition, const llvm::MachineLoop& loop) {
        const llvm::MachineDominatorTree& tree = getAnalysis<llvm::MachineDominatorTreeWrapperPass>().getDomTree();
        llvm::MachineBasicBlock& front = *tree.getNode(loop.getHeader())->getIDom()->getBlock();
        auto* wrapper = getAnalysisIfAvailable<llvm::LiveIntervalsWrapperPass>();
        llvm::LiveIntervals* intervals = wrapper == nullptr ? nullptr : &wrapper->getLIS();
        if (intervals != nullptr) {
            intervals->RemoveMachineInstrFromMaps(definition);
        }
        front.splice(front.getFirstTerminator(), definition.getParent(), definition.getIterator());
        if (intervals != nullptr) {
            const llvm::Register reg = definition.getOperand(0).getReg();
            intervals->InsertMachineInstrInMaps(definition);
            intervals->removeInterval(reg);
            intervals->createAndComputeVirtRegInterval(reg);
        }
    }

    static char id;
};

char MoveLaneDefinitions::id = 0;

void add(llvm::TargetMachine& machine, llvm::PassManagerBase&, llvm::TargetPassConfig* config) {
    if (machine.getTargetTriple().isAMDGPU()) {
        config->insertPass(&llvm::SILowerSGPRSpillsLegacyID, new MoveLaneDefinitions());
    }
}

}  // namespace

void keepSpillsAcrossRounds() {
    static const llvm::RegisterTargetPassConfigCallback callback(add);
}

}  // namespace soma::llvm_addon
