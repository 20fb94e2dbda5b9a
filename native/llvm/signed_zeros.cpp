// LLVM 22.1.8's instruction selection loses the sign of some zeros. SelectVOP3ModsImpl of AMDGPUDAGToDAGISel folds an
// operand `0.0 - x` into the instruction that uses it as `-x`, which is -0 where x is +0. A product that is rounded to a
// half is made v_fma_mixlo_f16 with the addend +0, which makes a product of -0 +0. And a pair of halves of which the upper
// one is the constant -0 is made by clearing the upper half, as if it were +0 (VOP3PInstructions.td, FP_ZERO). An empty
// piece of assembly around the difference, the product or the constant keeps it a value of its own.

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

/// Whether a constant half, or an element of a constant vector of halves, is -0.
bool hasMinusZero(const llvm::Value* value) {
    const auto* constant = llvm::dyn_cast<llvm::Constant>(value);
    if (constant == nullptr || !constant->getType()->getScalarType()->is16bitFPTy()) {
        return false;
    }
    const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(constant->getType());
    const unsigned count = vector == nullptr ? 1 : vector->getNumElements();
    return llvm::any_of(llvm::seq(count), [&](unsigned at) {
        const auto* element = llvm::dyn_cast_or_null<llvm::ConstantFP>(
            vector == nullptr ? constant : constant->getAggregateElement(at));
        return element != nullptr && element->isNegative() && element->isZero();
    });
}

/// The constant by way of a register.
llvm::Value* hidden(llvm::IRBuilder<>& builder, llvm::Constant* constant) {
    llvm::Type* type = constant->getType();
    const auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
    if (vector == nullptr) {
        llvm::Type* word = builder.getInt16Ty();
        auto* nothing = llvm::InlineAsm::get(llvm::FunctionType::get(word, {word}, false), "", "=v,0", false);
        llvm::Value* bits = builder.CreateCall(nothing, {builder.getInt16(0x8000)});
        return builder.CreateBitCast(bits, type);
    }
    llvm::Value* whole = llvm::PoisonValue::get(type);
    for (unsigned at = 0; at < vector->getNumElements(); ++at) {
        llvm::Constant* element = constant->getAggregateElement(at);
        if (!llvm::isa<llvm::UndefValue>(element)) {
            llvm::Value* kept = hasMinusZero(element) ? hidden(builder, element) : element;
            whole = builder.CreateInsertElement(whole, kept, at);
        }
    }
    return whole;
}

/// Vectors are made of constants and other values by these two.
void hideMinusZeros(llvm::Instruction& instruction) {
    if (!llvm::isa<llvm::InsertElementInst, llvm::ShuffleVectorInst>(instruction)) {
        return;
    }
    llvm::IRBuilder<> builder(&instruction);
    for (unsigned at = 0; at < 2; ++at) {
        if (hasMinusZero(instruction.getOperand(at))) {
            instruction.setOperand(at, hidden(builder, llvm::cast<llvm::Constant>(instruction.getOperand(at))));
        }
    }
}

}  // namespace

void keepSignedZeros(llvm::Module& module) {
    for (llvm::Function& function : module) {
        for (llvm::Instruction& instruction : llvm::make_early_inc_range(llvm::instructions(function))) {
            if (isZeroMinus(instruction) || isRoundedProduct(instruction)) {
                keep(instruction);
            }
            hideMinusZeros(instruction);
        }
    }
}

}  // namespace soma::llvm_addon
