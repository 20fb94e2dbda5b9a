// Graphs of work: nodes in the order in which they were added, with the nodes each depends on.
// Invariants: a dependency is a node of the same graph; all of a graph is guarded by Runtime's `order`. Nodes run one
// after another in an order that their dependencies allow: a kernel takes all of the device's cores anyway.
#pragma once

#include "work.h"

#include <memory>
#include <optional>
#include <vector>

namespace soma::vgpu::hip {

struct GraphNode {
    /// Null for nodes of executable graphs, which have no handles of their own.
    hipGraphNode_t handle = nullptr;
    /// Never outlives it.
    Graph* graph = nullptr;
    Work work;
    std::vector<GraphNode*> dependencies;
    /// The node that this one is a copy of, null for one that was added.
    hipGraphNode_t original = nullptr;
    /// hipGraphNodeSetEnabled's: a node that isn't does nothing.
    bool enabled = true;
    /// What hipGraphKernelNodeGetParams points to: the address of each explicit argument.
    std::vector<void*> argumentAddresses;
};

struct Graph {
    Graph() = default;
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;
    /// Its nodes' handles die with it.
    ~Graph();

    hipGraph_t handle = nullptr;
    std::vector<std::shared_ptr<GraphNode>> nodes;

    GraphNode& add(Work work, std::vector<GraphNode*> dependencies);
    void remove(GraphNode& node);
    /// The nodes, each behind those it depends on, children's nodes in their place; nothing where there is a cycle.
    std::optional<std::vector<GraphNode*>> order() const;
    /// Where nodes have no successor.
    std::vector<GraphNode*> leaves() const;
};

/// A deep copy. `handles`: with nodes that callers can name.
std::shared_ptr<Graph> cloneGraph(const Graph& graph, bool handles);
/// The copy of a node, in a graph or in its children; null where there is none.
GraphNode* findCopy(const Graph& graph, hipGraphNode_t original);

/// What hipGraphInstantiate makes: a copy that no later change of the graph touches.
struct ExecutableGraph {
    std::shared_ptr<Graph> graph;
    unsigned long long flags = 0;
};

/// Submits all of a graph as one operation of a stream. `order` must be held.
std::optional<Failure> launch(const ExecutableGraph& exec, Stream& stream);

}  // namespace soma::vgpu::hip
