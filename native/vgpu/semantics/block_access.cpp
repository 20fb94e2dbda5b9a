// Loads and stores of up to 32 registers, of which M0 names those that take part: how gfx12 saves registers around calls.
// Source: RDNA4 ISA, GLOBAL_LOAD_BLOCK, GLOBAL_STORE_BLOCK, SCRATCH_LOAD_BLOCK, SCRATCH_STORE_BLOCK.

#include "families_recent.h"
#include "memory.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

template <bool Load>
void runBlock(Wave& wave, const MicroOp& op) {
    wave.countVector();
    const uint32_t chosen = wave.sgpr[sgpr::kM0];
    for (unsigned half = 0; half < wave.halves; ++half) {
        for (uint32_t rest = chosen; rest != 0 && wave.exec32(half) != 0; rest &= rest - 1) {
            const auto word = static_cast<unsigned>(std::countr_zero(rest));
            MicroOp access = op;
            access.imm = op.imm + word * 4;
            LanePointers pointers;
            if (!resolve(wave, access, half, 4, Load ? AccessKind::Load : AccessKind::Store, pointers)) {
                return;
            }
            uint32_t* row =
                wave.vgpr + (Load ? op.dst.reg : op.src[1].reg) + word * wave.lanes + half * kPart;
            forLanes(wave.exec32(half), [&](unsigned lane) {
                std::byte* at = pointers.contiguous != nullptr ? pointers.contiguous + lane * 4 : pointers.lane[lane];
                if constexpr (Load) {
                    row[lane] = readMemory<uint32_t>(at);
                } else {
                    std::memcpy(at, &row[lane], 4);
                }
            });
        }
    }
}

template <bool Load>
void add(Table& table, Space space, const std::string& name) {
    table.add(name, memoryInstruction(runBlock<Load>, space,
                                      Load ? InstructionClass::VectorLoad : InstructionClass::VectorStore,
                                      Load ? access::kLoad : access::kStore));
}

}  // namespace

void addBlockAccess(Table& table) {
    add<true>(table, Space::Global, "global_load_block");
    add<false>(table, Space::Global, "global_store_block");
    add<true>(table, Space::Scratch, "scratch_load_block");
    add<false>(table, Space::Scratch, "scratch_store_block");
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
