/* HIP's graphs: work described once, by nodes or by capturing streams, and launched often. Part of hip_abi.h, which has
 * the conventions. Node types are those of HIP 6 and 7 (HIP 5 counted from 1). */
#ifndef SOMA_HIP_GRAPHS_H
#define SOMA_HIP_GRAPHS_H

#include "hip_pools.h"
#include "hip_transfers.h"

typedef struct ihipGraph* hipGraph_t;
typedef struct hipGraphNode* hipGraphNode_t;
typedef struct hipGraphExec* hipGraphExec_t;

typedef enum hipGraphNodeType {
    hipGraphNodeTypeKernel = 0,
    hipGraphNodeTypeMemcpy = 1,
    hipGraphNodeTypeMemset = 2,
    hipGraphNodeTypeHost = 3,
    hipGraphNodeTypeGraph = 4,
    hipGraphNodeTypeEmpty = 5,
    hipGraphNodeTypeWaitEvent = 6,
    hipGraphNodeTypeEventRecord = 7,
    hipGraphNodeTypeMemAlloc = 10,
    hipGraphNodeTypeMemFree = 11
} hipGraphNodeType;

typedef enum hipGraphExecUpdateResult {
    hipGraphExecUpdateSuccess = 0,
    hipGraphExecUpdateError = 1,
    hipGraphExecUpdateErrorTopologyChanged = 2,
    hipGraphExecUpdateErrorNodeTypeChanged = 3,
    hipGraphExecUpdateErrorFunctionChanged = 4,
    hipGraphExecUpdateErrorParametersChanged = 5,
    hipGraphExecUpdateErrorNotSupported = 6,
    hipGraphExecUpdateErrorUnsupportedFunctionChange = 7
} hipGraphExecUpdateResult;

typedef enum hipStreamCaptureMode {
    hipStreamCaptureModeGlobal = 0,
    hipStreamCaptureModeThreadLocal = 1,
    hipStreamCaptureModeRelaxed = 2
} hipStreamCaptureMode;

typedef enum hipStreamCaptureStatus {
    hipStreamCaptureStatusNone = 0,
    hipStreamCaptureStatusActive = 1,
    hipStreamCaptureStatusInvalidated = 2
} hipStreamCaptureStatus;

#define hipStreamAddCaptureDependencies 0u
#define hipStreamSetCaptureDependencies 1u
#define hipGraphInstantiateFlagAutoFreeOnLaunch 1ull
#define hipGraphInstantiateFlagUpload 2ull
#define hipGraphInstantiateFlagUseNodePriority 8ull

typedef void (*hipHostFn_t)(void* userData);

typedef struct hipHostNodeParams {
    hipHostFn_t fn;
    void* userData;
} hipHostNodeParams;

/* `func`: a hipFunction_t, or the address of a kernel's host function. */
typedef struct hipKernelNodeParams {
    dim3 blockDim;
    void** extra;
    void* func;
    dim3 gridDim;
    void** kernelParams;
    unsigned int sharedMemBytes;
} hipKernelNodeParams;

typedef struct hipMemAllocNodeParams {
    hipMemPoolProps poolProps;
    const hipMemAccessDesc* accessDescs;
    size_t accessDescCount;
    size_t bytesize;
    void* dptr; /* out: the address, which stays the same for every launch */
} hipMemAllocNodeParams;

/* The parameters with which every function begins that adds a node. */
#define SOMA_HIP_ADD_NODE                                                                                              \
    hipGraphNode_t* node, hipGraph_t graph, const hipGraphNode_t* dependencies, size_t dependencyCount

