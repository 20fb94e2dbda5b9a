// Packed arithmetic: two 16-bit (or 32-bit) operations in one instruction; and mixed precision.
// Source: RDNA3 ISA, "VOP3P Instructions"; CDNA3 ISA for the packed single-precision ones.
// op_sel picks the half that the low operation reads, op_sel_hi the one for the high operation; neg_lo and neg_hi
// negate them. All four are in MicroOp::aux, four bits for each source (see bindPacked).

#include "families.h"
#include "float.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u16 = uint16_t;
using i16 = int16_t;
using u32 = uint32_t;
using i32 = int32_t;

constexpr u32 kSelectLow = 1;
constexpr u32 kSelectHigh = 2;
constexpr u32 kNegateLow = 4;
constexpr u32 kNegateHigh = 8;

u32 sourceFlags(const MicroOp& op, unsigned source) { return op.aux >> (source * 4) & 15; }

void clampHalves(u32* row) {
    for (unsigned lane = 0; lane < kPart; ++lane) {
        const float value = halfToFloat(static_cast<u16>(row[lane]));
        row[lane] = floatToHalf(!(value > 0) ? 0.0f : value > 1 ? 1.0f : value);
    }
}

/// Two operations on 16-bit halves.
template <class F>
void runPacked(Wave& wave, const MicroOp& op) {
    using Shape = ShapeOf<F>;
    constexpr Signature kSignature = Shape::kSignature;
    constexpr u32 kSign = kSignature.source[0] == ValueType::F16 ? 0x8000 : 0;
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const u32 exec = wave.exec32(half);
        if (exec == 0) {
            continue;
        }
        alignas(64) u32 scratch[2][kPart];
        alignas(64) u32 low[Shape::kSources][kPart];
        alignas(64) u32 high[Shape::kSources][kPart];
        alignas(64) u32 results[2][kPart];
        const u32* lowRows[2 * Shape::kSources];
        const u32* highRows[2 * Shape::kSources];
        for (unsigned i = 0; i < Shape::kSources; ++i) {
            const u32* rows[2];
            sourceRows(wave, op.src[i], ValueType::U32, half, scratch, rows);
            const u32 flags = sourceFlags(op, i);
            const unsigned lowShift = (flags & kSelectLow) != 0 ? 16 : 0;
            const unsigned highShift = (flags & kSelectHigh) != 0 ? 16 : 0;
            const u32 lowSign = (flags & kNegateLow) != 0 ? kSign : 0;
            const u32 highSign = (flags & kNegateHigh) != 0 ? kSign : 0;
            SOMA_LANES
            for (unsigned lane = 0; lane < kPart; ++lane) {
                low[i][lane] = (rows[0][lane] >> lowShift & 0xffff) ^ lowSign;
                high[i][lane] = (rows[0][lane] >> highShift & 0xffff) ^ highSign;
            }
            if (wave.specialMode) [[unlikely]] {
                flushDenormals(wave, kSignature.source[i], true, low[i], nullptr);
                flushDenormals(wave, kSignature.source[i], true, high[i], nullptr);
            }
            lowRows[2 * i] = lowRows[2 * i + 1] = low[i];
            highRows[2 * i] = highRows[2 * i + 1] = high[i];
        }
        {
            const RoundingScope rounding(wave, op, false);
            Shape::apply([&]<class... A>(auto indices) {
                computeLanes<F, A...>(wave, results[0], nullptr, nullptr, lowRows, indices);
                computeLanes<F, A...>(wave, results[1], nullptr, nullptr, highRows, indices);
            });
        }
        if (wave.specialMode) [[unlikely]] {
            flushDenormals(wave, kSignature.result, false, results[0], nullptr);
            flushDenormals(wave, kSignature.result, false, results[1], nullptr);
        }
        if (op.clamp && kSignature.result == ValueType::F16) {
            clampHalves(results[0]);
            clampHalves(results[1]);
        }
        SOMA_LANES
        for (unsigned lane = 0; lane < kPart; ++lane) {
            results[0][lane] = (results[0][lane] & 0xffff) | results[1][lane] << 16;
        }
        blend(wave.vgpr + op.dst.reg + half * kPart, results[0], exec);
    }
}

