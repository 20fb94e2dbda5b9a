// Graphs and their nodes as handles: which there are, and to what they belong. A graph's nodes go with it, a child graph
// goes with its node. Nodes that the driver made (by capture, by cloning) become known when it tells of them. Besides, how
// the functions that work on them check what they are given.
#pragma once

#include "context.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace soma::cuda {

struct Failure {
    hipError_t code;
    std::string words;
};

class GraphHandles {
public:
    /// `owner`: the node whose child graph it is; null where it stands by itself.
    void addGraph(hipGraph_t graph, hipGraphNode_t owner = nullptr);
    void addNodes(hipGraph_t graph, const hipGraphNode_t* nodes, size_t count);
    bool hasGraph(hipGraph_t graph) const;
    /// The node's graph; null where the node is not known.
    hipGraph_t graphOf(hipGraphNode_t node) const;
    bool isChild(hipGraph_t graph) const;
    void forgetGraph(hipGraph_t graph);
    void forgetNode(hipGraphNode_t node);

private:
    void forget(hipGraph_t graph);
    void forget(hipGraphNode_t node);

    mutable std::mutex mutex_;
    std::map<hipGraph_t, hipGraphNode_t> graphs_;
    std::map<hipGraphNode_t, hipGraph_t> nodes_;
};

/// Never destroyed: threads use it until the process is gone.
GraphHandles& graphHandles();

/// What is wrong with an argument; nothing in most cases.
using Problem = std::optional<Failure>;
Problem known(hipGraph_t graph);
Problem known(hipGraphNode_t node);
Problem known(const hipGraphNode_t* nodes, size_t count);
Problem known(hipGraphExec_t executable);
Problem known(hipStream_t stream);
Problem known(hipEvent_t event);
Problem known(hipMemPool_t pool);
Problem present(const void* address, const char* what);

/// Runs `body` with the driver in the thread's device's context, where nothing is wrong; else the first problem it is.
template <typename Body>
hipError_t checked(std::initializer_list<Problem> problems, Body&& body) {
    return withDriver([&](const Driver& driver) {
        for (const Problem& problem : problems) {
            if (problem) {
                return fail(problem->code, problem->words);
            }
        }
        const hipError_t error = enter(driver);
        return error ? error : body(driver);
    });
}

/// HIP's handles are the driver's: an array of the ones is an array of the others.
inline CUgraphNode* raw(hipGraphNode_t* nodes) { return reinterpret_cast<CUgraphNode*>(nodes); }
inline const CUgraphNode* raw(const hipGraphNode_t* nodes) { return reinterpret_cast<const CUgraphNode*>(nodes); }
inline CUgraph* raw(hipGraph_t* graph) { return reinterpret_cast<CUgraph*>(graph); }

}  // namespace soma::cuda
