#include "tile_passes.h"

#include <string>

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/ErrorHandling.h"

namespace soma::llvm_addon {
namespace {

// Such programs are long straight code without calls, variables in memory, or loops that could become vectors: their own
// loops over edges, vectorised or unrolled by what -O2 does, were half of a product's code. `default<O1>` combines instructions
// eight times, which is more than half of its time; the kernels of bench/matrix execute the same or less (by 0.5 % at most)
// when it is done twice: before equal values are joined, and of vectors in straight code at the end.
constexpr const char* BEFORE_VECTORS =
    // What is called becomes part of its callers, which are simplified first.
    "function<eager-inv>(simplifycfg),ipsccp,globalopt,always-inline,"
    "cgscc(inline,function-attrs,function<eager-inv;no-rerun>("
    "sroa,instcombine<no-verify-fixpoint>,early-cse<memssa>,amdgpu-uniform-intrinsic-combine,simplifycfg,reassociate,"
    "loop-mssa(licm<no-allowspeculation>,loop-rotate,licm<allowspeculation>,simple-loop-unswitch),simplifycfg,"
    "loop(indvars,loop-deletion,loop-unroll-full),bdce,adce)),globaldce,"
    // Whole and partial tiles end in the same stores, which become one.
    "function<eager-inv>("
    "simplifycfg<switch-range-to-icmp;no-keep-loops;hoist-common-insts;sink-common-insts>,";

// gfx90a and later have instructions for two floats, gfx11 and gfx12 for two of 16 bits.
constexpr const char* VECTORS = "slp-vectorizer,";

constexpr const char* BEHIND_VECTORS =
    "vector-combine,instcombine<no-verify-fixpoint>,"
    "loop-mssa(licm<allowspeculation>),loop-sink,div-rem-pairs,"
    "simplifycfg<switch-range-to-icmp;hoist-loads-stores-with-cond-faulting;speculate-unpredictables>),"
    "amdgpu-attributor,globaldce";

bool isFloatArithmetic(const llvm::Instruction& instruction) {
    const auto* call = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
    return (instruction.isBinaryOp() && instruction.getType()->isFPOrFPVectorTy()) ||
           (call != nullptr && call->getIntrinsicID() == llvm::Intrinsic::fma);
}

/// Where nothing is computed but products on matrix cores, straight code has nothing that vectors would be for.
bool hasFloatArithmetic(const llvm::Module& module) {
    return llvm::any_of(module, [](const llvm::Function& function) {
        return llvm::any_of(llvm::instructions(function), isFloatArithmetic);
    });
}

}  // namespace

bool isOfTiles(const llvm::Module& module) {
    return module.getNamedMetadata("soma.tiles") != nullptr && module.getTargetTriple().isAMDGPU();
}

llvm::ModulePassManager tilePasses(const llvm::Module& module, llvm::PassBuilder& builder) {
    const std::string list = std::string(BEFORE_VECTORS) + (hasFloatArithmetic(module) ? VECTORS : "") + BEHIND_VECTORS;
    llvm::ModulePassManager passes;
    if (auto error = builder.parsePassPipeline(passes, list)) {
        llvm::report_fatal_error(std::move(error));
    }
    return passes;
}

}  // namespace soma::llvm_addon
