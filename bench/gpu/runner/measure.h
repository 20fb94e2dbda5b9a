// Timing: variants in turn, each time between events around a batch of launches; medians over the rounds.
#pragma once

#include "cases.h"

namespace bench {

class Timer {
public:
    Timer();

    hipStream_t stream() const { return stream_; }
    /// Seconds for each launch of a batch.
    double sample(const Launch& launch, int batch);
    /// Launches in a batch, so that it takes long against what events can tell.
    int batchFor(const Launch& launch);

private:
    hipStream_t stream_ = nullptr;
    hipEvent_t start_ = nullptr;
    hipEvent_t stop_ = nullptr;
};

double median(std::vector<double> values);

struct Measured {
    /// Median seconds a launch, in the order of the case's variants.
    std::vector<double> seconds;
    /// Errors as parts of what is allowed.
    std::vector<double> errors;
};

/// Checks each variant once, on poisoned outputs, then times them in turn.
Measured measure(Timer& timer, const Case& it, int rounds);

/// What the device can do at most: bytes a second of a large copy, counting both what is read and what is written;
/// operations a second of f32 multiply-adds.
double copyBandwidth(Timer& timer);
double peakOperations(Timer& timer, const Module& plain, int multiprocessors);

}  // namespace bench
