// The sanitizer's checks of control flow: waits, barriers, branches. Those of memory are in sanitizer_memory.cpp.
#include "thread_sanitizer.h"

#include "../format.h"
#include "../semantics/global_wave_sync_resource.h"

#include <algorithm>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

std::string registerName(unsigned reg) {
    if (reg < registers::kAccumulation) {
        return format("v{0}", reg);
    }
    if (reg < registers::kScalar) {
        return format("a{0}", reg - registers::kAccumulation);
    }
    const unsigned scalar = reg - registers::kScalar;
    return scalar == sgpr::kVcc       ? "vcc_lo"
           : scalar == sgpr::kVcc + 1 ? "vcc_hi"
           : reg == registers::kScc   ? "scc"
                                      : format("s{0}", scalar);
}

}  // namespace

std::unique_ptr<WaveSanitizer> makeSanitizer(LaunchSanitizer& launch);

std::unique_ptr<WaveSanitizer> makeSanitizer(LaunchSanitizer& launch) {
    return std::make_unique<ThreadSanitizer>(launch);
}

void ThreadSanitizer::beginGroup(const Workgroup& group) {
    const auto& id = group.id;
    const auto& groups = launch_.dispatch().groups;
    group_ = Synchronisation::Group{};
    group_.index = (id[2] * groups[1] + id[1]) * groups[0] + id[0];
    ordered_.clear();
    last_ = {};
    underWay_ = 0;
    ldsDefined_.assign(group.ldsBytes, 0);
    ldsComputed_.assign(group.ldsBytes, 0);
    ldsWords_ = group.ldsBytes / kCellBytes + 1;
    ldsCells_.resize(ldsWords_ * kCellsPerWord);
    forgetLds();
    clocks_.begin(group);
    while (waves_.size() < group.waves.size()) {
        waves_.emplace_back(launch_.dispatch().kernel->waveSize);
    }
    for (const Wave& wave : group.waves) {
        WaveState& state = waves_[wave.index];
        state.shadow.clear();
        state.pending.clear();
        state.arrivals.clear();
        state.firstExec = wave.exec();
        state.signals = 0;
        state.synchronised.reset();
        const size_t scratch = wave.scratchBytes * wave.lanes;
        state.scratchDefined.assign(scratch, 0);
        state.scratchComputed.assign(scratch, 0);
    }
}

bool ThreadSanitizer::idle(const WaveState& state, const QuickFacts& facts) {
    return facts.plain && !facts.registers.touches(state.pending.pending()) &&
           !facts.registers.touches(state.shadow.undefined());
}

void ThreadSanitizer::run(Wave& wave) {
    const MicroOp* const first = launch_.code().operations().data();
    const QuickFacts* const quick = launch_.facts().quick().data();
    const OpFacts* const facts = launch_.facts().all().data();
    const WaveState& state = waves_[wave.index];
    do {
        const MicroOp& op = *wave.pc++;
        const auto index = static_cast<size_t>(&op - first);
        ++wave.executed[static_cast<size_t>(op.cls)];
        if (idle(state, quick[index])) {
            op.run(wave, op);
            continue;
        }
        if (before(wave, op, facts[index], index)) {
            op.run(wave, op);
        }
        after(wave, facts[index]);
    } while (wave.stop == Stop::None);
}

bool ThreadSanitizer::before(Wave& wave, const MicroOp& op, const OpFacts& facts, size_t index) {
    WaveState& state = waves_[wave.index];
    const RegisterMasks& masks = launch_.facts().quick()[index].registers;
    const Step step{wave, state, op, facts, index, masks.touches(state.shadow.undefined())};
    if (masks.touches(state.pending.pending())) {
        checkWaits(step);
    }
    state.pending.execute(facts.registers, facts.waits, index);
    if (clocks_.waits(wave.index)) {
        clocks_.goOn(*wave.group, wave.index);
        if (isLdsOver()) {
            ldsUsed_ = 0;
        }
    }
    if (state.synchronised) {
        launch_.synchronisation().acquire(group_, *state.synchronised * kCellBytes);
        state.synchronised.reset();
    }
    if (facts.globalWaveSync) {
        state.synchronised = globalWaveSyncResource(wave, op);
        launch_.synchronisation().acquire(group_, *state.synchronised * kCellBytes);
        launch_.synchronisation().release(group_, *state.synchronised * kCellBytes);
    }
    if (facts.waits.vector && !state.arrivals.empty()) {
        settleArrivals(step);
    }
    if (facts.arrives) {
        checkBarrier(step);
    }
    if (step.undefined) {
        checkBranch(step);
    }
    if (facts.ends) {
        checkEnd(step);
    }
    if (facts.scalarBytes != 0) {
        return checkScalarLoad(step);
    }
    if (facts.touch != Touch::None) {
        checkMemory(step);
        return true;
    }
    if (step.undefined) {
        state.shadow.propagate(wave, op, facts);
    }
    return true;
}

