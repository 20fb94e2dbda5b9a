// 32-bit integer vector arithmetic and logic. Source: RDNA3 ISA, chapter 16, "VOP1", "VOP2" and "VOP3 Instructions";
// CDNA3 ISA for names that only it has.

#include "families.h"
#include "vector.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;
using i32 = int32_t;
using u64 = uint64_t;
using i64 = int64_t;

constexpr i32 saturate(i64 value) {
    return static_cast<i32>(value < INT32_MIN ? INT32_MIN : value > INT32_MAX ? INT32_MAX : value);
}
constexpr u32 saturateUnsigned(i64 value) {
    return static_cast<u32>(value < 0 ? 0 : value > i64(UINT32_MAX) ? i64(UINT32_MAX) : value);
}
constexpr i32 signed24(u32 value) { return static_cast<i32>(value << 8) >> 8; }
constexpr u32 low24(u32 value) { return value & 0xffffff; }

template <class T>
constexpr T min(T a, T b) {
    return a < b ? a : b;
}
template <class T>
constexpr T max(T a, T b) {
    return a > b ? a : b;
}
template <class T>
constexpr T median(T a, T b, T c) {
    return max(min(a, b), min(max(a, b), c));
}

void addSums(Table& table) {
    const auto add = [](u32 a, u32 b) { return a + b; };
    const auto sub = [](u32 a, u32 b) { return a - b; };
    const auto subrev = [](u32 a, u32 b) { return b - a; };
    table.add("v_add_nc_u32", vectorClamped(add, [](u32 a, u32 b) { return saturateUnsigned(i64(a) + b); }));
    table.add("v_sub_nc_u32", vectorClamped(sub, [](u32 a, u32 b) { return saturateUnsigned(i64(a) - b); }));
    table.add("v_subrev_nc_u32", vectorClamped(subrev, [](u32 a, u32 b) { return saturateUnsigned(i64(b) - a); }));
    table.add("v_add_nc_i32", vectorClamped(add, [](i32 a, i32 b) { return saturate(i64(a) + b); }));
    table.add("v_sub_nc_i32", vectorClamped(sub, [](i32 a, i32 b) { return saturate(i64(a) - b); }));
    table.add("v_add3_u32", vector([](u32 a, u32 b, u32 c) { return a + b + c; }));
    table.add("v_lshl_add_u32", vector([](u32 a, u32 b, u32 c) { return (a << (b & 31)) + c; }));
    table.add("v_add_lshl_u32", vector([](u32 a, u32 b, u32 c) { return (a + b) << (c & 31); }));
    table.add("v_xad_u32", vector([](u32 a, u32 b, u32 c) { return (a ^ b) + c; }));
}

void addProducts(Table& table) {
    table.add("v_mul_lo_u32", vector([](u32 a, u32 b) { return a * b; }));
    table.add("v_mul_hi_u32", vector([](u32 a, u32 b) { return static_cast<u32>((u64(a) * b) >> 32); }));
    table.add("v_mul_hi_i32", vector([](i32 a, i32 b) { return static_cast<i32>((i64(a) * b) >> 32); }));
    table.add("v_mul_u32_u24", vector([](u32 a, u32 b) { return low24(a) * low24(b); }));
    table.add("v_mul_i32_i24",
              vector([](u32 a, u32 b) { return static_cast<u32>(signed24(a)) * static_cast<u32>(signed24(b)); }));
    table.add("v_mul_hi_u32_u24",
              vector([](u32 a, u32 b) { return static_cast<u32>((u64(low24(a)) * low24(b)) >> 32); }));
    table.add("v_mul_hi_i32_i24",
              vector([](u32 a, u32 b) { return static_cast<i32>((i64(signed24(a)) * signed24(b)) >> 32); }));
    table.add("v_mad_u32_u24", vectorClamped([](u32 a, u32 b, u32 c) { return low24(a) * low24(b) + c; },
                                             [](u32 a, u32 b, u32 c) {
                                                 const u64 sum = u64(low24(a)) * low24(b) + c;
                                                 return sum >= (u64(1) << 32) ? UINT32_MAX : static_cast<u32>(sum);
                                             }));
    table.add("v_mad_i32_i24",
              vectorClamped([](u32 a, u32 b, u32 c) { return static_cast<u32>(i64(signed24(a)) * signed24(b)) + c; },
                            [](u32 a, u32 b, i32 c) { return saturate(i64(signed24(a)) * signed24(b) + c); }));
    table.add("v_mad_u32_u16", vector([](uint16_t a, uint16_t b, u32 c) { return u32(a) * b + c; }));
    table.add("v_mad_i32_i16", vector([](int16_t a, int16_t b, u32 c) { return static_cast<u32>(i32(a) * b) + c; }));
}

