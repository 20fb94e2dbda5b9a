#include "graph.h"

namespace soma::hip {

namespace {

/// Calls `use` with a launch's parameters as graphs have them.
template <typename Use>
hipError_t withParameters(const Launch& launch, Use&& use) {
    const auto& [grid, block, shared, size, cooperative, count] = launch.shape;
    size_t bytes = size;
    // HIP takes arguments it may write to, and copies them before it returns.
    void* extra[] = {HIP_LAUNCH_PARAM_BUFFER_POINTER, const_cast<std::byte*>(launch.arguments),
                     HIP_LAUNCH_PARAM_BUFFER_SIZE, &bytes, HIP_LAUNCH_PARAM_END};
    const hipKernelNodeParams parameters{.blockDim = {block[0], block[1], block[2]},
                                         .extra = bytes == 0 ? nullptr : extra,
                                         .func = launch.kernel->function,
                                         .gridDim = {grid[0], grid[1], grid[2]},
                                         .kernelParams = nullptr,
                                         .sharedMemBytes = shared};
    return use(&parameters);
}

bool hasGraphs(const Table& hip) {
    return hip.hipGraphCreate && hip.hipGraphDestroy && hip.hipGraphAddKernelNode && hip.hipGraphAddMemcpyNode1D &&
           hip.hipGraphInstantiate && hip.hipGraphLaunch && hip.hipGraphExecDestroy &&
           hip.hipGraphExecKernelNodeSetParams && hip.hipGraphExecMemcpyNodeSetParams1D;
}

void* at(uint64_t address) { return reinterpret_cast<void*>(address); }

hipError_t addNode(const Table& hip, hipGraph_t graph, const GraphNode& node, GraphState& state, const char*& call) {
    std::vector<hipGraphNode_t> dependencies;
    for (const uint32_t index : node.dependencies) {
        dependencies.push_back(state.nodes[index]);
    }
    hipGraphNode_t made = nullptr;
    hipError_t code = hipSuccess;
    if (node.launch.kernel) {
        call = "hipGraphAddKernelNode";
        code = withParameters(node.launch, [&](const hipKernelNodeParams* parameters) {
            return hip.hipGraphAddKernelNode(&made, graph, dependencies.data(), dependencies.size(), parameters);
        });
    } else {
        call = "hipGraphAddMemcpyNode1D";
        code = hip.hipGraphAddMemcpyNode1D(&made, graph, dependencies.data(), dependencies.size(),
                                           at(node.copy.target), at(node.copy.source), node.copy.bytes,
                                           hipMemcpyDeviceToDevice);
    }
    state.nodes.push_back(made);
    state.kernels.push_back(node.launch.kernel);
    return code;
}

}  // namespace

hipError_t GraphState::replay(hipStream_t stream, const char*& call) const {
    call = "hipGraphLaunch";
    return object->unusable() ? hipErrorInvalidHandle : device->hip().hipGraphLaunch(exec, stream);
}

hipError_t GraphState::update(uint32_t node, const Launch& launch, const CopyCommand& copy, const char*& call) const {
    const Table& hip = device->hip();
    if (object->unusable()) {
        return hipErrorInvalidHandle;
    }
    if (launch.kernel) {
        call = "hipGraphExecKernelNodeSetParams";
        return withParameters(launch, [&](const hipKernelNodeParams* parameters) {
            return hip.hipGraphExecKernelNodeSetParams(exec, nodes[node], parameters);
        });
    }
    call = "hipGraphExecMemcpyNodeSetParams1D";
    return hip.hipGraphExecMemcpyNodeSetParams1D(exec, nodes[node], at(copy.target), at(copy.source), copy.bytes,
                                                 hipMemcpyDeviceToDevice);
}

Result<std::shared_ptr<GraphState>> makeGraph(const std::shared_ptr<DeviceState>& device,
                                              const std::vector<GraphNode>& nodes) {
    const Table& hip = device->hip();
    if (!hasGraphs(hip)) {
        return std::shared_ptr<GraphState>();
    }
    if (auto unusable = device->unusable(device->epoch())) {
        return *unusable;
    }
    auto state = std::make_shared<GraphState>();
    state->device = device;
    const std::string asked = "a graph of " + std::to_string(nodes.size()) + " nodes";
    const char* call = "hipSetDevice";
    hipGraph_t graph = nullptr;
    hipError_t code = device->select();
    if (code == hipSuccess) {
        call = "hipGraphCreate";
        code = hip.hipGraphCreate(&graph, 0);
    }
    for (size_t i = 0; i < nodes.size() && code == hipSuccess; ++i) {
        code = addNode(hip, graph, nodes[i], *state, call);
    }
    if (code == hipSuccess) {
        call = "hipGraphInstantiate";
        code = hip.hipGraphInstantiate(&state->exec, graph, nullptr, nullptr, 0);
    }
    if (code != hipSuccess) {
        HipError error = device->failure(call, code, asked);
        if (graph) {
            hip.hipGraphDestroy(graph);
        }
        return error;
    }
    // Nodes are named by those of the graph, which stays as long.
    state->object = std::make_unique<DeviceObject>(device, [&hip, exec = state->exec, graph] {
        hip.hipGraphExecDestroy(exec);
        hip.hipGraphDestroy(graph);
    });
    return state;
}

}  // namespace soma::hip