/// Two operations on single-precision numbers in register pairs.
template <class F>
void runPackedSingle(Wave& wave, const MicroOp& op) {
    using Shape = ShapeOf<F>;
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const u32 exec = wave.exec32(half);
        if (exec == 0) {
            continue;
        }
        alignas(64) u32 scratch[Shape::kSources][2][kPart];
        alignas(64) u32 low[Shape::kSources][kPart];
        alignas(64) u32 high[Shape::kSources][kPart];
        alignas(64) u32 results[2][kPart];
        const u32* lowRows[2 * Shape::kSources];
        const u32* highRows[2 * Shape::kSources];
        for (unsigned i = 0; i < Shape::kSources; ++i) {
            const u32* rows[2];
            const bool constant = op.src[i].kind == Source::Kind::Constant;
            sourceRows(wave, op.src[i], ValueType::U64, half, scratch[i], rows);
            if (constant) {
                rows[1] = rows[0];
            }
            const u32 flags = sourceFlags(op, i);
            const u32* forLow = rows[(flags & kSelectLow) != 0];
            const u32* forHigh = rows[(flags & kSelectHigh) != 0];
            for (unsigned lane = 0; lane < kPart; ++lane) {
                low[i][lane] = forLow[lane] ^ ((flags & kNegateLow) != 0 ? 0x80000000 : 0);
                high[i][lane] = forHigh[lane] ^ ((flags & kNegateHigh) != 0 ? 0x80000000 : 0);
            }
            if (wave.specialMode) [[unlikely]] {
                flushDenormals(wave, ValueType::F32, true, low[i], nullptr);
                flushDenormals(wave, ValueType::F32, true, high[i], nullptr);
            }
            lowRows[2 * i] = lowRows[2 * i + 1] = low[i];
            highRows[2 * i] = highRows[2 * i + 1] = high[i];
        }
        {
            const RoundingScope rounding(wave, op, true);
            Shape::apply([&]<class... A>(auto indices) {
                computeLanes<F, A...>(wave, results[0], nullptr, nullptr, lowRows, indices);
                computeLanes<F, A...>(wave, results[1], nullptr, nullptr, highRows, indices);
            });
        }
        if (wave.specialMode) [[unlikely]] {
            flushDenormals(wave, ValueType::F32, false, results[0], nullptr);
            flushDenormals(wave, ValueType::F32, false, results[1], nullptr);
        }
        u32* target = wave.vgpr + op.dst.reg + half * kPart;
        blend(target, results[0], exec);
        blend(target + wave.lanes, results[1], exec);
    }
}

/// Two moves: the low result from the first source pair, the high one from the second, each from either register.
void runPackedMove(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const u32 exec = wave.exec32(half);
        alignas(64) u32 scratch[2][2][kPart];
        alignas(64) u32 results[2][kPart];
        for (unsigned i = 0; i < 2; ++i) {
            const u32* rows[2];
            sourceRows(wave, op.src[i], ValueType::U64, half, scratch[i], rows);
            std::copy_n(rows[(sourceFlags(op, i) & kSelectLow) != 0], kPart, results[i]);
        }
        u32* target = wave.vgpr + op.dst.reg + half * kPart;
        blend(target, results[0], exec);
        blend(target + wave.lanes, results[1], exec);
    }
}

enum class MixResult { Single, LowHalf, HighHalf };

/// Denormals of the precision that a source had become zeros where MODE asks for it.
void flushMixed(const Wave& wave, bool small, bool input, float* values) {
    const uint32_t allowed = wave.mode & (small ? mode::kDenormals64 : mode::kDenormals32);
    const uint32_t bit = (small ? 0x40u : 0x10u) << (input ? 0 : 1);
    const float least = small ? 0x1p-14f : 0x1p-126f;
    for (unsigned lane = 0; lane < kPart && (allowed & bit) == 0; ++lane) {
        values[lane] = std::fabs(values[lane]) < least ? std::copysign(0.0f, values[lane]) : values[lane];
    }
}

