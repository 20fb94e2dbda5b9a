#include "capture.h"

#include "context.h"
#include "graph.h"

#include <algorithm>

namespace soma::vgpu::hip {

namespace {

void addMissing(std::vector<GraphNode*>& to, const std::vector<GraphNode*>& from) {
    for (GraphNode* node : from) {
        if (std::find(to.begin(), to.end(), node) == to.end()) {
            to.push_back(node);
        }
    }
}

hipError_t invalidate(Capture& capture, hipError_t code, std::string words) {
    capture.invalid = true;
    return fail(code, std::move(words));
}

hipError_t alreadyInvalid() {
    return fail(hipErrorStreamCaptureInvalidated,
                "the stream's capture was invalidated by an earlier error: end it with hipStreamEndCapture");
}

}  // namespace

hipError_t capture(Stream& stream, const char* call, Work work, bool asynchronous) {
    Capture& capture = *stream.capture->capture;
    if (capture.invalid) {
        return alreadyInvalid();
    }
    if (!asynchronous) {
        return refuseCapturing(stream, call);
    }
    bool pageable = false;
    if (const auto failure = validate(work, stream, pageable)) {
        return invalidate(capture, failure->code, failure->words);
    }
    GraphNode& node = capture.graph->add(std::move(work), stream.capture->last);
    stream.capture->last = {&node};
    return hipSuccess;
}

hipError_t refuseCapturing(Stream& stream, const char* call) {
    return invalidate(*stream.capture->capture, hipErrorStreamCaptureUnsupported,
                      std::string(call) + " would wait for a stream that is capturing, which runs nothing");
}

std::optional<Failure> refuseImplicitCapture(const Stream& stream, const char* call) {
    if (stream.queue != stream.device->nullQueue) {
        return std::nullopt;
    }
    std::optional<Failure> failure;
    Runtime::instance().streams.forEach([&](Stream& other) {
        if (other.capture && other.device == stream.device && other.queue->blocking()) {
            other.capture->capture->invalid = true;
            failure = Failure{hipErrorStreamCaptureImplicit,
                              std::string(call) + " on the null stream would wait for a stream that is capturing: use "
                                                  "another stream, or capture on one made with hipStreamNonBlocking"};
        }
    });
    return failure;
}

std::optional<hipError_t> captureRecord(Stream& stream, Event& event) {
    if (!stream.capture) {
        event.captured.reset();
        return std::nullopt;
    }
    if (stream.capture->capture->invalid) {
        return alreadyInvalid();
    }
    event.captured = *stream.capture;
    return hipSuccess;
}

std::optional<hipError_t> captureWait(const std::shared_ptr<Stream>& stream, Event& event) {
    if (!event.captured) {
        if (!stream->capture) {
            return std::nullopt;
        }
        return invalidate(*stream->capture->capture, hipErrorStreamCaptureIsolation,
                          "a capturing stream cannot wait for an event that was recorded outside of its capture");
    }
    Capture& capture = *event.captured->capture;
    if (capture.invalid) {
        return alreadyInvalid();
    }
    if (!capture.graph) {
        return fail(hipErrorCapturedEvent, "the event was last recorded in a capture that has ended");
    }
    if (!stream->capture) {
        if (stream->queue == stream->device->nullQueue) {
            return invalidate(capture, hipErrorStreamCaptureImplicit, "the null stream cannot join a capture");
        }
        stream->capture = StreamCapture{event.captured->capture, {}};
        capture.streams.push_back(stream);
    } else if (stream->capture->capture != event.captured->capture) {
        stream->capture->capture->invalid = true;
        return invalidate(capture, hipErrorStreamCaptureMerge, "the event belongs to another capture than the stream");
    }
    addMissing(stream->capture->last, event.captured->last);
    return hipSuccess;
}

}  // namespace soma::vgpu::hip

using namespace soma::vgpu::hip;

