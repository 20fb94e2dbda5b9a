// Modules: code objects and offload bundles become loaded modules of the current device; kernels and variables by name.
#include "context.h"
#include "image.h"

#include <algorithm>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

hipError_t codeOf(LoadError::Kind kind) {
    switch (kind) {
        case LoadError::Kind::InvalidImage:
            return hipErrorInvalidImage;
        case LoadError::Kind::WrongTarget:
            return hipErrorNoBinaryForGpu;
        case LoadError::Kind::OutOfMemory:
            return hipErrorOutOfMemory;
    }
    return hipErrorUnknown;
}

/// Loads the first of the bundle's entries for the device's processor whose features suit it.
std::unique_ptr<Module> loadBundle(VirtualDevice& device, std::span<const std::byte> bytes, Failure& failure) {
    std::vector<BundleEntry> entries;
    if (auto unreadable = readBundle(bytes, entries)) {
        failure = std::move(*unreadable);
        return nullptr;
    }
    std::string targets;
    for (const BundleEntry& entry : entries) {
        targets += (targets.empty() ? "" : ", ") + std::string(entry.target);
    }
    failure = {hipErrorNoBinaryForGpu, "the offload bundle has no code object for " + device.describe() + "; it has " +
                                           (targets.empty() ? "none for an AMD GPU" : targets)};
    for (const BundleEntry& entry : entries) {
        if (entry.processor() != device.core.target().name) {
            continue;
        }
        LoadError error;
        if (auto module = Module::load(device.core, entry.code, error)) {
            return module;
        }
        failure = {codeOf(error.kind), "the offload bundle's entry " + std::string(entry.target) + ": " + error.message};
    }
    return nullptr;
}

hipError_t load(hipModule_t* out, std::span<const std::byte> bytes) {
    const auto device = Runtime::instance().current();
    if (!device) {
        return lastError();
    }
    if (isCompressedBundle(bytes)) {
        return fail(hipErrorInvalidImage, "the offload bundle is compressed, which the virtual GPU cannot read: bundle "
                                          "with clang's --no-offload-compress");
    }
    auto loaded = std::make_shared<LoadedModule>();
    loaded->device = device;
    if (isBundle(bytes)) {
        Failure failure{};
        loaded->module = loadBundle(*device, bytes, failure);
        if (!loaded->module) {
            return fail(failure);
        }
    } else {
        LoadError error;
        loaded->module = Module::load(device->core, bytes, error);
        if (!loaded->module) {
            return fail(codeOf(error.kind), error.message);
        }
    }
    *out = Runtime::instance().modules.add(std::move(loaded));
    return hipSuccess;
}

hipError_t checkOut(hipModule_t* out, const void* image, const char* what) {
    if (!out) {
        return fail(hipErrorInvalidValue, "the address for the module is null");
    }
    *out = nullptr;
    return image ? hipSuccess : fail(hipErrorInvalidValue, std::string("the ") + what + " is null");
}

std::shared_ptr<LoadedModule> findModule(hipModule_t handle) {
    auto module = Runtime::instance().modules.find(handle);
    if (!module) {
        fail(hipErrorInvalidHandle, hex(handle) + " is no module, or one that was unloaded");
    }
    return module;
}

std::shared_ptr<Function> findFunction(hipFunction_t handle) {
    auto function = Runtime::instance().functions.find(handle);
    if (!function) {
        fail(hipErrorInvalidHandle, hex(handle) + " is no kernel, or one of a module that was unloaded");
    }
    return function;
}

template <typename Named>
std::string listNames(std::span<const Named> all) {
    std::string names;
    for (const Named& one : all) {
        names += (names.empty() ? "" : ", ") + one.name;
    }
    return names.empty() ? "none" : names;
}

}  // namespace

hipError_t hipModuleLoadData(hipModule_t* module, const void* image) {
    return call([&] {
        if (const hipError_t error = checkOut(module, image, "image")) {
            return error;
        }
        std::vector<std::byte> bytes;
        if (const auto failure = imageFromMemory(image, bytes)) {
            return fail(*failure);
        }
        return load(module, bytes);
    });
}

hipError_t hipModuleLoadDataEx(hipModule_t* module, const void* image, unsigned int, hipJitOption*, void**) {
    return hipModuleLoadData(module, image);
}

hipError_t somaVgpuModuleLoad(hipModule_t* module, const void* image, size_t size) {
    return call([&] {
        if (const hipError_t error = checkOut(module, image, "image")) {
            return error;
        }
        return load(module, {static_cast<const std::byte*>(image), size});
    });
}

hipError_t hipModuleLoad(hipModule_t* module, const char* path) {
    return call([&] {
        if (const hipError_t error = checkOut(module, path, "path")) {
            return error;
        }
        std::vector<std::byte> bytes;
        if (const auto failure = imageFromFile(path, bytes)) {
            return fail(*failure);
        }
        return load(module, bytes);
    });
}

