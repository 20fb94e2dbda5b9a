// LLVM's schedulers ask of each two accesses to LDS of a block whether they can meet, and where their addresses don't have one
// register its analysis takes both expressions apart: a seventh of all that the code generator does for a product. In programs
// of tiles it is in vain. What is written between two barriers is read behind the second one, and addresses of one register are
// told apart by their constants. So accesses name the array alone as their place, and such questions are answered at once.

#include "lds_places.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineMemOperand.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/Support/AMDGPUAddrSpace.h"
#include "llvm/Target/RegisterTargetPassConfigCallback.h"
#include "llvm/Target/TargetMachine.h"
#include "tile_passes.h"

namespace soma::llvm_addon {
namespace {

class NameArrays : public llvm::MachineFunctionPass {
public:
    NameArrays() : MachineFunctionPass(id) {}

    llvm::StringRef getPassName() const override { return "Name arrays as the places of accesses to LDS"; }

    void getAnalysisUsage(llvm::AnalysisUsage& usage) const override {
        usage.setPreservesAll();
        llvm::MachineFunctionPass::getAnalysisUsage(usage);
    }

    bool runOnMachineFunction(llvm::MachineFunction& function) override {
        if (!isOfTiles(*function.getFunction().getParent())) {
            return false;
        }
        for (llvm::MachineBasicBlock& block : function) {
            for (llvm::MachineInstr& instruction : block) {
                llvm::SmallVector<llvm::MachineMemOperand*, 2> places;
                for (llvm::MachineMemOperand* place : instruction.memoperands()) {
                    places.push_back(coarsened(function, *place));
                }
                if (!places.empty()) {
                    instruction.setMemRefs(function, places);
                }
            }
        }
        return true;
    }

private:
    /// The same access to anywhere in its array. What says with which accesses it can't meet is left: loads straight to LDS.
    static llvm::MachineMemOperand* coarsened(llvm::MachineFunction& function, llvm::MachineMemOperand& place) {
        const llvm::AAMDNodes& told = place.getAAInfo();
        if (place.getAddrSpace() != llvm::AMDGPUAS::LOCAL_ADDRESS || place.getValue() == nullptr || place.isVolatile() ||
            place.isAtomic() || told.Scope != nullptr || told.NoAlias != nullptr) {
            return &place;
        }
        const llvm::Value* array = llvm::getUnderlyingObject(place.getValue());
        if (!llvm::isa<llvm::GlobalVariable>(array)) {
            return &place;
        }
        return function.getMachineMemOperand(llvm::MachinePointerInfo(array), place.getFlags(), place.getMemoryType(),
                                             place.getAlign(), told, place.getRanges());
    }

    static char id;
};

char NameArrays::id = 0;

void add(llvm::TargetMachine& machine, llvm::PassManagerBase&, llvm::TargetPassConfig* config) {
    if (machine.getTargetTriple().isAMDGPU() && machine.getOptLevel() != llvm::CodeGenOptLevel::None) {
        // Behind what joins accesses, before the first scheduler.
        config->insertPass(&llvm::RegisterCoalescerID, new NameArrays());
    }
}

}  // namespace

void nameArraysOfLds() {
    static const llvm::RegisterTargetPassConfigCallback callback(add);
}

}  // namespace soma::llvm_addon
