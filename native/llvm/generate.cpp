#include "generate.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <numeric>
#include <system_error>
#include <thread>
#include <utility>

#include "guarded.h"
#include "link.h"
#include "llvm/ADT/StringExtras.h"
#include "notes.h"
#include "target.h"
#include "without_spills.h"

namespace soma::llvm_addon {
namespace {

struct Part {
    Compiled compiled;
    Timings timings;
    std::exception_ptr exception;
};

void compilePart(const std::string& ir, const GenerateOptions& options, Part& part) {
    try {
        const auto work = [&] { part.compiled = compileWithoutSpills(ir, options, part.timings); };
        if (const auto lastWords = runGuarded(work)) {
            addError(part.compiled.messages, "LLVM gave up: " + *lastWords);
        }
    } catch (...) {
        part.exception = std::current_exception();
    }
}

/// Does `work` for each place, the first ones first, on as many threads as there are processors, of which this is one.
void inParallel(const std::vector<size_t>& places, const std::function<void(size_t)>& work) {
    std::atomic<size_t> next{0};
    const auto worker = [&] {
        for (size_t at = next++; at < places.size(); at = next++) {
            work(places[at]);
        }
    };
    std::vector<std::jthread> others;
    const size_t processors = std::max(std::thread::hardware_concurrency(), 1u);
    try {
        while (others.size() + 1 < std::min(places.size(), processors)) {
            others.emplace_back(worker);
        }
    } catch (const std::system_error&) {
        // A process that may have no more threads takes longer.
    }
    worker();
}

/// Which come first where some have to wait: those that take longest.
std::vector<size_t> longestFirst(const std::vector<std::string>& modules) {
    std::vector<size_t> places(modules.size());
    std::iota(places.begin(), places.end(), size_t{0});
    std::stable_sort(places.begin(), places.end(),
                     [&](size_t one, size_t other) { return modules[one].size() > modules[other].size(); });
    return places;
}

}  // namespace

GenerateResult generate(const std::vector<std::string>& modules, const GenerateOptions& options) {
    GenerateResult result;
    if (!isTargetName(options.target)) {
        addError(result.messages, "unknown target '" + options.target +
                                      "'; LLVM knows these: " + llvm::join(targetNames(), ", "));
        return result;
    }
    if (options.output == Output::CodeObject && &backendOf(options.target) != &amdgpu()) {
        addError(result.messages, options.target + " has no ELF code objects: its assembly, PTX, is what a driver loads");
        return result;
    }
    std::vector<Part> parts(modules.size());
    inParallel(longestFirst(modules), [&](size_t at) { compilePart(modules[at], options, parts[at]); });

    std::vector<std::string> outputs;
    for (Part& part : parts) {
        if (part.exception) {
            std::rethrow_exception(part.exception);
        }
        std::move(part.compiled.messages.begin(), part.compiled.messages.end(), std::back_inserter(result.messages));
        result.timings.insert(result.timings.end(), part.timings.begin(), part.timings.end());
        outputs.push_back(std::move(part.compiled.bytes));
    }
    if (hasError(result.messages)) {
        return result;
    }
    if (options.output == Output::CodeObject) {
        joinMetadata(outputs);
        outputs = {linkCodeObject(outputs, result.messages, result.timings)};
    }
    if (!hasError(result.messages)) {
        result.output = std::move(outputs.front());
    }
    return result;
}

}  // namespace soma::llvm_addon
