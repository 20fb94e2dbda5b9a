// Floating-point helpers that several families share.
#pragma once

#include "vector.h"

#include <cmath>
#include <limits>

namespace soma::vgpu::SOMA_HOST_ISA {

inline bool isNan(float value) { return value != value; }
inline bool isNan(double value) { return value != value; }

/// The smaller and the larger number: a number beats a NaN, and -0 is less than +0 (IEEE 754-2019 minimumNumber).
template <class T>
inline T minimumNumber(T a, T b) {
    const bool takeA = a < b || (a == b && std::signbit(a));
    const T smaller = takeA ? a : b;
    return isNan(b) ? a : isNan(a) ? b : smaller;
}
template <class T>
inline T maximumNumber(T a, T b) {
    const bool takeA = a > b || (a == b && !std::signbit(a));
    const T larger = takeA ? a : b;
    return isNan(b) ? a : isNan(a) ? b : larger;
}

template <class T>
inline bool isSignalling(T value) {
    using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
    constexpr Bits kQuiet = Bits(1) << (std::numeric_limits<T>::digits - 2);
    return isNan(value) && (std::bit_cast<Bits>(value) & kQuiet) == 0;
}

/// What instructions that order numbers do while MODE's IEEE bit is set: minNum and maxNum of IEEE 754-2008, which a
/// signalling NaN makes a quiet NaN. Manual: "V_MIN_F32", "V_MAX_F32".
struct IeeeOrder {
    template <class T>
    static T min(T a, T b) {
        const T quieted = a + b;
        return isSignalling(a) || isSignalling(b) ? quieted : minimumNumber(a, b);
    }
    template <class T>
    static T max(T a, T b) {
        const T quieted = a + b;
        return isSignalling(a) || isSignalling(b) ? quieted : maximumNumber(a, b);
    }
};
/// And while it isn't, or where there is none (gfx12): a number beats every NaN.
struct NumberOrder {
    template <class T>
    static T min(T a, T b) {
        return minimumNumber(a, b);
    }
    template <class T>
    static T max(T a, T b) {
        return maximumNumber(a, b);
    }
};

template <class F>
void runOrdered(Wave& wave, const MicroOp& op) {
    static const Handler ieee = F{}(IeeeOrder{}).run;
    static const Handler number = F{}(NumberOrder{}).run;
    ((wave.mode & mode::kIeee) != 0 ? ieee : number)(wave, op);
}

/// Semantics of an instruction that orders numbers as MODE's IEEE bit says; `make` gives those of one order.
template <class F>
Semantics ordered(F make) {
    Semantics semantics = make(IeeeOrder{});
    semantics.run = runOrdered<F>;
    return semantics;
}

/// IEEE 754-2019 minimum and maximum: NaN wins.
template <class T>
inline T minimum(T a, T b) {
    const T number = minimumNumber(a, b);
    return isNan(a) ? a : isNan(b) ? b : number;
}
template <class T>
inline T maximum(T a, T b) {
    const T number = maximumNumber(a, b);
    return isNan(a) ? a : isNan(b) ? b : number;
}

/// With a NaN among the three, the manual takes the smallest; otherwise the one in the middle.
template <class Order, class T>
inline T medianNumber(T a, T b, T c) {
    const T smallest = Order::min(Order::min(a, b), c);
    const T middle = maximumNumber(minimumNumber(a, b), minimumNumber(maximumNumber(a, b), c));
    return isNan(a) || isNan(b) || isNan(c) ? smallest : middle;
}

/// To an integer towards zero; what does not fit saturates, NaN becomes 0.
template <class I, class F>
I saturated(F value) {
    constexpr double kLow = static_cast<double>(std::numeric_limits<I>::min());
    constexpr double kHigh = static_cast<double>(std::numeric_limits<I>::max());
    // In double both bounds are exact, and so is every float.
    const double wide = value;
    const double clamped = wide < kLow ? kLow : wide > kHigh ? kHigh : wide;
    return isNan(wide) ? I(0) : static_cast<I>(clamped);
}

/// x - floor(x), kept below 1: the largest number below 1 stands for what rounds up to it.
template <class T>
inline T fraction(T value) {
    const T result = value - std::floor(value);
    const T most = T(1) - std::numeric_limits<T>::epsilon() / 2;
    return std::isinf(value) ? std::numeric_limits<T>::quiet_NaN() : result > most ? most : result;
}

/// a·b + c of halves, whose product is exact in single precision: to be rounded once.
inline HalfResult fused(Half a, Half b, Half c) {
    const float product = toFloat(a) * toFloat(b);
    const float addend = toFloat(c);
    const float sum = product + addend;
    const float other = sum - product;
    return {sum, (product - (sum - other)) + (addend - other)};
}
inline Half fusedHalf(Half a, Half b, Half c) { return Half{roundHalf(fused(a, b, c))}; }

}  // namespace soma::vgpu::SOMA_HOST_ISA
