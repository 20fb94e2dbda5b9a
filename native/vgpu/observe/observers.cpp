#include "observers.h"

namespace soma::vgpu {

void ThreadObserver::run(Wave& wave) {
    do {
        const MicroOp& op = *wave.pc++;
        const size_t index = code_.indexOf(op);
        const OpFacts& facts = facts_.of(op);
        const uint64_t exec = wave.exec();
        ++wave.executed[static_cast<size_t>(op.cls)];
        if (profile) {
            profile->before(wave, op, facts, index);
        }
        op.run(wave, op);
        if (profile) {
            profile->after(wave, facts, index, exec);
        }
    } while (wave.stop == Stop::None);
}

void Observers::setProfiling(bool on) {
    if (on) {
        profiler_.clear();
    }
    profiling_ = on;
}

std::unique_ptr<LaunchObservation> Observers::begin(const Device& device, const Dispatch& dispatch) {
    return profiling() ? std::make_unique<LaunchObservation>(*this, device, dispatch) : nullptr;
}

LaunchObservation::LaunchObservation(Observers& observers, const Device& device, const Dispatch& dispatch)
    : observers_(observers),
      target_(device.target()),
      dispatch_(dispatch),
      code_(dispatch.module->code(dispatch.kernel->waveSize)),
      facts_(dispatch.module->facts(dispatch.kernel->waveSize)),
      profiling_(observers.profiling()) {}

std::unique_ptr<ThreadObserver> LaunchObservation::thread() const {
    auto observer = std::make_unique<ThreadObserver>(code_, facts_);
    if (profiling_) {
        observer->profile = std::make_unique<ThreadProfile>(target_, code_.operations().size());
    }
    return observer;
}

void LaunchObservation::finish(const Counters& counters, std::span<const ThreadObserver* const> threads) {
    using Milliseconds = std::chrono::duration<double, std::milli>;
    const double time = Milliseconds(std::chrono::steady_clock::now() - start_).count();
    if (profiling_) {
        std::vector<const ThreadProfile*> profiles;
        for (const ThreadObserver* thread : threads) {
            profiles.push_back(thread->profile.get());
        }
        observers_.profiler_.add(dispatch_, code_, facts_, counters, time, profiles);
    }
}

}  // namespace soma::vgpu
