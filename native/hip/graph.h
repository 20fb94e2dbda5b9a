// A graph of HIP's, made once of launches and copies and replayed with one call.
// Invariant: whatever changes or replays it comes from one stream at a time, in the order of JavaScript's calls.
#pragma once

#include "commands.h"

namespace soma::hip {

struct GraphNode {
    /// Without a kernel it is the copy.
    Launch launch{};
    CopyCommand copy{};
    std::vector<uint32_t> dependencies{};
};

struct GraphState {
    std::shared_ptr<DeviceState> device;
    hipGraphExec_t exec = nullptr;
    std::vector<hipGraphNode_t> nodes;
    /// Those of each node, which stay loaded.
    std::vector<std::shared_ptr<KernelState>> kernels;
    std::unique_ptr<DeviceObject> object;

    hipError_t replay(hipStream_t stream, const char*& call) const;
    hipError_t update(uint32_t node, const Launch& launch, const CopyCommand& copy, const char*& call) const;
    std::string asked() const { return "a graph of " + std::to_string(nodes.size()) + " nodes"; }
};

/// Null where the device's library has no graphs.
Result<std::shared_ptr<GraphState>> makeGraph(const std::shared_ptr<DeviceState>& device,
                                              const std::vector<GraphNode>& nodes);

}  // namespace soma::hip
