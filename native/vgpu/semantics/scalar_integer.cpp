// Scalar integer arithmetic and logic: SOP1, SOP2, SOPC and SOPK.
// Source: RDNA3 ISA, chapter 16, "SOP2", "SOPK", "SOP1" and "SOPC Instructions"; the others' manuals agree on these.

#include "families.h"
#include "scalar.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;
using i32 = int32_t;
using u64 = uint64_t;
using i64 = int64_t;

template <class T>
constexpr WithScc<T> extractField(T value, u32 control) {
    using U = std::make_unsigned_t<T>;
    constexpr unsigned kBits = sizeof(T) * 8;
    const unsigned offset = control & (kBits - 1);
    const unsigned width = control >> 16 & 0x7f;
    if (width == 0) {
        return {0, false};
    }
    const T shifted = static_cast<T>(value >> offset);
    if (width >= kBits) {
        return nonZero(shifted);
    }
    const unsigned rest = kBits - width;
    return nonZero(static_cast<T>(static_cast<T>(static_cast<U>(shifted) << rest) >> rest));
}

constexpr i32 leadingSignBits(u64 value, unsigned bits) {
    const bool negative = (value >> (bits - 1) & 1) != 0;
    for (unsigned i = 1; i < bits; ++i) {
        if (((value >> (bits - 1 - i) & 1) != 0) != negative) {
            return static_cast<i32>(i);
        }
    }
    return -1;
}

constexpr u64 reverseBits(u64 value, unsigned bits) {
    u64 result = 0;
    for (unsigned i = 0; i < bits; ++i) {
        result |= (value >> i & 1) << (bits - 1 - i);
    }
    return result;
}

/// Whole quads: `any` of four neighbours, or all of them.
constexpr u64 quads(u64 value, bool any) {
    u64 result = 0;
    for (unsigned i = 0; i < 64; i += 4) {
        const u64 quad = value >> i & 15;
        result |= (any ? quad != 0 : quad == 15) ? u64(15) << i : 0;
    }
    return result;
}

void addArithmetic(Table& table) {
    table.add({"s_add_u32", "s_add_co_u32"}, scalar([](u32 a, u32 b) { return WithScc<u32>{a + b, a + b < a}; }));
    table.add({"s_sub_u32", "s_sub_co_u32"}, scalar([](u32 a, u32 b) { return WithScc<u32>{a - b, b > a}; }));
    table.add({"s_add_i32", "s_add_co_i32"},
              scalar([](u32 a, u32 b) { return WithScc<u32>{a + b, ((~(a ^ b) & (a ^ (a + b))) >> 31) != 0}; }));
    table.add({"s_sub_i32", "s_sub_co_i32"},
              scalar([](u32 a, u32 b) { return WithScc<u32>{a - b, (((a ^ b) & (a ^ (a - b))) >> 31) != 0}; }));
    table.add({"s_addc_u32", "s_add_co_ci_u32"}, scalar([](u32 a, u32 b, bool carry) {
                  const u64 sum = u64(a) + b + carry;
                  return WithScc<u32>{static_cast<u32>(sum), sum >> 32 != 0};
              }));
    table.add({"s_subb_u32", "s_sub_co_ci_u32"},
              scalar([](u32 a, u32 b, bool carry) { return WithScc<u32>{a - b - carry, u64(b) + carry > a}; }));
    table.add({"s_add_u64", "s_add_nc_u64"}, scalar([](u64 a, u64 b) { return a + b; }));
    table.add({"s_sub_u64", "s_sub_nc_u64"}, scalar([](u64 a, u64 b) { return a - b; }));
    table.add("s_mul_u64", scalar([](u64 a, u64 b) { return a * b; }));
    table.add("s_mul_i32", scalar([](u32 a, u32 b) { return a * b; }));
    table.add("s_mul_hi_u32", scalar([](u32 a, u32 b) { return static_cast<u32>(u64(a) * b >> 32); }));
    table.add("s_mul_hi_i32", scalar([](i32 a, i32 b) { return static_cast<i32>(i64(a) * b >> 32); }));
    table.add("s_absdiff_i32", scalar([](u32 a, u32 b) {
                  const u32 difference = a - b;
                  return nonZero(static_cast<i32>(difference) < 0 ? 0 - difference : difference);
              }));
    table.add("s_min_i32", scalar([](i32 a, i32 b) { return WithScc<i32>{a < b ? a : b, a < b}; }));
    table.add("s_min_u32", scalar([](u32 a, u32 b) { return WithScc<u32>{a < b ? a : b, a < b}; }));
    table.add("s_max_i32", scalar([](i32 a, i32 b) { return WithScc<i32>{a >= b ? a : b, a >= b}; }));
    table.add("s_max_u32", scalar([](u32 a, u32 b) { return WithScc<u32>{a >= b ? a : b, a >= b}; }));
    table.add("s_abs_i32", scalar([](u32 a) { return nonZero(static_cast<i32>(a) < 0 ? 0 - a : a); }));
    table.add("s_lshl1_add_u32", scalar([](u32 a, u32 b) {
                  const u64 sum = (u64(a) << 1) + b;
                  return WithScc<u32>{static_cast<u32>(sum), sum >> 32 != 0};
              }));
    table.add("s_lshl2_add_u32", scalar([](u32 a, u32 b) {
                  const u64 sum = (u64(a) << 2) + b;
                  return WithScc<u32>{static_cast<u32>(sum), sum >> 32 != 0};
              }));
    table.add("s_lshl3_add_u32", scalar([](u32 a, u32 b) {
                  const u64 sum = (u64(a) << 3) + b;
                  return WithScc<u32>{static_cast<u32>(sum), sum >> 32 != 0};
              }));
    table.add("s_lshl4_add_u32", scalar([](u32 a, u32 b) {
                  const u64 sum = (u64(a) << 4) + b;
                  return WithScc<u32>{static_cast<u32>(sum), sum >> 32 != 0};
              }));
    table.add("s_pack_ll_b32_b16", scalar([](u32 a, u32 b) { return (a & 0xffff) | b << 16; }));
    table.add("s_pack_lh_b32_b16", scalar([](u32 a, u32 b) { return (a & 0xffff) | (b & 0xffff0000); }));
    table.add("s_pack_hh_b32_b16", scalar([](u32 a, u32 b) { return a >> 16 | (b & 0xffff0000); }));
    table.add("s_pack_hl_b32_b16", scalar([](u32 a, u32 b) { return a >> 16 | b << 16; }));
}

