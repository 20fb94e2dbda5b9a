// Nodes and edges of graphs in the C ABI: lists of them, new and removed ones.
#include "graph_handles.h"

#include <algorithm>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

/// HIP's way to give a list: `out` null asks for its length; else *count is the room, and then how many there were.
hipError_t giveList(const std::vector<hipGraphNode_t>& list, hipGraphNode_t* out, size_t* count) {
    if (!count) {
        return fail(hipErrorInvalidValue, "the address for the number of nodes is null");
    }
    if (out) {
        const size_t given = std::min(*count, list.size());
        std::copy_n(list.begin(), given, out);
        std::fill(out + given, out + *count, nullptr);
        *count = given;
    } else {
        *count = list.size();
    }
    return hipSuccess;
}

template <typename Choose>
hipError_t listNodes(hipGraph_t handle, hipGraphNode_t* out, size_t* count, Choose&& choose) {
    return withGraph(handle, [&](Graph& graph) {
        std::vector<hipGraphNode_t> list;
        for (const auto& node : graph.nodes) {
            if (choose(*node)) {
                list.push_back(node->handle);
            }
        }
        return giveList(list, out, count);
    });
}

bool dependsOn(const GraphNode& node, const GraphNode& dependency) {
    return std::find(node.dependencies.begin(), node.dependencies.end(), &dependency) != node.dependencies.end();
}

/// Runs `change` for each pair of nodes, which are checked to be the graph's.
template <typename Change>
hipError_t changeEdges(hipGraph_t handle, const hipGraphNode_t* from, const hipGraphNode_t* to, size_t count,
                       Change&& change) {
    return withGraph(handle, [&](Graph& graph) {
        if (count != 0 && (!from || !to)) {
            return fail(hipErrorInvalidValue, "the nodes of the dependencies are null");
        }
        for (size_t i = 0; i < count; ++i) {
            const auto before = findNode(from[i]);
            const auto after = before ? findNode(to[i]) : nullptr;
            if (!after) {
                return lastError();
            }
            if (before->graph != &graph || after->graph != &graph || before == after) {
                return fail(hipErrorInvalidValue, "dependency " + std::to_string(i) + " is not between two nodes of the "
                                                                                      "graph");
            }
            if (const hipError_t error = change(*before, *after, i)) {
                return error;
            }
        }
        return hipSuccess;
    });
}

}  // namespace

hipError_t hipGraphAddDependencies(hipGraph_t graph, const hipGraphNode_t* from, const hipGraphNode_t* to,
                                   size_t count) {
    return changeEdges(graph, from, to, count, [](GraphNode& before, GraphNode& after, size_t i) {
        if (dependsOn(after, before)) {
            return fail(hipErrorInvalidValue, "dependency " + std::to_string(i) + " is there already");
        }
        after.dependencies.push_back(&before);
        return hipSuccess;
    });
}

hipError_t hipGraphRemoveDependencies(hipGraph_t graph, const hipGraphNode_t* from, const hipGraphNode_t* to,
                                      size_t count) {
    return changeEdges(graph, from, to, count, [](GraphNode& before, GraphNode& after, size_t i) {
        return std::erase(after.dependencies, &before) != 0
                   ? hipSuccess
                   : fail(hipErrorInvalidValue, "dependency " + std::to_string(i) + " is not there");
    });
}

hipError_t hipGraphGetEdges(hipGraph_t handle, hipGraphNode_t* from, hipGraphNode_t* to, size_t* count) {
    return withGraph(handle, [&](Graph& graph) {
        if (!from != !to) {
            return fail(hipErrorInvalidValue, "the addresses for the nodes are not both null or both given");
        }
        std::vector<hipGraphNode_t> befores;
        std::vector<hipGraphNode_t> afters;
        for (const auto& node : graph.nodes) {
            for (const GraphNode* dependency : node->dependencies) {
                befores.push_back(dependency->handle);
                afters.push_back(node->handle);
            }
        }
        size_t room = count ? *count : 0;
        if (const hipError_t error = giveList(befores, from, count ? &room : nullptr)) {
            return error;
        }
        return giveList(afters, to, count);
    });
}

hipError_t hipGraphGetNodes(hipGraph_t graph, hipGraphNode_t* nodes, size_t* count) {
    return listNodes(graph, nodes, count, [](const GraphNode&) { return true; });
}

hipError_t hipGraphGetRootNodes(hipGraph_t graph, hipGraphNode_t* nodes, size_t* count) {
    return listNodes(graph, nodes, count, [](const GraphNode& node) { return node.dependencies.empty(); });
}

hipError_t hipGraphNodeGetDependencies(hipGraphNode_t handle, hipGraphNode_t* nodes, size_t* count) {
    return withNode(handle, [&](GraphNode& node) {
        std::vector<hipGraphNode_t> list;
        for (const GraphNode* dependency : node.dependencies) {
            list.push_back(dependency->handle);
        }
        return giveList(list, nodes, count);
    });
}

hipError_t hipGraphNodeGetDependentNodes(hipGraphNode_t handle, hipGraphNode_t* nodes, size_t* count) {
    return withNode(handle, [&](GraphNode& node) {
        std::vector<hipGraphNode_t> list;
        for (const auto& other : node.graph->nodes) {
            if (dependsOn(*other, node)) {
                list.push_back(other->handle);
            }
        }
        return giveList(list, nodes, count);
    });
}

hipError_t hipGraphNodeGetType(hipGraphNode_t handle, hipGraphNodeType* type) {
    return withPlace(type, "the node's type", [&] {
        return withNode(handle, [&](GraphNode& node) {
            *type = nodeType(node.work);
            return hipSuccess;
        });
    });
}

hipError_t hipGraphDestroyNode(hipGraphNode_t handle) {
    return withNode(handle, [&](GraphNode& node) {
        node.graph->remove(node);
        return hipSuccess;
    });
}
