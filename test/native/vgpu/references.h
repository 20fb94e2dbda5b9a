// References that share nothing with the virtual GPU: values from formulas in double precision and exact integers.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

namespace soma::vgpu::test {

/// The value of a binary16 pattern, by the definition of IEEE 754.
inline double halfValue(uint16_t bits) {
    const int exponent = bits >> 10 & 31;
    const int fraction = bits & 1023;
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    if (exponent == 31) {
        return fraction != 0 ? std::nan("") : sign * INFINITY;
    }
    return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
}

/// The binary16 nearest to a double, ties to even: the number of steps of the format's spacing there.
inline uint16_t nearestHalf(double value) {
    const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    if (value != value) {
        return static_cast<uint16_t>(sign | 0x7e00);
    }
    const double magnitude = std::fabs(value);
    if (magnitude >= 65520) {
        return static_cast<uint16_t>(sign | 0x7c00);
    }
    int exponent = 0;
    std::frexp(magnitude, &exponent);
    const int step = std::max(exponent - 11, -24);
    const double steps = std::nearbyint(std::ldexp(magnitude, -step));
    const double rounded = std::ldexp(steps, step);
    if (rounded < 0x1p-14) {
        return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::ldexp(rounded, 24)));
    }
    std::frexp(rounded, &exponent);
    const auto fraction = static_cast<uint16_t>(std::ldexp(rounded, 11 - exponent) - 1024);
    return static_cast<uint16_t>(sign | (exponent + 14) << 10 | fraction);
}

/// Random patterns, and random numbers of a range: the same on every run.
template <class T>
std::vector<T> randomBits(size_t count, uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<T> values(count);
    for (T& value : values) {
        const uint64_t bits = random();
        std::memcpy(&value, &bits, sizeof(T));
    }
    return values;
}

inline std::vector<float> floats(size_t count, uint64_t seed, float low, float high) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<float> distribution(low, high);
    std::vector<float> values(count);
    std::generate(values.begin(), values.end(), [&] { return distribution(random); });
    return values;
}

/// Patterns that are special in some format, and random ones: the same on every run.
class Patterns {
public:
    uint64_t next64() {
        constexpr uint64_t kSpecial[] = {0,
                                         1,
                                         ~uint64_t(0),
                                         0x8000000000000000,
                                         0x7fffffffffffffff,
                                         0x3ff0000000000000,
                                         0x7ff0000000000000,
                                         0xfff0000000000000,
                                         0x7ff8000000000000,
                                         0x000fffffffffffff,
                                         0x0010000000000000,
                                         0x7fefffffffffffff,
                                         0x3f80000000000000,
                                         0x00000000ffffffff,
                                         0x0000000080000000};
        return random_() % 4 == 0 ? kSpecial[random_() % std::size(kSpecial)] : random_();
    }
    uint32_t next32() {
        constexpr uint32_t kSpecial[] = {0,          1,          0xffffffff, 0x80000000, 0x7fffffff, 0x3f800000,
                                         0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x007fffff, 0x00800000,
                                         0x80000001, 0x7f7fffff, 0x4b000000, 0x4f000000, 0xcf000000, 0x3c003c00,
                                         0x7c00fc00, 0x00010400, 0x40490fdb};
        const auto pattern = static_cast<uint32_t>(random_());
        switch (random_() % 4) {
        case 0:
            return kSpecial[random_() % std::size(kSpecial)];
        case 1:
            // A float of moderate size.
            return (pattern & 0x80ffffff) | 0x3f000000;
        default:
            return pattern;
        }
    }

private:
    std::mt19937_64 random_{20260101};
};

}  // namespace soma::vgpu::test