void addOrder(Table& table) {
    table.add("v_min_u32", vector([](u32 a, u32 b) { return min(a, b); }));
    table.add("v_max_u32", vector([](u32 a, u32 b) { return max(a, b); }));
    table.add("v_min_i32", vector([](i32 a, i32 b) { return min(a, b); }));
    table.add("v_max_i32", vector([](i32 a, i32 b) { return max(a, b); }));
    table.add("v_min3_u32", vector([](u32 a, u32 b, u32 c) { return min(min(a, b), c); }));
    table.add("v_max3_u32", vector([](u32 a, u32 b, u32 c) { return max(max(a, b), c); }));
    table.add("v_min3_i32", vector([](i32 a, i32 b, i32 c) { return min(min(a, b), c); }));
    table.add("v_max3_i32", vector([](i32 a, i32 b, i32 c) { return max(max(a, b), c); }));
    table.add("v_med3_u32", vector([](u32 a, u32 b, u32 c) { return median(a, b, c); }));
    table.add("v_med3_i32", vector([](i32 a, i32 b, i32 c) { return median(a, b, c); }));
    table.add("v_maxmin_u32", vector([](u32 a, u32 b, u32 c) { return min(max(a, b), c); }));
    table.add("v_minmax_u32", vector([](u32 a, u32 b, u32 c) { return max(min(a, b), c); }));
    table.add("v_maxmin_i32", vector([](i32 a, i32 b, i32 c) { return min(max(a, b), c); }));
    table.add("v_minmax_i32", vector([](i32 a, i32 b, i32 c) { return max(min(a, b), c); }));
}

/// For each bit what a table of eight has at the number that the bits of a, b and c make, a's the highest. CDNA4 ISA,
/// V_BITOP3_B32.
constexpr u32 bitsOfTable(u32 a, u32 b, u32 c, u32 table) {
    u32 result = 0;
    for (unsigned at = 0; at < 8; ++at) {
        const u32 here = ((at & 4) != 0 ? a : ~a) & ((at & 2) != 0 ? b : ~b) & ((at & 1) != 0 ? c : ~c);
        result |= (table >> at & 1) != 0 ? here : 0;
    }
    return result;
}

void addLogic(Table& table) {
    table.add({"v_mov_b32", "v_accvgpr_read_b32", "v_accvgpr_write_b32", "v_accvgpr_mov_b32"},
              vector([](u32 a) { return a; }));
    table.add("v_not_b32", vector([](u32 a) { return ~a; }));
    table.add("v_and_b32", vector([](u32 a, u32 b) { return a & b; }));
    table.add("v_or_b32", vector([](u32 a, u32 b) { return a | b; }));
    table.add("v_xor_b32", vector([](u32 a, u32 b) { return a ^ b; }));
    table.add("v_xnor_b32", vector([](u32 a, u32 b) { return ~(a ^ b); }));
    table.add("v_lshlrev_b32", vector([](u32 a, u32 b) { return b << (a & 31); }));
    table.add("v_lshrrev_b32", vector([](u32 a, u32 b) { return b >> (a & 31); }));
    table.add("v_ashrrev_i32", vector([](u32 a, i32 b) { return b >> (a & 31); }));
    table.add("v_and_or_b32", vector([](u32 a, u32 b, u32 c) { return (a & b) | c; }));
    table.add("v_bitop3_b32", vector([](u32 a, u32 b, u32 c, u32 results) { return bitsOfTable(a, b, c, results); },
                                     InstructionClass::Valu, bindTruthTable));
    table.add("v_or3_b32", vector([](u32 a, u32 b, u32 c) { return a | b | c; }));
    table.add("v_xor3_b32", vector([](u32 a, u32 b, u32 c) { return a ^ b ^ c; }));
    table.add("v_lshl_or_b32", vector([](u32 a, u32 b, u32 c) { return a << (b & 31) | c; }));
    table.add("v_cndmask_b32", vector([](u32 a, u32 b, bool condition) { return condition ? b : a; }));
    table.add("v_bfi_b32", vector([](u32 a, u32 b, u32 c) { return (a & b) | (~a & c); }));
    table.add("v_bfm_b32", vector([](u32 a, u32 b) { return ((1u << (a & 31)) - 1) << (b & 31); }));
    table.add("v_bfe_u32", vector([](u32 a, u32 b, u32 c) { return (a >> (b & 31)) & ((1u << (c & 31)) - 1); }));
    table.add("v_bfe_i32", vector([](i32 a, u32 b, u32 c) {
                  const u32 width = c & 31;
                  const u32 field = static_cast<u32>(a >> (b & 31)) & ((1u << width) - 1);
                  const u32 sign = width == 0 ? 0 : 1u << ((width - 1) & 31);
                  return (field ^ sign) - sign;
              }));
    table.add("v_bfrev_b32", vector([](u32 a) {
                  a = (a >> 1 & 0x55555555) | (a & 0x55555555) << 1;
                  a = (a >> 2 & 0x33333333) | (a & 0x33333333) << 2;
                  a = (a >> 4 & 0x0f0f0f0f) | (a & 0x0f0f0f0f) << 4;
                  a = (a >> 8 & 0x00ff00ff) | (a & 0x00ff00ff) << 8;
                  return a >> 16 | a << 16;
              }));
    table.add("v_bcnt_u32_b32", vector([](u32 a, u32 b) { return static_cast<u32>(std::popcount(a)) + b; }));
    table.add("v_clz_i32_u32", vector([](u32 a) { return a == 0 ? -1 : std::countl_zero(a); }));
    table.add("v_ctz_i32_b32", vector([](u32 a) { return a == 0 ? -1 : std::countr_zero(a); }));
    table.add("v_cls_i32", vector([](i32 a) {
                  const u32 folded = static_cast<u32>(a ^ (a >> 31));
                  return folded == 0 ? -1 : std::countl_zero(folded);
              }));
    table.add("v_alignbit_b32",
              vector([](u32 a, u32 b, u32 c) { return static_cast<u32>(((u64(a) << 32) | b) >> (c & 31)); }));
    table.add("v_alignbyte_b32",
              vector([](u32 a, u32 b, u32 c) { return static_cast<u32>(((u64(a) << 32) | b) >> (8 * (c & 3))); }));
}

