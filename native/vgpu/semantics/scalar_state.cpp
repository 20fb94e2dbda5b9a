// State that instructions set and read outside the general registers: MODE, hardware registers, clocks.
// Source: RDNA3 ISA, "S_GETREG_B32", "S_SETREG_B32", "S_ROUND_MODE", "S_DENORM_MODE"; "S_SENDMSG_RTN" messages.

#include "families.h"
#include "scalar.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

enum HardwareRegister : uint32_t { kMode = 1, kStatus = 2, kMemoryBases = 15, kCyclesLow = 29, kCyclesHigh = 30 };

/// Instructions executed stand for clock cycles: the same on every run.
uint64_t clock(const Wave& wave) { return wave.group->startTicks + wave.instructions(); }

uint32_t readRegister(const Wave& wave, uint32_t id) {
    switch (id) {
    case kMode:
        return wave.mode;
    case kStatus:
        return uint32_t(wave.scc) | uint32_t(wave.exec() == 0) << 9 | uint32_t(wave.readMask(sgpr::kVcc) == 0) << 10;
    case kMemoryBases:
        return static_cast<uint32_t>(Device::kPrivateBase >> 48) | static_cast<uint32_t>(Device::kSharedBase >> 48)
                                                                       << 16;
    case kCyclesLow:
        return static_cast<uint32_t>(clock(wave));
    case kCyclesHigh:
        return static_cast<uint32_t>(clock(wave) >> 32);
    default:
        return 0;
    }
}

uint32_t fieldMask(uint32_t size) { return size >= 32 ? ~uint32_t(0) : (1u << size) - 1; }

void runGetRegister(Wave& wave, const MicroOp& op) {
    const uint32_t offset = op.aux >> 8 & 0xff;
    const uint32_t size = op.aux >> 16;
    writeScalar(wave, op, readRegister(wave, op.aux & 0xff) >> offset & fieldMask(size));
}

void runSetRegister(Wave& wave, const MicroOp& op) {
    if ((op.aux & 0xff) != kMode) {
        return;
    }
    const uint32_t offset = op.aux >> 8 & 0xff;
    const uint32_t mask = fieldMask(op.aux >> 16) << offset;
    const uint32_t value = readScalar<uint32_t>(wave, op.src[0]) << offset;
    wave.setMode((wave.mode & ~mask) | (value & mask));
}

void runRoundMode(Wave& wave, const MicroOp& op) {
    wave.setMode((wave.mode & ~0xfu) | (static_cast<uint32_t>(op.imm) & 0xf));
}

void runDenormMode(Wave& wave, const MicroOp& op) {
    wave.setMode((wave.mode & ~0xf0u) | (static_cast<uint32_t>(op.imm) & 0xf) << 4);
}

void runClock(Wave& wave, const MicroOp& op) { writeScalar(wave, op, clock(wave)); }

/// The messages that return something: GET_REALTIME and GET_DOORBELL, GET_DDID, GET_TMA (null, there is none).
bool bindMessage(Binder& binder, const Assembly& assembly, const Semantics&, MicroOp& op) {
    if (assembly.operands.size() != 2 || !binder.destination(assembly.operands[0], op.dst)) {
        return false;
    }
    op.imm = assembly.operands[1].text.find("GET_REALTIME") != std::string::npos;
    return true;
}

void runMessage64(Wave& wave, const MicroOp& op) { writeScalar(wave, op, op.imm != 0 ? clock(wave) : uint64_t(0)); }

void runMessage32(Wave& wave, const MicroOp& op) { writeScalar(wave, op, uint32_t(0)); }

bool bindClock(Binder& binder, const Assembly& assembly, const Semantics&, MicroOp& op) {
    return assembly.operands.size() == 1 && binder.destination(assembly.operands[0], op.dst);
}

}  // namespace

void addScalarState(Table& table) {
    const auto cls = InstructionClass::Salu;
    const Signature read{ValueType::U32, false, 0, {}};
    const Signature write{ValueType::None, false, 1, {ValueType::U32}};
    table.add("s_getreg_b32", Semantics{runGetRegister, bindHardwareRegister, cls, read, nullptr, 0});
    table.add({"s_setreg_b32", "s_setreg_imm32_b32"},
              Semantics{runSetRegister, bindHardwareRegister, cls, write, nullptr, 0});
    table.add("s_round_mode", Semantics{runRoundMode, bindNone, cls, {}, nullptr, 0});
    table.add("s_denorm_mode", Semantics{runDenormMode, bindNone, cls, {}, nullptr, 0});
    table.add({"s_memtime", "s_memrealtime"},
              Semantics{runClock, bindClock, InstructionClass::ScalarMemory, {}, nullptr, 0});
    table.add("s_sendmsg_rtn_b64", Semantics{runMessage64, bindMessage, cls, {}, nullptr, 0});
    table.add("s_sendmsg_rtn_b32", Semantics{runMessage32, bindMessage, cls, {}, nullptr, 0});
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
