// From a C++ function on one lane to an instruction on a wave. An instruction's semantics are written as
//     vector([](float a, float b) { return a + b; })
// whose argument and result types say how operands are read and written:
//     float, double, Half, BFloat      floating point, with denormal and rounding modes, clamp and output scale
//     uint32_t … int64_t, uint16_t …   integers; 64-bit values lie in two registers, 16-bit ones in half of one
//     bool                             a bit of a lane mask: a condition or a carry
//     WithMask<T>                      a value and a bit of the second destination
// Compiled once per host instruction set: everything is in a namespace of that name.
#pragma once

#include "../decode/binder.h"
#include "../execute/half.h"
#include "../execute/wave.h"
#include "table.h"

#include <bit>
#include <type_traits>
#include <utility>

#ifdef __AVX2__
// GCC 12 takes its own undefined vectors for uninitialised ones (its bug 105593).
#pragma GCC diagnostic push
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

#if defined(__clang__)
#define SOMA_LANES _Pragma("clang loop vectorize(assume_safety)")
#else
// Lanes never depend on each other: where a destination is also a source, it is so in the same lane.
#define SOMA_LANES _Pragma("GCC ivdep")
#endif

namespace soma::vgpu::SOMA_HOST_ISA {

constexpr unsigned kPart = 32;

struct Half {
    uint16_t bits;
};
struct BFloat {
    uint16_t bits;
};
inline float toFloat(Half value) { return halfToFloat(value.bits); }
inline float toFloat(BFloat value) { return bfloatToFloat(value.bits); }
inline Half toHalf(float value) { return Half{floatToHalf(value)}; }
inline BFloat toBfloat(float value) { return BFloat{floatToBfloat(value)}; }

/// A half that is still to be rounded, as MODE asks: a number in single precision, and the sign of what was cut off there.
struct HalfResult {
    float value;
    float rest = 0;
};

/// A half's rounding, and whether what is too large becomes the greatest half instead of infinity.
struct HalfMode {
    Direction direction = Direction::Nearest;
    bool saturates = false;
};
inline HalfMode halfMode(const Wave& wave) {
    return {static_cast<Direction>((wave.mode & mode::kRound64) >> 2), (wave.mode & mode::kHalfOverflow) != 0};
}

/// Makes the last bit odd where something was cut off, so that a rounding to fewer bits sees it (Boldo and Melquiond,
/// 2005).
inline float roundedToOdd(HalfResult result) {
    const uint32_t bits = std::bit_cast<uint32_t>(result.value);
    const bool inexact = (result.rest < 0 || result.rest > 0) && (bits & 0x7fffffff) < 0x7f800000;
    const uint32_t step = (result.rest > 0) == (result.value > 0) ? 1u : ~0u;
    return std::bit_cast<float>(bits + (inexact && (bits & 1) == 0 ? step : 0));
}
inline uint16_t roundHalf(HalfResult result) { return floatToHalf(roundedToOdd(result)); }
/// In other modes: `value` itself was rounded in the half's direction, which rounding once more doesn't spoil.
inline uint16_t roundHalf(HalfResult result, HalfMode mode) {
    const uint16_t half = mode.direction == Direction::Nearest ? roundHalf(result)
                                                               : floatToHalfDirected(result.value, mode.direction);
    const bool infinite = (half & 0x7fff) == 0x7c00 && (std::bit_cast<uint32_t>(result.value) & 0x7f800000) != 0x7f800000;
    return static_cast<uint16_t>(mode.saturates && infinite ? half - 1 : half);
}

template <class T>
struct WithMask {
    T value;
    bool mask;
};

template <class T>
constexpr ValueType valueTypeOf() {
    if constexpr (std::is_same_v<T, uint32_t>) {
        return ValueType::U32;
    } else if constexpr (std::is_same_v<T, int32_t>) {
        return ValueType::I32;
    } else if constexpr (std::is_same_v<T, float>) {
        return ValueType::F32;
    } else if constexpr (std::is_same_v<T, uint64_t>) {
        return ValueType::U64;
    } else if constexpr (std::is_same_v<T, int64_t>) {
        return ValueType::I64;
    } else if constexpr (std::is_same_v<T, double>) {
        return ValueType::F64;
    } else if constexpr (std::is_same_v<T, uint16_t>) {
        return ValueType::U16;
    } else if constexpr (std::is_same_v<T, int16_t>) {
        return ValueType::I16;
    } else if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, HalfResult>) {
        return ValueType::F16;
    } else if constexpr (std::is_same_v<T, BFloat>) {
        return ValueType::BF16;
    } else if constexpr (std::is_same_v<T, bool>) {
        return ValueType::Mask;
    } else {
        return ValueType::None;
    }
}

