// gfx9's scalar stores, atomics and private accesses. Compilers give none of them; assembly may.
// Source: CDNA3 ISA, "Scalar Memory Operations": S_STORE_DWORD, S_BUFFER_STORE_DWORD, S_SCRATCH_LOAD_DWORD, S_ATOMIC_ADD
// and their kind.

#include "../format.h"
#include "families_recent.h"
#include "scalar.h"

#include <atomic>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;
using u64 = uint64_t;

constexpr ClassSet kGfx9 = only(IsaClass::Gfx90a) | only(IsaClass::Gfx940) | only(IsaClass::Gfx950);

/// What an instruction's base is: an address, a buffer, or an address whose register offset counts 64 bytes.
enum class Base : uint32_t { Address, Buffer, Private };

/// Null where nothing is to be done: outside of a buffer, or after a fault.
std::byte* pointerTo(Wave& wave, const MicroOp& op, unsigned bytes, const char* verb) {
    const auto base = static_cast<Base>(op.aux);
    u64 offset = static_cast<u64>(op.imm);
    if (op.src[2].kind != Source::Kind::None) {
        offset += (scalarBits(wave, op.src[2], false) & 0xffffffff) * (base == Base::Private ? 64 : 1);
    }
    u64 address = wave.read64(op.src[0].reg);
    if (base == Base::Buffer) {
        const u64 stride = wave.sgpr[op.src[0].reg + 1] >> 16 & 0x3fff;
        const u64 records = u64(wave.sgpr[op.src[0].reg + 2]) * (stride == 0 ? 1 : stride);
        if (offset + bytes > records) {
            return nullptr;
        }
        address &= 0xffffffffffff;
    }
    address = (address + offset) & ~u64(3);
    const auto allocation = wave.group->memory->find(address);
    if (!allocation || !allocation->contains(address, bytes)) {
        raiseFault(wave, op, FaultKind::MemoryAccess, -1, address,
                   format("it {0} {1} bytes at {2:x}, out of bounds: {3}", verb, bytes, address,
                          wave.group->memory->describe(address)));
        return nullptr;
    }
    return reinterpret_cast<std::byte*>(address);
}

template <unsigned Words>
void runStore(Wave& wave, const MicroOp& op) {
    if (std::byte* to = pointerTo(wave, op, Words * 4, "writes")) {
        std::memcpy(to, &wave.sgpr[op.src[1].reg], Words * 4);
    }
}

template <unsigned Words>
void runPrivateLoad(Wave& wave, const MicroOp& op) {
    const std::byte* from = pointerTo(wave, op, Words * 4, "reads");
    if (from != nullptr && op.dst.kind == Destination::Kind::Sgpr) {
        std::memcpy(&wave.sgpr[op.dst.reg], from, Words * 4);
    }
}

template <class T, class F>
void runAtomic(Wave& wave, const MicroOp& op) {
    std::byte* const at = pointerTo(wave, op, sizeof(T), "updates");
    if (at == nullptr) {
        return;
    }
    if (reinterpret_cast<u64>(at) % sizeof(T) != 0) {
        raiseFault(wave, op, FaultKind::Misaligned, -1, reinterpret_cast<u64>(at),
                   format("an atomic access of {0} bytes at {1:x}, which is no multiple of {0}", sizeof(T),
                          reinterpret_cast<u64>(at)));
        return;
    }
    T data;
    T other;
    std::memcpy(&data, &wave.sgpr[op.src[1].reg], sizeof data);
    std::memcpy(&other, &wave.sgpr[op.src[1].reg + sizeof(T) / 4], sizeof other);
    std::atomic_ref<T> cell(*reinterpret_cast<T*>(at));
    T old = cell.load(std::memory_order_relaxed);
    while (!cell.compare_exchange_weak(old, F{}(old, data, other))) {
    }
    if (op.dst.kind == Destination::Kind::Sgpr) {
        std::memcpy(&wave.sgpr[op.dst.reg], &old, sizeof old);
    }
}

