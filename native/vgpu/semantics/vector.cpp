#include "vector.h"

#include <cfenv>
#include <cmath>

namespace soma::vgpu::SOMA_HOST_ISA {

uint64_t scalarBits(const Wave& wave, const Source& source, bool wide) {
    switch (source.kind) {
    case Source::Kind::Sgpr:
        return wide ? wave.read64(source.reg) : wave.sgpr[source.reg];
    case Source::Kind::Constant:
        return source.value;
    case Source::Kind::Scc:
        return wave.scc;
    case Source::Kind::Vccz:
        return wave.readMask(sgpr::kVcc) == 0;
    case Source::Kind::Execz:
        return wave.exec() == 0;
    default:
        return 0;
    }
}

namespace {

constexpr uint32_t kMinNormal = 0x00800000;

bool flushes32(const Wave& wave, bool input) {
    const uint32_t bits = (wave.mode & mode::kDenormals32) >> 4;
    return (bits & (input ? 1 : 2)) == 0;
}

bool flushes64(const Wave& wave, bool input) {
    const uint32_t bits = (wave.mode & mode::kDenormals64) >> 6;
    return (bits & (input ? 1 : 2)) == 0;
}

uint32_t selected(uint32_t word, Select select, bool signExtend) {
    unsigned shift = 0;
    unsigned bits = 8;
    switch (select) {
    case Select::All:
        return word;
    case Select::Byte0:
        break;
    case Select::Byte1:
        shift = 8;
        break;
    case Select::Byte2:
        shift = 16;
        break;
    case Select::Byte3:
        shift = 24;
        break;
    case Select::Word0:
        bits = 16;
        break;
    case Select::Word1:
        bits = 16;
        shift = 16;
        break;
    }
    const uint32_t part = word >> shift & ((1u << bits) - 1);
    return signExtend ? static_cast<uint32_t>(static_cast<int32_t>(part << (32 - bits)) >> (32 - bits)) : part;
}

void applySigns(const Source& source, ValueType type, uint32_t* low, uint32_t* high) {
    uint32_t* signs = isWide(type) ? high : low;
    const uint32_t bit = isSmall(type) ? 0x8000 : 0x80000000;
    for (unsigned lane = 0; lane < kPart; ++lane) {
        signs[lane] = source.absolute ? signs[lane] & ~bit : signs[lane];
        signs[lane] = source.negate ? signs[lane] ^ bit : signs[lane];
    }
}

/// Source 0 of a DPP instruction: lanes of the whole wave move.
void moveLanes(const Wave& wave, const MicroOp& op, const Source& source, unsigned half, bool wide, uint32_t* low,
               uint32_t* high, uint32_t& enabled) {
    const LaneMove& move = *op.move;
    const uint64_t exec = wave.exec();
    const uint32_t* words = wave.vgpr + source.reg;
    enabled &= static_cast<uint32_t>(move.rows >> half * kPart);
    for (unsigned i = 0; i < kPart; ++i) {
        const uint8_t from = move.from[half * kPart + i];
        const bool valid = from != LaneMove::kNone && (move.fetchInactive || (exec >> from & 1) != 0);
        low[i] = valid ? words[from] : 0;
        high[i] = valid && wide ? words[wave.lanes + from] : 0;
        if (!valid && !move.zeroFill) {
            enabled &= ~(1u << i);
        }
    }
}

}  // namespace

void flushDenormals(const Wave& wave, ValueType type, bool input, uint32_t* low, uint32_t* high) {
    if (type == ValueType::F32 && flushes32(wave, input)) {
        SOMA_LANES
        for (unsigned lane = 0; lane < kPart; ++lane) {
            const bool tiny = (low[lane] & 0x7fffffff) < kMinNormal;
            low[lane] = tiny ? low[lane] & 0x80000000 : low[lane];
        }
    } else if (type == ValueType::F16 && flushes64(wave, input)) {
        for (unsigned lane = 0; lane < kPart; ++lane) {
            const bool tiny = (low[lane] & 0x7fff) < 0x400;
            low[lane] = tiny ? low[lane] & 0x8000 : low[lane];
        }
    } else if (type == ValueType::F64 && flushes64(wave, input)) {
        for (unsigned lane = 0; lane < kPart; ++lane) {
            const bool tiny = (high[lane] & 0x7fffffff) < 0x00100000;
            high[lane] = tiny ? high[lane] & 0x80000000 : high[lane];
            low[lane] = tiny ? 0 : low[lane];
        }
    }
}

void materialise(const Wave& wave, const MicroOp& op, const Signature& signature, unsigned half,
                 uint32_t (*scratch)[kPart], const uint32_t** rows, uint32_t& enabled) {
    for (unsigned i = 0; i < signature.sources; ++i) {
        const Source& source = op.src[i];
        const ValueType type = signature.source[i];
        uint32_t* low = scratch[2 * i];
        uint32_t* high = scratch[2 * i + 1];
        if (i == 0 && op.move != nullptr && source.kind == Source::Kind::Vgpr) {
            moveLanes(wave, op, source, half, isWide(type), low, high, enabled);
        } else {
            sourceRows(wave, source, type, half, scratch + 2 * i, rows + 2 * i);
            if (rows[2 * i] != low) {
                std::copy_n(rows[2 * i], kPart, low);
            }
            if (isWide(type) && rows[2 * i + 1] != high) {
                std::copy_n(rows[2 * i + 1], kPart, high);
            }
        }
        rows[2 * i] = low;
        rows[2 * i + 1] = high;
        if (type == ValueType::Mask) {
            continue;
        }
        if (source.select != Select::All) {
            for (unsigned lane = 0; lane < kPart; ++lane) {
                low[lane] = selected(low[lane], source.select, source.signExtend);
            }
        }
        if (source.absolute || source.negate) {
            applySigns(source, type, low, high);
        }
        if (wave.specialMode) {
            flushDenormals(wave, type, true, low, high);
        }
    }
}

namespace {

template <class T>
T scaled(T value, unsigned outputScale) {
    return outputScale == 1   ? value * T(2)
           : outputScale == 2 ? value * T(4)
           : outputScale == 3 ? value * T(0.5)
                              : value;
}

/// Clamp takes NaN to 0 while MODE's DX10_CLAMP is set, which it is for compute. Manual: "Output Modifiers".
template <class T>
T clamped(T value) {
    return !(value > T(0)) ? T(0) : value > T(1) ? T(1) : value;
}

void outputModifiers(const MicroOp& op, ValueType type, uint32_t* low, uint32_t* high) {
    for (unsigned lane = 0; lane < kPart; ++lane) {
        if (type == ValueType::F32) {
            float value = scaled(std::bit_cast<float>(low[lane]), op.outputScale);
            value = op.clamp ? clamped(value) : value;
            low[lane] = std::bit_cast<uint32_t>(value);
        } else if (type == ValueType::F16) {
            float value = scaled(halfToFloat(static_cast<uint16_t>(low[lane])), op.outputScale);
            value = op.clamp ? clamped(value) : value;
            low[lane] = floatToHalf(value);
        } else if (type == ValueType::F64) {
            double value = std::bit_cast<double>(uint64_t(high[lane]) << 32 | low[lane]);
            value = scaled(value, op.outputScale);
            value = op.clamp ? clamped(value) : value;
            const uint64_t bits = std::bit_cast<uint64_t>(value);
            low[lane] = static_cast<uint32_t>(bits);
            high[lane] = static_cast<uint32_t>(bits >> 32);
        }
    }
}

/// A result that takes a part of the register: SDWA's dst_sel, or half of it for 16-bit types.
void mergePart(const MicroOp& op, ValueType type, const uint32_t* old, uint32_t* low) {
    Select select = op.dst.select;
    if (select == Select::All) {
        if (!isSmall(type)) {
            return;
        }
        select = Select::Word0;
    }
    const bool byte = select >= Select::Byte0 && select <= Select::Byte3;
    const unsigned shift = byte ? (unsigned(select) - unsigned(Select::Byte0)) * 8 : select == Select::Word1 ? 16 : 0;
    const uint32_t part = byte ? 0xffu : 0xffffu;
    const unsigned top = 32 - (byte ? 8 : 16);
    const bool clears = op.dst.unused == 0 || (op.zeroHigh && op.dst.select == Select::All);
    for (unsigned lane = 0; lane < kPart; ++lane) {
        const uint32_t value = (low[lane] & part) << shift;
        if (op.dst.unused == 1) {
            const int32_t extended = static_cast<int32_t>(low[lane] << top) >> top;
            low[lane] = static_cast<uint32_t>(extended) << shift;
        } else {
            low[lane] = value | (clears ? 0 : old[lane] & ~(part << shift));
        }
    }
}

}  // namespace

void finish(Wave& wave, const MicroOp& op, ValueType type, unsigned half, uint32_t* low, uint32_t* high,
            uint32_t enabled) {
    if (type == ValueType::None || op.dst.kind != Destination::Kind::Vgpr) {
        return;
    }
    if (op.clamp || op.outputScale != 0) {
        outputModifiers(op, type, low, high);
    }
    if (wave.specialMode) {
        flushDenormals(wave, type, false, low, high);
    }
    uint32_t* target = wave.vgpr + op.dst.reg + half * kPart;
    if (isSmall(type) || op.dst.select != Select::All) {
        mergePart(op, type, target, low);
    }
    blend(target, low, enabled);
    if (isWide(type)) {
        blend(target + wave.lanes, high, enabled);
    }
}

void RoundingScope::enter(const Wave& wave, bool single) {
    // MODE's encoding: 0 nearest even, 1 towards +∞, 2 towards -∞, 3 towards zero.
    constexpr int kHost[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    const uint32_t wanted = single ? wave.mode & mode::kRound32 : (wave.mode & mode::kRound64) >> 2;
    if (wanted != 0) {
        saved_ = std::fegetround();
        std::fesetround(kHost[wanted]);
        changed_ = true;
    }
}

void RoundingScope::leave() { std::fesetround(saved_); }

}  // namespace soma::vgpu::SOMA_HOST_ISA
