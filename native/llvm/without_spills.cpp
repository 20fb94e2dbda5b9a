#include "without_spills.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "child.h"
#include "compilation.h"
#include "metadata.h"
#include "spills.h"
#include "target.h"

namespace soma::llvm_addon {
namespace {

// Far longer than it takes: a trial that is given up for want of time would make the code depend on the machine.
constexpr std::chrono::minutes TRIAL_LIMIT{10};

/// The optimised module's object with this kernel alone, by another scheduler; empty if that spills vector registers or
/// can't be done. These schedulers are used little: one of them crashes in LLVM 22.1.8's register allocator
/// (SplitEditor::deleteRematVictims), so they are tried in processes of their own, which have the module as copies.
std::string trial(Compilation& optimised, const std::string& kernel, const char* scheduler) {
    const auto work = [&] {
        keepKernel(*optimised.module, kernel);
        setSchedulers(*optimised.module, {{kernel, scheduler}});
        std::string object = optimised.write(Output::CodeObject);
        const bool fits = !hasError(optimised.messages) && spilledVectors(object).empty();
        return fits ? object : std::string();
    };
    try {
        return runInChild(work, TRIAL_LIMIT);
    } catch (const CodeObjectError&) {
        return "";
    }
}

size_t countKernels(const llvm::Module& module) {
    return static_cast<size_t>(std::count_if(module.begin(), module.end(), [](const llvm::Function& function) {
        return function.getCallingConv() == llvm::CallingConv::AMDGPU_KERNEL && !function.isDeclaration();
    }));
}

}  // namespace

Compiled compileWithoutSpills(const std::string& ir, const GenerateOptions& options, Timings& timings) {
    const bool changes = options.output != Output::Ir && options.optimisation > 0 && &backendOf(options.target) == &amdgpu();
    Compiled result;
    SpillReport spills;
    std::map<std::string, unsigned> sizes;
    {
        Compilation first(ir, options, timings);
        if (first.module) {
            result.bytes = first.write(options.output);
        }
        result.messages = std::move(first.messages);
        if (!changes || !first.spills.any || hasError(result.messages)) {
            return result;
        }
        spills = std::move(first.spills);
        sizes = std::move(first.sizes);
    }
    const auto spilled = spilledVectors(options.output == Output::CodeObject
                                            ? result.bytes
                                            : Compilation(ir, options, timings).write(Output::CodeObject));
    if (spilled.empty()) {
        return result;
    }
    // Generating code changed the module that was optimised; what is optimised once more serves all trials and the result.
    Compilation again(ir, options, timings);
    const bool alone = countKernels(*again.module) == 1 && options.output == Output::CodeObject;
    Schedulers taken;
    for (const auto& [kernel, count] : spilled) {
        Message message{"warning", "spilled registers"};
        message.kernel = kernel;
        message.spilled = count;
        if (const SpillingLoop* loop = spills.worstOf(kernel)) {
            message.file = loop->file;
            message.line = loop->line;
            message.column = loop->column;
        }
        for (const char* scheduler : OTHER_SCHEDULERS) {
            const std::string object = sizes[kernel] <= MOST_INSTRUCTIONS ? trial(again, kernel, scheduler) : "";
            if (!object.empty()) {
                message.severity = "note";
                message.scheduler = scheduler;
                taken[kernel] = scheduler;
                if (alone) {
                    result.bytes = object;
                }
                break;
            }
        }
        result.messages.push_back(std::move(message));
    }
    if (!taken.empty() && !alone) {
        setSchedulers(*again.module, taken);
        result.bytes = again.write(options.output);
    }
    return result;
}

}  // namespace soma::llvm_addon
