// LLVM 22.1.8's instruction selection (AMDGPUDAGToDAGISel::SelectVOP3ModsImpl) folds an operand `0.0 - x` into the
// instruction that uses it as `-x`, which is -0 where x is +0. An empty piece of assembly around the difference keeps it
// an instruction of its own.

#include "zero_minus.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

namespace soma::llvm_addon {
namespace {

bool isZeroMinus(const llvm::Instruction& instruction) {
    return instruction.getOpcode() == llvm::Instruction::FSub && !instruction.getType()->isVectorTy() &&
           !instruction.hasNoSignedZeros() &&
           llvm::PatternMatch::match(instruction.getOperand(0), llvm::PatternMatch::m_PosZeroFP());
}

void keep(llvm::Instruction& difference) {
    llvm::Type* type = difference.getType();
    llvm::IRBuilder<> builder(difference.getNextNode());
    auto* nothing = llvm::InlineAsm::get(llvm::FunctionType::get(type, {type}, false), "", "=v,0", false);
    llvm::CallInst* kept = builder.CreateCall(nothing, {&difference});
    difference.replaceUsesWithIf(kept, [&](const llvm::Use& use) { return use.getUser() != kept; });
}

}  // namespace

void keepZeroMinus(llvm::Module& module) {
    for (llvm::Function& function : module) {
        for (llvm::Instruction& instruction : llvm::make_early_inc_range(llvm::instructions(function))) {
            if (isZeroMinus(instruction)) {
                keep(instruction);
            }
        }
    }
}

}  // namespace soma::llvm_addon
