// Nodes of graphs in the C ABI, by type: add one, read its parameters, change them, in the graph or in what was
// instantiated from it.
#include "graph_handles.h"

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

template <typename Parameters>
hipError_t addFrom(const NewNode& at, const Parameters* parameters) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        Work work;
        if (const auto failure = workFrom(parameters, work)) {
            return fail(*failure);
        }
        return addNode(at, std::move(work));
    });
}

hipError_t addWork(const NewNode& at, Work work) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        return addNode(at, std::move(work));
    });
}

template <typename EventWork>
hipError_t addEvent(const NewNode& at, hipEvent_t event) {
    return call([&] {
        const auto found = findEventOf(event);
        return found ? addWork(at, EventWork{event, found}) : lastError();
    });
}

template <typename EventWork>
hipError_t getEvent(hipGraphNode_t node, hipEvent_t* event) {
    return withWork<EventWork>(node, event, [&](GraphNode&, const EventWork& work) {
        *event = work.handle;
        return hipSuccess;
    });
}

/// Another event for a node, in the graph or in what was instantiated from it.
template <typename EventWork>
hipError_t replaceEvent(GraphNode& node, hipEvent_t event) {
    const auto found = findEventOf(event);
    return found ? replaceWork(node, EventWork{event, found}) : lastError();
}

}  // namespace

hipError_t hipGraphAddEmptyNode(SOMA_HIP_ADD_NODE) {
    return addWork({node, graph, dependencies, dependencyCount}, EmptyWork{});
}

hipError_t hipGraphAddKernelNode(SOMA_HIP_ADD_NODE, const hipKernelNodeParams* parameters) {
    return addFrom({node, graph, dependencies, dependencyCount}, parameters);
}

hipError_t hipGraphKernelNodeGetParams(hipGraphNode_t node, hipKernelNodeParams* parameters) {
    return withWork<KernelLaunch>(node, parameters, [&](GraphNode& found, KernelLaunch& launch) {
        found.argumentAddresses.clear();
        for (const KernelArgument& argument : launch.function->kernel->arguments) {
            if (!argument.hidden()) {
                found.argumentAddresses.push_back(launch.arguments.data() + argument.offset);
            }
        }
        const auto axes = [](const KernelLaunch::Axes& sizes) { return dim3{sizes[0], sizes[1], sizes[2]}; };
        *parameters = {axes(launch.block), nullptr,   launch.named, axes(launch.grid), found.argumentAddresses.data(),
                       launch.lds};
        return hipSuccess;
    });
}

hipError_t hipGraphKernelNodeSetParams(hipGraphNode_t node, const hipKernelNodeParams* parameters) {
    return withNode(node, [&](GraphNode& found) { return replaceFrom(found, parameters); });
}

hipError_t hipGraphExecKernelNodeSetParams(hipGraphExec_t exec, hipGraphNode_t node,
                                           const hipKernelNodeParams* parameters) {
    return withNodeOf(exec, node, [&](GraphNode& found) { return replaceFrom(found, parameters); });
}

hipError_t hipGraphAddMemcpyNode(SOMA_HIP_ADD_NODE, const hipMemcpy3DParms* parameters) {
    return addFrom({node, graph, dependencies, dependencyCount}, parameters);
}

hipError_t hipGraphMemcpyNodeGetParams(hipGraphNode_t node, hipMemcpy3DParms* parameters) {
    return withWork<Copy>(node, parameters, [&](GraphNode&, const Copy& copy) {
        *parameters = parametersOf(copy);
        return hipSuccess;
    });
}

hipError_t hipGraphMemcpyNodeSetParams(hipGraphNode_t node, const hipMemcpy3DParms* parameters) {
    return withNode(node, [&](GraphNode& found) { return replaceFrom(found, parameters); });
}

hipError_t hipGraphExecMemcpyNodeSetParams(hipGraphExec_t exec, hipGraphNode_t node, hipMemcpy3DParms* parameters) {
    return withNodeOf(exec, node, [&](GraphNode& found) {
        return replaceFrom<hipMemcpy3DParms>(found, parameters);
    });
}