template <class T>
void addLogic(Table& table, const std::string& suffix) {
    table.add("s_and" + suffix, scalar([](T a, T b) { return nonZero(static_cast<T>(a & b)); }));
    table.add("s_or" + suffix, scalar([](T a, T b) { return nonZero(static_cast<T>(a | b)); }));
    table.add("s_xor" + suffix, scalar([](T a, T b) { return nonZero(static_cast<T>(a ^ b)); }));
    table.add("s_nand" + suffix, scalar([](T a, T b) { return nonZero(static_cast<T>(~(a & b))); }));
    table.add("s_nor" + suffix, scalar([](T a, T b) { return nonZero(static_cast<T>(~(a | b))); }));
    table.add("s_xnor" + suffix, scalar([](T a, T b) { return nonZero(static_cast<T>(~(a ^ b))); }));
    table.add("s_and_not1" + suffix, scalar([](T a, T b) { return nonZero(static_cast<T>(a & ~b)); }));
    table.add("s_or_not1" + suffix, scalar([](T a, T b) { return nonZero(static_cast<T>(a | ~b)); }));
    table.add("s_not" + suffix, scalar([](T a) { return nonZero(static_cast<T>(~a)); }));
    table.add("s_mov" + suffix, scalar([](T a) { return a; }));
    table.add("s_cselect" + suffix, scalar([](T a, T b, bool scc) { return scc ? a : b; }));
    table.add("s_cmov" + suffix, scalar([](T a, T old, bool scc) { return scc ? a : old; }, bindScalarAccumulate));
    constexpr unsigned kBits = sizeof(T) * 8;
    table.add("s_lshl" + suffix, scalar([](T a, u32 b) { return nonZero(static_cast<T>(a << (b & (kBits - 1)))); }));
    table.add("s_lshr" + suffix, scalar([](T a, u32 b) { return nonZero(static_cast<T>(a >> (b & (kBits - 1)))); }));
    table.add("s_bfm" + suffix, scalar([](u32 a, u32 b) {
                  return static_cast<T>(((T(1) << (a & (kBits - 1))) - 1) << (b & (kBits - 1)));
              }));
    table.add("s_brev" + suffix, scalar([](T a) { return static_cast<T>(reverseBits(a, kBits)); }));
    table.add("s_wqm" + suffix, scalar([](T a) { return nonZero(static_cast<T>(quads(a, true))); }));
    table.add("s_quadmask" + suffix, scalar([](T a) {
                  T result = 0;
                  for (unsigned i = 0; i < kBits / 4; ++i) {
                      result |= static_cast<T>((a >> (i * 4) & 15) != 0) << i;
                  }
                  return nonZero(result);
              }));
    table.add(
        "s_bitset0" + suffix,
        scalar([](u32 a, T old) { return static_cast<T>(old & ~(T(1) << (a & (kBits - 1)))); }, bindScalarAccumulate));
    table.add("s_bitset1" + suffix, scalar([](u32 a, T old) { return static_cast<T>(old | T(1) << (a & (kBits - 1))); },
                                           bindScalarAccumulate));
    table.add("s_bitcmp0" + suffix, scalar([](T a, u32 b) { return (a >> (b & (kBits - 1)) & 1) == 0; }));
    table.add("s_bitcmp1" + suffix, scalar([](T a, u32 b) { return (a >> (b & (kBits - 1)) & 1) != 0; }));
    table.add("s_bcnt0_i32" + suffix,
              scalar([](T a) { return nonZero(static_cast<u32>(std::popcount(static_cast<T>(~a)))); }));
    table.add("s_bcnt1_i32" + suffix, scalar([](T a) { return nonZero(static_cast<u32>(std::popcount(a))); }));
    table.add("s_ff0_i32" + suffix, scalar([](T a) {
                  return static_cast<T>(~a) == 0 ? -1 : static_cast<i32>(std::countr_zero(static_cast<T>(~a)));
              }));
    table.add("s_ctz_i32" + suffix, scalar([](T a) { return a == 0 ? -1 : static_cast<i32>(std::countr_zero(a)); }));
}

