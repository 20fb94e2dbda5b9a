// Nodes of graphs by type: add one, read its parameters, change them, in the graph or in what was instantiated from it.
#include "graph_handles.h"

#include <string>

using namespace soma::cuda;

namespace {

/// The parameters of the functions that add nodes.
struct NewNode {
    hipGraphNode_t* node;
    hipGraph_t graph;
    const hipGraphNode_t* dependencies;
    size_t count;
};
#define SOMA_AT NewNode{node, graph, dependencies, dependencyCount}

/// `body` adds the node by a call of the driver.
template <typename Body>
hipError_t add(const NewNode& at, std::initializer_list<Problem> problems, Body&& body) {
    for (const Problem& problem :
         {present(at.node, "node"), known(at.graph), known(at.dependencies, at.count)}) {
        if (problem) {
            return fail(problem->code, problem->words);
        }
    }
    return checked(problems, [&](const Driver& driver) {
        const hipError_t error = body(driver);
        if (!error) {
            graphHandles().addNodes(at.graph, at.node, 1);
        }
        return error;
    });
}
#define SOMA_ADD(driver, function, ...)                                                                                \
    SOMA_RECENT(driver, function, raw(node), raw(graph), raw(dependencies), dependencyCount __VA_OPT__(, ) __VA_ARGS__)

/// The context that copies and fills of a graph run in: the thread's.
CUcontext contextNow(const Driver& driver) {
    CUcontext context = nullptr;
    driver.cuCtxGetCurrent(&context);
    return context;
}

/// HIP's `func` may also be a host function's address: programs that register kernels, which this library has none of.
hipError_t kernelFrom(const Driver& driver, const hipKernelNodeParams& from, CUkernelNodeParams& to) {
    const auto handle = static_cast<hipFunction_t>(from.func);
    std::shared_ptr<Function> function;
    if (const hipError_t error = findFunction(handle, function)) {
        return error;
    }
    if (const hipError_t error = allowShared(driver, handle, *function, from.sharedMemBytes)) {
        return error;
    }
    if (from.extra) {
        return fail(hipErrorNotSupported, "a graph's kernel '" + function->name +
                                              "' takes its arguments by kernelParams here, not by extra");
    }
    to = {raw(handle),      from.gridDim.x,  from.gridDim.y,      from.gridDim.z,    from.blockDim.x,
          from.blockDim.y,  from.blockDim.z, from.sharedMemBytes, from.kernelParams, nullptr};
    return hipSuccess;
}

CUmemsetNodeParams fillFrom(const hipMemsetParams& from) {
    return {raw(from.dst), from.pitch, from.value, from.elementSize, from.width, from.height};
}

CUcopySide sideFrom(const hipPitchedPtr& pointer, const hipPos& position) {
    CUcopySide side{};
    side.xInBytes = position.x;
    side.y = position.y;
    side.z = position.z;
    side.memoryType = CU_MEMORYTYPE_UNIFIED;
    side.device = raw(pointer.ptr);
    side.pitch = pointer.pitch;
    side.height = pointer.ysize;
    return side;
}

Problem noArrays(const hipMemcpy3DParms* parameters) {
    if (!parameters) {
        return present(parameters, "copy's parameters");
    }
    return parameters->srcArray || parameters->dstArray
               ? Problem{{hipErrorNotSupported, "copies of graphs know no textures' arrays here"}}
               : Problem{};
}

CUmemcpy3D copyFrom(const hipMemcpy3DParms& from) {
    return {sideFrom(from.srcPtr, from.srcPos), sideFrom(from.dstPtr, from.dstPos), from.extent.width,
            from.extent.height, from.extent.depth};
}

CUmemcpy3D copyFrom(void* destination, const void* source, size_t size) {
    const hipPitchedPtr to{destination, size, size, 1};
    const hipPitchedPtr from{const_cast<void*>(source), size, size, 1};
    return {sideFrom(from, {}), sideFrom(to, {}), size, 1, 1};
}

hipMemcpy3DParms parametersOf(const CUmemcpy3D& copy) {
    const auto pointer = [](const CUcopySide& side) {
        // The driver tells the kind of memory, and the address where that kind has it.
        constexpr int kHost = 1;
        void* const address = side.memoryType == kHost ? side.host : reinterpret_cast<void*>(side.device);
        return hipPitchedPtr{address, side.pitch, side.pitch, side.height};
    };
    const auto position = [](const CUcopySide& side) { return hipPos{side.xInBytes, side.y, side.z}; };
    return {nullptr,
            position(copy.source),
            pointer(copy.source),
            nullptr,
            position(copy.destination),
            pointer(copy.destination),
            {copy.widthInBytes, copy.height, copy.depth},
            hipMemcpyDefault};
}

}  // namespace

