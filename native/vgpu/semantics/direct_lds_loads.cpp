// Loads from global memory straight to LDS, which CDNA has: each active lane's value goes to its place there
// (direct_lds_address.h).

#include "../format.h"
#include "direct_lds_address.h"
#include "families_recent.h"
#include "memory.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

/// `T` is extended to a word; `Words` of them otherwise.
template <class T, unsigned Words>
void runLoadToLds(Wave& wave, const MicroOp& op) {
    constexpr unsigned kBytes = sizeof(T) * Words;
    constexpr unsigned kStep = Words * 4;
    wave.countVector();
    const uint64_t base = directLdsBase(wave, op);
    for (unsigned half = 0; half < wave.halves; ++half) {
        const uint32_t exec = wave.exec32(half);
        LanePointers pointers;
        if (exec == 0) {
            continue;
        }
        if (!resolve(wave, op, half, kBytes, AccessKind::Load, pointers)) {
            return;
        }
        for (uint32_t rest = exec; rest != 0; rest &= rest - 1) {
            const auto lane = static_cast<unsigned>(std::countr_zero(rest));
            const std::byte* from = pointers.contiguous != nullptr ? pointers.contiguous + lane * kBytes
                                                                   : pointers.lane[lane];
            const uint64_t to = base + uint64_t(half * kPart + lane) * kStep;
            if (to + kStep > wave.group->ldsBytes) {
                raiseFault(wave, op, FaultKind::LdsAccess, static_cast<int>(half * kPart + lane), to,
                           format("it writes {0} bytes at offset {1} of LDS, of which the workgroup has {2}", kStep, to,
                                  wave.group->ldsBytes));
                return;
            }
            if constexpr (Words == 1) {
                const auto value = static_cast<uint32_t>(static_cast<int32_t>(readMemory<T>(from)));
                std::memcpy(wave.group->lds + to, &value, sizeof value);
            } else {
                std::memcpy(wave.group->lds + to, from, kBytes);
            }
        }
    }
}

/// The operands of a load without its destination.
template <Bind Base>
bool bindToLds(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    Assembly full = assembly;
    std::erase_if(full.modifiers, [](const Modifier& modifier) { return modifier.name == "lds"; });
    Operand unused;
    unused.kind = Operand::Kind::Vgpr;
    full.operands.insert(full.operands.begin(), unused);
    const bool bound = Base(binder, full, semantics, op);
    op.dst = Destination{};
    return bound;
}

void add(Table& table, const char* size, Handler run) {
    const auto semantics = [&](Bind bind) {
        return Semantics{run, bind, InstructionClass::VectorLoad, {}, nullptr, access::kLoad};
    };
    table.add(std::string("global_load_") + size + "_lds", semantics(bindToLds<bindGlobal>));
    table.add(std::string("buffer_load_") + size + "_lds", semantics(bindToLds<bindBuffer>));
    table.add(std::string("scratch_load_") + size + "_lds", semantics(bindToLds<bindScratch>));
}

}  // namespace

void addDirectLdsLoads(Table& table) {
    add(table, "u8", runLoadToLds<uint8_t, 1>);
    add(table, "i8", runLoadToLds<int8_t, 1>);
    add(table, "u16", runLoadToLds<uint16_t, 1>);
    add(table, "i16", runLoadToLds<int16_t, 1>);
    add(table, "b32", runLoadToLds<uint32_t, 1>);
    add(table, "b96", runLoadToLds<uint32_t, 3>);
    add(table, "b128", runLoadToLds<uint32_t, 4>);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
