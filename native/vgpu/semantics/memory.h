// Vector memory: first every active lane's address becomes a checked host pointer, then data moves. The spaces (global,
// flat, scratch, LDS, buffers) differ in the first step only.
#pragma once

#include "access.h"
#include "families.h"
#include "vector.h"

#include <cstddef>

namespace soma::vgpu::SOMA_HOST_ISA {

/// Host pointers of one part of a wave; inactive lanes' are undefined.
struct LanePointers {
    std::array<std::byte*, kPart> lane;
    /// Where all lanes are on and each follows the one before without a gap: lane 0's pointer, and `lane` is undefined.
    /// Null else, and always for atomics.
    std::byte* contiguous = nullptr;
};

/// What a fault calls it.
enum class AccessKind { Load, Store, Atomic };

/// The pointers of an instruction's accesses, each of `bytes` bytes. False after raising a fault.
bool resolve(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, AccessKind kind, LanePointers& pointers);
/// For LDS, with an offset that is not the instruction's own.
bool resolveLds(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, AccessKind kind, int64_t offset,
                LanePointers& pointers);

/// Calls `body(lane)` for each set bit.
template <class Body>
inline void forLanes(uint32_t lanes, Body body) {
    if (lanes == ~uint32_t(0)) {
        for (unsigned lane = 0; lane < kPart; ++lane) {
            body(lane);
        }
        return;
    }
    for (; lanes != 0; lanes &= lanes - 1) {
        body(static_cast<unsigned>(std::countr_zero(lanes)));
    }
}

template <class T>
inline T readMemory(const std::byte* pointer) {
    T value;
    std::memcpy(&value, pointer, sizeof value);
    return value;
}

using Quad = uint32_t __attribute__((vector_size(16)));

/// Four elements of four words become four rows of a word each, and back.
inline void transpose(Quad (&rows)[4]) {
    const Quad a = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
    const Quad b = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
    const Quad c = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
    const Quad d = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
    rows[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    rows[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    rows[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    rows[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

/// Elements of four words of all lanes, wherever they lie, to rows of registers. `at(lane)`: where a lane's lies.
template <class At>
inline void loadQuads(At at, uint32_t* target, unsigned lanes) {
    for (unsigned lane = 0; lane < kPart; lane += 4) {
        Quad rows[4];
        for (unsigned i = 0; i < 4; ++i) {
            std::memcpy(&rows[i], at(lane + i), sizeof(Quad));
        }
        transpose(rows);
        for (unsigned word = 0; word < 4; ++word) {
            std::memcpy(target + word * lanes + lane, &rows[word], sizeof(Quad));
        }
    }
}

template <class At>
inline void storeQuads(At at, const uint32_t* data, unsigned lanes) {
    for (unsigned lane = 0; lane < kPart; lane += 4) {
        Quad rows[4];
        for (unsigned word = 0; word < 4; ++word) {
            std::memcpy(&rows[word], data + word * lanes + lane, sizeof(Quad));
        }
        transpose(rows);
        for (unsigned i = 0; i < 4; ++i) {
            std::memcpy(at(lane + i), &rows[i], sizeof(Quad));
        }
    }
}

/// Elements of so many words, one after the other, to rows of registers: word w of lane l comes from 4·(l·Words + w).
template <unsigned Words>
inline void loadContiguous(const std::byte* from, uint32_t* target, unsigned lanes) {
    if constexpr (Words == 1) {
        std::memcpy(target, from, kPart * sizeof(uint32_t));
    } else if constexpr (Words == 4) {
        loadQuads([from](unsigned lane) { return from + lane * sizeof(Quad); }, target, lanes);
    } else {
        for (unsigned lane = 0; lane < kPart; ++lane) {
            for (unsigned word = 0; word < Words; ++word) {
                target[word * lanes + lane] = readMemory<uint32_t>(from + (lane * Words + word) * 4);
            }
        }
    }
}

template <unsigned Words>
inline void storeContiguous(std::byte* to, const uint32_t* data, unsigned lanes) {
    if constexpr (Words == 1) {
        std::memcpy(to, data, kPart * sizeof(uint32_t));
    } else if constexpr (Words == 4) {
        storeQuads([to](unsigned lane) { return to + lane * sizeof(Quad); }, data, lanes);
    } else {
        for (unsigned lane = 0; lane < kPart; ++lane) {
            for (unsigned word = 0; word < Words; ++word) {
                std::memcpy(to + (lane * Words + word) * 4, &data[word * lanes + lane], 4);
            }
        }
    }
}

/// A memory instruction of a space: `flags` say what operands it has. Its operands are bound as the space writes them.
inline Semantics memoryInstruction(Handler run, Space space, InstructionClass cls, uint32_t flags) {
    if (space == Space::Lds) {
        return Semantics{run, bindLds, InstructionClass::Lds, {}, nullptr, flags};
    }
    if (space == Space::Buffer) {
        return Semantics{run, bindBuffer, cls, {}, nullptr, flags};
    }
    if (space == Space::Scratch) {
        return Semantics{run, bindScratch, InstructionClass::Scratch, {}, nullptr, flags};
    }
    return Semantics{run, space == Space::Flat ? bindFlat : bindGlobal, cls, {}, nullptr, flags};
}

/// The spaces and how their mnemonics begin.
struct SpaceName {
    Space space;
    const char* prefix;
};
inline constexpr std::array kSpaces = {SpaceName{Space::Global, "global"}, SpaceName{Space::Flat, "flat"},
                                       SpaceName{Space::Scratch, "scratch"}, SpaceName{Space::Buffer, "buffer"},
                                       SpaceName{Space::Lds, "ds"}};

}  // namespace soma::vgpu::SOMA_HOST_ISA
