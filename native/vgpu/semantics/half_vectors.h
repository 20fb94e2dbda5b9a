// Arithmetic on many halves at once with the host's conversions (F16C, AVX-512): in single precision, rounded once to a half
// to nearest even. Where the host has none, callers go lane by lane.
#pragma once

#include "vector.h"

namespace soma::vgpu::SOMA_HOST_ISA {

#if defined(__AVX512F__) || (defined(__AVX2__) && defined(__F16C__))
#define SOMA_HALF_VECTORS

#if defined(__AVX512F__)
// The forms with a mask of all: GCC 12 warns of what the others leave undefined.
using Floats = float __attribute__((vector_size(64)));
using FloatBits = int32_t __attribute__((vector_size(64)));
inline Floats readHalves(const void* from) {
    return reinterpret_cast<Floats>(_mm512_maskz_cvtph_ps(0xffff, _mm256_loadu_si256(static_cast<const __m256i*>(from))));
}
inline void writeHalves(Floats values, void* to) {
    _mm256_storeu_si256(static_cast<__m256i*>(to),
                        _mm512_maskz_cvtps_ph(0xffff, reinterpret_cast<__m512>(values), _MM_FROUND_TO_NEAREST_INT));
}
#else
using Floats = float __attribute__((vector_size(32)));
using FloatBits = int32_t __attribute__((vector_size(32)));
inline Floats readHalves(const void* from) {
    return reinterpret_cast<Floats>(_mm256_cvtph_ps(_mm_loadu_si128(static_cast<const __m128i*>(from))));
}
inline void writeHalves(Floats values, void* to) {
    _mm_storeu_si128(static_cast<__m128i*>(to),
                     _mm256_cvtps_ph(reinterpret_cast<__m256>(values), _MM_FROUND_TO_NEAREST_INT));
}
#endif
constexpr unsigned kFloats = sizeof(Floats) / sizeof(float);

/// a·b + c of halves, rounded to odd in single precision, after which rounding to a half is as if done at once (Boldo and
/// Melquiond, 2005). Products of halves are exact there.
inline Floats fusedToOdd(Floats a, Floats b, Floats c) {
#if defined(__AVX512F__)
    // Of two different neighbours around the exact sum one is odd.
    const auto towards = [&]<int Direction>() {
        return reinterpret_cast<FloatBits>(_mm512_fmadd_round_ps(reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b),
                                                                 reinterpret_cast<__m512>(c), Direction));
    };
    const FloatBits below = towards.template operator()<_MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC>();
    const FloatBits above = towards.template operator()<_MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC>();
    return reinterpret_cast<Floats>((below & 1) != 0 ? below : above);
#else
    // What the sum lost, by Knuth's exact addition; not a number where the sum is none, which then stays as it is.
    const Floats product = a * b;
    const Floats sum = product + c;
    const Floats other = sum - product;
    const Floats rest = (product - (sum - other)) + (c - other);
    const auto bits = reinterpret_cast<FloatBits>(sum);
    const FloatBits inexact = (rest < 0) | (rest > 0);
    const FloatBits finite = (bits & 0x7f800000) != 0x7f800000;
    const FloatBits outwards = (rest > 0) == (sum > 0);
    const FloatBits step = outwards ? FloatBits{} + 1 : FloatBits{} - 1;
    return reinterpret_cast<Floats>(bits + (step & inexact & finite & ((bits & 1) == 0)));
#endif
}
#endif

}  // namespace soma::vgpu::SOMA_HOST_ISA