void ThreadSanitizer::after(Wave& wave, const OpFacts& facts) {
    if (masked_) {
        // A memory instruction: it does not write EXEC itself.
        wave.write64(sgpr::kExec, exec_);
        masked_ = false;
    }
    if (met_.lanes != 0 && launch_.synchronisation().entries() != entriesBefore_) {
        // Who came meanwhile may have been before it in memory's order.
        synchronise(facts);
    }
    met_.lanes = 0;
    if (facts.meets && (!facts.named || wave.joinedBarrier != 0)) {
        clocks_.wait(wave.index, facts.named ? wave.joinedBarrier : 0);
    }
}

std::optional<unsigned> ThreadSanitizer::barrierOf(const Wave& wave, const MicroOp& op, const OpFacts& facts) {
    constexpr uint32_t kWorkgroup = 0xffffffff;
    constexpr uint32_t kNumberMask = 0x3f;
    const auto operand = facts.named ? static_cast<uint32_t>(scalarOperand(wave, op.src[0], false)) : kWorkgroup;
    if (operand == kWorkgroup) {
        return 0;
    }
    const unsigned number = operand & kNumberMask;
    return number != 0 && number < BarrierClocks::kBarriers ? std::optional(number) : std::nullopt;
}

bool ThreadSanitizer::isLdsOver() const {
    bool over = true;
    for (unsigned wave = 0; wave < ldsEpochs_.size(); ++wave) {
        over &= clocks_.over(wave, ldsEpochs_[wave]);
    }
    return over;
}

void ThreadSanitizer::forgetLds() {
    std::fill_n(ldsCells_.begin(), ldsWords_ * ldsFilled_, AccessCell{});
    ldsUsed_ = 0;
    ldsFilled_ = 0;
    ldsEpochs_.fill(0);
    ++ldsChanges_;
}

void ThreadSanitizer::checkWaits(const Step& step) {
    const auto& use = step.facts.registers;
    if (const auto early = step.state.pending.check(use, step.facts.waits)) {
        launch_.find("missing-wait", step.index, *step.wave.group, [&] {
            return LaunchSanitizer::Finding{
                .kind = "missing-wait",
                .operation = step.index,
                .what = format("it uses {0} before a wait for the load that writes it", registerName(early->reg)),
                .wave = step.wave.index,
                .other = early->loader,
                .otherWhat = "the load:"};
        });
    }
}

void ThreadSanitizer::checkBarrier(const Step& step) {
    const Workgroup& group = *step.wave.group;
    WaveState& state = step.state;
    const auto report = [&](std::string what, int lane, std::optional<size_t> other, std::string otherWhat) {
        launch_.find("divergent-barrier", step.index, group, [&] {
            return LaunchSanitizer::Finding{.kind = "divergent-barrier",
                                            .operation = step.index,
                                            .what = std::move(what),
                                            .wave = step.wave.index,
                                            .lane = lane,
                                            .other = other,
                                            .otherWhat = std::move(otherWhat)};
        });
    };
    const auto barrier = barrierOf(step.wave, step.op, step.facts);
    if (!barrier) {
        return;
    }
    if (clocks_.epoch(step.wave.index) == AccessCell::kEpochs) {
        forgetLds();
        clocks_.reset();
        forgetArrivals();
    }
    clocks_.arrive(group, step.wave.index, *barrier);
    if (const uint64_t missing = state.firstExec & ~step.wave.exec(); missing != 0) {
        report(format("{0} of the wave's {1} work-items do not reach this barrier", std::popcount(missing),
                      std::popcount(state.firstExec)),
               std::countr_zero(missing), std::nullopt, {});
    }
    if (*barrier != 0) {
        return;
    }
    ++state.signals;
    state.barrier = step.index;
    for (const Wave& other : group.waves) {
        const WaveState& theirs = waves_[other.index];
        if (other.index == step.wave.index) {
            continue;
        }
        if (other.ended && theirs.signals < state.signals) {
            report(format("wave {0} has ended without reaching this barrier", other.index), -1, std::nullopt, {});
        } else if (theirs.signals == state.signals && theirs.barrier != step.index) {
            report(format("it meets wave {0} of its workgroup at another barrier", other.index), -1, theirs.barrier,
                   "the other barrier:");
        }
    }
}

