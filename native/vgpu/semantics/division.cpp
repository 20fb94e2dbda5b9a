// The steps of IEEE division: scale, fused multiply-add with the scale undone, fix-up of special cases.
// Source: RDNA3 ISA, "V_DIV_SCALE_F32", "V_DIV_FMAS_F32", "V_DIV_FIXUP_F32" and their double-precision forms. Where
// the manual's text gives v_div_fmas one fixed scale, the exponent of its third operand tells a quotient that was
// scaled down from one that was scaled up: this is what makes LLVM's division sequence exact.

#include "families.h"
#include "float.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

template <class T>
struct Format;
template <>
struct Format<float> {
    using Bits = uint32_t;
    static constexpr int kFraction = 23;
    static constexpr int kExponents = 0xff;
    /// Differences of exponents from which the quotient comes near overflow, and below which it vanishes.
    static constexpr int kNearOverflow = 96;
    static constexpr int kVanishing = -150;
    static constexpr int kTinyNumerator = 23;
    static constexpr int kScale = 64;
    static constexpr int kBias = 127;
};
template <>
struct Format<double> {
    using Bits = uint64_t;
    static constexpr int kFraction = 52;
    static constexpr int kExponents = 0x7ff;
    static constexpr int kNearOverflow = 768;
    static constexpr int kVanishing = -1075;
    static constexpr int kTinyNumerator = 53;
    static constexpr int kScale = 128;
    static constexpr int kBias = 1023;
};

template <class T>
int exponentOf(T value) {
    using F = Format<T>;
    return static_cast<int>(std::bit_cast<typename F::Bits>(value) >> F::kFraction) & F::kExponents;
}

template <class T>
bool isDenormal(T value) {
    return exponentOf(value) == 0 && value != 0;
}

/// Whether numerator ÷ denominator is below the smallest normal number. By exponents, because the quotient itself may
/// not be representable: significands decide where the exponents leave it open.
template <class T>
bool quotientIsDenormal(T numerator, T denominator) {
    int numeratorExponent = 0;
    int denominatorExponent = 0;
    const T a = std::frexp(std::fabs(numerator), &numeratorExponent);
    const T b = std::frexp(std::fabs(denominator), &denominatorExponent);
    const int exponent = numeratorExponent - denominatorExponent - (a < b ? 1 : 0);
    return numerator != 0 && std::isfinite(numerator) && std::isfinite(denominator) && exponent < 1 - Format<T>::kBias;
}

/// `value` is the numerator or the denominator, whichever the instruction is to scale.
template <class T>
WithMask<T> scaleForDivision(T value, T denominator, T numerator) {
    using F = Format<T>;
    const bool ofDenominator = value == denominator;
    const bool ofNumerator = value == numerator;
    const int difference = exponentOf(numerator) - exponentOf(denominator);
    if (numerator == 0 || denominator == 0) {
        return {std::numeric_limits<T>::quiet_NaN(), false};
    }
    if (difference >= F::kNearOverflow) {
        return {ofDenominator ? std::ldexp(value, F::kScale) : value, true};
    }
    if (isDenormal(denominator)) {
        return {std::ldexp(value, F::kScale), false};
    }
    const bool reciprocalDenormal = quotientIsDenormal(T(1), denominator);
    const bool quotientDenormal = quotientIsDenormal(numerator, denominator);
    if (reciprocalDenormal && quotientDenormal) {
        // Scaled up, as the manual has it, so large a denominator would overflow.
        return {ofDenominator ? std::ldexp(value, -F::kScale) : value, true};
    }
    if (reciprocalDenormal) {
        return {std::ldexp(value, -F::kScale), false};
    }
    if (quotientDenormal) {
        return {ofNumerator ? std::ldexp(value, F::kScale) : value, true};
    }
    if (exponentOf(numerator) <= F::kTinyNumerator) {
        return {std::ldexp(value, F::kScale), false};
    }
    return {value, false};
}

