// What the host's own vector units and memory do at best, on one thread: f32 multiply-adds and a copy of 64 MiB.
// Compiled with -O3 -march=native; prints a JSON object a line.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

namespace {
double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
}  // namespace

int main() {
#ifdef __AVX512F__
    constexpr int kWidth = 16;
#else
    constexpr int kWidth = 8;
#endif
    typedef float Vector __attribute__((vector_size(kWidth * 4)));
    constexpr int kChains = 12;
    constexpr long kSteps = 20'000'000;
    double least = 1e30;
    for (int run = 0; run < 3; ++run) {
        Vector a[kChains];
        for (int j = 0; j < kChains; ++j) {
            a[j] = Vector{} + static_cast<float>(j + run);
        }
        Vector x = Vector{} + 0.5f;
        Vector y = Vector{} + 1.0f;
        asm volatile("" : "+v"(x), "+v"(y));
        const double start = now();
        for (long i = 0; i < kSteps; ++i) {
#pragma GCC unroll 12
            for (int j = 0; j < kChains; ++j) {
                a[j] = a[j] * x + y;
            }
        }
        for (int j = 0; j < kChains; ++j) {
            asm volatile("" ::"v"(a[j]));
        }
        least = std::min(least, now() - start);
    }
    std::printf("{\"name\":\"host fma\",\"laneOperations\":%.6g,\"width\":%d}\n", double(kSteps) * kChains * kWidth / least,
                kWidth);
    std::vector<char> from(size_t(64) << 20, 1);
    std::vector<char> to(from.size());
    double copy = 1e30;
    for (int run = 0; run < 5; ++run) {
        const double start = now();
        std::memcpy(to.data(), from.data(), from.size());
        asm volatile("" ::"r"(to.data()) : "memory");
        copy = std::min(copy, now() - start);
    }
    std::printf("{\"name\":\"host copy\",\"rate\":%.6g}\n", 2.0 * static_cast<double>(from.size()) / copy);
    return 0;
}