void addBitFields(Table& table) {
    table.add("s_ashr_i32", scalar([](i32 a, u32 b) { return nonZero(a >> (b & 31)); }));
    table.add("s_ashr_i64", scalar([](i64 a, u32 b) { return nonZero(a >> (b & 63)); }));
    table.add("s_bfe_u32", scalar([](u32 a, u32 b) { return extractField<u32>(a, b); }));
    table.add("s_bfe_i32", scalar([](i32 a, u32 b) { return extractField<i32>(a, b); }));
    table.add("s_bfe_u64", scalar([](u64 a, u32 b) { return extractField<u64>(a, b); }));
    table.add("s_bfe_i64", scalar([](i64 a, u32 b) { return extractField<i64>(a, b); }));
    table.add("s_clz_i32_u32", scalar([](u32 a) { return a == 0 ? -1 : static_cast<i32>(std::countl_zero(a)); }));
    table.add("s_clz_i32_u64", scalar([](u64 a) { return a == 0 ? -1 : static_cast<i32>(std::countl_zero(a)); }));
    table.add("s_cls_i32", scalar([](u32 a) { return leadingSignBits(a, 32); }));
    table.add("s_cls_i32_i64", scalar([](u64 a) { return leadingSignBits(a, 64); }));
    table.add("s_sext_i32_i8", scalar([](u32 a) { return static_cast<i32>(static_cast<int8_t>(a)); }));
    table.add("s_sext_i32_i16", scalar([](u32 a) { return static_cast<i32>(static_cast<int16_t>(a)); }));
    table.add("s_bitreplicate_b64_b32", scalar([](u32 a) {
                  u64 result = 0;
                  for (unsigned i = 0; i < 32; ++i) {
                      result |= (a >> i & 1) != 0 ? u64(3) << (2 * i) : 0;
                  }
                  return result;
              }));
}

template <class T>
void addCompares(Table& table, const std::string& type) {
    table.add("s_cmp_eq_" + type, scalar([](T a, T b) { return a == b; }));
    table.add("s_cmp_lg_" + type, scalar([](T a, T b) { return a != b; }));
    table.add("s_cmp_gt_" + type, scalar([](T a, T b) { return a > b; }));
    table.add("s_cmp_ge_" + type, scalar([](T a, T b) { return a >= b; }));
    table.add("s_cmp_lt_" + type, scalar([](T a, T b) { return a < b; }));
    table.add("s_cmp_le_" + type, scalar([](T a, T b) { return a <= b; }));
    constexpr uint32_t kUnsigned = std::is_unsigned_v<T>;
    table.add("s_cmpk_eq_" + type, scalarImmediate([](T a, T b) { return a == b; }, kUnsigned));
    table.add("s_cmpk_lg_" + type, scalarImmediate([](T a, T b) { return a != b; }, kUnsigned));
    table.add("s_cmpk_gt_" + type, scalarImmediate([](T a, T b) { return a > b; }, kUnsigned));
    table.add("s_cmpk_ge_" + type, scalarImmediate([](T a, T b) { return a >= b; }, kUnsigned));
    table.add("s_cmpk_lt_" + type, scalarImmediate([](T a, T b) { return a < b; }, kUnsigned));
    table.add("s_cmpk_le_" + type, scalarImmediate([](T a, T b) { return a <= b; }, kUnsigned));
}

void addImmediates(Table& table) {
    table.add("s_movk_i32", scalarImmediate([](i32 a) { return a; }));
    table.add("s_cmovk_i32", scalarImmediate([](u32 old, u32 a, bool scc) { return scc ? a : old; }));
    table.add({"s_addk_i32", "s_addk_co_i32"}, scalarImmediate([](u32 a, u32 b) {
                  return WithScc<u32>{a + b, ((~(a ^ b) & (a ^ (a + b))) >> 31) != 0};
              }));
    table.add("s_mulk_i32", scalarImmediate([](u32 a, u32 b) { return a * b; }));
}

}  // namespace

void addScalarInteger(Table& table) {
    addArithmetic(table);
    addLogic<u32>(table, "_b32");
    addLogic<u64>(table, "_b64");
    addBitFields(table);
    addCompares<u32>(table, "u32");
    addCompares<i32>(table, "i32");
    table.add("s_cmp_eq_u64", scalar([](u64 a, u64 b) { return a == b; }));
    table.add("s_cmp_lg_u64", scalar([](u64 a, u64 b) { return a != b; }));
    addImmediates(table);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
