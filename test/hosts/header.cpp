// A HIP C++ program that knows the kernel by its generated header alone: loads scale.hsaco from the folder it runs in, and
// prints the rows that come back, or what failed.
#include "scale.h"

#include "soma_vgpu.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

static void check(hipError_t error, const char* what) {
    if (error != hipSuccess) {
        std::printf("%s: %s\n", what, hipGetErrorName(error));
        std::exit(1);
    }
}

int main() {
    constexpr int64_t kRows = 3;
    constexpr int64_t kColumns = 40;
    std::vector<float> x((kRows + 1) * kColumns);
    for (size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<float>(i);
    }
    const std::vector<float> weights = {1, 10, 100};
    void* device = nullptr;
    void* deviceWeights = nullptr;
    check(hipMalloc(&device, x.size() * sizeof(float)), "hipMalloc");
    check(hipMalloc(&deviceWeights, weights.size() * sizeof(float)), "hipMalloc");
    check(hipMemcpy(device, x.data(), x.size() * sizeof(float), hipMemcpyHostToDevice), "hipMemcpy");
    check(hipMemcpy(deviceWeights, weights.data(), weights.size() * sizeof(float), hipMemcpyHostToDevice), "hipMemcpy");

    soma_scale_args args = {};
    args.float_ = 2;
    args.v[0] = 0.5f;
    args.v[1] = 0;
    args.v[2] = 0;
    args.x = static_cast<float*>(device);
    args.weights = static_cast<const float*>(deviceWeights);
    args.count = 1;
    args.rows = kRows;
    args.n = kColumns;
    uint32_t grid[3];
    soma_scale_args nothing = args;
    nothing.n = 0;
    soma_scale_args wrong = args;
    wrong.n = -1;
    std::printf("empty %d, negative %d\n", soma_scale_grid(&nothing, grid), soma_scale_grid(&wrong, grid));
    std::printf("launch %d\n", soma_scale_grid(&args, grid));

    hipModule_t module;
    hipFunction_t function;
    check(hipModuleLoad(&module, "scale.hsaco"), "hipModuleLoad");
    check(hipModuleGetFunction(&function, module, SOMA_SCALE_SYMBOL), "hipModuleGetFunction");
    size_t bytes = SOMA_SCALE_ARGUMENT_BYTES;
    void* extra[] = {HIP_LAUNCH_PARAM_BUFFER_POINTER, &args, HIP_LAUNCH_PARAM_BUFFER_SIZE, &bytes, HIP_LAUNCH_PARAM_END};
    check(hipModuleLaunchKernel(function, grid[0], grid[1], grid[2], SOMA_SCALE_WORKGROUP_X, SOMA_SCALE_WORKGROUP_Y,
                                SOMA_SCALE_WORKGROUP_Z, 0, nullptr, nullptr, extra),
          "hipModuleLaunchKernel");
    check(hipDeviceSynchronize(), "hipDeviceSynchronize");
    check(hipMemcpy(x.data(), device, x.size() * sizeof(float), hipMemcpyDeviceToHost), "hipMemcpy");
    for (int64_t row = 0; row <= kRows; ++row) {
        std::printf("%g %g\n", x[row * kColumns + 1], x[row * kColumns + 39]);
    }
    soma_weigh_args weigh = {};
    weigh.n = 5;
    weigh.g = 3;
    std::printf("shared %lld\n", static_cast<long long>(soma_weigh_shared_bytes(&weigh)));
    check(hipFree(device), "hipFree");
    check(hipFree(deviceWeights), "hipFree");
}
