// Scalar loads. Source: RDNA3 ISA, "Scalar Memory Operations". Loads take any size up to 16 registers.

#include "../format.h"
#include "families.h"
#include "vector.h"

#include <string>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

/// Compilers widen loads within an aligned block of 16 bytes, so that the end of an allocation is rounded up to one.
bool allowed(Wave& wave, uint64_t address, uint64_t bytes) {
    constexpr uint64_t kBlock = 16;
    const auto inside = [&](const Allocation& allocation) {
        return address >= allocation.base && address < allocation.base + allocation.size &&
               address + bytes <= (allocation.base + allocation.size + kBlock - 1) / kBlock * kBlock;
    };
    Allocation& last = wave.group->last.scalar;
    if (inside(last)) {
        return true;
    }
    const auto allocation = wave.group->memory->find(address);
    if (!allocation || !inside(*allocation)) {
        return false;
    }
    last = *allocation;
    return true;
}

template <unsigned Bytes, bool Signed>
void runScalarLoad(Wave& wave, const MicroOp& op) {
    uint64_t address = wave.read64(op.src[0].reg) + static_cast<uint64_t>(op.imm);
    if (op.src[2].kind != Source::Kind::None) {
        address += scalarBits(wave, op.src[2], false) & 0xffffffff;
    }
    if constexpr (Bytes >= 4) {
        address &= ~uint64_t(3);
    }
    if (!allowed(wave, address, Bytes)) {
        raiseFault(wave, op, FaultKind::MemoryAccess, -1, address,
                   format("it reads {0} bytes at {1:x}, out of bounds: {2}", Bytes, address,
                          wave.group->memory->describe(address)));
        return;
    }
    if (op.dst.kind != Destination::Kind::Sgpr) {
        return;
    }
    const auto* source = reinterpret_cast<const std::byte*>(address);
    if constexpr (Bytes >= 4) {
        std::memcpy(&wave.sgpr[op.dst.reg], source, Bytes);
    } else {
        uint32_t value = 0;
        std::memcpy(&value, source, Bytes);
        const unsigned rest = 32 - Bytes * 8;
        wave.sgpr[op.dst.reg] = Signed ? static_cast<uint32_t>(static_cast<int32_t>(value << rest) >> rest) : value;
    }
}

template <unsigned Bytes, bool Signed = false>
Semantics scalarLoad() {
    return Semantics{runScalarLoad<Bytes, Signed>, bindScalarLoad, InstructionClass::ScalarMemory, {}, nullptr, 0};
}

/// From a buffer descriptor: what lies behind its last record reads as 0. `Bytes` of one word, or whole words.
template <unsigned Bytes, bool Signed>
void runBufferLoad(Wave& wave, const MicroOp& op) {
    constexpr unsigned kWords = (Bytes + 3) / 4;
    constexpr unsigned kEach = Bytes < 4 ? Bytes : 4;
    const unsigned descriptor = op.src[0].reg;
    const uint64_t base = wave.read64(descriptor) & 0xffffffffffff;
    const uint64_t stride = wave.sgpr[descriptor + 1] >> 16 & 0x3fff;
    const uint64_t records = uint64_t(wave.sgpr[descriptor + 2]) * (stride == 0 ? 1 : stride);
    uint64_t offset = static_cast<uint64_t>(op.imm);
    if (op.src[2].kind != Source::Kind::None) {
        offset += scalarBits(wave, op.src[2], false) & 0xffffffff;
    }
    offset &= ~uint64_t(kEach - 1);
    for (unsigned word = 0; word < kWords; ++word) {
        const uint64_t at = offset + word * 4;
        uint32_t value = 0;
        if (at + kEach <= records) {
            if (!allowed(wave, base + at, kEach)) {
                raiseFault(wave, op, FaultKind::MemoryAccess, -1, base + at,
                           format("it reads {0} bytes at {1:x}, out of bounds: {2}", kEach, base + at,
                                  wave.group->memory->describe(base + at)));
                return;
            }
            std::memcpy(&value, reinterpret_cast<const std::byte*>(base + at), kEach);
            if constexpr (Signed) {
                value = static_cast<uint32_t>(static_cast<int32_t>(value << (32 - Bytes * 8)) >> (32 - Bytes * 8));
            }
        }
        if (op.dst.kind == Destination::Kind::Sgpr) {
            wave.sgpr[op.dst.reg + word] = value;
        }
    }
}

template <unsigned Bytes, bool Signed = false>
Semantics bufferLoad() {
    return Semantics{runBufferLoad<Bytes, Signed>, bindScalarLoad, InstructionClass::ScalarMemory, {}, nullptr, 0};
}

}  // namespace

void addScalarMemory(Table& table) {
    table.add("s_load_b32", scalarLoad<4>());
    table.add("s_load_b64", scalarLoad<8>());
    table.add("s_load_b96", scalarLoad<12>());
    table.add("s_load_b128", scalarLoad<16>());
    table.add("s_load_b256", scalarLoad<32>());
    table.add("s_load_b512", scalarLoad<64>());
    table.add("s_load_u8", scalarLoad<1>());
    table.add("s_load_i8", scalarLoad<1, true>());
    table.add("s_load_u16", scalarLoad<2>());
    table.add("s_load_i16", scalarLoad<2, true>());
    table.add("s_buffer_load_b32", bufferLoad<4>());
    table.add("s_buffer_load_b64", bufferLoad<8>());
    table.add("s_buffer_load_b96", bufferLoad<12>());
    table.add("s_buffer_load_b128", bufferLoad<16>());
    table.add("s_buffer_load_b256", bufferLoad<32>());
    table.add("s_buffer_load_b512", bufferLoad<64>());
    table.add("s_buffer_load_u8", bufferLoad<1>());
    table.add("s_buffer_load_i8", bufferLoad<1, true>());
    table.add("s_buffer_load_u16", bufferLoad<2>());
    table.add("s_buffer_load_i16", bufferLoad<2, true>());
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
