// Events: places in streams, with the time at which they were reached (host clock, in which the virtual GPU runs).
// hipEventQuery and hipEventSynchronize give the fault that their stream had at that place; they don't clear it there.
#include "context.h"

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

std::shared_ptr<Event> findEvent(hipEvent_t handle) {
    auto event = Runtime::instance().events.find(handle);
    if (!event) {
        fail(hipErrorInvalidHandle, hex(handle) + " is no event, or one that was destroyed");
    }
    return event;
}

std::shared_ptr<Recording> recordingOf(Event& event) {
    std::scoped_lock lock(event.mutex);
    return event.recording;
}

hipError_t refuseCaptured(const Event& event) {
    std::scoped_lock lock(Runtime::instance().order);
    return event.captured ? fail(hipErrorCapturedEvent, "the event was last recorded in a stream's capture, where it has "
                                                        "no time and no end")
                          : hipSuccess;
}

hipError_t outcome(const Recording& recording) { return recording.failure ? fail(*recording.failure) : hipSuccess; }

hipError_t create(hipEvent_t* out, unsigned int flags) {
    if (!out) {
        return fail(hipErrorInvalidValue, "the address for the event is null");
    }
    *out = nullptr;
    if ((flags & ~(hipEventBlockingSync | hipEventDisableTiming)) != 0) {
        return fail(hipErrorInvalidValue, "unknown event flags " + hex(uint64_t(flags)));
    }
    Runtime& runtime = Runtime::instance();
    if (!runtime.current()) {
        return lastError();
    }
    auto event = std::make_shared<Event>();
    event->timing = (flags & hipEventDisableTiming) == 0;
    *out = runtime.events.add(std::move(event));
    return hipSuccess;
}

}  // namespace

hipError_t hipEventCreate(hipEvent_t* event) {
    return call([&] { return create(event, hipEventDefault); });
}

hipError_t hipEventCreateWithFlags(hipEvent_t* event, unsigned int flags) {
    return call([&] { return create(event, flags); });
}

hipError_t hipEventDestroy(hipEvent_t handle) {
    return call([&] {
        return Runtime::instance().events.remove(handle)
                   ? hipSuccess
                   : fail(hipErrorInvalidHandle, hex(handle) + " is no event, or one that was destroyed already");
    });
}

hipError_t hipEventRecord(hipEvent_t handle, hipStream_t streamHandle) {
    return call([&] {
        if (const hipError_t refused = refuseInHostFunction("hipEventRecord")) {
            return refused;
        }
        const auto event = findEvent(handle);
        const auto stream = event ? findStream(streamHandle) : nullptr;
        if (!stream) {
            return lastError();
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order, event->mutex);
        if (const auto captured = captureRecord(*stream, *event)) {
            return *captured;
        }
        const auto recording = std::make_shared<Recording>();
        const auto run = [recording](const Failure* before) -> std::optional<Failure> {
            recording->time = std::chrono::steady_clock::now();
            if (before) {
                recording->failure = *before;
            }
            return std::nullopt;
        };
        const Ticket ticket =
            runtime.submit(*stream->device, stream->queue, {.run = run, .evenAfterFailure = true});
        recording->place = {stream->queue, ticket};
        event->recording = recording;
        return hipSuccess;
    });
}

hipError_t hipEventSynchronize(hipEvent_t handle) {
    return call([&] {
        if (const hipError_t refused = refuseInHostFunction("hipEventSynchronize")) {
            return refused;
        }
        const auto event = findEvent(handle);
        if (!event) {
            return lastError();
        }
        if (const hipError_t refused = refuseCaptured(*event)) {
            return refused;
        }
        const auto recording = recordingOf(*event);
        if (!recording) {
            return hipSuccess;
        }
        recording->place.queue->wait(recording->place.ticket);
        return outcome(*recording);
    });
}

hipError_t hipEventQuery(hipEvent_t handle) {
    return call([&] {
        const auto event = findEvent(handle);
        if (!event) {
            return lastError();
        }
        if (const hipError_t refused = refuseCaptured(*event)) {
            return refused;
        }
        const auto recording = recordingOf(*event);
        if (!recording) {
            return hipSuccess;
        }
        return recording->place.queue->done(recording->place.ticket) ? outcome(*recording) : fail(hipErrorNotReady, "");
    });
}

hipError_t hipEventElapsedTime(float* milliseconds, hipEvent_t startHandle, hipEvent_t stopHandle) {
    return call([&] {
        if (!milliseconds) {
            return fail(hipErrorInvalidValue, "the address for the time is null");
        }
        std::shared_ptr<Recording> recordings[2];
        const hipEvent_t handles[2] = {startHandle, stopHandle};
        for (size_t i = 0; i < 2; ++i) {
            const auto event = findEvent(handles[i]);
            if (!event) {
                return lastError();
            }
            recordings[i] = recordingOf(*event);
            if (!recordings[i] || !event->timing) {
                return fail(hipErrorInvalidHandle, std::string("the ") + (i == 0 ? "start" : "stop") +
                                                       " event was not recorded, or was made without timing");
            }
        }
        for (const auto& recording : recordings) {
            if (!recording->place.queue->done(recording->place.ticket)) {
                return fail(hipErrorNotReady, "");
            }
        }
        *milliseconds =
            std::chrono::duration<float, std::milli>(recordings[1]->time - recordings[0]->time).count();
        return hipSuccess;
    });
}

hipError_t hipStreamWaitEvent(hipStream_t streamHandle, hipEvent_t handle, unsigned int flags) {
    return call([&] {
        if (flags != 0) {
            return fail(hipErrorInvalidValue, "hipStreamWaitEvent takes no flags: pass 0");
        }
        if (const hipError_t refused = refuseInHostFunction("hipStreamWaitEvent")) {
            return refused;
        }
        const auto event = findEvent(handle);
        const auto stream = event ? findStream(streamHandle) : nullptr;
        if (!stream) {
            return lastError();
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        if (const auto captured = captureWait(stream, *event)) {
            return *captured;
        }
        if (const auto recording = recordingOf(*event)) {
            runtime.submit(*stream->device, stream->queue,
                           {.after = {recording->place}, .run = [](const Failure*) { return std::optional<Failure>{}; }});
        }
        return hipSuccess;
    });
}

hipError_t hipEventRecordWithFlags(hipEvent_t event, hipStream_t stream, unsigned) {
    // The flag, hipEventRecordExternal, is about captures, where the virtual GPU records no other way.
    return hipEventRecord(event, stream);
}
