#include "compilation.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "known_ones.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "signed_zeros.h"
#include "small_divisions.h"
#include "tile_passes.h"
#include "wide_divisions.h"

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

/// LLVM's default pipelines, tuned as clang tunes them, or what programs of tiles need of them.
llvm::ModulePassManager passesFor(const llvm::Module& module, llvm::PassBuilder& builder, unsigned level) {
    constexpr const llvm::OptimizationLevel* levels[] = {&llvm::OptimizationLevel::O0, &llvm::OptimizationLevel::O1,
                                                         &llvm::OptimizationLevel::O2, &llvm::OptimizationLevel::O3};
    if (level == 0) {
        return builder.buildO0DefaultPipeline(*levels[0]);
    }
    return isOfTiles(module) ? tilePasses(module, builder) : builder.buildPerModuleDefaultPipeline(*levels[level]);
}

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

    llvm::ModulePassManager passes = passesFor(module, builder, level);
    passes.run(module, modules);
    if (module.getTargetTriple().isAMDGPU()) {
        if (level > 0) {
            hoistReciprocals(module);
        }
        avoidDefects(module, level);
    }
}

std::string printIr(const llvm::Module& module) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    module.print(stream, nullptr);
    return text;
}

/// Null where this LLVM has no such option.
llvm::cl::opt<bool>* switchOf(llvm::StringRef name) {
    const auto& options = llvm::cl::getRegisteredOptions();
    const auto found = options.find(name);
    return found == options.end() ? nullptr : static_cast<llvm::cl::opt<bool>*>(found->second);
}

/// An option as if the command line had named it: LLVM takes some of them only then.
llvm::cl::opt<bool>* namedSwitchOf(llvm::StringRef name) {
    llvm::cl::opt<bool>* option = switchOf(name);
    if (option != nullptr) {
        option->addOccurrence(0, name, "false");
    }
    return option;
}

/// Puts together the passes that make code of IR. Programs of tiles come with addresses split and accesses wide already: for them the code
/// generator does without its own passes for that. Their branches are the workgroup's, mostly: where all lanes agree the structurizer
/// would put flags between the sides of a branch. LLVM has these as options of the process, read while passes are put together, which one
/// thread does at a time.
bool addPasses(llvm::legacy::PassManager& passes, llvm::raw_pwrite_stream& stream, llvm::Module& module,
               llvm::TargetMachine& machine, llvm::CodeGenFileType type) {
    static std::mutex mutex;
    static const std::array options = {switchOf("amdgpu-scalar-ir-passes"),
                                       switchOf("amdgpu-load-store-vectorizer")};
    static llvm::cl::opt<bool>* const uniform = namedSwitchOf("structurizecfg-skip-uniform-regions");
    const std::lock_guard lock(mutex);
    for (llvm::cl::opt<bool>* option : options) {
        if (option != nullptr) {
            option->setValue(!isOfTiles(module));
        }
    }
    if (uniform != nullptr) {
        uniform->setValue(isOfTiles(module));
    }
    // The module was verified when it came, and this LLVM's passes are taken at their word.
    return !machine.addPassesToEmitFile(passes, stream, nullptr, type, /*DisableVerify=*/true);
}

std::string emit(llvm::Module& module, llvm::TargetMachine& machine, llvm::CodeGenFileType type, Messages& messages) {
    llvm::SmallString<0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    passes.add(new llvm::TargetLibraryInfoWrapperPass(machine.getTargetTriple()));
    if (!addPasses(passes, stream, module, machine, type)) {
        addError(messages, "LLVM cannot emit this kind of file for " + machine.getTargetCPU().str());
        return "";
    }
    passes.run(module);
    return bytes.str().str();
}

}  // namespace

Compilation::Compilation(const std::string& ir, const GenerateOptions& options, Timings& timings)
    : watch(timings), machine(options.target, options.optimisation) {
    context.setDiagnosticHandler(std::unique_ptr<llvm::DiagnosticHandler>(newMessageCollector(messages, spills)),
                                 /*RespectFilters=*/true);
    watch.step("start");
    module = parse(ir, context, *machine, messages);
    watch.step("parse");
    if (!module) {
        return;
    }
    optimise(*module, *machine, options.optimisation);
    for (const llvm::Function& function : *module) {
        sizes.emplace(function.getName().str(), function.getInstructionCount());
    }
    watch.step("optimise");
}

Compilation::~Compilation() { machine.release(); }

std::string Compilation::write(Output output) {
    std::string bytes;
    switch (output) {
    case Output::Ir: bytes = printIr(*module); break;
    case Output::Assembly: bytes = emit(*module, *machine, llvm::CodeGenFileType::AssemblyFile, messages); break;
    case Output::CodeObject: bytes = emit(*module, *machine, llvm::CodeGenFileType::ObjectFile, messages); break;
    }
    watch.step("emit");
    return bytes;
}

}  // namespace soma::llvm_addon
