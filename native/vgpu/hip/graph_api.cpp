// Graphs as a whole in the C ABI: copies of them, and what is instantiated and launched.
#include "graph_handles.h"

#include <algorithm>
#include <cstring>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

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
    return withGraph(handle, [&](Graph&) {
        Runtime::instance().graphs.remove(handle);
        return hipSuccess;
    });
}

hipError_t hipGraphClone(hipGraph_t* clone, hipGraph_t original) {
    return withPlace(clone, "the copy", [&] {
        return withGraph(original, [&](const Graph& graph) {
            const auto copy = cloneGraph(graph, true);
            copy->handle = Runtime::instance().graphs.add(copy);
            *clone = copy->handle;
            return hipSuccess;
        });
    });
}

hipError_t hipGraphNodeFindInClone(hipGraphNode_t* node, hipGraphNode_t original, hipGraph_t clone) {
    return withPlace(node, "the node", [&] {
        return withGraph(clone, [&](const Graph& graph) {
            const GraphNode* found = findCopy(graph, original);
            *node = found ? found->handle : nullptr;
            return found ? hipSuccess : fail(hipErrorInvalidValue, "the graph has no copy of that node");
        });
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
    return withNodeOf(execHandle, handle, [&](GraphNode& node) {
        const auto graph = findGraph(child);
        if (!graph) {
            return lastError();
        }
        const auto* work = std::get_if<ChildWork>(&node.work);
        if (!work) {
            return fail(hipErrorInvalidValue, "the node is " + describe(node.work) + ", and no child graph");
        }
        ExecutableGraph inner{work->graph, 0};
        return updateBy(inner, *graph, nullptr, nullptr);
    });
}

hipError_t hipGraphNodeSetEnabled(hipGraphExec_t execHandle, hipGraphNode_t handle, unsigned int enabled) {
    return withNodeOf(execHandle, handle, [&](GraphNode& node) {
        const hipGraphNodeType type = nodeType(node.work);
        if (type != hipGraphNodeTypeKernel && type != hipGraphNodeTypeMemcpy && type != hipGraphNodeTypeMemset) {
            return fail(hipErrorInvalidValue, "only kernels, copies and fills can be disabled; the node is " +
                                                  describe(node.work));
        }
        node.enabled = enabled != 0;
        return hipSuccess;
    });
}

hipError_t hipGraphNodeGetEnabled(hipGraphExec_t execHandle, hipGraphNode_t handle, unsigned int* enabled) {
    return withPlace(enabled, "the answer", [&] {
        return withNodeOf(execHandle, handle, [&](const GraphNode& node) {
            *enabled = node.enabled ? 1 : 0;
            return hipSuccess;
        });
    });
}
