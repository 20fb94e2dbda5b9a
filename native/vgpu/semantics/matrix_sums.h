// How matrix instructions sum a row of products: d[n] += Σ a[c] · b[c][n] for N columns at once, c ascending.
// AMD publishes no arithmetic for them. What CDNA2 and CDNA3 do was measured on hardware and is taken from Xie et al.,
// "MMA-Sim: Bit-Accurate Reference Model of Tensor Cores and Matrix Cores" (arXiv 2511.10909); what gfx11 and gfx12 do
// is not known: they are given one fused step for each product, which no order of exact products betters.
#pragma once

#include "matrix_elements.h"
#include "vector.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace soma::vgpu::SOMA_HOST_ISA {

/// A row of A and the rows of B that it meets. `pick` (of sparse A) names the row of B for each element; without it
/// element c meets row c.
template <class T>
struct MatrixRow {
    const T* a;
    /// Between elements of the row.
    unsigned stride;
    const T* b;
    const uint8_t* pick;
    unsigned count;

    T element(unsigned c) const { return a[c * stride]; }
    unsigned row(unsigned c) const { return pick != nullptr ? pick[c] : c; }
};

/// One fused multiply-add after the other.
template <unsigned N, class T>
void sumFused(const MatrixRow<T>& row, T* d) {
    T sum[N];
    std::copy_n(d, N, sum);
    for (unsigned c = 0; c < row.count; ++c) {
        const T a = row.element(c);
        const T* b = row.b + size_t(row.row(c)) * N;
        SOMA_LANES
        for (unsigned n = 0; n < N; ++n) {
            sum[n] = std::fma(a, b[n], sum[n]);
        }
    }
    std::copy_n(sum, N, d);
}

/// As sumFused for `R` rows of dense A at once, whose sums stay in registers: the steps of one row wait for each other,
/// those of several rows don't. `d`: rows of N.
template <unsigned N, unsigned R>
void sumFusedRows(const MatrixRow<float>& row, float* d) {
#if defined(__AVX512F__)
    using Lanes = __m512;
    constexpr unsigned kWidth = 16;
    const auto fused = [](Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); };
    const auto spread = [](float value) { return _mm512_set1_ps(value); };
#elif defined(__AVX2__)
    using Lanes = __m256;
    constexpr unsigned kWidth = 8;
    const auto fused = [](Lanes a, Lanes b, Lanes c) { return _mm256_fmadd_ps(a, b, c); };
    const auto spread = [](float value) { return _mm256_set1_ps(value); };
#else
    using Lanes = float;
    constexpr unsigned kWidth = 1;
    const auto fused = [](Lanes a, Lanes b, Lanes c) { return std::fma(a, b, c); };
    const auto spread = [](float value) { return value; };
#endif
    for (unsigned first = 0; first < N; first += kWidth) {
        Lanes sum[R];
        for (unsigned r = 0; r < R; ++r) {
            std::memcpy(&sum[r], d + r * N + first, sizeof(Lanes));
        }
        for (unsigned c = 0; c < row.count; ++c) {
            Lanes b;
            std::memcpy(&b, row.b + size_t(c) * N + first, sizeof(Lanes));
            for (unsigned r = 0; r < R; ++r) {
                sum[r] = fused(spread(row.a[c * row.stride + r]), b, sum[r]);
            }
        }
        for (unsigned r = 0; r < R; ++r) {
            std::memcpy(d + r * N + first, &sum[r], sizeof(Lanes));
        }
    }
}

/// Exact, modulo 2^32.
template <unsigned N>
void sumIntegers(const MatrixRow<int32_t>& row, int32_t* d) {
    uint32_t sum[N];
    std::copy_n(d, N, sum);
    for (unsigned c = 0; c < row.count; ++c) {
        const int32_t a = row.element(c);
        const int32_t* b = row.b + size_t(row.row(c)) * N;
        SOMA_LANES
        for (unsigned n = 0; n < N; ++n) {
            sum[n] += static_cast<uint32_t>(a * b[n]);
        }
    }
    std::copy_n(sum, N, d);
}

