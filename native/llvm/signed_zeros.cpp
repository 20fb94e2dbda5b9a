// LLVM 22.1.8's instruction selection loses the sign of some zeros. SelectVOP3ModsImpl of AMDGPUDAGToDAGISel folds an
// operand `0.0 - x` into the instruction that uses it as `-x`, which is -0 where x is +0. A product that is rounded to a
// half is made v_fma_mixlo_f16 with the addend +0, which makes a product of -0 +0. An empty piece of assembly around the
// difference or the product keeps it an instruction of its own.

#include "signed_zeros.h"

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

bool isRoundedProduct(const llvm::Instruction& instruction) {
    return instruction.getOpcode() == llvm::Instruction::FMul && !instruction.hasNoSignedZeros() &&
           llvm::any_of(instruction.users(), [](const llvm::User* user) {
               return llvm::isa<llvm::FPTruncInst>(user) && user->getType()->getScalarType()->isHalfTy();
           });
}

void keep(llvm::Instruction& instruction) {
    llvm::Type* type = instruction.getType();
    llvm::IRBuilder<> builder(instruction.getNextNode());
    auto* nothing = llvm::InlineAsm::get(llvm::FunctionType::get(type, {type}, false), "", "=v,0", false);
    llvm::CallInst* kept = builder.CreateCall(nothing, {&instruction});
    instruction.replaceUsesWithIf(kept, [&](const llvm::Use& use) { return use.getUser() != kept; });
}

}  // namespace

void keepSignedZeros(llvm::Module& module) {
    for (llvm::Function& function : module) {
        for (llvm::Instruction& instruction : llvm::make_early_inc_range(llvm::instructions(function))) {
            if (isZeroMinus(instruction) || isRoundedProduct(instruction)) {
                keep(instruction);
            }
        }
    }
}

}  // namespace soma::llvm_addon
