// Bitwise functions of three operands by truth table, and other integer instructions of gfx950.
// Source: CDNA4 ISA, V_BITOP3_B32, V_BITOP3_B16, V_PRNG_B32, V_ASHR_PK_I8_I32, V_ASHR_PK_U8_I32.

#include "families_recent.h"
#include "float.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u16 = uint16_t;
using u32 = uint32_t;
using i32 = int32_t;

/// Bit by bit, the operands' three bits say which bit of the table is the result; the first operand's weighs most.
u32 byTable(u32 table, u32 a, u32 b, u32 c) {
    u32 result = 0;
    for (unsigned i = 0; i < 8; ++i) {
        const u32 match = ((i & 4) != 0 ? a : ~a) & ((i & 2) != 0 ? b : ~b) & ((i & 1) != 0 ? c : ~c);
        result |= (table >> i & 1) != 0 ? match : 0;
    }
    return result;
}

template <bool Small>
void runTable(Wave& wave, const MicroOp& op) {
    constexpr ValueType kType = Small ? ValueType::U16 : ValueType::U32;
    constexpr Signature kSignature{kType, false, 3, {kType, kType, kType}};
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        if (wave.exec32(half) == 0) {
            continue;
        }
        alignas(64) u32 scratch[6][kPart];
        const u32* rows[6];
        alignas(64) u32 result[2][kPart];
        u32 enabled = wave.exec32(half);
        materialise(wave, op, kSignature, half, scratch, rows, enabled);
        SOMA_LANES
        for (unsigned lane = 0; lane < kPart; ++lane) {
            result[0][lane] = byTable(op.aux, rows[0][lane], rows[2][lane], rows[4][lane]);
        }
        finish(wave, op, kType, half, result[0], result[1], enabled);
    }
}

bool bindTable(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    op.aux = static_cast<u32>(assembly.number("bitop3"));
    return bindVector(binder, assembly, semantics, op);
}

template <bool Small>
Semantics table3() {
    constexpr ValueType kType = Small ? ValueType::U16 : ValueType::U32;
    return Semantics{runTable<Small>, bindTable, InstructionClass::Valu, Signature{kType, false, 3, {kType, kType, kType}},
                     nullptr, 0};
}

u32 pack8(i32 low, i32 high, i32 least, i32 most) {
    return (static_cast<u32>(std::clamp(low, least, most)) & 0xff) |
           (static_cast<u32>(std::clamp(high, least, most)) & 0xff) << 8;
}

}  // namespace

void addVectorBitwise(Table& table) {
    table.add("v_bitop3_b32", table3<false>());
    table.add("v_bitop3_b16", table3<true>());
    // A linear feedback shift register.
    table.add("v_prng_b32", vector([](u32 a) { return a << 1 ^ ((a >> 31) != 0 ? 0xc5u : 0u); }));
    table.add("v_ashr_pk_i8_i32", vector([](i32 a, i32 b, u32 shift) {
                  return static_cast<u16>(pack8(a >> (shift & 31), b >> (shift & 31), -128, 127));
              }));
    table.add("v_ashr_pk_u8_i32", vector([](i32 a, i32 b, u32 shift) {
                  return static_cast<u16>(pack8(a >> (shift & 31), b >> (shift & 31), 0, 255));
              }));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
