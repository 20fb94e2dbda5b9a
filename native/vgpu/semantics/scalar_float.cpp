// Floating-point arithmetic on scalar registers, from gfx1150 on.
// Source: RDNA3.5 ISA, "SOP1", "SOP2" and "SOPC Instructions" (S_ADD_F32 and its kind).

#include "families.h"
#include "float.h"
#include "scalar.h"

#include <string>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;
using i32 = int32_t;

inline float value(float number) { return number; }
inline float value(Half number) { return toFloat(number); }

template <class T>
T from(float number) {
    if constexpr (std::is_same_v<T, Half>) {
        return toHalf(number);
    } else {
        return number;
    }
}

/// A result that rounds as MODE asks; `from` has exact ones.
template <class T>
auto rounded(float number) {
    if constexpr (std::is_same_v<T, Half>) {
        return HalfResult{number};
    } else {
        return number;
    }
}

template <class T>
void addFor(Table& table, const std::string& type) {
    table.add("s_add_" + type, scalar([](T a, T b) { return rounded<T>(value(a) + value(b)); }));
    table.add("s_sub_" + type, scalar([](T a, T b) { return rounded<T>(value(a) - value(b)); }));
    table.add("s_mul_" + type, scalar([](T a, T b) { return rounded<T>(value(a) * value(b)); }));
    table.add("s_min_" + type, ordered([]<class O>(O) {
                  return scalar([](T a, T b) { return from<T>(O::min(value(a), value(b))); });
              }));
    table.add("s_max_" + type, ordered([]<class O>(O) {
                  return scalar([](T a, T b) { return from<T>(O::max(value(a), value(b))); });
              }));
    table.add("s_min_num_" + type, scalar([](T a, T b) { return from<T>(minimumNumber(value(a), value(b))); }));
    table.add("s_max_num_" + type, scalar([](T a, T b) { return from<T>(maximumNumber(value(a), value(b))); }));
    table.add("s_minimum_" + type, scalar([](T a, T b) { return from<T>(minimum(value(a), value(b))); }));
    table.add("s_maximum_" + type, scalar([](T a, T b) { return from<T>(maximum(value(a), value(b))); }));
    table.add("s_ceil_" + type, scalar([](T a) { return from<T>(std::ceil(value(a))); }));
    table.add("s_floor_" + type, scalar([](T a) { return from<T>(std::floor(value(a))); }));
    table.add("s_trunc_" + type, scalar([](T a) { return from<T>(std::trunc(value(a))); }));
    table.add("s_rndne_" + type, scalar([](T a) { return from<T>(__builtin_roundevenf(value(a))); }));
    table.add("s_cmp_lt_" + type, scalar([](T a, T b) { return value(a) < value(b); }));
    table.add("s_cmp_eq_" + type, scalar([](T a, T b) { return value(a) == value(b); }));
    table.add("s_cmp_le_" + type, scalar([](T a, T b) { return value(a) <= value(b); }));
    table.add("s_cmp_gt_" + type, scalar([](T a, T b) { return value(a) > value(b); }));
    table.add("s_cmp_lg_" + type, scalar([](T a, T b) { return value(a) < value(b) || value(a) > value(b); }));
    table.add("s_cmp_ge_" + type, scalar([](T a, T b) { return value(a) >= value(b); }));
    table.add("s_cmp_o_" + type, scalar([](T a, T b) { return !isNan(value(a)) && !isNan(value(b)); }));
    table.add("s_cmp_u_" + type, scalar([](T a, T b) { return isNan(value(a)) || isNan(value(b)); }));
    table.add("s_cmp_nge_" + type, scalar([](T a, T b) { return !(value(a) >= value(b)); }));
    table.add("s_cmp_nlg_" + type, scalar([](T a, T b) { return !(value(a) < value(b) || value(a) > value(b)); }));
    table.add("s_cmp_ngt_" + type, scalar([](T a, T b) { return !(value(a) > value(b)); }));
    table.add("s_cmp_nle_" + type, scalar([](T a, T b) { return !(value(a) <= value(b)); }));
    table.add("s_cmp_neq_" + type, scalar([](T a, T b) { return !(value(a) == value(b)); }));
    table.add("s_cmp_nlt_" + type, scalar([](T a, T b) { return !(value(a) < value(b)); }));
}

}  // namespace

void addScalarFloat(Table& table) {
    addFor<float>(table, "f32");
    addFor<Half>(table, "f16");
    table.add({"s_fmaak_f32", "s_fmamk_f32"}, scalar([](float a, float b, float c) { return std::fma(a, b, c); }));
    table.add("s_fmac_f32", scalar([](float a, float b, float c) { return std::fma(a, b, c); }, bindScalarAccumulate));
    table.add("s_fmac_f16", scalar([](Half a, Half b, Half c) { return fused(a, b, c); }, bindScalarAccumulate));
    table.add("s_cvt_f32_i32", scalar([](i32 a) { return static_cast<float>(a); }));
    table.add("s_cvt_f32_u32", scalar([](u32 a) { return static_cast<float>(a); }));
    table.add("s_cvt_i32_f32", scalar([](float a) { return saturated<i32>(a); }));
    table.add("s_cvt_u32_f32", scalar([](float a) { return saturated<u32>(a); }));
    table.add("s_cvt_f16_f32", scalar([](float a) { return HalfResult{a}; }));
    table.add("s_cvt_f32_f16", scalar([](Half a) { return toFloat(a); }));
    table.add("s_cvt_hi_f32_f16", scalar([](u32 a) { return halfToFloat(static_cast<uint16_t>(a >> 16)); }));
    table.add("s_cvt_pk_rtz_f16_f32", scalar([](float a, float b) {
                  return u32(floatToHalfTowardZero(a)) | u32(floatToHalfTowardZero(b)) << 16;
              }));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