constexpr bool isInteger(ValueType type) {
    return type != ValueType::F32 && type != ValueType::F64 && type != ValueType::F16 && type != ValueType::BF16;
}

template <class T>
struct ResultOf {
    static constexpr ValueType type = std::is_same_v<T, bool> ? ValueType::None : valueTypeOf<T>();
    static constexpr bool mask = std::is_same_v<T, bool>;
};
template <class T>
struct ResultOf<WithMask<T>> {
    static constexpr ValueType type = valueTypeOf<T>();
    static constexpr bool mask = true;
};

template <class T>
struct FunctionShape;
template <class F, class R, class... A>
struct FunctionShape<R (F::*)(A...) const> {
    using Result = R;
    template <class Visitor>
    [[gnu::always_inline]] static constexpr auto apply(Visitor visitor) {
        return visitor.template operator()<A...>(std::index_sequence_for<A...>{});
    }
    static constexpr unsigned kSources = sizeof...(A);
    static constexpr Signature kSignature{
        ResultOf<R>::type, ResultOf<R>::mask, static_cast<uint8_t>(sizeof...(A)), {valueTypeOf<A>()...}};
    /// No rounding and no denormals: MODE does not matter.
    static constexpr bool kIntegers = (std::is_integral_v<A> && ...) && isInteger(ResultOf<R>::type);
};
/// `F` is the type of a lambda without captures: a value of it is made where it is called.
template <class F>
using ShapeOf = FunctionShape<decltype(&F::operator())>;

template <class T>
inline T loadLane(const uint32_t* low, const uint32_t* high, unsigned lane) {
    if constexpr (sizeof(T) == 8) {
        return std::bit_cast<T>(uint64_t(high[lane]) << 32 | low[lane]);
    } else if constexpr (std::is_same_v<T, bool>) {
        return low[lane] != 0;
    } else if constexpr (sizeof(T) == 2) {
        return std::bit_cast<T>(static_cast<uint16_t>(low[lane]));
    } else {
        return std::bit_cast<T>(low[lane]);
    }
}

template <class T>
inline void storeLane(T value, uint32_t* low, uint32_t* high, uint32_t* mask, unsigned lane) {
    if constexpr (std::is_same_v<T, bool>) {
        mask[lane] = value;
    } else if constexpr (std::is_same_v<T, HalfResult>) {
        low[lane] = roundHalf(value);
    } else if constexpr (sizeof(T) == 8 && valueTypeOf<T>() != ValueType::None) {
        const uint64_t bits = std::bit_cast<uint64_t>(value);
        low[lane] = static_cast<uint32_t>(bits);
        high[lane] = static_cast<uint32_t>(bits >> 32);
    } else if constexpr (valueTypeOf<T>() == ValueType::None) {
        storeLane(value.value, low, high, mask, lane);
        mask[lane] = value.mask;
    } else if constexpr (sizeof(T) == 2) {
        low[lane] = std::bit_cast<uint16_t>(value);
    } else {
        low[lane] = std::bit_cast<uint32_t>(value);
    }
}

