#include "generate.h"

#include <chrono>
#include <map>
#include <memory>

#include "child.h"
#include "guarded.h"
#include "known_ones.h"
#include "link.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "machine.h"
#include "metadata.h"
#include "signed_zeros.h"
#include "small_divisions.h"
#include "spills.h"
#include "target.h"

namespace soma::llvm_addon {
namespace {

// The name that LLVM gives the module in what it prints; a constant, so that the same input gives the same bytes.
constexpr const char* MODULE_NAME = "soma";

std::string describe(const llvm::SMDiagnostic& diagnostic) {
    std::string text = "the LLVM IR is not well formed";
    if (diagnostic.getLineNo() > 0) {
        text += ", line " + std::to_string(diagnostic.getLineNo()) + ", column " +
                std::to_string(diagnostic.getColumnNo() + 1);
    }
    text += ": " + diagnostic.getMessage().str();
    if (const llvm::StringRef line = diagnostic.getLineContents().trim(); !line.empty()) {
        text += ": " + line.str();
    }
    return text;
}

/// Null with an error in `messages` if the text is no module that can be compiled for this target.
std::unique_ptr<llvm::Module> parse(const std::string& ir, llvm::LLVMContext& context, llvm::TargetMachine& machine,
                                    Messages& messages) {
    llvm::SMDiagnostic diagnostic;
    // The layout has to be known while parsing: it gives allocas and functions their address space.
    const std::string layout = machine.createDataLayout().getStringRepresentation();
    auto module = llvm::parseAssembly(llvm::MemoryBufferRef(ir, MODULE_NAME), diagnostic, context, nullptr,
                                      [&](llvm::StringRef, llvm::StringRef) { return layout; });
    if (!module) {
        addError(messages, describe(diagnostic));
        return nullptr;
    }
    const llvm::Triple& triple = module->getTargetTriple();
    if (!triple.str().empty() && triple.normalize() != machine.getTargetTriple().normalize()) {
        addError(messages, "the LLVM IR is for " + triple.str() + ", not for " + machine.getTargetTriple().str());
        return nullptr;
    }
    module->setTargetTriple(machine.getTargetTriple());

    std::string complaint;
    llvm::raw_string_ostream stream(complaint);
    if (llvm::verifyModule(*module, &stream)) {
        addError(messages, "the LLVM IR is invalid: " + llvm::StringRef(complaint).trim().str());
        return nullptr;
    }
    for (const llvm::Function& function : *module) {
        const llvm::StringRef cpu = function.getFnAttribute("target-cpu").getValueAsString();
        if (!cpu.empty() && cpu != machine.getTargetCPU()) {
            addError(messages, "function '" + function.getName().str() + "' has the attribute target-cpu=" + cpu.str() +
                                   ", but the target is " + machine.getTargetCPU().str());
            return nullptr;
        }
    }
    return module;
}

/// What this LLVM's AMDGPU back end does wrong is kept from it.
void avoidDefects(llvm::Module& module, unsigned level) {
    if (level > 0) {
        separateKnownOnes(module);
    }
    hideSmallDividends(module, level);
    keepSignedZeros(module);
}

/// LLVM's default pipelines, tuned as clang tunes them.
void optimise(llvm::Module& module, llvm::TargetMachine& machine, unsigned level) {
    llvm::PipelineTuningOptions tuning;
    tuning.LoopVectorization = level >= 2;
    tuning.SLPVectorization = level >= 2;
    llvm::PassBuilder builder(&machine, tuning);

    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager components;
    llvm::ModuleAnalysisManager modules;
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);

    constexpr const llvm::OptimizationLevel* levels[] = {&llvm::OptimizationLevel::O0, &llvm::OptimizationLevel::O1,
                                                         &llvm::OptimizationLevel::O2, &llvm::OptimizationLevel::O3};
    llvm::ModulePassManager passes = level == 0 ? builder.buildO0DefaultPipeline(*levels[0])
                                                : builder.buildPerModuleDefaultPipeline(*levels[level]);
    passes.run(module, modules);
    if (module.getTargetTriple().isAMDGPU()) {
        avoidDefects(module, level);
    }
}

std::string printIr(const llvm::Module& module) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    module.print(stream, nullptr);
    return text;
}

std::string emit(llvm::Module& module, llvm::TargetMachine& machine, llvm::CodeGenFileType type, Messages& messages) {
    llvm::SmallString<0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    passes.add(new llvm::TargetLibraryInfoWrapperPass(machine.getTargetTriple()));
    // The module was verified when it came, and this LLVM's passes are taken at their word.
    if (machine.addPassesToEmitFile(passes, stream, nullptr, type, /*DisableVerify=*/true)) {
        addError(messages, "LLVM cannot emit this kind of file for " + machine.getTargetCPU().str());
        return "";
    }
    passes.run(module);
    return bytes.str().str();
}

/// One way through LLVM.
struct Compiled {
    /// They count only if there is no error in `messages`.
    std::string bytes;
    Messages messages;
    SpillReport spills;
    /// Instructions of each function when it was optimised.
    std::map<std::string, unsigned> sizes;
};

