#include "clock.h"

namespace soma::hip {

namespace {

/// HIP gives times as float: within so many milliseconds they are exact to 0.1 µs.
constexpr float kExactMilliseconds = 1000;

}  // namespace

std::optional<double> Clock::at(const std::shared_ptr<EventState>& event) {
    std::scoped_lock lock(mutex_);
    if (!mark_ || mark_->unusable()) {
        mark_ = event;
        markedAt_ = device_->sinceClockBegan();
        return markedAt_;
    }
    float since = 0;
    if (device_->hip().hipEventElapsedTime(&since, mark_->event, event->event) != hipSuccess) {
        device_->hip().hipGetLastError();
        return std::nullopt;
    }
    const double at = markedAt_ + since;
    if (since > kExactMilliseconds) {
        mark_ = event;
        markedAt_ = at;
    }
    return at;
}

std::shared_ptr<Clock> DeviceState::clock() {
    std::scoped_lock lock(clockMutex_);
    auto clock = clock_.lock();
    if (!clock) {
        clock = std::make_shared<Clock>(shared_from_this());
        clock_ = clock;
    }
    return clock;
}

double DeviceState::sinceClockBegan() {
    std::scoped_lock lock(clockMutex_);
    const auto now = std::chrono::steady_clock::now();
    if (!clockBegan_) {
        clockBegan_ = now;
    }
    return std::chrono::duration<double, std::milli>(now - *clockBegan_).count();
}

}  // namespace soma::hip
