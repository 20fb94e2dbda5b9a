#include "spills.h"

#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Module.h"
#include "metadata.h"
#include "notes.h"

namespace soma::llvm_addon {
namespace {

constexpr llvm::StringLiteral ALLOCATOR = "regalloc";
/// The remark of LLVM's RegAllocGreedy on a loop; it makes one on the whole function as well.
constexpr llvm::StringLiteral IN_LOOP = "LoopSpillReloadCopies";

/// A number that a remark names; 0 where it doesn't.
double numberIn(const llvm::DiagnosticInfoOptimizationBase& remark, llvm::StringRef name) {
    for (const auto& argument : remark.getArgs()) {
        double value = 0;
        if (argument.Key == name && !llvm::StringRef(argument.Val).getAsDouble(value)) {
            return value;
        }
    }
    return 0;
}

}  // namespace

// The one that keeps fewest registers alive, then the one that plans for the fewest that latency allows.
const std::vector<const char*> OTHER_SCHEDULERS = {"iterative-minreg", "iterative-ilp"};

bool SpillReport::wants(llvm::StringRef pass) { return pass == ALLOCATOR; }

bool SpillReport::take(const llvm::DiagnosticInfo& info) {
    if (info.getKind() != llvm::DK_MachineOptimizationRemarkMissed) {
        return false;
    }
    const auto& remark = static_cast<const llvm::DiagnosticInfoOptimizationBase&>(info);
    if (!wants(remark.getPassName())) {
        return false;
    }
    const double cost = numberIn(remark, "TotalSpillsCost") + numberIn(remark, "TotalReloadsCost");
    if (cost == 0) {
        return true;
    }
    any = true;
    if (remark.getRemarkName() == IN_LOOP && remark.isLocationAvailable()) {
        SpillingLoop loop{remark.getFunction().getName().str(), "", 0, 0, cost};
        llvm::StringRef file;
        remark.getLocation(file, loop.line, loop.column);
        loop.file = file.str();
        loops.push_back(std::move(loop));
    }
    return true;
}

const SpillingLoop* SpillReport::worstOf(llvm::StringRef function) const {
    const SpillingLoop* worst = nullptr;
    for (const SpillingLoop& loop : loops) {
        // Of nested loops the outer one has the inner one's cost as well.
        if (loop.function == function && (worst == nullptr || loop.cost >= worst->cost)) {
            worst = &loop;
        }
    }
    return worst;
}

void setSchedulers(llvm::Module& module, const Schedulers& schedulers) {
    for (const auto& [name, scheduler] : schedulers) {
        if (llvm::Function* function = module.getFunction(name)) {
            function->addFnAttr("amdgpu-sched-strategy", scheduler);
        }
    }
}

void keepKernel(llvm::Module& module, llvm::StringRef name) {
    for (llvm::Function& function : module) {
        if (function.getCallingConv() == llvm::CallingConv::AMDGPU_KERNEL && function.getName() != name) {
            function.deleteBody();
            function.setVisibility(llvm::GlobalValue::DefaultVisibility);
        }
    }
}

std::map<std::string, unsigned> spilledVectors(llvm::StringRef object) {
    std::map<std::string, unsigned> spilled;
    const std::optional<MetadataNote> note = metadataNote(object);
    if (!note) {
        return spilled;
    }
    const Metadata metadata = Metadata::parse(note->description);
    const std::vector<Metadata>* kernels = metadata.optionalArray("amdhsa.kernels");
    if (kernels == nullptr) {
        return spilled;
    }
    for (const Metadata& kernel : *kernels) {
        if (const uint64_t count = kernel.optionalUnsigned(".vgpr_spill_count").value_or(0); count > 0) {
            spilled.emplace(kernel.stringAt(".name"), static_cast<unsigned>(count));
        }
    }
    return spilled;
}

}  // namespace soma::llvm_addon
