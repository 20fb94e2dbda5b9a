// Addresses of vector memory instructions, and the check of every one of them.
// Source: RDNA3 ISA, "Flat, Global, and Scratch Instructions" and "Memory Buffer Instructions"; LLVM's AMDGPU user
// guide, "Address Spaces", for the apertures.

#include "../format.h"
#include "buffer_address.h"
#include "memory.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

const char* verb(AccessKind kind) {
    return kind == AccessKind::Load ? "reads" : kind == AccessKind::Store ? "writes" : "updates";
}

bool globalFault(Wave& wave, const MicroOp& op, AccessKind kind, unsigned bytes, unsigned lane, uint64_t address) {
    // The access may begin inside and end outside: name the first byte that is outside.
    uint64_t outside = address;
    if (const auto allocation = wave.group->memory->find(address); allocation && allocation->contains(address, 1)) {
        outside = allocation->base + allocation->size;
    }
    raiseFault(wave, op, FaultKind::MemoryAccess, static_cast<int>(lane), address,
               format("it {0} {1} bytes at {2:x}, out of bounds: {3}", verb(kind), bytes, address,
                      wave.group->memory->describe(outside)));
    return false;
}

Allocation& lastAllocation(Wave& wave, AccessKind kind) {
    return kind == AccessKind::Load ? wave.group->last.loaded : wave.group->last.stored;
}

/// Finds the allocation of an access, and remembers it.
bool checkGlobal(Wave& wave, AccessKind kind, uint64_t address, unsigned bytes) {
    Allocation& last = lastAllocation(wave, kind);
    if (last.contains(address, bytes)) {
        return true;
    }
    const auto allocation = wave.group->memory->find(address);
    if (!allocation || !allocation->contains(address, bytes)) {
        return false;
    }
    last = *allocation;
    return true;
}

bool checkLanes(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, AccessKind kind,
                const uint64_t* addresses, LanePointers& pointers) {
    const uint32_t exec = wave.exec32(half);
    uint64_t low = ~uint64_t(0);
    uint64_t high = 0;
    SOMA_LANES
    for (unsigned lane = 0; lane < kPart; ++lane) {
        const uint64_t address = addresses[lane];
        const bool active = (exec >> lane & 1) != 0;
        low = active && address < low ? address : low;
        high = active && address > high ? address : high;
        pointers.lane[lane] = reinterpret_cast<std::byte*>(address);
    }
    const Allocation& last = lastAllocation(wave, kind);
    if (!(low <= high && last.contains(low, high - low) && last.contains(high, bytes))) {
        for (uint32_t rest = exec; rest != 0; rest &= rest - 1) {
            const auto lane = static_cast<unsigned>(std::countr_zero(rest));
            if (!checkGlobal(wave, kind, addresses[lane], bytes)) {
                return globalFault(wave, op, kind, bytes, lane, addresses[lane]);
            }
        }
    }
    return true;
}

/// The part that flat and global share: a 64-bit base and a 32-bit offset, or a 64-bit address, for each lane.
void laneAddresses(const Wave& wave, const MicroOp& op, unsigned half, uint64_t* addresses) {
    const uint32_t* low = wave.vgpr + op.src[0].reg + half * kPart;
    const auto offset = static_cast<uint64_t>(op.imm);
    if (op.src[2].kind == Source::Kind::None) {
        const uint32_t* high = low + wave.lanes;
        SOMA_LANES
        for (unsigned lane = 0; lane < kPart; ++lane) {
            addresses[lane] = (uint64_t(high[lane]) << 32 | low[lane]) + offset;
        }
        return;
    }
    const uint64_t base = scalarBits(wave, op.src[2], true) + offset;
    SOMA_LANES
    for (unsigned lane = 0; lane < kPart; ++lane) {
        addresses[lane] = base + low[lane];
    }
}

bool scratchPointer(Wave& wave, const MicroOp& op, unsigned half, unsigned lane, unsigned bytes, AccessKind kind,
                    uint32_t offset, LanePointers& pointers) {
    if (uint64_t(offset) + bytes > wave.scratchBytes) {
        raiseFault(wave, op, FaultKind::ScratchAccess, static_cast<int>(half * kPart + lane), offset,
                   format("it {0} {1} bytes at offset {2} of private memory, of which a work-item has {3}", verb(kind),
                          bytes, offset, wave.scratchBytes));
        return false;
    }
    pointers.lane[lane] = wave.scratch + (half * kPart + lane) * wave.scratchBytes + offset;
    return true;
}

