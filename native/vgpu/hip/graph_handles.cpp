#include "graph_handles.h"

#include <algorithm>

namespace soma::vgpu::hip {

std::shared_ptr<Graph> findGraph(hipGraph_t handle) {
    auto graph = Runtime::instance().graphs.find(handle);
    if (!graph) {
        fail(hipErrorInvalidValue, hex(handle) + " is no graph, or one that was destroyed");
    }
    return graph;
}

std::shared_ptr<GraphNode> findNode(hipGraphNode_t handle) {
    auto node = Runtime::instance().graphNodes.find(handle);
    if (!node) {
        fail(hipErrorInvalidValue, hex(handle) + " is no node, or one of a graph that was destroyed");
    }
    return node;
}

std::shared_ptr<ExecutableGraph> findExec(hipGraphExec_t handle) {
    auto exec = Runtime::instance().executableGraphs.find(handle);
    if (!exec) {
        fail(hipErrorInvalidValue, hex(handle) + " is no executable graph, or one that was destroyed");
    }
    return exec;
}

GraphNode* findNodeOf(const ExecutableGraph& exec, hipGraphNode_t node) {
    GraphNode* found = node ? findCopy(*exec.graph, node) : nullptr;
    if (!found) {
        fail(hipErrorInvalidValue, hex(node) + " is no node of the graph that was instantiated");
    }
    return found;
}

std::shared_ptr<Event> findEventOf(hipEvent_t handle) {
    auto event = Runtime::instance().events.find(handle);
    if (!event) {
        fail(hipErrorInvalidHandle, hex(handle) + " is no event, or one that was destroyed");
    }
    return event;
}

std::optional<Failure> checkWork(const Work& work) {
    bool pageable = false;
    if (const auto* copy = std::get_if<Copy>(&work)) {
        return copy->validate(pageable);
    }
    if (const auto* fill = std::get_if<Fill>(&work)) {
        return fill->validate();
    }
    return std::nullopt;
}

hipError_t addNode(const NewNode& at, Work work) {
    if (!at.node || (at.dependencyCount != 0 && !at.dependencies)) {
        return fail(hipErrorInvalidValue, "the address for the node or the dependencies are null");
    }
    *at.node = nullptr;
    const auto graph = findGraph(at.graph);
    if (!graph) {
        return lastError();
    }
    std::vector<GraphNode*> dependencies;
    for (size_t i = 0; i < at.dependencyCount; ++i) {
        const auto dependency = findNode(at.dependencies[i]);
        if (!dependency) {
            return lastError();
        }
        if (dependency->graph != graph.get() ||
            std::find(dependencies.begin(), dependencies.end(), dependency.get()) != dependencies.end()) {
            return fail(hipErrorInvalidValue,
                        "dependency " + std::to_string(i) + " is a node of another graph, or comes twice");
        }
        dependencies.push_back(dependency.get());
    }
    if (const auto failure = checkWork(work)) {
        return fail(*failure);
    }
    *at.node = graph->add(std::move(work), std::move(dependencies)).handle;
    return hipSuccess;
}

hipError_t replaceWork(GraphNode& node, Work work) {
    if (node.work.index() != work.index()) {
        return fail(hipErrorInvalidValue,
                    "the node is " + describe(node.work) + ", and cannot become " + describe(work));
    }
    if (const auto failure = checkWork(work)) {
        return fail(*failure);
    }
    node.work = std::move(work);
    return hipSuccess;
}

std::optional<Failure> workFrom(const hipKernelNodeParams* parameters, Work& work) {
    if (!parameters || !parameters->func) {
        return Failure{hipErrorInvalidValue, "the kernel node's parameters or its kernel are null"};
    }
    const dim3& grid = parameters->gridDim;
    const dim3& block = parameters->blockDim;
    KernelLaunch launch{.grid = {grid.x, grid.y, grid.z},
                        .block = {block.x, block.y, block.z},
                        .lds = parameters->sharedMemBytes,
                        .named = parameters->func};
    Failure failure{};
    launch.function = findKernel(parameters->func, failure);
    if (!launch.function) {
        return failure;
    }
    if (auto wrong = prepareLaunch(launch, parameters->kernelParams, parameters->extra)) {
        return wrong;
    }
    work = std::move(launch);
    return std::nullopt;
}

std::optional<Failure> workFrom(const hipMemcpy3DParms* parameters, Work& work) {
    if (!parameters) {
        return Failure{hipErrorInvalidValue, "the copy node's parameters are null"};
    }
    Copy copy;
    auto failure = copyFrom(*parameters, copy);
    work = copy;
    return failure;
}

std::optional<Failure> workFrom(const hipMemsetParams* parameters, Work& work) {
    if (!parameters) {
        return Failure{hipErrorInvalidValue, "the fill node's parameters are null"};
    }
    work = Fill{.destination = {parameters->dst, parameters->pitch, parameters->pitch * parameters->height},
                .value = parameters->value,
                .elementSize = parameters->elementSize,
                .width = parameters->width,
                .height = parameters->height};
    return std::nullopt;
}

std::optional<Failure> workFrom(const hipHostNodeParams* parameters, Work& work) {
    if (!parameters || !parameters->fn) {
        return Failure{hipErrorInvalidValue, "the host node's parameters or its function are null"};
    }
    work = HostWork{parameters->fn, parameters->userData};
    return std::nullopt;
}

}  // namespace soma::vgpu::hip
