// Stream capture: what is submitted to a capturing stream becomes nodes of a graph instead.
// A stream joins a capture by waiting for an event that was recorded in it; before the capture ends, the stream that began
// it has to wait for all others. Invariant: all state is guarded by Runtime's `order`.
#pragma once

#include "work.h"

#include <memory>
#include <thread>
#include <vector>

namespace soma::vgpu::hip {

struct GraphNode;

struct Capture {
    unsigned long long id = 0;
    hipStreamCaptureMode mode = hipStreamCaptureModeGlobal;
    std::thread::id thread;
    std::shared_ptr<Graph> graph;
    /// What the graph held before, where the capture adds to one.
    std::vector<const GraphNode*> before;
    /// Set by a call that a capturing stream does not allow: the graph is lost.
    bool invalid = false;
    const Stream* origin = nullptr;
    std::vector<std::weak_ptr<Stream>> streams;
};

/// A stream's part in a capture: what it does next depends on `last`.
struct StreamCapture {
    std::shared_ptr<Capture> capture;
    std::vector<GraphNode*> last;
};

/// Adds work to the graph that the stream captures. Fails for work that has to be waited for, and ends the capture then.
hipError_t capture(Stream& stream, const char* call, Work work, bool asynchronous);
/// Invalidates the stream's capture, as calls do that would wait for it.
hipError_t refuseCapturing(Stream& stream, const char* call);
/// A failure for work on the null stream while a blocking stream of the device captures: it would have to wait for it.
std::optional<Failure> refuseImplicitCapture(const Stream& stream, const char* call);

/// hipEventRecord and hipStreamWaitEvent where stream or event are part of a capture; nothing where neither is.
std::optional<hipError_t> captureRecord(Stream& stream, Event& event);
std::optional<hipError_t> captureWait(const std::shared_ptr<Stream>& stream, Event& event);

}  // namespace soma::vgpu::hip
