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

private:
    std::mutex mutex_;
    std::map<int, CUcontext> all_;
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
    thread_local CUcontext entered = nullptr;
    if (enteredDevice != threadDevice) {
        if (const hipError_t error = contextOf(driver, threadDevice, entered)) {
            return error;
        }
        enteredDevice = threadDevice;
    }
    CUcontext now = nullptr;
    if (driver.cuCtxGetCurrent(&now) == CUDA_SUCCESS && now == entered) {
        return hipSuccess;
    }
    return outcome(driver, driver.cuCtxSetCurrent(entered), "cuCtxSetCurrent",
                   "device " + std::to_string(threadDevice));
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
