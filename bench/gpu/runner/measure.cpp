#include "measure.h"

#include <algorithm>

namespace bench {

namespace {
constexpr double kBatchSeconds = 300e-6;
constexpr int kMostLaunches = 200;
}  // namespace

Timer::Timer() {
    BENCH_HIP(hipStreamCreateWithFlags, &stream_, hipStreamNonBlocking);
    BENCH_HIP(hipEventCreateWithFlags, &start_, hipEventDefault);
    BENCH_HIP(hipEventCreateWithFlags, &stop_, hipEventDefault);
}

double Timer::sample(const Launch& launch, int batch) {
    BENCH_HIP(hipEventRecord, start_, stream_);
    for (int i = 0; i < batch; ++i) {
        launch(stream_);
    }
    BENCH_HIP(hipEventRecord, stop_, stream_);
    BENCH_HIP(hipEventSynchronize, stop_);
    float milliseconds = 0;
    BENCH_HIP(hipEventElapsedTime, &milliseconds, start_, stop_);
    return milliseconds * 1e-3 / batch;
}

int Timer::batchFor(const Launch& launch) {
    sample(launch, 1);
    const double once = sample(launch, 3);
    return std::clamp(static_cast<int>(kBatchSeconds / once) + 1, 1, kMostLaunches);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const size_t half = values.size() / 2;
    return values.size() % 2 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

Measured measure(Timer& timer, const Case& it, int rounds) {
    Measured result;
    std::vector<int> batches;
    for (const Variant& variant : it.variants) {
        it.reset();
        // The stream is one that does not wait for what was done outside of streams.
        BENCH_HIP(hipDeviceSynchronize);
        variant.launch(timer.stream());
        BENCH_HIP(hipStreamSynchronize, timer.stream());
        result.errors.push_back(it.error(variant));
        batches.push_back(timer.batchFor(variant.launch));
    }
    std::vector<std::vector<double>> samples(it.variants.size());
    for (int round = 0; round < rounds; ++round) {
        // Back and forth, so that no variant always has the same one before it.
        for (size_t k = 0; k < it.variants.size(); ++k) {
            const size_t index = round % 2 ? it.variants.size() - 1 - k : k;
            samples[index].push_back(timer.sample(it.variants[index].launch, batches[index]));
        }
    }
    for (const auto& each : samples) {
        result.seconds.push_back(median(each));
    }
    return result;
}

double copyBandwidth(Timer& timer) {
    constexpr size_t bytes = size_t(1) << 30;
    Array<char> from(bytes), to(bytes);
    to.poison();
    from.poison();
    const Launch copy = [&](hipStream_t stream) { BENCH_HIP(hipMemcpyDtoDAsync, to.get(), from.get(), bytes, stream); };
    timer.sample(copy, 2);
    std::vector<double> seconds;
    for (int i = 0; i < 21; ++i) {
        seconds.push_back(timer.sample(copy, 2));
    }
    return 2.0 * bytes / median(seconds);
}

double peakOperations(Timer& timer, const Module& plain, int multiprocessors) {
    constexpr int rounds = 4096;
    const hipFunction_t kernel = plain.kernel("peak_fma");
    Array<float> out(1024);
    void* pointer = out.get();
    const unsigned blocks = multiprocessors * 8;
    const Launch run = [&](hipStream_t stream) {
        launch(kernel, {blocks}, {256}, stream, pointer, 0.999f, 0.5f, rounds);
    };
    timer.sample(run, 2);
    std::vector<double> seconds;
    for (int i = 0; i < 11; ++i) {
        seconds.push_back(timer.sample(run, 4));
    }
    return 2.0 * 8 * rounds * 256.0 * blocks / median(seconds);
}

}  // namespace bench