hipError_t hipGraphNodeGetType(hipGraphNode_t node, hipGraphNodeType* type) {
    return checked({known(node), present(type, "type")}, [&](const Driver& driver) {
        int number = 0;
        const hipError_t error = SOMA_RECENT(driver, cuGraphNodeGetType, raw(node), &number);
        *type = static_cast<hipGraphNodeType>(number);
        return error;
    });
}

hipError_t hipGraphDestroyNode(hipGraphNode_t node) {
    return checked({known(node)}, [&](const Driver& driver) {
        const hipError_t error = SOMA_RECENT(driver, cuGraphDestroyNode, raw(node));
        if (!error) {
            graphHandles().forgetNode(node);
        }
        return error;
    });
}

hipError_t hipGraphAddEmptyNode(SOMA_HIP_ADD_NODE) {
    return add(SOMA_AT, {}, [&](const Driver& driver) { return SOMA_ADD(driver, cuGraphAddEmptyNode); });
}

hipError_t hipGraphAddKernelNode(SOMA_HIP_ADD_NODE, const hipKernelNodeParams* parameters) {
    return add(SOMA_AT, {present(parameters, "kernel's parameters")}, [&](const Driver& driver) {
        CUkernelNodeParams kernel{};
        const hipError_t error = kernelFrom(driver, *parameters, kernel);
        return error ? error : SOMA_ADD(driver, cuGraphAddKernelNode, &kernel);
    });
}

hipError_t hipGraphKernelNodeGetParams(hipGraphNode_t node, hipKernelNodeParams* parameters) {
    return checked({known(node), present(parameters, "kernel's parameters")}, [&](const Driver& driver) {
        CUkernelNodeParams kernel{};
        const hipError_t error = SOMA_RECENT(driver, cuGraphKernelNodeGetParams, raw(node), &kernel);
        *parameters = {{kernel.blockDimX, kernel.blockDimY, kernel.blockDimZ},
                       kernel.extra,
                       reinterpret_cast<void*>(kernel.function),
                       {kernel.gridDimX, kernel.gridDimY, kernel.gridDimZ},
                       kernel.kernelParams,
                       kernel.sharedMemBytes};
        return error;
    });
}

hipError_t hipGraphKernelNodeSetParams(hipGraphNode_t node, const hipKernelNodeParams* parameters) {
    return checked({known(node), present(parameters, "kernel's parameters")}, [&](const Driver& driver) {
        CUkernelNodeParams kernel{};
        const hipError_t error = kernelFrom(driver, *parameters, kernel);
        return error ? error : SOMA_RECENT(driver, cuGraphKernelNodeSetParams, raw(node), &kernel);
    });
}

hipError_t hipGraphExecKernelNodeSetParams(hipGraphExec_t executable, hipGraphNode_t node,
                                           const hipKernelNodeParams* parameters) {
    return checked({known(executable), known(node), present(parameters, "kernel's parameters")},
                   [&](const Driver& driver) {
                       CUkernelNodeParams kernel{};
                       const hipError_t error = kernelFrom(driver, *parameters, kernel);
                       return error ? error
                                    : SOMA_RECENT(driver, cuGraphExecKernelNodeSetParams, raw(executable), raw(node),
                                                  &kernel);
                   });
}

hipError_t hipGraphAddMemcpyNode(SOMA_HIP_ADD_NODE, const hipMemcpy3DParms* parameters) {
    return add(SOMA_AT, {noArrays(parameters)}, [&](const Driver& driver) {
        const CUmemcpy3D copy = copyFrom(*parameters);
        return SOMA_ADD(driver, cuGraphAddMemcpyNode, &copy, contextNow(driver));
    });
}

hipError_t hipGraphMemcpyNodeGetParams(hipGraphNode_t node, hipMemcpy3DParms* parameters) {
    return checked({known(node), present(parameters, "copy's parameters")}, [&](const Driver& driver) {
        CUmemcpy3D copy{};
        const hipError_t error = SOMA_RECENT(driver, cuGraphMemcpyNodeGetParams, raw(node), &copy);
        *parameters = parametersOf(copy);
        return error;
    });
}

hipError_t hipGraphMemcpyNodeSetParams(hipGraphNode_t node, const hipMemcpy3DParms* parameters) {
    return checked({known(node), noArrays(parameters)}, [&](const Driver& driver) {
        const CUmemcpy3D copy = copyFrom(*parameters);
        return SOMA_RECENT(driver, cuGraphMemcpyNodeSetParams, raw(node), &copy);
    });
}

hipError_t hipGraphExecMemcpyNodeSetParams(hipGraphExec_t executable, hipGraphNode_t node,
                                           hipMemcpy3DParms* parameters) {
    return checked({known(executable), known(node), noArrays(parameters)}, [&](const Driver& driver) {
        const CUmemcpy3D copy = copyFrom(*parameters);
        return SOMA_RECENT(driver, cuGraphExecMemcpyNodeSetParams, raw(executable), raw(node), &copy,
                           contextNow(driver));
    });
}

