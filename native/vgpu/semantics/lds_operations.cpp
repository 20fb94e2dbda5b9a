// Operations on LDS other than loads, stores and atomics: counters that a wave shares, addresses from the lane's number,
// two exchanges at once.
// Source: RDNA3 ISA, "LDS & GDS Instructions": DS_APPEND, DS_CONSUME, DS_LOAD_ADDTID_B32, DS_STORE_ADDTID_B32,
// DS_STOREXCHG_2ADDR_RTN_B32 and its kind; LLVM sets M0 to the counter's address (AMDGPU's SelectDSAppendConsume).

#include "../format.h"
#include "families_recent.h"
#include "memory.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

uint64_t base(const Wave& wave, const MicroOp& op) {
    return (wave.sgpr[sgpr::kM0] & 0xffff) + static_cast<uint64_t>(op.imm);
}

/// False after a fault.
bool inLds(Wave& wave, const MicroOp& op, uint64_t offset, uint64_t bytes, int lane, const char* verb) {
    if (offset + bytes <= wave.group->ldsBytes) {
        return true;
    }
    raiseFault(wave, op, FaultKind::LdsAccess, lane, offset,
               format("it {0} {1} bytes at offset {2} of LDS, of which the workgroup has {3}", verb, bytes, offset,
                      wave.group->ldsBytes));
    return false;
}

/// Adds (or subtracts) the number of lanes that are on to a counter; all get what it was.
template <bool Append>
void runCount(Wave& wave, const MicroOp& op) {
    wave.countVector();
    const uint64_t at = base(wave, op);
    if (!inLds(wave, op, at, 4, -1, "updates")) {
        return;
    }
    const auto count = static_cast<uint32_t>(std::popcount(wave.exec()));
    const auto old = readMemory<uint32_t>(wave.group->lds + at);
    const uint32_t now = Append ? old + count : old - count;
    std::memcpy(wave.group->lds + at, &now, sizeof now);
    for (uint64_t exec = wave.exec(); exec != 0; exec &= exec - 1) {
        wave.vgpr[op.dst.reg + static_cast<unsigned>(std::countr_zero(exec))] = old;
    }
}

/// Words at LDS base + M0 + offset + 4 · lane.
template <bool Load>
void runByLane(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (uint64_t exec = wave.exec(); exec != 0; exec &= exec - 1) {
        const auto lane = static_cast<unsigned>(std::countr_zero(exec));
        const uint64_t at = base(wave, op) + lane * 4;
        if (!inLds(wave, op, at, 4, static_cast<int>(lane), Load ? "reads" : "writes")) {
            return;
        }
        if constexpr (Load) {
            wave.vgpr[op.dst.reg + lane] = readMemory<uint32_t>(wave.group->lds + at);
        } else {
            std::memcpy(wave.group->lds + at, &wave.vgpr[op.src[1].reg + lane], 4);
        }
    }
}

/// The only operand is the destination, or the data.
template <bool Load>
bool bindOne(Binder& binder, const Assembly& assembly, const Semantics&, MicroOp& op) {
    op.imm = assembly.number("offset");
    if (assembly.operands.size() != 1 || assembly.has("gds")) {
        return false;
    }
    if constexpr (Load) {
        return binder.destination(assembly.operands[0], op.dst) && op.dst.kind == Destination::Kind::Vgpr;
    } else {
        return binder.source(assembly.operands[0], ValueType::U32, op.src[1]) && op.src[1].kind == Source::Kind::Vgpr;
    }
}

/// Two exchanges, the one after the other, at two offsets in units of the element (times 64).
template <unsigned Words, unsigned Unit>
void runExchangeTwo(Wave& wave, const MicroOp& op) {
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        LanePointers first;
        LanePointers second;
        const uint32_t exec = wave.exec32(half);
        if (exec == 0) {
            continue;
        }
        if (!resolveLds(wave, op, half, Words * 4, AccessKind::Atomic, op.imm * Unit, first) ||
            !resolveLds(wave, op, half, Words * 4, AccessKind::Atomic, int64_t(op.aux) * Unit, second)) {
            return;
        }
        const unsigned at = half * kPart;
        forLanes(exec, [&](unsigned lane) {
            uint32_t old[2 * Words];
            uint32_t data[2 * Words];
            for (unsigned word = 0; word < Words; ++word) {
                data[word] = wave.vgpr[op.src[1].reg + word * wave.lanes + at + lane];
                data[Words + word] = wave.vgpr[op.src[3].reg + word * wave.lanes + at + lane];
            }
            std::memcpy(old, first.lane[lane], Words * 4);
            std::memcpy(first.lane[lane], data, Words * 4);
            std::memcpy(old + Words, second.lane[lane], Words * 4);
            std::memcpy(second.lane[lane], data + Words, Words * 4);
            for (unsigned word = 0; word < 2 * Words; ++word) {
                wave.vgpr[op.dst.reg + word * wave.lanes + at + lane] = old[word];
            }
        });
    }
}

