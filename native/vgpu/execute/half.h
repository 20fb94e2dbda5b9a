// Half precision and bfloat16 by integer arithmetic: conversions from float round to nearest even, NaNs stay NaNs.
// Formats: IEEE 754-2019 binary16; bfloat16 is the upper half of a binary32.
#pragma once

#include <bit>
#include <cstdint>

namespace soma::vgpu {

inline float halfToFloat(uint16_t half) {
    const uint32_t sign = uint32_t(half & 0x8000) << 16;
    const uint32_t magnitude = half & 0x7fff;
    // A half is a float whose exponent is 112 too small; the multiplication also normalises denormals.
    const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
    const uint32_t special = 0x7f800000 | (magnitude & 0x3ff) << 13;
    return std::bit_cast<float>(sign | (magnitude >= 0x7c00 ? special : std::bit_cast<uint32_t>(scaled)));
}

inline uint16_t floatToHalf(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t sign = bits >> 16 & 0x8000;
    const uint32_t magnitude = bits & 0x7fffffff;
    // Normal results: rebias the exponent and round the 13 dropped bits; a carry into the exponent is right.
    const uint32_t normal = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
    // Denormal results: adding 0.5 aligns the fraction at bit 0 and rounds it.
    const uint32_t denormal =
        std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - std::bit_cast<uint32_t>(0.5f);
    const uint32_t nan = 0x7e00 | (magnitude >> 13 & 0x3ff);
    uint32_t result = magnitude < 0x38800000 ? denormal : normal;
    result = magnitude >= 0x47800000 ? 0x7c00 : result;
    result = magnitude > 0x7f800000 ? nan : result;
    return static_cast<uint16_t>(sign | (result > 0x7c00 && magnitude <= 0x7f800000 ? 0x7c00 : result));
}

/// Rounds towards zero: what is too large becomes the largest finite half.
inline uint16_t floatToHalfTowardZero(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t sign = bits >> 16 & 0x8000;
    const uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
        return static_cast<uint16_t>(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
    }
    if (magnitude == 0x7f800000) {
        return static_cast<uint16_t>(sign | 0x7c00);
    }
    if (magnitude >= 0x47800000) {
        return static_cast<uint16_t>(sign | 0x7bff);
    }
    if (magnitude >= 0x38800000) {
        return static_cast<uint16_t>(sign | (magnitude - 0x38000000) >> 13);
    }
    // Denormal in half: the significand with its leading one, shifted to units of 2^-24.
    const uint32_t exponent = magnitude >> 23;
    const uint32_t shift = 126 - exponent;
    const uint32_t significand = (magnitude & 0x7fffff) | 0x800000;
    return static_cast<uint16_t>(sign | (shift > 24 ? 0 : significand >> shift));
}

/// As MODE's field encodes it: 0 to nearest even, 1 towards +∞, 2 towards -∞, 3 towards zero.
enum class Direction : uint8_t { Nearest, Up, Down, Zero };

/// Rounds in a direction other than to nearest.
inline uint16_t floatToHalfDirected(float value, Direction direction) {
    const uint16_t cut = floatToHalfTowardZero(value);
    const float back = halfToFloat(cut);
    // What is too large is cut to the greatest half, which is inexact too.
    const bool away = (direction == Direction::Up && value > back) || (direction == Direction::Down && value < back);
    return static_cast<uint16_t>(cut + away);
}

inline float bfloatToFloat(uint16_t value) { return std::bit_cast<float>(uint32_t(value) << 16); }

inline uint16_t floatToBfloat(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const bool nan = (bits & 0x7fffffff) > 0x7f800000;
    const uint32_t rounded = bits + 0x7fff + (bits >> 16 & 1);
    return static_cast<uint16_t>((nan ? bits | 0x400000 : rounded) >> 16);
}

}  // namespace soma::vgpu
