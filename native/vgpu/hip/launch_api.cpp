// Kernel launches of the C ABI.
#include "context.h"

using namespace soma::vgpu::hip;

hipError_t hipModuleLaunchKernel(hipFunction_t handle, unsigned int gridDimX, unsigned int gridDimY,
                                 unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY,
                                 unsigned int blockDimZ, unsigned int sharedMemBytes, hipStream_t stream,
                                 void** kernelParams, void** extra) {
    return call([&] {
        KernelLaunch launch{.grid = {gridDimX, gridDimY, gridDimZ},
                            .block = {blockDimX, blockDimY, blockDimZ},
                            .lds = sharedMemBytes,
                            .named = handle};
        Failure failure{};
        launch.function = findKernel(handle, failure);
        if (!launch.function) {
            return fail(failure);
        }
        if (const auto wrong = prepareLaunch(launch, kernelParams, extra)) {
            return fail(*wrong);
        }
        return enqueue("hipModuleLaunchKernel", stream, std::move(launch), true);
    });
}