bool ldsPointer(Wave& wave, const MicroOp& op, unsigned half, unsigned lane, unsigned bytes, AccessKind kind,
                uint64_t offset, LanePointers& pointers) {
    if (offset + bytes > wave.group->ldsBytes) {
        raiseFault(wave, op, FaultKind::LdsAccess, static_cast<int>(half * kPart + lane), offset,
                   format("it {0} {1} bytes at offset {2} of LDS, of which the workgroup has {3}", verb(kind), bytes,
                          offset, wave.group->ldsBytes));
        return false;
    }
    pointers.lane[lane] = wave.group->lds + offset;
    return true;
}

/// Runs `body(lane)` for the active lanes until one returns false.
template <class Body>
bool allLanes(uint32_t exec, Body body) {
    for (; exec != 0; exec &= exec - 1) {
        if (!body(static_cast<unsigned>(std::countr_zero(exec)))) {
            return false;
        }
    }
    return true;
}

/// Most accesses are one range, for which one check stands: lane 0's pointer where all lanes are on and each follows the
/// one before without a gap. Null else.
std::byte* contiguousGlobal(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, AccessKind kind) {
    if (wave.exec32(half) != ~uint32_t(0)) {
        return nullptr;
    }
    const uint32_t* low = wave.vgpr + op.src[0].reg + half * kPart;
    const uint32_t* high = low + wave.lanes;
    const bool based = op.src[2].kind != Source::Kind::None;
    const uint32_t first = low[0];
    const uint32_t upper = high[0];
    if (!growsBy(low, bytes) || !(based || growsBy(high, 0)) || first > UINT32_MAX - kPart * bytes) {
        return nullptr;
    }
    const uint64_t base = based ? scalarBits(wave, op.src[2], true) : uint64_t(upper) << 32;
    const uint64_t address = base + static_cast<uint64_t>(op.imm) + first;
    return checkGlobal(wave, kind, address, kPart * bytes) ? reinterpret_cast<std::byte*>(address) : nullptr;
}

bool resolveGlobal(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, AccessKind kind,
                   LanePointers& pointers) {
    if (kind != AccessKind::Atomic) {
        pointers.contiguous = contiguousGlobal(wave, op, half, bytes, kind);
        if (pointers.contiguous != nullptr) {
            return true;
        }
    }
    alignas(64) uint64_t addresses[kPart];
    laneAddresses(wave, op, half, addresses);
    return checkLanes(wave, op, half, bytes, kind, addresses, pointers);
}

bool resolveFlat(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, AccessKind kind,
                 LanePointers& pointers) {
    alignas(64) uint64_t addresses[kPart];
    laneAddresses(wave, op, half, addresses);
    const uint32_t exec = wave.exec32(half);
    uint32_t aperture = 0;
    for (unsigned lane = 0; lane < kPart; ++lane) {
        const uint64_t top = addresses[lane] >> 32;
        aperture |= uint32_t(top == Device::kSharedBase >> 32 || top == Device::kPrivateBase >> 32) << lane;
    }
    if ((aperture & exec) == 0) {
        return checkLanes(wave, op, half, bytes, kind, addresses, pointers);
    }
    return allLanes(exec, [&](unsigned lane) {
        const uint64_t address = addresses[lane];
        if (address >> 32 == Device::kSharedBase >> 32) {
            return ldsPointer(wave, op, half, lane, bytes, kind, address & 0xffffffff, pointers);
        }
        if (address >> 32 == Device::kPrivateBase >> 32) {
            return scratchPointer(wave, op, half, lane, bytes, kind, static_cast<uint32_t>(address), pointers);
        }
        pointers.lane[lane] = reinterpret_cast<std::byte*>(address);
        return checkGlobal(wave, kind, address, bytes) || globalFault(wave, op, kind, bytes, lane, address);
    });
}

