// Matrix elements as numbers: every format of 32 bits or fewer is exact in single precision.
// Formats: OCP's "8-bit Floating Point Specification" 1.0 and "Microscaling Formats" 1.0; CDNA3 ISA for the FNUZ ones.
#pragma once

#include "../execute/half.h"
#include "matrix_shapes.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace soma::vgpu::SOMA_HOST_ISA {

/// A small floating-point format: sign, exponent, fraction.
struct SmallFormat {
    unsigned exponentBits;
    unsigned fractionBits;
    int bias;
    /// How infinities and NaNs are coded: as IEEE does; all ones is NaN (E4M3); minus zero is NaN (FNUZ); not at all.
    enum class Special : uint8_t { Ieee, AllOnes, MinusZero, None } special;
};

inline float smallFloat(unsigned bits, const SmallFormat& format) {
    const unsigned fractionMask = (1u << format.fractionBits) - 1;
    const unsigned exponentMask = (1u << format.exponentBits) - 1;
    const unsigned fraction = bits & fractionMask;
    const unsigned exponent = bits >> format.fractionBits & exponentMask;
    const bool negative = (bits >> (format.fractionBits + format.exponentBits) & 1) != 0;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float infinity = std::numeric_limits<float>::infinity();
    switch (format.special) {
    case SmallFormat::Special::Ieee:
        if (exponent == exponentMask) {
            return fraction != 0 ? nan : negative ? -infinity : infinity;
        }
        break;
    case SmallFormat::Special::AllOnes:
        if (exponent == exponentMask && fraction == fractionMask) {
            return nan;
        }
        break;
    case SmallFormat::Special::MinusZero:
        if (negative && exponent == 0 && fraction == 0) {
            return nan;
        }
        break;
    case SmallFormat::Special::None:
        break;
    }
    const unsigned significand = exponent == 0 ? fraction : fraction | (1u << format.fractionBits);
    const int scale =
        static_cast<int>(exponent == 0 ? 1 : exponent) - format.bias - static_cast<int>(format.fractionBits);
    const float magnitude = std::ldexp(static_cast<float>(significand), scale);
    return negative ? -magnitude : magnitude;
}

constexpr SmallFormat smallFormat(Element element) {
    using Special = SmallFormat::Special;
    switch (element) {
    case Element::Bf8:
        return {5, 2, 15, Special::Ieee};
    case Element::Fp8Fnuz:
        return {4, 3, 8, Special::MinusZero};
    case Element::Bf8Fnuz:
        return {5, 2, 16, Special::MinusZero};
    case Element::Fp6:
        return {2, 3, 1, Special::None};
    case Element::Bf6:
        return {3, 2, 3, Special::None};
    case Element::Fp4:
        return {2, 1, 1, Special::None};
    default:
        return {4, 3, 7, Special::AllOnes};
    }
}

using SmallTable = std::array<float, 256>;

template <Element E>
const SmallTable& smallTable() {
    static const SmallTable table = [] {
        SmallTable values{};
        for (unsigned bits = 0; bits < (1u << bitsOf(E)); ++bits) {
            values[bits] = smallFloat(bits, smallFormat(E));
        }
        return values;
    }();
    return table;
}

inline const SmallTable& smallTableOf(Element element) {
    switch (element) {
    case Element::Bf8:
        return smallTable<Element::Bf8>();
    case Element::Fp8Fnuz:
        return smallTable<Element::Fp8Fnuz>();
    case Element::Bf8Fnuz:
        return smallTable<Element::Bf8Fnuz>();
    case Element::Fp6:
        return smallTable<Element::Fp6>();
    case Element::Bf6:
        return smallTable<Element::Bf6>();
    case Element::Fp4:
        return smallTable<Element::Fp4>();
    default:
        return smallTable<Element::Fp8>();
    }
}

/// Fraction bits that a significand of the format has, and the least exponent of a normal number.
struct Precision {
    int fractionBits;
    int leastExponent;
};

constexpr Precision precisionOf(Element element) {
    switch (element) {
    case Element::Xf32:
        return {10, -126};
    case Element::F16:
        return {10, -14};
    case Element::Bf16:
        return {7, -126};
    default: {
        const SmallFormat format = smallFormat(element);
        return {static_cast<int>(format.fractionBits), 1 - format.bias};
    }
    }
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
