// Modules: loading through the driver's compiler, kernels and variables by name.
#include "context.h"

#include <elf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

using namespace soma::cuda;

namespace {

/// Shared memory that any launch may have without asking first, the kernel's own included (CUDA C++ Programming Guide,
/// "Technical Specifications per Compute Capability").
constexpr int kDefaultSharedBytes = 48 * 1024;
constexpr size_t kLogBytes = 16 * 1024;

/// What the driver's compiler says, without the space at its end.
std::string trimmed(std::string log) {
    log.resize(log.find('\0') == std::string::npos ? log.size() : log.find('\0'));
    while (!log.empty() && (log.back() == '\n' || log.back() == ' ')) {
        log.pop_back();
    }
    return log;
}

/// The driver takes PTX, a cubin (ELF for machine 190) and CUDA's fat binaries, and finds out itself which it has. What
/// Soma and HIP make for AMD GPUs is told apart here, because the driver's words for it are no help.
hipError_t refuseOthers(const void* image) {
    constexpr uint16_t kAmdGpu = 224;
    const char* const bytes = static_cast<const char*>(image);
    uint16_t machine = 0;
    if (std::strncmp(bytes, ELFMAG, SELFMAG) == 0) {
        std::memcpy(&machine, bytes + offsetof(Elf64_Ehdr, e_machine), sizeof machine);
    }
    const bool bundle = std::strncmp(bytes, "__CLANG_OFFLOAD_BUNDLE__", 24) == 0 || std::strncmp(bytes, "CCOB", 4) == 0;
    return machine == kAmdGpu || bundle ? fail(hipErrorNoBinaryForGpu, "the code object is for AMD GPUs") : hipSuccess;
}

hipError_t load(const Driver& driver, hipModule_t* module, const void* image) {
    if (const hipError_t error = answer(module, static_cast<hipModule_t>(nullptr), "module")) {
        return error;
    }
    if (!image) {
        return fail(hipErrorInvalidValue, "the code object's address is null");
    }
    if (const hipError_t error = refuseOthers(image)) {
        return error;
    }
    if (const hipError_t error = enter(driver)) {
        return error;
    }
    std::string info(kLogBytes, '\0');
    std::string errors(kLogBytes, '\0');
    int options[] = {CU_JIT_INFO_LOG_BUFFER, CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES, CU_JIT_ERROR_LOG_BUFFER,
                     CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
    void* values[] = {info.data(), reinterpret_cast<void*>(info.size()), errors.data(),
                      reinterpret_cast<void*>(errors.size())};
    CUmodule loaded = nullptr;
    if (const CUresult result = driver.cuModuleLoadDataEx(&loaded, image, 4, options, values)) {
        std::string log = trimmed(std::move(errors));
        const std::string more = trimmed(std::move(info));
        log += log.empty() || more.empty() ? more : "\n" + more;
        return outcome(driver, result, "cuModuleLoadDataEx", log.empty() ? "" : "the driver's compiler says:\n" + log);
    }
    *module = reinterpret_cast<hipModule_t>(loaded);
    handles().modules.add(*module, {});
    return hipSuccess;
}

}  // namespace

hipError_t hipModuleLoadData(hipModule_t* module, const void* image) {
    return withDriver([&](const Driver& driver) { return load(driver, module, image); });
}

hipError_t hipModuleLoadDataEx(hipModule_t* module, const void* image, unsigned int optionCount, hipJitOption*,
                               void**) {
    return withDriver([&](const Driver& driver) {
        return optionCount == 0 ? load(driver, module, image)
                                : fail(hipErrorInvalidValue, "hipModuleLoadDataEx takes no options here");
    });
}

hipError_t hipModuleLoad(hipModule_t* module, const char* path) {
    return withDriver([&](const Driver& driver) {
        if (!path) {
            return fail(hipErrorInvalidValue, "the code object's path is null");
        }
        std::ifstream file(path, std::ios::binary);
        // A string ends in the zero byte that the driver's compiler wants behind PTX.
        const std::string bytes(std::istreambuf_iterator<char>(file), {});
        return file.bad() || !file.is_open()
                   ? fail(hipErrorFileNotFound,
                          "the code object file '" + std::string(path) + "' cannot be read: " + std::strerror(errno))
                   : load(driver, module, bytes.c_str());
    });
}

hipError_t hipModuleUnload(hipModule_t module) {
    return withDriver([&](const Driver& driver) {
        if (!handles().modules.remove(module)) {
            return fail(hipErrorInvalidHandle, "the module is null, unknown or was unloaded");
        }
        handles().functions.removeIf([&](const auto& function) { return function->module == module; });
        const hipError_t error = enter(driver);
        return error ? error : outcome(driver, driver.cuModuleUnload(raw(module)), "cuModuleUnload");
    });
}

hipError_t hipModuleGetFunction(hipFunction_t* out, hipModule_t module, const char* name) {
    return withDriver([&](const Driver& driver) {
        if (!out || !name) {
            return fail(hipErrorInvalidValue, "the address for the kernel or its name is null");
        }
        *out = nullptr;
        if (const hipError_t error = checkModule(module)) {
            return error;
        }
        if (const hipError_t error = enter(driver)) {
            return error;
        }
        const std::string what = "kernel '" + std::string(name) + "'";
        CUfunction function = nullptr;
        if (const CUresult result = driver.cuModuleGetFunction(&function, raw(module), name)) {
            return outcome(driver, result, "cuModuleGetFunction", what);
        }
        int sharedBytes = 0;
        if (const CUresult result =
                driver.cuFuncGetAttribute(&sharedBytes, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, function)) {
            return outcome(driver, result, "cuFuncGetAttribute", what);
        }
        *out = reinterpret_cast<hipFunction_t>(function);
        auto kept = std::make_shared<Function>();
        kept->module = module;
        kept->name = name;
        kept->sharedBytes = sharedBytes;
        kept->dynamicBytes = std::max(0, kDefaultSharedBytes - sharedBytes);
        handles().functions.add(*out, std::move(kept));
        return hipSuccess;
    });
}

hipError_t hipModuleGetGlobal(hipDeviceptr_t* pointer, size_t* size, hipModule_t module, const char* name) {
    return withDriver([&](const Driver& driver) {
        if (!name) {
            return fail(hipErrorInvalidValue, "the variable's name is null");
        }
        if (const hipError_t error = checkModule(module)) {
            return error;
        }
        if (const hipError_t error = enter(driver)) {
            return error;
        }
        CUdeviceptr address = 0;
        size_t bytes = 0;
        if (const CUresult result = driver.cuModuleGetGlobal_v2(&address, &bytes, raw(module), name)) {
            return outcome(driver, result, "cuModuleGetGlobal", "variable '" + std::string(name) + "'");
        }
        if (pointer) {
            *pointer = reinterpret_cast<hipDeviceptr_t>(address);
        }
        if (size) {
            *size = bytes;
        }
        return hipSuccess;
    });
}