bool bindAddress(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (assembly.operands.size() != 3 || !binder.source(assembly.operands[1], ValueType::U64, op.src[0]) ||
        op.src[0].kind != Source::Kind::Sgpr) {
        return false;
    }
    op.aux = semantics.aux;
    op.imm = assembly.number("offset");
    const Operand& offset = assembly.operands[2];
    if (offset.kind == Operand::Kind::Integer) {
        op.imm += static_cast<int64_t>(offset.integer);
        return true;
    }
    return binder.source(offset, ValueType::U32, op.src[2]);
}

bool bindLoad(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    return bindAddress(binder, assembly, semantics, op) && binder.destination(assembly.operands[0], op.dst);
}

/// The data; with `glc` an atomic gives the old value in its place.
bool bindData(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    if (!bindAddress(binder, assembly, semantics, op) ||
        !binder.source(assembly.operands[0], ValueType::U32, op.src[1]) || op.src[1].kind != Source::Kind::Sgpr) {
        return false;
    }
    const bool returns = semantics.signature.result != ValueType::None && assembly.has("glc");
    return !returns || binder.destination(assembly.operands[0], op.dst);
}

void add(Table& table, const std::string& name, Handler run, Bind bind, Base base, bool returns) {
    const Signature signature{returns ? ValueType::U32 : ValueType::None, false, 0, {}};
    table.add(name, Semantics{run, bind, InstructionClass::ScalarMemory, signature, nullptr, static_cast<u32>(base)},
              kGfx9);
}

template <class T, class F>
void addAtomic(Table& table, const std::string& operation, F) {
    add(table, "s_atomic_" + operation, runAtomic<T, F>, bindData, Base::Address, true);
    add(table, "s_buffer_atomic_" + operation, runAtomic<T, F>, bindData, Base::Buffer, true);
}

template <class U>
void addAtomics(Table& table, const std::string& bits) {
    using I = std::make_signed_t<U>;
    const std::string b = "_b" + bits;
    const std::string u = "_u" + bits;
    const std::string i = "_i" + bits;
    addAtomic<U>(table, "swap" + b, [](U, U data, U) { return data; });
    addAtomic<U>(table, "cmpswap" + b, [](U old, U data, U comparand) { return old == comparand ? data : old; });
    addAtomic<U>(table, "add" + u, [](U old, U data, U) { return static_cast<U>(old + data); });
    addAtomic<U>(table, "sub" + u, [](U old, U data, U) { return static_cast<U>(old - data); });
    addAtomic<I>(table, "min" + i, [](I old, I data, I) { return old < data ? old : data; });
    addAtomic<U>(table, "min" + u, [](U old, U data, U) { return old < data ? old : data; });
    addAtomic<I>(table, "max" + i, [](I old, I data, I) { return old < data ? data : old; });
    addAtomic<U>(table, "max" + u, [](U old, U data, U) { return old < data ? data : old; });
    addAtomic<U>(table, "and" + b, [](U old, U data, U) { return static_cast<U>(old & data); });
    addAtomic<U>(table, "or" + b, [](U old, U data, U) { return static_cast<U>(old | data); });
    addAtomic<U>(table, "xor" + b, [](U old, U data, U) { return static_cast<U>(old ^ data); });
    addAtomic<U>(table, "inc" + u, [](U old, U data, U) { return static_cast<U>(old >= data ? 0 : old + 1); });
    addAtomic<U>(table, "dec" + u,
                 [](U old, U data, U) { return static_cast<U>(old == 0 || old > data ? data : old - 1); });
}

template <unsigned Words>
void addStores(Table& table, const std::string& size) {
    add(table, "s_store_" + size, runStore<Words>, bindData, Base::Address, false);
    add(table, "s_buffer_store_" + size, runStore<Words>, bindData, Base::Buffer, false);
    add(table, "s_scratch_store_" + size, runStore<Words>, bindData, Base::Private, false);
    add(table, "s_scratch_load_" + size, runPrivateLoad<Words>, bindLoad, Base::Private, true);
}

}  // namespace

void addScalarStores(Table& table) {
    addStores<1>(table, "b32");
    addStores<2>(table, "b64");
    addStores<4>(table, "b128");
    addAtomics<u32>(table, "32");
    addAtomics<u64>(table, "64");
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