namespace {

thread_local hipStreamCaptureMode threadMode = hipStreamCaptureModeGlobal;

bool known(hipStreamCaptureMode mode) {
    return static_cast<int>(mode) >= hipStreamCaptureModeGlobal && static_cast<int>(mode) <= hipStreamCaptureModeRelaxed;
}

/// Everything that was captured lies before the nodes on which the origin's next work would depend.
bool joined(const Capture& capture, const std::vector<GraphNode*>& last) {
    std::vector<const GraphNode*> reached(last.begin(), last.end());
    for (size_t next = 0; next < reached.size(); ++next) {
        for (const GraphNode* dependency : reached[next]->dependencies) {
            if (std::find(reached.begin(), reached.end(), dependency) == reached.end()) {
                reached.push_back(dependency);
            }
        }
    }
    const auto among = [](const std::vector<const GraphNode*>& nodes, const GraphNode* node) {
        return std::find(nodes.begin(), nodes.end(), node) != nodes.end();
    };
    return std::ranges::all_of(capture.graph->nodes, [&](const auto& node) {
        return among(reached, node.get()) || among(capture.before, node.get());
    });
}

/// Of the nodes of a graph, those that handles name; nothing where one names none.
std::optional<std::vector<GraphNode*>> nodesOf(const Graph& graph, const hipGraphNode_t* handles, size_t count) {
    std::vector<GraphNode*> nodes;
    for (size_t i = 0; i < count; ++i) {
        const auto node = Runtime::instance().graphNodes.find(handles[i]);
        if (!node || node->graph != &graph) {
            fail(hipErrorInvalidValue, hex(handles[i]) + " is no node of the captured graph");
            return std::nullopt;
        }
        nodes.push_back(node.get());
    }
    return nodes;
}

/// Begins a capture that adds to `graph`, behind the nodes `last`. Runtime's `order` must be held.
hipError_t begin(const std::shared_ptr<Stream>& stream, hipStreamCaptureMode mode, std::shared_ptr<Graph> graph,
                 std::vector<GraphNode*> last) {
    if (stream->capture) {
        return fail(hipErrorIllegalState, "the stream is capturing already");
    }
    static unsigned long long captures = 0;
    auto capture = std::make_shared<Capture>();
    capture->id = ++captures;
    capture->mode = mode;
    capture->thread = std::this_thread::get_id();
    for (const auto& node : graph->nodes) {
        capture->before.push_back(node.get());
    }
    capture->graph = std::move(graph);
    capture->origin = stream.get();
    capture->streams.push_back(stream);
    stream->capture = StreamCapture{std::move(capture), std::move(last)};
    return hipSuccess;
}

/// The stream that a capture in that mode may begin on; null after making the failure the thread's last one.
std::shared_ptr<Stream> capturable(hipStream_t handle, hipStreamCaptureMode mode) {
    if (!known(mode)) {
        fail(hipErrorInvalidValue, "there is no capture mode " + std::to_string(static_cast<int>(mode)));
        return nullptr;
    }
    auto stream = findStream(handle);
    if (stream && stream->queue == stream->device->nullQueue) {
        fail(hipErrorStreamCaptureUnsupported, "the null stream cannot be captured: make a stream");
        return nullptr;
    }
    return stream;
}

hipStreamCaptureStatus statusOf(const Stream& stream) {
    return !stream.capture                   ? hipStreamCaptureStatusNone
           : stream.capture->capture->invalid ? hipStreamCaptureStatusInvalidated
                                              : hipStreamCaptureStatusActive;
}

}  // namespace

hipError_t hipStreamBeginCapture(hipStream_t handle, hipStreamCaptureMode mode) {
    return call([&] {
        const auto stream = capturable(handle, mode);
        if (!stream) {
            return lastError();
        }
        std::scoped_lock lock(Runtime::instance().order);
        return begin(stream, mode, std::make_shared<Graph>(), {});
    });
}

hipError_t hipStreamBeginCaptureToGraph(hipStream_t handle, hipGraph_t graphHandle, const hipGraphNode_t* dependencies,
                                        const void* edges, size_t count, hipStreamCaptureMode mode) {
    return call([&] {
        if ((count != 0 && !dependencies) || edges) {
            return fail(hipErrorInvalidValue, "the dependencies are null, or their edges have data, which HIP has none of");
        }
        const auto stream = capturable(handle, mode);
        if (!stream) {
            return lastError();
        }
        std::scoped_lock lock(Runtime::instance().order);
        const auto graph = Runtime::instance().graphs.find(graphHandle);
        if (!graph) {
            return fail(hipErrorInvalidValue, hex(graphHandle) + " is no graph");
        }
        const auto last = nodesOf(*graph, dependencies, count);
        return last ? begin(stream, mode, graph, *last) : lastError();
    });
}

