// Runs the kernels of kernels.cl on the virtual GPU through the HIP ABI and prints what they took, a JSON object a line:
//     bench CODE_OBJECT THREADS SECONDS
// THREADS 0: one per core. Loops are made long enough to take a good part of SECONDS; each measurement is the best of some.
#include "../../native/vgpu/hip/soma_vgpu.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string_view>
#include <vector>

namespace {

void check(int error, const char* what) {
    if (error != hipSuccess) {
        std::fprintf(stderr, "%s: %s: %s\n", what, hipGetErrorName(static_cast<hipError_t>(error)), somaVgpuLastFault());
        std::exit(1);
    }
}
#define CHECK(call) check(call, #call)

/// Set where one thread executes: then processor time counts, which other programs disturb less.
bool oneThread = false;

double wallTime() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double now() {
    if (oneThread) {
        timespec time{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }
    return wallTime();
}

double timeOf(const std::function<void()>& run, double (*clock)() = now) {
    const double start = clock();
    run();
    return clock() - start;
}

/// The least of what fits into so many seconds, and of three at least: the rest is other programs'.
double best(const std::function<void()>& run, double (*clock)() = now) {
    constexpr double kSeconds = 1;
    double least = 1e30;
    double all = 0;
    for (int i = 0; i < 3 || all < kSeconds; ++i) {
        const double time = timeOf(run, clock);
        least = std::min(least, time);
        all += time;
    }
    return least;
}

hipModule_t module;

hipFunction_t find(const char* name) {
    hipFunction_t function;
    return hipModuleGetFunction(&function, module, name) == hipSuccess ? function : nullptr;
}

void launch(hipFunction_t function, unsigned x, unsigned y, std::vector<void*> arguments) {
    CHECK(hipModuleLaunchKernel(function, x, y, 1, 256, 1, 1, 0, nullptr, arguments.data(), nullptr));
    CHECK(hipDeviceSynchronize());
}

somaVgpuCounters counters() {
    somaVgpuCounters result{};
    result.size = sizeof result;
    CHECK(somaVgpuGetCounters(0, &result));
    return result;
}

struct Rate {
    double seconds = 0;
    /// With the sanitizer on, over without.
    double sanitized = 0;
    double instructions = 0;
    double laneOperations = 0;
};

/// Times a run with the sanitizer and without, in turns: what slows the machine down for seconds slows both. On several threads without
/// alone.
void time(Rate& rate, const std::function<void()>& run) {
    rate.seconds = best(run);
    constexpr int kTurns = 3;
    constexpr double kTurnSeconds = 0.25;
    double checked = 1e30;
    for (int turn = 0; oneThread && turn < kTurns; ++turn) {
        for (const bool sanitizing : {true, false}) {
            CHECK(somaVgpuSetSanitizing(0, sanitizing));
            // The first run finds what the other left in the host's caches, and no pages behind the sanitizer's records.
            run();
            double& least = sanitizing ? checked : rate.seconds;
            for (double all = 0; all < kTurnSeconds;) {
                const double seconds = timeOf(run);
                least = std::min(least, seconds);
                all += seconds;
            }
        }
    }
    rate.sanitized = checked / rate.seconds;
}

/// Doubles `n` until a run takes long enough, then measures.
Rate measure(double seconds, const std::function<void(unsigned n)>& run) {
    unsigned n = 16;
    for (;; n *= 2) {
        if (timeOf([&] { run(n); }) > seconds / 3 || n >= (1u << 26)) {
            break;
        }
    }
    const auto before = counters();
    run(n);
    const auto after = counters();
    Rate rate;
    rate.instructions = static_cast<double>(after.instructions - before.instructions);
    rate.laneOperations = static_cast<double>(after.activeLanes - before.activeLanes);
    time(rate, [&] { run(n); });
    return rate;
}

void print(const char* name, const Rate& rate, const char* unit, double amount) {
    std::printf("{\"name\":\"%s\",\"seconds\":%.6g,\"waveInstructions\":%.6g,\"laneOperations\":%.6g,\"unit\":\"%s\","
                "\"rate\":%.6g,\"sanitized\":%.4g}\n",
                name, rate.seconds, rate.instructions / rate.seconds, rate.laneOperations / rate.seconds, unit,
                amount / rate.seconds, rate.sanitized);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: bench CODE_OBJECT THREADS SECONDS\n");
        return 2;
    }
    const double seconds = std::atof(argv[3]);
    oneThread = std::string_view(argv[2]) == "1";
    CHECK(hipModuleLoad(&module, argv[1]));
    CHECK(somaVgpuSetLimit(0, somaVgpuLimitThreads, std::strtoull(argv[2], nullptr, 10)));
    CHECK(somaVgpuSetLimit(0, somaVgpuLimitWaveInstructions, 0));
    constexpr size_t kBytes = size_t(64) << 20;
    constexpr unsigned kGroups = 8;
    void* in;
    void* out;
    CHECK(hipMalloc(&in, kBytes));
    CHECK(hipMalloc(&out, kBytes));
    CHECK(hipMemset(in, 0, kBytes));
    CHECK(hipMemset(out, 0, kBytes));
    float x = 0.5f;
    float y = 1.0f;
    // 1 MiB: what a core's own caches hold, so that the interpreter counts and not the host's memory.
    unsigned mask = (1u << 18) - 1;

    if (hipFunction_t empty = find("empty")) {
        launch(empty, 1, 1, {&out});
        // By the wall: the processor time of another thread that has just finished is as old as the host's last tick, and the least of
        // a thousand short launches is one whose end came before it.
        const double one = best([&] { launch(empty, 1, 1, {&out}); }, wallTime);
        std::printf("{\"name\":\"launch of one workgroup\",\"seconds\":%.6g}\n", one);
        for (unsigned groups : {1024u, 65536u}) {
            const double many = best([&] { launch(empty, groups, 1, {&out}); }, wallTime);
            std::printf("{\"name\":\"launch of %u workgroups\",\"seconds\":%.6g}\n", groups, many);
        }
    }
    const auto loop = [&](const char* name, std::vector<void*> arguments, size_t at) {
        hipFunction_t function = find(name);
        if (!function) {
            return;
        }
        const Rate rate = measure(seconds, [&](unsigned n) {
            auto list = arguments;
            list[at] = &n;
            launch(function, kGroups, 1, list);
        });
        print(name, rate, "", 0);
    };
    loop("integer", {&out, nullptr}, 1);
    loop("fma_f32", {&out, nullptr, &x, &y}, 1);
    loop("packed_f16", {&out, nullptr, &x, &y}, 1);
    loop("lds", {&out, nullptr}, 1);
    loop("coalesced", {&out, &in, nullptr, &mask}, 2);
    loop("scattered", {&out, &in, nullptr, &mask}, 2);
    loop("wmma", {&out, &in, nullptr}, 2);
    loop("mfma", {&out, &in, nullptr}, 2);

    if (hipFunction_t copy = find("copy")) {
        unsigned parts = kBytes / 16 / 2048;
        const auto before = counters();
        launch(copy, 64, 1, {&out, &in, &parts});
        const auto after = counters();
        Rate rate;
        rate.instructions = static_cast<double>(after.instructions - before.instructions);
        rate.laneOperations = static_cast<double>(after.activeLanes - before.activeLanes);
        time(rate, [&] { launch(copy, 64, 1, {&out, &in, &parts}); });
        print("copy", rate, "bytes", 2.0 * kBytes);
        const double host = best([&] { std::memcpy(out, in, kBytes); });
        std::printf("{\"name\":\"memcpy\",\"seconds\":%.6g,\"unit\":\"bytes\",\"rate\":%.6g}\n", host,
                    2.0 * kBytes / host);
    }
    const auto product = [&](const char* name, unsigned n, unsigned tile) {
        hipFunction_t function = find(name);
        if (!function) {
            return;
        }
        char* a = static_cast<char*>(in);
        void* b = a + kBytes / 2;
        const auto before = counters();
        launch(function, n / tile, n / tile, {&out, &in, &b, &n});
        const auto after = counters();
        Rate rate;
        rate.instructions = static_cast<double>(after.instructions - before.instructions);
        rate.laneOperations = static_cast<double>(after.activeLanes - before.activeLanes);
        time(rate, [&] { launch(function, n / tile, n / tile, {&out, &in, &b, &n}); });
        print(name, rate, "flop", 2.0 * n * n * n);
    };
    product("matmul_f32", 256, 64);
    product("matmul_f16", 512, 128);
    return 0;
}
