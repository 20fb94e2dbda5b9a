/* Functions of HIP's that native/hip uses where a library has them, and does without where it lacks them. Part of
 * hip_abi.h's declarations, which has the conventions; a library of Soma's that exports one includes this too. */
#ifndef SOMA_HIP_OPTIONAL_H
#define SOMA_HIP_OPTIONAL_H

#include "hip_abi.h"

#define hipHostMallocPortable 0x1u
#define hipHostMallocMapped 0x2u

#define HIP_IPC_HANDLE_SIZE 64
typedef struct hipIpcMemHandle_t {
    char reserved[HIP_IPC_HANDLE_SIZE];
} hipIpcMemHandle_t;
#define hipIpcMemLazyEnablePeerAccess 0x01u

/* X(name, result, parameters) */
#define SOMA_HIP_OPTIONAL_FUNCTIONS(X)                                                                                 \
    X(hipDeviceReset, hipError_t, (void))                                                                              \
    X(hipHostMalloc, hipError_t, (void** pointer, size_t size, unsigned int flags))                                    \
    X(hipHostFree, hipError_t, (void* pointer))                                                                        \
    X(hipGraphCreate, hipError_t, (hipGraph_t* graph, unsigned int flags))                                             \
    X(hipGraphDestroy, hipError_t, (hipGraph_t graph))                                                                 \
    X(hipGraphAddKernelNode, hipError_t, (SOMA_HIP_ADD_NODE, const hipKernelNodeParams* parameters))                   \
    X(hipGraphAddMemcpyNode1D, hipError_t,                                                                             \
      (SOMA_HIP_ADD_NODE, void* destination, const void* source, size_t size, hipMemcpyKind kind))                     \
    X(hipGraphInstantiate, hipError_t,                                                                                 \
      (hipGraphExec_t * exec, hipGraph_t graph, hipGraphNode_t* errorNode, char* log, size_t logSize))                 \
    X(hipGraphLaunch, hipError_t, (hipGraphExec_t exec, hipStream_t stream))                                           \
    X(hipGraphExecDestroy, hipError_t, (hipGraphExec_t exec))                                                          \
    X(hipGraphExecKernelNodeSetParams, hipError_t,                                                                     \
      (hipGraphExec_t exec, hipGraphNode_t node, const hipKernelNodeParams* parameters))                               \
    X(hipGraphExecMemcpyNodeSetParams1D, hipError_t,                                                                   \
      (hipGraphExec_t exec, hipGraphNode_t node, void* destination, const void* source, size_t size,                   \
       hipMemcpyKind kind))                                                                                            \
    X(hipMallocAsync, hipError_t, (void** pointer, size_t size, hipStream_t stream))                                   \
    X(hipFreeAsync, hipError_t, (void* pointer, hipStream_t stream))                                                   \
    X(hipDeviceGetStreamPriorityRange, hipError_t, (int* least, int* greatest))                                        \
    X(hipStreamCreateWithPriority, hipError_t, (hipStream_t* stream, unsigned int flags, int priority))                \
    X(hipModuleLaunchCooperativeKernel, hipError_t,                                                                    \
      (hipFunction_t function, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,                    \
       unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes,            \
       hipStream_t stream, void** kernelParams))                                                                       \
    X(hipHostGetDevicePointer, hipError_t, (void** devicePointer, void* hostPointer, unsigned int flags))              \
    X(hipIpcGetMemHandle, hipError_t, (hipIpcMemHandle_t* handle, void* pointer))                                      \
    X(hipIpcOpenMemHandle, hipError_t, (void** pointer, hipIpcMemHandle_t handle, unsigned int flags))                 \
    X(hipIpcCloseMemHandle, hipError_t, (void* pointer))                                                               \
    X(hipMemcpyPeerAsync, hipError_t,                                                                                  \
      (void* destination, int destinationDevice, const void* source, int sourceDevice, size_t size,                    \
       hipStream_t stream))

#ifdef __cplusplus
extern "C" {
#endif
#define SOMA_HIP_DECLARE(name, result, parameters) SOMA_HIP_EXPORT result name parameters;
SOMA_HIP_OPTIONAL_FUNCTIONS(SOMA_HIP_DECLARE)
#undef SOMA_HIP_DECLARE
#ifdef __cplusplus
}
#endif

#endif
