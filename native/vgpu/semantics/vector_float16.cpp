// Half-precision vector arithmetic. Source: RDNA3 ISA, "VOP1", "VOP2", "VOP3 Instructions".

#include "families.h"
#include "float.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

// Arithmetic goes through float, whose 24 bits are enough that the second rounding of + - × cannot differ from a single
// one (Figueroa, "When is double rounding innocuous?", 1995).

/// These round as MODE asks; those below have exact results.
template <class F>
Semantics rounded(F) {
    return vector([](Half a, Half b) { return HalfResult{F{}(toFloat(a), toFloat(b))}; });
}
template <class F>
Semantics unary(F) {
    return vector([](Half a) { return toHalf(F{}(toFloat(a))); });
}
template <class F>
Semantics binary(F) {
    return vector([](Half a, Half b) { return toHalf(F{}(toFloat(a), toFloat(b))); });
}
template <class F>
Semantics ternary(F) {
    return vector([](Half a, Half b, Half c) { return toHalf(F{}(toFloat(a), toFloat(b), toFloat(c))); });
}

}  // namespace

void addVectorFloat16(Table& table) {
    table.add("v_add_f16", rounded([](float a, float b) { return a + b; }));
    table.add("v_sub_f16", rounded([](float a, float b) { return a - b; }));
    table.add("v_subrev_f16", rounded([](float a, float b) { return b - a; }));
    table.add("v_mul_f16", rounded([](float a, float b) { return a * b; }));
    table.add({"v_fma_f16", "v_fmaak_f16", "v_fmamk_f16"},
              vector([](Half a, Half b, Half c) { return fused(a, b, c); }));
    table.add("v_fmac_f16", vectorAccumulate([](Half a, Half b, Half c) { return fused(a, b, c); }));
    // Each operation rounds; the product of halves is exact in float, so it is rounded to half by itself.
    const auto twice = [](Half a, Half b, Half c) {
        const Half product = toHalf(toFloat(a) * toFloat(b));
        return HalfResult{toFloat(product) + toFloat(c)};
    };
    table.add({"v_mad_f16", "v_madak_f16", "v_madmk_f16"}, vector(twice));
    table.add("v_mac_f16", vectorAccumulate(twice));
    table.add("v_minimummaximum_f16", ternary([](float a, float b, float c) { return maximum(minimum(a, b), c); }));
    table.add("v_maximumminimum_f16", ternary([](float a, float b, float c) { return minimum(maximum(a, b), c); }));
    table.add("v_min_f16",
              ordered([]<class O>(O) { return binary([](float a, float b) { return O::min(a, b); }); }));
    table.add("v_max_f16",
              ordered([]<class O>(O) { return binary([](float a, float b) { return O::max(a, b); }); }));
    table.add("v_min3_f16",
              ordered([]<class O>(O) { return ternary([](float a, float b, float c) { return O::min(O::min(a, b), c); }); }));
    table.add("v_max3_f16",
              ordered([]<class O>(O) { return ternary([](float a, float b, float c) { return O::max(O::max(a, b), c); }); }));
    table.add("v_maxmin_f16",
              ordered([]<class O>(O) { return ternary([](float a, float b, float c) { return O::min(O::max(a, b), c); }); }));
    table.add("v_minmax_f16",
              ordered([]<class O>(O) { return ternary([](float a, float b, float c) { return O::max(O::min(a, b), c); }); }));
    table.add("v_med3_f16", ordered([]<class O>(O) {
                  return ternary([](float a, float b, float c) { return medianNumber<O>(a, b, c); });
              }));
    table.add("v_med3_num_f16",
              ternary([](float a, float b, float c) { return medianNumber<NumberOrder>(a, b, c); }));
    table.add("v_min_num_f16", binary([](float a, float b) { return minimumNumber(a, b); }));
    table.add("v_max_num_f16", binary([](float a, float b) { return maximumNumber(a, b); }));
    table.add("v_min3_num_f16",
              ternary([](float a, float b, float c) { return minimumNumber(minimumNumber(a, b), c); }));
    table.add("v_max3_num_f16",
              ternary([](float a, float b, float c) { return maximumNumber(maximumNumber(a, b), c); }));
    table.add("v_maxmin_num_f16",
              ternary([](float a, float b, float c) { return minimumNumber(maximumNumber(a, b), c); }));
    table.add("v_minmax_num_f16",
              ternary([](float a, float b, float c) { return maximumNumber(minimumNumber(a, b), c); }));
    table.add("v_minimum_f16", binary([](float a, float b) { return minimum(a, b); }));
    table.add("v_maximum_f16", binary([](float a, float b) { return maximum(a, b); }));
    table.add("v_minimum3_f16", ternary([](float a, float b, float c) { return minimum(minimum(a, b), c); }));
    table.add("v_maximum3_f16", ternary([](float a, float b, float c) { return maximum(maximum(a, b), c); }));
    table.add("v_trunc_f16", unary([](float a) { return std::trunc(a); }));
    table.add("v_ceil_f16", unary([](float a) { return std::ceil(a); }));
    table.add("v_floor_f16", unary([](float a) { return std::floor(a); }));
    table.add("v_rndne_f16", unary([](float a) { return __builtin_roundevenf(a); }));
    table.add(
        "v_fract_f16", vector([](Half a) {
            const float value = toFloat(a);
            const float result = value - std::floor(value);
            // The largest half below 1.
            return toHalf(std::isinf(value) ? std::numeric_limits<float>::quiet_NaN() : std::min(result, 0x1.ffcp-1f));
        }));
    table.add("v_ldexp_f16", vector([](Half a, int16_t b) { return HalfResult{std::ldexp(toFloat(a), b)}; }));
    table.add("v_frexp_exp_i16_f16", vector([](Half a) {
                  const float value = toFloat(a);
                  int exponent = 0;
                  if (value != 0 && std::isfinite(value)) {
                      std::frexp(value, &exponent);
                  }
                  return static_cast<int16_t>(exponent);
              }));
    table.add("v_frexp_mant_f16", unary([](float a) {
                  int exponent = 0;
                  return std::isfinite(a) ? std::frexp(a, &exponent) : a;
              }));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
