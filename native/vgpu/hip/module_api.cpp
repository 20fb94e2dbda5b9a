// Modules: code objects and offload bundles become loaded modules of the current device; kernels and variables by name.
#include "context.h"
#include "image.h"
#include "modules.h"

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

hipError_t load(hipModule_t* out, std::span<const std::byte> bytes) {
    const auto device = Runtime::instance().current();
    if (!device) {
        return lastError();
    }
    Failure failure{};
    auto loaded = loadModule(device, bytes, failure);
    if (!loaded) {
        return fail(failure);
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
        *out = functionOf(module, name);
        if (!*out) {
            return fail(hipErrorNotFound, "the module has no kernel '" + std::string(name) +
                                              "'; its kernels are: " + listNames(module->module->kernels()));
        }
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
