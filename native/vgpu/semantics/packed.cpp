// Packed arithmetic of halves and 16-bit integers: two operations in one instruction.
// Source: RDNA3 ISA, "VOP3P Instructions".

#include "families.h"
#include "float.h"
#include "half_vectors.h"
#include "packed_flags.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u16 = uint16_t;
using i16 = int16_t;
using u32 = uint32_t;
using i32 = int32_t;

void clampHalves(u32* row) {
    for (unsigned lane = 0; lane < kPart; ++lane) {
        const float value = halfToFloat(static_cast<u16>(row[lane]));
        row[lane] = floatToHalf(!(value > 0) ? 0.0f : value > 1 ? 1.0f : value);
    }
}

/// Halves in a row of registers.
using RowHalf = u16 __attribute__((may_alias));
constexpr unsigned kHalves = 2 * kPart;

/// The row that a source's two selections and negations make, which is its own where they are the usual ones.
template <u32 Sign>
[[gnu::always_inline]] inline const u32* packedRow(const Wave& wave, const MicroOp& op, unsigned source, unsigned half,
                                                   u32 (*scratch)[kPart]) {
    const u32* rows[2];
    sourceRows(wave, op.src[source], ValueType::U32, half, scratch, rows);
    const u32 flags = sourceFlags(op, source);
    if (flags == kSelectHigh || (Sign == 0 && (flags & 3) == kSelectHigh)) [[likely]] {
        return rows[0];
    }
    const unsigned lowShift = (flags & kSelectLow) != 0 ? 16 : 0;
    const unsigned highShift = (flags & kSelectHigh) != 0 ? 16 : 0;
    const u32 signs = ((flags & kNegateLow) != 0 ? Sign : 0) | ((flags & kNegateHigh) != 0 ? Sign << 16 : 0);
    SOMA_LANES
    for (unsigned lane = 0; lane < kPart; ++lane) {
        const u32 word = rows[0][lane];
        scratch[0][lane] = ((word >> lowShift & 0xffff) | (word >> highShift) << 16) ^ signs;
    }
    return scratch[0];
}

/// The common case: MODE asks for nothing unusual, and halves are not clamped.
template <class F, class... A, size_t... I>
[[gnu::always_inline]] inline void runPlainPacked(Wave& wave, const MicroOp& op, std::index_sequence<I...>) {
    constexpr u32 kSign = ShapeOf<F>::kSignature.source[0] == ValueType::F16 ? 0x8000 : 0;
    for (unsigned half = 0; half < wave.halves; ++half) {
        const u32 exec = wave.exec32(half);
        if (exec == 0) {
            continue;
        }
        alignas(64) u32 scratch[2 * sizeof...(A)][kPart];
        const u32* rows[] = {packedRow<kSign>(wave, op, I, half, scratch + 2 * I)...};
        const RowHalf* in[] = {reinterpret_cast<const RowHalf*>(rows[I])...};
        const auto compute = [&](u32* to) __attribute__((always_inline)) {
            auto* out = reinterpret_cast<RowHalf*>(to);
#ifdef SOMA_HALF_VECTORS
            if constexpr (requires { F::floats(((void)I, Floats{})...); }) {
                for (unsigned i = 0; i < kHalves; i += kFloats) {
                    writeHalves(F::floats(readHalves(in[I] + i)...), out + i);
                }
                return;
            }
#endif
            SOMA_LANES
            for (unsigned i = 0; i < kHalves; ++i) {
                const auto value = F{}(std::bit_cast<A>(u16(in[I][i]))...);
                if constexpr (std::is_same_v<decltype(value), const HalfResult>) {
                    out[i] = roundHalf(value);
                } else {
                    out[i] = std::bit_cast<u16>(value);
                }
            }
        };
        u32* target = wave.vgpr + op.dst.reg + half * kPart;
        if (exec == ~u32(0)) {
            compute(target);
        } else {
            alignas(64) u32 results[kPart];
            compute(results);
            blend(target, results, exec);
        }
    }
}

/// Two operations on 16-bit halves, in every MODE.
template <class F>
[[gnu::noinline]] void runUnusualPacked(Wave& wave, const MicroOp& op) {
    using Shape = ShapeOf<F>;
    constexpr Signature kSignature = Shape::kSignature;
    constexpr u32 kSign = kSignature.source[0] == ValueType::F16 ? 0x8000 : 0;
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

template <class F>
void runPacked(Wave& wave, const MicroOp& op) {
    using Shape = ShapeOf<F>;
    wave.countVector();
    if (!op.clamp && (Shape::kIntegers || !wave.specialMode)) [[likely]] {
        Shape::apply([&]<class... A>(auto indices) __attribute__((always_inline)) {
            runPlainPacked<F, A...>(wave, op, indices);
        });
    } else {
        runUnusualPacked<F>(wave, op);
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
/// Rounds as MODE asks; packedHalf has exact results. `floats`: on many at once.
template <class F>
struct RoundedHalves {
    HalfResult operator()(Half a, Half b) const { return HalfResult{F{}(toFloat(a), toFloat(b))}; }
#ifdef SOMA_HALF_VECTORS
    static Floats floats(Floats a, Floats b) { return F{}(a, b); }
#endif
};
struct FusedHalves {
    HalfResult operator()(Half a, Half b, Half c) const { return fused(a, b, c); }
#ifdef SOMA_HALF_VECTORS
    static Floats floats(Floats a, Floats b, Floats c) { return fusedToOdd(a, b, c); }
#endif
};
template <class F>
Semantics packedRounded(F) {
    return packed(RoundedHalves<F>{});
}
template <class F>
Semantics packedHalf(F) {
    return packed([](Half a, Half b) { return toHalf(F{}(toFloat(a), toFloat(b))); });
}
template <class F>
Semantics packedHalf3(F) {
    return packed([](Half a, Half b, Half c) { return toHalf(F{}(toFloat(a), toFloat(b), toFloat(c))); });
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
    table.add("v_pk_add_f16", packedRounded([](auto a, auto b) { return a + b; }));
    table.add("v_pk_mul_f16", packedRounded([](auto a, auto b) { return a * b; }));
    table.add("v_pk_min_f16",
              ordered([]<class O>(O) { return packedHalf([](float a, float b) { return O::min(a, b); }); }));
    table.add("v_pk_max_f16",
              ordered([]<class O>(O) { return packedHalf([](float a, float b) { return O::max(a, b); }); }));
    table.add("v_pk_min_num_f16", packedHalf([](float a, float b) { return minimumNumber(a, b); }));
    table.add("v_pk_max_num_f16", packedHalf([](float a, float b) { return maximumNumber(a, b); }));
    table.add("v_pk_minimum_f16", packedHalf([](float a, float b) { return minimum(a, b); }));
    table.add("v_pk_maximum_f16", packedHalf([](float a, float b) { return maximum(a, b); }));
    table.add("v_pk_minimum3_f16",
              packedHalf3([](float a, float b, float c) { return minimum(minimum(a, b), c); }));
    table.add("v_pk_maximum3_f16",
              packedHalf3([](float a, float b, float c) { return maximum(maximum(a, b), c); }));
    table.add("v_pk_fma_f16", packed(FusedHalves{}));
    table.add("v_pk_fmac_f16", packed(FusedHalves{}, bindPackedAccumulate));
}

}  // namespace

void addPacked(Table& table) {
    addPackedIntegers(table);
    addPackedFloats(table);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
