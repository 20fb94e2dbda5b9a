#include "graph.h"

#include "context.h"

#include <algorithm>
#include <unordered_map>

namespace soma::vgpu::hip {

Graph::~Graph() {
    for (const auto& node : nodes) {
        if (node->handle) {
            Runtime::instance().graphNodes.remove(node->handle);
        }
        if (const auto* child = std::get_if<ChildWork>(&node->work); child && child->graph->handle) {
            Runtime::instance().graphs.remove(child->graph->handle);
        }
    }
}

GraphNode& Graph::add(Work work, std::vector<GraphNode*> dependencies) {
    auto node = std::make_shared<GraphNode>();
    node->graph = this;
    node->work = std::move(work);
    node->dependencies = std::move(dependencies);
    node->handle = Runtime::instance().graphNodes.add(node);
    nodes.push_back(std::move(node));
    return *nodes.back();
}

void Graph::remove(GraphNode& node) {
    Runtime::instance().graphNodes.remove(node.handle);
    for (const auto& other : nodes) {
        std::erase(other->dependencies, &node);
    }
    std::erase_if(nodes, [&](const auto& one) { return one.get() == &node; });
}

std::optional<std::vector<GraphNode*>> Graph::order() const {
    std::unordered_map<const GraphNode*, size_t> missing;
    std::unordered_map<const GraphNode*, std::vector<GraphNode*>> dependents;
    std::vector<GraphNode*> ready;
    for (const auto& node : nodes) {
        missing[node.get()] = node->dependencies.size();
        for (GraphNode* dependency : node->dependencies) {
            dependents[dependency].push_back(node.get());
        }
        if (node->dependencies.empty()) {
            ready.push_back(node.get());
        }
    }
    std::vector<GraphNode*> ordered;
    size_t own = 0;
    for (size_t next = 0; next < ready.size(); ++next) {
        GraphNode* node = ready[next];
        ++own;
        const auto* child = std::get_if<ChildWork>(&node->work);
        if (!child) {
            ordered.push_back(node);
        } else if (node->enabled) {
            const auto inner = child->graph->order();
            if (!inner) {
                return std::nullopt;
            }
            ordered.insert(ordered.end(), inner->begin(), inner->end());
        }
        for (GraphNode* dependent : dependents[node]) {
            if (--missing[dependent] == 0) {
                ready.push_back(dependent);
            }
        }
    }
    return own == nodes.size() ? std::optional(ordered) : std::nullopt;
}

std::vector<GraphNode*> Graph::leaves() const {
    std::vector<GraphNode*> found;
    for (const auto& node : nodes) {
        const bool wanted = std::any_of(nodes.begin(), nodes.end(), [&](const auto& other) {
            return std::find(other->dependencies.begin(), other->dependencies.end(), node.get()) !=
                   other->dependencies.end();
        });
        if (!wanted) {
            found.push_back(node.get());
        }
    }
    return found;
}

std::shared_ptr<Graph> cloneGraph(const Graph& graph, bool handles) {
    auto clone = std::make_shared<Graph>();
    std::unordered_map<const GraphNode*, GraphNode*> copies;
    for (const auto& node : graph.nodes) {
        auto copy = std::make_shared<GraphNode>();
        copy->graph = clone.get();
        copy->work = node->work;
        copy->original = node->handle ? node->handle : node->original;
        copy->enabled = node->enabled;
        if (auto* child = std::get_if<ChildWork>(&copy->work)) {
            child->graph = cloneGraph(*child->graph, handles);
            child->graph->handle = handles ? Runtime::instance().graphs.add(child->graph) : nullptr;
        }
        copy->handle = handles ? Runtime::instance().graphNodes.add(copy) : nullptr;
        copies.emplace(node.get(), copy.get());
        clone->nodes.push_back(std::move(copy));
    }
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
        for (const GraphNode* dependency : graph.nodes[i]->dependencies) {
            clone->nodes[i]->dependencies.push_back(copies.at(dependency));
        }
    }
    return clone;
}

GraphNode* findCopy(const Graph& graph, hipGraphNode_t original) {
    for (const auto& node : graph.nodes) {
        if (node->original == original) {
            return node.get();
        }
        if (const auto* child = std::get_if<ChildWork>(&node->work)) {
            if (GraphNode* inner = findCopy(*child->graph, original)) {
                return inner;
            }
        }
    }
    return nullptr;
}

std::optional<Failure> launch(const ExecutableGraph& exec, Stream& stream) {
    const auto nodes = exec.graph->order();
    if (!nodes) {
        return Failure{hipErrorInvalidValue, "the graph has a cycle"};
    }
    Operation operation;
    std::vector<Step> steps;
    for (const GraphNode* node : *nodes) {
        if (!node->enabled) {
            continue;
        }
        bool pageable = false;
        if (auto failure = validate(node->work, stream, pageable)) {
            failure->words = "a graph's node, " + describe(node->work) + ": " + failure->words;
            return failure;
        }
        const auto* allocation = std::get_if<AllocateWork>(&node->work);
        if (allocation && allocation->memory->outstanding &&
            (exec.flags & hipGraphInstantiateFlagAutoFreeOnLaunch) == 0) {
            return Failure{hipErrorInvalidValue,
                           "the graph's allocation at " + hex(allocation->memory->address) +
                               " is still alive from its last launch: free it, or instantiate the graph with "
                               "hipGraphInstantiateFlagAutoFreeOnLaunch"};
        }
    }
    for (const GraphNode* node : *nodes) {
        if (node->enabled) {
            steps.push_back(stepOf(node->work, operation));
        }
    }
    operation.evenAfterFailure = true;
    operation.run = [steps](const Failure* before) -> std::optional<Failure> {
        std::optional<Failure> failure = before ? std::optional(*before) : std::nullopt;
        for (const Step& step : steps) {
            if (!failure && step.run) {
                failure = step.run();
            }
            if (failure && step.recording) {
                step.recording->failure = failure;
            }
        }
        return failure;
    };
    const Ticket ticket = Runtime::instance().submit(*stream.device, stream.queue, std::move(operation));
    for (const Step& step : steps) {
        if (step.recording) {
            std::scoped_lock lock(step.event->mutex);
            step.recording->place = {stream.queue, ticket};
            step.event->recording = step.recording;
        }
    }
    return std::nullopt;
}

}  // namespace soma::vgpu::hip
