// Events.
#include "context.h"

using namespace soma::cuda;

namespace {

template <typename Body>
hipError_t onEvent(hipEvent_t event, const char* call, Body&& body) {
    return withDriver([&](const Driver& driver) {
        if (const hipError_t error = checkEvent(event)) {
            return error;
        }
        const hipError_t error = enter(driver);
        return error ? error : outcome(driver, body(driver), call);
    });
}

}  // namespace

hipError_t hipEventCreate(hipEvent_t* event) { return hipEventCreateWithFlags(event, hipEventDefault); }

hipError_t hipEventCreateWithFlags(hipEvent_t* event, unsigned int flags) {
    return withDriver([&](const Driver& driver) {
        if (const hipError_t error = answer(event, static_cast<hipEvent_t>(nullptr), "event")) {
            return error;
        }
        if ((flags & ~(hipEventBlockingSync | hipEventDisableTiming)) != 0) {
            return fail(hipErrorInvalidValue, "an event has no flags " + std::to_string(flags) + ": 0 to 3");
        }
        if (const hipError_t error = enter(driver)) {
            return error;
        }
        CUevent created = nullptr;
        if (const CUresult result = driver.cuEventCreate(&created, flags)) {
            return outcome(driver, result, "cuEventCreate");
        }
        *event = reinterpret_cast<hipEvent_t>(created);
        handles().events.add(*event, {});
        return hipSuccess;
    });
}

hipError_t hipEventRecord(hipEvent_t event, hipStream_t stream) {
    if (const hipError_t error = checkStream(stream)) {
        return error;
    }
    return onEvent(event, "cuEventRecord",
                   [&](const Driver& driver) { return driver.cuEventRecord(raw(event), raw(stream)); });
}

hipError_t hipEventQuery(hipEvent_t event) {
    return onEvent(event, "cuEventQuery", [&](const Driver& driver) { return driver.cuEventQuery(raw(event)); });
}

hipError_t hipEventSynchronize(hipEvent_t event) {
    return onEvent(event, "cuEventSynchronize",
                   [&](const Driver& driver) { return driver.cuEventSynchronize(raw(event)); });
}

hipError_t hipEventElapsedTime(float* milliseconds, hipEvent_t start, hipEvent_t stop) {
    if (!milliseconds) {
        return fail(hipErrorInvalidValue, "the address for the time is null");
    }
    if (const hipError_t error = checkEvent(start)) {
        return error;
    }
    return onEvent(stop, "cuEventElapsedTime", [&](const Driver& driver) {
        return driver.cuEventElapsedTime(milliseconds, raw(start), raw(stop));
    });
}

hipError_t hipEventDestroy(hipEvent_t event) {
    return withDriver([&](const Driver& driver) {
        if (!handles().events.remove(event)) {
            return fail(hipErrorInvalidHandle, "the event is null, unknown or was destroyed");
        }
        return outcome(driver, driver.cuEventDestroy_v2(raw(event)), "cuEventDestroy");
    });
}
