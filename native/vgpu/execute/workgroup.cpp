#include "workgroup.h"

#include "../decode/code_image.h"
#include "../format.h"
#include "../observe/observers.h"

#include <algorithm>

namespace soma::vgpu {

namespace {

/// Taken branches after which a wave gives way: waves that wait for each other through memory make progress.
constexpr int64_t kTurn = 1 << 14;

void runWave(Wave& wave) {
    wave.stop = Stop::None;
    wave.turn = kTurn;
    if (wave.group->observer != nullptr) [[unlikely]] {
        wave.group->observer->run(wave);
        return;
    }
    do {
        const MicroOp& op = *wave.pc++;
        ++wave.executed[static_cast<size_t>(op.cls)];
        op.run(wave, op);
    } while (wave.stop == Stop::None);
}

}  // namespace

void raiseFault(Wave& wave, const MicroOp& op, FaultKind kind, int lane, uint64_t address, std::string what) {
    wave.stop = Stop::Fault;
    if (wave.group->fault) {
        return;
    }
    PendingFault fault;
    fault.kind = kind;
    fault.what = std::move(what);
    fault.op = &op;
    fault.codeAddress = wave.group->code->addressOf(op);
    fault.wave = wave.index;
    fault.lane = lane;
    fault.address = address;
    wave.group->fault = std::move(fault);
}

void arriveAtBarrier(Workgroup& group) {
    ++group.arrived;
    if (group.arrived >= group.live) {
        group.arrived = 0;
        ++group.phase;
        for (Wave& wave : group.waves) {
            // Who waits at a named barrier goes on waiting.
            wave.waiting = wave.waiting && wave.atNamedBarrier;
        }
    }
}

void openNamedBarrier(Workgroup& group, uint32_t number) {
    NamedBarrier& barrier = group.namedBarriers[number - 1];
    if (barrier.signals == 0 || barrier.signals < barrier.members) {
        return;
    }
    barrier.signals = 0;
    ++barrier.phase;
    for (Wave& wave : group.waves) {
        if (wave.joinedBarrier == number) {
            wave.barrierOpened = !wave.atNamedBarrier;
            wave.waiting = wave.waiting && !wave.atNamedBarrier;
            wave.atNamedBarrier = false;
        }
    }
}

Round runRound(Workgroup& group) {
    if (group.live == 0) {
        return Round::Over;
    }
    if (group.stop != nullptr && group.stop->load(std::memory_order_relaxed)) {
        Wave& wave = *std::find_if(group.waves.begin(), group.waves.end(), [](const Wave& one) { return !one.ended; });
        raiseFault(wave, *wave.pc, FaultKind::Stopped, -1, 0, "the host asked for its end");
        return Round::Over;
    }
    bool progress = false;
    Wave* queued = nullptr;
    for (Wave& wave : group.waves) {
        if (wave.ended || wave.waiting) {
            continue;
        }
        if (wave.place.queued) {
            if (!group.globalWaveSync->released(wave.place)) {
                queued = &wave;
                continue;
            }
            wave.place.queued = false;
        }
        progress = true;
        runWave(wave);
        if (wave.stop == Stop::Fault) {
            return Round::Over;
        }
        if (wave.stop == Stop::End) {
            wave.ended = true;
            --group.live;
            // A barrier waits for live waves only: this may have been the one that the others waited for.
            if (group.arrived != 0 && group.arrived >= group.live) {
                --group.arrived;
                arriveAtBarrier(group);
            }
        } else if (wave.instructions() > group.instructionLimit) {
            raiseFault(wave, *(wave.pc - 1), FaultKind::InstructionLimit, -1, 0,
                       format("the wave has executed more than {0} instructions: an endless loop, or work for a "
                              "higher limit",
                              group.instructionLimit));
            return Round::Over;
        }
    }
    if (!progress && queued != nullptr) {
        if (group.cooperative) {
            return Round::Waits;
        }
        raiseFault(*queued, *(queued->pc - 1), FaultKind::Deadlock, -1, 0,
                   "it waits for other workgroups (global wave sync), which need not run at the same time: launch it "
                   "cooperatively (hipLaunchCooperativeKernel)");
        return Round::Over;
    }
    if (!progress) {
        Wave& wave = group.waves.front();
        raiseFault(wave, *(wave.pc - 1), FaultKind::Deadlock, -1, 0,
                   "every wave of the workgroup waits at a barrier that none can open");
        return Round::Over;
    }
    return group.live != 0 ? Round::GoesOn : Round::Over;
}

void raiseStuck(Workgroup& group) {
    Wave& wave = *std::ranges::find_if(group.waves, [](const Wave& one) { return one.place.queued; });
    raiseFault(wave, *(wave.pc - 1), FaultKind::Deadlock, -1, 0,
               "every workgroup waits for others (global wave sync), and none is left to release them: the counts that "
               "ds_gws_init and ds_gws_barrier were given are not those of the waves that come, less one");
}

}  // namespace soma::vgpu
