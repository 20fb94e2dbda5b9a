// What clang's generated host code calls, launches of kernels by their host functions, and variables by their addresses.
// Source of the generated calls: clang's CGCUDANV.cpp and LLVM's offload documentation.
#include "context.h"
#include "host_memory.h"

#include <cstring>
#include <vector>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

/// "HIPF"; the wrapper that __hipRegisterFatBinary gets.
constexpr uint32_t kWrapperMagic = 0x48495046;
struct Wrapper {
    uint32_t magic;
    uint32_t version;
    const void* binary;
    const void* unused;
};

struct Configuration {
    dim3 grid;
    dim3 block;
    size_t lds = 0;
    hipStream_t stream = nullptr;
};
thread_local std::vector<Configuration> configurations;

KernelLaunch::Axes axes(const dim3& sizes) { return {sizes.x, sizes.y, sizes.z}; }

hipError_t launch(const char* call, const void* kernel, const KernelLaunch::Axes& grid,
                  const KernelLaunch::Axes& block, void** arguments, void** extra, size_t lds, hipStream_t stream,
                  bool cooperative = false) {
    if (lds > UINT32_MAX) {
        return fail(hipErrorInvalidValue, std::to_string(lds) + " bytes of LDS are more than any device has");
    }
    KernelLaunch launch{.grid = grid,
                        .block = block,
                        .lds = static_cast<unsigned>(lds),
                        .named = const_cast<void*>(kernel),
                        .cooperative = cooperative};
    Failure failure{};
    launch.function = findKernel(kernel, failure);
    if (!launch.function) {
        return fail(failure.code == hipErrorInvalidHandle
                        ? Failure{hipErrorInvalidDeviceFunction, std::move(failure.words)}
                        : failure);
    }
    // Generated code passes an empty array for kernels without arguments.
    void** given = extra || launch.function->kernel->explicitSize != 0 ? arguments : nullptr;
    if (const auto wrong = prepareLaunch(launch, given, extra)) {
        return fail(*wrong);
    }
    return enqueue(call, stream, std::move(launch), true);
}

/// Runs `body` between two events, either of which may be null.
template <typename Body>
hipError_t between(hipEvent_t start, hipEvent_t stop, hipStream_t stream, Body&& body) {
    hipError_t error = start ? hipEventRecord(start, stream) : hipSuccess;
    error = error == hipSuccess ? body() : error;
    return error == hipSuccess && stop ? hipEventRecord(stop, stream) : error;
}

hipError_t withVariable(const void* symbol, Programs::Variable& variable) {
    const auto device = Runtime::instance().current();
    if (!device) {
        return lastError();
    }
    Failure failure{};
    const auto found = Runtime::instance().programs.variable(symbol, device, failure);
    if (!found) {
        return fail(failure);
    }
    variable = *found;
    return hipSuccess;
}

/// The device address `offset` bytes into a variable, of which `size` bytes follow.
hipError_t inside(const void* symbol, size_t offset, size_t size, void** pointer) {
    Programs::Variable variable;
    if (const hipError_t error = withVariable(symbol, variable)) {
        return error;
    }
    if (offset > variable.size || size > variable.size - offset) {
        return fail(hipErrorInvalidValue, std::to_string(size) + " bytes from byte " + std::to_string(offset) +
                                              " on end outside the variable, which has " +
                                              std::to_string(variable.size));
    }
    *pointer = reinterpret_cast<void*>(variable.address + offset);
    return hipSuccess;
}

hipError_t copyTo(const void* symbol, const void* source, size_t size, size_t offset, hipMemcpyKind kind,
                  hipStream_t stream, bool asynchronous) {
    return call([&] {
        void* destination = nullptr;
        if (const hipError_t error = inside(symbol, offset, size, &destination)) {
            return error;
        }
        return enqueue("hipMemcpyToSymbol", stream, linearCopy(destination, source, size, kind), asynchronous);
    });
}

hipError_t copyFrom(void* destination, const void* symbol, size_t size, size_t offset, hipMemcpyKind kind,
                    hipStream_t stream, bool asynchronous) {
    return call([&] {
        void* source = nullptr;
        if (const hipError_t error = inside(symbol, offset, size, &source)) {
            return error;
        }
        return enqueue("hipMemcpyFromSymbol", stream, linearCopy(destination, source, size, kind), asynchronous);
    });
}

}  // namespace

void** __hipRegisterFatBinary(const void* data) {
    const auto* wrapper = static_cast<const Wrapper*>(data);
    return Runtime::instance().programs.add(wrapper && wrapper->magic == kWrapperMagic ? wrapper->binary : nullptr);
}

void __hipUnregisterFatBinary(void** handle) { Runtime::instance().programs.remove(handle); }

void __hipRegisterFunction(void** handle, const void* hostFunction, char*, const char* deviceName, unsigned, void*,
                           void*, dim3*, dim3*, int*) {
    Runtime::instance().programs.addKernel(handle, hostFunction, deviceName);
}

void __hipRegisterVar(void** handle, void* hostVariable, char*, char* deviceName, int, size_t size, int, int) {
    Runtime::instance().programs.addVariable(handle, hostVariable, deviceName, size);
}

