// Graphs as a whole in the C ABI: their nodes and edges, copies of them, and what is instantiated and launched.
#include "graph_handles.h"

#include <algorithm>
#include <cstring>

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
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto graph = findGraph(handle);
        if (!graph) {
            return lastError();
        }
        std::vector<hipGraphNode_t> list;
        for (const auto& node : graph->nodes) {
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
    return call([&] {
        if (count != 0 && (!from || !to)) {
            return fail(hipErrorInvalidValue, "the nodes of the dependencies are null");
        }
        std::scoped_lock lock(Runtime::instance().order);
        const auto graph = findGraph(handle);
        if (!graph) {
            return lastError();
        }
        for (size_t i = 0; i < count; ++i) {
            const auto before = findNode(from[i]);
            const auto after = before ? findNode(to[i]) : nullptr;
            if (!after) {
                return lastError();
            }
            if (before->graph != graph.get() || after->graph != graph.get() || before == after) {
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

hipError_t instantiate(hipGraphExec_t* exec, hipGraph_t handle, unsigned long long flags) {
    if (!exec) {
        return fail(hipErrorInvalidValue, "the address for the executable graph is null");
    }
    *exec = nullptr;
    constexpr unsigned long long kKnown = hipGraphInstantiateFlagAutoFreeOnLaunch | hipGraphInstantiateFlagUpload |
                                          hipGraphInstantiateFlagUseNodePriority;
    if ((flags & ~kKnown) != 0) {
        return fail(hipErrorInvalidValue, "unknown or unsupported flags " + hex(uint64_t(flags & ~kKnown)));
    }
    Runtime& runtime = Runtime::instance();
    std::scoped_lock lock(runtime.order);
    const auto graph = findGraph(handle);
    if (!graph) {
        return lastError();
    }
    if (!graph->order()) {
        return fail(hipErrorInvalidValue, "the graph has a cycle");
    }
    auto made = std::make_shared<ExecutableGraph>();
    made->graph = cloneGraph(*graph, false);
    made->flags = flags;
    *exec = runtime.executableGraphs.add(std::move(made));
    return hipSuccess;
}

/// Takes over the work of `from` where it has the same nodes and dependencies; else says which node differs, and how.
hipGraphExecUpdateResult update(Graph& exec, const Graph& from, const GraphNode** differing, bool apply) {
    if (exec.nodes.size() != from.nodes.size()) {
        return hipGraphExecUpdateErrorTopologyChanged;
    }
    const auto indexIn = [](const Graph& graph, const GraphNode* node) {
        return std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const auto& one) { return one.get() == node; }) -
               graph.nodes.begin();
    };
    for (size_t i = 0; i < from.nodes.size(); ++i) {
        GraphNode& mine = *exec.nodes[i];
        const GraphNode& theirs = *from.nodes[i];
        *differing = &theirs;
        if (mine.work.index() != theirs.work.index()) {
            return hipGraphExecUpdateErrorNodeTypeChanged;
        }
        const bool same = std::equal(mine.dependencies.begin(), mine.dependencies.end(), theirs.dependencies.begin(),
                                     theirs.dependencies.end(), [&](const GraphNode* a, const GraphNode* b) {
                                         return indexIn(exec, a) == indexIn(from, b);
                                     });
        if (!same) {
            return hipGraphExecUpdateErrorTopologyChanged;
        }
        if (auto* child = std::get_if<ChildWork>(&mine.work)) {
            const auto result = update(*child->graph, *std::get<ChildWork>(theirs.work).graph, differing, apply);
            if (result != hipGraphExecUpdateSuccess) {
                return result;
            }
        } else if (apply) {
            mine.work = theirs.work;
            mine.original = theirs.handle;
        }
        if (std::holds_alternative<AllocateWork>(mine.work)) {
            return hipGraphExecUpdateErrorNotSupported;
        }
    }
    *differing = nullptr;
    return hipGraphExecUpdateSuccess;
}

hipError_t updateBy(ExecutableGraph& exec, const Graph& graph, hipGraphNode_t* errorNode,
                    hipGraphExecUpdateResult* result) {
    const GraphNode* differing = nullptr;
    hipGraphExecUpdateResult outcome = update(*exec.graph, graph, &differing, false);
    if (outcome == hipGraphExecUpdateSuccess) {
        outcome = update(*exec.graph, graph, &differing, true);
    }
    if (errorNode) {
        *errorNode = differing ? differing->handle : nullptr;
    }
    if (result) {
        *result = outcome;
    }
    return outcome == hipGraphExecUpdateSuccess
               ? hipSuccess
               : fail(hipErrorGraphExecUpdateFailure,
                      "the graph differs from the one that was instantiated by more than its nodes' parameters" +
                          (differing ? ", at " + describe(differing->work) : std::string()));
}

}  // namespace

hipError_t hipGraphCreate(hipGraph_t* graph, unsigned int flags) {
    return call([&] {
        if (!graph || flags != 0) {
            return fail(hipErrorInvalidValue, "the address for the graph is null, or flags are not 0");
        }
        auto made = std::make_shared<Graph>();
        made->handle = Runtime::instance().graphs.add(made);
        *graph = made->handle;
        return hipSuccess;
    });
}

hipError_t hipGraphDestroy(hipGraph_t handle) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        const auto graph = findGraph(handle);
        if (!graph) {
            return lastError();
        }
        runtime.graphs.remove(handle);
        return hipSuccess;
    });
}

