// The largest error of mathematical functions over all 2³² bit patterns of f32, on the virtual GPU against double precision.
//
//   sweep [--jobs N] [--minutes M] [--results FILE] [NAME…]
//
// Each of N processes (as many as there are cores) has a virtual GPU of its own and takes slices of 2²⁴ arguments. What a
// slice gave is a line of FILE, so that a later run goes on where one was stopped, by M or a signal; lines of code objects
// other than those compiled in count for nothing. Printed are lines as test/stdlib/measured.csv has them: a function, its
// largest error in ULP, and over how many arguments. The exit status is 0 where no error was beyond its bound, 1 where one
// was, 2 for wrong arguments, and 3 where slices are left.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "exact.h"
#include "kernels.hpp"
#include "soma_vgpu.h"

using Evaluate = std::function<void(std::uint32_t first, soma::view<float, 1> out)>;

/// A function, as functions.inc (pack.ts) lists them.
struct Function {
    const char* name;
    double bound;
    double (*exact)(double);
    /// Of its code object.
    std::uint64_t hash;
    Evaluate (*load)();
};

/// FNV-1a, 64 bits.
template <std::size_t Size>
std::uint64_t hash(const unsigned char (&bytes)[Size]) {
    std::uint64_t value = 0xcbf29ce484222325u;
    for (unsigned char byte : bytes) value = (value ^ byte) * 0x100000001b3u;
    return value;
}

#include "functions.inc"

namespace {

constexpr std::uint32_t kSlices = 256;
constexpr std::uint32_t kSlice = 1u << 24;
constexpr std::uint32_t kLaunch = 1u << 18;
/// From half a unit above the largest f32 on, results are infinite (IEEE 754, 7.4).
constexpr double kOverflow = 0x1.ffffffp127;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Worst {
    double error = 0;
    std::uint32_t argument = 0;

    void add(double other, std::uint32_t bits) {
        if (other > error) *this = {other, bits};
    }
};

/// In units in the last place (Muller, Elementary Functions, 3rd ed., section 2.2.4); infinite for a NaN, an infinity or a
/// finite value that should be another kind.
double error_of(float actual, double exact) {
    if (std::isnan(exact)) return std::isnan(actual) ? 0 : kInfinity;
    if (std::fabs(exact) >= kOverflow) return actual == std::copysign(kInfinity, exact) ? 0 : kInfinity;
    // An infinity is within a unit of what lies just below the point of overflow.
    if (std::isinf(actual) && std::signbit(actual) == std::signbit(exact) && std::fabs(exact) > kOverflow * (1 - 0x1p-11)) return 0;
    if (!std::isfinite(actual)) return kInfinity;
    const int biased = static_cast<int>(std::bit_cast<std::uint64_t>(exact) >> 52 & 0x7ff);
    const int exponent = std::max(biased - 1023, -126);
    const double unit = std::bit_cast<double>(static_cast<std::uint64_t>(exponent - 23 + 1023) << 52);
    return std::fabs(actual - exact) / unit;
}

/// What all processes share: slices are handed out by number, function by function.
struct Shared {
    std::atomic<std::uint32_t> next{0};
    std::atomic<std::uint32_t> stopped{0};
};

using Clock = std::chrono::steady_clock;

struct Options {
    unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
    double minutes = kInfinity;
    std::string results = "results.txt";
    std::vector<const Function*> functions;
};

/// By function, its slices.
struct Results {
    std::vector<std::vector<bool>> done;
    std::vector<Worst> worst;

    explicit Results(const Options& options)
        : done(options.functions.size(), std::vector<bool>(kSlices)), worst(options.functions.size()) {
        std::ifstream file(options.results);
        std::string name;
        std::uint64_t code = 0;
        std::uint32_t slice = 0;
        // Read as words: streams don't take "inf" for a number.
        std::string error;
        std::uint32_t argument = 0;
        while (file >> name >> std::hex >> code >> std::dec >> slice >> error >> std::hex >> argument >> std::dec) {
            for (std::size_t i = 0; i < options.functions.size(); ++i) {
                const Function& function = *options.functions[i];
                if (name != function.name || code != function.hash || slice >= kSlices) continue;
                done[i][slice] = true;
                worst[i].add(std::strtod(error.c_str(), nullptr), argument);
            }
        }
    }