hipError_t hipGraphAddMemcpyNode1D(SOMA_HIP_ADD_NODE, void* destination, const void* source, size_t size,
                                   hipMemcpyKind kind) {
    return addWork({node, graph, dependencies, dependencyCount}, linearCopy(destination, source, size, kind));
}

hipError_t hipGraphMemcpyNodeSetParams1D(hipGraphNode_t node, void* destination, const void* source, size_t size,
                                         hipMemcpyKind kind) {
    const hipMemcpy3DParms parameters = parametersOf(linearCopy(destination, source, size, kind));
    return withNode(node, [&](GraphNode& found) { return replaceFrom(found, &parameters); });
}

hipError_t hipGraphExecMemcpyNodeSetParams1D(hipGraphExec_t exec, hipGraphNode_t node, void* destination,
                                             const void* source, size_t size, hipMemcpyKind kind) {
    const hipMemcpy3DParms parameters = parametersOf(linearCopy(destination, source, size, kind));
    return withNodeOf(exec, node, [&](GraphNode& found) { return replaceFrom(found, &parameters); });
}

hipError_t hipGraphAddMemsetNode(SOMA_HIP_ADD_NODE, const hipMemsetParams* parameters) {
    return addFrom({node, graph, dependencies, dependencyCount}, parameters);
}

hipError_t hipGraphMemsetNodeGetParams(hipGraphNode_t node, hipMemsetParams* parameters) {
    return withWork<Fill>(node, parameters, [&](GraphNode&, const Fill& fill) {
        *parameters = {fill.destination.pointer, fill.elementSize, fill.height, fill.destination.row, fill.value,
                       fill.width};
        return hipSuccess;
    });
}

hipError_t hipGraphMemsetNodeSetParams(hipGraphNode_t node, const hipMemsetParams* parameters) {
    return withNode(node, [&](GraphNode& found) { return replaceFrom(found, parameters); });
}

hipError_t hipGraphExecMemsetNodeSetParams(hipGraphExec_t exec, hipGraphNode_t node,
                                           const hipMemsetParams* parameters) {
    return withNodeOf(exec, node, [&](GraphNode& found) { return replaceFrom(found, parameters); });
}

hipError_t hipGraphAddHostNode(SOMA_HIP_ADD_NODE, const hipHostNodeParams* parameters) {
    return addFrom({node, graph, dependencies, dependencyCount}, parameters);
}

hipError_t hipGraphHostNodeGetParams(hipGraphNode_t node, hipHostNodeParams* parameters) {
    return withWork<HostWork>(node, parameters, [&](GraphNode&, const HostWork& host) {
        *parameters = {host.function, host.userData};
        return hipSuccess;
    });
}

hipError_t hipGraphHostNodeSetParams(hipGraphNode_t node, const hipHostNodeParams* parameters) {
    return withNode(node, [&](GraphNode& found) { return replaceFrom(found, parameters); });
}

hipError_t hipGraphExecHostNodeSetParams(hipGraphExec_t exec, hipGraphNode_t node,
                                         const hipHostNodeParams* parameters) {
    return withNodeOf(exec, node, [&](GraphNode& found) { return replaceFrom(found, parameters); });
}

hipError_t hipGraphAddChildGraphNode(SOMA_HIP_ADD_NODE, hipGraph_t child) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        const auto original = findGraph(child);
        if (!original) {
            return lastError();
        }
        auto copy = cloneGraph(*original, true);
        copy->handle = runtime.graphs.add(copy);
        return addNode({node, graph, dependencies, dependencyCount}, ChildWork{std::move(copy)});
    });
}

hipError_t hipGraphChildGraphNodeGetGraph(hipGraphNode_t node, hipGraph_t* graph) {
    return withWork<ChildWork>(node, graph, [&](GraphNode&, const ChildWork& child) {
        *graph = child.graph->handle;
        return hipSuccess;
    });
}