/// Exact, then limited to 32 bits.
template <unsigned N>
void sumIntegersSaturated(const MatrixRow<int32_t>& row, int32_t* d) {
    for (unsigned n = 0; n < N; ++n) {
        int64_t sum = d[n];
        for (unsigned c = 0; c < row.count; ++c) {
            sum += int64_t(row.element(c)) * row.b[size_t(row.row(c)) * N + n];
        }
        d[n] = static_cast<int32_t>(std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX));
    }
}

/// Denormals become zero; the sign stays where `KeepSign`.
template <bool KeepSign>
inline float flushed(float value) {
    const bool denormal = std::fabs(value) < 0x1p-126f;
    return denormal ? (KeepSign ? std::copysign(0.0f, value) : 0.0f) : value;
}

/// CDNA2: products, their sums by pairs (of pairs, where P is 4) and the running sum each round, and flush denormals.
/// Operands are flushed by the caller.
template <unsigned N, unsigned P>
void sumFlushed(const MatrixRow<float>& row, float* d) {
    float sum[N];
    SOMA_LANES
    for (unsigned n = 0; n < N; ++n) {
        sum[n] = flushed<false>(d[n]);
    }
    for (unsigned c = 0; c < row.count; c += P) {
        SOMA_LANES
        for (unsigned n = 0; n < N; ++n) {
            float products[P];
            for (unsigned i = 0; i < P; ++i) {
                products[i] = flushed<true>(row.element(c + i) * row.b[size_t(c + i) * N + n]);
            }
            float group = flushed<true>(products[0] + products[1]);
            if constexpr (P == 4) {
                group = flushed<true>(group + flushed<true>(products[2] + products[3]));
            }
            sum[n] = flushed<true>(sum[n] + group);
        }
    }
    std::copy_n(sum, N, d);
}

/// A finite number as significand · 2^(exponent - fractionBits), the significand an integer. Zero has the least
/// exponent.
struct Split {
    int32_t significand;
    int32_t exponent;
};

inline Split split(float value, Precision precision) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const int32_t field = static_cast<int32_t>(bits >> 23 & 255);
    const int32_t exponent = std::max(field - 127, static_cast<int32_t>(precision.leastExponent));
    // A denormal float has no leading one; only bfloat16 and xf32 have such.
    const uint32_t magnitude = (bits & 0x7fffff) | (field != 0 ? 0x800000 : 0);
    const int32_t unit = std::max(field, 1) - 127 - 23;
    const int32_t shift = exponent - precision.fractionBits - unit;
    const int32_t significand = shift > 31 ? 0 : static_cast<int32_t>(magnitude >> shift);
    return {static_cast<int32_t>(bits) < 0 ? -significand : significand, exponent};
}

inline double powerOfTwo(int32_t exponent) {
    return std::bit_cast<double>(static_cast<uint64_t>(int64_t(exponent) + 1023) << 52);
}

/// The exponent of a single-precision number, at least -126.
inline int32_t exponentOf(float value) {
    return std::max(static_cast<int32_t>(std::bit_cast<uint32_t>(value) >> 23 & 255) - 127, -126);
}

/// Fraction bits to which products are aligned.
constexpr int32_t kAlignedBits = 24;
/// Fraction bits of their sum as it meets the accumulator.
constexpr int32_t kSumBits = 31;
/// What a product of zero counts as.
constexpr int32_t kZeroExponent = -126;

/// The operands of truncated sums: significands and exponents apart, and what is not finite.
struct SplitRow {
    const Split* a;
    unsigned stride;
    const int32_t* significands;
    const int32_t* exponents;
    const uint8_t* pick;
    unsigned count;
    /// Of products: both formats' fraction bits.
    int32_t fractionBits;

    unsigned row(unsigned c) const { return pick != nullptr ? pick[c] : c; }
};