void __hipRegisterManagedVar(void** handle, void** pointer, void* initialValue, const char* name, size_t size,
                             unsigned) {
    void* memory = nullptr;
    if (pointer && allocateHost(&memory, size, HostBlock::Kind::Managed, hipMemAttachGlobal) == hipSuccess && memory) {
        if (initialValue) {
            std::memcpy(memory, initialValue, size);
        }
        *pointer = memory;
        Runtime::instance().programs.addManaged(handle, name, memory);
    }
}

hipError_t __hipPushCallConfiguration(dim3 grid, dim3 block, size_t sharedMemBytes, hipStream_t stream) {
    return call([&] {
        configurations.push_back({grid, block, sharedMemBytes, stream});
        return hipSuccess;
    });
}

hipError_t __hipPopCallConfiguration(dim3* grid, dim3* block, size_t* sharedMemBytes, hipStream_t* stream) {
    return call([&] {
        if (configurations.empty()) {
            return fail(hipErrorMissingConfiguration, "no launch was configured on this thread");
        }
        const Configuration configuration = configurations.back();
        configurations.pop_back();
        *grid = configuration.grid;
        *block = configuration.block;
        *sharedMemBytes = configuration.lds;
        *stream = configuration.stream;
        return hipSuccess;
    });
}

hipError_t hipLaunchKernel(const void* function, dim3 grid, dim3 block, void** arguments, size_t sharedMemBytes,
                           hipStream_t stream) {
    return call([&] {
        return launch("hipLaunchKernel", function, axes(grid), axes(block), arguments, nullptr, sharedMemBytes, stream);
    });
}

hipError_t hipLaunchCooperativeKernel(const void* function, dim3 grid, dim3 block, void** arguments,
                                      unsigned int sharedMemBytes, hipStream_t stream) {
    return call([&] {
        return launch("hipLaunchCooperativeKernel", function, axes(grid), axes(block), arguments, nullptr,
                      sharedMemBytes, stream, true);
    });
}

hipError_t hipExtLaunchKernel(const void* function, dim3 grid, dim3 block, void** arguments, size_t sharedMemBytes,
                              hipStream_t stream, hipEvent_t start, hipEvent_t stop, int) {
    return between(start, stop, stream,
                   [&] { return hipLaunchKernel(function, grid, block, arguments, sharedMemBytes, stream); });
}

hipError_t hipExtModuleLaunchKernel(hipFunction_t function, uint32_t itemsX, uint32_t itemsY, uint32_t itemsZ,
                                    uint32_t blockX, uint32_t blockY, uint32_t blockZ, size_t sharedMemBytes,
                                    hipStream_t stream, void** arguments, void** extra, hipEvent_t start,
                                    hipEvent_t stop, uint32_t) {
    return call([&] {
        const uint32_t items[3] = {itemsX, itemsY, itemsZ};
        const KernelLaunch::Axes block{blockX, blockY, blockZ};
        KernelLaunch::Axes grid{};
        for (size_t axis = 0; axis < 3; ++axis) {
            if (block[axis] == 0 || items[axis] % block[axis] != 0) {
                return fail(hipErrorInvalidConfiguration,
                            std::to_string(items[axis]) + " work-items on an axis are no multiple of workgroups of " +
                                std::to_string(block[axis]));
            }
            grid[axis] = items[axis] / block[axis];
        }
        return between(start, stop, stream, [&] {
            return launch("hipExtModuleLaunchKernel", function, grid, block, arguments, extra, sharedMemBytes, stream);
        });
    });
}

hipError_t hipGetFuncBySymbol(hipFunction_t* function, const void* symbol) {
    return call([&] {
        if (!function) {
            return fail(hipErrorInvalidValue, "the address for the kernel is null");
        }
        Failure failure{};
        const auto found = findKernel(symbol, failure);
        if (!found) {
            return fail(failure);
        }
        *function = found->module->functions.find(found->kernel->name)->second;
        return hipSuccess;
    });
}

hipError_t hipGetSymbolAddress(void** pointer, const void* symbol) {
    return call([&] {
        return pointer ? inside(symbol, 0, 0, pointer)
                       : fail(hipErrorInvalidValue, "the address for the variable's address is null");
    });
}

hipError_t hipGetSymbolSize(size_t* size, const void* symbol) {
    return call([&] {
        Programs::Variable variable;
        if (!size) {
            return fail(hipErrorInvalidValue, "the address for the variable's size is null");
        }
        const hipError_t error = withVariable(symbol, variable);
        *size = error == hipSuccess ? variable.size : 0;
        return error;
    });
}

hipError_t hipMemcpyToSymbol(const void* symbol, const void* source, size_t size, size_t offset, hipMemcpyKind kind) {
    return copyTo(symbol, source, size, offset, kind, nullptr, false);
}

hipError_t hipMemcpyToSymbolAsync(const void* symbol, const void* source, size_t size, size_t offset,
                                  hipMemcpyKind kind, hipStream_t stream) {
    return copyTo(symbol, source, size, offset, kind, stream, true);
}

hipError_t hipMemcpyFromSymbol(void* destination, const void* symbol, size_t size, size_t offset, hipMemcpyKind kind) {
    return copyFrom(destination, symbol, size, offset, kind, nullptr, false);
}

hipError_t hipMemcpyFromSymbolAsync(void* destination, const void* symbol, size_t size, size_t offset,
                                    hipMemcpyKind kind, hipStream_t stream) {
    return copyFrom(destination, symbol, size, offset, kind, stream, true);
}
