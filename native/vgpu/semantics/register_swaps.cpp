// Swaps of rows between two registers: v_permlane16_swap_b32 and v_permlane32_swap_b32.
// Source: CDNA4 ISA: odd rows of the destination change places with even rows of the source, rows being of 16 lanes, or
// with the half wave as the row.

#include "families_recent.h"
#include "families.h"
#include "vector.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

template <unsigned Row>
void runRowSwap(Wave& wave, const MicroOp& op) {
    wave.countVector();
    uint32_t* first = wave.vgpr + op.dst.reg;
    uint32_t* second = wave.vgpr + op.src[0].reg;
    const uint64_t exec = wave.exec();
    for (unsigned lane = 0; lane < wave.lanes; ++lane) {
        if ((lane & Row) == 0) {
            const unsigned partner = lane + Row;
            const uint32_t upper = first[partner];
            const uint32_t lower = second[lane];
            first[partner] = (exec >> partner & 1) != 0 ? lower : upper;
            second[lane] = (exec >> lane & 1) != 0 ? upper : lower;
        }
    }
}

bool bindRowSwap(Binder& binder, const Assembly& assembly, const Semantics& semantics, MicroOp& op) {
    Assembly plain = assembly;
    // bound_ctrl and fi say what inactive lanes give; they keep their values here.
    std::erase_if(plain.modifiers,
                  [](const Modifier& modifier) { return modifier.name == "bound_ctrl" || modifier.name == "fi"; });
    return bindSwap(binder, plain, semantics, op);
}

template <unsigned Row>
Semantics rowSwap() {
    const Signature signature{ValueType::U32, false, 1, {ValueType::U32}};
    return Semantics{runRowSwap<Row>, bindRowSwap, InstructionClass::Valu, signature, nullptr, 0};
}

}  // namespace

void addRegisterSwaps(Table& table) {
    table.add("v_permlane16_swap_b32", rowSwap<16>());
    table.add("v_permlane32_swap_b32", rowSwap<32>());
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