/// Sums elements `first`, `first + step`, … below `last`: aligned to the largest exponent, what falls below 2^-24 of it
/// cut off towards zero.
template <unsigned N>
void alignedSum(const SplitRow& row, unsigned first, unsigned last, unsigned step, int32_t* sum, int32_t* largest) {
    std::fill_n(sum, N, 0);
    std::fill_n(largest, N, INT32_MIN);
    for (unsigned c = first; c < last; c += step) {
        const Split a = row.a[c * row.stride];
        const size_t at = size_t(row.row(c)) * N;
        SOMA_LANES
        for (unsigned n = 0; n < N; ++n) {
            const bool zero = a.significand == 0 || row.significands[at + n] == 0;
            const int32_t exponent = zero ? kZeroExponent : a.exponent + row.exponents[at + n];
            largest[n] = std::max(largest[n], exponent);
        }
    }
    const int32_t widening = kAlignedBits - row.fractionBits;
    for (unsigned c = first; c < last; c += step) {
        const Split a = row.a[c * row.stride];
        const size_t at = size_t(row.row(c)) * N;
        SOMA_LANES
        for (unsigned n = 0; n < N; ++n) {
            const int32_t product = a.significand * row.significands[at + n];
            const uint32_t magnitude = static_cast<uint32_t>(product < 0 ? -product : product) << widening;
            const int32_t distance = largest[n] - (a.exponent + row.exponents[at + n]);
            const int32_t aligned = static_cast<int32_t>(magnitude >> std::clamp(distance, 0, 31));
            sum[n] += product < 0 ? -aligned : aligned;
        }
    }
}

/// CDNA3: groups of L products, aligned and truncated, then added to the accumulator with 31 bits and rounded once.
template <unsigned N, unsigned L>
void sumTruncated(const SplitRow& row, float* d) {
    for (unsigned first = 0; first < row.count; first += L) {
        int32_t sum[N];
        int32_t largest[N];
        alignedSum<N>(row, first, std::min(first + L, row.count), 1, sum, largest);
        SOMA_LANES
        for (unsigned n = 0; n < N; ++n) {
            const int32_t common = std::max(largest[n], exponentOf(d[n]));
            const double products =
                std::floor(sum[n] * powerOfTwo(std::max(largest[n] - common, -256) + kSumBits - kAlignedBits));
            const double addend = std::floor(double(d[n]) * powerOfTwo(kAlignedBits - common));
            const double total = products + addend * powerOfTwo(kSumBits - kAlignedBits);
            d[n] = static_cast<float>(total * powerOfTwo(common - kSumBits));
        }
    }
}

/// CDNA3's 8-bit formats: even and odd products of 16 are summed apart; all cuts are towards zero.
template <unsigned N>
void sumTruncatedSplit(const SplitRow& row, float* d) {
    constexpr unsigned kGroup = 16;
    for (unsigned first = 0; first < row.count; first += kGroup) {
        const unsigned last = std::min(first + kGroup, row.count);
        int32_t even[N];
        int32_t odd[N];
        int32_t largestEven[N];
        int32_t largestOdd[N];
        alignedSum<N>(row, first, last, 2, even, largestEven);
        alignedSum<N>(row, first + 1, last, 2, odd, largestOdd);
        SOMA_LANES
        for (unsigned n = 0; n < N; ++n) {
            const int32_t largest = std::max(largestEven[n], largestOdd[n]);
            const double both = std::trunc(even[n] * powerOfTwo(std::max(largestEven[n] - largest, -256))) +
                                std::trunc(odd[n] * powerOfTwo(std::max(largestOdd[n] - largest, -256)));
            const int32_t common = std::max(largest, exponentOf(d[n]));
            const double products =
                std::trunc(both * powerOfTwo(std::max(largest - common, -256) + kSumBits - kAlignedBits));
            const double addend = std::trunc(double(d[n]) * powerOfTwo(kAlignedBits - common));
            const double total = products + addend * powerOfTwo(kSumBits - kAlignedBits);
            d[n] = static_cast<float>(total * powerOfTwo(common - kSumBits));
        }
    }
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