/// The 32 results of one part of a wave.
template <class F, class... A, size_t... I>
[[gnu::always_inline]] inline void computeLanes(const Wave& wave, uint32_t* low, uint32_t* high, uint32_t* mask, const uint32_t* const* in,
                         std::index_sequence<I...>) {
    const uint32_t* sources[2 * sizeof...(A) + 1] = {};
    ((sources[2 * I] = in[2 * I], sources[2 * I + 1] = in[2 * I + 1]), ...);
    if constexpr (std::is_same_v<decltype(F{}(A{}...)), HalfResult>) {
        if (wave.specialMode) [[unlikely]] {
            const HalfMode rounding = halfMode(wave);
            for (unsigned lane = 0; lane < kPart; ++lane) {
                low[lane] = roundHalf(F{}(loadLane<A>(sources[2 * I], sources[2 * I + 1], lane)...), rounding);
            }
            return;
        }
    }
    SOMA_LANES
    for (unsigned lane = 0; lane < kPart; ++lane) {
        storeLane(F{}(loadLane<A>(sources[2 * I], sources[2 * I + 1], lane)...), low, high, mask, lane);
    }
}

/// Lane bits from a row of zeros and ones.
inline uint32_t packMask(const uint32_t* row) {
    uint32_t bits = 0;
#if defined(__AVX512F__)
    for (unsigned part = 0; part < 2; ++part) {
        const __m512i values = _mm512_loadu_si512(row + part * 16);
        bits |= uint32_t(_mm512_test_epi32_mask(values, values)) << part * 16;
    }
#elif defined(__AVX2__)
    for (unsigned part = 0; part < 4; ++part) {
        const __m256i values = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + part * 8));
        bits |= static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_slli_epi32(values, 31))))
                << part * 8;
    }
#else
    for (unsigned lane = 0; lane < kPart; ++lane) {
        bits |= (row[lane] & 1) << lane;
    }
#endif
    return bits;
}

inline void expandMask(uint32_t bits, uint32_t* row) {
    SOMA_LANES
    for (unsigned lane = 0; lane < kPart; ++lane) {
        row[lane] = bits >> lane & 1;
    }
}

inline void splat(uint32_t value, uint32_t* row) { std::fill_n(row, kPart, value); }

/// Merges `row` into `target` in the enabled lanes.
inline void blend(uint32_t* target, const uint32_t* row, uint32_t enabled) {
    SOMA_LANES
    for (unsigned lane = 0; lane < kPart; ++lane) {
        target[lane] = (enabled >> lane & 1) != 0 ? row[lane] : target[lane];
    }
}

/// A source's bits outside lanes: scalar registers, constants, condition bits.
uint64_t scalarBits(const Wave& wave, const Source& source, bool wide);

/// Rows to read a source of a simple operation from, in place where it has lanes, else spread over `scratch` (two rows). Calls
/// nothing, so that who uses it need not save registers.
[[gnu::always_inline]] inline void simpleRows(const Wave& wave, const Source& source, ValueType type, unsigned half,
                                              uint32_t (*scratch)[kPart], const uint32_t** rows) {
    const unsigned at = half * kPart;
    if (type == ValueType::Mask) {
        const uint64_t bits = source.kind == Source::Kind::Sgpr ? wave.readMask(source.reg) : source.value;
        expandMask(static_cast<uint32_t>(bits >> at), scratch[0]);
        rows[0] = rows[1] = scratch[0];
    } else if (source.kind == Source::Kind::Vgpr) {
        rows[0] = wave.vgpr + source.reg + at;
        rows[1] = rows[0] + wave.lanes;
    } else if (source.kind == Source::Kind::Constant) {
        rows[0] = source.rows;
        rows[1] = source.rows + wave.lanes;
    } else {
        rows[0] = scratch[0];
        rows[1] = scratch[1];
        splat(wave.sgpr[source.reg], scratch[0]);
        if (isWide(type)) {
            splat(wave.sgpr[source.reg + 1], scratch[1]);
        }
    }
}

