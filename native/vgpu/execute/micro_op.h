// Micro-operations: decoded instructions with resolved operands, ready to run without look-ups or allocation.
#pragma once

#include "../device.h"

#include <array>
#include <cstdint>

namespace soma::vgpu {

struct Wave;
struct MicroOp;

using Handler = void (*)(Wave&, const MicroOp&);

/// How an operand's bits are read. `Mask` is one bit per lane in scalar registers (a condition or a carry).
enum class ValueType : uint8_t { None, U32, I32, F32, U64, I64, F64, U16, I16, F16, BF16, Mask };

constexpr bool isWide(ValueType type) {
    return type == ValueType::U64 || type == ValueType::I64 || type == ValueType::F64;
}
constexpr bool isSmall(ValueType type) {
    return type == ValueType::U16 || type == ValueType::I16 || type == ValueType::F16 || type == ValueType::BF16;
}

constexpr unsigned kMaxSources = 4;

/// What an instruction reads and writes: enough to place constants, modifiers and results.
struct Signature {
    ValueType result = ValueType::None;
    /// A bit per lane is written as well (or only, where `result` is None).
    bool mask = false;
    uint8_t sources = 0;
    std::array<ValueType, kMaxSources> source{};
};

/// The part of a 32-bit register that an operand means. Small types read `All` as their low half.
enum class Select : uint8_t { All, Byte0, Byte1, Byte2, Byte3, Word0, Word1 };

struct Source {
    enum class Kind : uint8_t { None, Vgpr, Sgpr, Constant, Scc, Vccz, Execz };
    Kind kind = Kind::None;
    Select select = Select::All;
    bool negate = false;
    bool absolute = false;
    bool signExtend = false;
    /// Vgpr: words from the start of the wave's register file to lane 0. Sgpr: index.
    uint32_t reg = 0;
    /// Constant: its bits.
    uint64_t value = 0;
    /// Constant: the same for every lane, low words, then high words.
    const uint32_t* rows = nullptr;
};

struct Destination {
    enum class Kind : uint8_t { None, Vgpr, Sgpr };
    Kind kind = Kind::None;
    Select select = Select::All;
    /// SDWA's dst_unused: 0 pads with zeros, 1 sign-extends, 2 preserves.
    uint8_t unused = 2;
    uint32_t reg = 0;
};

/// A data-parallel-primitive move of source 0, as a table over lanes.
struct LaneMove {
    static constexpr uint8_t kNone = 0xff;
    std::array<uint8_t, 64> from{};
    /// Lanes that row_mask and bank_mask leave on.
    uint64_t rows = ~uint64_t(0);
    /// bound_ctrl: a lane without a source reads 0 instead of being left out.
    bool zeroFill = false;
    /// fi: inactive lanes may be read.
    bool fetchInactive = false;
};

/// Where a memory instruction's addresses lead.
enum class Space : uint8_t { Global, Flat, Scratch, Lds, Buffer };

struct MicroOp {
    Handler run = nullptr;
    Destination dst;
    /// The mask that carries and v_div_scale write.
    Destination dst2;
    std::array<Source, kMaxSources> src;
    /// An offset in bytes, a branch distance in micro-operations, or an immediate.
    int64_t imm = 0;
    /// Second offset (2addr), format-specific bits.
    uint32_t aux = 0;
    InstructionClass cls = InstructionClass::Other;
    /// Only plain registers (but SCC and its kind) and constants, no modifiers: sources may be read, and the result written, in place.
    bool simple = true;
    bool clamp = false;
    /// Output modifier: 0 none, 1 ×2, 2 ×4, 3 ÷2.
    uint8_t outputScale = 0;
    /// A 16-bit result clears the upper half (gfx9) instead of keeping it.
    bool zeroHigh = false;
    Space space = Space::Global;
    const LaneMove* move = nullptr;
    /// Where registers are picked by M0 (gfx9): what `run` runs once it has found them.
    Handler indexed = nullptr;
};

}  // namespace soma::vgpu
