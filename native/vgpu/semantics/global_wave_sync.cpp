// Instructions of global wave sync (execute/global_wave_sync.h), which gfx12 no longer has. What they take from a register
// is the first active lane's.

#include "../decode/binder.h"
#include "families_recent.h"
#include "global_wave_sync_resource.h"
#include "vector.h"

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

uint32_t valueOf(const Wave& wave, const MicroOp& op) {
    const uint64_t lanes = wave.exec();
    return wave.vgpr[op.src[0].reg + (lanes == 0 ? 0u : static_cast<unsigned>(std::countr_zero(lanes)))];
}

void wait(Wave& wave, const GlobalWaveSync::Place& place) {
    wave.place = place;
    if (place.queued) {
        wave.stop = Stop::Barrier;
    }
}

void runInit(Wave& wave, const MicroOp& op) {
    wave.group->globalWaveSync->init(globalWaveSyncResource(wave, op), valueOf(wave, op));
}

void runBarrier(Wave& wave, const MicroOp& op) {
    // For the other workgroups, what came before is there.
    completeStreams(*wave.group);
    wait(wave, wave.group->globalWaveSync->arrive(globalWaveSyncResource(wave, op), valueOf(wave, op)));
}

void runTake(Wave& wave, const MicroOp& op) {
    wait(wave, wave.group->globalWaveSync->take(globalWaveSyncResource(wave, op)));
}

void runGiveOne(Wave& wave, const MicroOp& op) {
    completeStreams(*wave.group);
    wave.group->globalWaveSync->give(globalWaveSyncResource(wave, op), 1);
}

void runGive(Wave& wave, const MicroOp& op) {
    completeStreams(*wave.group);
    wave.group->globalWaveSync->give(globalWaveSyncResource(wave, op), valueOf(wave, op));
}

void runReleaseAll(Wave& wave, const MicroOp& op) {
    completeStreams(*wave.group);
    wave.group->globalWaveSync->releaseAll(globalWaveSyncResource(wave, op));
}

template <bool Value>
bool bindGlobalWaveSync(Binder& binder, const Assembly& assembly, const Semantics&, MicroOp& op) {
    op.imm = assembly.number("offset");
    if (assembly.operands.size() != (Value ? 1 : 0)) {
        return false;
    }
    return !Value || (binder.source(assembly.operands[0], ValueType::U32, op.src[0]) &&
                      op.src[0].kind == Source::Kind::Vgpr);
}

}  // namespace

void addGlobalWaveSync(Table& table) {
    const auto add = [&](const char* name, Handler run, Bind bind) {
        table.add(name, Semantics{run, bind, InstructionClass::Barrier, {}, nullptr, 0});
    };
    add("ds_gws_init", runInit, bindGlobalWaveSync<true>);
    add("ds_gws_barrier", runBarrier, bindGlobalWaveSync<true>);
    add("ds_gws_sema_br", runGive, bindGlobalWaveSync<true>);
    add("ds_gws_sema_v", runGiveOne, bindGlobalWaveSync<false>);
    add("ds_gws_sema_p", runTake, bindGlobalWaveSync<false>);
    add("ds_gws_sema_release_all", runReleaseAll, bindGlobalWaveSync<false>);
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
