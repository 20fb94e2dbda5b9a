// A 64-bit `or` becomes two of 32 bits late, in instruction selection. Where a half of one operand is all ones, LLVM
// 22.1.8's SIFoldOperands turns `or x, -1` into `mov x`: it removes the wrong operand (fixed for LLVM 23,
// https://github.com/llvm/llvm-project/pull/189655). So the half that is known is taken out of the `or` here. No pass
// that would put it back runs after this.

#include "known_ones.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/KnownBits.h"

namespace soma::llvm_addon {
namespace {

constexpr uint64_t LOW = 0xffffffffu;
constexpr uint64_t HIGH = LOW << 32;

/// The half of a 64-bit `or` that is all ones, as a mask; 0 where neither is.
uint64_t halfOfOnes(const llvm::Instruction& instruction, const llvm::DataLayout& layout) {
    if (instruction.getOpcode() != llvm::Instruction::Or || !instruction.getType()->isIntegerTy(64)) {
        return 0;
    }
    // An `or` with a constant is split before instruction selection, and well.
    if (llvm::isa<llvm::Constant>(instruction.getOperand(1))) {
        return 0;
    }
    const llvm::APInt ones = llvm::computeKnownBits(&instruction, layout).One;
    if (llvm::APInt(64, HIGH).isSubsetOf(ones)) {
        return HIGH;
    }
    return llvm::APInt(64, LOW).isSubsetOf(ones) ? LOW : 0;
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