bool resolveScratch(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, AccessKind kind,
                    LanePointers& pointers) {
    const bool vector = op.src[0].kind == Source::Kind::Vgpr;
    const uint32_t* offsets = wave.vgpr + op.src[0].reg + half * kPart;
    const uint32_t base =
        static_cast<uint32_t>(op.imm) +
        (op.src[2].kind == Source::Kind::None ? 0 : static_cast<uint32_t>(scalarBits(wave, op.src[2], false)));
    return allLanes(wave.exec32(half), [&](unsigned lane) {
        return scratchPointer(wave, op, half, lane, bytes, kind, base + (vector ? offsets[lane] : 0), pointers);
    });
}

bool resolveBuffer(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, AccessKind kind,
                   LanePointers& pointers) {
    // Where out-of-range lanes read zeros from, and where their stores vanish to. One for each host thread.
    alignas(16) static thread_local std::array<std::byte, 16> nowhere;
    const BufferDescriptor buffer = bufferDescriptor(wave, op.src[2].reg, op.aux);
    const uint64_t scalar = scalarBits(wave, op.src[3], false) & 0xffffffff;
    const uint32_t* rows = wave.vgpr + op.src[0].reg + half * kPart;
    const bool indexed = (op.aux & access::kIndexEnable) != 0;
    const bool offset = (op.aux & access::kOffsetEnable) != 0;
    return allLanes(wave.exec32(half), [&](unsigned lane) {
        const uint64_t index = indexed ? rows[lane] : 0;
        const uint64_t vectorOffset = offset ? rows[lane + (indexed ? wave.lanes : 0)] : 0;
        const uint64_t inner = vectorOffset + static_cast<uint64_t>(op.imm);
        if (buffer.scratch) {
            // The scalar offset counts bytes of the whole wave, the others those of a lane.
            return scratchPointer(wave, op, half, lane, bytes, kind, static_cast<uint32_t>(inner + scalar / wave.lanes),
                                  pointers);
        }
        const BufferPlace place = bufferPlace(buffer, index, inner, scalar, half * kPart + lane, bytes);
        if (!place.inside) {
            nowhere.fill(std::byte{0});
            pointers.lane[lane] = nowhere.data();
            return true;
        }
        pointers.lane[lane] = reinterpret_cast<std::byte*>(place.address);
        return checkGlobal(wave, kind, place.address, bytes) || globalFault(wave, op, kind, bytes, lane, place.address);
    });
}

}  // namespace

bool resolveLds(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, AccessKind kind, int64_t offset,
                LanePointers& pointers) {
    const uint32_t* rows = wave.vgpr + op.src[0].reg + half * kPart;
    const uint32_t exec = wave.exec32(half);
    const auto base = static_cast<uint32_t>(offset);
    std::byte* lds = wave.group->lds;
    const uint64_t end = wave.group->ldsBytes;
    if (exec == ~uint32_t(0) && kind != AccessKind::Atomic) {
        const uint64_t first = uint64_t(rows[0]) + base;
        if (first + kPart * bytes <= end && growsBy(rows, bytes)) {
            pointers.contiguous = lds + first;
            return true;
        }
    }
    uint32_t high = 0;
    SOMA_LANES
    for (unsigned lane = 0; lane < kPart; ++lane) {
        const bool active = (exec >> lane & 1) != 0;
        high = active && rows[lane] > high ? rows[lane] : high;
        pointers.lane[lane] = lds + (uint64_t(rows[lane]) + base);
    }
    if (uint64_t(high) + base + bytes <= end) {
        return true;
    }
    return allLanes(exec, [&](unsigned lane) {
        // The sum wraps: LLVM gives a negative address with an offset that brings it back (AMDGPU's isDSOffsetLegal).
        return ldsPointer(wave, op, half, lane, bytes, kind, rows[lane] + base, pointers);
    });
}

bool resolve(Wave& wave, const MicroOp& op, unsigned half, unsigned bytes, AccessKind kind, LanePointers& pointers) {
    switch (op.space) {
    case Space::Global:
        return resolveGlobal(wave, op, half, bytes, kind, pointers);
    case Space::Flat:
        return resolveFlat(wave, op, half, bytes, kind, pointers);
    case Space::Scratch:
        return resolveScratch(wave, op, half, bytes, kind, pointers);
    case Space::Lds:
        return resolveLds(wave, op, half, bytes, kind, op.imm, pointers);
    case Space::Buffer:
        return resolveBuffer(wave, op, half, bytes, kind, pointers);
    }
    return false;
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
