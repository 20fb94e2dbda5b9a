// From a C++ function to a scalar instruction, as semantics/vector.h does for vector ones:
//     scalar([](uint32_t a, uint32_t b) { return WithScc<uint32_t>{a & b, (a & b) != 0}; })
// A `bool` argument is SCC; a `bool` result is written to SCC.
#pragma once

#include "vector.h"

namespace soma::vgpu::SOMA_HOST_ISA {

template <class T>
struct WithScc {
    T value;
    bool scc;
};
template <class T>
struct ResultOf<WithScc<T>> {
    static constexpr ValueType type = valueTypeOf<T>();
    static constexpr bool mask = false;
};

/// A value and SCC set where it is not zero: what logical instructions do.
template <class T>
constexpr WithScc<T> nonZero(T value) {
    return {value, value != 0};
}

/// A denormal becomes a zero of its sign where MODE asks for it.
template <class T>
inline uint32_t flushedScalar(const Wave& wave, uint32_t bits, bool input) {
    constexpr bool kSmall = sizeof(T) == 2;
    if (!wave.specialMode) [[likely]] {
        return bits;
    }
    const uint32_t allowed = (kSmall ? 0x40u : 0x10u) << (input ? 0 : 1);
    constexpr uint32_t kSign = kSmall ? 0x8000 : 0x80000000;
    const bool denormal = (bits & (kSign - 1)) < (kSmall ? 0x400u : 0x800000u);
    return denormal && (wave.mode & allowed) == 0 ? bits & kSign : bits;
}

template <class T>
inline T readScalar(const Wave& wave, const Source& source) {
    if constexpr (std::is_same_v<T, bool>) {
        return wave.scc;
    } else if constexpr (sizeof(T) == 8) {
        const uint64_t bits =
            source.kind == Source::Kind::Sgpr ? wave.read64(source.reg) : scalarBits(wave, source, true);
        return std::bit_cast<T>(bits);
    } else {
        uint32_t bits = source.kind == Source::Kind::Sgpr ? wave.sgpr[source.reg]
                                                          : static_cast<uint32_t>(scalarBits(wave, source, false));
        if constexpr (sizeof(T) == 2) {
            bits >>= source.select == Select::Word1 ? 16 : 0;
            if constexpr (std::is_same_v<T, Half>) {
                bits = source.absolute ? bits & 0x7fff : bits;
                bits = flushedScalar<T>(wave, source.negate ? bits ^ 0x8000 : bits, true);
            }
            return std::bit_cast<T>(static_cast<uint16_t>(bits));
        } else {
            if constexpr (std::is_same_v<T, float>) {
                bits = source.absolute ? bits & 0x7fffffff : bits;
                bits = flushedScalar<T>(wave, source.negate ? bits ^ 0x80000000 : bits, true);
            }
            return std::bit_cast<T>(bits);
        }
    }
}

template <class T>
inline void writeScalar(Wave& wave, const MicroOp& op, T value) {
    if constexpr (std::is_same_v<T, bool>) {
        wave.scc = value;
    } else if constexpr (std::is_same_v<T, HalfResult>) {
        const uint32_t bits = roundHalf(value, halfMode(wave));
        writeScalar(wave, op, static_cast<uint16_t>(flushedScalar<Half>(wave, bits, false)));
    } else if constexpr (std::is_same_v<T, float>) {
        writeScalar(wave, op, flushedScalar<float>(wave, std::bit_cast<uint32_t>(value), false));
    } else if constexpr (valueTypeOf<T>() == ValueType::None) {
        writeScalar(wave, op, value.value);
        wave.scc = value.scc;
    } else if (op.dst.kind == Destination::Kind::Sgpr) {
        if constexpr (sizeof(T) == 8) {
            wave.write64(op.dst.reg, std::bit_cast<uint64_t>(value));
        } else if constexpr (sizeof(T) == 2) {
            wave.sgpr[op.dst.reg] = std::bit_cast<uint16_t>(value);
        } else {
            wave.sgpr[op.dst.reg] = std::bit_cast<uint32_t>(value);
        }
    }
}

template <class F>
void runScalar(Wave& wave, const MicroOp& op) {
    using Shape = ShapeOf<F>;
    if constexpr (!Shape::kIntegers) {
        const RoundingScope rounding(wave, op, Shape::kSignature.result != ValueType::F16);
        Shape::apply([&]<class... A, size_t... I>(std::index_sequence<I...>) {
            writeScalar(wave, op, F{}(readScalar<A>(wave, op.src[I])...));
        });
        return;
    }
    Shape::apply([&]<class... A, size_t... I>(std::index_sequence<I...>) {
        writeScalar(wave, op, F{}(readScalar<A>(wave, op.src[I])...));
    });
}

template <class F>
Semantics scalar(F, Bind bind = bindScalar, uint32_t aux = 0) {
    return Semantics{runScalar<F>, bind, InstructionClass::Salu, ShapeOf<F>::kSignature, nullptr, aux};
}

/// With the 16-bit immediate of the SOPK encoding, which `aux` 1 reads as unsigned.
template <class F>
Semantics scalarImmediate(F function, uint32_t aux = 0) {
    return scalar(function, bindScalarImmediate, aux);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
