// Conversions between numbers of 32 or 16 bits and floats of 8, 6 and 4 bits that share a scale, a power of two: the
// exponent of a single-precision operand (gfx950). Numbers are divided by it before they are made small, and multiplied
// afterwards.
// Source: CDNA4 ISA, V_CVT_SCALEF32_…; "prng" steps the noise of stochastic rounding from one element to the next.

#include "conversion_operands.h"
#include "families_recent.h"
#include "float.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;

constexpr int kBias = 127;
constexpr u32 kNanExponent = 255;

/// V_PRNG_B32: a step of a linear feedback shift register.
constexpr u32 nextNoise(u32 noise) { return noise << 1 ^ ((noise >> 31) != 0 ? 0xc5u : 0u); }

/// value · 2^±(exponent of scale), exact in double; what leaves single precision keeps being a finite number.
template <int Sign>
float scaled(float value, float scale) {
    const u32 exponent = std::bit_cast<u32>(scale) >> 23 & 0xff;
    if (exponent == kNanExponent) {
        return std::numeric_limits<float>::quiet_NaN();
    }
    const double result = std::ldexp(double(value), Sign * (static_cast<int>(exponent) - kBias));
    if constexpr (Sign < 0) {
        constexpr double kMost = std::numeric_limits<float>::max();
        return std::isinf(value) ? value : static_cast<float>(std::fmax(std::fmin(result, kMost), -kMost));
    }
    return static_cast<float>(result);
}
float divided(float value, float scale) { return isNan(value) ? value : scaled<-1>(value, scale); }

/// A number of 32 or 16 bits in a register.
template <class T>
constexpr unsigned kWidth = std::is_same_v<T, float> ? 32 : 16;
template <class T>
float numberOf(u32 bits) {
    if constexpr (std::is_same_v<T, float>) {
        return std::bit_cast<float>(bits);
    } else {
        return toFloat(T{static_cast<u16>(bits)});
    }
}
template <class T>
u32 bitsOfNumber(float value) {
    if constexpr (std::is_same_v<T, float>) {
        return std::bit_cast<u32>(value);
    } else if constexpr (std::is_same_v<T, Half>) {
        return toHalf(value).bits;
    } else {
        return toBfloat(value).bits;
    }
}

template <Element E, bool Stochastic>
u32 small(float value, u32 noise, float scale, Overflow overflow) {
    return encodeSmall<E, Stochastic>(divided(value, scale), noise, overflow);
}
template <class T, Element E>
u32 large(u32 code, float scale) {
    return bitsOfNumber<T>(scaled<1>(decodeSmall<E>(code), scale));
}

/// Two of E from a register of two 16-bit numbers.
template <Element E, class T, bool Stochastic>
u32 smallPair(u32 pair, u32 noise, float scale, Overflow overflow) {
    const u32 low = small<E, Stochastic>(numberOf<T>(pair), noise, scale, overflow);
    return low | small<E, Stochastic>(numberOf<T>(pair >> 16), nextNoise(noise), scale, overflow) << bitsOf(E);
}

template <Element E, class T>
void addPairsOf16(Table& table, const std::string& name, const std::string& type) {
    constexpr bool kFour = bitsOf(E) == 4;
    const Bind bindResult = kFour ? bindToByte : bindToHalf;
    table.add("v_cvt_scalef32_pk_" + name + "_" + type,
              encoding<[](Overflow overflow, u32 pair, float scale) {
                  return smallPair<E, T, false>(pair, 0, scale, overflow);
              }>(bindResult),
              only(IsaClass::Gfx950));
    table.add("v_cvt_scalef32_pk_" + type + "_" + name, vector(
                                                            [](u32 code, float scale) {
                                                                return large<T, E>(code, scale) |
                                                                       large<T, E>(code >> bitsOf(E), scale) << 16;
                                                            },
                                                            InstructionClass::Valu, kFour ? bindByte : bindHalf),
              only(IsaClass::Gfx950));
    if constexpr (kFour) {
        table.add("v_cvt_scalef32_sr_pk_fp4_" + type,
                  encoding<[](Overflow overflow, u32 pair, u32 noise, float scale) {
                      return smallPair<E, T, true>(pair, noise, scale, overflow);
                  }>(bindToByte),
                  only(IsaClass::Gfx950));
    } else {
        table.add("v_cvt_scalef32_sr_" + name + "_" + type,
                  encoding<[](Overflow overflow, T value, u32 noise, float scale) {
                      return small<E, true>(toFloat(value), noise, scale, overflow);
                  }>(bindToByte),
                  only(IsaClass::Gfx950));
    }
}

