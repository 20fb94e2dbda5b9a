#include "graph_handles.h"

#include <vector>

namespace soma::cuda {

void GraphHandles::addGraph(hipGraph_t graph, hipGraphNode_t owner) {
    std::scoped_lock lock(mutex_);
    graphs_.insert_or_assign(graph, owner);
}

void GraphHandles::addNodes(hipGraph_t graph, const hipGraphNode_t* nodes, size_t count) {
    std::scoped_lock lock(mutex_);
    for (size_t i = 0; i < count; ++i) {
        nodes_.insert_or_assign(nodes[i], graph);
    }
}

bool GraphHandles::hasGraph(hipGraph_t graph) const {
    std::scoped_lock lock(mutex_);
    return graphs_.contains(graph);
}

hipGraph_t GraphHandles::graphOf(hipGraphNode_t node) const {
    std::scoped_lock lock(mutex_);
    const auto found = nodes_.find(node);
    return found == nodes_.end() ? nullptr : found->second;
}

bool GraphHandles::isChild(hipGraph_t graph) const {
    std::scoped_lock lock(mutex_);
    const auto found = graphs_.find(graph);
    return found != graphs_.end() && found->second != nullptr;
}

void GraphHandles::forgetGraph(hipGraph_t graph) {
    std::scoped_lock lock(mutex_);
    forget(graph);
}

void GraphHandles::forgetNode(hipGraphNode_t node) {
    std::scoped_lock lock(mutex_);
    forget(node);
}

void GraphHandles::forget(hipGraph_t graph) {
    graphs_.erase(graph);
    std::vector<hipGraphNode_t> members;
    for (const auto& [node, owner] : nodes_) {
        if (owner == graph) {
            members.push_back(node);
        }
    }
    for (const hipGraphNode_t node : members) {
        forget(node);
    }
}

void GraphHandles::forget(hipGraphNode_t node) {
    nodes_.erase(node);
    std::vector<hipGraph_t> children;
    for (const auto& [graph, owner] : graphs_) {
        if (owner == node) {
            children.push_back(graph);
        }
    }
    for (const hipGraph_t graph : children) {
        forget(graph);
    }
}

GraphHandles& graphHandles() {
    static GraphHandles* const all = new GraphHandles;
    return *all;
}

namespace {

Problem unless(bool right, hipError_t code, const char* words) {
    return right ? Problem{} : Problem{{code, words}};
}

}  // namespace

Problem known(hipGraph_t graph) {
    return unless(graphHandles().hasGraph(graph), hipErrorInvalidValue, "the graph is null, unknown or was destroyed");
}

Problem known(hipGraphNode_t node) {
    return unless(graphHandles().graphOf(node) != nullptr, hipErrorInvalidValue,
                  "the node is null, unknown or was destroyed");
}

Problem known(const hipGraphNode_t* nodes, size_t count) {
    if (count != 0 && !nodes) {
        return {{hipErrorInvalidValue, "the list of " + std::to_string(count) + " nodes is null"}};
    }
    for (size_t i = 0; i < count; ++i) {
        if (const Problem problem = known(nodes[i])) {
            return problem;
        }
    }
    return {};
}

Problem known(hipGraphExec_t executable) {
    return unless(handles().executables.has(executable), hipErrorInvalidValue,
                  "the executable graph is null, unknown or was destroyed");
}

Problem known(hipStream_t stream) {
    return unless(!stream || handles().streams.has(stream), hipErrorInvalidHandle,
                  "the stream is unknown or was destroyed");
}

Problem known(hipEvent_t event) {
    return unless(handles().events.has(event), hipErrorInvalidHandle,
                  "the event is null, unknown or was destroyed");
}

Problem known(hipMemPool_t pool) {
    return unless(handles().pools.has(pool), hipErrorInvalidValue, "the pool is null, unknown or was destroyed");
}

Problem present(const void* address, const char* what) {
    return address ? Problem{}
                   : Problem{{hipErrorInvalidValue, std::string("the address for the ") + what + " is null"}};
}

}  // namespace soma::cuda