hipError_t hipGraphAddEventRecordNode(SOMA_HIP_ADD_NODE, hipEvent_t event) {
    return addEvent<RecordWork>({node, graph, dependencies, dependencyCount}, event);
}

hipError_t hipGraphEventRecordNodeGetEvent(hipGraphNode_t node, hipEvent_t* event) {
    return getEvent<RecordWork>(node, event);
}

hipError_t hipGraphEventRecordNodeSetEvent(hipGraphNode_t node, hipEvent_t event) {
    return withNode(node, [&](GraphNode& found) { return replaceEvent<RecordWork>(found, event); });
}

hipError_t hipGraphExecEventRecordNodeSetEvent(hipGraphExec_t exec, hipGraphNode_t node, hipEvent_t event) {
    return withNodeOf(exec, node, [&](GraphNode& found) { return replaceEvent<RecordWork>(found, event); });
}

hipError_t hipGraphAddEventWaitNode(SOMA_HIP_ADD_NODE, hipEvent_t event) {
    return addEvent<WaitWork>({node, graph, dependencies, dependencyCount}, event);
}

hipError_t hipGraphEventWaitNodeGetEvent(hipGraphNode_t node, hipEvent_t* event) {
    return getEvent<WaitWork>(node, event);
}

hipError_t hipGraphEventWaitNodeSetEvent(hipGraphNode_t node, hipEvent_t event) {
    return withNode(node, [&](GraphNode& found) { return replaceEvent<WaitWork>(found, event); });
}

hipError_t hipGraphExecEventWaitNodeSetEvent(hipGraphExec_t exec, hipGraphNode_t node, hipEvent_t event) {
    return withNodeOf(exec, node, [&](GraphNode& found) { return replaceEvent<WaitWork>(found, event); });
}

hipError_t hipGraphAddMemAllocNode(SOMA_HIP_ADD_NODE, hipMemAllocNodeParams* parameters) {
    return call([&] {
        if (!parameters || parameters->bytesize == 0) {
            return fail(hipErrorInvalidValue, "the allocation node's parameters are null, or its size is 0");
        }
        Runtime& runtime = Runtime::instance();
        const auto device = runtime.device(parameters->poolProps.location.id);
        if (!device) {
            return lastError();
        }
        std::scoped_lock lock(runtime.order);
        Failure failure{};
        const auto memory = allocateGraphMemory(device, parameters->bytesize, failure);
        if (!memory) {
            return fail(failure);
        }
        parameters->dptr = reinterpret_cast<void*>(memory->address);
        return addNode({node, graph, dependencies, dependencyCount}, AllocateWork{memory});
    });
}

hipError_t hipGraphMemAllocNodeGetParams(hipGraphNode_t node, hipMemAllocNodeParams* parameters) {
    return withWork<AllocateWork>(node, parameters, [&](GraphNode&, const AllocateWork& work) {
        *parameters = {};
        parameters->poolProps.allocType = hipMemAllocationTypePinned;
        parameters->poolProps.location = {hipMemLocationTypeDevice, work.memory->device->index};
        parameters->bytesize = work.memory->size;
        parameters->dptr = reinterpret_cast<void*>(work.memory->address);
        return hipSuccess;
    });
}

hipError_t hipGraphAddMemFreeNode(SOMA_HIP_ADD_NODE, void* pointer) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        const auto memory = runtime.pooled.graphMemory(reinterpret_cast<uint64_t>(pointer));
        return memory ? addNode({node, graph, dependencies, dependencyCount}, FreeWork{memory})
                      : fail(hipErrorInvalidValue, hex(pointer) + " is not the beginning of a graph's memory");
    });
}

hipError_t hipGraphMemFreeNodeGetParams(hipGraphNode_t node, void* pointer) {
    return withWork<FreeWork>(node, pointer, [&](GraphNode&, const FreeWork& work) {
        *static_cast<void**>(pointer) = reinterpret_cast<void*>(work.memory->address);
        return hipSuccess;
    });
}
