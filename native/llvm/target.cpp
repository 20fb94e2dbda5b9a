#include "target.h"

#include "guarded.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/TargetParser/TargetParser.h"

// The real initialisers: the plain names are empty for all of the addon (see CMakeLists.txt).
extern "C" {
void __real_LLVMInitializeAMDGPUTargetInfo();
void __real_LLVMInitializeAMDGPUTarget();
void __real_LLVMInitializeAMDGPUTargetMC();
void __real_LLVMInitializeAMDGPUAsmPrinter();
void __real_LLVMInitializeAMDGPUAsmParser();
void LLVMInitializeAMDGPUDisassembler();
}

namespace soma::llvm_addon {
namespace {

const llvm::Target* initialise() {
    installFatalErrorHandler();
    __real_LLVMInitializeAMDGPUTargetInfo();
    __real_LLVMInitializeAMDGPUTarget();
    __real_LLVMInitializeAMDGPUTargetMC();
    __real_LLVMInitializeAMDGPUAsmPrinter();
    __real_LLVMInitializeAMDGPUAsmParser();
    LLVMInitializeAMDGPUDisassembler();
    std::string error;
    const llvm::Target* target = llvm::TargetRegistry::lookupTarget(targetTriple(), error);
    if (target == nullptr) {
        llvm::report_fatal_error(llvm::StringRef(error));
    }
    return target;
}

llvm::SmallVector<llvm::StringRef, 64> processors() {
    llvm::SmallVector<llvm::StringRef, 64> names;
    llvm::AMDGPU::fillValidArchListAMDGCN(names);
    // LLVM lists the old code names (`tahiti`, `fiji`) as well, each beside its gfx number.
    llvm::erase_if(names, [](llvm::StringRef name) { return !name.starts_with("gfx"); });
    return names;
}

}  // namespace

const llvm::Triple& targetTriple() {
    static const llvm::Triple triple("amdgcn-amd-amdhsa");
    return triple;
}

const llvm::Target& amdgpu() {
    static const llvm::Target* const target = initialise();
    return *target;
}

std::vector<std::string> targetNames() {
    std::vector<std::string> names;
    for (llvm::StringRef name : processors()) {
        names.push_back(name.str());
    }
    return names;
}

bool isTargetName(llvm::StringRef name) { return llvm::is_contained(processors(), name); }

}  // namespace soma::llvm_addon
