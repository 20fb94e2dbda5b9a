// What two paths bring to where they meet is mixed up where one of them computes its value at no cost, such as a zero
// extension: LLVM 22.1.8's StructurizeCFG computes it before the branch, and has it come also from the other path, on the
// assumption that who takes the second path has not been on the first. That holds for one `if` with its `else` alone: of a
// condition such as `a || b` the second part's work-items may take either (llvm-project#183792 is part of it). So such values
// are computed before the branch by this pass already, where StructurizeCFG finds nothing to do.

#include "branch_values.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Pass.h"
#include "llvm/Target/RegisterTargetPassConfigCallback.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils.h"

#include <memory>

namespace soma::llvm_addon {
namespace {

class ComputeBeforeBranches : public llvm::FunctionPass {
public:
    ComputeBeforeBranches() : FunctionPass(id) {}

    llvm::StringRef getPassName() const override { return "Compute before branches what costs nothing"; }

    void getAnalysisUsage(llvm::AnalysisUsage& usage) const override {
        usage.addRequired<llvm::DominatorTreeWrapperPass>();
        usage.addRequired<llvm::TargetTransformInfoWrapperPass>();
        usage.setPreservesCFG();
    }

    bool runOnFunction(llvm::Function& function) override {
        const llvm::DominatorTree& dominators = getAnalysis<llvm::DominatorTreeWrapperPass>().getDomTree();
        const llvm::TargetTransformInfo& costs =
            getAnalysis<llvm::TargetTransformInfoWrapperPass>().getTTI(function);
        llvm::SmallVector<llvm::Instruction*> moved;
        for (llvm::BasicBlock& block : function) {
            for (llvm::PHINode& meeting : block.phis()) {
                if (isIfWithElse(meeting)) {
                    continue;
                }
                for (unsigned i = 0; i < meeting.getNumIncomingValues(); ++i) {
                    auto* value = llvm::dyn_cast<llvm::Instruction>(meeting.getIncomingValue(i));
                    if (value != nullptr && comesFree(*value, *meeting.getIncomingBlock(i), costs) &&
                        !llvm::is_contained(moved, value)) {
                        moved.push_back(value);
                    }
                }
            }
        }
        for (llvm::Instruction* value : moved) {
            if (const auto* above = dominators.getNode(value->getParent())->getIDom()) {
                value->moveBefore(above->getBlock()->getTerminator()->getIterator());
            }
        }
        return !moved.empty();
    }

private:
    /// Two paths that one branch begins, and nothing else leads to.
    static bool isIfWithElse(const llvm::PHINode& meeting) {
        if (meeting.getNumIncomingValues() != 2) {
            return false;
        }
        const llvm::BasicBlock* first = meeting.getIncomingBlock(0);
        const llvm::BasicBlock* second = meeting.getIncomingBlock(1);
        const llvm::BasicBlock* beforeFirst = first->getSinglePredecessor();
        const llvm::BasicBlock* beforeSecond = second->getSinglePredecessor();
        return (beforeFirst != nullptr && (beforeFirst == beforeSecond || beforeFirst == second)) ||
               (beforeSecond != nullptr && beforeSecond == first);
    }

    /// Whether StructurizeCFG would take the value out of the block that it comes from.
    static bool comesFree(const llvm::Instruction& value, const llvm::BasicBlock& from,
                          const llvm::TargetTransformInfo& costs) {
        if (value.getParent() != &from || from.getSingleSuccessor() == nullptr || llvm::isa<llvm::PHINode>(value) ||
            !llvm::isSafeToSpeculativelyExecute(&value)) {
            return false;
        }
        for (const llvm::Value* operand : value.operands()) {
            const auto* computed = llvm::dyn_cast<llvm::Instruction>(operand);
            if (computed != nullptr && computed->getParent() == &from) {
                return false;
            }
        }
        return costs.getInstructionCost(&value, llvm::TargetTransformInfo::TCK_SizeAndLatency) ==
               llvm::TargetTransformInfo::TCC_Free;
    }

    static char id;
};

char ComputeBeforeBranches::id = 0;

void add(llvm::TargetMachine& machine, llvm::PassManagerBase&, llvm::TargetPassConfig* config) {
    if (machine.getTargetTriple().isAMDGPU()) {
        // The last pass before StructurizeCFG, whose number LLVM's headers don't name.
        static const llvm::AnalysisID before =
            std::unique_ptr<llvm::FunctionPass>(llvm::createUnifyLoopExitsPass())->getPassID();
        config->insertPass(before, new ComputeBeforeBranches());
    }
}

}  // namespace

void keepBranchValuesApart() {
    static const llvm::RegisterTargetPassConfigCallback callback(add);
}

}  // namespace soma::llvm_addon
