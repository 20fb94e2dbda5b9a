// Loads that transpose, for operands of matrix instructions. From LDS (gfx950) 16 lanes read a matrix of 16 columns, row by
// row, and each gets a column. From global memory (gfx12) 32 lanes read a matrix of 16×16.
// Source: CDNA4 ISA, "MFMA Transpose Load from LDS": DS_READ_B64_TR_B16, _B8, _B4 and DS_READ_B96_TR_B6; RDNA4 ISA, "WMMA
// Matrix Load Ops with Transpose": GLOBAL_LOAD_TR_B128, _B64.

#include "families_recent.h"
#include "memory.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

constexpr unsigned kColumns = 16;

/// Elements of `Bits` bits; a lane reads `Words` registers, which are a part of a row, and gets as much of a column.
template <unsigned Bits, unsigned Words>
void runTransposedLoad(Wave& wave, const MicroOp& op) {
    constexpr unsigned kElements = Words * 32 / Bits;
    constexpr unsigned kLanesOfRow = kColumns / kElements;
    constexpr uint32_t kMask = (1u << Bits) - 1;
    wave.countVector();
    for (unsigned half = 0; half < wave.halves; ++half) {
        const uint32_t exec = wave.exec32(half);
        LanePointers pointers;
        if (exec == 0) {
            continue;
        }
        if (!resolve(wave, op, half, Words * 4, AccessKind::Load, pointers)) {
            return;
        }
        uint8_t elements[kPart][kElements] = {};
        uint8_t upper[kPart][kElements] = {};
        forLanes(exec, [&](unsigned lane) {
            const std::byte* from =
                pointers.contiguous != nullptr ? pointers.contiguous + lane * Words * 4 : pointers.lane[lane];
            uint64_t words[2] = {};
            std::memcpy(words, from, Words * 4);
            for (unsigned e = 0; e < kElements; ++e) {
                const unsigned at = e * Bits;
                const uint64_t next = at % 64 + Bits > 64 ? words[1] << (64 - at % 64) : 0;
                const auto element = static_cast<uint32_t>((words[at / 64] >> at % 64 | next) & kMask);
                elements[lane][e] = static_cast<uint8_t>(element);
                upper[lane][e] = static_cast<uint8_t>(element >> 8);
            }
        });
        uint32_t* target = wave.vgpr + op.dst.reg + half * kPart;
        forLanes(exec, [&](unsigned lane) {
            const unsigned first = lane / kColumns * kColumns;
            const unsigned column = lane % kColumns;
            uint64_t words[2] = {};
            for (unsigned row = 0; row < kElements; ++row) {
                const unsigned from = first + row * kLanesOfRow + column / kElements;
                const uint64_t element =
                    elements[from][column % kElements] | uint64_t(upper[from][column % kElements]) << 8;
                const unsigned at = row * Bits;
                words[at / 64] |= element << at % 64;
                if (at % 64 + Bits > 64) {
                    words[1] |= element >> (64 - at % 64);
                }
            }
            for (unsigned word = 0; word < Words; ++word) {
                target[word * wave.lanes + lane] = static_cast<uint32_t>(words[word / 2] >> word % 2 * 32);
            }
        });
    }
}

/// A matrix of 16×16, whose lane s < 32 reads eight neighbours along m: k = s mod 8 + 8·(s / 16), m = 8·(s / 8 mod 2) …
/// Lane l gets those of m = l mod 16 with neighbouring k. Waves of 64 read by their lower lanes alone.
template <class T>
void runTransposedGlobalLoad(Wave& wave, const MicroOp& op) {
    constexpr unsigned kNeighbours = 8;
    constexpr unsigned kSize = 16;
    wave.countVector();
    LanePointers pointers;
    if (wave.exec32(0) == 0) {
        return;
    }
    if (!resolve(wave, op, 0, kNeighbours * sizeof(T), AccessKind::Load, pointers)) {
        return;
    }
    T matrix[kSize][kSize] = {};
    forLanes(wave.exec32(0), [&](unsigned lane) {
        const std::byte* from = pointers.contiguous != nullptr ? pointers.contiguous + lane * kNeighbours * sizeof(T)
                                                               : pointers.lane[lane];
        const unsigned k = lane % 8 + lane / 16 * 8;
        std::memcpy(&matrix[k][lane / 8 % 2 * 8], from, kNeighbours * sizeof(T));
    });
    const unsigned each = kSize * kSize / wave.lanes;
    for (uint64_t exec = wave.exec(); exec != 0; exec &= exec - 1) {
        const auto lane = static_cast<unsigned>(std::countr_zero(exec));
        T column[kNeighbours] = {};
        for (unsigned e = 0; e < each; ++e) {
            column[e] = matrix[lane / kSize * each + e][lane % kSize];
        }
        uint32_t words[kNeighbours * sizeof(T) / 4];
        std::memcpy(words, column, sizeof words);
        for (unsigned word = 0; word < each * sizeof(T) / 4; ++word) {
            wave.vgpr[op.dst.reg + word * wave.lanes + lane] = words[word];
        }
    }
}

void add(Table& table, const char* name, Handler run) {
    table.add(name, memoryInstruction(run, Space::Lds, InstructionClass::Lds, access::kLoad), only(IsaClass::Gfx950));
}

}  // namespace

void addTransposedLoads(Table& table) {
    // ds_read_… by the name that later targets have for reading.
    add(table, "ds_load_b64_tr_b16", runTransposedLoad<16, 2>);
    add(table, "ds_load_b64_tr_b8", runTransposedLoad<8, 2>);
    add(table, "ds_load_b64_tr_b4", runTransposedLoad<4, 2>);
    add(table, "ds_load_b96_tr_b6", runTransposedLoad<6, 3>);
    table.add("global_load_tr_b128",
              memoryInstruction(runTransposedGlobalLoad<uint16_t>, Space::Global, InstructionClass::VectorLoad,
                                access::kLoad),
              only(IsaClass::Gfx12));
    table.add("global_load_tr_b64",
              memoryInstruction(runTransposedGlobalLoad<uint8_t>, Space::Global, InstructionClass::VectorLoad,
                                access::kLoad),
              only(IsaClass::Gfx12));
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
