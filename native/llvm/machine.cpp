#include "machine.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Target/RegisterTargetPassConfigCallback.h"
#include "llvm/Target/TargetMachine.h"
#include "target.h"

namespace soma::llvm_addon {
namespace {

/// What AMDGPU's code generator does on top at its highest level is to number the values of the optimised module anew,
/// twice. That takes time, and lets values live longer: the kernels of bench/codegen have up to 1.5 % more instructions.
llvm::CodeGenOptLevel codeGenLevel(const Backend& backend, unsigned level) {
    constexpr llvm::CodeGenOptLevel levels[] = {llvm::CodeGenOptLevel::None, llvm::CodeGenOptLevel::Less,
                                                llvm::CodeGenOptLevel::Default, llvm::CodeGenOptLevel::Aggressive};
    return backend.triple.isAMDGPU() ? levels[std::min(level, 2u)] : levels[level];
}

/// Optimised code says nothing of variables to debuggers, so there is none to be followed through registers.
void leaveOutVariables(llvm::TargetMachine& machine, llvm::PassManagerBase&, llvm::TargetPassConfig* config) {
    if (machine.getOptLevel() != llvm::CodeGenOptLevel::None) {
        config->disablePass(&llvm::LiveDebugValuesID);
    }
}

struct Pool {
    std::mutex mutex;
    /// As many for each key as jobs ran at once.
    std::map<std::string, std::vector<std::unique_ptr<llvm::TargetMachine>>> idle;
};

/// Never destroyed: a job may end after the process's static objects.
Pool& pool() {
    static Pool& shared = *new Pool;
    return shared;
}

}  // namespace

MachineLease::MachineLease(const std::string& target, unsigned level) : key(target + " " + std::to_string(level)) {
    {
        const std::lock_guard lock(pool().mutex);
        auto& idle = pool().idle[key];
        if (!idle.empty()) {
            machine = std::move(idle.back());
            idle.pop_back();
            return;
        }
    }
    const Backend& backend = backendOf(target);
    machine.reset(backend.target.createTargetMachine(backend.triple, target, featuresOf(target), llvm::TargetOptions(),
                                                     llvm::Reloc::PIC_, std::nullopt, codeGenLevel(backend, level)));
}

void leaveOutIdlePasses() {
    static const llvm::RegisterTargetPassConfigCallback callback(leaveOutVariables);
}

void MachineLease::release() {
    const std::lock_guard lock(pool().mutex);
    pool().idle[key].push_back(std::move(machine));
}

}  // namespace soma::llvm_addon
