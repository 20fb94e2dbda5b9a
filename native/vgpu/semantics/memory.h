// Vector memory: first every active lane's address becomes a checked host pointer, then data moves. The spaces (global,
// flat, scratch, LDS, buffers) differ in the first step only.
#pragma once

#include "access.h"
#include "families.h"
#include "vector.h"

#include <cstddef>

namespace soma::vgpu::SOMA_HOST_ISA {

enum class Space { Global, Flat, Scratch, Lds, Buffer };

/// Host pointers of one part of a wave; inactive lanes' are undefined.
struct LanePointers {
    std::array<std::byte*, kPart> lane;
    /// Where all lanes are on and each follows the one before without a gap: lane 0's pointer. Null else.
    std::byte* contiguous = nullptr;
};

/// What a fault calls it.
enum class AccessKind { Load, Store, Atomic };

/// False after raising a fault. `extraOffset` is added to the instruction's own (LDS: the second of two addresses).
bool resolveGlobal(Wave&, const MicroOp&, unsigned half, unsigned bytes, AccessKind kind, LanePointers& pointers);
bool resolveFlat(Wave&, const MicroOp&, unsigned half, unsigned bytes, AccessKind kind, LanePointers& pointers);
bool resolveScratch(Wave&, const MicroOp&, unsigned half, unsigned bytes, AccessKind kind, LanePointers& pointers);
bool resolveLds(Wave&, const MicroOp&, unsigned half, unsigned bytes, AccessKind kind, int64_t offset,
                LanePointers& pointers);
bool resolveBuffer(Wave&, const MicroOp&, unsigned half, unsigned bytes, AccessKind kind, LanePointers& pointers);

template <Space S>
inline bool resolve(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, AccessKind kind,
                    LanePointers& pointers) {
    pointers.contiguous = nullptr;
    if constexpr (S == Space::Global) {
        return resolveGlobal(wave, op, half, bytes, kind, pointers);
    } else if constexpr (S == Space::Flat) {
        return resolveFlat(wave, op, half, bytes, kind, pointers);
    } else if constexpr (S == Space::Scratch) {
        return resolveScratch(wave, op, half, bytes, kind, pointers);
    } else if constexpr (S == Space::Lds) {
        return resolveLds(wave, op, half, bytes, kind, op.imm, pointers);
    } else {
        return resolveBuffer(wave, op, half, bytes, kind, pointers);
    }
}

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

constexpr InstructionClass classOf(Space space, InstructionClass vector) {
    return space == Space::Lds ? InstructionClass::Lds : space == Space::Scratch ? InstructionClass::Scratch : vector;
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
