// Packed single precision: two operations on register pairs in one instruction; and mixed precision.
// Source: CDNA3 ISA, "VOP3P Instructions"; RDNA3 ISA, the same, for mixed precision.

#include "families.h"
#include "float.h"
#include "packed_flags.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u16 = uint16_t;
using u32 = uint32_t;

constexpr u32 kNegations = kNegateLow | kNegateHigh;

/// Rows of a pair of registers, or of a constant that is both numbers.
[[gnu::always_inline]] inline void pairRows(const Wave& wave, const Source& source, unsigned half, u32 (*scratch)[kPart],
                                            const u32** rows) {
    sourceRows(wave, source, ValueType::U64, half, scratch, rows);
    if (source.kind == Source::Kind::Constant) {
        rows[1] = rows[0];
    }
}

/// Two operations on single-precision numbers in register pairs; no negations, and MODE asks for nothing unusual.
template <class F, class... A, size_t... I>
[[gnu::always_inline]] inline void runPlainPackedSingle(Wave& wave, const MicroOp& op, std::index_sequence<I...>) {
    for (unsigned half = 0; half < wave.halves; ++half) {
        const u32 exec = wave.exec32(half);
        if (exec == 0) {
            continue;
        }
        alignas(64) u32 scratch[2 * sizeof...(A)][kPart];
        alignas(64) u32 results[2][kPart];
        const u32* rows[sizeof...(A)][2];
        (pairRows(wave, op.src[I], half, scratch + 2 * I, rows[I]), ...);
        const u32* low[] = {rows[I][(sourceFlags(op, I) & kSelectLow) != 0]...};
        const u32* high[] = {rows[I][(sourceFlags(op, I) & kSelectHigh) != 0]...};
        u32* target = wave.vgpr + op.dst.reg + half * kPart;
        const bool inPlace = exec == ~u32(0);
        u32* toLow = inPlace ? target : results[0];
        u32* toHigh = inPlace ? target + wave.lanes : results[1];
        // Both are computed before either is written: the pair may be a source too.
        SOMA_LANES
        for (unsigned lane = 0; lane < kPart; ++lane) {
            const float first = F{}(std::bit_cast<float>(low[I][lane])...);
            const float second = F{}(std::bit_cast<float>(high[I][lane])...);
            toLow[lane] = std::bit_cast<u32>(first);
            toHigh[lane] = std::bit_cast<u32>(second);
        }
        if (!inPlace) {
            blend(target, results[0], exec);
            blend(target + wave.lanes, results[1], exec);
        }
    }
}

template <class F>
[[gnu::noinline]] void runUnusualPackedSingle(Wave& wave, const MicroOp& op) {
    using Shape = ShapeOf<F>;
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
            pairRows(wave, op.src[i], half, scratch[i], rows);
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

template <class F>
void runPackedSingle(Wave& wave, const MicroOp& op) {
    using Shape = ShapeOf<F>;
    wave.countVector();
    u32 flags = 0;
    for (unsigned i = 0; i < Shape::kSources; ++i) {
        flags |= sourceFlags(op, i);
    }
    if ((flags & kNegations) == 0 && !wave.specialMode) [[likely]] {
        Shape::apply([&]<class... A>(auto indices) __attribute__((always_inline)) {
            runPlainPackedSingle<F, A...>(wave, op, indices);
        });
    } else {
        runUnusualPackedSingle<F>(wave, op);
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
Semantics packedSingle(F) {
    return Semantics{runPackedSingle<F>, bindPacked, InstructionClass::Valu, ShapeOf<F>::kSignature, nullptr, 0};
}
template <MixResult R>
Semantics mix() {
    const Signature signature{ValueType::F32, false, 3, {ValueType::F32, ValueType::F32, ValueType::F32}};
    return Semantics{runMix<R>, bindPacked, InstructionClass::Valu, signature, nullptr, 1};
}

}  // namespace

void addPackedSingle(Table& table) {
    table.add("v_pk_add_f32", packedSingle([](float a, float b) { return a + b; }));
    table.add("v_pk_mul_f32", packedSingle([](float a, float b) { return a * b; }));
    const Signature pair{ValueType::U64, false, 2, {ValueType::U64, ValueType::U64}};
    table.add("v_pk_mov_b32", Semantics{runPackedMove, bindPacked, InstructionClass::Valu, pair, nullptr, 0});
    table.add("v_pk_fma_f32", packedSingle([](float a, float b, float c) { return std::fma(a, b, c); }));
    table.add({"v_fma_mix_f32", "v_mad_mix_f32"}, mix<MixResult::Single>());
    table.add({"v_fma_mixlo_f16", "v_mad_mixlo_f16"}, mix<MixResult::LowHalf>());
    table.add({"v_fma_mixhi_f16", "v_mad_mixhi_f16"}, mix<MixResult::HighHalf>());
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
