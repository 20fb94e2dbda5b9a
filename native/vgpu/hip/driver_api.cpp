// What programs in the driver API's style ask for: contexts as a stack, primary contexts, and a few functions that HIP has
// under two names.
#include "context.h"

#include "../../hip_abi/hip_optional.h"

#include <vector>

using namespace soma::vgpu::hip;

namespace {

/// What hipCtxPushCurrent put aside on this thread.
thread_local std::vector<hipCtx_t> contexts;

template <typename... T>
bool given(const T*... pointers) {
    return ((pointers != nullptr) && ...);
}

hipError_t missing() { return fail(hipErrorInvalidValue, "the address for the answer is null"); }

}  // namespace

hipError_t hipCtxPushCurrent(hipCtx_t context) {
    hipCtx_t before = nullptr;
    const hipError_t error = hipCtxGetCurrent(&before);
    const hipError_t set = error == hipSuccess ? hipCtxSetCurrent(context) : error;
    return call([&] {
        if (set == hipSuccess) {
            contexts.push_back(before);
        }
        return set;
    });
}

hipError_t hipCtxPopCurrent(hipCtx_t* context) {
    if (contexts.empty()) {
        return call([] { return fail(hipErrorInvalidContext, "no context was pushed on this thread"); });
    }
    hipCtx_t popped = nullptr;
    const hipError_t error = hipCtxGetCurrent(&popped);
    if (error != hipSuccess) {
        return error;
    }
    if (context) {
        *context = popped;
    }
    const hipCtx_t before = contexts.back();
    contexts.pop_back();
    return hipCtxSetCurrent(before);
}

hipError_t hipDevicePrimaryCtxRetain(hipCtx_t* context, hipDevice_t device) {
    int current = 0;
    if (const hipError_t error = hipGetDevice(&current); error != hipSuccess) {
        return error;
    }
    // A device has one context, which is always there: making it leaves the thread's device as it was.
    const hipError_t error = hipCtxCreate(context, 0, device);
    const hipError_t back = hipSetDevice(current);
    return error != hipSuccess ? error : back;
}

hipError_t hipDevicePrimaryCtxRelease(hipDevice_t device) {
    return call([&] { return Runtime::instance().device(device) ? hipSuccess : lastError(); });
}

hipError_t hipDevicePrimaryCtxGetState(hipDevice_t device, unsigned* flags, int* active) {
    return call([&] {
        if (!given(flags, active)) {
            return missing();
        }
        if (!Runtime::instance().device(device)) {
            return lastError();
        }
        *flags = 0;
        *active = 1;
        return hipSuccess;
    });
}

hipError_t hipDrvGetErrorName(hipError_t error, const char** name) {
    return call([&] {
        if (!name) {
            return missing();
        }
        *name = hipGetErrorName(error);
        return hipSuccess;
    });
}

hipError_t hipDrvGetErrorString(hipError_t error, const char** text) {
    return call([&] {
        if (!text) {
            return missing();
        }
        *text = hipGetErrorString(error);
        return hipSuccess;
    });
}

hipError_t hipExtGetLinkTypeAndHopCount(int first, int second, uint32_t* link, uint32_t* hops) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        if (!given(link, hops)) {
            return missing();
        }
        if (!runtime.device(first) || !runtime.device(second)) {
            return lastError();
        }
        if (first == second) {
            return fail(hipErrorInvalidValue, "a device has no link to itself");
        }
        // HSA_AMD_LINK_INFO_TYPE_PCIE of the HSA runtime, one hop.
        *link = 2;
        *hops = 1;
        return hipSuccess;
    });
}

hipError_t hipMemAllocHost(void** pointer, size_t size) { return hipHostMalloc(pointer, size, 0); }

hipError_t hipMemAllocPitch(void** pointer, size_t* pitch, size_t width, size_t height, unsigned elementBytes) {
    if (elementBytes != 4 && elementBytes != 8 && elementBytes != 16) {
        return call([] { return fail(hipErrorInvalidValue, "elements of 4, 8 or 16 bytes have a pitch"); });
    }
    return hipMallocPitch(pointer, pitch, width, height);
}
