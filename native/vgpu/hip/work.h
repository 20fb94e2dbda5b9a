// What a stream does next, as a value: run in its turn, or kept as a node of a graph.
#pragma once

#include "kernel_launch.h"
#include "pool.h"
#include "queue.h"
#include "transfer.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace soma::vgpu::hip {

struct Event;
struct Graph;
struct Recording;
struct Stream;

struct EmptyWork {};

struct HostWork {
    hipHostFn_t function = nullptr;
    void* userData = nullptr;
};

struct ChildWork {
    std::shared_ptr<Graph> graph;
};

struct RecordWork {
    hipEvent_t handle = nullptr;
    std::shared_ptr<Event> event;
};

struct WaitWork {
    hipEvent_t handle = nullptr;
    std::shared_ptr<Event> event;
};

struct AllocateWork {
    std::shared_ptr<GraphMemory> memory;
};

struct FreeWork {
    std::shared_ptr<GraphMemory> memory;
};

/// In the order of the alternatives, which `nodeType` relies on.
using Work = std::variant<EmptyWork, KernelLaunch, Copy, Fill, HostWork, ChildWork, RecordWork, WaitWork, AllocateWork,
                          FreeWork>;

hipGraphNodeType nodeType(const Work& work);
/// In words, such as `a copy`, for messages.
std::string describe(const Work& work);

/// What is wrong with work that is to be submitted now. Sets `pageable` where it touches host memory that HIP does not
/// know, so that it has to be waited for. Runtime's `order` must be held.
std::optional<Failure> validate(const Work& work, const Stream& stream, bool& pageable);

/// What work does when its turn comes.
struct Step {
    std::function<std::optional<Failure>()> run{};
    /// Set for event records: their place is the operation's.
    std::shared_ptr<Recording> recording{};
    std::shared_ptr<Event> event{};
};
/// The step of work that is submitted now; what it waits for is added to the operation. Nodes of a child graph have steps
/// of their own. Runtime's `order` must be held.
Step stepOf(const Work& work, Operation& operation);

/// Submits work to a stream, or adds it to the graph that the stream captures. Waits for it unless `asynchronous`, or where
/// it touches pageable host memory, and then reports a failure of the stream, once.
hipError_t enqueue(const char* call, hipStream_t stream, Work work, bool asynchronous);

}  // namespace soma::vgpu::hip