template <Element E>
void addPairs(Table& table, const std::string& name) {
    constexpr bool kFour = bitsOf(E) == 4;
    addPairsOf16<E, Half>(table, name, "f16");
    addPairsOf16<E, BFloat>(table, name, "bf16");
    table.add("v_cvt_scalef32_pk_" + name + "_f32",
              encoding<[](Overflow overflow, float a, float b, float scale) {
                  return small<E, false>(a, 0, scale, overflow) | small<E, false>(b, 0, scale, overflow) << bitsOf(E);
              }>(kFour ? bindToByte : bindToHalf),
              only(IsaClass::Gfx950));
    table.add("v_cvt_scalef32_pk_f32_" + name,
              vector(
                  [](u32 code, float scale) {
                      return u64(large<float, E>(code >> bitsOf(E), scale)) << 32 | large<float, E>(code, scale);
                  },
                  InstructionClass::Valu, kFour ? bindByte : bindHalf),
              only(IsaClass::Gfx950));
}

template <Element E>
void addSingles(Table& table, const std::string& name) {
    table.add("v_cvt_scalef32_f32_" + name,
              vector([](u32 code, float scale) { return std::bit_cast<float>(large<float, E>(code, scale)); },
                     InstructionClass::Valu, bindByte),
              only(IsaClass::Gfx950));
    table.add("v_cvt_scalef32_f16_" + name,
              vector([](u32 code, float scale) { return Half{static_cast<u16>(large<Half, E>(code, scale))}; },
                     InstructionClass::Valu, bindByte),
              only(IsaClass::Gfx950));
    table.add("v_cvt_scalef32_sr_" + name + "_f32",
              encoding<[](Overflow overflow, float a, u32 noise, float scale) {
                  return small<E, true>(a, noise, scale, overflow);
              }>(bindToByte),
              only(IsaClass::Gfx950));
}

/// Of 32 elements of 6 bits: registers that they take, one element after the other.
constexpr unsigned kMany = 32;
constexpr unsigned kManyWords = kMany * 6 / 32;

/// One lane of a source, whatever kind it is; `word` of a range of registers.
u32 laneWord(const Wave& wave, const Source& source, unsigned lane, unsigned word = 0) {
    if (source.kind == Source::Kind::Vgpr) {
        return wave.vgpr[source.reg + word * wave.lanes + lane];
    }
    return static_cast<u32>(scalarBits(wave, source, false));
}
float laneScale(const Wave& wave, const Source& source, unsigned lane) {
    return std::bit_cast<float>(laneWord(wave, source, lane));
}

template <class Body>
void forActive(Wave& wave, Body body) {
    wave.countVector();
    for (uint64_t exec = wave.exec(); exec != 0; exec &= exec - 1) {
        body(static_cast<unsigned>(std::countr_zero(exec)));
    }
}

/// 32 numbers of type T to E. `Interleaved`: they come alternately from two operands of sixteen.
template <Element E, class T, bool Stochastic, bool Interleaved>
void runManySmall(Wave& wave, const MicroOp& op) {
    constexpr unsigned kPerWord = 32 / kWidth<T>;
    const Source& scales = op.src[Stochastic || Interleaved ? 2 : 1];
    forActive(wave, [&](unsigned lane) {
        const float scale = laneScale(wave, scales, lane);
        u32 noise = Stochastic ? laneWord(wave, op.src[1], lane) : 0;
        u32 words[kManyWords + 1] = {};
        for (unsigned i = 0; i < kMany; ++i) {
            const unsigned at = Interleaved ? i / 2 : i;
            const u32 word = laneWord(wave, op.src[Interleaved ? i % 2 : 0], lane, at / kPerWord);
            const float value = numberOf<T>(word >> at % kPerWord * kWidth<T>);
            const u64 code = small<E, Stochastic>(value, noise, scale, Overflow::Greatest);
            noise = nextNoise(noise);
            const u64 placed = code << i * 6 % 32;
            words[i * 6 / 32] |= static_cast<u32>(placed);
            words[i * 6 / 32 + 1] |= static_cast<u32>(placed >> 32);
        }
        for (unsigned word = 0; word < kManyWords; ++word) {
            wave.vgpr[op.dst.reg + word * wave.lanes + lane] = words[word];
        }
    });
}

/// 32 of E to numbers of type T.
template <Element E, class T>
void runManyLarge(Wave& wave, const MicroOp& op) {
    constexpr unsigned kPerWord = 32 / kWidth<T>;
    forActive(wave, [&](unsigned lane) {
        const float scale = laneScale(wave, op.src[1], lane);
        u32 words[kManyWords + 1] = {};
        for (unsigned word = 0; word < kManyWords; ++word) {
            words[word] = laneWord(wave, op.src[0], lane, word);
        }
        u32 results[kMany] = {};
        for (unsigned i = 0; i < kMany; ++i) {
            const u64 pair = u64(words[i * 6 / 32 + 1]) << 32 | words[i * 6 / 32];
            const u32 value = large<T, E>(static_cast<u32>(pair >> i * 6 % 32), scale);
            results[i / kPerWord] |= value << i % kPerWord * kWidth<T> % 32;
        }
        for (unsigned word = 0; word < kMany / kPerWord; ++word) {
            wave.vgpr[op.dst.reg + word * wave.lanes + lane] = results[word];
        }
    });
}

