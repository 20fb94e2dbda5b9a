// Dot products of packed numbers. Source: RDNA3 ISA, "VOP3P Instructions" (V_DOT…); CDNA3 ISA for V_DOT2C and its kind.

#include "families.h"
#include "float.h"
#include "small_floats.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;
using i32 = int32_t;
using i64 = int64_t;

/// Of the sources of an `iu` dot product, neg_lo says which are signed (see bindPacked for the bits' place).
constexpr u32 kFirstSigned = 4;
constexpr u32 kSecondSigned = 4 << 4;

/// Field `index` of `bits` bits.
constexpr i64 field(u32 word, unsigned index, unsigned bits, bool isSigned) {
    const u32 value = word >> (index * bits) & ((1u << bits) - 1);
    return isSigned ? static_cast<i32>(value << (32 - bits)) >> (32 - bits) : static_cast<i64>(value);
}

template <unsigned Bits>
constexpr i64 integerDot(u32 a, u32 b, bool signedA, bool signedB) {
    i64 sum = 0;
    for (unsigned i = 0; i < 32 / Bits; ++i) {
        sum += field(a, i, Bits, signedA) * field(b, i, Bits, signedB);
    }
    return sum;
}

/// Integer dot products: the exact sum, wrapped or with clamp saturated to the result's type.
template <unsigned Bits, bool UnsignedResult, class Signs>
void runIntegerDot(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const u32 exec = wave.exec32(half);
        alignas(64) u32 scratch[3][2][kPart];
        const u32* rows[3][2];
        for (unsigned i = 0; i < 3; ++i) {
            sourceRows(wave, op.src[i], ValueType::U32, half, scratch[i], rows[i]);
        }
        alignas(64) u32 results[kPart];
        for (unsigned lane = 0; lane < kPart; ++lane) {
            const u32 c = rows[2][0][lane];
            const i64 addend = UnsignedResult ? i64(c) : i64(static_cast<i32>(c));
            i64 sum = integerDot<Bits>(rows[0][0][lane], rows[1][0][lane], Signs{}(op.aux, kFirstSigned),
                                       Signs{}(op.aux, kSecondSigned)) +
                      addend;
            if (op.clamp) {
                const i64 low = UnsignedResult ? 0 : INT32_MIN;
                const i64 high = UnsignedResult ? i64(UINT32_MAX) : INT32_MAX;
                sum = sum < low ? low : sum > high ? high : sum;
            }
            results[lane] = static_cast<u32>(sum);
        }
        blend(wave.vgpr + op.dst.reg + half * kPart, results, exec);
    }
}

struct AllSigned {
    bool operator()(u32, u32) const { return true; }
};
struct AllUnsigned {
    bool operator()(u32, u32) const { return false; }
};
struct SignedByModifier {
    bool operator()(u32 aux, u32 bit) const { return (aux & bit) != 0; }
};

template <unsigned Bits, bool UnsignedResult, class Signs>
Semantics integerDotProduct(Bind bind = bindPacked) {
    const Signature signature{ValueType::U32, false, 3, {ValueType::U32, ValueType::U32, ValueType::U32}};
    return Semantics{runIntegerDot<Bits, UnsignedResult, Signs>, bind, InstructionClass::Valu, signature, nullptr, 0};
}

/// a·b + c of bfloat16s, rounded once: their product is exact in double, and the sum's way to 16 bits goes by single
/// precision with its last bit made odd.
BFloat fusedBfloat(BFloat a, BFloat b, BFloat c) {
    const double product = double(toFloat(a)) * toFloat(b);
    const double addend = toFloat(c);
    const double sum = product + addend;
    const double other = sum - product;
    const double lost = (product - (sum - other)) + (addend - other);
    const float single = static_cast<float>(sum);
    // What vanishes in single precision does so in 16 bits.
    const double cut = single == 0 ? 0 : sum - single != 0 ? sum - single : lost;
    return toBfloat(roundedToOdd({single, cut > 0 ? 1.0f : cut < 0 ? -1.0f : 0.0f}));
}

