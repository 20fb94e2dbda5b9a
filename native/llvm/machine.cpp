#include "machine.h"

#include <map>
#include <mutex>
#include <vector>

#include "llvm/MC/TargetRegistry.h"
#include "target.h"

namespace soma::llvm_addon {
namespace {

llvm::CodeGenOptLevel codeGenLevel(unsigned level) {
    constexpr llvm::CodeGenOptLevel levels[] = {llvm::CodeGenOptLevel::None, llvm::CodeGenOptLevel::Less,
                                                llvm::CodeGenOptLevel::Default, llvm::CodeGenOptLevel::Aggressive};
    return levels[level];
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
                                                     llvm::Reloc::PIC_, std::nullopt, codeGenLevel(level)));
}

void MachineLease::release() {
    const std::lock_guard lock(pool().mutex);
    pool().idle[key].push_back(std::move(machine));
}

}  // namespace soma::llvm_addon
