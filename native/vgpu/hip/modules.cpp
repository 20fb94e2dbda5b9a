#include "modules.h"

#include "../loader/generic.h"
#include "image.h"

namespace soma::vgpu::hip {

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

/// Loads the first of the bundle's entries for the device's processor, or else for its generic one, whose features suit it.
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
    const Target& target = device.core.target();
    const GenericProcessor* generic = genericOf(target);
    for (const std::string_view processor : {target.name, generic == nullptr ? target.name : generic->name}) {
        for (const BundleEntry& entry : entries) {
            if (entry.processor() != processor) {
                continue;
            }
            LoadError error;
            if (auto module = Module::load(device.core, entry.code, error)) {
                return module;
            }
            failure = {codeOf(error.kind),
                       "the offload bundle's entry " + std::string(entry.target) + ": " + error.message};
        }
    }
    return nullptr;
}

}  // namespace

std::shared_ptr<LoadedModule> loadModule(const std::shared_ptr<VirtualDevice>& device, std::span<const std::byte> bytes,
                                         Failure& failure) {
    std::vector<std::byte> expanded;
    if (isCompressedBundle(bytes)) {
        if (auto unreadable = expandBundle(bytes, expanded)) {
            failure = std::move(*unreadable);
            return nullptr;
        }
        bytes = expanded;
    }
    auto loaded = std::make_shared<LoadedModule>();
    loaded->device = device;
    if (isBundle(bytes)) {
        loaded->module = loadBundle(*device, bytes, failure);
    } else {
        LoadError error;
        loaded->module = Module::load(device->core, bytes, error);
        if (!loaded->module) {
            failure = {codeOf(error.kind), error.message};
        }
    }
    return loaded->module ? loaded : nullptr;
}

hipFunction_t functionOf(const std::shared_ptr<LoadedModule>& module, std::string_view name) {
    const Kernel* kernel = module->module->findKernel(name);
    if (!kernel) {
        return nullptr;
    }
    std::scoped_lock lock(module->mutex);
    auto [entry, added] = module->functions.try_emplace(std::string(name), nullptr);
    if (added) {
        entry->second = Runtime::instance().functions.add(
            std::make_shared<Function>(Function{.module = module, .kernel = kernel}));
    }
    return entry->second;
}

}  // namespace soma::vgpu::hip