/// What a fused multiply-add cut off: exact in sign, which is all that is asked of it.
template <class T>
T fusedRest(T a, T b, T c, T rounded) {
    const T product = a * b;
    const T productRest = std::fma(a, b, -product);
    const T sum = product + c;
    const T addend = sum - product;
    const T sumRest = (product - (sum - addend)) + (c - addend);
    return (sum - rounded) + (sumRest + productRest);
}

/// value · 2^-kScale, where value + rest is what is meant: a denormal result is rounded once. The two roundings differ
/// only where the value lies exactly between two denormals and the rest says on which side of the middle it was.
template <class T>
T scaleDown(T value, T rest) {
    using F = Format<T>;
    constexpr T kLeast = std::numeric_limits<T>::denorm_min();
    const T scaled = std::ldexp(value, -F::kScale);
    const T dropped = value - std::ldexp(scaled, F::kScale);
    const T middle = std::ldexp(kLeast, F::kScale) / 2;
    if (dropped == middle && rest > 0) {
        return scaled + kLeast;
    }
    if (dropped == -middle && rest < 0) {
        return scaled - kLeast;
    }
    return scaled;
}

template <class T>
T fusedWithScale(T a, T b, T c, bool scaled) {
    using F = Format<T>;
    const T value = std::fma(a, b, c);
    if (!scaled) {
        return value;
    }
    return exponentOf(c) > F::kBias ? std::ldexp(value, F::kScale) : scaleDown(value, fusedRest(a, b, c, value));
}

template <class T>
T fixUpDivision(T quotient, T denominator, T numerator) {
    using F = Format<T>;
    constexpr T kInfinity = std::numeric_limits<T>::infinity();
    const T sign = std::signbit(denominator) != std::signbit(numerator) ? T(-1) : T(1);
    // The default NaN of the manual is negative.
    const T invalid = std::copysign(std::numeric_limits<T>::quiet_NaN(), T(-1));
    if (isNan(numerator)) {
        return numerator + numerator;
    }
    if (isNan(denominator)) {
        return denominator + denominator;
    }
    if ((denominator == 0 && numerator == 0) || (std::isinf(denominator) && std::isinf(numerator))) {
        return invalid;
    }
    if (denominator == 0 || std::isinf(numerator)) {
        return std::copysign(kInfinity, sign);
    }
    if (std::isinf(denominator) || numerator == 0) {
        return std::copysign(T(0), sign);
    }
    if (exponentOf(numerator) - exponentOf(denominator) < F::kVanishing) {
        return std::copysign(T(0), sign);
    }
    // A step of the sequence overflowed: so does the quotient.
    return std::copysign(isNan(quotient) ? kInfinity : std::fabs(quotient), sign);
}

template <class T>
void addFor(Table& table, const std::string& type) {
    table.add("v_div_scale_" + type, vector([](T a, T b, T c) { return scaleForDivision(a, b, c); }));
    table.add("v_div_fmas_" + type, vector([](T a, T b, T c, bool scaled) { return fusedWithScale(a, b, c, scaled); },
                                           InstructionClass::Valu, bindVectorVcc));
    table.add("v_div_fixup_" + type, vector([](T a, T b, T c) { return fixUpDivision(a, b, c); }));
}

}  // namespace

void addDivision(Table& table) {
    addFor<float>(table, "f32");
    addFor<double>(table, "f64");
    table.add("v_div_fixup_f16", vector([](Half quotient, Half denominator, Half numerator) {
                  const float a = toFloat(denominator);
                  const float b = toFloat(numerator);
                  const float special = b / a;
                  const float sign = std::signbit(a) != std::signbit(b) ? -1.0f : 1.0f;
                  const bool plain = std::isfinite(a) && std::isfinite(b) && a != 0 && b != 0;
                  return toHalf(plain ? std::copysign(toFloat(quotient), sign) : special);
              }));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