// Addresses are unified: the driver sees itself on which side each of the two is, whatever `kind` says.
hipError_t hipGraphAddMemcpyNode1D(SOMA_HIP_ADD_NODE, void* destination, const void* source, size_t size,
                                   hipMemcpyKind) {
    return add(SOMA_AT, {present(destination, "destination"), present(source, "source")}, [&](const Driver& driver) {
        const CUmemcpy3D copy = copyFrom(destination, source, size);
        return SOMA_ADD(driver, cuGraphAddMemcpyNode, &copy, contextNow(driver));
    });
}

hipError_t hipGraphMemcpyNodeSetParams1D(hipGraphNode_t node, void* destination, const void* source, size_t size,
                                         hipMemcpyKind) {
    return checked({known(node), present(destination, "destination"), present(source, "source")},
                   [&](const Driver& driver) {
                       const CUmemcpy3D copy = copyFrom(destination, source, size);
                       return SOMA_RECENT(driver, cuGraphMemcpyNodeSetParams, raw(node), &copy);
                   });
}

hipError_t hipGraphExecMemcpyNodeSetParams1D(hipGraphExec_t executable, hipGraphNode_t node, void* destination,
                                             const void* source, size_t size, hipMemcpyKind) {
    return checked({known(executable), known(node), present(destination, "destination"), present(source, "source")},
                   [&](const Driver& driver) {
                       const CUmemcpy3D copy = copyFrom(destination, source, size);
                       return SOMA_RECENT(driver, cuGraphExecMemcpyNodeSetParams, raw(executable), raw(node), &copy,
                                          contextNow(driver));
                   });
}

hipError_t hipGraphAddMemsetNode(SOMA_HIP_ADD_NODE, const hipMemsetParams* parameters) {
    return add(SOMA_AT, {present(parameters, "fill's parameters")}, [&](const Driver& driver) {
        const CUmemsetNodeParams fill = fillFrom(*parameters);
        return SOMA_ADD(driver, cuGraphAddMemsetNode, &fill, contextNow(driver));
    });
}

hipError_t hipGraphMemsetNodeGetParams(hipGraphNode_t node, hipMemsetParams* parameters) {
    return checked({known(node), present(parameters, "fill's parameters")}, [&](const Driver& driver) {
        CUmemsetNodeParams fill{};
        const hipError_t error = SOMA_RECENT(driver, cuGraphMemsetNodeGetParams, raw(node), &fill);
        *parameters = {reinterpret_cast<void*>(fill.destination), fill.elementSize, fill.height, fill.pitch,
                       fill.value,                                fill.width};
        return error;
    });
}

hipError_t hipGraphMemsetNodeSetParams(hipGraphNode_t node, const hipMemsetParams* parameters) {
    return checked({known(node), present(parameters, "fill's parameters")}, [&](const Driver& driver) {
        const CUmemsetNodeParams fill = fillFrom(*parameters);
        return SOMA_RECENT(driver, cuGraphMemsetNodeSetParams, raw(node), &fill);
    });
}

hipError_t hipGraphExecMemsetNodeSetParams(hipGraphExec_t executable, hipGraphNode_t node,
                                           const hipMemsetParams* parameters) {
    return checked({known(executable), known(node), present(parameters, "fill's parameters")},
                   [&](const Driver& driver) {
                       const CUmemsetNodeParams fill = fillFrom(*parameters);
                       return SOMA_RECENT(driver, cuGraphExecMemsetNodeSetParams, raw(executable), raw(node), &fill,
                                          contextNow(driver));
                   });
}

namespace {

Problem hostFunction(const hipHostNodeParams* parameters) {
    return present(parameters ? reinterpret_cast<const void*>(parameters->fn) : nullptr, "host function");
}

}  // namespace

hipError_t hipGraphAddHostNode(SOMA_HIP_ADD_NODE, const hipHostNodeParams* parameters) {
    return add(SOMA_AT, {hostFunction(parameters)},
               [&](const Driver& driver) { return SOMA_ADD(driver, cuGraphAddHostNode, parameters); });
}

hipError_t hipGraphHostNodeGetParams(hipGraphNode_t node, hipHostNodeParams* parameters) {
    return checked({known(node), present(parameters, "host function's parameters")}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphHostNodeGetParams, raw(node), parameters);
    });
}

hipError_t hipGraphHostNodeSetParams(hipGraphNode_t node, const hipHostNodeParams* parameters) {
    return checked({known(node), hostFunction(parameters)}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphHostNodeSetParams, raw(node), parameters);
    });
}