hipError_t hipGraphClone(hipGraph_t* clone, hipGraph_t original) {
    return call([&] {
        if (!clone) {
            return fail(hipErrorInvalidValue, "the address for the copy is null");
        }
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        const auto graph = findGraph(original);
        if (!graph) {
            return lastError();
        }
        const auto copy = cloneGraph(*graph, true);
        copy->handle = runtime.graphs.add(copy);
        *clone = copy->handle;
        return hipSuccess;
    });
}

hipError_t hipGraphNodeFindInClone(hipGraphNode_t* node, hipGraphNode_t original, hipGraph_t clone) {
    return call([&] {
        if (!node) {
            return fail(hipErrorInvalidValue, "the address for the node is null");
        }
        std::scoped_lock lock(Runtime::instance().order);
        const auto graph = findGraph(clone);
        if (!graph) {
            return lastError();
        }
        const GraphNode* found = findCopy(*graph, original);
        *node = found ? found->handle : nullptr;
        return found ? hipSuccess : fail(hipErrorInvalidValue, "the graph has no copy of that node");
    });
}

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
    return call([&] {
        if (!from != !to) {
            return fail(hipErrorInvalidValue, "the addresses for the nodes are not both null or both given");
        }
        std::scoped_lock lock(Runtime::instance().order);
        const auto graph = findGraph(handle);
        if (!graph) {
            return lastError();
        }
        std::vector<hipGraphNode_t> befores;
        std::vector<hipGraphNode_t> afters;
        for (const auto& node : graph->nodes) {
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
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto node = findNode(handle);
        if (!node) {
            return lastError();
        }
        std::vector<hipGraphNode_t> list;
        for (const GraphNode* dependency : node->dependencies) {
            list.push_back(dependency->handle);
        }
        return giveList(list, nodes, count);
    });
}

hipError_t hipGraphNodeGetDependentNodes(hipGraphNode_t handle, hipGraphNode_t* nodes, size_t* count) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto node = findNode(handle);
        if (!node) {
            return lastError();
        }
        std::vector<hipGraphNode_t> list;
        for (const auto& other : node->graph->nodes) {
            if (dependsOn(*other, *node)) {
                list.push_back(other->handle);
            }
        }
        return giveList(list, nodes, count);
    });
}

hipError_t hipGraphNodeGetType(hipGraphNode_t handle, hipGraphNodeType* type) {
    return call([&] {
        if (!type) {
            return fail(hipErrorInvalidValue, "the address for the node's type is null");
        }
        std::scoped_lock lock(Runtime::instance().order);
        const auto node = findNode(handle);
        if (!node) {
            return lastError();
        }
        *type = nodeType(node->work);
        return hipSuccess;
    });
}

hipError_t hipGraphDestroyNode(hipGraphNode_t handle) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto node = findNode(handle);
        if (!node) {
            return lastError();
        }
        node->graph->remove(*node);
        return hipSuccess;
    });
}

hipError_t hipGraphInstantiate(hipGraphExec_t* exec, hipGraph_t graph, hipGraphNode_t* errorNode, char* log,
                               size_t logSize) {
    return call([&] {
        if (errorNode) {
            *errorNode = nullptr;
        }
        const hipError_t error = instantiate(exec, graph, 0);
        if (log && logSize != 0) {
            const std::string words = error == hipSuccess ? "" : lastWords();
            const size_t bytes = std::min(words.size(), logSize - 1);
            std::memcpy(log, words.data(), bytes);
            log[bytes] = '\0';
        }
        return error;
    });
}

