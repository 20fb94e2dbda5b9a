// Graphs: made, cloned, walked, made executable and launched. Nodes by type are in graph_nodes_api.cpp.
#include "graph_handles.h"

using namespace soma::cuda;

namespace {

/// `call` fills a list of `*count` nodes, or says how many there are where `nodes` is null. HIP sets what is left of a
/// longer list to null, and so does CUDA.
template <typename Call>
hipError_t listNodes(hipGraph_t graph, hipGraphNode_t* nodes, size_t* count, Call&& call) {
    const size_t room = *count;
    const hipError_t error = call();
    if (error == hipSuccess && nodes) {
        graphHandles().addNodes(graph, nodes, std::min(room, *count));
    }
    return error;
}

}  // namespace

hipError_t hipGraphCreate(hipGraph_t* graph, unsigned int flags) {
    return checked({present(graph, "graph")}, [&](const Driver& driver) {
        if (flags != 0) {
            return fail(hipErrorInvalidValue, "a graph has no flags: pass 0");
        }
        const hipError_t error = SOMA_RECENT(driver, cuGraphCreate, raw(graph), 0u);
        if (!error) {
            graphHandles().addGraph(*graph);
        }
        return error;
    });
}

hipError_t hipGraphDestroy(hipGraph_t graph) {
    return checked({known(graph)}, [&](const Driver& driver) {
        if (graphHandles().isChild(graph)) {
            return fail(hipErrorInvalidValue, "the graph is a node's child, and goes with it");
        }
        graphHandles().forgetGraph(graph);
        return SOMA_RECENT(driver, cuGraphDestroy, raw(graph));
    });
}

hipError_t hipGraphClone(hipGraph_t* clone, hipGraph_t original) {
    return checked({present(clone, "clone"), known(original)}, [&](const Driver& driver) {
        const hipError_t error = SOMA_RECENT(driver, cuGraphClone, raw(clone), raw(original));
        if (!error) {
            graphHandles().addGraph(*clone);
        }
        return error;
    });
}

hipError_t hipGraphNodeFindInClone(hipGraphNode_t* node, hipGraphNode_t original, hipGraph_t clone) {
    return checked({present(node, "node"), known(original), known(clone)}, [&](const Driver& driver) {
        const hipError_t error = SOMA_RECENT(driver, cuGraphNodeFindInClone, raw(node), raw(original), raw(clone));
        if (!error) {
            graphHandles().addNodes(clone, node, 1);
        }
        return error;
    });
}

hipError_t hipGraphAddDependencies(hipGraph_t graph, const hipGraphNode_t* from, const hipGraphNode_t* to,
                                   size_t count) {
    return checked({known(graph), known(from, count), known(to, count)}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphAddDependencies, raw(graph), raw(from), raw(to), count);
    });
}

hipError_t hipGraphRemoveDependencies(hipGraph_t graph, const hipGraphNode_t* from, const hipGraphNode_t* to,
                                      size_t count) {
    return checked({known(graph), known(from, count), known(to, count)}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphRemoveDependencies, raw(graph), raw(from), raw(to), count);
    });
}

hipError_t hipGraphGetEdges(hipGraph_t graph, hipGraphNode_t* from, hipGraphNode_t* to, size_t* count) {
    return checked({known(graph), present(count, "number of edges")}, [&](const Driver& driver) {
        if (!from != !to) {
            return fail(hipErrorInvalidValue, "one of the lists of nodes is null, the other is not");
        }
        const size_t room = *count;
        const hipError_t error = SOMA_RECENT(driver, cuGraphGetEdges, raw(graph), raw(from), raw(to), count);
        if (error == hipSuccess && from) {
            graphHandles().addNodes(graph, from, std::min(room, *count));
            graphHandles().addNodes(graph, to, std::min(room, *count));
        }
        return error;
    });
}

hipError_t hipGraphGetNodes(hipGraph_t graph, hipGraphNode_t* nodes, size_t* count) {
    return checked({known(graph), present(count, "number of nodes")}, [&](const Driver& driver) {
        return listNodes(graph, nodes, count,
                         [&] { return SOMA_RECENT(driver, cuGraphGetNodes, raw(graph), raw(nodes), count); });
    });
}