/// The same for any source.
[[gnu::always_inline]] inline void sourceRows(const Wave& wave, const Source& source, ValueType type, unsigned half,
                                              uint32_t (*scratch)[kPart], const uint32_t** rows) {
    using Kind = Source::Kind;
    if (source.kind == Kind::Vgpr || source.kind == Kind::Sgpr || source.kind == Kind::Constant) [[likely]] {
        simpleRows(wave, source, type, half, scratch, rows);
        return;
    }
    const uint64_t bits = scalarBits(wave, source, isWide(type) || type == ValueType::Mask);
    rows[0] = scratch[0];
    rows[1] = scratch[1];
    if (type == ValueType::Mask) {
        expandMask(static_cast<uint32_t>(bits >> half * kPart), scratch[0]);
        rows[1] = scratch[0];
        return;
    }
    splat(static_cast<uint32_t>(bits), scratch[0]);
    if (isWide(type)) {
        splat(static_cast<uint32_t>(bits >> 32), scratch[1]);
    }
}

/// As sourceRows, for sources with modifiers or lane moves and for special modes: copies, and narrows `enabled` to the
/// lanes that a move lets write.
void materialise(const Wave& wave, const MicroOp& op, const Signature& signature, unsigned half,
                 uint32_t (*scratch)[kPart], const uint32_t** rows, uint32_t& enabled);

/// Applies clamp, output scale and denormal flushing to a result, and merges it into the destination.
void finish(Wave& wave, const MicroOp& op, ValueType type, unsigned half, uint32_t* low, uint32_t* high,
            uint32_t enabled);

/// Replaces denormals by zeros of their sign where MODE asks for it, of operands (`input`) or of results.
void flushDenormals(const Wave& wave, ValueType type, bool input, uint32_t* low, uint32_t* high);

/// The host's rounding mode as MODE asks for the type, for the time of its life. Approximations don't heed it.
class RoundingScope {
public:
    RoundingScope(const Wave& wave, const MicroOp& op, bool single) {
        if (wave.specialMode && op.cls != InstructionClass::Transcendental) [[unlikely]] {
            enter(wave, single);
        }
    }
    ~RoundingScope() {
        if (changed_) [[unlikely]] {
            leave();
        }
    }
    RoundingScope(const RoundingScope&) = delete;
    RoundingScope& operator=(const RoundingScope&) = delete;

private:
    void enter(const Wave& wave, bool single);
    void leave();

    int saved_ = 0;
    bool changed_ = false;
};

/// Writes the bits of a mask result to where the instruction says.
template <class Result>
inline void writeMasks(Wave& wave, const MicroOp& op, uint64_t bits) {
    constexpr bool kAlone = ResultOf<Result>::type == ValueType::None;
    const Destination& target = kAlone ? op.dst : op.dst2;
    if (target.kind == Destination::Kind::Sgpr) {
        wave.writeMask(target.reg, bits);
    }
    // gfx9's v_cmpx writes EXEC and the destination that it names.
    if (kAlone && op.dst2.kind == Destination::Kind::Sgpr) {
        wave.writeMask(op.dst2.reg, bits);
    }
}

/// Merges 16-bit results into the low halves of the destination.
inline void blendHalves(uint32_t* target, const uint32_t* row, uint32_t enabled, bool zeroHigh) {
    const uint32_t kept = zeroHigh ? 0 : 0xffff0000;
    SOMA_LANES
    for (unsigned lane = 0; lane < kPart; ++lane) {
        const uint32_t merged = (row[lane] & 0xffff) | (target[lane] & kept);
        target[lane] = (enabled >> lane & 1) != 0 ? merged : target[lane];
    }
}

