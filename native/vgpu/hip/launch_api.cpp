// Kernel launches of the C ABI.
#include "context.h"
#include "soma_vgpu.h"

#include "../../hip_abi/hip_optional.h"

using namespace soma::vgpu::hip;

namespace {

/// What somaVgpuMarkNextLaunch said of the calling thread's next launch; 0 where it said nothing.
thread_local uint64_t nextMark = 0;

/// The launches that were marked and have not ended, by mark.
class MarkedLaunches {
public:
    std::shared_ptr<std::atomic<bool>> add(uint64_t mark) {
        auto stop = std::make_shared<std::atomic<bool>>(false);
        std::scoped_lock lock(mutex_);
        std::erase_if(stops_, [](const auto& each) { return each.second.expired(); });
        stops_[mark] = stop;
        return stop;
    }

    bool stop(uint64_t mark) {
        std::scoped_lock lock(mutex_);
        const auto found = stops_.find(mark);
        const auto stop = found == stops_.end() ? nullptr : found->second.lock();
        if (stop) {
            stop->store(true);
        }
        return stop != nullptr;
    }

private:
    std::mutex mutex_;
    std::map<uint64_t, std::weak_ptr<std::atomic<bool>>> stops_;
};

MarkedLaunches& marked() {
    static auto* const launches = new MarkedLaunches;
    return *launches;
}

hipError_t launch(const char* call, hipFunction_t handle, KernelLaunch launch, hipStream_t stream, void** params,
                  void** extra) {
    launch.named = handle;
    if (const uint64_t mark = std::exchange(nextMark, 0)) {
        launch.stop = marked().add(mark);
    }
    Failure failure{};
    launch.function = findKernel(handle, failure);
    if (!launch.function) {
        return fail(failure);
    }
    if (const auto wrong = prepareLaunch(launch, params, extra)) {
        return fail(*wrong);
    }
    return enqueue(call, stream, std::move(launch), true);
}

}  // namespace

hipError_t hipModuleLaunchKernel(hipFunction_t handle, unsigned int gridDimX, unsigned int gridDimY,
                                 unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY,
                                 unsigned int blockDimZ, unsigned int sharedMemBytes, hipStream_t stream,
                                 void** kernelParams, void** extra) {
    return call([&] {
        return launch("hipModuleLaunchKernel", handle,
                      {.grid = {gridDimX, gridDimY, gridDimZ},
                       .block = {blockDimX, blockDimY, blockDimZ},
                       .lds = sharedMemBytes},
                      stream, kernelParams, extra);
    });
}

hipError_t hipModuleLaunchCooperativeKernel(hipFunction_t handle, unsigned int gridDimX, unsigned int gridDimY,
                                            unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY,
                                            unsigned int blockDimZ, unsigned int sharedMemBytes, hipStream_t stream,
                                            void** kernelParams) {
    return call([&] {
        return launch("hipModuleLaunchCooperativeKernel", handle,
                      {.grid = {gridDimX, gridDimY, gridDimZ},
                       .block = {blockDimX, blockDimY, blockDimZ},
                       .lds = sharedMemBytes,
                       .cooperative = true},
                      stream, kernelParams, nullptr);
    });
}

hipError_t somaVgpuMarkNextLaunch(uint64_t mark) {
    nextMark = mark;
    return hipSuccess;
}

hipError_t somaVgpuStopLaunch(uint64_t mark) {
    return call([&] {
        return marked().stop(mark) ? hipSuccess
                                   : fail(hipErrorNotFound, "no launch that was marked " + std::to_string(mark) +
                                                                " is there: it has ended, or never began");
    });
}
