// One module's way through LLVM: parsed, verified and optimised, then written as what is wanted.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "generate.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "machine.h"
#include "message.h"
#include "spills.h"
#include "stopwatch.h"

namespace soma::llvm_addon {

/// Used by one thread; any number of them at once.
class Compilation {
public:
    /// Parses and optimises; `module` is null, with an error in `messages`, where the text can't be compiled for the target.
    Compilation(const std::string& ir, const GenerateOptions& options, Timings& timings);
    ~Compilation();
    Compilation(const Compilation&) = delete;
    Compilation& operator=(const Compilation&) = delete;

    /// Relocatable for a code object. Generating code changes the module, so this is done once.
    std::string write(Output output);

private:
    Stopwatch watch;
    llvm::LLVMContext context;
    MachineLease machine;

public:
    std::unique_ptr<llvm::Module> module;
    Messages messages;
    SpillReport spills;
    /// Instructions of each function when it was optimised.
    std::map<std::string, unsigned> sizes;
};

}  // namespace soma::llvm_addon
