// Single instructions, assembled by LLVM and compared lane by lane with references from exact integers, long double and
// the host's mathematical library.

#include "harness.h"
#include "references.h"

#include <bit>

namespace soma::vgpu::test {

namespace {

using u16 = uint16_t;
using u32 = uint32_t;
using i32 = int32_t;
using u64 = uint64_t;
using i64 = int64_t;

/// Operands of one lane: a is in v[2:3], b in v[4:5], c in v[6:7]; bit `vcc` of its lane in VCC. The result is v[8:9],
/// whose bits are those of `old` before.
struct Lane {
    u64 a;
    u64 b;
    u64 c;
    u64 old;
    bool vcc;

    u32 a32() const { return static_cast<u32>(a); }
    u32 b32() const { return static_cast<u32>(b); }
    u32 c32() const { return static_cast<u32>(c); }
    float af() const { return std::bit_cast<float>(a32()); }
    float bf() const { return std::bit_cast<float>(b32()); }
    float cf() const { return std::bit_cast<float>(c32()); }
    double ad() const { return std::bit_cast<double>(a); }
    double bd() const { return std::bit_cast<double>(b); }
    double cd() const { return std::bit_cast<double>(c); }
    double ah() const { return halfValue(static_cast<u16>(a)); }
    double bh() const { return halfValue(static_cast<u16>(b)); }
    double ahHigh() const { return halfValue(static_cast<u16>(a >> 16)); }
    double bhHigh() const { return halfValue(static_cast<u16>(b >> 16)); }
};

enum class Compare { Bits32, Bits64, Float, Double, Half, Mask };

struct Instruction {
    const char* name;
    const char* text;
    Compare compare;
    u64 (*expected)(const Lane&);
};

u64 bits(float value) { return std::bit_cast<u32>(value); }
u64 bits(double value) { return std::bit_cast<u64>(value); }
u64 half(double value, const Lane& lane) { return (lane.old & 0xffff0000) | nearestHalf(value); }
u64 signExtend(u64 value, unsigned width) {
    return static_cast<u64>(static_cast<i64>(value << (64 - width)) >> (64 - width));
}
u64 word(i64 value) { return static_cast<u32>(value); }

u64 saturate(long double value, long double low, long double high) {
    return word(static_cast<i64>(value != value ? 0 : value < low ? low : value > high ? high : std::trunc(value)));
}

const Instruction kInstructions[] = {
    {"add_nc_u32", "v_add_nc_u32 v8, v2, v4", Compare::Bits32,
     [](const Lane& l) { return word(i64(l.a32()) + l.b32()); }},
    {"add_nc_u32_clamp", "v_add_nc_u32_e64 v8, v2, v4 clamp", Compare::Bits32,
     [](const Lane& l) { return std::min<u64>(u64(l.a32()) + l.b32(), 0xffffffff); }},
    {"sub_nc_i32_clamp", "v_sub_nc_i32 v8, v2, v4 clamp", Compare::Bits32,
     [](const Lane& l) { return word(std::clamp<i64>(i64(i32(l.a32())) - i32(l.b32()), INT32_MIN, INT32_MAX)); }},
    {"mul_hi_u32", "v_mul_hi_u32 v8, v2, v4", Compare::Bits32,
     [](const Lane& l) { return (u64(l.a32()) * l.b32()) >> 32; }},
    {"mul_hi_i32", "v_mul_hi_i32 v8, v2, v4", Compare::Bits32,
     [](const Lane& l) { return word((i64(i32(l.a32())) * i32(l.b32())) >> 32); }},
    {"mad_u64_u32", "v_mad_u64_u32 v[8:9], null, v2, v4, v[6:7]", Compare::Bits64,
     [](const Lane& l) { return u64(l.a32()) * l.b32() + l.c; }},
    {"mad_u64_u32_carry", "v_mad_u64_u32 v[8:9], vcc_lo, v2, v4, v[6:7]", Compare::Mask,
     [](const Lane& l) { return u64((static_cast<unsigned __int128>(u64(l.a32()) * l.b32()) + l.c) >> 64); }},
    {"mad_i32_i24", "v_mad_i32_i24 v8, v2, v4, v6", Compare::Bits32,
     [](const Lane& l) { return word(static_cast<i64>(signExtend(l.a, 24) * signExtend(l.b, 24) + l.c32())); }},
    {"add_co_u32", "v_add_co_u32 v8, vcc_lo, v2, v4", Compare::Mask,
     [](const Lane& l) { return (u64(l.a32()) + l.b32()) >> 32; }},
    {"add_co_ci_u32", "v_add_co_ci_u32 v8, vcc_lo, v2, v4, vcc_lo", Compare::Mask,
     [](const Lane& l) { return (u64(l.a32()) + l.b32() + l.vcc) >> 32; }},
    {"add_co_ci_u32_sum", "v_add_co_ci_u32 v8, vcc_lo, v2, v4, vcc_lo", Compare::Bits32,
     [](const Lane& l) { return word(i64(l.a32()) + l.b32() + l.vcc); }},
    {"sub_co_ci_u32", "v_sub_co_ci_u32 v8, vcc_lo, v2, v4, vcc_lo", Compare::Mask,
     [](const Lane& l) { return u64(u64(l.a32()) < u64(l.b32()) + l.vcc); }},
    {"cndmask", "v_cndmask_b32 v8, v2, v4, vcc_lo", Compare::Bits32,
     [](const Lane& l) { return u64(l.vcc ? l.b32() : l.a32()); }},
    {"cndmask_negated", "v_cndmask_b32_e64 v8, -v2, |v4|, vcc_lo", Compare::Bits32,
     [](const Lane& l) { return u64(l.vcc ? l.b32() & 0x7fffffff : l.a32() ^ 0x80000000); }},
    {"bfe_u32", "v_bfe_u32 v8, v2, v4, v6", Compare::Bits32,
     [](const Lane& l) { return (u64(l.a32()) >> (l.b & 31)) & ((u64(1) << (l.c & 31)) - 1); }},
    {"bfe_i32", "v_bfe_i32 v8, v2, v4, v6", Compare::Bits32,
     [](const Lane& l) {
         const unsigned width = l.c & 31;
         return width == 0 ? u64(0) : word(static_cast<i64>(signExtend(signExtend(l.a, 32) >> (l.b & 31), width)));
     }},
    {"bfi", "v_bfi_b32 v8, v2, v4, v6", Compare::Bits32,
     [](const Lane& l) { return (l.a & l.b & 0xffffffff) | (~l.a & l.c & 0xffffffff); }},
    {"alignbit", "v_alignbit_b32 v8, v2, v4, v6", Compare::Bits32,
     [](const Lane& l) { return word(static_cast<i64>((u64(l.a32()) << 32 | l.b32()) >> (l.c & 31))); }},
    {"perm", "v_perm_b32 v8, v2, v4, v6", Compare::Bits32,
     [](const Lane& l) {
         u64 result = 0;
         for (unsigned i = 0; i < 4; ++i) {
             const unsigned s = l.c >> (8 * i) & 255;
             const u64 data = l.a << 32 | l.b32();
             const u64 sign = s >= 8 && s < 12 ? (data >> (16 * (s - 8) + 15) & 1) * 255 : 0;
             result |= (s < 8 ? data >> (8 * s) & 255 : s < 12 ? sign : s == 12 ? 0 : 255) << (8 * i);
         }
         return result;
     }},
    {"sad_u8", "v_sad_u8 v8, v2, v4, v6", Compare::Bits32,
     [](const Lane& l) {
         i64 sum = l.c32();
         for (unsigned i = 0; i < 32; i += 8) {
             sum += std::abs(i64(l.a >> i & 255) - i64(l.b >> i & 255));
         }
         return word(sum);
     }},
    {"clz", "v_clz_i32_u32 v8, v2", Compare::Bits32,
     [](const Lane& l) { return l.a32() == 0 ? 0xffffffff : u64(__builtin_clz(l.a32())); }},
    {"cls", "v_cls_i32 v8, v2", Compare::Bits32,
     [](const Lane& l) {
         return l.a32() == 0 || l.a32() == ~0u ? 0xffffffff : u64(__builtin_clrsb(i32(l.a32())) + 1);
     }},
    {"bcnt", "v_bcnt_u32_b32 v8, v2, v4", Compare::Bits32,
     [](const Lane& l) { return word(i64(__builtin_popcount(l.a32())) + l.b32()); }},
    {"lshlrev_b64", "v_lshlrev_b64 v[8:9], v2, v[4:5]", Compare::Bits64,
     [](const Lane& l) { return l.b << (l.a & 63); }},
    {"ashrrev_i64", "v_ashrrev_i64 v[8:9], v2, v[4:5]", Compare::Bits64,
     [](const Lane& l) { return u64(i64(l.b) >> (l.a & 63)); }},
    {"med3_i32", "v_med3_i32 v8, v2, v4, v6", Compare::Bits32,
     [](const Lane& l) {
         i32 v[] = {i32(l.a32()), i32(l.b32()), i32(l.c32())};
         std::sort(v, v + 3);
         return word(v[1]);
     }},
    {"add_nc_u16_low", "v_add_nc_u16 v8.l, v2.h, v4.l", Compare::Bits32,
     [](const Lane& l) { return (l.old & 0xffff0000) | (((l.a >> 16) + l.b) & 0xffff); }},
    {"add_nc_u16_high", "v_add_nc_u16 v8.h, v2.l, v4.h", Compare::Bits32,
     [](const Lane& l) { return (l.old & 0xffff) | (((l.a + (l.b >> 16)) & 0xffff) << 16); }},
    {"pk_add_i16_clamp", "v_pk_add_i16 v8, v2, v4 clamp", Compare::Bits32,
     [](const Lane& l) {
         const auto sum = [&](unsigned shift) {
             const int value = int16_t(l.a >> shift) + int16_t(l.b >> shift);
             return u64(static_cast<u16>(std::clamp(value, -32768, 32767))) << shift;
         };
         return sum(0) | sum(16);
     }},
    {"pk_mul_f16_crossed", "v_pk_mul_f16 v8, v2, v4 op_sel:[1,0] op_sel_hi:[0,1] neg_lo:[1,0]", Compare::Bits32,
     [](const Lane& l) {
         // NaNs are compared as such only by whole registers: keep them out.
         const double low = -l.ahHigh() * l.bh();
         const double high = l.ah() * l.bhHigh();
         return low != low || high != high ? ~u64(0) : u64(nearestHalf(low)) | u64(nearestHalf(high)) << 16;
     }},
    {"add_f32", "v_add_f32 v8, v2, v4", Compare::Float, [](const Lane& l) { return bits(l.af() + l.bf()); }},
    {"add_f32_modifiers", "v_add_f32_e64 v8, -|v2|, v4 mul:2", Compare::Float,
     [](const Lane& l) { return bits((-std::fabs(l.af()) + l.bf()) * 2); }},
    {"mul_f32_clamp", "v_mul_f32_e64 v8, v2, v4 clamp", Compare::Float,
     [](const Lane& l) {
         const float product = l.af() * l.bf();
         return bits(product > 1 ? 1.0f : product > 0 ? product : 0.0f);
     }},
    {"fma_f32", "v_fma_f32 v8, v2, v4, -v6", Compare::Float,
     [](const Lane& l) { return bits(std::fma(l.af(), l.bf(), -l.cf())); }},
    {"fmac_f32", "v_fmac_f32 v8, v2, v4", Compare::Float,
     [](const Lane& l) { return bits(std::fma(l.af(), l.bf(), std::bit_cast<float>(static_cast<u32>(l.old)))); }},
    {"fma_f64", "v_fma_f64 v[8:9], v[2:3], v[4:5], v[6:7]", Compare::Double,
     [](const Lane& l) { return bits(std::fma(l.ad(), l.bd(), l.cd())); }},
    {"add_f64_literal", "v_add_f64 v[8:9], v[2:3], 0x40590000", Compare::Double,
     [](const Lane& l) { return bits(l.ad() + 100.0); }},
    {"add_f16", "v_add_f16 v8.l, v2.h, v4.l", Compare::Half,
     [](const Lane& l) { return half(l.ahHigh() + l.bh(), l); }},
    {"mul_f16_constant", "v_mul_f16 v8.l, 0.5, v4.l", Compare::Half,
     [](const Lane& l) { return half(0.5 * l.bh(), l); }},
    {"min_f32", "v_min_f32 v8, v2, v4", Compare::Float, [](const Lane& l) { return bits(std::fmin(l.af(), l.bf())); }},
    {"max_f64", "v_max_f64 v[8:9], v[2:3], v[4:5]", Compare::Double,
     [](const Lane& l) { return bits(std::fmax(l.ad(), l.bd())); }},
    {"rndne_f32", "v_rndne_f32 v8, v2", Compare::Float, [](const Lane& l) { return bits(std::nearbyint(l.af())); }},
    {"trunc_f64", "v_trunc_f64 v[8:9], v[2:3]", Compare::Double,
     [](const Lane& l) { return bits(std::trunc(l.ad())); }},
    {"ldexp_f32", "v_ldexp_f32 v8, v2, v4", Compare::Float,
     [](const Lane& l) { return bits(std::ldexp(l.af(), std::clamp(i32(l.b32()), -1000, 1000))); }},
    {"ldexp_f64", "v_ldexp_f64 v[8:9], v[2:3], v4", Compare::Double,
     [](const Lane& l) { return bits(std::ldexp(l.ad(), std::clamp(i32(l.b32()), -5000, 5000))); }},
    {"frexp_exp_f32", "v_frexp_exp_i32_f32 v8, v2", Compare::Bits32,
     [](const Lane& l) { return std::isfinite(l.af()) && l.af() != 0 ? word(std::ilogb(l.af()) + 1) : u64(0); }},
    {"cvt_i32_f32", "v_cvt_i32_f32 v8, v2", Compare::Bits32,
     [](const Lane& l) { return saturate(l.af(), INT32_MIN, INT32_MAX); }},
    {"cvt_u32_f32", "v_cvt_u32_f32 v8, v2", Compare::Bits32,
     [](const Lane& l) { return saturate(l.af(), 0, UINT32_MAX); }},
    {"cvt_i32_f64", "v_cvt_i32_f64 v8, v[2:3]", Compare::Bits32,
     [](const Lane& l) { return saturate(l.ad(), INT32_MIN, INT32_MAX); }},
    {"cvt_u32_f64", "v_cvt_u32_f64 v8, v[2:3]", Compare::Bits32,
     [](const Lane& l) { return saturate(l.ad(), 0, UINT32_MAX); }},
    {"cvt_f32_u32", "v_cvt_f32_u32 v8, v2", Compare::Float,
     [](const Lane& l) { return bits(static_cast<float>(l.a32())); }},
    {"cvt_f32_f64", "v_cvt_f32_f64 v8, v[2:3]", Compare::Float,
     [](const Lane& l) { return bits(static_cast<float>(l.ad())); }},
    {"cvt_f16_f32", "v_cvt_f16_f32 v8.l, v2", Compare::Half, [](const Lane& l) { return half(l.af(), l); }},
    {"cvt_f32_f16", "v_cvt_f32_f16 v8, v2.h", Compare::Float,
     [](const Lane& l) { return bits(static_cast<float>(l.ahHigh())); }},
    {"cvt_f32_ubyte2", "v_cvt_f32_ubyte2 v8, v2", Compare::Float,
     [](const Lane& l) { return bits(static_cast<float>(l.a >> 16 & 255)); }},
    {"rcp_f64", "v_rcp_f64 v[8:9], v[2:3]", Compare::Double, [](const Lane& l) { return bits(1 / l.ad()); }},
    {"sqrt_f32", "v_sqrt_f32 v8, v2", Compare::Float, [](const Lane& l) { return bits(std::sqrt(l.af())); }},
    {"cmp_lt_f32", "v_cmp_lt_f32 vcc_lo, v2, v4", Compare::Mask, [](const Lane& l) { return u64(l.af() < l.bf()); }},
    {"cmp_nge_f64", "v_cmp_nge_f64 vcc_lo, v[2:3], v[4:5]", Compare::Mask,
     [](const Lane& l) { return u64(!(l.ad() >= l.bd())); }},
    {"cmp_u_f16", "v_cmp_u_f16 vcc_lo, v2.l, v4.h", Compare::Mask,
     [](const Lane& l) { return u64(l.ah() != l.ah() || l.bhHigh() != l.bhHigh()); }},
    {"cmp_gt_i64", "v_cmp_gt_i64 vcc_lo, v[2:3], v[4:5]", Compare::Mask,
     [](const Lane& l) { return u64(i64(l.a) > i64(l.b)); }},
    {"cmp_class_f32", "v_cmp_class_f32 vcc_lo, v2, 0x1f8", Compare::Mask,
     [](const Lane& l) { return u64(std::isfinite(l.af())); }},
    {"cmp_class_f64", "v_cmp_class_f64 vcc_lo, v[2:3], 0x90", Compare::Mask,
     [](const Lane& l) { return u64(std::fpclassify(l.ad()) == FP_SUBNORMAL); }},
    {"fma_mix", "v_fma_mix_f32 v8, v2, v4, v6 op_sel:[1,0,0] op_sel_hi:[1,1,0]", Compare::Float,
     [](const Lane& l) { return bits(std::fma(float(l.ahHigh()), float(l.bh()), l.cf())); }},
    {"dot4_iu8", "v_dot4_i32_iu8 v8, v2, v4, v6 neg_lo:[1,0,0]", Compare::Bits32,
     [](const Lane& l) {
         i64 sum = i32(l.c32());
         for (unsigned i = 0; i < 32; i += 8) {
             sum += i64(int8_t(l.a >> i)) * i64(uint8_t(l.b >> i));
         }
         return word(sum);
     }},
    {"dual", "v_dual_add_f32 v8, v2, v4 :: v_dual_mov_b32 v9, v3", Compare::Bits32,
     [](const Lane& l) { return l.af() + l.bf() != l.af() + l.bf() ? ~u64(0) : bits(l.af() + l.bf()); }},
    // Each half reads what the other writes: they swap.
    {"dual_swap", "v_mov_b32 v8, v2\n v_mov_b32 v9, v4\n v_dual_mov_b32 v8, v9 :: v_dual_mov_b32 v9, v8",
     Compare::Bits64, [](const Lane& l) { return l.a << 32 | l.b32(); }},
    {"scalar_bfe_i64",
     "s_mov_b32 s8, 0x12345678\n s_mov_b32 s9, 0x9abcdef0\n s_bfe_i64 s[8:9], s[8:9], 0x140018\n"
     " v_mov_b32 v8, s8\n v_mov_b32 v9, s9",
     Compare::Bits64, [](const Lane&) { return signExtend(0x9abcdef012345678 >> 24, 20); }},
    {"scalar_addc",
     "s_mov_b32 s8, -1\n s_add_u32 s8, s8, 2\n s_addc_u32 s9, 5, 0\n v_mov_b32 v8, s8\n v_mov_b32 v9, s9",
     Compare::Bits64, [](const Lane&) { return u64(6) << 32 | 1; }},
    {"saveexec",
     "v_mov_b32 v8, 1\n s_mov_b32 s8, 0x0000ffff\n s_and_saveexec_b32 s9, s8\n v_mov_b32 v8, 2\n"
     " s_xor_b32 exec_lo, exec_lo, s9\n v_add_nc_u32 v8, v8, 4\n s_mov_b32 exec_lo, s9",
     Compare::Bits32, [](const Lane&) { return u64(0); }},
};

constexpr u32 kGroups = 16;
constexpr u32 kLanes = kGroups * 32;
/// VCC before the instruction, and the destination's old bits.
constexpr u32 kVcc = 0xa5a50ff1;
constexpr u64 kOld = 0x1122334455667788;

void runInstruction(const Context& context, const Instruction& instruction) {
    Patterns patterns;
    std::vector<u64> operands(kLanes * 4);
    for (u64& operand : operands) {
        operand = (patterns.next64() & 0xffffffff00000000) | patterns.next32();
    }
    // Full 64-bit patterns in every second lane.
    for (u32 i = 0; i < kLanes; i += 2) {
        for (u32 k = 0; k < 3; ++k) {
            operands[4 * i + k] = patterns.next64();
        }
    }
    const Buffer in(context.device, operands);
    const Buffer<u64> out(context.device, kLanes * 2);
    context.launch(instruction.name, kGroups, 32, Arguments().add(in).add(out));
    for (u32 i = 0; i < kLanes; ++i) {
        const u32 lane = i % 32;
        const Lane operandsOfLane{operands[4 * i], operands[4 * i + 1], operands[4 * i + 2], kOld,
                                  (kVcc >> lane & 1) != 0};
        u64 expected = instruction.expected(operandsOfLane);
        if (std::string(instruction.name) == "saveexec") {
            expected = lane < 16 ? 2 : 5;
        }
        const u64 value = out[2 * i];
        const bool mask = (out[2 * i + 1] >> lane & 1) != 0;
        bool same = false;
        switch (instruction.compare) {
        case Compare::Mask:
            same = mask == (expected != 0);
            break;
        case Compare::Bits32:
            // All ones: no expectation (a NaN whose bits are the implementation's own).
            same = static_cast<u32>(value) == static_cast<u32>(expected) || expected == ~u64(0);
            break;
        case Compare::Bits64:
            same = value == expected;
            break;
        case Compare::Half:
            same = static_cast<u32>(value) == static_cast<u32>(expected) ||
                   (halfValue(static_cast<u16>(value)) != halfValue(static_cast<u16>(value)) &&
                    halfValue(static_cast<u16>(expected)) != halfValue(static_cast<u16>(expected)));
            break;
        case Compare::Float: {
            const float x = std::bit_cast<float>(static_cast<u32>(value));
            const float y = std::bit_cast<float>(static_cast<u32>(expected));
            same = std::bit_cast<u32>(x) == std::bit_cast<u32>(y) || (x != x && y != y) ||
                   (x == 0 && y == 0 && instruction.name[0] == 'm');
            break;
        }
        case Compare::Double: {
            const double x = std::bit_cast<double>(value);
            const double y = std::bit_cast<double>(expected);
            same = value == expected || (x != x && y != y) || (x == 0 && y == 0 && instruction.name[0] == 'm');
            break;
        }
        }
        if (!same) {
            std::ostringstream text;
            text << std::hex << "lane " << i << ": a " << operands[4 * i] << " b " << operands[4 * i + 1] << " c "
                 << operands[4 * i + 2] << " vcc " << operandsOfLane.vcc << ": expected " << expected << ", got "
                 << value << " mask " << mask;
            throw Failure{text.str()};
        }
    }
}

}  // namespace

std::vector<Test> instructionTests() {
    std::vector<Test> tests;
    for (const Instruction& instruction : kInstructions) {
        tests.push_back(
            {instruction.name, [&instruction](const Context& context) { runInstruction(context, instruction); }});
    }
    return tests;
}

std::string instructionAssembly() {
    std::ostringstream text;
    text << ".amdgcn_target \"amdgcn-amd-amdhsa--gfx1100\"\n.text\n";
    for (const Instruction& instruction : kInstructions) {
        text << ".globl " << instruction.name << "\n.p2align 8\n.type " << instruction.name << ",@function\n"
             << instruction.name << ":\n"
             << " s_load_b128 s[4:7], s[0:1], 0x0\n"
                " s_lshl_b32 s2, s2, 5\n"
                " v_add_nc_u32 v1, s2, v0\n"
                " v_lshlrev_b32 v20, 4, v1\n"
                " v_lshlrev_b32 v1, 5, v1\n"
                " s_waitcnt lgkmcnt(0)\n"
                " global_load_b64 v[2:3], v1, s[4:5]\n"
                " global_load_b64 v[4:5], v1, s[4:5] offset:8\n"
                " global_load_b64 v[6:7], v1, s[4:5] offset:16\n"
                " s_waitcnt vmcnt(0)\n"
                " v_mov_b32 v8, 0x"
             << std::hex << static_cast<u32>(kOld) << "\n v_mov_b32 v9, 0x" << static_cast<u32>(kOld >> 32)
             << "\n s_mov_b32 vcc_lo, 0x" << kVcc << std::dec << "\n " << instruction.text
             << "\n global_store_b64 v20, v[8:9], s[6:7]\n"
                " v_mov_b32 v10, vcc_lo\n"
                " global_store_b32 v20, v10, s[6:7] offset:8\n"
                " s_endpgm\n";
    }
    text << ".rodata\n";
    for (const Instruction& instruction : kInstructions) {
        text << ".p2align 6\n.amdhsa_kernel " << instruction.name
             << "\n .amdhsa_user_sgpr_kernarg_segment_ptr 1\n .amdhsa_kernarg_size 16\n .amdhsa_next_free_vgpr 24\n"
                " .amdhsa_next_free_sgpr 16\n .amdhsa_wavefront_size32 1\n .amdhsa_float_denorm_mode_32 "
                "3\n.end_amdhsa_kernel\n";
    }
    text << ".amdgpu_metadata\n---\namdhsa.version: [1, 2]\namdhsa.target: "
            "amdgcn-amd-amdhsa--gfx1100\namdhsa.kernels:\n";
    for (const Instruction& instruction : kInstructions) {
        text
            << "  - .name: " << instruction.name << "\n    .symbol: " << instruction.name
            << ".kd\n    .kernarg_segment_size: 16\n    .kernarg_segment_align: 8\n    .group_segment_fixed_size: 0\n"
               "    .private_segment_fixed_size: 0\n    .wavefront_size: 32\n    .sgpr_count: 16\n    .vgpr_count: 24\n"
               "    .max_flat_workgroup_size: 1024\n    .args:\n"
               "      - {.size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global}\n"
               "      - {.size: 8, .offset: 8, .value_kind: global_buffer, .address_space: global}\n";
    }
    text << "...\n.end_amdgpu_metadata\n";
    return text.str();
}

}  // namespace soma::vgpu::test
