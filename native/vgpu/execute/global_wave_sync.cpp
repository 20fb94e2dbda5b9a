#include "global_wave_sync.h"

namespace soma::vgpu {

void GlobalWaveSync::released() {
    ++releases_;
    idle_.assign(idle_.size(), false);
    idleThreads_ = 0;
}

void GlobalWaveSync::init(unsigned resource, uint32_t counter) {
    const std::lock_guard lock(mutex_);
    resources_[resource].counter = counter;
    released();
}

GlobalWaveSync::Place GlobalWaveSync::arrive(unsigned resource, uint32_t next) {
    const std::lock_guard lock(mutex_);
    Resource& at = resources_[resource];
    if (at.counter != 0) {
        --at.counter;
        return {true, true, resource, at.phase};
    }
    at.counter = next;
    ++at.phase;
    released();
    return {};
}

GlobalWaveSync::Place GlobalWaveSync::take(unsigned resource) {
    const std::lock_guard lock(mutex_);
    Resource& at = resources_[resource];
    if (at.counter == 0) {
        return {true, false, resource, at.phase};
    }
    --at.counter;
    return {};
}

void GlobalWaveSync::give(unsigned resource, uint32_t count) {
    const std::lock_guard lock(mutex_);
    resources_[resource].counter += count;
    released();
}

void GlobalWaveSync::releaseAll(unsigned resource) {
    const std::lock_guard lock(mutex_);
    ++resources_[resource].phase;
    released();
}

bool GlobalWaveSync::released(const Place& place) {
    const std::lock_guard lock(mutex_);
    Resource& at = resources_[place.resource];
    if (at.phase != place.phase) {
        return true;
    }
    if (place.barrier || at.counter == 0) {
        return false;
    }
    --at.counter;
    return true;
}

void GlobalWaveSync::begin(unsigned threads) {
    const std::lock_guard lock(mutex_);
    idle_.assign(threads, false);
    idleThreads_ = 0;
    threads_ = threads;
}

bool GlobalWaveSync::stuck(unsigned thread, uint64_t releases) {
    const std::lock_guard lock(mutex_);
    if (releases != releases_) {
        return false;
    }
    idleThreads_ += !idle_[thread];
    idle_[thread] = true;
    return idleThreads_ == threads_;
}

void GlobalWaveSync::leave() {
    const std::lock_guard lock(mutex_);
    --threads_;
}

}  // namespace soma::vgpu