void ThreadSanitizer::checkEnd(const Step& step) {
    for (const Wave& other : step.wave.group->waves) {
        const WaveState& theirs = waves_[other.index];
        if (!other.ended && theirs.signals > step.state.signals) {
            launch_.find("divergent-barrier", theirs.barrier, *step.wave.group, [&] {
                return LaunchSanitizer::Finding{
                    .kind = "divergent-barrier",
                    .operation = theirs.barrier,
                    .what = format("wave {0} ends without reaching this barrier", step.wave.index),
                    .wave = other.index};
            });
        }
    }
}

void ThreadSanitizer::reportUndefined(const Step& step, const char* decides, int lane,
                                      std::span<const RegisterRange> registers) {
    launch_.find("uninitialized", step.index, *step.wave.group, [&] {
        return LaunchSanitizer::Finding{.kind = "uninitialized",
                                        .operation = step.index,
                                        .what = format("memory that nobody wrote decides {0}", decides),
                                        .wave = step.wave.index,
                                        .lane = lane,
                                        .other = step.state.shadow.origin(registers),
                                        .otherWhat = "it was read here:"};
    });
}

void ThreadSanitizer::checkBranch(const Step& step) {
    const auto& use = step.facts.registers;
    const RegisterShadow& shadow = step.state.shadow;
    if (!shadow.any(use.reads)) {
        return;
    }
    const Wave& wave = step.wave;
    const std::string& name = step.facts.mnemonic;
    if (step.facts.conditionalBranch) {
        // Whether VCC is zero is known as soon as one written bit is set.
        const auto mask = [&](auto word) {
            return wave.lanes == 64 ? uint64_t(word(sgpr::kVcc + 1)) << 32 | word(sgpr::kVcc)
                                    : uint64_t(word(sgpr::kVcc));
        };
        const bool byVcc = name.find("vcc") != std::string::npos;
        const uint64_t undefined = mask([&](unsigned reg) { return shadow.scalar(reg); });
        const uint64_t value = mask([&](unsigned reg) { return wave.sgpr[reg]; });
        if (byVcc && undefined != 0 && (value & ~undefined) == 0) {
            reportUndefined(step, "a branch", std::countr_zero(undefined), use.reads);
        } else if (name.find("scc") != std::string::npos && shadow.scc()) {
            reportUndefined(step, "a branch", -1, use.reads);
        }
    } else if (name.starts_with("s_setpc") || name.starts_with("s_swappc") || name.starts_with("s_set_pc") ||
               name.starts_with("s_swap_pc")) {
        reportUndefined(step, "where to jump", -1, use.reads);
    } else if (step.facts.writesExec && !step.facts.vector) {
        uint64_t undefined = 0;
        for (const Source& source : step.op.src) {
            if (source.kind == Source::Kind::Sgpr && source.reg < sgpr::kExec) {
                undefined |= shadow.scalar(source.reg);
                undefined |= wave.lanes == 64 ? uint64_t(shadow.scalar(source.reg + 1)) << 32 : 0;
            }
        }
        undefined &= step.state.firstExec;
        // What EXEC has off an `and` leaves off.
        undefined &= name.find("_and") != std::string::npos ? wave.exec() : ~uint64_t(0);
        if (undefined != 0) {
            reportUndefined(step, "a branch", std::countr_zero(undefined), use.reads);
        }
    } else if (step.facts.writesExec) {
        for (unsigned lane = 0; lane < wave.lanes; ++lane) {
            const auto isUndefined = [&](const Source& source) {
                return source.kind == Source::Kind::Vgpr && shadow.vector(source.reg / wave.lanes, lane) != 0;
            };
            if ((wave.exec() >> lane & 1) != 0 && std::any_of(step.op.src.begin(), step.op.src.end(), isUndefined)) {
                reportUndefined(step, "a branch", static_cast<int>(lane), use.reads);
                return;
            }
        }
    }
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
