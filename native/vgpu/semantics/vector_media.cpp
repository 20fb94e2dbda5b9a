// Sums of absolute differences over four positions, cube maps' coordinates, and reduction of large angles.
// Source: RDNA3 ISA, V_QSAD_PK_U16_U8, V_MQSAD_PK_U16_U8, V_MQSAD_U32_U8, V_CUBEID_F32 and its kind, V_TRIG_PREOP_F64,
// V_MULLIT_F32.

#include "families_recent.h"
#include "float.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;

/// Of four bytes each. `Masked`: a byte of the reference that is 0 is left out.
template <bool Masked>
constexpr u32 sumOfDifferences(u32 bytes, u32 reference) {
    u32 sum = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const u32 a = bytes >> i * 8 & 0xff;
        const u32 b = reference >> i * 8 & 0xff;
        sum += Masked && b == 0 ? 0 : a > b ? a - b : b - a;
    }
    return sum;
}

/// Four windows of a row of eight bytes against four of the reference.
template <bool Masked>
constexpr u64 slidingSums(u64 row, u32 reference, u64 addends) {
    u64 result = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const u32 sum = sumOfDifferences<Masked>(static_cast<u32>(row >> i * 8), reference);
        result |= u64(static_cast<u16>(sum + (addends >> i * 16))) << i * 16;
    }
    return result;
}

/// As slidingSums, with 32 bits for each sum.
void runWideSlidingSums(Wave& wave, const MicroOp& op) {
    wave.countVector();
    const u64 scalarRow = scalarBits(wave, op.src[0], true);
    const u64 scalarReference = scalarBits(wave, op.src[1], false);
    for (u64 exec = wave.exec(); exec != 0; exec &= exec - 1) {
        const auto lane = static_cast<unsigned>(std::countr_zero(exec));
        const u32* row = wave.vgpr + op.src[0].reg + lane;
        const u64 bytes =
            op.src[0].kind == Source::Kind::Vgpr ? u64(row[wave.lanes]) << 32 | row[0] : scalarRow;
        const u32 reference = op.src[1].kind == Source::Kind::Vgpr ? wave.vgpr[op.src[1].reg + lane]
                                                                   : static_cast<u32>(scalarReference);
        u32 sums[4];
        for (unsigned i = 0; i < 4; ++i) {
            sums[i] = sumOfDifferences<true>(static_cast<u32>(bytes >> i * 8), reference) +
                      wave.vgpr[op.src[2].reg + i * wave.lanes + lane];
        }
        for (unsigned i = 0; i < 4; ++i) {
            wave.vgpr[op.dst.reg + i * wave.lanes + lane] = sums[i];
        }
    }
}

bool bindWideSlidingSums(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    return bindVector(binder, assembly, semantics, op) && op.src[2].kind == Source::Kind::Vgpr && op.simple;
}

/// The face of a cube that a direction meets: the largest of its components, z before y before x.
enum class Axis { X, Y, Z };
inline Axis majorAxis(float x, float y, float z) {
    const float ax = std::fabs(x);
    const float ay = std::fabs(y);
    const float az = std::fabs(z);
    return az >= ax && az >= ay ? Axis::Z : ay >= ax ? Axis::Y : Axis::X;
}

void addCubes(Table& table) {
    table.add("v_cubeid_f32", vector([](float x, float y, float z) {
                  const Axis axis = majorAxis(x, y, z);
                  return axis == Axis::Z ? (z < 0 ? 5.0f : 4.0f) : axis == Axis::Y ? (y < 0 ? 3.0f : 2.0f)
                                                                                   : (x < 0 ? 1.0f : 0.0f);
              }));
    table.add("v_cubesc_f32", vector([](float x, float y, float z) {
                  const Axis axis = majorAxis(x, y, z);
                  return axis == Axis::Z ? (z < 0 ? -x : x) : axis == Axis::Y ? x : (x < 0 ? z : -z);
              }));
    table.add("v_cubetc_f32", vector([](float x, float y, float z) {
                  return majorAxis(x, y, z) == Axis::Y ? (y < 0 ? -z : z) : -y;
              }));
    table.add("v_cubema_f32", vector([](float x, float y, float z) {
                  const Axis axis = majorAxis(x, y, z);
                  return 2.0f * (axis == Axis::Z ? z : axis == Axis::Y ? y : x);
              }));
}

/// 2/π after the binary point: 1201 bits, the first in the highest bit of the first word, and zeros behind them.
constexpr u32 kTwoOverPi[] = {
    0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561,
    0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484,
    0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f,
    0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b,
    0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b0000,
};
constexpr unsigned kTwoOverPiWords = sizeof kTwoOverPi / sizeof kTwoOverPi[0];

/// 53 bits of 2/π from bit `first` on, and what they count.
inline double trigPreOp(double value, u32 segment) {
    const int exponent = static_cast<int>(std::bit_cast<u64>(value) >> 52 & 0x7ff);
    const int first = static_cast<int>(segment & 31) * 53 + std::max(exponent - 1077, 0);
    u64 bits = 0;
    for (int i = 0; i < 53; ++i) {
        const auto at = static_cast<unsigned>(first + i);
        const u32 word = at / 32 < kTwoOverPiWords ? kTwoOverPi[at / 32] : 0;
        bits = bits << 1 | (word >> (31 - at % 32) & 1);
    }
    return std::ldexp(static_cast<double>(bits), -53 - first + (exponent >= 1968 ? 128 : 0));
}

}  // namespace

void addVectorMedia(Table& table) {
    table.add("v_qsad_pk_u16_u8", vector([](u64 a, u32 b, u64 c) { return slidingSums<false>(a, b, c); }));
    table.add("v_mqsad_pk_u16_u8", vector([](u64 a, u32 b, u64 c) { return slidingSums<true>(a, b, c); }));
    const Signature wide{ValueType::U64, false, 3, {ValueType::U64, ValueType::U32, ValueType::U64}};
    table.add("v_mqsad_u32_u8",
              Semantics{runWideSlidingSums, bindWideSlidingSums, InstructionClass::Valu, wide, nullptr, 0});
    addCubes(table);
    table.add("v_trig_preop_f64", vector([](double a, u32 b) { return trigPreOp(a, b); }));
    table.add("v_mullit_f32", vector([](float a, float b, float c) {
                  constexpr float kMost = std::numeric_limits<float>::max();
                  return !(b > -kMost) || !(c > 0) ? -kMost : a * b;
              }));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