hipError_t hipModuleUnload(hipModule_t handle) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        const auto module = runtime.modules.remove(handle);
        if (!module) {
            return fail(hipErrorInvalidHandle, hex(handle) + " is no module, or one that was unloaded already");
        }
        // Queued launches hold the module: its memory goes with the last of them.
        std::scoped_lock lock(module->mutex);
        for (const auto& [name, function] : module->functions) {
            runtime.functions.remove(function);
        }
        return hipSuccess;
    });
}

hipError_t hipModuleGetFunction(hipFunction_t* out, hipModule_t handle, const char* name) {
    return call([&] {
        if (!out || !name) {
            return fail(hipErrorInvalidValue, "the address for the kernel or its name is null");
        }
        *out = nullptr;
        const auto module = findModule(handle);
        if (!module) {
            return lastError();
        }
        const Kernel* kernel = module->module->findKernel(name);
        if (!kernel) {
            return fail(hipErrorNotFound, "the module has no kernel '" + std::string(name) +
                                              "'; its kernels are: " + listNames(module->module->kernels()));
        }
        std::scoped_lock lock(module->mutex);
        auto [entry, added] = module->functions.try_emplace(name, nullptr);
        if (added) {
            entry->second = Runtime::instance().functions.add(
                std::make_shared<Function>(Function{.module = module, .kernel = kernel}));
        }
        *out = entry->second;
        return hipSuccess;
    });
}

hipError_t hipModuleGetGlobal(hipDeviceptr_t* pointer, size_t* size, hipModule_t handle, const char* name) {
    return call([&] {
        if (!name) {
            return fail(hipErrorInvalidValue, "the variable's name is null");
        }
        const auto module = findModule(handle);
        if (!module) {
            return lastError();
        }
        const GlobalVariable* variable = module->module->findVariable(name);
        if (!variable) {
            return fail(hipErrorNotFound, "the module has no variable '" + std::string(name) +
                                              "'; its variables are: " + listNames(module->module->variables()));
        }
        if (pointer) {
            *pointer = reinterpret_cast<hipDeviceptr_t>(variable->address);
        }
        if (size) {
            *size = variable->size;
        }
        return hipSuccess;
    });
}

hipError_t hipFuncGetAttribute(int* value, hipFunction_attribute attribute, hipFunction_t handle) {
    return call([&] {
        if (!value) {
            return fail(hipErrorInvalidValue, "the address for the attribute's value is null");
        }
        const auto function = findFunction(handle);
        if (!function) {
            return lastError();
        }
        const Kernel& kernel = *function->kernel;
        const Target& target = function->module->device->core.target();
        switch (static_cast<int>(attribute)) {
            case HIP_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
                *value = static_cast<int>(std::min(kernel.maxWorkgroupSize, target.maxWorkgroupSize));
                return hipSuccess;
            case HIP_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
                *value = static_cast<int>(kernel.ldsSize);
                return hipSuccess;
            case HIP_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
                *value = static_cast<int>(kernel.privateSize);
                return hipSuccess;
            case HIP_FUNC_ATTRIBUTE_NUM_REGS:
                *value = static_cast<int>(kernel.vgprs);
                return hipSuccess;
            case HIP_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
                *value = static_cast<int>(target.ldsBytes - std::min(kernel.ldsSize, target.ldsBytes));
                return hipSuccess;
            case HIP_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
            case HIP_FUNC_ATTRIBUTE_PTX_VERSION:
            case HIP_FUNC_ATTRIBUTE_BINARY_VERSION:
            case HIP_FUNC_ATTRIBUTE_CACHE_MODE_CA:
            case HIP_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
                *value = 0;
                return hipSuccess;
            default:
                return fail(hipErrorInvalidValue,
                            "there is no kernel attribute " + std::to_string(static_cast<int>(attribute)));
        }
    });
}

hipError_t hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, hipFunction_t handle, int blockSize,
                                                              size_t dynamicSharedBytes) {
    return call([&] {
        if (!blocks || blockSize <= 0 || dynamicSharedBytes > UINT32_MAX) {
            return fail(hipErrorInvalidValue, "the address for the answer is null, or the workgroup size " +
                                                  std::to_string(blockSize) + " or the LDS size " +
                                                  std::to_string(dynamicSharedBytes) + " is out of range");
        }
        const auto function = findFunction(handle);
        if (!function) {
            return lastError();
        }
        *blocks = static_cast<int>(function->module->device->core.occupancy(
            *function->kernel, static_cast<unsigned>(blockSize), static_cast<uint32_t>(dynamicSharedBytes)));
        return hipSuccess;
    });
}
