// gfx9's way to registers that are picked at run time: between S_SET_GPR_IDX_ON and _OFF vector instructions add M0's index
// to those of their vector registers that its mask names. The code image marks them; here is the state.
// Source: CDNA3 ISA, S_SET_GPR_IDX_ON, _OFF, _MODE, _IDX; "VGPR Indexing".

#include "families_recent.h"
#include "scalar.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;

constexpr u32 kIndexBits = 0xff;
constexpr u32 kMaskBits = 0xf000;
constexpr unsigned kMaskShift = 12;

void setIndex(Wave& wave, u32 index) {
    u32& m0 = wave.sgpr[sgpr::kM0];
    m0 = (m0 & ~kIndexBits) | (index & kIndexBits);
}
void setMask(Wave& wave, const MicroOp& op) {
    u32& m0 = wave.sgpr[sgpr::kM0];
    m0 = (m0 & ~kMaskBits) | op.aux << kMaskShift;
}

void runOn(Wave& wave, const MicroOp& op) {
    setIndex(wave, readScalar<u32>(wave, op.src[0]));
    setMask(wave, op);
    wave.setMode(wave.mode | mode::kRegisterIndexing);
}
void runOff(Wave& wave, const MicroOp&) { wave.setMode(wave.mode & ~mode::kRegisterIndexing); }
void runMask(Wave& wave, const MicroOp& op) { setMask(wave, op); }
void runIndex(Wave& wave, const MicroOp& op) { setIndex(wave, readScalar<u32>(wave, op.src[0])); }

/// `gpr_idx(SRC0,DST)` as the last operand.
bool readMask(const Assembly& assembly, MicroOp& op) {
    if (assembly.operands.empty()) {
        return false;
    }
    const Operand& operand = assembly.operands.back();
    if (operand.kind == Operand::Kind::Integer) {
        op.aux = static_cast<u32>(operand.integer & 15);
        return true;
    }
    if (operand.kind != Operand::Kind::Text || !operand.text.starts_with("gpr_idx(")) {
        return false;
    }
    constexpr std::array<std::string_view, 4> kNames = {"SRC0", "SRC1", "SRC2", "DST"};
    for (unsigned i = 0; i < kNames.size(); ++i) {
        op.aux |= static_cast<u32>(operand.text.find(kNames[i]) != std::string::npos) << i;
    }
    return true;
}

bool bindOn(Binder& binder, const Assembly& assembly, const Semantics&, MicroOp& op) {
    return assembly.operands.size() == 2 && readMask(assembly, op) &&
           binder.source(assembly.operands[0], ValueType::U32, op.src[0]);
}
bool bindMask(Binder&, const Assembly& assembly, const Semantics&, MicroOp& op) { return readMask(assembly, op); }

}  // namespace

void addRegisterIndexMode(Table& table) {
    const auto cls = InstructionClass::Salu;
    const Signature one{ValueType::None, false, 1, {ValueType::U32}};
    table.add("s_set_gpr_idx_on", Semantics{runOn, bindOn, cls, one, nullptr, 0});
    table.add("s_set_gpr_idx_off", Semantics{runOff, bindNone, cls, {}, nullptr, 0});
    table.add("s_set_gpr_idx_mode", Semantics{runMask, bindMask, cls, {}, nullptr, 0});
    table.add("s_set_gpr_idx_idx", Semantics{runIndex, bindScalar, cls, one, nullptr, 0});
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
