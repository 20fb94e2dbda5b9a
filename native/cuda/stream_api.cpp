// Streams, and functions of the host that run in their order.
#include "context.h"

#include "../hip_abi/hip_optional.h"

#include <memory>

using namespace soma::cuda;

namespace {

struct Callback {
    hipStream_t stream;
    hipStreamCallback_t function;
    void* userData;
};

void runCallback(void* data) {
    const std::unique_ptr<Callback> callback(static_cast<Callback*>(data));
    // The driver skips host functions of a context that failed: whoever is called is called after success.
    callback->function(callback->stream, hipSuccess, callback->userData);
}

template <typename Body>
hipError_t onStream(hipStream_t stream, const char* call, Body&& body) {
    return withDriver([&](const Driver& driver) {
        if (const hipError_t error = checkStream(stream)) {
            return error;
        }
        const hipError_t error = enter(driver);
        return error ? error : outcome(driver, body(driver), call);
    });
}

template <typename Create>
hipError_t create(hipStream_t* stream, unsigned int flags, Create&& body) {
    return withDriver([&](const Driver& driver) {
        if (const hipError_t error = answer(stream, static_cast<hipStream_t>(nullptr), "stream")) {
            return error;
        }
        if ((flags & ~hipStreamNonBlocking) != 0) {
            return fail(hipErrorInvalidValue, "a stream has no flags " + std::to_string(flags) + ": 0 or 1");
        }
        if (const hipError_t error = enter(driver)) {
            return error;
        }
        CUstream created = nullptr;
        if (const hipError_t error = body(driver, created)) {
            return error;
        }
        *stream = reinterpret_cast<hipStream_t>(created);
        handles().streams.add(*stream, {});
        return hipSuccess;
    });
}

}  // namespace

hipError_t hipStreamCreate(hipStream_t* stream) { return hipStreamCreateWithFlags(stream, hipStreamDefault); }

hipError_t hipStreamCreateWithFlags(hipStream_t* stream, unsigned int flags) {
    return create(stream, flags, [&](const Driver& driver, CUstream& created) {
        return outcome(driver, driver.cuStreamCreate(&created, flags), "cuStreamCreate");
    });
}

// HIP's priorities are CUDA's: lower numbers go first, and what is out of range becomes the nearest.
hipError_t hipStreamCreateWithPriority(hipStream_t* stream, unsigned int flags, int priority) {
    return create(stream, flags, [&](const Driver& driver, CUstream& created) {
        return SOMA_RECENT(driver, cuStreamCreateWithPriority, &created, flags, priority);
    });
}

hipError_t hipDeviceGetStreamPriorityRange(int* least, int* greatest) {
    return withDriver([&](const Driver& driver) {
        if (!least || !greatest) {
            return fail(hipErrorInvalidValue, "an address for a priority is null");
        }
        const hipError_t error = enter(driver);
        return error ? error : SOMA_RECENT(driver, cuCtxGetStreamPriorityRange, least, greatest);
    });
}

hipError_t hipStreamDestroy(hipStream_t stream) {
    return withDriver([&](const Driver& driver) {
        if (!stream || !handles().streams.remove(stream)) {
            return fail(hipErrorInvalidHandle, "the stream is null, unknown or was destroyed");
        }
        return outcome(driver, driver.cuStreamDestroy_v2(raw(stream)), "cuStreamDestroy");
    });
}

hipError_t hipStreamSynchronize(hipStream_t stream) {
    return onStream(stream, "cuStreamSynchronize",
                    [&](const Driver& driver) { return driver.cuStreamSynchronize(raw(stream)); });
}

hipError_t hipStreamQuery(hipStream_t stream) {
    return onStream(stream, "cuStreamQuery", [&](const Driver& driver) { return driver.cuStreamQuery(raw(stream)); });
}

hipError_t hipStreamWaitEvent(hipStream_t stream, hipEvent_t event, unsigned int flags) {
    if (flags != 0) {
        return fail(hipErrorInvalidValue, "waiting for an event takes no flags: pass 0");
    }
    if (const hipError_t error = checkEvent(event)) {
        return error;
    }
    return onStream(stream, "cuStreamWaitEvent",
                    [&](const Driver& driver) { return driver.cuStreamWaitEvent(raw(stream), raw(event), 0); });
}

hipError_t hipStreamAddCallback(hipStream_t stream, hipStreamCallback_t callback, void* userData, unsigned int flags) {
    if (!callback || flags != 0) {
        return fail(hipErrorInvalidValue, "the callback is null, or flags are not 0");
    }
    auto data = std::make_unique<Callback>(Callback{stream, callback, userData});
    const hipError_t error = onStream(stream, "cuLaunchHostFunc", [&](const Driver& driver) {
        return driver.cuLaunchHostFunc(raw(stream), runCallback, data.get());
    });
    if (error == hipSuccess) {
        // Freed when it has run.
        (void)data.release();
    }
    return error;
}

hipError_t hipLaunchHostFunc(hipStream_t stream, hipHostFn_t function, void* userData) {
    if (!function) {
        return fail(hipErrorInvalidValue, "the host function is null");
    }
    return onStream(stream, "cuLaunchHostFunc", [&](const Driver& driver) {
        return driver.cuLaunchHostFunc(raw(stream), function, userData);
    });
}