/// The common case: no modifiers, no lane moves, and MODE asks for nothing unusual.
template <class F, class... A, size_t... I>
[[gnu::always_inline]] inline void runPlain(Wave& wave, const MicroOp& op, std::index_sequence<I...> indices) {
    using Result = decltype(F{}(A{}...));
    constexpr ValueType kType = ResultOf<Result>::type;
    uint64_t maskResult = 0;
    for (unsigned half = 0; half < wave.halves; ++half) {
        const uint32_t exec = wave.exec32(half);
        if (exec == 0) {
            continue;
        }
        alignas(64) uint32_t scratch[2 * sizeof...(A) + 1][kPart];
        alignas(64) uint32_t results[3][kPart];
        const uint32_t* rows[2 * sizeof...(A) + 1];
        (simpleRows(wave, op.src[I], valueTypeOf<A>(), half, scratch + 2 * I, rows + 2 * I), ...);
        uint32_t* low = results[0];
        uint32_t* high = results[1];
        const bool written = kType != ValueType::None && op.dst.kind == Destination::Kind::Vgpr;
        const bool inPlace = written && !isSmall(kType) && exec == ~uint32_t(0);
        if (inPlace) [[likely]] {
            low = wave.vgpr + op.dst.reg + half * kPart;
            high = low + wave.lanes;
        }
        computeLanes<F, A...>(wave, low, high, results[2], rows, indices);
        if (written && !inPlace) {
            uint32_t* target = wave.vgpr + op.dst.reg + half * kPart;
            if (!isSmall(kType)) {
                blend(target, low, exec);
                if (isWide(kType)) {
                    blend(target + wave.lanes, high, exec);
                }
            } else if (op.dst.select == Select::All) {
                blendHalves(target, low, exec, op.zeroHigh);
            } else {
                finish(wave, op, kType, half, low, high, exec);
            }
        }
        if constexpr (ResultOf<Result>::mask) {
            maskResult |= uint64_t(packMask(results[2]) & exec) << half * kPart;
        }
    }
    if constexpr (ResultOf<Result>::mask) {
        writeMasks<Result>(wave, op, maskResult);
    }
}

/// With whatever modifiers, and in every MODE.
template <class F, class... A, size_t... I>
[[gnu::noinline]] void runModified(Wave& wave, const MicroOp& op, std::index_sequence<I...> indices) {
    using Result = decltype(F{}(A{}...));
    constexpr Signature kSignature = ShapeOf<F>::kSignature;
    constexpr bool kSingle = kSignature.result == ValueType::F32 ||
                             (kSignature.source[0] == ValueType::F32 && kSignature.result != ValueType::F16);
    uint64_t maskResult = 0;
    for (unsigned half = 0; half < wave.halves; ++half) {
        uint32_t enabled = wave.exec32(half);
        if (enabled == 0) {
            continue;
        }
        alignas(64) uint32_t scratch[2 * sizeof...(A) + 1][kPart];
        alignas(64) uint32_t results[3][kPart];
        const uint32_t* rows[2 * sizeof...(A) + 1];
        materialise(wave, op, kSignature, half, scratch, rows, enabled);
        {
            const RoundingScope rounding(wave, op, kSingle);
            computeLanes<F, A...>(wave, results[0], results[1], results[2], rows, indices);
        }
        finish(wave, op, kSignature.result, half, results[0], results[1], enabled);
        if constexpr (kSignature.mask) {
            maskResult |= uint64_t(packMask(results[2]) & enabled) << half * kPart;
        }
    }
    if constexpr (kSignature.mask) {
        writeMasks<Result>(wave, op, maskResult);
    }
}

template <class F>
void runVector(Wave& wave, const MicroOp& op) {
    using Shape = ShapeOf<F>;
    wave.countVector();
    if (op.simple && (Shape::kIntegers || !wave.specialMode)) [[likely]] {
        Shape::apply([&]<class... A>(auto indices) __attribute__((always_inline)) {
            runPlain<F, A...>(wave, op, indices);
        });
    } else {
        Shape::apply([&]<class... A>(auto indices) { runModified<F, A...>(wave, op, indices); });
    }
}

/// Semantics of a vector instruction, from a lambda on one lane.
template <class F>
Semantics vector(F, InstructionClass cls = InstructionClass::Valu, Bind bind = bindVector) {
    return Semantics{runVector<F>, bind, cls, ShapeOf<F>::kSignature, nullptr, 0};
}

/// An integer instruction, and what it does with the clamp modifier.
template <class F, class Clamped>
Semantics vectorClamped(F function, Clamped) {
    Semantics semantics = vector(function);
    semantics.clamped = runVector<Clamped>;
    return semantics;
}

/// The destination is the last source too.
template <class F>
Semantics vectorAccumulate(F function) {
    return vector(function, InstructionClass::Valu, bindVectorAccumulate);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
