// Matrices in registers: what a matrix instruction's modifiers say, how its operands are gathered from lanes, and how
// its result is scattered to them. matrix_shapes.h says what lies where.
#pragma once

#include "matrix_elements.h"
#include "vector.h"

#include <algorithm>
#include <iterator>
#include <type_traits>

namespace soma::vgpu::SOMA_HOST_ISA {

using u8 = uint8_t;
using u32 = uint32_t;
using i32 = int32_t;

/// Modifiers, packed into MicroOp::aux by bindMatrix.
struct Modifiers {
    u32 bits;

    static constexpr unsigned kCbsz = 0;
    static constexpr unsigned kAbid = 4;
    static constexpr unsigned kBlgp = 8;
    static constexpr unsigned kNegateLow = 12;
    static constexpr unsigned kNegateHigh = 15;
    static constexpr unsigned kUpperHalf = 18;
    static constexpr unsigned kIndexSet = 20;
    static constexpr unsigned kScaleByteA = 24;
    static constexpr unsigned kScaleByteB = 26;

    u32 field(unsigned at, unsigned width) const { return bits >> at & ((1u << width) - 1); }
    unsigned cbsz() const { return field(kCbsz, 4); }
    unsigned abid() const { return field(kAbid, 4); }
    unsigned blgp() const { return field(kBlgp, 4); }
    bool negateLow(unsigned operand) const { return field(kNegateLow + operand, 1) != 0; }
    bool negateHigh(unsigned operand) const { return field(kNegateHigh + operand, 1) != 0; }
    bool upperHalf() const { return field(kUpperHalf, 1) != 0; }
    unsigned indexSet() const { return field(kIndexSet, 4); }
    unsigned scaleByte(unsigned operand) const { return field(operand == 0 ? kScaleByteA : kScaleByteB, 2); }
};

/// MicroOp::imm: the shape's number, and where the second scale is.
constexpr unsigned kShapeBits = 16;
enum class ScaleKind : u32 { None, Vgpr, Constant };

inline const MatrixShape& shapeOf(const MicroOp& op) {
    return matrixShapes()[static_cast<size_t>(op.imm & ((1 << kShapeBits) - 1))];
}

/// f8f6f4 instructions name their formats by number.
constexpr Element kMixed[] = {Element::Fp8, Element::Bf8, Element::Fp6, Element::Bf6, Element::Fp4};
inline Element formatOf(Element element, unsigned code) {
    return element == Element::Mixed ? kMixed[std::min<unsigned>(code, std::size(kMixed) - 1)] : element;
}

/// The largest operands are 16×128 and 32×64, the largest result two blocks of 32×32.
constexpr unsigned kMostElements = 2048;
constexpr unsigned kMostRows = 32;
constexpr unsigned kMostLanes = 64;

/// What modifiers do to an operand's elements.
struct Adjust {
    bool negateEven = false;
    bool negateOdd = false;
    bool isSigned = true;
};

/// Element `index` of the first `count` of the wave's lanes.
template <class T>
void decodeLanes(const u32* registers, Element element, unsigned index, unsigned lanes, unsigned count, const Adjust& adjust,
                 T* out) {
    const unsigned bits = bitsOf(element);
    const unsigned at = index * bits;
    const u32* words = registers + size_t(at / 32) * lanes;
    const unsigned shift = at % 32;
    if constexpr (std::is_same_v<T, i32>) {
        const unsigned unused = 32 - bits;
        SOMA_LANES
        for (unsigned lane = 0; lane < count; ++lane) {
            const u32 top = words[lane] >> shift << unused;
            out[lane] = adjust.isSigned ? static_cast<i32>(top) >> unused : static_cast<i32>(top >> unused);
        }
    } else if constexpr (std::is_same_v<T, double>) {
        for (unsigned lane = 0; lane < count; ++lane) {
            const double value = std::bit_cast<double>(uint64_t(words[lanes + lane]) << 32 | words[lane]);
            out[lane] = adjust.negateEven ? -value : value;
        }
    } else if (element == Element::F16) {
        const u32 sign = (index % 2 == 0 ? adjust.negateEven : adjust.negateOdd) ? 0x8000 : 0;
#ifdef __AVX512F__
        // Lanes come in multiples of 16.
        for (unsigned lane = 0; lane < count; lane += 16) {
            const __m512i word = _mm512_loadu_si512(words + lane);
            const __m512i half = _mm512_xor_si512(_mm512_srl_epi32(word, _mm_cvtsi32_si128(static_cast<int>(shift))),
                                                  _mm512_set1_epi32(static_cast<int>(sign)));
            _mm512_storeu_ps(out + lane, _mm512_cvtph_ps(_mm512_cvtepi32_epi16(half)));
        }
#else
        SOMA_LANES
        for (unsigned lane = 0; lane < count; ++lane) {
            out[lane] = halfToFloat(static_cast<uint16_t>(words[lane] >> shift ^ sign));
        }
#endif
    } else if (element == Element::Bf16) {
        const u32 sign = (index % 2 == 0 ? adjust.negateEven : adjust.negateOdd) ? 0x8000 : 0;
        SOMA_LANES
        for (unsigned lane = 0; lane < count; ++lane) {
            out[lane] = bfloatToFloat(static_cast<uint16_t>(words[lane] >> shift ^ sign));
        }
    } else if (bits == 32) {
        // xf32 reads the upper 19 bits of a single.
        const u32 mask = element == Element::Xf32 ? 0xffffe000 : 0xffffffff;
        for (unsigned lane = 0; lane < count; ++lane) {
            out[lane] = std::bit_cast<float>(words[lane] & mask);
        }
    } else {
        const SmallTable& table = smallTableOf(element);
        for (unsigned lane = 0; lane < count; ++lane) {
            // Six-bit elements may lie across two registers.
            const uint64_t next = shift + bits > 32 ? words[lanes + lane] : 0;
            out[lane] = table[(next << 32 | words[lane]) >> shift & ((1u << bits) - 1)];
        }
    }
}

/// CBSZ and ABID: one block of lanes gives A to all of them. Manual: "Broadcasting values" of the MI300 and CDNA4 ISA.
inline unsigned broadcastLane(unsigned lane, unsigned cbsz, unsigned abid) {
    const unsigned size = kMostLanes >> std::min(cbsz, 4u);
    return (lane % size + size * abid) % kMostLanes;
}

/// BLGP: which lane B's lane reads. Manual: as above.
inline unsigned permutedLane(unsigned lane, unsigned blgp) {
    switch (blgp) {
    case 1:
        return lane % 32;
    case 2:
        return lane % 32 + 32;
    case 3:
        return (lane + 16) % 64;
    case 4:
    case 5:
    case 6:
    case 7:
        return lane % 16 + (blgp - 4) * 16;
    default:
        return lane;
    }
}

/// Copies a register operand to out[block][k][row]. `laneOf` says which lane each lane reads; `moved`, whether any
/// reads another.
template <class T, class Permutation>
void gather(const u32* registers, Element element, const OperandLayout& layout, unsigned lanes, const Adjust& adjust,
            bool moved, Permutation laneOf, T* out) {
    const unsigned k = layout.perLane * layout.kGroups;
    T values[kMostLanes];
    T permuted[kMostLanes];
    for (unsigned e = 0; e < layout.perLane; ++e) {
        // gfx11's WMMA repeats its operands in the upper lanes, which nothing reads here.
        const unsigned used = moved ? lanes : layout.rows * layout.blocks * layout.kGroups;
        decodeLanes(registers, element, e, lanes, used, adjust, values);
        const T* from = values;
        if (moved) {
            for (unsigned lane = 0; lane < lanes; ++lane) {
                permuted[lane] = values[laneOf(lane)];
            }
            from = permuted;
        }
        for (unsigned group = 0; group < layout.blocks * layout.kGroups; ++group) {
            const unsigned block = group % layout.blocks;
            const unsigned at = layout.kOf(group / layout.blocks, e);
            std::copy_n(from + size_t(group) * layout.rows, layout.rows, out + (size_t(block) * k + at) * layout.rows);
        }
    }
}

template <class T>
T fromBits(uint64_t bits, Element element) {
    if constexpr (std::is_same_v<T, double>) {
        return std::bit_cast<double>(bits);
    } else if constexpr (std::is_same_v<T, i32>) {
        return static_cast<i32>(bits);
    } else {
        return element == Element::F16    ? halfToFloat(static_cast<uint16_t>(bits))
               : element == Element::Bf16 ? bfloatToFloat(static_cast<uint16_t>(bits))
                                          : std::bit_cast<float>(static_cast<u32>(bits));
    }
}

inline u32 smallBits(float value, Element element) {
    return element == Element::F16 ? floatToHalf(value) : floatToBfloat(value);
}

/// Of 16-bit results: the register and the half of element `index`.
struct HalfPlace {
    unsigned reg;
    unsigned shift;
};
inline HalfPlace halfPlace(const MatrixShape& shape, unsigned index, bool upper) {
    return shape.form == Form::Wmma11 ? HalfPlace{index, upper ? 16u : 0u} : HalfPlace{index / 2, index % 2 * 16};
}

/// Calls `f(register element index, lane, position in d)` for every element of C and D.
template <class F>
void forResult(const MatrixShape& shape, unsigned lanes, F f) {
    const unsigned perLane = shape.m * shape.n * shape.blocks / lanes;
    for (unsigned index = 0; index < perLane; ++index) {
        for (unsigned group = 0; group < lanes / shape.n; ++group) {
            const Cell cell = resultCell(shape, index, group, lanes);
            const size_t at = (size_t(cell.block) * shape.m + cell.row) * shape.n;
            f(index, group * shape.n, at);
        }
    }
}

template <class T>
void gatherResult(const Wave& wave, const Source& source, const MatrixShape& shape, const Modifiers& modifiers,
                  T* out) {
    if (source.kind != Source::Kind::Vgpr) {
        std::fill_n(out, shape.m * shape.n * shape.blocks, fromBits<T>(source.value, shape.d));
    } else {
        const u32* registers = wave.vgpr + source.reg;
        forResult(shape, wave.lanes, [&](unsigned index, unsigned lane, size_t at) {
            if (bitsOf(shape.d) == 32) {
                std::memcpy(out + at, registers + index * wave.lanes + lane, shape.n * sizeof(u32));
                return;
            }
            for (unsigned n = 0; n < shape.n; ++n) {
                uint64_t bits = 0;
                if (bitsOf(shape.d) == 16) {
                    const HalfPlace place = halfPlace(shape, index, modifiers.upperHalf());
                    bits = registers[place.reg * wave.lanes + lane + n] >> place.shift & 0xffff;
                } else {
                    bits = uint64_t(registers[(2 * index + 1) * wave.lanes + lane + n]) << 32 |
                           registers[2 * index * wave.lanes + lane + n];
                }
                out[at + n] = fromBits<T>(bits, shape.d);
            }
        });
    }
    if constexpr (!std::is_same_v<T, i32>) {
        const bool absolute = modifiers.negateHigh(2);
        const bool negate = modifiers.negateLow(2);
        if (absolute || negate) {
            for (unsigned i = 0; i < shape.m * shape.n * shape.blocks; ++i) {
                const T value = absolute ? std::fabs(out[i]) : out[i];
                out[i] = negate ? -value : value;
            }
        }
    }
}

template <class T>
void scatterResult(Wave& wave, const Destination& destination, const MatrixShape& shape, bool upper, const T* in) {
    u32* registers = wave.vgpr + destination.reg;
    forResult(shape, wave.lanes, [&](unsigned index, unsigned lane, size_t at) {
        if (bitsOf(shape.d) == 32) {
            std::memcpy(registers + index * wave.lanes + lane, in + at, shape.n * sizeof(u32));
            return;
        }
        for (unsigned n = 0; n < shape.n; ++n) {
            if constexpr (std::is_same_v<T, double>) {
                const uint64_t bits = std::bit_cast<uint64_t>(in[at + n]);
                registers[2 * index * wave.lanes + lane + n] = static_cast<u32>(bits);
                registers[(2 * index + 1) * wave.lanes + lane + n] = static_cast<u32>(bits >> 32);
            } else if constexpr (std::is_same_v<T, float>) {
                const HalfPlace place = halfPlace(shape, index, upper);
                u32& word = registers[place.reg * wave.lanes + lane + n];
                word = (word & ~(0xffffu << place.shift)) | smallBits(in[at + n], shape.d) << place.shift;
            }
        }
    });
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