hipError_t hipGraphExecHostNodeSetParams(hipGraphExec_t executable, hipGraphNode_t node,
                                         const hipHostNodeParams* parameters) {
    return checked({known(executable), known(node), hostFunction(parameters)}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphExecHostNodeSetParams, raw(executable), raw(node), parameters);
    });
}

hipError_t hipGraphAddChildGraphNode(SOMA_HIP_ADD_NODE, hipGraph_t child) {
    return add(SOMA_AT, {known(child)},
               [&](const Driver& driver) { return SOMA_ADD(driver, cuGraphAddChildGraphNode, raw(child)); });
}

hipError_t hipGraphChildGraphNodeGetGraph(hipGraphNode_t node, hipGraph_t* graph) {
    return checked({known(node), present(graph, "graph")}, [&](const Driver& driver) {
        const hipError_t error = SOMA_RECENT(driver, cuGraphChildGraphNodeGetGraph, raw(node), raw(graph));
        if (!error) {
            graphHandles().addGraph(*graph, node);
        }
        return error;
    });
}

hipError_t hipGraphExecChildGraphNodeSetParams(hipGraphExec_t executable, hipGraphNode_t node, hipGraph_t child) {
    return checked({known(executable), known(node), known(child)}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphExecChildGraphNodeSetParams, raw(executable), raw(node), raw(child));
    });
}

#define SOMA_EVENT_NODE(Kind)                                                                                          \
    hipError_t hipGraphAdd##Kind##Node(SOMA_HIP_ADD_NODE, hipEvent_t event) {                                          \
        return add(SOMA_AT, {known(event)},                                                                            \
                   [&](const Driver& driver) { return SOMA_ADD(driver, cuGraphAdd##Kind##Node, raw(event)); });        \
    }                                                                                                                  \
    hipError_t hipGraph##Kind##NodeGetEvent(hipGraphNode_t node, hipEvent_t* event) {                                  \
        return checked({known(node), present(event, "event")}, [&](const Driver& driver) {                             \
            return SOMA_RECENT(driver, cuGraph##Kind##NodeGetEvent, raw(node), reinterpret_cast<CUevent*>(event));     \
        });                                                                                                            \
    }                                                                                                                  \
    hipError_t hipGraph##Kind##NodeSetEvent(hipGraphNode_t node, hipEvent_t event) {                                   \
        return checked({known(node), known(event)}, [&](const Driver& driver) {                                        \
            return SOMA_RECENT(driver, cuGraph##Kind##NodeSetEvent, raw(node), raw(event));                            \
        });                                                                                                            \
    }                                                                                                                  \
    hipError_t hipGraphExec##Kind##NodeSetEvent(hipGraphExec_t executable, hipGraphNode_t node, hipEvent_t event) {    \
        return checked({known(executable), known(node), known(event)}, [&](const Driver& driver) {                     \
            return SOMA_RECENT(driver, cuGraphExec##Kind##NodeSetEvent, raw(executable), raw(node), raw(event));       \
        });                                                                                                            \
    }
SOMA_EVENT_NODE(EventRecord)
SOMA_EVENT_NODE(EventWait)

hipError_t hipGraphAddMemAllocNode(SOMA_HIP_ADD_NODE, hipMemAllocNodeParams* parameters) {
    return add(SOMA_AT, {present(parameters, "allocation's parameters")},
               [&](const Driver& driver) { return SOMA_ADD(driver, cuGraphAddMemAllocNode, parameters); });
}

hipError_t hipGraphMemAllocNodeGetParams(hipGraphNode_t node, hipMemAllocNodeParams* parameters) {
    return checked({known(node), present(parameters, "allocation's parameters")}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphMemAllocNodeGetParams, raw(node), parameters);
    });
}

hipError_t hipGraphAddMemFreeNode(SOMA_HIP_ADD_NODE, void* pointer) {
    return add(SOMA_AT, {present(pointer, "memory")},
               [&](const Driver& driver) { return SOMA_ADD(driver, cuGraphAddMemFreeNode, raw(pointer)); });
}

hipError_t hipGraphMemFreeNodeGetParams(hipGraphNode_t node, void* pointer) {
    return checked({known(node), present(pointer, "memory's address")}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphMemFreeNodeGetParams, raw(node), static_cast<CUdeviceptr*>(pointer));
    });
}

hipError_t hipGraphNodeSetEnabled(hipGraphExec_t executable, hipGraphNode_t node, unsigned int enabled) {
    return checked({known(executable), known(node)}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphNodeSetEnabled, raw(executable), raw(node), enabled);
    });
}

hipError_t hipGraphNodeGetEnabled(hipGraphExec_t executable, hipGraphNode_t node, unsigned int* enabled) {
    return checked({known(executable), known(node), present(enabled, "answer")}, [&](const Driver& driver) {
        return SOMA_RECENT(driver, cuGraphNodeGetEnabled, raw(executable), raw(node), enabled);
    });
}
