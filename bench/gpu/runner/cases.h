// What is measured: a case is one computation on one set of inputs, with a launch for each variant of it and a check
// against double precision.
#pragma once

#include "kernels.h"

#include <cmath>
#include <limits>

namespace bench {

struct Variant {
    /// `soma`, `plain`, `expert` or `vendor`.
    std::string name;
    Launch launch;
};

struct Case {
    std::string name;
    std::string size;
    /// What must move at least, each input read once and each output written once; 0 where arithmetic is the floor.
    double bytes = 0;
    double operations = 0;
    /// Bytes that a launch touches: the L2 cache is cold where they are twice its size, since they push each other out.
    double footprint = 0;
    std::vector<Variant> variants{};
    /// Poisons the outputs and restores what a launch overwrites.
    std::function<void()> reset{};
    /// The largest error after a variant's launch, as a part of what is allowed: right up to 1. NaN counts as infinite.
    std::function<double(const Variant&)> error{};
};

/// Where the variants come from.
struct Sources {
    const SomaKernels& soma;
    const Module& plain;
    const Module& expert;
    /// Null where this machine has none.
    void* cub;
    void* cublas;
    void* cusparse;
    int multiprocessors;
};

using MakeCase = std::function<Case(const Sources&)>;
/// Each is made when it is its turn and dropped after it, so that one case's memory is free for the next.
std::vector<MakeCase> streamingCases();
std::vector<MakeCase> reductionCases();
std::vector<MakeCase> computeCases();
std::vector<MakeCase> matrixCases();

/// Fresh every run; main prints it.
uint64_t seed();

/// Uniform numbers from low to high.
std::vector<float> uniform(size_t count, float low, float high);
std::vector<uint32_t> randomWords(size_t count);

/// The largest |actual − expected(i)| / allowed(i); infinite where something is NaN.
template <typename T, typename Expected>
double largestError(const std::vector<T>& actual, Expected&& expected, size_t step = 1) {
    double largest = 0;
    for (size_t i = 0; i < actual.size(); i += step) {
        const auto [value, allowed] = expected(i);
        const double error = std::abs(double(actual[i]) - value) / allowed;
        if (!(error <= largest)) {
            largest = error == error ? error : std::numeric_limits<double>::infinity();
        }
    }
    return largest;
}

struct Expectation {
    double value;
    double allowed;
};

inline unsigned groups(size_t items, unsigned each) { return static_cast<unsigned>((items + each - 1) / each); }

/// The unit roundoff of f32.
inline constexpr double kRoundoff = 0x1p-24;

}  // namespace bench
