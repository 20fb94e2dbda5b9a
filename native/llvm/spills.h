// Vector registers that found no place and are kept in memory: which kernels have such, where, and what would help. LLVM's
// AMDGPU back end has several schedulers, of which the usual one trades registers for latency; the others are tried on
// kernels that spill.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "llvm/ADT/StringRef.h"

namespace llvm {
class DiagnosticInfo;
class Module;
}  // namespace llvm

namespace soma::llvm_addon {

/// A loop of a function in which registers are spilled or fetched back, as LLVM's register allocator tells.
struct SpillingLoop {
    std::string function;
    std::string file;
    unsigned line;
    unsigned column;
    /// Spills and reloads by how often they run.
    double cost;
};

/// What a compile has to say of spills.
struct SpillReport {
    /// Some register of some kind was spilled; those of scalars, which go to lanes of vector registers, among them.
    bool any = false;
    std::vector<SpillingLoop> loops;

    /// Whether remarks of this pass of LLVM's tell of spills.
    static bool wants(llvm::StringRef pass);
    /// True if it was about spills, whether it is kept or not.
    bool take(const llvm::DiagnosticInfo& info);
    /// The function's loop that costs most, or null.
    const SpillingLoop* worstOf(llvm::StringRef function) const;
};

/// Names of kernels with schedulers, as the function attribute `amdgpu-sched-strategy` takes them.
using Schedulers = std::map<std::string, std::string>;

/// In the order in which they are tried.
extern const std::vector<const char*> OTHER_SCHEDULERS;

/// Sets them on functions of these names.
void setSchedulers(llvm::Module& module, const Schedulers& schedulers);

/// Takes the bodies of all kernels but this one away.
void keepKernel(llvm::Module& module, llvm::StringRef name);

/// A kernel of at most so many instructions of LLVM's IR, once it is optimised, is compiled in a few seconds, so that it can be
/// compiled again. Time itself must not decide: the same input gives the same bytes on every machine.
constexpr unsigned MOST_INSTRUCTIONS = 5'000;

/// Spilled vector registers of each kernel of a relocatable object, those without left out.
std::map<std::string, unsigned> spilledVectors(llvm::StringRef object);

}  // namespace soma::llvm_addon
