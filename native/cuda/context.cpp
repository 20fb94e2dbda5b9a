#include "context.h"

#include <vector>

namespace soma::cuda {

namespace {

thread_local int threadDevice = 0;

/// The primary context of each device, retained when it is first needed and kept until the process ends.
class Contexts {
public:
    hipError_t of(const Driver& driver, int index, CUcontext& context) {
        CUdevice device = 0;
        if (const hipError_t error = findDevice(driver, index, device)) {
            return error;
        }
        std::scoped_lock lock(mutex_);
        const auto [entry, added] = all_.try_emplace(index, nullptr);
        if (!entry->second) {
            if (const CUresult result = driver.cuDevicePrimaryCtxRetain(&entry->second, device)) {
                entry->second = nullptr;
                return outcome(driver, result, "cuDevicePrimaryCtxRetain", "device " + std::to_string(index));
            }
        }
        context = entry->second;
        return hipSuccess;
    }

    hipError_t reset(const Driver& driver, int index) {
        CUdevice device = 0;
        if (const hipError_t error = findDevice(driver, index, device)) {
            return error;
        }
        if (!driver.cuDevicePrimaryCtxReset_v2 || !driver.cuDevicePrimaryCtxRelease_v2) {
            return fail(hipErrorNotSupported, "the driver lacks cuDevicePrimaryCtxReset");
        }
        const std::string what = "device " + std::to_string(index);
        std::scoped_lock lock(mutex_);
        if (const hipError_t error = outcome(driver, driver.cuDevicePrimaryCtxReset_v2(device),
                                             "cuDevicePrimaryCtxReset", what)) {
            return error;
        }
        generation_.fetch_add(1, std::memory_order_release);
        // A reset context stays retained; retaining it again is what makes it anew.
        const bool retained = all_.erase(index) == 1;
        return retained ? outcome(driver, driver.cuDevicePrimaryCtxRelease_v2(device), "cuDevicePrimaryCtxRelease", what)
                        : hipSuccess;
    }

    /// How many contexts were reset.
    unsigned generation() const { return generation_.load(std::memory_order_acquire); }

private:
    std::mutex mutex_;
    std::map<int, CUcontext> all_;
    std::atomic<unsigned> generation_ = 0;
};

Contexts& contexts() {
    static Contexts* const all = new Contexts;
    return *all;
}

}  // namespace

hipError_t deviceCount(const Driver& driver, int& count) {
    return outcome(driver, driver.cuDeviceGetCount(&count), "cuDeviceGetCount");
}

hipError_t findDevice(const Driver& driver, int index, CUdevice& device) {
    int count = 0;
    if (const hipError_t error = deviceCount(driver, count)) {
        return error;
    }
    if (index < 0 || index >= count) {
        return fail(hipErrorInvalidDevice, "there is no device " + std::to_string(index) + ": the driver has " +
                                               std::to_string(count) + ", counted from 0");
    }
    return outcome(driver, driver.cuDeviceGet(&device, index), "cuDeviceGet", "device " + std::to_string(index));
}

int currentDevice() { return threadDevice; }

hipError_t setCurrentDevice(const Driver& driver, int index) {
    CUdevice device = 0;
    if (const hipError_t error = findDevice(driver, index, device)) {
        return error;
    }
    threadDevice = index;
    return enter(driver);
}

hipError_t contextOf(const Driver& driver, int index, CUcontext& context) {
    return contexts().of(driver, index, context);
}

hipError_t enter(const Driver& driver) {
    // Kept by thread: a launch is to cost no lock and no look-up.
    thread_local int enteredDevice = -1;
    thread_local unsigned enteredGeneration = 0;
    thread_local CUcontext entered = nullptr;
    const unsigned generation = contexts().generation();
    bool isKnown = true;
    if (enteredDevice != threadDevice || enteredGeneration != generation) {
        if (const hipError_t error = contextOf(driver, threadDevice, entered)) {
            return error;
        }
        enteredDevice = threadDevice;
        // A context that was reset may be the same handle: it is made current anew.
        isKnown = enteredGeneration == generation;
        enteredGeneration = generation;
    }
    CUcontext now = nullptr;
    if (isKnown && driver.cuCtxGetCurrent(&now) == CUDA_SUCCESS && now == entered) {
        return hipSuccess;
    }
    return outcome(driver, driver.cuCtxSetCurrent(entered), "cuCtxSetCurrent",
                   "device " + std::to_string(threadDevice));
}

hipError_t resetDevice(const Driver& driver) {
    const int index = threadDevice;
    if (const hipError_t error = contexts().reset(driver, index)) {
        return error;
    }
    Handles& all = handles();
    all.functions.removeIf([&](const auto& function) {
        Present module;
        return !all.modules.find(function->module, module) || module.device == index;
    });
    all.modules.removeOf(index);
    all.streams.removeOf(index);
    all.events.removeOf(index);
    all.executables.removeOf(index);
    return hipSuccess;
}

Handles& handles() {
    static Handles* const all = new Handles;
    return *all;
}

hipError_t checkStream(hipStream_t stream) {
    return !stream || handles().streams.has(stream)
               ? hipSuccess
               : fail(hipErrorInvalidHandle, "the stream is unknown or was destroyed");
}

hipError_t checkEvent(hipEvent_t event) {
    return handles().events.has(event) ? hipSuccess
                                       : fail(hipErrorInvalidHandle, "the event is null, unknown or was destroyed");
}

hipError_t checkModule(hipModule_t module) {
    return handles().modules.has(module) ? hipSuccess
                                         : fail(hipErrorInvalidHandle, "the module is null, unknown or was unloaded");
}

hipError_t findFunction(hipFunction_t handle, std::shared_ptr<Function>& function) {
    return handles().functions.find(handle, function)
               ? hipSuccess
               : fail(hipErrorInvalidHandle, "the kernel is null, unknown or of a module that was unloaded");
}

}  // namespace soma::cuda