/// One byte of v_perm_b32's result, by its selector.
constexpr u32 permutedByte(u64 data, u32 selector) {
    if (selector < 8) {
        return static_cast<u32>(data >> (selector * 8)) & 0xff;
    }
    if (selector < 12) {
        // The sign of the second, fourth, sixth or eighth byte.
        return (data >> ((selector - 8) * 16 + 15) & 1) != 0 ? 0xff : 0;
    }
    return selector == 12 ? 0 : 0xff;
}

constexpr u32 byteDifference(u32 a, u32 b, unsigned byte) {
    const i32 difference = static_cast<i32>(a >> (byte * 8) & 0xff) - static_cast<i32>(b >> (byte * 8) & 0xff);
    return static_cast<u32>(difference < 0 ? -difference : difference);
}

constexpr u32 sumOfDifferences(u32 a, u32 b) {
    return byteDifference(a, b, 0) + byteDifference(a, b, 1) + byteDifference(a, b, 2) + byteDifference(a, b, 3);
}

void addBytes(Table& table) {
    table.add("v_perm_b32", vector([](u32 a, u32 b, u32 selector) {
                  const u64 data = (u64(a) << 32) | b;
                  u32 result = 0;
                  for (unsigned i = 0; i < 4; ++i) {
                      result |= permutedByte(data, selector >> (i * 8) & 0xff) << (i * 8);
                  }
                  return result;
              }));
    table.add("v_sad_u8", vector([](u32 a, u32 b, u32 c) { return sumOfDifferences(a, b) + c; }));
    table.add("v_sad_hi_u8", vector([](u32 a, u32 b, u32 c) { return (sumOfDifferences(a, b) << 16) + c; }));
    table.add("v_sad_u16", vector([](u32 a, u32 b, u32 c) {
                  const u32 lowA = a & 0xffff;
                  const u32 lowB = b & 0xffff;
                  const u32 highA = a >> 16;
                  const u32 highB = b >> 16;
                  return (lowA > lowB ? lowA - lowB : lowB - lowA) + (highA > highB ? highA - highB : highB - highA) +
                         c;
              }));
    table.add("v_sad_u32", vector([](u32 a, u32 b, u32 c) { return (a > b ? a - b : b - a) + c; }));
    table.add("v_msad_u8", vector([](u32 a, u32 b, u32 c) {
                  u32 sum = c;
                  for (unsigned i = 0; i < 4; ++i) {
                      sum += (b >> (i * 8) & 0xff) != 0 ? byteDifference(a, b, i) : 0;
                  }
                  return sum;
              }));
    table.add("v_lerp_u8", vector([](u32 a, u32 b, u32 c) {
                  u32 result = 0;
                  for (unsigned i = 0; i < 4; ++i) {
                      const u32 sum = (a >> (i * 8) & 0xff) + (b >> (i * 8) & 0xff) + (c >> (i * 8) & 1);
                      result |= (sum >> 1 & 0xff) << (i * 8);
                  }
                  return result;
              }));
}

}  // namespace

void addVectorInteger(Table& table) {
    addSums(table);
    addProducts(table);
    addOrder(table);
    addLogic(table);
    addBytes(table);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