hipError_t hipStreamEndCapture(hipStream_t handle, hipGraph_t* graph) {
    return call([&] {
        if (!graph) {
            return fail(hipErrorInvalidValue, "the address for the graph is null");
        }
        *graph = nullptr;
        const auto stream = findStream(handle);
        if (!stream) {
            return lastError();
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        if (!stream->capture) {
            return fail(hipErrorIllegalState, "the stream is not capturing");
        }
        const std::shared_ptr<Capture> capture = stream->capture->capture;
        if (capture->origin != stream.get()) {
            return fail(hipErrorStreamCaptureUnmatched, "the capture was begun on another stream: end it there");
        }
        if (capture->mode != hipStreamCaptureModeRelaxed && capture->thread != std::this_thread::get_id()) {
            return fail(hipErrorStreamCaptureWrongThread,
                        "the capture was begun by another thread, and not in relaxed mode: end it there");
        }
        const bool complete = joined(*capture, stream->capture->last);
        for (const auto& member : capture->streams) {
            if (const auto one = member.lock()) {
                one->capture.reset();
            }
        }
        const std::shared_ptr<Graph> captured = std::move(capture->graph);
        if (capture->invalid) {
            return fail(hipErrorStreamCaptureInvalidated, "the capture was invalidated by an earlier error");
        }
        if (!complete) {
            return fail(hipErrorStreamCaptureUnjoined,
                        "another stream has work in the capture that this stream does not wait for: record an event on "
                        "it, and wait for that here before the capture ends");
        }
        if (!captured->handle) {
            captured->handle = runtime.graphs.add(captured);
        }
        *graph = captured->handle;
        return hipSuccess;
    });
}

hipError_t hipStreamIsCapturing(hipStream_t handle, hipStreamCaptureStatus* status) {
    return hipStreamGetCaptureInfo(handle, status, nullptr);
}

hipError_t hipStreamGetCaptureInfo(hipStream_t handle, hipStreamCaptureStatus* status, unsigned long long* id) {
    return hipStreamGetCaptureInfo_v2(handle, status, id, nullptr, nullptr, nullptr);
}

hipError_t hipStreamGetCaptureInfo_v2(hipStream_t handle, hipStreamCaptureStatus* status, unsigned long long* id,
                                      hipGraph_t* graph, const hipGraphNode_t** dependencies,
                                      size_t* dependencyCount) {
    return call([&] {
        if (!status) {
            return fail(hipErrorInvalidValue, "the address for the capture's status is null");
        }
        const auto stream = findStream(handle);
        if (!stream) {
            return lastError();
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        *status = statusOf(*stream);
        if (*status != hipStreamCaptureStatusActive) {
            return hipSuccess;
        }
        Capture& capture = *stream->capture->capture;
        if (id) {
            *id = capture.id;
        }
        if (graph) {
            if (!capture.graph->handle) {
                capture.graph->handle = runtime.graphs.add(capture.graph);
            }
            *graph = capture.graph->handle;
        }
        // The array lives until the thread asks again, as HIP's does until the stream captures more.
        thread_local std::vector<hipGraphNode_t> handles;
        handles.clear();
        for (const GraphNode* node : stream->capture->last) {
            handles.push_back(node->handle);
        }
        if (dependencies) {
            *dependencies = handles.data();
        }
        if (dependencyCount) {
            *dependencyCount = handles.size();
        }
        return hipSuccess;
    });
}

hipError_t hipStreamUpdateCaptureDependencies(hipStream_t handle, hipGraphNode_t* dependencies, size_t count,
                                              unsigned int flags) {
    return call([&] {
        if ((count != 0 && !dependencies) || flags > hipStreamSetCaptureDependencies) {
            return fail(hipErrorInvalidValue, "the dependencies are null, or the flags unknown");
        }
        const auto stream = findStream(handle);
        if (!stream) {
            return lastError();
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        if (statusOf(*stream) != hipStreamCaptureStatusActive) {
            return fail(hipErrorIllegalState, "the stream is not capturing");
        }
        const auto nodes = nodesOf(*stream->capture->capture->graph, dependencies, count);
        if (!nodes) {
            return lastError();
        }
        if (flags == hipStreamSetCaptureDependencies) {
            stream->capture->last.clear();
        }
        addMissing(stream->capture->last, *nodes);
        return hipSuccess;
    });
}

hipError_t hipThreadExchangeStreamCaptureMode(hipStreamCaptureMode* mode) {
    return call([&] {
        if (!mode || !known(*mode)) {
            return fail(hipErrorInvalidValue, "the address of the capture mode is null, or the mode unknown");
        }
        std::swap(*mode, threadMode);
        return hipSuccess;
    });
}
