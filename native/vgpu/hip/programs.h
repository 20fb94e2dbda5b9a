// Programs that clang compiled from HIP C++: their code objects register when they start, their kernels and variables are
// named by the addresses of host functions and variables. A program's code is loaded on a device when first used there.
// Thread-safe: all is guarded by one mutex.
#pragma once

#include "status.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace soma::vgpu::hip {

struct Function;
struct LoadedModule;
struct VirtualDevice;

class Programs {
public:
    /// A fat binary's handle, as generated code passes it on. `image` stays alive until it is removed.
    void** add(const void* image);
    void remove(void** handle);
    void addKernel(void** handle, const void* host, const char* name);
    void addVariable(void** handle, const void* host, const char* name, size_t size);
    /// A managed variable: `pointer` is where the program keeps its address, `memory` what it points to.
    void addManaged(void** handle, const char* name, void* memory);

    bool isKernel(const void* host) const;
    /// Null with `failure` set.
    std::shared_ptr<Function> kernel(const void* host, const std::shared_ptr<VirtualDevice>& device, Failure& failure);

    struct Variable {
        uint64_t address = 0;
        uint64_t size = 0;
    };
    std::optional<Variable> variable(const void* host, const std::shared_ptr<VirtualDevice>& device, Failure& failure);

private:
    struct Managed {
        std::string name;
        void* memory = nullptr;
    };
    struct Binary {
        const void* image = nullptr;
        std::vector<Managed> managed;
        std::map<const VirtualDevice*, std::shared_ptr<LoadedModule>> loaded;
    };
    struct Named {
        Binary* binary = nullptr;
        std::string name;
    };
    std::shared_ptr<LoadedModule> load(Binary& binary, const std::shared_ptr<VirtualDevice>& device, Failure& failure);

    mutable std::mutex mutex_;
    std::map<void**, std::unique_ptr<Binary>> binaries_;
    std::map<const void*, Named> kernels_;
    std::map<const void*, Named> variables_;
};

}  // namespace soma::vgpu::hip