template <class T>
T lowerHalf(u32 pair) {
    return T{static_cast<uint16_t>(pair)};
}
template <class T>
T upperHalf(u32 pair) {
    return T{static_cast<uint16_t>(pair >> 16)};
}

/// Four floats of 8 bits, one fused step after the other.
template <Element A, Element B>
void addSmallDot(Table& table, const std::string& types) {
    table.add("v_dot4_f32_" + types, vector([](u32 a, u32 b, float c) {
                  for (unsigned i = 0; i < 4; ++i) {
                      c = std::fma(decodeSmall<A>(a >> i * 8), decodeSmall<B>(b >> i * 8), c);
                  }
                  return c;
              }),
              kGfx12Plus);
}

inline float low(u32 pair) { return halfToFloat(static_cast<uint16_t>(pair)); }
inline float high(u32 pair) { return halfToFloat(static_cast<uint16_t>(pair >> 16)); }
inline float lowBf(u32 pair) { return bfloatToFloat(static_cast<uint16_t>(pair)); }
inline float highBf(u32 pair) { return bfloatToFloat(static_cast<uint16_t>(pair >> 16)); }

}  // namespace

void addDotProducts(Table& table) {
    table.add("v_dot4_i32_iu8", integerDotProduct<8, false, SignedByModifier>());
    table.add("v_dot8_i32_iu4", integerDotProduct<4, false, SignedByModifier>());
    table.add("v_dot4_i32_i8", integerDotProduct<8, false, AllSigned>());
    table.add("v_dot8_i32_i4", integerDotProduct<4, false, AllSigned>());
    table.add("v_dot2_i32_i16", integerDotProduct<16, false, AllSigned>());
    table.add("v_dot4_u32_u8", integerDotProduct<8, true, AllUnsigned>());
    table.add("v_dot8_u32_u4", integerDotProduct<4, true, AllUnsigned>());
    table.add("v_dot2_u32_u16", integerDotProduct<16, true, AllUnsigned>());
    table.add({"v_dot4c_i32_i8"}, integerDotProduct<8, false, AllSigned>(bindPackedAccumulate));
    table.add({"v_dot8c_i32_i4"}, integerDotProduct<4, false, AllSigned>(bindPackedAccumulate));
    table.add({"v_dot2c_i32_i16"}, integerDotProduct<16, false, AllSigned>(bindPackedAccumulate));
    // Two fused steps, the low products first.
    const auto half = [](u32 a, u32 b, float c) { return std::fma(high(a), high(b), std::fma(low(a), low(b), c)); };
    const auto brain = [](u32 a, u32 b, float c) {
        return std::fma(highBf(a), highBf(b), std::fma(lowBf(a), lowBf(b), c));
    };
    table.add("v_dot2_f32_f16", vector(half));
    table.add({"v_dot2c_f32_f16", "v_dot2acc_f32_f16"}, vectorAccumulate(half));
    table.add("v_dot2_f32_bf16", vector(brain));
    table.add({"v_dot2c_f32_bf16", "v_dot2acc_f32_bf16"}, vectorAccumulate(brain));
    // With 16-bit results each step rounds to 16 bits.
    table.add("v_dot2_f16_f16", vector([](u32 a, u32 b, Half c) {
                  return fusedHalf(upperHalf<Half>(a), upperHalf<Half>(b),
                                   fusedHalf(lowerHalf<Half>(a), lowerHalf<Half>(b), c));
              }));
    table.add("v_dot2_bf16_bf16", vector([](u32 a, u32 b, BFloat c) {
                  return fusedBfloat(upperHalf<BFloat>(a), upperHalf<BFloat>(b),
                                     fusedBfloat(lowerHalf<BFloat>(a), lowerHalf<BFloat>(b), c));
              }));
    addSmallDot<Element::Fp8, Element::Fp8>(table, "fp8_fp8");
    addSmallDot<Element::Fp8, Element::Bf8>(table, "fp8_bf8");
    addSmallDot<Element::Bf8, Element::Fp8>(table, "bf8_fp8");
    addSmallDot<Element::Bf8, Element::Bf8>(table, "bf8_bf8");
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
