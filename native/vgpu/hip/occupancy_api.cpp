// What is known of kernels: their attributes, and how many workgroups a compute unit holds. Kernels are named by hipFunction_t
// or by the address of their host function.
#include "context.h"

#include <algorithm>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

/// Null after making the failure the thread's last error.
std::shared_ptr<Function> find(const void* named) {
    Failure failure{};
    auto function = findKernel(named, failure);
    if (!function) {
        fail(failure);
    }
    return function;
}

hipError_t activeBlocks(int* blocks, const void* named, int blockSize, size_t dynamicSharedBytes) {
    return call([&] {
        if (!blocks || blockSize <= 0 || dynamicSharedBytes > UINT32_MAX) {
            return fail(hipErrorInvalidValue, "the address for the answer is null, or the workgroup size " +
                                                  std::to_string(blockSize) + " or the LDS size " +
                                                  std::to_string(dynamicSharedBytes) + " is out of range");
        }
        const auto function = find(named);
        if (!function) {
            return lastError();
        }
        *blocks = static_cast<int>(function->module->device->core.occupancy(
            *function->kernel, static_cast<unsigned>(blockSize), static_cast<uint32_t>(dynamicSharedBytes)));
        return hipSuccess;
    });
}

/// The workgroup size with which a compute unit holds most work-items, and the largest of these.
hipError_t bestBlock(int* gridSize, int* blockSize, const void* named, size_t dynamicSharedBytes, int limit) {
    return call([&] {
        if (!gridSize || !blockSize || limit < 0 || dynamicSharedBytes > UINT32_MAX) {
            return fail(hipErrorInvalidValue, "the address for an answer is null, or a limit is out of range");
        }
        const auto function = find(named);
        if (!function) {
            return lastError();
        }
        const Kernel& kernel = *function->kernel;
        const Device& device = function->module->device->core;
        unsigned most = std::min<unsigned>(kernel.maxWorkgroupSize, device.target().maxWorkgroupSize);
        most = limit == 0 ? most : std::min(most, static_cast<unsigned>(limit));
        unsigned bestSize = 0;
        unsigned bestGroups = 0;
        for (unsigned size = most; size != 0; size = size > kernel.waveSize ? size - kernel.waveSize : 0) {
            const unsigned groups = device.occupancy(kernel, size, static_cast<uint32_t>(dynamicSharedBytes));
            if (groups * size > bestGroups * bestSize) {
                bestSize = size;
                bestGroups = groups;
            }
        }
        *blockSize = static_cast<int>(bestSize);
        *gridSize = static_cast<int>(bestGroups * device.target().computeUnits);
        return hipSuccess;
    });
}

}  // namespace

hipError_t hipFuncGetAttribute(int* value, hipFunction_attribute attribute, hipFunction_t handle) {
    return call([&] {
        if (!value) {
            return fail(hipErrorInvalidValue, "the address for the attribute's value is null");
        }
        const auto function = find(handle);
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

hipError_t hipFuncGetAttributes(hipFuncAttributes* attributes, const void* named) {
    return call([&] {
        if (!attributes) {
            return fail(hipErrorInvalidValue, "the address for the attributes is null");
        }
        const auto function = find(named);
        if (!function) {
            return lastError();
        }
        const Kernel& kernel = *function->kernel;
        const Target& target = function->module->device->core.target();
        *attributes = {};
        attributes->localSizeBytes = kernel.privateSize;
        attributes->maxDynamicSharedSizeBytes = static_cast<int>(target.ldsBytes - std::min(kernel.ldsSize, target.ldsBytes));
        attributes->maxThreadsPerBlock = static_cast<int>(std::min(kernel.maxWorkgroupSize, target.maxWorkgroupSize));
        attributes->numRegs = static_cast<int>(kernel.vgprs);
        attributes->sharedSizeBytes = kernel.ldsSize;
        return hipSuccess;
    });
}

// Hints and limits that AMD's devices don't need: a kernel may always use all of the LDS.
hipError_t hipFuncSetAttribute(const void* named, int, int) {
    return call([&] { return find(named) ? hipSuccess : lastError(); });
}

hipError_t hipFuncSetCacheConfig(const void* named, hipFuncCache_t) {
    return call([&] { return find(named) ? hipSuccess : lastError(); });
}

hipError_t hipFuncSetSharedMemConfig(const void* named, hipSharedMemConfig) {
    return call([&] { return find(named) ? hipSuccess : lastError(); });
}

hipError_t hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, hipFunction_t function, int blockSize,
                                                              size_t dynamicSharedBytes) {
    return activeBlocks(blocks, function, blockSize, dynamicSharedBytes);
}

hipError_t hipModuleOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, hipFunction_t function,
                                                                       int blockSize, size_t dynamicSharedBytes,
                                                                       unsigned) {
    return activeBlocks(blocks, function, blockSize, dynamicSharedBytes);
}

hipError_t hipOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* function, int blockSize,
                                                        size_t dynamicSharedBytes) {
    return activeBlocks(blocks, function, blockSize, dynamicSharedBytes);
}

hipError_t hipOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* function, int blockSize,
                                                                 size_t dynamicSharedBytes, unsigned) {
    return activeBlocks(blocks, function, blockSize, dynamicSharedBytes);
}

hipError_t hipModuleOccupancyMaxPotentialBlockSize(int* gridSize, int* blockSize, hipFunction_t function,
                                                   size_t dynamicSharedBytes, int blockSizeLimit) {
    return bestBlock(gridSize, blockSize, function, dynamicSharedBytes, blockSizeLimit);
}

hipError_t hipOccupancyMaxPotentialBlockSize(int* gridSize, int* blockSize, const void* function,
                                             size_t dynamicSharedBytes, int blockSizeLimit) {
    return bestBlock(gridSize, blockSize, function, dynamicSharedBytes, blockSizeLimit);
}
