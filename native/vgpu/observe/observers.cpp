#include "observers.h"

#include "../host_functions.h"

namespace soma::vgpu {

void ThreadObserver::beginGroup(const Workgroup& group) {
    if (sanitizer) {
        sanitizer->beginGroup(group);
    }
    if (trace) {
        trace->beginGroup(group);
    }
}

void ThreadObserver::endGroup() {
    if (trace) {
        trace->endGroup();
    }
}

void ThreadObserver::run(Wave& wave) {
    if (sanitizer && !profile && !trace) {
        sanitizer->run(wave);
        return;
    }
    do {
        const MicroOp& op = *wave.pc++;
        const size_t index = code_.indexOf(op);
        const OpFacts& facts = facts_.of(op);
        const uint64_t exec = wave.exec();
        ++wave.executed[static_cast<size_t>(op.cls)];
        if (profile) {
            profile->before(wave, op, facts, index);
        }
        if (trace) {
            trace->before(wave, op, facts, index);
        }
        if (!sanitizer) {
            op.run(wave, op);
        } else {
            if (sanitizer->before(wave, op, facts, index)) {
                op.run(wave, op);
            }
            sanitizer->after(wave, facts);
        }
        if (profile) {
            profile->after(wave, facts, index, exec);
        }
        if (trace) {
            trace->after(wave, facts, index);
        }
    } while (wave.stop == Stop::None);
}

void Observers::setProfiling(bool on) {
    if (on) {
        profiler_.clear();
    }
    profiling_ = on;
}

void Observers::setSanitizing(bool on) {
    std::lock_guard lock(mutex_);
    shadow_ = on ? std::make_shared<DeviceShadow>(device_.memory()) : nullptr;
    device_.memory().watch(shadow_);
    hostAllocations_.clear();
    if (on) {
        reports_.clear();
    }
}

bool Observers::sanitizing() const {
    std::lock_guard lock(mutex_);
    return shadow_ != nullptr;
}

void Observers::allocatedByHost(uint64_t address) {
    std::lock_guard lock(mutex_);
    if (shadow_) {
        hostAllocations_.insert(address);
    }
}

void Observers::reportLeaks() {
    std::lock_guard lock(mutex_);
    for (const Allocation& allocation : shadow_ ? device_.memory().live() : std::vector<Allocation>{}) {
        if (hostAllocations_.erase(allocation.base) != 0) {
            SanitizerReport report;
            report.kind = "leak";
            report.what = "the program has ended without freeing device memory";
            report.address = allocation.base;
            report.allocation = device_.memory().describe(allocation.base);
            reports_.add(std::move(report));
        }
    }
}

std::unique_ptr<LaunchObservation> Observers::begin(const Dispatch& dispatch) {
    return profiling() || sanitizing() || trace_.on() ? std::make_unique<LaunchObservation>(*this, device_, dispatch) : nullptr;
}

LaunchObservation::LaunchObservation(Observers& observers, const Device& device, const Dispatch& dispatch)
    : observers_(observers),
      target_(device.target()),
      dispatch_(dispatch),
      code_(dispatch.module->code(dispatch.kernel->waveSize)),
      facts_(dispatch.module->facts(dispatch.kernel->waveSize)),
      profiling_(observers.profiling()) {
    std::lock_guard lock(observers.mutex_);
    shadow_ = observers.shadow_;
    if (shadow_) {
        sanitizer_ = std::make_unique<LaunchSanitizer>(device, dispatch, code_, facts_, *shadow_, observers.reports_);
    }
}

std::unique_ptr<ThreadObserver> LaunchObservation::thread() const {
    auto observer = std::make_unique<ThreadObserver>(code_, facts_);
    if (profiling_) {
        observer->profile = std::make_unique<ThreadProfile>(target_, code_.operations().size());
    }
    if (sanitizer_) {
        observer->sanitizer = hostFunctions().makeSanitizer(*sanitizer_);
    }
    if (observers_.trace_.on()) {
        observer->trace = std::make_unique<ThreadTrace>(observers_.trace_, target_, dispatch_, code_, units_++);
    }
    return observer;
}

std::optional<Fault> LaunchObservation::finish(const Counters& counters,
                                               std::span<const ThreadObserver* const> threads) {
    using Milliseconds = std::chrono::duration<double, std::milli>;
    const double time = Milliseconds(std::chrono::steady_clock::now() - start_).count();
    if (profiling_) {
        std::vector<const ThreadProfile*> profiles;
        for (const ThreadObserver* thread : threads) {
            profiles.push_back(thread->profile.get());
        }
        observers_.profiler_.add(dispatch_, code_, facts_, counters, time, profiles);
    }
    return sanitizer_ ? sanitizer_->fault() : std::nullopt;
}

}  // namespace soma::vgpu
