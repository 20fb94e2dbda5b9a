// AMD's GPUs divide 64 bits by an estimate of the divisor's reciprocal, which two rounds of Newton and Raphson's method make
// exact enough, and a product whose quotient is at most two too small. LLVM writes that in instruction selection, a block at a
// time, so that a loop computes the reciprocal in every round. Here the division is written out before (by the method of
// AMDGPUTargetLowering::LowerUDIVREM64), with all that depends on the divisor alone where the divisor is known.

#include "wide_divisions.h"

#include <map>
#include <vector>

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicsAMDGPU.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/KnownBits.h"

namespace soma::llvm_addon {
namespace {

using Builder = llvm::IRBuilder<>;

/// What a divisor is to all divisions by it: its magnitude, and 2^64 divided by that, at most a little too small.
struct Divisor {
    llvm::Value* magnitude;
    llvm::Value* reciprocal;
    /// All ones where it is negative, else zero; null for divisions without sign.
    llvm::Value* sign;
};

bool isSigned(const llvm::Instruction& division) {
    return division.getOpcode() == llvm::Instruction::SDiv || division.getOpcode() == llvm::Instruction::SRem;
}

bool isRemainder(const llvm::Instruction& division) {
    return division.getOpcode() == llvm::Instruction::URem || division.getOpcode() == llvm::Instruction::SRem;
}

/// A division of 64 bits that LLVM does not narrow to 32, by what is no constant.
bool isWide(const llvm::Instruction& division) {
    if (!division.isIntDivRem() || !division.getType()->isIntegerTy(64) ||
        llvm::isa<llvm::Constant>(division.getOperand(1))) {
        return false;
    }
    const llvm::DataLayout& layout = division.getDataLayout();
    const auto fits = [&](llvm::Value* value) {
        return isSigned(division) ? llvm::ComputeMaxSignificantBits(value, layout) <= 32
                                  : llvm::computeKnownBits(value, layout).countMaxActiveBits() <= 32;
    };
    return !fits(division.getOperand(0)) || !fits(division.getOperand(1));
}

/// The outermost loop in which the divisor stays the same and that has a place before it.
llvm::BasicBlock* placeBefore(llvm::Loop* loop, const llvm::Value* divisor) {
    llvm::BasicBlock* place = nullptr;
    for (; loop != nullptr && loop->isLoopInvariant(divisor); loop = loop->getParentLoop()) {
        if (llvm::BasicBlock* before = loop->getLoopPreheader()) {
            place = before;
        }
    }
    return place;
}

llvm::Value* highProduct(Builder& builder, llvm::Value* left, llvm::Value* right) {
    llvm::Type* wide = builder.getInt128Ty();
    llvm::Value* product = builder.CreateMul(builder.CreateZExt(left, wide), builder.CreateZExt(right, wide));
    return builder.CreateTrunc(builder.CreateLShr(product, 64), builder.getInt64Ty());
}

/// The magnitude of a number whose sign is spread over all bits.
llvm::Value* withSign(Builder& builder, llvm::Value* value, llvm::Value* sign) {
    return builder.CreateSub(builder.CreateXor(value, sign), sign);
}

llvm::Value* signOf(Builder& builder, llvm::Value* value) { return builder.CreateAShr(value, 63); }

llvm::Value* reciprocalOf(Builder& builder, llvm::Value* divisor) {
    llvm::Type* word = builder.getInt32Ty();
    llvm::Type* wide = builder.getInt64Ty();
    llvm::Type* single = builder.getFloatTy();
    const auto constant = [&](uint32_t bits) {
        return llvm::ConstantFP::get(single, llvm::APFloat(llvm::APFloat::IEEEsingle(), llvm::APInt(32, bits)));
    };
    const auto fma = [&](llvm::Value* a, llvm::Value* b, llvm::Value* c) {
        return builder.CreateIntrinsic(llvm::Intrinsic::fma, {single}, {a, b, c});
    };
    llvm::Value* low = builder.CreateUIToFP(builder.CreateTrunc(divisor, word), single);
    llvm::Value* high = builder.CreateUIToFP(builder.CreateTrunc(builder.CreateLShr(divisor, 32), word), single);
    llvm::Value* rounded = fma(high, constant(0x4f800000), low);                                       // 2^32
    llvm::Value* inverse = builder.CreateIntrinsic(llvm::Intrinsic::amdgcn_rcp, {single}, {rounded});
    llvm::Value* scaled = builder.CreateFMul(inverse, constant(0x5f7ffffc));                           // below 2^64
    llvm::Value* upper =
        builder.CreateUnaryIntrinsic(llvm::Intrinsic::trunc, builder.CreateFMul(scaled, constant(0x2f800000)));  // 2^-32
    llvm::Value* lower = fma(upper, constant(0xcf800000), scaled);                                     // -2^32
    llvm::Value* estimate = builder.CreateOr(
        builder.CreateShl(builder.CreateZExt(builder.CreateFPToUI(upper, word), wide), 32),
        builder.CreateZExt(builder.CreateFPToUI(lower, word), wide));
    llvm::Value* negated = builder.CreateNeg(divisor);
    for (int round = 0; round < 2; round++) {
        llvm::Value* error = builder.CreateMul(negated, estimate);
        estimate = builder.CreateAdd(estimate, highProduct(builder, estimate, error));
    }
    return estimate;
}

Divisor divisorOf(llvm::Value* value, bool isSigned, llvm::Instruction* place) {
    Builder builder(place);
    // What is computed with several times is one number, also where it has no value.
    value = builder.CreateFreeze(value);
    llvm::Value* sign = isSigned ? signOf(builder, value) : nullptr;
    llvm::Value* magnitude = isSigned ? withSign(builder, value, sign) : value;
    return {magnitude, reciprocalOf(builder, magnitude), sign};
}

void writeOut(llvm::Instruction& division, const Divisor& divisor) {
    Builder builder(&division);
    llvm::Value* dividend = builder.CreateFreeze(division.getOperand(0));
    llvm::Value* sign = divisor.sign == nullptr ? nullptr : signOf(builder, dividend);
    llvm::Value* magnitude = sign == nullptr ? dividend : withSign(builder, dividend, sign);

    llvm::Value* quotient = highProduct(builder, magnitude, divisor.reciprocal);
    llvm::Value* rest = builder.CreateSub(magnitude, builder.CreateMul(divisor.magnitude, quotient));
    for (int round = 0; round < 2; round++) {
        llvm::Value* again = builder.CreateICmpUGE(rest, divisor.magnitude);
        quotient = builder.CreateSelect(again, builder.CreateAdd(quotient, builder.getInt64(1)), quotient);
        rest = builder.CreateSelect(again, builder.CreateSub(rest, divisor.magnitude), rest);
    }
    llvm::Value* result = isRemainder(division) ? rest : quotient;
    if (sign != nullptr) {
        result = withSign(builder, result, isRemainder(division) ? sign : builder.CreateXor(sign, divisor.sign));
    }
    division.replaceAllUsesWith(result);
    division.eraseFromParent();
}

void hoistIn(llvm::Function& function) {
    std::vector<llvm::Instruction*> divisions;
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
        if (isWide(instruction)) {
            divisions.push_back(&instruction);
        }
    }
    if (divisions.empty()) {
        return;
    }
    llvm::DominatorTree dominators(function);
    const llvm::LoopInfo loops(dominators);
    std::map<std::tuple<llvm::Value*, bool, llvm::BasicBlock*>, Divisor> known;
    for (llvm::Instruction* division : divisions) {
        llvm::Value* value = division->getOperand(1);
        llvm::BasicBlock* place = placeBefore(loops.getLoopFor(division->getParent()), value);
        if (place == nullptr) {
            continue;
        }
        const auto [entry, isNew] = known.try_emplace({value, isSigned(*division), place});
        if (isNew) {
            entry->second = divisorOf(value, isSigned(*division), place->getTerminator());
        }
        writeOut(*division, entry->second);
    }
}

}  // namespace

void hoistReciprocals(llvm::Module& module) {
    for (llvm::Function& function : module) {
        if (!function.isDeclaration()) {
            hoistIn(function);
        }
    }
}

}  // namespace soma::llvm_addon