hipError_t hipGraphInstantiateWithFlags(hipGraphExec_t* exec, hipGraph_t graph, unsigned long long flags) {
    return call([&] { return instantiate(exec, graph, flags); });
}

hipError_t hipGraphUpload(hipGraphExec_t exec, hipStream_t stream) {
    return call([&] { return findExec(exec) && findStream(stream) ? hipSuccess : lastError(); });
}

hipError_t hipGraphLaunch(hipGraphExec_t handle, hipStream_t streamHandle) {
    return call([&] {
        if (const hipError_t refused = refuseInHostFunction("hipGraphLaunch")) {
            return refused;
        }
        const auto exec = findExec(handle);
        const auto stream = exec ? findStream(streamHandle) : nullptr;
        if (!stream) {
            return lastError();
        }
        std::scoped_lock lock(Runtime::instance().order);
        if (stream->capture) {
            auto child = cloneGraph(*exec->graph, true);
            child->handle = Runtime::instance().graphs.add(child);
            return capture(*stream, "hipGraphLaunch", ChildWork{std::move(child)}, true);
        }
        if (const auto refused = refuseImplicitCapture(*stream, "hipGraphLaunch")) {
            return fail(*refused);
        }
        const auto failure = launch(*exec, *stream);
        return failure ? fail(*failure) : hipSuccess;
    });
}

hipError_t hipGraphExecDestroy(hipGraphExec_t handle) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        const auto exec = findExec(handle);
        if (!exec) {
            return lastError();
        }
        // Launches that are queued hold what they need.
        runtime.executableGraphs.remove(handle);
        return hipSuccess;
    });
}

hipError_t hipGraphExecUpdate(hipGraphExec_t execHandle, hipGraph_t graphHandle, hipGraphNode_t* errorNode,
                              hipGraphExecUpdateResult* result) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto exec = findExec(execHandle);
        const auto graph = exec ? findGraph(graphHandle) : nullptr;
        return graph ? updateBy(*exec, *graph, errorNode, result) : lastError();
    });
}

hipError_t hipGraphExecChildGraphNodeSetParams(hipGraphExec_t execHandle, hipGraphNode_t handle, hipGraph_t child) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto exec = findExec(execHandle);
        GraphNode* node = exec ? findNodeOf(*exec, handle) : nullptr;
        const auto graph = node ? findGraph(child) : nullptr;
        if (!graph) {
            return lastError();
        }
        const auto* work = std::get_if<ChildWork>(&node->work);
        if (!work) {
            return fail(hipErrorInvalidValue, "the node is " + describe(node->work) + ", and no child graph");
        }
        ExecutableGraph inner{work->graph, 0};
        return updateBy(inner, *graph, nullptr, nullptr);
    });
}

hipError_t hipGraphNodeSetEnabled(hipGraphExec_t execHandle, hipGraphNode_t handle, unsigned int enabled) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const auto exec = findExec(execHandle);
        GraphNode* node = exec ? findNodeOf(*exec, handle) : nullptr;
        if (!node) {
            return lastError();
        }
        const hipGraphNodeType type = nodeType(node->work);
        if (type != hipGraphNodeTypeKernel && type != hipGraphNodeTypeMemcpy && type != hipGraphNodeTypeMemset) {
            return fail(hipErrorInvalidValue, "only kernels, copies and fills can be disabled; the node is " +
                                                  describe(node->work));
        }
        node->enabled = enabled != 0;
        return hipSuccess;
    });
}

hipError_t hipGraphNodeGetEnabled(hipGraphExec_t execHandle, hipGraphNode_t handle, unsigned int* enabled) {
    return call([&] {
        if (!enabled) {
            return fail(hipErrorInvalidValue, "the address for the answer is null");
        }
        std::scoped_lock lock(Runtime::instance().order);
        const auto exec = findExec(execHandle);
        const GraphNode* node = exec ? findNodeOf(*exec, handle) : nullptr;
        if (!node) {
            return lastError();
        }
        *enabled = node->enabled ? 1 : 0;
        return hipSuccess;
    });
}
