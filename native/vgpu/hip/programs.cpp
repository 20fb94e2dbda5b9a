#include "programs.h"

#include "context.h"
#include "image.h"
#include "modules.h"

#include <cstring>

namespace soma::vgpu::hip {

void** Programs::add(const void* image) {
    auto binary = std::make_unique<Binary>();
    binary->image = image;
    // The handle is opaque to generated code.
    void** handle = reinterpret_cast<void**>(binary.get());
    std::scoped_lock lock(mutex_);
    binaries_.emplace(handle, std::move(binary));
    return handle;
}

void Programs::remove(void** handle) {
    std::scoped_lock lock(mutex_);
    const auto found = binaries_.find(handle);
    if (found == binaries_.end()) {
        return;
    }
    const auto ofIt = [&](const auto& entry) { return entry.second.binary == found->second.get(); };
    std::erase_if(kernels_, ofIt);
    std::erase_if(variables_, ofIt);
    binaries_.erase(found);
}

void Programs::addKernel(void** handle, const void* host, const char* name) {
    std::scoped_lock lock(mutex_);
    if (const auto found = binaries_.find(handle); found != binaries_.end() && name) {
        kernels_[host] = {found->second.get(), name};
    }
}

void Programs::addVariable(void** handle, const void* host, const char* name, size_t) {
    std::scoped_lock lock(mutex_);
    if (const auto found = binaries_.find(handle); found != binaries_.end() && name) {
        variables_[host] = {found->second.get(), name};
    }
}

void Programs::addManaged(void** handle, const char* name, void* memory) {
    std::scoped_lock lock(mutex_);
    if (const auto found = binaries_.find(handle); found != binaries_.end() && name) {
        found->second->managed.push_back({name, memory});
    }
}

bool Programs::isKernel(const void* host) const {
    std::scoped_lock lock(mutex_);
    return kernels_.contains(host);
}

std::shared_ptr<LoadedModule> Programs::load(Binary& binary, const std::shared_ptr<VirtualDevice>& device,
                                             Failure& failure) {
    if (const auto found = binary.loaded.find(device.get()); found != binary.loaded.end()) {
        return found->second;
    }
    std::vector<std::byte> bytes;
    if (auto unreadable = imageFromMemory(binary.image, bytes)) {
        failure = std::move(*unreadable);
        return nullptr;
    }
    auto module = loadModule(device, bytes, failure);
    if (!module) {
        return nullptr;
    }
    for (const Managed& managed : binary.managed) {
        // On the device the variable is a pointer to the memory that both sides share.
        const GlobalVariable* variable = module->module->findVariable(managed.name);
        if (variable && variable->size >= sizeof(void*)) {
            std::memcpy(reinterpret_cast<void*>(variable->address), &managed.memory, sizeof(void*));
        }
    }
    return binary.loaded.emplace(device.get(), std::move(module)).first->second;
}

std::shared_ptr<Function> Programs::kernel(const void* host, const std::shared_ptr<VirtualDevice>& device,
                                           Failure& failure) {
    std::scoped_lock lock(mutex_);
    const auto found = kernels_.find(host);
    if (found == kernels_.end()) {
        failure = {hipErrorInvalidDeviceFunction, hex(host) + " is no kernel that a program has registered"};
        return nullptr;
    }
    const auto module = load(*found->second.binary, device, failure);
    if (!module) {
        return nullptr;
    }
    const hipFunction_t handle = functionOf(module, found->second.name);
    if (!handle) {
        failure = {hipErrorInvalidDeviceFunction,
                   "the program's code object for " + device->describe() + " has no kernel '" + found->second.name + "'"};
        return nullptr;
    }
    return Runtime::instance().functions.find(handle);
}

std::optional<Programs::Variable> Programs::variable(const void* host, const std::shared_ptr<VirtualDevice>& device,
                                                     Failure& failure) {
    std::scoped_lock lock(mutex_);
    const auto found = variables_.find(host);
    if (found == variables_.end()) {
        failure = {hipErrorInvalidSymbol, hex(host) + " is no variable that a program has registered"};
        return std::nullopt;
    }
    const auto module = load(*found->second.binary, device, failure);
    if (!module) {
        return std::nullopt;
    }
    const GlobalVariable* variable = module->module->findVariable(found->second.name);
    if (!variable) {
        failure = {hipErrorInvalidSymbol, "the program's code object for " + device->describe() + " has no variable '" +
                                              found->second.name + "'"};
        return std::nullopt;
    }
    return Variable{variable->address, variable->size};
}

}  // namespace soma::vgpu::hip