/* X(name, result, parameters). A library may lack them. */
#define SOMA_HIP_GRAPH_FUNCTIONS(X)                                                                                    \
    X(hipGraphCreate, hipError_t, (hipGraph_t* graph, unsigned int flags))                                             \
    X(hipGraphDestroy, hipError_t, (hipGraph_t graph))                                                                 \
    X(hipGraphClone, hipError_t, (hipGraph_t* clone, hipGraph_t original))                                             \
    X(hipGraphNodeFindInClone, hipError_t, (hipGraphNode_t* node, hipGraphNode_t original, hipGraph_t clone))          \
    X(hipGraphAddDependencies, hipError_t,                                                                             \
      (hipGraph_t graph, const hipGraphNode_t* from, const hipGraphNode_t* to, size_t count))                          \
    X(hipGraphRemoveDependencies, hipError_t,                                                                          \
      (hipGraph_t graph, const hipGraphNode_t* from, const hipGraphNode_t* to, size_t count))                          \
    X(hipGraphGetEdges, hipError_t, (hipGraph_t graph, hipGraphNode_t* from, hipGraphNode_t* to, size_t* count))       \
    X(hipGraphGetNodes, hipError_t, (hipGraph_t graph, hipGraphNode_t* nodes, size_t* count))                          \
    X(hipGraphGetRootNodes, hipError_t, (hipGraph_t graph, hipGraphNode_t* nodes, size_t* count))                      \
    X(hipGraphNodeGetDependencies, hipError_t, (hipGraphNode_t node, hipGraphNode_t* nodes, size_t* count))            \
    X(hipGraphNodeGetDependentNodes, hipError_t, (hipGraphNode_t node, hipGraphNode_t* nodes, size_t* count))          \
    X(hipGraphNodeGetType, hipError_t, (hipGraphNode_t node, hipGraphNodeType* type))                                  \
    X(hipGraphDestroyNode, hipError_t, (hipGraphNode_t node))                                                          \
    X(hipGraphAddEmptyNode, hipError_t, (SOMA_HIP_ADD_NODE))                                                           \
    X(hipGraphAddKernelNode, hipError_t, (SOMA_HIP_ADD_NODE, const hipKernelNodeParams* parameters))                   \
    X(hipGraphKernelNodeGetParams, hipError_t, (hipGraphNode_t node, hipKernelNodeParams* parameters))                 \
    X(hipGraphKernelNodeSetParams, hipError_t, (hipGraphNode_t node, const hipKernelNodeParams* parameters))           \
    X(hipGraphAddMemcpyNode, hipError_t, (SOMA_HIP_ADD_NODE, const hipMemcpy3DParms* parameters))                      \
    X(hipGraphMemcpyNodeGetParams, hipError_t, (hipGraphNode_t node, hipMemcpy3DParms* parameters))                    \
    X(hipGraphMemcpyNodeSetParams, hipError_t, (hipGraphNode_t node, const hipMemcpy3DParms* parameters))              \
    X(hipGraphAddMemcpyNode1D, hipError_t,                                                                             \
      (SOMA_HIP_ADD_NODE, void* destination, const void* source, size_t size, hipMemcpyKind kind))                     \
    X(hipGraphMemcpyNodeSetParams1D, hipError_t,                                                                       \
      (hipGraphNode_t node, void* destination, const void* source, size_t size, hipMemcpyKind kind))                   \
    X(hipGraphAddMemsetNode, hipError_t, (SOMA_HIP_ADD_NODE, const hipMemsetParams* parameters))                       \
    X(hipGraphMemsetNodeGetParams, hipError_t, (hipGraphNode_t node, hipMemsetParams* parameters))                     \
    X(hipGraphMemsetNodeSetParams, hipError_t, (hipGraphNode_t node, const hipMemsetParams* parameters))               \
    X(hipGraphAddHostNode, hipError_t, (SOMA_HIP_ADD_NODE, const hipHostNodeParams* parameters))                       \
    X(hipGraphHostNodeGetParams, hipError_t, (hipGraphNode_t node, hipHostNodeParams* parameters))                     \
    X(hipGraphHostNodeSetParams, hipError_t, (hipGraphNode_t node, const hipHostNodeParams* parameters))               \
    X(hipGraphAddChildGraphNode, hipError_t, (SOMA_HIP_ADD_NODE, hipGraph_t child))                                    \
    X(hipGraphChildGraphNodeGetGraph, hipError_t, (hipGraphNode_t node, hipGraph_t* graph))                            \
    X(hipGraphAddEventRecordNode, hipError_t, (SOMA_HIP_ADD_NODE, hipEvent_t event))                                   \
    X(hipGraphEventRecordNodeGetEvent, hipError_t, (hipGraphNode_t node, hipEvent_t* event))                           \
    X(hipGraphEventRecordNodeSetEvent, hipError_t, (hipGraphNode_t node, hipEvent_t event))                            \
    X(hipGraphAddEventWaitNode, hipError_t, (SOMA_HIP_ADD_NODE, hipEvent_t event))                                     \
    X(hipGraphEventWaitNodeGetEvent, hipError_t, (hipGraphNode_t node, hipEvent_t* event))                             \
    X(hipGraphEventWaitNodeSetEvent, hipError_t, (hipGraphNode_t node, hipEvent_t event))                              \
    X(hipGraphAddMemAllocNode, hipError_t, (SOMA_HIP_ADD_NODE, hipMemAllocNodeParams* parameters))                     \
    X(hipGraphMemAllocNodeGetParams, hipError_t, (hipGraphNode_t node, hipMemAllocNodeParams* parameters))             \
    X(hipGraphAddMemFreeNode, hipError_t, (SOMA_HIP_ADD_NODE, void* pointer))                                          \
    X(hipGraphMemFreeNodeGetParams, hipError_t, (hipGraphNode_t node, void* pointer))                                  \
    X(hipGraphInstantiate, hipError_t,                                                                                 \
      (hipGraphExec_t* exec, hipGraph_t graph, hipGraphNode_t* errorNode, char* log, size_t logSize))                  \
    X(hipGraphInstantiateWithFlags, hipError_t, (hipGraphExec_t* exec, hipGraph_t graph, unsigned long long flags))    \
    X(hipGraphUpload, hipError_t, (hipGraphExec_t exec, hipStream_t stream))                                           \
    X(hipGraphLaunch, hipError_t, (hipGraphExec_t exec, hipStream_t stream))                                           \
    X(hipGraphExecDestroy, hipError_t, (hipGraphExec_t exec))                                                          \
    X(hipGraphExecUpdate, hipError_t,                                                                                  \
      (hipGraphExec_t exec, hipGraph_t graph, hipGraphNode_t* errorNode, hipGraphExecUpdateResult* result))            \
    X(hipGraphExecKernelNodeSetParams, hipError_t,                                                                     \
      (hipGraphExec_t exec, hipGraphNode_t node, const hipKernelNodeParams* parameters))                               \
    X(hipGraphExecMemcpyNodeSetParams, hipError_t,                                                                     \
      (hipGraphExec_t exec, hipGraphNode_t node, hipMemcpy3DParms* parameters))                                        \
    X(hipGraphExecMemcpyNodeSetParams1D, hipError_t,                                                                   \
      (hipGraphExec_t exec, hipGraphNode_t node, void* destination, const void* source, size_t size,                   \
       hipMemcpyKind kind))                                                                                            \
    X(hipGraphExecMemsetNodeSetParams, hipError_t,                                                                     \
      (hipGraphExec_t exec, hipGraphNode_t node, const hipMemsetParams* parameters))                                   \
    X(hipGraphExecHostNodeSetParams, hipError_t,                                                                       \
      (hipGraphExec_t exec, hipGraphNode_t node, const hipHostNodeParams* parameters))                                 \
    X(hipGraphExecChildGraphNodeSetParams, hipError_t, (hipGraphExec_t exec, hipGraphNode_t node, hipGraph_t child))   \
    X(hipGraphExecEventRecordNodeSetEvent, hipError_t, (hipGraphExec_t exec, hipGraphNode_t node, hipEvent_t event))   \
    X(hipGraphExecEventWaitNodeSetEvent, hipError_t, (hipGraphExec_t exec, hipGraphNode_t node, hipEvent_t event))     \
    X(hipGraphNodeSetEnabled, hipError_t, (hipGraphExec_t exec, hipGraphNode_t node, unsigned int enabled))            \
    X(hipGraphNodeGetEnabled, hipError_t, (hipGraphExec_t exec, hipGraphNode_t node, unsigned int* enabled))           \
    X(hipStreamBeginCapture, hipError_t, (hipStream_t stream, hipStreamCaptureMode mode))                              \
    X(hipStreamBeginCaptureToGraph, hipError_t,                                                                        \
      (hipStream_t stream, hipGraph_t graph, const hipGraphNode_t* dependencies, const void* dependencyData,           \
       size_t dependencyCount, hipStreamCaptureMode mode))                                                             \
    X(hipStreamEndCapture, hipError_t, (hipStream_t stream, hipGraph_t* graph))                                        \
    X(hipStreamIsCapturing, hipError_t, (hipStream_t stream, hipStreamCaptureStatus* status))                          \
    X(hipStreamGetCaptureInfo, hipError_t,                                                                             \
      (hipStream_t stream, hipStreamCaptureStatus* status, unsigned long long* id))                                    \
    X(hipStreamGetCaptureInfo_v2, hipError_t,                                                                          \
      (hipStream_t stream, hipStreamCaptureStatus* status, unsigned long long* id, hipGraph_t* graph,                  \
       const hipGraphNode_t** dependencies, size_t* dependencyCount))                                                  \
    X(hipStreamUpdateCaptureDependencies, hipError_t,                                                                  \
      (hipStream_t stream, hipGraphNode_t* dependencies, size_t count, unsigned int flags))                            \
    X(hipThreadExchangeStreamCaptureMode, hipError_t, (hipStreamCaptureMode* mode))

#endif
