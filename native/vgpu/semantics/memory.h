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
    /// Where all lanes are on and each follows the one before without a gap: lane 0's pointer. Null else.
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
