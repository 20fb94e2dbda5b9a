// Launches, and what a launch may ask for.
#include "context.h"

#include "../hip_abi/hip_optional.h"

#include <mutex>

namespace soma::cuda {

hipError_t allowShared(const Driver& driver, hipFunction_t handle, Function& function, unsigned bytes) {
    // Only ever for more than before: a launch of another thread may rely on what was allowed.
    if (bytes <= static_cast<unsigned>(function.dynamicBytes.load())) {
        return hipSuccess;
    }
    const std::string what = "kernel '" + function.name + "' with " + std::to_string(bytes) +
                             " bytes of shared memory beside its own " + std::to_string(function.sharedBytes);
    if (bytes > INT32_MAX) {
        return fail(hipErrorLaunchOutOfResources, what);
    }
    static std::mutex mutex;
    std::scoped_lock lock(mutex);
    if (bytes <= static_cast<unsigned>(function.dynamicBytes.load())) {
        return hipSuccess;
    }
    const CUresult result = driver.cuFuncSetAttribute(
        raw(handle), CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, static_cast<int>(bytes));
    if (result == CUDA_SUCCESS) {
        function.dynamicBytes = static_cast<int>(bytes);
    }
    return outcome(driver, result, "cuFuncSetAttribute", what);
}

}  // namespace soma::cuda

using namespace soma::cuda;

namespace {

/// HIP's list of where the arguments' buffer is: pairs up to HIP_LAUNCH_PARAM_END.
hipError_t readExtra(void** extra, void*& buffer, size_t*& size) {
    for (size_t i = 0; extra[i] != HIP_LAUNCH_PARAM_END; i += 2) {
        if (extra[i] == HIP_LAUNCH_PARAM_BUFFER_POINTER) {
            buffer = extra[i + 1];
        } else if (extra[i] == HIP_LAUNCH_PARAM_BUFFER_SIZE) {
            size = static_cast<size_t*>(extra[i + 1]);
        } else {
            return fail(hipErrorInvalidValue, "the launch's extra list has an entry that HIP does not know");
        }
    }
    return buffer && size ? hipSuccess
                          : fail(hipErrorInvalidValue, "the launch's extra list lacks the arguments or their size");
}

std::string shape(unsigned x, unsigned y, unsigned z) {
    return std::to_string(x) + " × " + std::to_string(y) + " × " + std::to_string(z);
}

hipError_t checkExtents(const Function& function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                        unsigned blockY, unsigned blockZ) {
    return gridX != 0 && gridY != 0 && gridZ != 0 && blockX != 0 && blockY != 0 && blockZ != 0
               ? hipSuccess
               : fail(hipErrorInvalidConfiguration, "kernel '" + function.name + "': an extent is 0: " +
                                                        shape(gridX, gridY, gridZ) + " workgroups of " +
                                                        shape(blockX, blockY, blockZ));
}

}  // namespace

hipError_t hipModuleLaunchKernel(hipFunction_t handle, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
                                 unsigned int blockX, unsigned int blockY, unsigned int blockZ,
                                 unsigned int sharedMemBytes, hipStream_t stream, void** kernelParams, void** extra) {
    return withDriver([&](const Driver& driver) {
        std::shared_ptr<Function> function;
        if (const hipError_t error = findFunction(handle, function)) {
            return error;
        }
        if (const hipError_t error = checkStream(stream)) {
            return error;
        }
        if (kernelParams && extra) {
            return fail(hipErrorInvalidValue, "a launch takes kernelParams or extra, not both");
        }
        void* buffer = nullptr;
        size_t* size = nullptr;
        if (extra) {
            if (const hipError_t error = readExtra(extra, buffer, size)) {
                return error;
            }
        }
        if (const hipError_t error = checkExtents(*function, gridX, gridY, gridZ, blockX, blockY, blockZ)) {
            return error;
        }
        if (const hipError_t error = enter(driver)) {
            return error;
        }
        if (const hipError_t error = allowShared(driver, handle, *function, sharedMemBytes)) {
            return error;
        }
        void* cudaExtra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, buffer, CU_LAUNCH_PARAM_BUFFER_SIZE, size,
                             CU_LAUNCH_PARAM_END};
        const CUresult result = driver.cuLaunchKernel(raw(handle), gridX, gridY, gridZ, blockX, blockY, blockZ,
                                                      sharedMemBytes, raw(stream), kernelParams,
                                                      extra ? cudaExtra : nullptr);
        return result == CUDA_SUCCESS
                   ? hipSuccess
                   : outcome(driver, result, "cuLaunchKernel",
                             "kernel '" + function->name + "' with " + shape(gridX, gridY, gridZ) + " workgroups of " +
                                 shape(blockX, blockY, blockZ) + " work-items");
    });
}

hipError_t hipModuleLaunchCooperativeKernel(hipFunction_t handle, unsigned int gridX, unsigned int gridY,
                                            unsigned int gridZ, unsigned int blockX, unsigned int blockY,
                                            unsigned int blockZ, unsigned int sharedMemBytes, hipStream_t stream,
                                            void** kernelParams) {
    return withDriver([&](const Driver& driver) {
        std::shared_ptr<Function> function;
        if (const hipError_t error = findFunction(handle, function)) {
            return error;
        }
        if (const hipError_t error = checkStream(stream)) {
            return error;
        }
        if (const hipError_t error = checkExtents(*function, gridX, gridY, gridZ, blockX, blockY, blockZ)) {
            return error;
        }
        if (const hipError_t error = enter(driver)) {
            return error;
        }
        if (const hipError_t error = allowShared(driver, handle, *function, sharedMemBytes)) {
            return error;
        }
        return SOMA_RECENT(driver, cuLaunchCooperativeKernel, raw(handle), gridX, gridY, gridZ, blockX, blockY, blockZ,
                           sharedMemBytes, raw(stream), kernelParams);
    });
}

hipError_t hipFuncGetAttribute(int* value, hipFunction_attribute attribute, hipFunction_t handle) {
    return withDriver([&](const Driver& driver) {
        std::shared_ptr<Function> function;
        if (const hipError_t error = findFunction(handle, function)) {
            return error;
        }
        const int number = static_cast<int>(attribute);
        if (number < HIP_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK ||
            number > HIP_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
            return fail(hipErrorInvalidValue, "there is no kernel attribute " + std::to_string(number));
        }
        if (const hipError_t error = enter(driver)) {
            return error;
        }
        int found = 0;
        const hipError_t error = outcome(driver, driver.cuFuncGetAttribute(&found, number, raw(handle)),
                                         "cuFuncGetAttribute", "kernel '" + function->name + "'");
        return error ? error : answer(value, found, "attribute's value");
    });
}

hipError_t hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, hipFunction_t handle, int blockSize,
                                                              size_t dynamicSharedBytes) {
    return withDriver([&](const Driver& driver) {
        std::shared_ptr<Function> function;
        if (const hipError_t error = findFunction(handle, function)) {
            return error;
        }
        if (blockSize <= 0) {
            return fail(hipErrorInvalidValue, "a workgroup of " + std::to_string(blockSize) + " work-items");
        }
        if (const hipError_t error = enter(driver)) {
            return error;
        }
        int found = 0;
        const hipError_t error =
            outcome(driver,
                    driver.cuOccupancyMaxActiveBlocksPerMultiprocessor(&found, raw(handle), blockSize,
                                                                       dynamicSharedBytes),
                    "cuOccupancyMaxActiveBlocksPerMultiprocessor", "kernel '" + function->name + "'");
        return error ? error : answer(blocks, found, "number of workgroups");
    });
}
