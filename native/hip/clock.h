// When a device's operations began, for those who want to know: milliseconds on one clock for all of its streams.
// Invariants: the clock begins with the first operation that is asked about, and goes on as long as the process, over resets as well; it
// keeps an event of the device alive while a stream has it.
#pragma once

#include "state.h"

#include <memory>
#include <mutex>
#include <optional>

namespace soma::hip {

class Clock {
public:
    explicit Clock(std::shared_ptr<DeviceState> device) : device_(std::move(device)) {}

    /// When an event happened that has; nothing where the device could not measure it. The clock may keep it as its mark.
    std::optional<double> at(const std::shared_ptr<EventState>& event);

private:
    const std::shared_ptr<DeviceState> device_;
    std::mutex mutex_;
    /// Where the clock stands at an event.
    std::shared_ptr<EventState> mark_;
    double markedAt_ = 0;
};

}  // namespace soma::hip
