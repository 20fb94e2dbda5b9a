// Single-precision vector arithmetic. Source: RDNA3 ISA, "VOP1", "VOP2", "VOP3 Instructions".

#include "families.h"
#include "float.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

/// 0 × anything is 0, NaN and infinity included: the DX9 rule.
inline float legacyProduct(float a, float b) { return a == 0 || b == 0 ? 0.0f : a * b; }

inline int32_t frexpExponent(float value) {
    int exponent = 0;
    if (value == 0 || !std::isfinite(value)) {
        return 0;
    }
    std::frexp(value, &exponent);
    return exponent;
}

inline float frexpMantissa(float value) {
    int exponent = 0;
    return std::isfinite(value) ? std::frexp(value, &exponent) : value;
}

void addArithmetic(Table& table) {
    table.add("v_add_f32", vector([](float a, float b) { return a + b; }));
    table.add("v_sub_f32", vector([](float a, float b) { return a - b; }));
    table.add("v_subrev_f32", vector([](float a, float b) { return b - a; }));
    table.add("v_mul_f32", vector([](float a, float b) { return a * b; }));
    table.add("v_mul_dx9_zero_f32", vector([](float a, float b) { return legacyProduct(a, b); }));
    table.add({"v_fma_f32", "v_fmaak_f32", "v_fmamk_f32"},
              vector([](float a, float b, float c) { return std::fma(a, b, c); }));
    table.add("v_fmac_f32", vectorAccumulate([](float a, float b, float c) { return std::fma(a, b, c); }));
    table.add({"v_mad_f32", "v_madak_f32", "v_madmk_f32"}, vector([](float a, float b, float c) { return a * b + c; }));
    table.add("v_mac_f32", vectorAccumulate([](float a, float b, float c) { return a * b + c; }));
    table.add("v_mad_dx9_zero_f32", vector([](float a, float b, float c) { return legacyProduct(a, b) + c; }));
    table.add({"v_fma_dx9_zero_f32", "v_fma_legacy_f32"},
              vector([](float a, float b, float c) { return a == 0 || b == 0 ? 0.0f + c : std::fma(a, b, c); }));
    table.add({"v_fmac_dx9_zero_f32", "v_fmac_legacy_f32"}, vectorAccumulate([](float a, float b, float c) {
                  return a == 0 || b == 0 ? 0.0f + c : std::fma(a, b, c);
              }));
}

void addOrder(Table& table) {
    table.add("v_min_f32",
              ordered([]<class O>(O) { return vector([](float a, float b) { return O::min(a, b); }); }));
    table.add("v_max_f32",
              ordered([]<class O>(O) { return vector([](float a, float b) { return O::max(a, b); }); }));
    table.add("v_min3_f32",
              ordered([]<class O>(O) { return vector([](float a, float b, float c) { return O::min(O::min(a, b), c); }); }));
    table.add("v_max3_f32",
              ordered([]<class O>(O) { return vector([](float a, float b, float c) { return O::max(O::max(a, b), c); }); }));
    table.add("v_maxmin_f32",
              ordered([]<class O>(O) { return vector([](float a, float b, float c) { return O::min(O::max(a, b), c); }); }));
    table.add("v_minmax_f32",
              ordered([]<class O>(O) { return vector([](float a, float b, float c) { return O::max(O::min(a, b), c); }); }));
    table.add("v_med3_f32", ordered([]<class O>(O) {
                  return vector([](float a, float b, float c) { return medianNumber<O>(a, b, c); });
              }));
    table.add("v_med3_num_f32",
              vector([](float a, float b, float c) { return medianNumber<NumberOrder>(a, b, c); }));
    table.add("v_min_num_f32", vector([](float a, float b) { return minimumNumber(a, b); }));
    table.add("v_max_num_f32", vector([](float a, float b) { return maximumNumber(a, b); }));
    table.add("v_min3_num_f32",
              vector([](float a, float b, float c) { return minimumNumber(minimumNumber(a, b), c); }));
    table.add("v_max3_num_f32",
              vector([](float a, float b, float c) { return maximumNumber(maximumNumber(a, b), c); }));
    table.add("v_maxmin_num_f32",
              vector([](float a, float b, float c) { return minimumNumber(maximumNumber(a, b), c); }));
    table.add("v_minmax_num_f32",
              vector([](float a, float b, float c) { return maximumNumber(minimumNumber(a, b), c); }));
    table.add("v_minimum_f32", vector([](float a, float b) { return minimum(a, b); }));
    table.add("v_maximum_f32", vector([](float a, float b) { return maximum(a, b); }));
    table.add("v_minimum3_f32", vector([](float a, float b, float c) { return minimum(minimum(a, b), c); }));
    table.add("v_minimummaximum_f32",
              vector([](float a, float b, float c) { return maximum(minimum(a, b), c); }));
    table.add("v_maximumminimum_f32",
              vector([](float a, float b, float c) { return minimum(maximum(a, b), c); }));
    table.add("v_maximum3_f32", vector([](float a, float b, float c) { return maximum(maximum(a, b), c); }));
}

void addRounding(Table& table) {
    table.add("v_trunc_f32", vector([](float a) { return std::trunc(a); }));
    table.add("v_ceil_f32", vector([](float a) { return std::ceil(a); }));
    table.add("v_floor_f32", vector([](float a) { return std::floor(a); }));
    table.add("v_rndne_f32", vector([](float a) { return __builtin_roundevenf(a); }));
    table.add("v_fract_f32", vector([](float a) { return fraction(a); }));
    table.add("v_ldexp_f32", vector([](float a, int32_t b) { return std::ldexp(a, b); }));
    table.add("v_frexp_exp_i32_f32", vector([](float a) { return frexpExponent(a); }));
    table.add("v_frexp_mant_f32", vector([](float a) { return frexpMantissa(a); }));
}

}  // namespace

void addVectorFloat32(Table& table) {
    addArithmetic(table);
    addOrder(table);
    addRounding(table);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