struct Request {
    const std::string& ir;
    const GenerateOptions& options;
    Output output;
    const Schedulers& schedulers;
    /// The one kernel that is wanted; empty for all.
    const std::string kernel = {};
};

/// Everything up to the linker.
Compiled compile(const Request& request, Timings& timings) {
    Stopwatch watch(timings);
    const unsigned level = request.options.optimisation;
    Compiled result;
    llvm::LLVMContext context;
    context.setDiagnosticHandler(
        std::unique_ptr<llvm::DiagnosticHandler>(newMessageCollector(result.messages, result.spills)),
        /*RespectFilters=*/true);
    MachineLease machine(request.options.target, level);
    watch.step("start");
    const std::unique_ptr<llvm::Module> module = parse(request.ir, context, *machine, result.messages);
    watch.step("parse");
    if (!module) {
        machine.release();
        return result;
    }
    if (!request.kernel.empty()) {
        keepKernel(*module, request.kernel);
    }
    setSchedulers(*module, request.schedulers);
    optimise(*module, *machine, level);
    for (const llvm::Function& function : *module) {
        result.sizes.emplace(function.getName().str(), function.getInstructionCount());
    }
    watch.step("optimise");
    switch (request.output) {
    case Output::Ir: result.bytes = printIr(*module); break;
    case Output::Assembly:
        result.bytes = emit(*module, *machine, llvm::CodeGenFileType::AssemblyFile, result.messages);
        break;
    case Output::CodeObject:
        result.bytes = emit(*module, *machine, llvm::CodeGenFileType::ObjectFile, result.messages);
        break;
    }
    watch.step("emit");
    machine.release();
    return result;
}

// Far longer than it takes: a trial that is given up for want of time would make the code depend on the machine.
constexpr std::chrono::minutes TRIAL_LIMIT{10};

/// Whether a kernel spills no vector registers by another of LLVM's schedulers. These are used little: one of them crashes
/// in LLVM 22.1.8's register allocator (SplitEditor::deleteRematVictims), so they are tried in a process of their own.
bool doesWithoutSpills(const std::string& ir, const GenerateOptions& options, const std::string& kernel,
                       const char* scheduler) {
    const auto trial = [&] {
        Timings timings;
        const Compiled compiled = compile({ir, options, Output::CodeObject, {{kernel, scheduler}}, kernel}, timings);
        const bool fits = !hasError(compiled.messages) && spilledVectors(compiled.bytes).empty();
        return std::string(fits ? "fits" : "spills");
    };
    try {
        return runInChild(trial, TRIAL_LIMIT) == "fits";
    } catch (const CodeObjectError&) {
        return false;
    }
}

/// The first scheduler that does without spills; empty if there is none.
std::string otherScheduler(const std::string& ir, const GenerateOptions& options, const std::string& kernel) {
    for (const char* scheduler : OTHER_SCHEDULERS) {
        if (doesWithoutSpills(ir, options, kernel, scheduler)) {
            return scheduler;
        }
    }
    return "";
}

/// Compiles kernels that keep vector registers in memory by another scheduler, where one does without, and says what came
/// of it.
Compiled compileWithoutSpills(const std::string& ir, const GenerateOptions& options, Timings& timings) {
    const Schedulers usual;
    Compiled first = compile({ir, options, options.output, usual}, timings);
    if (!first.spills.any || hasError(first.messages) || options.output == Output::Ir || options.optimisation == 0 ||
        &backendOf(options.target) != &amdgpu()) {
        return first;
    }
    const std::string object = options.output == Output::CodeObject
                                   ? first.bytes
                                   : compile({ir, options, Output::CodeObject, usual}, timings).bytes;
    Messages words;
    Schedulers taken;
    for (const auto& [kernel, count] : spilledVectors(object)) {
        Message message{"warning", "spilled registers"};
        message.kernel = kernel;
        message.spilled = count;
        if (const SpillingLoop* loop = first.spills.worstOf(kernel)) {
            message.file = loop->file;
            message.line = loop->line;
            message.column = loop->column;
        }
        if (first.sizes[kernel] <= MOST_INSTRUCTIONS) {
            message.scheduler = otherScheduler(ir, options, kernel);
        }
        if (!message.scheduler.empty()) {
            message.severity = "note";
            taken[kernel] = message.scheduler;
        }
        words.push_back(std::move(message));
    }
    Compiled result = taken.empty() ? std::move(first) : compile({ir, options, options.output, taken}, timings);
    result.messages.insert(result.messages.end(), words.begin(), words.end());
    return result;
}

}  // namespace

GenerateResult generate(const std::string& ir, const GenerateOptions& options) {
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
    Compiled compiled;
    if (const auto lastWords = runGuarded([&] { compiled = compileWithoutSpills(ir, options, result.timings); })) {
        addError(result.messages, "LLVM gave up: " + *lastWords);
        return result;
    }
    result.messages = std::move(compiled.messages);
    if (!hasError(result.messages) && options.output == Output::CodeObject) {
        compiled.bytes = linkCodeObject(compiled.bytes, result.messages, result.timings);
    }
    if (!hasError(result.messages)) {
        result.output = std::move(compiled.bytes);
    }
    return result;
}

}  // namespace soma::llvm_addon
