// Streams and host functions.
//
// The null stream is the legacy one: its operations wait for everything submitted before to the device's streams made
// without hipStreamNonBlocking, and these wait for it. Each device has its own.
//
// A kernel's fault is reported once: by the first of hipStreamSynchronize, hipStreamQuery (once the stream is idle),
// hipDeviceSynchronize or a synchronous copy on the stream. Until then what is queued on it is skipped, events that are
// recorded on it carry the fault, and host functions don't run; afterwards stream and device are as good as new.
#include "context.h"

#include <algorithm>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

/// Of streams, as HIP counts them. They change nothing: a kernel takes all of the device.
constexpr int kLeastPriority = 1;
constexpr int kGreatestPriority = -1;

hipError_t create(hipStream_t* out, unsigned int flags, int priority) {
    if (!out) {
        return fail(hipErrorInvalidValue, "the address for the stream is null");
    }
    *out = nullptr;
    if ((flags & ~hipStreamNonBlocking) != 0) {
        return fail(hipErrorInvalidValue, "unknown stream flags " + hex(uint64_t(flags)));
    }
    Runtime& runtime = Runtime::instance();
    const auto device = runtime.current();
    if (!device) {
        return lastError();
    }
    const auto queue = std::make_shared<Queue>((flags & hipStreamNonBlocking) == 0);
    device->addQueue(queue);
    *out = runtime.streams.add(std::make_shared<Stream>(Stream{device, queue, priority}));
    return hipSuccess;
}

}  // namespace

hipError_t hipStreamCreate(hipStream_t* stream) {
    return call([&] { return create(stream, hipStreamDefault, 0); });
}

hipError_t hipStreamCreateWithFlags(hipStream_t* stream, unsigned int flags) {
    return call([&] { return create(stream, flags, 0); });
}

hipError_t hipStreamCreateWithPriority(hipStream_t* stream, unsigned flags, int priority) {
    // Any number is fine: HIP takes what is out of range as the nearest priority.
    return call([&] { return create(stream, flags, std::clamp(priority, kGreatestPriority, kLeastPriority)); });
}

hipError_t hipStreamGetPriority(hipStream_t handle, int* priority) {
    return call([&] {
        const auto stream = findStream(handle);
        if (!stream || !priority) {
            return stream ? fail(hipErrorInvalidValue, "the address for the priority is null") : lastError();
        }
        *priority = stream->priority;
        return hipSuccess;
    });
}

hipError_t hipStreamGetFlags(hipStream_t handle, unsigned* flags) {
    return call([&] {
        const auto stream = findStream(handle);
        if (!stream || !flags) {
            return stream ? fail(hipErrorInvalidValue, "the address for the flags is null") : lastError();
        }
        const bool ordered = stream->queue->blocking() || stream->queue == stream->device->nullQueue;
        *flags = ordered ? hipStreamDefault : hipStreamNonBlocking;
        return hipSuccess;
    });
}

hipError_t hipStreamGetDevice(hipStream_t handle, hipDevice_t* device) {
    return call([&] {
        const auto stream = findStream(handle);
        if (!stream || !device) {
            return stream ? fail(hipErrorInvalidValue, "the address for the device is null") : lastError();
        }
        *device = stream->device->index;
        return hipSuccess;
    });
}

hipError_t hipDeviceGetStreamPriorityRange(int* least, int* greatest) {
    return call([&] {
        if (least) {
            *least = kLeastPriority;
        }
        if (greatest) {
            *greatest = kGreatestPriority;
        }
        return hipSuccess;
    });
}

hipError_t hipStreamDestroy(hipStream_t handle) {
    return call([&] {
        if (const hipError_t refused = refuseInHostFunction("hipStreamDestroy")) {
            return refused;
        }
        if (!handle || handle == hipStreamLegacy || handle == hipStreamPerThread) {
            const std::string name = handle == hipStreamPerThread ? "hipStreamPerThread" : "the null stream";
            return fail(hipErrorInvalidHandle, name + " cannot be destroyed: it was not created");
        }
        const auto stream = Runtime::instance().streams.remove(handle);
        if (!stream) {
            return fail(hipErrorInvalidHandle, hex(handle) + " is no stream, or one that was destroyed already");
        }
        retire(*stream);
        stream->queue->wait(stream->queue->last());
        return hipSuccess;
    });
}

hipError_t hipStreamSynchronize(hipStream_t stream) {
    // On the null stream, an operation waits for the blocking streams as well.
    return call([&] { return enqueue("hipStreamSynchronize", stream, EmptyWork{}, false); });
}

hipError_t hipStreamQuery(hipStream_t handle) {
    return call([&] {
        const auto stream = findStream(handle);
        if (!stream) {
            return lastError();
        }
        {
            std::scoped_lock lock(Runtime::instance().order);
            if (stream->capture) {
                return refuseCapturing(*stream, "hipStreamQuery");
            }
        }
        if (!stream->queue->done(stream->queue->last())) {
            return fail(hipErrorNotReady, "");
        }
        const auto failure = stream->queue->takeFailure();
        return failure ? fail(*failure) : hipSuccess;
    });
}

hipError_t hipLaunchHostFunc(hipStream_t stream, hipHostFn_t function, void* userData) {
    return call([&] {
        return function ? enqueue("hipLaunchHostFunc", stream, HostWork{function, userData}, true)
                        : fail(hipErrorInvalidValue, "the host function is null");
    });
}

hipError_t hipStreamAddCallback(hipStream_t handle, hipStreamCallback_t callback, void* userData, unsigned int flags) {
    return call([&] {
        if (!callback || flags != 0) {
            return fail(hipErrorInvalidValue, "the callback is null, or flags are not 0");
        }
        if (const hipError_t refused = refuseInHostFunction("hipStreamAddCallback")) {
            return refused;
        }
        const auto stream = findStream(handle);
        if (!stream) {
            return lastError();
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        if (stream->capture) {
            return refuseCapturing(*stream, "hipStreamAddCallback");
        }
        const auto run = [=](const Failure* before) -> std::optional<Failure> {
            callback(handle, before ? before->code : hipSuccess, userData);
            return std::nullopt;
        };
        runtime.submit(*stream->device, stream->queue, {.run = run, .evenAfterFailure = true});
        return hipSuccess;
    });
}
