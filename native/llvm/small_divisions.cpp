// Where both operands of a division are small, LLVM's AMDGPU back end divides by a single-precision reciprocal. In LLVM
// 22.1.8 that is wrong
//  - for unsigned operands whose upper bits are equal but not zero, at -O0
//    (https://github.com/llvm/llvm-project/pull/196418),
//  - for 23 and 24 bits, where the hardware's reciprocal is off by a unit in the last place
//    (https://github.com/llvm/llvm-project/pull/201186 and 202753),
//  - for the lowest value divided by -1, such as -128 / -1 in 32 bits
//    (https://github.com/llvm/llvm-project/pull/203436).
// These are fixed for LLVM 23. A division of 64 bits whose operands fit into 32 becomes one of 32 bits, of which
// -2147483648 / -1 is too large for the result. An empty piece of assembly hides the dividend's range; then the division is the long one,
// which is right for all operands.

#include "small_divisions.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/KnownBits.h"

namespace soma::llvm_addon {
namespace {

/// What the short division is tried for.
constexpr unsigned SHORT_BITS = 24;
/// What a division of 64 bits is made one of 32 bits for.
constexpr unsigned WORD_BITS = 32;
/// Up to so many significant bits (with the sign, where there is one) it is right.
constexpr unsigned RIGHT_UNSIGNED_BITS = 22;
constexpr unsigned RIGHT_SIGNED_BITS = 23;

bool isDivision(const llvm::Instruction& instruction) {
    switch (instruction.getOpcode()) {
    case llvm::Instruction::UDiv:
    case llvm::Instruction::URem:
    case llvm::Instruction::SDiv:
    case llvm::Instruction::SRem:
        return instruction.getType()->isIntegerTy();
    default: return false;
    }
}

/// Instruction selection looks through the `freeze` that LLVM puts before a division and a remainder of the same operands;
/// the analysis of values does not.
const llvm::Value* thawed(const llvm::Value* value) {
    const auto* freeze = llvm::dyn_cast<llvm::FreezeInst>(value);
    return freeze == nullptr ? value : freeze->getOperand(0);
}

bool isDividedWrongly(const llvm::Instruction& division, unsigned level) {
    const llvm::Value* dividend = thawed(division.getOperand(0));
    const llvm::Value* divisor = thawed(division.getOperand(1));
    if (llvm::isa<llvm::Constant>(divisor)) {
        return false;  // A product and shifts.
    }
    if (level == 0) {
        return division.getType()->getIntegerBitWidth() >= 32;  // Narrower ones are LLVM's own, at higher levels.
    }
    const llvm::DataLayout& layout = division.getDataLayout();
    const llvm::KnownBits left = llvm::computeKnownBits(dividend, layout);
    const llvm::KnownBits right = llvm::computeKnownBits(divisor, layout);
    if (division.getOpcode() == llvm::Instruction::UDiv || division.getOpcode() == llvm::Instruction::URem) {
        const unsigned bits = std::max(left.countMaxActiveBits(), right.countMaxActiveBits());
        return bits > RIGHT_UNSIGNED_BITS && bits <= SHORT_BITS;
    }
    const unsigned bits = std::max(llvm::ComputeMaxSignificantBits(dividend, layout),
                                   llvm::ComputeMaxSignificantBits(divisor, layout));
    const bool mayOverflow = !left.isNonNegative() && !right.isNonNegative();
    const bool isShort = bits <= SHORT_BITS && (bits > RIGHT_SIGNED_BITS || mayOverflow);
    return isShort || (bits == WORD_BITS && division.getType()->getIntegerBitWidth() > WORD_BITS && mayOverflow);
}

llvm::Value* hidden(llvm::IRBuilder<>& builder, llvm::Value* value) {
    llvm::Type* type = value->getType();
    auto* nothing = llvm::InlineAsm::get(llvm::FunctionType::get(type, {type}, false), "", "=v,0", false);
    return builder.CreateCall(nothing, {value});
}

void hideDividend(llvm::BinaryOperator& division) {
    llvm::IRBuilder<> builder(&division);
    llvm::Type* type = division.getType();
    if (type->getIntegerBitWidth() >= 32) {
        division.setOperand(0, hidden(builder, division.getOperand(0)));
        return;
    }
    // LLVM made it of one of 32 bits, because the operands fit: its own type says how small they are. Only those with a
    // sign are divided wrongly then.
    const auto wide = [&](unsigned at) { return builder.CreateSExt(division.getOperand(at), builder.getInt32Ty()); };
    llvm::Value* result = builder.CreateBinOp(division.getOpcode(), hidden(builder, wide(0)), wide(1));
    division.replaceAllUsesWith(builder.CreateTrunc(result, type));
    division.eraseFromParent();
}

}  // namespace

void hideSmallDividends(llvm::Module& module, unsigned level) {
    for (llvm::Function& function : module) {
        for (llvm::Instruction& instruction : llvm::make_early_inc_range(llvm::instructions(function))) {
            if (isDivision(instruction) && isDividedWrongly(instruction, level)) {
                hideDividend(llvm::cast<llvm::BinaryOperator>(instruction));
            }
        }
    }
}

}  // namespace soma::llvm_addon
