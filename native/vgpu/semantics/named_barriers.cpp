// Named barriers of gfx12, which some of a workgroup's waves join: sixteen, by number, beside the workgroup's own (-1).
// A barrier opens when as many waves have signalled as it has members; a wave waits for the one that it joined.
// Source: LLVM's AMDGPU user guide, "Execution Barriers"; RDNA4 ISA, S_BARRIER_INIT, _JOIN, _SIGNAL, _WAIT, _LEAVE and
// S_GET_BARRIER_STATE.

#include "../format.h"
#include "families_recent.h"
#include "scalar.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

using u32 = uint32_t;

constexpr u32 kWorkgroup = 0xffffffff;
/// M0: the barrier's number in the lowest bits, the number of its members above.
constexpr u32 kNumberMask = 0x3f;
constexpr unsigned kMembersShift = 16;
constexpr u32 kMembersMask = 0x7f;

/// The operand: a number, or M0 with number and members.
u32 operandOf(const Wave& wave, const MicroOp& op) { return readScalar<u32>(wave, op.src[0]); }

/// Null, after a fault, where there is no such barrier; barrier 0 does nothing and is null too.
NamedBarrier* barrierOf(Wave& wave, const MicroOp& op, u32 number) {
    if (number == 0) {
        return nullptr;
    }
    if (number > wave.group->namedBarriers.size()) {
        raiseFault(wave, op, FaultKind::Deadlock, -1, 0,
                   format("there is no barrier {0}: a workgroup has those from 1 to {1}", number,
                          wave.group->namedBarriers.size()));
        return nullptr;
    }
    return &wave.group->namedBarriers[number - 1];
}

u32 membersOf(u32 operand) { return operand >> kMembersShift & kMembersMask; }

void runInit(Wave& wave, const MicroOp& op) {
    const u32 operand = operandOf(wave, op);
    if (NamedBarrier* barrier = barrierOf(wave, op, operand & kNumberMask)) {
        *barrier = NamedBarrier{.members = membersOf(wave.sgpr[sgpr::kM0]), .phase = barrier->phase};
    }
}

void runJoin(Wave& wave, const MicroOp& op) {
    const u32 number = operandOf(wave, op) & kNumberMask;
    if (number == 0 || barrierOf(wave, op, number) != nullptr) {
        wave.joinedBarrier = number;
        wave.barrierOpened = false;
    }
}

template <bool First>
void runSignal(Wave& wave, const MicroOp& op) {
    const u32 operand = operandOf(wave, op);
    if (operand == kWorkgroup) {
        if constexpr (First) {
            wave.scc = wave.group->arrived == 0;
        }
        wave.signalledPhase = wave.group->phase;
        arriveAtBarrier(*wave.group);
        return;
    }
    NamedBarrier* const barrier = barrierOf(wave, op, operand & kNumberMask);
    if (barrier == nullptr) {
        return;
    }
    if (membersOf(operand) != 0) {
        barrier->members = membersOf(operand);
    }
    if constexpr (First) {
        wave.scc = barrier->signals == 0;
    }
    ++barrier->signals;
    openNamedBarrier(*wave.group, operand & kNumberMask);
}

void runWait(Wave& wave, const MicroOp& op) {
    // The operand tells the workgroup's barrier from a named one: which that is, the wave has joined.
    if (static_cast<int16_t>(op.imm) < 0) {
        if (wave.group->phase == wave.signalledPhase) {
            wave.waiting = true;
            wave.stop = Stop::Barrier;
        }
    } else if (wave.joinedBarrier != 0 && !wave.barrierOpened) {
        wave.waiting = true;
        wave.atNamedBarrier = true;
        wave.stop = Stop::Barrier;
    } else {
        wave.barrierOpened = false;
    }
}

void runLeave(Wave& wave, const MicroOp& op) {
    wave.scc = wave.joinedBarrier != 0;
    if (NamedBarrier* barrier = barrierOf(wave, op, wave.joinedBarrier)) {
        barrier->members -= barrier->members != 0;
        openNamedBarrier(*wave.group, wave.joinedBarrier);
    }
    wave.joinedBarrier = 0;
}

void runState(Wave& wave, const MicroOp& op) {
    const u32 operand = operandOf(wave, op);
    u32 members = static_cast<u32>(wave.group->waves.size());
    u32 signals = wave.group->arrived;
    if (operand != kWorkgroup) {
        const NamedBarrier* barrier = barrierOf(wave, op, operand & kNumberMask);
        if (barrier == nullptr) {
            writeScalar(wave, op, u32(0));
            return;
        }
        members = barrier->members;
        signals = barrier->signals;
    }
    writeScalar(wave, op, u32(1) | members << 4 | signals << 16);
}

/// Every wave has registers to spare here.
void runAllocate(Wave& wave, const MicroOp&) { wave.scc = true; }

}  // namespace

void addNamedBarriers(Table& table) {
    const Signature one{ValueType::None, false, 1, {ValueType::U32}};
    const Signature state{ValueType::U32, false, 1, {ValueType::U32}};
    const auto add = [&](const char* name, Handler run, Bind bind, const Signature& signature) {
        table.add(name, Semantics{run, bind, InstructionClass::Barrier, signature, nullptr, 0}, kGfx12Plus);
    };
    add("s_barrier_init", runInit, bindScalar, one);
    add("s_barrier_join", runJoin, bindScalar, one);
    add("s_barrier_signal", runSignal<false>, bindScalar, one);
    add("s_barrier_signal_isfirst", runSignal<true>, bindScalar, one);
    add("s_barrier_wait", runWait, bindNone, Signature{});
    add("s_barrier_leave", runLeave, bindNone, Signature{});
    add("s_get_barrier_state", runState, bindScalar, state);
    table.add("s_alloc_vgpr", Semantics{runAllocate, bindScalar, InstructionClass::Salu, one, nullptr, 0}, kGfx12Plus);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