    std::size_t count(std::size_t function) const {
        return static_cast<std::size_t>(std::count(done[function].begin(), done[function].end(), true));
    }
};

Worst measure(const Function& function, const Evaluate& evaluate, soma::view<float, 1> out, std::uint32_t slice) {
    static std::vector<float> results(kLaunch);
    Worst worst;
    for (std::uint32_t from = 0; from < kSlice; from += kLaunch) {
        const std::uint32_t first = slice * kSlice + from;
        evaluate(first, out);
        soma::check("hipMemcpy", hipMemcpy(results.data(), out.data, kLaunch * sizeof(float), hipMemcpyDeviceToHost));
        for (std::uint32_t i = 0; i < kLaunch; ++i) {
            worst.add(error_of(results[i], function.exact(std::bit_cast<float>(first + i))), first + i);
        }
    }
    return worst;
}

/// One process: takes slices until none is left or time is up.
void work(const Options& options, const Results& before, Shared& shared, Clock::time_point end) {
    soma::check("somaVgpuSetLimit", somaVgpuSetLimit(0, somaVgpuLimitThreads, 1));
    void* memory = nullptr;
    soma::check("hipMalloc", hipMalloc(&memory, kLaunch * sizeof(float)));
    const soma::view<float, 1> out{static_cast<float*>(memory), {kLaunch}};
    const int file = open(options.results.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file < 0) throw soma::error("can't write " + options.results);
    const Function* loaded = nullptr;
    Evaluate evaluate;
    const std::uint32_t total = static_cast<std::uint32_t>(options.functions.size()) * kSlices;
    for (;;) {
        if (Clock::now() > end) {
            shared.stopped = 1;
            break;
        }
        const std::uint32_t number = shared.next++;
        if (number >= total) break;
        const std::uint32_t index = number / kSlices;
        const std::uint32_t slice = number % kSlices;
        if (before.done[index][slice]) continue;
        const Function& function = *options.functions[index];
        if (loaded != &function) {
            evaluate = function.load();
            loaded = &function;
        }
        const Worst worst = measure(function, evaluate, out, slice);
        char line[128];
        const int length = std::snprintf(line, sizeof line, "%s %016llx %u %.4f %08x\n", function.name,
                                         static_cast<unsigned long long>(function.hash), slice, worst.error, worst.argument);
        // One write to a file that is appended to: lines of several processes don't mix.
        if (write(file, line, static_cast<std::size_t>(length)) != length) throw soma::error("can't write " + options.results);
    }
    close(file);
}

int report(const Options& options) {
    const Results results(options);
    bool isBeyond = false;
    bool isLeft = false;
    for (std::size_t i = 0; i < options.functions.size(); ++i) {
        const Function& function = *options.functions[i];
        const Worst& worst = results.worst[i];
        const std::size_t slices = results.count(i);
        isLeft |= slices < kSlices;
        isBeyond |= worst.error > function.bound;
        if (slices == 0) continue;
        std::printf("%s,%.3f,%llu\n", function.name, worst.error, static_cast<unsigned long long>(slices) * kSlice);
        if (worst.error > function.bound) {
            std::fprintf(stderr, "sweep: %s(%.9g) is beyond its bound of %g ULP\n", function.name,
                         static_cast<double>(std::bit_cast<float>(worst.argument)), function.bound);
        }
    }
    return isBeyond ? 1 : isLeft ? 3 : 0;
}

[[noreturn]] void misused(const std::string& what) {
    std::fprintf(stderr, "sweep: %s\nusage: sweep [--jobs N] [--minutes M] [--results FILE] [NAME...]\n", what.c_str());
    std::exit(2);
}

double positive(const std::string& option, const char* text) {
    char* end = nullptr;
    const double value = text == nullptr ? 0 : std::strtod(text, &end);
    if (!(value > 0) || *end != '\0') misused(option + " takes a positive number");
    return value;
}

Options read(int count, char** arguments) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string word = arguments[i];
        const char* next = i + 1 < count ? arguments[i + 1] : nullptr;
        if (word == "--jobs") options.jobs = static_cast<unsigned>(std::min(positive(word, next), 1024.0)), ++i;
        else if (word == "--minutes") options.minutes = positive(word, next), ++i;
        else if (word == "--results" && next != nullptr) options.results = next, ++i;
        else {
            const auto found = std::find_if(std::begin(kFunctions), std::end(kFunctions), [&](const Function& each) { return word == each.name; });
            if (found == std::end(kFunctions)) misused("no function or option is named " + word);
            options.functions.push_back(found);
        }
    }
    if (options.functions.empty()) {
        for (const Function& function : kFunctions) options.functions.push_back(&function);
    }
    return options;
}

}  // namespace

int main(int count, char** arguments) {
    const Options options = read(count, arguments);
    const Results before(options);
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return std::perror("sweep: mmap"), 1;
    Shared& shared = *new (memory) Shared;
    const auto end = std::isinf(options.minutes)
                         ? Clock::time_point::max()
                         : Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(options.minutes * 60000));
    unsigned failures = 0;
    // Processes, not threads: each has a device that waits for no other. They begin before anything starts a thread here.
    for (unsigned job = 0; job < options.jobs; ++job) {
        const pid_t child = fork();
        if (child < 0) return std::perror("sweep: fork"), 1;
        if (child > 0) continue;
        try {
            work(options, before, shared, end);
            std::_Exit(0);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "sweep: %s\n", error.what());
            std::_Exit(1);
        }
    }
    for (int status = 0; wait(&status) > 0;) failures += status != 0;
    const int result = report(options);
    if (failures > 0) std::fprintf(stderr, "sweep: %u processes failed\n", failures);
    if (shared.stopped) std::fprintf(stderr, "sweep: time is up; the same command goes on\n");
    return failures > 0 ? 1 : result;
}
