// Vector memory: first every active lane's address becomes a checked host pointer, then data moves. The spaces (global,
// flat, scratch, LDS, buffers) differ in the first step only.
#pragma once

#include "access.h"
#include "families.h"
#include "growth.h"
#include "interleave.h"

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

/// What most accesses of global memory are, found without a look at each lane: as `LanePointers::contiguous`, in the
/// allocation `last` accessed. Null where `resolve` must look.
template <unsigned Bytes>
inline std::byte* rangeInCache(const Wave& wave, const MicroOp& op, unsigned half, const Allocation& last) {
    if (op.space != Space::Global || wave.exec32(half) != ~uint32_t(0)) {
        return nullptr;
    }
    constexpr unsigned kBytes = kPart * Bytes;
    const uint32_t* low = wave.vgpr + op.src[0].reg + half * kPart;
    const uint32_t* high = low + wave.lanes;
    const bool based = op.src[2].kind != Source::Kind::None;
    const uint64_t base = based ? scalarBits(wave, op.src[2], true) : uint64_t(high[0]) << 32;
    const uint64_t address = base + static_cast<uint64_t>(op.imm) + low[0];
    const bool inside = low[0] <= UINT32_MAX - kBytes && last.contains(address, kBytes);
    return inside && growsBy(low, Bytes) && (based || growsBy(high, 0)) ? reinterpret_cast<std::byte*>(address) : nullptr;
}

/// After a contiguous access of a whole part of a wave. What lies behind nearly always is the next wave's: the host is
/// asked for it, who can't look ahead that far. So that the next wave comes to it soon, a wave's turn ends sooner the more
/// it streams; the host's memory then sees the workgroup's accesses one behind the other.
template <unsigned Bytes>
inline void takeTurn(Wave& wave) {
    constexpr int64_t kBranchesPerByte = 2;
    wave.turn -= Bytes * kBranchesPerByte;
}
template <unsigned Bytes, bool Write>
inline void streamed(Wave& wave, const std::byte* at) {
    constexpr unsigned kLine = 64;
    takeTurn<Bytes>(wave);
    for (unsigned line = 0; line < Bytes; line += kLine) {
        __builtin_prefetch(at + Bytes + line, Write, 2);
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
