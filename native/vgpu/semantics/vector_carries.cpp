// Sums and differences of 32 bits with carries: what addresses of 64 bits are made of, so where the host has masks for its
// vectors, carries stay in them. Source: RDNA3 ISA, chapter 16, V_ADD_CO_U32, V_ADD_CO_CI_U32 and their kind.

#include "families.h"
#include "vector.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;

#if defined(__AVX512F__)
constexpr unsigned kHostLanes = 16;

/// 16 lanes of a simple operation's source, from lane `at` on.
[[gnu::always_inline]] inline __m512i lanesOf(const Wave& wave, const Source& source, unsigned at) {
    if (source.kind == Source::Kind::Sgpr) {
        return _mm512_set1_epi32(static_cast<int>(wave.sgpr[source.reg]));
    }
    return _mm512_loadu_si512(source.kind == Source::Kind::Vgpr ? wave.vgpr + source.reg + at : source.rows + at);
}

/// A sum and its carries; of the lanes in `carry` one more.
__m512i add(__m512i a, __m512i b, __mmask16 carry, __mmask16& out) {
    const __m512i sum = _mm512_add_epi32(a, b);
    const __m512i all = _mm512_mask_sub_epi32(sum, carry, sum, _mm512_set1_epi32(-1));
    out = _mm512_cmplt_epu32_mask(sum, a) | _mm512_mask_testn_epi32_mask(carry, all, all);
    return all;
}
__m512i subtract(__m512i a, __m512i b, __mmask16 borrow, __mmask16& out) {
    const __m512i difference = _mm512_sub_epi32(a, b);
    out = _mm512_cmplt_epu32_mask(a, b) | _mm512_mask_testn_epi32_mask(borrow, difference, difference);
    return _mm512_mask_add_epi32(difference, borrow, difference, _mm512_set1_epi32(-1));
}
__m512i subtractReversed(__m512i a, __m512i b, __mmask16 borrow, __mmask16& out) { return subtract(b, a, borrow, out); }

/// `F`: the same on one lane, for what is less simple: modifiers, or lanes that are off.
template <class F, auto Wide>
void runCarry(Wave& wave, const MicroOp& op) {
    const uint64_t all = ~uint64_t(0) >> (64 - wave.lanes);
    if (!op.simple || op.dst.kind != Destination::Kind::Vgpr || wave.exec() != all) [[unlikely]] {
        runVector<F>(wave, op);
        return;
    }
    wave.countVector();
    const Source& last = op.src[2];
    const uint64_t in = ShapeOf<F>::kSources < 3                ? 0
                        : last.kind == Source::Kind::Sgpr ? wave.readMask(last.reg)
                                                          : last.value;
    uint64_t out = 0;
    for (unsigned at = 0; at < wave.lanes; at += kHostLanes) {
        __mmask16 carries;
        const __m512i sums =
            Wide(lanesOf(wave, op.src[0], at), lanesOf(wave, op.src[1], at), static_cast<__mmask16>(in >> at), carries);
        _mm512_storeu_si512(wave.vgpr + op.dst.reg + at, sums);
        out |= uint64_t(carries) << at;
    }
    writeMasks<WithMask<u32>>(wave, op, out);
}

template <auto Wide, class F>
Semantics carries(F function) {
    Semantics semantics = vector(function);
    semantics.run = runCarry<F, Wide>;
    return semantics;
}
#define SOMA_CARRIES(wide, ...) carries<wide>(__VA_ARGS__)
#else
#define SOMA_CARRIES(wide, ...) vector(__VA_ARGS__)
#endif

}  // namespace

void addVectorCarries(Table& table) {
    table.add("v_add_co_u32", SOMA_CARRIES(add, [](u32 a, u32 b) { return WithMask<u32>{a + b, a + b < a}; }));
    table.add("v_sub_co_u32", SOMA_CARRIES(subtract, [](u32 a, u32 b) { return WithMask<u32>{a - b, b > a}; }));
    table.add("v_subrev_co_u32",
              SOMA_CARRIES(subtractReversed, [](u32 a, u32 b) { return WithMask<u32>{b - a, a > b}; }));
    table.add("v_add_co_ci_u32", SOMA_CARRIES(add, [](u32 a, u32 b, bool carry) {
                  const u32 sum = a + b;
                  return WithMask<u32>{sum + carry, bool((sum < a) | (sum + carry < sum))};
              }));
    table.add("v_sub_co_ci_u32", SOMA_CARRIES(subtract, [](u32 a, u32 b, bool borrow) {
                  const u32 difference = a - b;
                  return WithMask<u32>{difference - borrow, bool((a < b) | (difference < u32(borrow)))};
              }));
    table.add("v_subrev_co_ci_u32", SOMA_CARRIES(subtractReversed, [](u32 b, u32 a, bool borrow) {
                  const u32 difference = a - b;
                  return WithMask<u32>{difference - borrow, bool((a < b) | (difference < u32(borrow)))};
              }));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
