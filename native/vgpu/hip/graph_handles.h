// How the graph functions of the C ABI find what handles mean, and what makes a node. The functions `with…` hold Runtime's
// `order`; all others need it.
#pragma once

#include "context.h"

#include <string>
#include <type_traits>

namespace soma::vgpu::hip {

/// Null after making the failure the thread's last error.
std::shared_ptr<Graph> findGraph(hipGraph_t handle);
std::shared_ptr<GraphNode> findNode(hipGraphNode_t handle);
std::shared_ptr<ExecutableGraph> findExec(hipGraphExec_t handle);
/// The node of an executable graph that was instantiated from `node`.
GraphNode* findNodeOf(const ExecutableGraph& exec, hipGraphNode_t node);
std::shared_ptr<Event> findEventOf(hipEvent_t handle);

/// The parameters of hipGraphAdd…Node functions.
struct NewNode {
    hipGraphNode_t* node;
    hipGraph_t graph;
    const hipGraphNode_t* dependencies;
    size_t dependencyCount;
};
hipError_t addNode(const NewNode& at, Work work);

/// What is wrong with work that a graph is to hold.
std::optional<Failure> checkWork(const Work& work);

// Work from the structures of the C ABI.
std::optional<Failure> workFrom(const hipKernelNodeParams* parameters, Work& work);
std::optional<Failure> workFrom(const hipMemcpy3DParms* parameters, Work& work);
std::optional<Failure> workFrom(const hipMemsetParams* parameters, Work& work);
std::optional<Failure> workFrom(const hipHostNodeParams* parameters, Work& work);

/// Run `body` with what handles mean; or fail.
template <typename Body>
hipError_t withGraph(hipGraph_t handle, Body&& body) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto graph = findGraph(handle);
        return graph ? body(*graph) : lastError();
    });
}
template <typename Body>
hipError_t withNode(hipGraphNode_t handle, Body&& body) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto node = findNode(handle);
        return node ? body(*node) : lastError();
    });
}
/// The copy of a node in an executable graph.
template <typename Body>
hipError_t withNodeOf(hipGraphExec_t execHandle, hipGraphNode_t handle, Body&& body) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto exec = findExec(execHandle);
        GraphNode* const node = exec ? findNodeOf(*exec, handle) : nullptr;
        return node ? body(*node) : lastError();
    });
}

/// Where an answer goes must be given: `what` names it.
template <typename Body>
hipError_t withPlace(const void* place, const char* what, Body&& body) {
    return place ? body() : call([&] {
        return fail(hipErrorInvalidValue, std::string("the address for ") + what + " is null");
    });
}

/// Runs `body` with a node's work of type T; fails for a node of another type.
template <typename T, typename Body>
hipError_t withWork(hipGraphNode_t handle, const void* place, Body&& body) {
    return withPlace(place, "the node's parameters", [&] {
        return withNode(handle, [&](GraphNode& node) {
            T* const work = std::get_if<T>(&node.work);
            return work ? body(node, *work)
                        : fail(hipErrorInvalidValue,
                               "the node is " + describe(node.work) + ", to which this call is not");
        });
    });
}

/// Replaces a node's work by other work of the same type.
hipError_t replaceWork(GraphNode& node, Work work);

/// As replaceWork, from a structure of the C ABI.
template <typename Parameters>
hipError_t replaceFrom(GraphNode& node, const Parameters* parameters) {
    Work work;
    const auto failure = workFrom(parameters, work);
    return failure ? fail(*failure) : replaceWork(node, std::move(work));
}

}  // namespace soma::vgpu::hip
