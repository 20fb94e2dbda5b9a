// Conversions between number formats. To integers they truncate towards zero, saturate, and take NaN to 0.
// Source: RDNA3 ISA, "VOP1 Instructions" and "VOP3 Instructions" (V_CVT_…).

#include "families.h"
#include "float.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u16 = uint16_t;
using i16 = int16_t;
using u32 = uint32_t;
using i32 = int32_t;

inline u32 pack(u16 low, u16 high) { return u32(low) | u32(high) << 16; }

template <class I>
I normalised(float value) {
    constexpr float kMost = static_cast<float>(std::numeric_limits<I>::max());
    const float low = std::is_signed_v<I> ? -1.0f : 0.0f;
    const float clamped = value < low ? low : value > 1 ? 1 : value;
    return isNan(value) ? I(0) : static_cast<I>(std::nearbyint(clamped * kMost));
}

void addIntegerConversions(Table& table) {
    table.add("v_cvt_f32_i32", vector([](i32 a) { return static_cast<float>(a); }));
    table.add("v_cvt_f32_u32", vector([](u32 a) { return static_cast<float>(a); }));
    table.add("v_cvt_i32_f32", vector([](float a) { return saturated<i32>(a); }));
    table.add("v_cvt_u32_f32", vector([](float a) { return saturated<u32>(a); }));
    table.add("v_cvt_nearest_i32_f32", vector([](float a) { return saturated<i32>(std::floor(double(a) + 0.5)); }));
    table.add("v_cvt_floor_i32_f32", vector([](float a) { return saturated<i32>(std::floor(a)); }));
    table.add("v_cvt_f64_i32", vector([](i32 a) { return static_cast<double>(a); }));
    table.add("v_cvt_f64_u32", vector([](u32 a) { return static_cast<double>(a); }));
    table.add("v_cvt_i32_f64", vector([](double a) { return saturated<i32>(a); }));
    table.add("v_cvt_u32_f64", vector([](double a) { return saturated<u32>(a); }));
    table.add("v_cvt_f16_i16", vector([](i16 a) { return HalfResult{static_cast<float>(a)}; }));
    table.add("v_cvt_f16_u16", vector([](u16 a) { return HalfResult{static_cast<float>(a)}; }));
    table.add("v_cvt_i16_f16", vector([](Half a) { return saturated<i16>(toFloat(a)); }));
    table.add("v_cvt_u16_f16", vector([](Half a) { return saturated<u16>(toFloat(a)); }));
    table.add("v_cvt_f32_ubyte0", vector([](u32 a) { return static_cast<float>(a & 0xff); }));
    table.add("v_cvt_f32_ubyte1", vector([](u32 a) { return static_cast<float>(a >> 8 & 0xff); }));
    table.add("v_cvt_f32_ubyte2", vector([](u32 a) { return static_cast<float>(a >> 16 & 0xff); }));
    table.add("v_cvt_f32_ubyte3", vector([](u32 a) { return static_cast<float>(a >> 24); }));
    // A 4-bit offset from -0.5 to 0.4375 in sixteenths.
    table.add("v_cvt_off_f32_i4",
              vector([](u32 a) { return static_cast<float>(static_cast<i32>(a << 28) >> 28) / 16; }));
}

void addFloatConversions(Table& table) {
    table.add("v_cvt_f32_f16", vector([](Half a) { return toFloat(a); }));
    table.add("v_cvt_f16_f32", vector([](float a) { return HalfResult{a}; }));
    table.add("v_cvt_f64_f32", vector([](float a) { return static_cast<double>(a); }));
    table.add("v_cvt_f32_f64", vector([](double a) { return static_cast<float>(a); }));
    table.add("v_cvt_f32_bf16", vector([](BFloat a) { return toFloat(a); }));
    table.add("v_cvt_pk_rtz_f16_f32",
              vector([](float a, float b) { return pack(floatToHalfTowardZero(a), floatToHalfTowardZero(b)); }));
    table.add("v_cvt_pk_bf16_f32", vector([](float a, float b) { return pack(floatToBfloat(a), floatToBfloat(b)); }));
    table.add("v_cvt_pk_f16_f32", vector([](float a, float b) { return pack(floatToHalf(a), floatToHalf(b)); }));
}

void addPackedConversions(Table& table) {
    table.add("v_cvt_pk_i16_i32", vector([](i32 a, i32 b) {
                  return pack(static_cast<u16>(saturated<i16>(double(a))), static_cast<u16>(saturated<i16>(double(b))));
              }));
    table.add("v_cvt_pk_u16_u32",
              vector([](u32 a, u32 b) { return pack(saturated<u16>(double(a)), saturated<u16>(double(b))); }));
    table.add("v_cvt_pk_i16_f32", vector([](float a, float b) {
                  return pack(static_cast<u16>(saturated<i16>(a)), static_cast<u16>(saturated<i16>(b)));
              }));
    table.add("v_cvt_pk_u16_f32", vector([](float a, float b) { return pack(saturated<u16>(a), saturated<u16>(b)); }));
    table.add("v_cvt_pk_norm_i16_f32", vector([](float a, float b) {
                  return pack(static_cast<u16>(normalised<i16>(a)), static_cast<u16>(normalised<i16>(b)));
              }));
    table.add("v_cvt_pk_norm_u16_f32",
              vector([](float a, float b) { return pack(normalised<u16>(a), normalised<u16>(b)); }));
    table.add("v_cvt_pk_norm_i16_f16", vector([](Half a, Half b) {
                  return pack(static_cast<u16>(normalised<i16>(toFloat(a))),
                              static_cast<u16>(normalised<i16>(toFloat(b))));
              }));
    table.add("v_cvt_pk_norm_u16_f16",
              vector([](Half a, Half b) { return pack(normalised<u16>(toFloat(a)), normalised<u16>(toFloat(b))); }));
    table.add("v_cvt_norm_i16_f16", vector([](Half a) { return normalised<i16>(toFloat(a)); }));
    table.add("v_cvt_norm_u16_f16", vector([](Half a) { return normalised<u16>(toFloat(a)); }));
    const auto intoByte = [](float a, u32 byte, u32 old) {
        const u32 shift = (byte & 3) * 8;
        return (old & ~(0xffu << shift)) | u32(saturated<uint8_t>(a)) << shift;
    };
    table.add("v_cvt_pk_u8_f32", vector(intoByte));
    table.add("v_cvt_pkaccum_u8_f32", vectorAccumulate(intoByte));
    table.add("v_sat_pk_u8_i16", vector([](u32 a) {
                  const auto low = saturated<uint8_t>(double(static_cast<i16>(a)));
                  const auto high = saturated<uint8_t>(double(static_cast<i16>(a >> 16)));
                  return static_cast<u16>(low | high << 8);
              }));
}

}  // namespace

void addConversions(Table& table) {
    addIntegerConversions(table);
    addFloatConversions(table);
    addPackedConversions(table);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
