// LLVM's target machines, kept between jobs: making one anew, with what it computes on first use (register classes,
// legal operations, aliases of registers), is a fifth of a small compile.
#pragma once

#include <memory>
#include <string>

#include "llvm/Target/TargetMachine.h"

namespace soma::llvm_addon {

/// A target machine of this thread's own until `release`. One that is not released (LLVM gave up in the middle) is lost.
class MachineLease {
public:
    /// @param target a name for which isTargetName holds
    /// @param level 0 to 3
    MachineLease(const std::string& target, unsigned level);
    MachineLease(const MachineLease&) = delete;
    MachineLease& operator=(const MachineLease&) = delete;

    llvm::TargetMachine& operator*() const { return *machine; }

    /// The job is done, and the machine is as it was.
    void release();

private:
    const std::string key;
    std::unique_ptr<llvm::TargetMachine> machine;
};

/// Takes passes out of LLVM's pipelines of code generation that would find nothing to do.
void leaveOutIdlePasses();

}  // namespace soma::llvm_addon
