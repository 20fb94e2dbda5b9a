// 16-bit integer vector arithmetic. Source: RDNA3 ISA, "VOP2", "VOP3 Instructions"; CDNA3 ISA, "V_ADD_U16" and its
// kind.

#include "families.h"
#include "vector.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u16 = uint16_t;
using i16 = int16_t;
using u32 = uint32_t;
using i32 = int32_t;

constexpr u16 wrap(u32 value) { return static_cast<u16>(value); }
constexpr u16 saturateUnsigned(i32 value) { return static_cast<u16>(value < 0 ? 0 : value > 0xffff ? 0xffff : value); }
constexpr i16 saturate(i32 value) {
    return static_cast<i16>(value < -0x8000 ? -0x8000 : value > 0x7fff ? 0x7fff : value);
}

template <class T>
constexpr T min(T a, T b) {
    return a < b ? a : b;
}
template <class T>
constexpr T max(T a, T b) {
    return a > b ? a : b;
}

template <class T>
void addOrder(Table& table, const std::string& type) {
    table.add("v_min_" + type, vector([](T a, T b) { return min(a, b); }));
    table.add("v_max_" + type, vector([](T a, T b) { return max(a, b); }));
    table.add("v_min3_" + type, vector([](T a, T b, T c) { return min(min(a, b), c); }));
    table.add("v_max3_" + type, vector([](T a, T b, T c) { return max(max(a, b), c); }));
    table.add("v_med3_" + type, vector([](T a, T b, T c) { return max(min(a, b), min(max(a, b), c)); }));
}

}  // namespace

void addVectorInteger16(Table& table) {
    table.add("v_add_nc_u16", vectorClamped([](u16 a, u16 b) { return wrap(u32(a) + b); },
                                            [](u16 a, u16 b) { return saturateUnsigned(a + b); }));
    table.add("v_sub_nc_u16", vectorClamped([](u16 a, u16 b) { return wrap(u32(a) - b); },
                                            [](u16 a, u16 b) { return saturateUnsigned(a - b); }));
    table.add("v_subrev_nc_u16", vectorClamped([](u16 a, u16 b) { return wrap(u32(b) - a); },
                                               [](u16 a, u16 b) { return saturateUnsigned(b - a); }));
    table.add("v_add_nc_i16", vectorClamped([](u16 a, u16 b) { return wrap(u32(a) + b); },
                                            [](i16 a, i16 b) { return saturate(a + b); }));
    table.add("v_sub_nc_i16", vectorClamped([](u16 a, u16 b) { return wrap(u32(a) - b); },
                                            [](i16 a, i16 b) { return saturate(a - b); }));
    table.add("v_mul_lo_u16", vector([](u16 a, u16 b) { return wrap(u32(a) * b); }));
    table.add("v_mad_u16", vectorClamped([](u16 a, u16 b, u16 c) { return wrap(u32(a) * b + c); },
                                         [](u16 a, u16 b, u16 c) {
                                             const uint64_t sum = uint64_t(a) * b + c;
                                             return static_cast<u16>(sum > 0xffff ? 0xffff : sum);
                                         }));
    table.add("v_mad_i16", vectorClamped([](u16 a, u16 b, u16 c) { return wrap(u32(a) * b + c); },
                                         [](i16 a, i16 b, i16 c) { return saturate(i32(a) * b + c); }));
    table.add("v_lshlrev_b16", vector([](u16 a, u16 b) { return wrap(u32(b) << (a & 15)); }));
    table.add("v_lshrrev_b16", vector([](u16 a, u16 b) { return wrap(u32(b) >> (a & 15)); }));
    table.add("v_ashrrev_i16", vector([](u16 a, i16 b) { return static_cast<i16>(b >> (a & 15)); }));
    table.add("v_and_b16", vector([](u16 a, u16 b) { return wrap(u32(a) & b); }));
    table.add("v_or_b16", vector([](u16 a, u16 b) { return wrap(u32(a) | b); }));
    table.add("v_xor_b16", vector([](u16 a, u16 b) { return wrap(u32(a) ^ b); }));
    table.add("v_not_b16", vector([](u16 a) { return wrap(~u32(a)); }));
    table.add("v_mov_b16", vector([](u16 a) { return a; }));
    table.add("v_cndmask_b16", vector([](u16 a, u16 b, bool condition) { return condition ? b : a; }));
    addOrder<u16>(table, "u16");
    addOrder<i16>(table, "i16");
    table.add("v_pack_b32_f16", vector([](u16 a, u16 b) { return u32(a) | u32(b) << 16; }));
    table.add("v_cvt_u32_u16", vector([](u16 a) { return u32(a); }));
    table.add("v_cvt_i32_i16", vector([](i16 a) { return i32(a); }));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
