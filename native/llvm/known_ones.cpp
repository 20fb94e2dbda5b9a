// A 64-bit `or` becomes two of 32 bits late, in instruction selection. Where a half of one operand is all ones, LLVM
// 22.1.8's SIFoldOperands turns `or x, -1` into `mov x`: it removes the wrong operand (fixed for LLVM 23,
// https://github.com/llvm/llvm-project/pull/189655). So the half that is known is taken out of the `or` here. No pass
// that would put it back runs after this.

#include "known_ones.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/KnownBits.h"

namespace soma::llvm_addon {
namespace {

constexpr uint64_t LOW = 0xffffffffu;
constexpr uint64_t HIGH = LOW << 32;

uint64_t knownOnes(const llvm::Value& value, const llvm::DataLayout& layout);

/// The bits that are ones in a word, also where it comes from another lane: instruction selection hands on what it knows
/// of all lanes, the analysis of values does not.
uint32_t knownOnesOfWord(const llvm::Value& word, const llvm::DataLayout& layout) {
    if (const auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&word)) {
        if (call->getCalledFunction()->getName().starts_with("llvm.amdgcn.read")) {  // readfirstlane, readlane
            return knownOnesOfWord(*call->getArgOperand(0), layout);
        }
    }
    const auto* part = llvm::dyn_cast<llvm::ExtractElementInst>(&word);
    const auto* cast = part == nullptr ? nullptr : llvm::dyn_cast<llvm::BitCastInst>(part->getVectorOperand());
    const auto* index = part == nullptr ? nullptr : llvm::dyn_cast<llvm::ConstantInt>(part->getIndexOperand());
    if (cast != nullptr && index != nullptr && cast->getOperand(0)->getType()->isIntegerTy(64)) {
        return static_cast<uint32_t>(knownOnes(*cast->getOperand(0), layout) >> (index->isZero() ? 0 : 32));
    }
    return static_cast<uint32_t>(llvm::computeKnownBits(&word, layout).One.getZExtValue());
}

/// The bits that are ones in a value of 64 bits, also where it is put together from words.
uint64_t knownOnes(const llvm::Value& value, const llvm::DataLayout& layout) {
    const auto* cast = llvm::dyn_cast<llvm::BitCastInst>(&value);
    const llvm::Value* words = cast == nullptr ? nullptr : cast->getOperand(0);
    if (words == nullptr || words->getType() != llvm::FixedVectorType::get(llvm::Type::getInt32Ty(value.getContext()), 2)) {
        return llvm::computeKnownBits(&value, layout).One.getZExtValue();
    }
    uint64_t ones[2] = {0, 0};
    bool found[2] = {false, false};
    while (const auto* insert = llvm::dyn_cast<llvm::InsertElementInst>(words)) {
        const auto* index = llvm::dyn_cast<llvm::ConstantInt>(insert->getOperand(2));
        if (index == nullptr || index->getZExtValue() > 1) {
            break;
        }
        const unsigned at = index->getZExtValue();
        if (!found[at]) {
            found[at] = true;
            ones[at] = knownOnesOfWord(*insert->getOperand(1), layout);
        }
        words = insert->getOperand(0);
    }
    return ones[1] << 32 | ones[0];
}

/// The half of a 64-bit `or` that is all ones, as a mask; 0 where neither is.
uint64_t halfOfOnes(const llvm::Instruction& instruction, const llvm::DataLayout& layout) {
    if (instruction.getOpcode() != llvm::Instruction::Or || !instruction.getType()->isIntegerTy(64)) {
        return 0;
    }
    // An `or` with a constant is split before instruction selection, and well.
    if (llvm::isa<llvm::Constant>(instruction.getOperand(1))) {
        return 0;
    }
    const uint64_t ones = knownOnes(*instruction.getOperand(0), layout) | knownOnes(*instruction.getOperand(1), layout) |
                          llvm::computeKnownBits(&instruction, layout).One.getZExtValue();
    if ((ones & HIGH) == HIGH) {
        return HIGH;
    }
    return (ones & LOW) == LOW ? LOW : 0;
}

/// The other half's `or` in 32 bits, and the ones beside it.
llvm::Value* separated(llvm::Instruction& instruction, uint64_t ones) {
    llvm::IRBuilder<> builder(&instruction);
    const auto half = [&](llvm::Value* value) {
        return builder.CreateTrunc(ones == HIGH ? value : builder.CreateLShr(value, 32), builder.getInt32Ty());
    };
    llvm::Value* other = builder.CreateOr(half(instruction.getOperand(0)), half(instruction.getOperand(1)));
    llvm::Value* wide = builder.CreateZExt(other, builder.getInt64Ty());
    return builder.CreateOr(ones == HIGH ? wide : builder.CreateShl(wide, 32), builder.getInt64(ones));
}

}  // namespace

void separateKnownOnes(llvm::Module& module) {
    for (llvm::Function& function : module) {
        for (llvm::Instruction& instruction : llvm::make_early_inc_range(llvm::instructions(function))) {
            if (const uint64_t ones = halfOfOnes(instruction, module.getDataLayout())) {
                instruction.replaceAllUsesWith(separated(instruction, ones));
                instruction.eraseFromParent();
            }
        }
    }
}

}  // namespace soma::llvm_addon
