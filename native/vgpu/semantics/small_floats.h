// From numbers to floats of 8, 6 and 4 bits: rounding to nearest even or stochastically, and what becomes of values that
// are too large. Formats: see matrix_elements.h, which has the way back.
// Source: CDNA3, CDNA4 and RDNA4 ISA, V_CVT_PK_FP8_F32, V_CVT_SR_FP8_F32, V_CVT_SCALEF32_…; "MODE register" for FP16_OVFL.
#pragma once

#include "matrix_elements.h"

#include <algorithm>
#include <cstdint>

namespace soma::vgpu::SOMA_HOST_ISA {

/// What becomes of a number beyond the greatest: infinity (or NaN where the format has none), or, with MODE's FP16_OVFL,
/// the greatest number. Formats of 6 and 4 bits have neither infinity nor NaN: they always take the greatest.
enum class Overflow : bool { Infinite, Greatest };

/// `noise`, where `Stochastic`, is added as a fraction of the last place, in units of 2^-32, before truncating.
template <Element E, bool Stochastic>
uint32_t encodeSmall(float value, uint32_t noise, Overflow overflow) {
    constexpr SmallFormat kFormat = smallFormat(E);
    using Special = SmallFormat::Special;
    constexpr uint32_t kFraction = kFormat.fractionBits;
    constexpr uint32_t kSignShift = kFormat.exponentBits + kFraction;
    constexpr uint32_t kAll = (1u << kSignShift) - 1;
    constexpr bool kFnuz = kFormat.special == Special::MinusZero;
    constexpr uint32_t kInfinity = ((1u << kFormat.exponentBits) - 1) << kFraction;
    /// The greatest code of a number.
    constexpr uint32_t kMost = kFormat.special == Special::Ieee      ? kInfinity - 1
                               : kFormat.special == Special::AllOnes ? kAll - 1
                                                                     : kAll;
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t sign = bits >> 31 << kSignShift;
    const uint32_t magnitude = bits & 0x7fffffff;
    constexpr uint32_t kMinusZero = 1u << kSignShift;
    if (magnitude > 0x7f800000) {
        return kFnuz ? kMinusZero : sign | kAll;
    }
    const uint32_t infinite = kFnuz ? kMinusZero : sign | (kFormat.special == Special::Ieee ? kInfinity : kAll);
    if (magnitude == 0x7f800000) {
        return infinite;
    }
    // As significand · 2^(exponent - 23); what the format cannot hold is shifted out.
    const int exponent = std::max(static_cast<int>(magnitude >> 23), 1) - 127;
    const uint32_t significand = (magnitude & 0x7fffff) | (magnitude >= 0x800000 ? 0x800000 : 0);
    const int least = 1 - kFormat.bias;
    const int drop = std::min(23 - static_cast<int>(kFraction) + std::max(least - exponent, 0), 31);
    uint64_t kept = significand;
    if constexpr (Stochastic) {
        kept += uint64_t(noise) >> (32 - drop);
    } else {
        const uint64_t half = uint64_t(1) << (drop - 1);
        kept += half - 1 + (significand >> drop & 1);
    }
    kept >>= drop;
    // The leading one, where there is one, counts into the exponent field.
    const uint64_t field = static_cast<uint64_t>(std::max(exponent, least) - least);
    const uint64_t code = kept + (field << kFraction);
    if (code > kMost) {
        return overflow == Overflow::Greatest || kFormat.special == Special::None ? sign | kMost : infinite;
    }
    // FNUZ has no minus zero.
    return kFnuz && code == 0 ? 0 : sign | static_cast<uint32_t>(code);
}

template <Element E>
float decodeSmall(uint32_t bits) {
    return smallTable<E>()[bits & ((1u << bitsOf(E)) - 1)];
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