hipError_t hipGraphGetRootNodes(hipGraph_t graph, hipGraphNode_t* nodes, size_t* count) {
    return checked({known(graph), present(count, "number of nodes")}, [&](const Driver& driver) {
        return listNodes(graph, nodes, count,
                         [&] { return SOMA_RECENT(driver, cuGraphGetRootNodes, raw(graph), raw(nodes), count); });
    });
}

hipError_t hipGraphNodeGetDependencies(hipGraphNode_t node, hipGraphNode_t* nodes, size_t* count) {
    return checked({known(node), present(count, "number of nodes")}, [&](const Driver& driver) {
        return listNodes(graphHandles().graphOf(node), nodes, count, [&] {
            return SOMA_RECENT(driver, cuGraphNodeGetDependencies, raw(node), raw(nodes), count);
        });
    });
}

hipError_t hipGraphNodeGetDependentNodes(hipGraphNode_t node, hipGraphNode_t* nodes, size_t* count) {
    return checked({known(node), present(count, "number of nodes")}, [&](const Driver& driver) {
        return listNodes(graphHandles().graphOf(node), nodes, count, [&] {
            return SOMA_RECENT(driver, cuGraphNodeGetDependentNodes, raw(node), raw(nodes), count);
        });
    });
}

hipError_t hipGraphInstantiate(hipGraphExec_t* executable, hipGraph_t graph, hipGraphNode_t* errorNode, char* log,
                               size_t logSize) {
    // The driver has said nothing in either since CUDA 12.
    if (errorNode) {
        *errorNode = nullptr;
    }
    if (log && logSize != 0) {
        *log = '\0';
    }
    return hipGraphInstantiateWithFlags(executable, graph, 0);
}

hipError_t hipGraphInstantiateWithFlags(hipGraphExec_t* executable, hipGraph_t graph, unsigned long long flags) {
    return checked({present(executable, "executable graph"), known(graph)}, [&](const Driver& driver) {
        constexpr auto kKnown = hipGraphInstantiateFlagAutoFreeOnLaunch | hipGraphInstantiateFlagUseNodePriority;
        if ((flags & ~kKnown) != 0) {
            return fail(hipErrorInvalidValue, "making a graph executable knows no flags " + std::to_string(flags) +
                                                  " here: 1 (free memory at launch) and 8 (priorities of nodes)");
        }
        const hipError_t error = SOMA_RECENT(driver, cuGraphInstantiateWithFlags,
                                             reinterpret_cast<CUgraphExec*>(executable), raw(graph), flags);
        if (!error) {
            handles().executables.add(*executable, {});
        }
        return error;
    });
}

hipError_t hipGraphUpload(hipGraphExec_t executable, hipStream_t stream) {
    return checked({known(executable), known(stream)}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphUpload, raw(executable), raw(stream));
    });
}

hipError_t hipGraphLaunch(hipGraphExec_t executable, hipStream_t stream) {
    return checked({known(executable), known(stream)}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphLaunch, raw(executable), raw(stream));
    });
}

hipError_t hipGraphExecDestroy(hipGraphExec_t executable) {
    return checked({known(executable)}, [&](const Driver& driver) {
        handles().executables.remove(executable);
        return SOMA_RECENT(driver, cuGraphExecDestroy, raw(executable));
    });
}

hipError_t hipGraphExecUpdate(hipGraphExec_t executable, hipGraph_t graph, hipGraphNode_t* errorNode,
                              hipGraphExecUpdateResult* result) {
    return checked({known(executable), known(graph), present(result, "result")},
                   [&](const Driver& driver) {
                       hipGraphNode_t node = nullptr;
                       int outcome = hipGraphExecUpdateError;
                       const hipError_t error =
                           SOMA_RECENT(driver, cuGraphExecUpdate, raw(executable), raw(graph), raw(&node), &outcome);
                       *result = static_cast<hipGraphExecUpdateResult>(outcome);
                       if (errorNode) {
                           *errorNode = node;
                       }
                       return error;
                   });
}