template <unsigned Words, unsigned Unit>
Semantics exchangeTwo() {
    return Semantics{runExchangeTwo<Words, Unit>, bindLds, InstructionClass::Lds, {}, nullptr,
                     access::kAtomic | access::kTwo | access::kData2};
}

template <bool Load>
Semantics one(Handler run) {
    return Semantics{run, bindOne<Load>, InstructionClass::Lds, {}, nullptr, 0};
}

/// global_load_addtid_b32: words at scalar base + offset + 4 · lane.
template <bool Load>
void runGlobalByLane(Wave& wave, const MicroOp& op) {
    wave.countVector();
    const uint64_t start = scalarBits(wave, op.src[2], true) + static_cast<uint64_t>(op.imm);
    for (uint64_t exec = wave.exec(); exec != 0; exec &= exec - 1) {
        const auto lane = static_cast<unsigned>(std::countr_zero(exec));
        const uint64_t address = start + lane * 4;
        const auto allocation = wave.group->memory->find(address);
        if (!allocation || !allocation->contains(address, 4)) {
            raiseFault(wave, op, FaultKind::MemoryAccess, static_cast<int>(lane), address,
                       format("it {0} 4 bytes at {1:x}, out of bounds: {2}", Load ? "reads" : "writes", address,
                              wave.group->memory->describe(address)));
            return;
        }
        auto* const memory = reinterpret_cast<std::byte*>(address);
        if constexpr (Load) {
            wave.vgpr[op.dst.reg + lane] = readMemory<uint32_t>(memory);
        } else {
            std::memcpy(memory, &wave.vgpr[op.src[1].reg + lane], 4);
        }
    }
}

template <bool Load>
bool bindGlobalByLane(Binder& binder, const Assembly& assembly, const Semantics&, MicroOp& op) {
    op.imm = assembly.number("offset");
    if (assembly.operands.size() != 2) {
        return false;
    }
    const Operand& data = assembly.operands[0];
    const Operand& from = assembly.operands[1];
    const bool based = from.kind == Operand::Kind::Off || from.kind == Operand::Kind::Null ||
                       binder.source(from, ValueType::U64, op.src[2]);
    if constexpr (Load) {
        return based && binder.destination(data, op.dst) && op.dst.kind == Destination::Kind::Vgpr;
    } else {
        return based && binder.source(data, ValueType::U32, op.src[1]) && op.src[1].kind == Source::Kind::Vgpr;
    }
}

}  // namespace

void addLdsOperations(Table& table) {
    table.add("ds_append", one<true>(runCount<true>));
    table.add("ds_consume", one<true>(runCount<false>));
    table.add("ds_load_addtid_b32", one<true>(runByLane<true>));
    table.add("ds_store_addtid_b32", one<false>(runByLane<false>));
    table.add("ds_storexchg_2addr_rtn_b32", exchangeTwo<1, 4>());
    table.add("ds_storexchg_2addr_rtn_b64", exchangeTwo<2, 8>());
    table.add("ds_storexchg_2addr_stride64_rtn_b32", exchangeTwo<1, 256>());
    table.add("ds_storexchg_2addr_stride64_rtn_b64", exchangeTwo<2, 512>());
    table.add("global_load_addtid_b32", Semantics{runGlobalByLane<true>, bindGlobalByLane<true>,
                                                  InstructionClass::VectorLoad, {}, nullptr, 0});
    table.add("global_store_addtid_b32", Semantics{runGlobalByLane<false>, bindGlobalByLane<false>,
                                                   InstructionClass::VectorStore, {}, nullptr, 0});
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