/// Ranges of registers, then one register, scalar or constant for noise and scale.
bool bindMany(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    return bindVector(binder, assembly, semantics, op) && op.src[0].kind == Source::Kind::Vgpr &&
           op.dst.kind == Destination::Kind::Vgpr && op.simple;
}

Semantics many(Handler run, unsigned sources) {
    const Signature signature{
        ValueType::U32, false, static_cast<uint8_t>(sources), {ValueType::U32, ValueType::F32, ValueType::F32}};
    return {run, bindMany, InstructionClass::Valu, signature, nullptr, 0};
}

template <Element E, class T>
void addMany(Table& table, const std::string& name, const std::string& type) {
    const auto add = [&](const std::string& mnemonic, const Semantics& semantics) {
        table.add("v_cvt_scalef32_" + mnemonic, semantics, only(IsaClass::Gfx950));
    };
    add("pk32_" + type + "_" + name, many(runManyLarge<E, T>, 2));
    add("sr_pk32_" + name + "_" + type, many(runManySmall<E, T, true, false>, 3));
    if constexpr (std::is_same_v<T, float>) {
        add("2xpk16_" + name + "_f32", many(runManySmall<E, T, false, true>, 3));
    } else {
        add("pk32_" + name + "_" + type, many(runManySmall<E, T, false, false>, 2));
    }
}

/// Rounds to 16 bits by adding noise below the last place and truncating; infinities and NaNs are kept.
u16 stochasticBfloat(float value, u32 noise) {
    const u32 bits = std::bit_cast<u32>(value);
    const bool finite = (bits & 0x7f800000) != 0x7f800000;
    return finite ? static_cast<u16>((bits + (noise >> 16)) >> 16) : toBfloat(value).bits;
}
u16 stochasticHalf(float value, u32 noise) {
    const u32 bits = std::bit_cast<u32>(value);
    const int exponent = static_cast<int>(bits >> 23 & 0xff) - kBias;
    if (exponent > 15) {
        return toHalf(value).bits;
    }
    // Bits below half's last place: 13, and more where the half is denormal.
    const int drop = std::min(13 + std::max(-14 - exponent, 0), 31);
    const u64 significand = (bits & 0x7fffff) | (exponent > -kBias ? 0x800000 : 0);
    const u64 kept = (significand + (u64(noise) >> (32 - drop))) >> drop;
    const u64 field = static_cast<u64>(std::max(exponent + 14, 0));
    return static_cast<u16>((bits >> 16 & 0x8000) | std::min<u64>(kept + (field << 10), 0x7c00));
}

}  // namespace

void addScaledConversions(Table& table) {
    addPairs<Element::Fp8>(table, "fp8");
    addPairs<Element::Bf8>(table, "bf8");
    addPairs<Element::Fp4>(table, "fp4");
    addSingles<Element::Fp8>(table, "fp8");
    addSingles<Element::Bf8>(table, "bf8");
    table.add("v_cvt_scalef32_sr_pk_fp4_f32",
              encoding<[](Overflow overflow, u64 pair, u32 noise, float scale) {
                  const u32 low = small<Element::Fp4, true>(std::bit_cast<float>(static_cast<u32>(pair)), noise, scale,
                                                            overflow);
                  const float high = std::bit_cast<float>(static_cast<u32>(pair >> 32));
                  return low | small<Element::Fp4, true>(high, nextNoise(noise), scale, overflow) << 4;
              }>(bindToByte),
              only(IsaClass::Gfx950));
    addMany<Element::Fp6, float>(table, "fp6", "f32");
    addMany<Element::Fp6, Half>(table, "fp6", "f16");
    addMany<Element::Fp6, BFloat>(table, "fp6", "bf16");
    addMany<Element::Bf6, float>(table, "bf6", "f32");
    addMany<Element::Bf6, Half>(table, "bf6", "f16");
    addMany<Element::Bf6, BFloat>(table, "bf6", "bf16");
    table.add("v_cvt_sr_bf16_f32",
              vector([](float a, u32 noise) { return BFloat{stochasticBfloat(a, noise)}; }),
              only(IsaClass::Gfx950));
    table.add("v_cvt_sr_f16_f32", vector([](float a, u32 noise) { return Half{stochasticHalf(a, noise)}; }),
              only(IsaClass::Gfx950));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
