// Registers that M0 picks at run time, and swaps of half registers.
// Source: RDNA3 ISA, "V_MOVRELS_B32", "V_MOVRELD_B32", "S_MOVRELS_B32", "S_MOVRELD_B32", "V_MOVRELSD_B32", "V_MOVRELSD_2_B32", "V_SWAPREL_B32", "V_SWAP_B16".

#include "../format.h"
#include "families.h"
#include "scalar.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;

u32 index(const Wave& wave) { return wave.sgpr[sgpr::kM0]; }

/// False, after a fault, where the register that M0 leads to does not exist.
bool inFile(Wave& wave, const MicroOp& op, uint64_t reg, uint64_t count) {
    if (reg < count) {
        return true;
    }
    raiseFault(wave, op, FaultKind::UnknownInstruction, -1, 0,
               format("M0 is {0}, which leads to register {1} of {2}", index(wave), reg, count));
    return false;
}

/// Source (or destination) rows shifted by M0 registers.
template <bool OfSource>
void runMoveRelative(Wave& wave, const MicroOp& op) {
    MicroOp shifted = op;
    u32& reg = OfSource ? shifted.src[0].reg : shifted.dst.reg;
    const uint64_t target = uint64_t(reg) / wave.lanes + index(wave);
    if ((OfSource && op.src[0].kind != Source::Kind::Vgpr) || !inFile(wave, op, target, kAccumulationBase)) {
        return;
    }
    reg = static_cast<u32>(target * wave.lanes);
    const auto copy = [](u32 a) { return a; };
    runVector<decltype(copy)>(wave, shifted);
}

template <class T, bool OfSource>
void runScalarMoveRelative(Wave& wave, const MicroOp& op) {
    MicroOp shifted = op;
    u32& reg = OfSource ? shifted.src[0].reg : shifted.dst.reg;
    const uint64_t target = uint64_t(reg) + index(wave);
    if (!inFile(wave, op, target + sizeof(T) / 4 - 1, sgpr::kVcc)) {
        return;
    }
    reg = static_cast<u32>(target);
    writeScalar(wave, shifted, readScalar<T>(wave, shifted.src[0]));
}

/// Source and destination both: by the same index, or (`Two`) by M0's lower and upper ten bits.
template <bool Two>
void runMoveBothRelative(Wave& wave, const MicroOp& op) {
    const u32 m0 = index(wave);
    const uint64_t from = op.src[0].reg / wave.lanes + (Two ? m0 & 0x3ff : m0);
    const uint64_t to = op.dst.reg / wave.lanes + (Two ? m0 >> 16 & 0x3ff : m0);
    if (op.src[0].kind != Source::Kind::Vgpr || !inFile(wave, op, from, kAccumulationBase) ||
        !inFile(wave, op, to, kAccumulationBase)) {
        return;
    }
    MicroOp shifted = op;
    shifted.src[0].reg = static_cast<u32>(from * wave.lanes);
    shifted.dst.reg = static_cast<u32>(to * wave.lanes);
    const auto copy = [](u32 a) { return a; };
    runVector<decltype(copy)>(wave, shifted);
}

void runSwapRelative(Wave& wave, const MicroOp& op) {
    const u32 m0 = index(wave);
    const uint64_t second = op.src[0].reg / wave.lanes + (m0 & 0x3ff);
    const uint64_t first = op.dst.reg / wave.lanes + (m0 >> 16 & 0x3ff);
    if (!inFile(wave, op, first, kAccumulationBase) || !inFile(wave, op, second, kAccumulationBase)) {
        return;
    }
    wave.countVector();
    for (uint64_t exec = wave.exec(); exec != 0; exec &= exec - 1) {
        const auto lane = static_cast<unsigned>(std::countr_zero(exec));
        std::swap(wave.vgpr[first * wave.lanes + lane], wave.vgpr[second * wave.lanes + lane]);
    }
}

void runScalarMoveBothRelative(Wave& wave, const MicroOp& op) {
    const u32 m0 = index(wave);
    const uint64_t from = op.src[0].reg + (m0 & 0x3ff);
    const uint64_t to = op.dst.reg + (m0 >> 16 & 0x3ff);
    if (inFile(wave, op, from, sgpr::kVcc) && inFile(wave, op, to, sgpr::kVcc)) {
        wave.sgpr[to] = wave.sgpr[from];
    }
}

void runSwapHalves(Wave& wave, const MicroOp& op) {
    wave.countVector();
    const auto shiftOf = [](Select select) { return select == Select::Word1 ? 16u : 0u; };
    const u32 firstShift = shiftOf(op.dst.select);
    const u32 secondShift = shiftOf(op.src[0].select);
    for (unsigned lane = 0; lane < wave.lanes; ++lane) {
        if ((wave.exec() >> lane & 1) == 0) {
            continue;
        }
        u32& first = wave.vgpr[op.dst.reg + lane];
        const u32 a = first >> firstShift & 0xffff;
        const u32 b = wave.vgpr[op.src[0].reg + lane] >> secondShift & 0xffff;
        first = (first & ~(0xffffu << firstShift)) | b << firstShift;
        u32& second = wave.vgpr[op.src[0].reg + lane];
        second = (second & ~(0xffffu << secondShift)) | a << secondShift;
    }
}

}  // namespace

void addRegisterIndexing(Table& table) {
    const Signature move{ValueType::U32, false, 1, {ValueType::U32}};
    const Signature wide{ValueType::U64, false, 1, {ValueType::U64}};
    const Signature half{ValueType::U16, false, 1, {ValueType::U16}};
    const auto vectorClass = InstructionClass::Valu;
    const auto scalarClass = InstructionClass::Salu;
    table.add("v_movrels_b32", Semantics{runMoveRelative<true>, bindVector, vectorClass, move, nullptr, 0}, kGfx10Plus);
    table.add("v_movreld_b32", Semantics{runMoveRelative<false>, bindVector, vectorClass, move, nullptr, 0},
              kGfx10Plus);
    table.add("v_movrelsd_b32", Semantics{runMoveBothRelative<false>, bindVector, vectorClass, move, nullptr, 0},
              kGfx10Plus);
    table.add("v_movrelsd_2_b32", Semantics{runMoveBothRelative<true>, bindVector, vectorClass, move, nullptr, 0},
              kGfx10Plus);
    table.add("v_swaprel_b32", Semantics{runSwapRelative, bindSwap, vectorClass, move, nullptr, 0}, kGfx10Plus);
    table.add("s_movrelsd_2_b32", Semantics{runScalarMoveBothRelative, bindScalar, scalarClass, move, nullptr, 0});
    table.add("s_movrels_b32", Semantics{runScalarMoveRelative<u32, true>, bindScalar, scalarClass, move, nullptr, 0});
    table.add("s_movreld_b32", Semantics{runScalarMoveRelative<u32, false>, bindScalar, scalarClass, move, nullptr, 0});
    table.add("s_movrels_b64",
              Semantics{runScalarMoveRelative<uint64_t, true>, bindScalar, scalarClass, wide, nullptr, 0});
    table.add("s_movreld_b64",
              Semantics{runScalarMoveRelative<uint64_t, false>, bindScalar, scalarClass, wide, nullptr, 0});
    table.add("v_swap_b16", Semantics{runSwapHalves, bindSwap, vectorClass, half, nullptr, 0}, kGfx11Plus);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
