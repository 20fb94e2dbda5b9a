// bench_gpu SOMA_LIBRARY KERNELS PLAIN_CUBIN EXPERT_CUBIN [--cub FILE] [--cublas FILE] [--cusparse FILE] [--rounds N]
// [--only NAME]: prints one table. Exits 1 where a result is wrong.
#include "measure.h"
#include "vendor.h"

#include <chrono>
#include <cstdio>
#include <cstring>

using namespace bench;

namespace {

struct Options {
    std::string library, kernels, plain, expert, cub, cublas, cusparse, only;
    int rounds = 21;
};

Options parse(int count, char** words) {
    Options options;
    std::string* const places[] = {&options.library, &options.kernels, &options.plain, &options.expert};
    size_t place = 0;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        const auto value = [&]() -> std::string {
            if (i + 1 >= count) {
                die(word + " wants a value");
            }
            return words[++i];
        };
        if (word == "--cub") {
            options.cub = value();
        } else if (word == "--cublas") {
            options.cublas = value();
        } else if (word == "--cusparse") {
            options.cusparse = value();
        } else if (word == "--only") {
            options.only = value();
        } else if (word == "--rounds") {
            options.rounds = std::stoi(value());
        } else if (place < 4) {
            *places[place++] = word;
        } else {
            die("too many arguments: " + word);
        }
    }
    if (place < 4) {
        die("usage: bench_gpu SOMA_LIBRARY KERNELS PLAIN_CUBIN EXPERT_CUBIN [--cub FILE] [--cublas FILE] "
            "[--cusparse FILE] [--rounds N] [--only NAME]");
    }
    return options;
}

int attribute(hipDeviceAttribute_t which) {
    int value = 0;
    BENCH_HIP(hipDeviceGetAttribute, &value, which, 0);
    return value;
}

/// Text to a width in characters, which in UTF-8 are not bytes.
std::string padded(const std::string& text, size_t width) {
    size_t characters = 0;
    for (const char byte : text) {
        characters += (byte & 0xc0) != 0x80;
    }
    return text + std::string(characters < width ? width - characters : 0, ' ');
}

std::string ratio(const Case& it, const Measured& measured, const char* name) {
    for (size_t i = 0; i < it.variants.size(); ++i) {
        if (it.variants[i].name == name) {
            char text[16];
            std::snprintf(text, sizeof text, "%.3f", measured.seconds[0] / measured.seconds[i]);
            return text;
        }
    }
    return "-";
}

/// Microseconds on the device for each of many launches in a row, and on the host for each call.
std::pair<double, double> launchOverhead(Timer& timer, const Launch& launch) {
    constexpr int kLaunches = 2000;
    timer.sample(launch, 100);
    std::vector<double> device, host;
    for (int i = 0; i < 11; ++i) {
        const auto start = std::chrono::steady_clock::now();
        for (int k = 0; k < 200; ++k) {
            launch(timer.stream());
        }
        host.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 200);
        BENCH_HIP(hipStreamSynchronize, timer.stream());
        device.push_back(timer.sample(launch, kLaunches));
    }
    return {median(device) * 1e6, median(host) * 1e6};
}

}  // namespace

int main(int count, char** words) {
    const Options options = parse(count, words);
    loadHip(options.library);
    BENCH_HIP(hipSetDevice, 0);
    char name[256] = {};
    BENCH_HIP(hipDeviceGetName, name, sizeof name, 0);
    const SomaKernels soma(options.kernels);
    const Module plain(options.plain), expert(options.expert);
    const Sources sources{soma, plain, expert, openVendor(options.cub), openVendor(options.cublas),
                          openVendor(options.cusparse), attribute(hipDeviceAttributeMultiprocessorCount)};
    Timer timer;
    const double copy = copyBandwidth(timer);
    const double peak = peakOperations(timer, plain, sources.multiprocessors);
    const double l2 = attribute(hipDeviceAttributeL2CacheSize);
    std::printf("%s; copy %.0f GB/s (read and written), f32 %.1f TFLOP/s; L2 %.0f MB; seed %llu\n", name, copy * 1e-9,
                peak * 1e-12, l2 * 1e-6, static_cast<unsigned long long>(seed()));
    Array<float> one(1);
    void* pointer = one.get();
    const hipFunction_t nothing = plain.kernel("plain_nothing");
    for (const auto& [who, launch] :
         {std::pair<const char*, Launch>{"soma", soma.bind("nothing", {{"x", pointer}, {"n", int64_t(1)}})},
          {"plain", [&](hipStream_t q) { bench::launch(nothing, {1}, {256}, q, pointer, 1); }}}) {
        const auto [device, host] = launchOverhead(timer, launch);
        std::printf("launch overhead, %s: %.2f us a launch in a row of many, %.2f us of the host a call\n", who, device,
                    host);
    }
    const auto whether = [](const void* library) { return library ? "yes" : "no"; };
    std::printf("vendor: CUB %s, cuBLAS %s, cuSPARSE %s. Medians of %d rounds, variants in turn. Ratios are Soma's time "
                "over theirs.\n\n",
                whether(sources.cub), whether(sources.cublas), whether(sources.cusparse), options.rounds);
    std::printf("| %s | %s | L2   | %9s | %9s | %6s | %6s | %6s | %6s | %s |\n", padded("kernel", 15).c_str(),
                padded("size", 10).c_str(), "us", "rate", "floor", "plain", "expert", "vendor", "error");
    std::printf("|---|---|---|---:|---:|---:|---:|---:|---:|---:|\n");
    bool right = true;
    double logarithms = 0, worst = 0;
    int rows = 0;
    for (const auto& makers : {streamingCases(), reductionCases(), computeCases(), matrixCases()}) {
        for (const MakeCase& make : makers) {
            const Case it = make(sources);
            if (!options.only.empty() && it.name.find(options.only) == std::string::npos) {
                continue;
            }
            const Measured measured = measure(timer, it, options.rounds);
            const double seconds = measured.seconds[0];
            const double rate = it.bytes ? it.bytes / seconds * 1e-9 : it.operations / seconds * 1e-12;
            const double share = it.bytes ? it.bytes / seconds / copy : it.operations / seconds / peak;
            char rateText[32];
            std::snprintf(rateText, sizeof rateText, it.bytes ? "%.0f GB/s" : "%.2f TF/s", rate);
            std::printf("| %s | %s | %s | %9.2f | %9s | %5.1f%% | %6s | %6s | %6s | %.2g |\n",
                        padded(it.name, 15).c_str(), padded(it.size, 10).c_str(),
                        it.footprint > 2 * l2 ? "cold" : "warm", seconds * 1e6, rateText, share * 100,
                        ratio(it, measured, "plain").c_str(), ratio(it, measured, "expert").c_str(),
                        ratio(it, measured, "vendor").c_str(), measured.errors[0]);
            for (size_t i = 0; i < it.variants.size(); ++i) {
                if (!(measured.errors[i] <= 1)) {
                    right = false;
                    std::printf("WRONG: %s %s by %s: %g times the error allowed\n", it.name.c_str(), it.size.c_str(),
                                it.variants[i].name.c_str(), measured.errors[i]);
                }
            }
            std::fflush(stdout);
            const double overPlain = seconds / measured.seconds[1];
            logarithms += std::log(overPlain);
            worst = std::max(worst, overPlain);
            ++rows;
        }
    }
    std::printf("\nover plain: geometric mean %.3f, largest %.3f, of %d rows. Errors are parts of what is allowed.\n",
                std::exp(logarithms / rows), worst, rows);
    return right ? 0 : 1;
}
