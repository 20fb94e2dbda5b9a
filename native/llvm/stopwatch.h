// What steps of a job take: the processor time of the thread that does them, which other jobs don't add to.
#pragma once

#include <time.h>

#include <utility>
#include <vector>

namespace soma::llvm_addon {

/// Names of steps with milliseconds.
using Timings = std::vector<std::pair<const char*, double>>;

/// Runs on the thread that made it.
class Stopwatch {
public:
    explicit Stopwatch(Timings& timings) : timings(timings) {}

    /// What was done since the last step, or since the start, was this one.
    void step(const char* name) {
        const double now = milliseconds();
        timings.emplace_back(name, now - last);
        last = now;
    }

private:
    static double milliseconds() {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
    }

    Timings& timings;
    double last = milliseconds();
};

}  // namespace soma::llvm_addon
