#include "target.h"

#include <malloc.h>

#include <memory>
#include <optional>

#include "branch_values.h"
#include "guarded.h"
#include "lds_places.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/TargetParser/TargetParser.h"
#include "machine.h"
#include "spill_lanes.h"
#include "whole_waves.h"
#include "wide_constants.h"

// The real initialisers: the plain names are empty for all of the addon (see CMakeLists.txt).
extern "C" {
void __real_LLVMInitializeAMDGPUTargetInfo();
void __real_LLVMInitializeAMDGPUTarget();
void __real_LLVMInitializeAMDGPUTargetMC();
void __real_LLVMInitializeAMDGPUAsmPrinter();
void __real_LLVMInitializeAMDGPUAsmParser();
void LLVMInitializeAMDGPUDisassembler();
void __real_LLVMInitializeNVPTXTargetInfo();
void __real_LLVMInitializeNVPTXTarget();
void __real_LLVMInitializeNVPTXTargetMC();
void __real_LLVMInitializeNVPTXAsmPrinter();
}

namespace soma::llvm_addon {
namespace {

constexpr llvm::StringLiteral NVPTX_PREFIX = "sm_";

Backend lookUp(const char* triple) {
    llvm::Triple parsed(triple);
    std::string error;
    const llvm::Target* target = llvm::TargetRegistry::lookupTarget(parsed, error);
    if (target == nullptr) {
        llvm::report_fatal_error(llvm::StringRef(error));
    }
    return {std::move(parsed), *target};
}

/// A compile takes some megabytes and gives them back. glibc would give them back to the system, and the next compile would
/// fetch them page by page: a tenth of its time.
void keepMemory() {
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
}

struct Backends {
    Backends() {
        keepMemory();
        installFatalErrorHandler();
        __real_LLVMInitializeAMDGPUTargetInfo();
        __real_LLVMInitializeAMDGPUTarget();
        __real_LLVMInitializeAMDGPUTargetMC();
        __real_LLVMInitializeAMDGPUAsmPrinter();
        __real_LLVMInitializeAMDGPUAsmParser();
        LLVMInitializeAMDGPUDisassembler();
        __real_LLVMInitializeNVPTXTargetInfo();
        __real_LLVMInitializeNVPTXTarget();
        __real_LLVMInitializeNVPTXTargetMC();
        __real_LLVMInitializeNVPTXAsmPrinter();
        keepSpillsAcrossRounds();
        keepWholeWavesApart();
        moveWideConstantsWhole();
        keepBranchValuesApart();
        nameArraysOfLds();
        leaveOutIdlePasses();
        amdgpu.emplace(lookUp("amdgcn-amd-amdhsa"));
        nvptx.emplace(lookUp("nvptx64-nvidia-cuda"));
    }

    std::optional<Backend> amdgpu;
    std::optional<Backend> nvptx;
};

const Backends& backends() {
    static const Backends initialised;
    return initialised;
}

std::vector<std::string> listTargets() {
    std::vector<std::string> names;
    llvm::SmallVector<llvm::StringRef, 64> amd;
    llvm::AMDGPU::fillValidArchListAMDGCN(amd);
    for (llvm::StringRef name : amd) {
        // LLVM lists the old code names (`tahiti`, `fiji`) as well, each beside its gfx number.
        if (name.starts_with("gfx")) {
            names.push_back(name.str());
        }
    }
    const Backend& nvidia = nvptx();
    const std::unique_ptr<llvm::MCSubtargetInfo> subtarget(nvidia.target.createMCSubtargetInfo(nvidia.triple, "", ""));
    for (const llvm::SubtargetSubTypeKV& processor : subtarget->getAllProcessorDescriptions()) {
        if (llvm::StringRef(processor.Key).starts_with(NVPTX_PREFIX)) {
            names.push_back(processor.Key);
        }
    }
    return names;
}

const std::vector<std::string>& knownTargets() {
    static const std::vector<std::string> names = listTargets();
    return names;
}

}  // namespace

const Backend& amdgpu() { return *backends().amdgpu; }

const Backend& nvptx() { return *backends().nvptx; }

const Backend& backendOf(llvm::StringRef target) { return target.starts_with(NVPTX_PREFIX) ? nvptx() : amdgpu(); }

const char* featuresOf(llvm::StringRef target) {
    // LLVM writes Volta's PTX in version 6.0, and Turing's in 6.3; `activemask`, which the operations of a wave need, is of
    // 6.2, and Turing's matrix instruction of 6.5 (PTX ISA).
    if (target == "sm_75") {
        return "+ptx65";
    }
    return target == "sm_70" || target == "sm_72" ? "+ptx63" : "";
}

std::vector<std::string> targetNames() { return knownTargets(); }

bool isTargetName(llvm::StringRef name) { return llvm::is_contained(knownTargets(), name); }

}  // namespace soma::llvm_addon