/// a·b + c where each source is single precision, or either half of a register (op_sel_hi, op_sel).
template <MixResult R>
void runMix(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const u32 exec = wave.exec32(half);
        if (exec == 0) {
            continue;
        }
        alignas(64) u32 scratch[2][kPart];
        alignas(64) float values[3][kPart];
        for (unsigned i = 0; i < 3; ++i) {
            const Source& source = op.src[i];
            const u32* rows[2];
            sourceRows(wave, source, ValueType::U32, half, scratch, rows);
            const u32 flags = sourceFlags(op, i);
            const bool small = (flags & kSelectHigh) != 0;
            const unsigned shift = (flags & kSelectLow) != 0 || source.select == Select::Word1 ? 16 : 0;
            for (unsigned lane = 0; lane < kPart; ++lane) {
                float value =
                    small ? halfToFloat(static_cast<u16>(rows[0][lane] >> shift)) : std::bit_cast<float>(rows[0][lane]);
                value = source.absolute ? std::fabs(value) : value;
                values[i][lane] = source.negate ? -value : value;
            }
            if (wave.specialMode) [[unlikely]] {
                flushMixed(wave, small, true, values[i]);
            }
        }
        alignas(64) u32 results[kPart];
        alignas(64) float sums[kPart];
        u32* target = wave.vgpr + op.dst.reg + half * kPart;
        {
            const RoundingScope rounding(wave, op, true);
            SOMA_LANES
            for (unsigned lane = 0; lane < kPart; ++lane) {
                sums[lane] = std::fma(values[0][lane], values[1][lane], values[2][lane]);
            }
        }
        const HalfMode toHalfMode = halfMode(wave);
        if (wave.specialMode && R == MixResult::Single) [[unlikely]] {
            flushMixed(wave, false, false, sums);
        }
        for (unsigned lane = 0; lane < kPart; ++lane) {
            float value = sums[lane];
            value = op.clamp ? (!(value > 0) ? 0.0f : value > 1 ? 1.0f : value) : value;
            if constexpr (R == MixResult::Single) {
                results[lane] = std::bit_cast<u32>(value);
            } else if constexpr (R == MixResult::LowHalf) {
                results[lane] = (target[lane] & 0xffff0000) | roundHalf({value}, toHalfMode);
            } else {
                results[lane] = (target[lane] & 0xffff) | u32(roundHalf({value}, toHalfMode)) << 16;
            }
        }
        blend(target, results, exec);
    }
}

template <class F>
Semantics packed(F, Bind bind = bindPacked) {
    return Semantics{runPacked<F>, bind, InstructionClass::Valu, ShapeOf<F>::kSignature, nullptr, 0};
}
template <class F, class Clamped>
Semantics packedClamped(F function, Clamped) {
    Semantics semantics = packed(function);
    semantics.clamped = runPacked<Clamped>;
    return semantics;
}
/// Rounds as MODE asks; packedHalf has exact results.
template <class F>
Semantics packedRounded(F) {
    return packed([](Half a, Half b) { return HalfResult{F{}(toFloat(a), toFloat(b))}; });
}
template <class F>
Semantics packedHalf(F) {
    return packed([](Half a, Half b) { return toHalf(F{}(toFloat(a), toFloat(b))); });
}
template <class F>
Semantics packedHalf3(F) {
    return packed([](Half a, Half b, Half c) { return toHalf(F{}(toFloat(a), toFloat(b), toFloat(c))); });
}
template <class F>
Semantics packedSingle(F) {
    return Semantics{runPackedSingle<F>, bindPacked, InstructionClass::Valu, ShapeOf<F>::kSignature, nullptr, 0};
}
template <MixResult R>
Semantics mix() {
    const Signature signature{ValueType::F32, false, 3, {ValueType::F32, ValueType::F32, ValueType::F32}};
    return Semantics{runMix<R>, bindPacked, InstructionClass::Valu, signature, nullptr, 1};
}

constexpr u16 wrap(u32 value) { return static_cast<u16>(value); }
constexpr u16 limitUnsigned(int64_t value) { return static_cast<u16>(value < 0 ? 0 : value > 0xffff ? 0xffff : value); }
constexpr i16 limit(int64_t value) {
    return static_cast<i16>(value < -0x8000 ? -0x8000 : value > 0x7fff ? 0x7fff : value);
}

