// How the graph functions of the C ABI find what handles mean, and what makes a node. All but `nodeCall` and `execCall`
// need Runtime's `order`.
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

/// Runs `body` with a node's work of type T, with `order` held; fails for a node of another type.
template <typename T, typename Body>
hipError_t nodeCall(hipGraphNode_t handle, const void* parameters, Body&& body) {
    return call([&] {
        if (!parameters) {
            return fail(hipErrorInvalidValue, "the address for the node's parameters is null");
        }
        std::scoped_lock lock(Runtime::instance().order);
        const auto node = findNode(handle);
        if (!node) {
            return lastError();
        }
        T* work = std::get_if<T>(&node->work);
        return work ? body(*node, *work)
                    : fail(hipErrorInvalidValue, "the node is " + describe(node->work) + ", to which this call is not");
    });
}

/// Replaces the work of a node, or of its copy in an executable graph, by other work of the same type.
hipError_t replaceWork(GraphNode& node, Work work);

template <typename Parameters>
hipError_t setWork(hipGraphNode_t handle, const Parameters* parameters) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto node = findNode(handle);
        if (!node) {
            return lastError();
        }
        Work work;
        if (const auto failure = workFrom(parameters, work)) {
            return fail(*failure);
        }
        return replaceWork(*node, std::move(work));
    });
}

template <typename Parameters>
hipError_t setExecutableWork(hipGraphExec_t execHandle, hipGraphNode_t handle, const Parameters* parameters) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto exec = findExec(execHandle);
        GraphNode* node = exec ? findNodeOf(*exec, handle) : nullptr;
        if (!node) {
            return lastError();
        }
        Work work;
        if (const auto failure = workFrom(parameters, work)) {
            return fail(*failure);
        }
        return replaceWork(*node, std::move(work));
    });
}

}  // namespace soma::vgpu::hip