void addPackedIntegers(Table& table) {
    table.add("v_pk_add_u16", packedClamped([](u16 a, u16 b) { return wrap(u32(a) + b); },
                                            [](u16 a, u16 b) { return limitUnsigned(i32(a) + b); }));
    table.add("v_pk_sub_u16", packedClamped([](u16 a, u16 b) { return wrap(u32(a) - b); },
                                            [](u16 a, u16 b) { return limitUnsigned(i32(a) - b); }));
    table.add("v_pk_add_i16", packedClamped([](u16 a, u16 b) { return wrap(u32(a) + b); },
                                            [](i16 a, i16 b) { return limit(i32(a) + b); }));
    table.add("v_pk_sub_i16", packedClamped([](u16 a, u16 b) { return wrap(u32(a) - b); },
                                            [](i16 a, i16 b) { return limit(i32(a) - b); }));
    table.add("v_pk_mul_lo_u16", packed([](u16 a, u16 b) { return wrap(u32(a) * b); }));
    table.add("v_pk_mad_u16", packedClamped([](u16 a, u16 b, u16 c) { return wrap(u32(a) * b + c); },
                                            [](u16 a, u16 b, u16 c) { return limitUnsigned(int64_t(a) * b + c); }));
    table.add("v_pk_mad_i16", packedClamped([](u16 a, u16 b, u16 c) { return wrap(u32(a) * b + c); },
                                            [](i16 a, i16 b, i16 c) { return limit(int64_t(a) * b + c); }));
    table.add("v_pk_min_u16", packed([](u16 a, u16 b) { return a < b ? a : b; }));
    table.add("v_pk_max_u16", packed([](u16 a, u16 b) { return a < b ? b : a; }));
    table.add("v_pk_min_i16", packed([](i16 a, i16 b) { return a < b ? a : b; }));
    table.add("v_pk_max_i16", packed([](i16 a, i16 b) { return a < b ? b : a; }));
    table.add("v_pk_lshlrev_b16", packed([](u16 a, u16 b) { return wrap(u32(b) << (a & 15)); }));
    table.add("v_pk_lshrrev_b16", packed([](u16 a, u16 b) { return wrap(u32(b) >> (a & 15)); }));
    table.add("v_pk_ashrrev_i16", packed([](u16 a, i16 b) { return static_cast<i16>(b >> (a & 15)); }));
}

void addPackedFloats(Table& table) {
    table.add("v_pk_add_f16", packedRounded([](float a, float b) { return a + b; }));
    table.add("v_pk_mul_f16", packedRounded([](float a, float b) { return a * b; }));
    table.add("v_pk_min_f16", packedHalf([](float a, float b) { return minNum(a, b); }));
    table.add("v_pk_max_f16", packedHalf([](float a, float b) { return maxNum(a, b); }));
    table.add("v_pk_min_num_f16", packedHalf([](float a, float b) { return minimumNumber(a, b); }));
    table.add("v_pk_max_num_f16", packedHalf([](float a, float b) { return maximumNumber(a, b); }));
    table.add("v_pk_minimum_f16", packedHalf([](float a, float b) { return minimum(a, b); }));
    table.add("v_pk_maximum_f16", packedHalf([](float a, float b) { return maximum(a, b); }));
    table.add("v_pk_minimum3_f16",
              packedHalf3([](float a, float b, float c) { return minimum(minimum(a, b), c); }));
    table.add("v_pk_maximum3_f16",
              packedHalf3([](float a, float b, float c) { return maximum(maximum(a, b), c); }));
    table.add("v_pk_fma_f16", packed([](Half a, Half b, Half c) { return fused(a, b, c); }));
    table.add("v_pk_fmac_f16", packed([](Half a, Half b, Half c) { return fused(a, b, c); }, bindPackedAccumulate));
    table.add("v_pk_add_f32", packedSingle([](float a, float b) { return a + b; }));
    table.add("v_pk_mul_f32", packedSingle([](float a, float b) { return a * b; }));
    const Signature pair{ValueType::U64, false, 2, {ValueType::U64, ValueType::U64}};
    table.add("v_pk_mov_b32", Semantics{runPackedMove, bindPacked, InstructionClass::Valu, pair, nullptr, 0});
    table.add("v_pk_fma_f32", packedSingle([](float a, float b, float c) { return std::fma(a, b, c); }));
}

}  // namespace

void addPacked(Table& table) {
    addPackedIntegers(table);
    addPackedFloats(table);
    table.add({"v_fma_mix_f32", "v_mad_mix_f32"}, mix<MixResult::Single>());
    table.add({"v_fma_mixlo_f16", "v_mad_mixlo_f16"}, mix<MixResult::LowHalf>());
    table.add({"v_fma_mixhi_f16", "v_mad_mixhi_f16"}, mix<MixResult::HighHalf>());
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
