/* The part of NVIDIA's CUDA driver API that Soma uses: declared here so that nothing of CUDA's is needed to build.
 *
 * Names, argument types and numeric values are those of the public reference, "CUDA Driver API"
 * (https://docs.nvidia.com/cuda/cuda-driver-api/); a name that ends in _v2 is the symbol behind the documented function
 * without it. Each function is listed exactly once: the loader's table and the tests' stand-in come from the lists. Those
 * of SOMA_CUDA_FUNCTIONS have been in every driver since CUDA 11.0, and a driver without one of them is refused; those of
 * SOMA_CUDA_RECENT_FUNCTIONS came with CUDA 11.1 to 11.6, or are needed by few programs. Plain C11 and C++.
 */
#ifndef SOMA_CUDA_DRIVER_API_H
#define SOMA_CUDA_DRIVER_API_H

#include <stddef.h>
#include <stdint.h>

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st* CUcontext;
typedef struct CUmod_st* CUmodule;
typedef struct CUfunc_st* CUfunction;
typedef struct CUstream_st* CUstream;
typedef struct CUevent_st* CUevent;
typedef struct CUgraph_st* CUgraph;
typedef struct CUgraphNode_st* CUgraphNode;
typedef struct CUgraphExec_st* CUgraphExec;
typedef struct CUmemPoolHandle_st* CUmemoryPool;
typedef void (*CUhostFn)(void* userData);

typedef struct CUipcMemHandle {
    char reserved[64];
} CUipcMemHandle;

/* CUDA_KERNEL_NODE_PARAMS_v1 */
typedef struct CUkernelNodeParams {
    CUfunction function;
    unsigned int gridDimX;
    unsigned int gridDimY;
    unsigned int gridDimZ;
    unsigned int blockDimX;
    unsigned int blockDimY;
    unsigned int blockDimZ;
    unsigned int sharedMemBytes;
    void** kernelParams;
    void** extra;
} CUkernelNodeParams;

/* CUDA_MEMSET_NODE_PARAMS_v1: width in elements, pitch in bytes from row to row. */
typedef struct CUmemsetNodeParams {
    CUdeviceptr destination;
    size_t pitch;
    unsigned int value;
    unsigned int elementSize;
    size_t width;
    size_t height;
} CUmemsetNodeParams;

/* One side of CUDA_MEMCPY3D_v2. An address of either kind is unified; which pointer is read depends on `memoryType`. */
typedef struct CUcopySide {
    size_t xInBytes;
    size_t y;
    size_t z;
    size_t levelOfDetail;
    int memoryType;
    void* host;
    CUdeviceptr device;
    void* array;
    void* reserved;
    size_t pitch;
    size_t height;
} CUcopySide;
enum { CU_MEMORYTYPE_UNIFIED = 4 };

/* CUDA_MEMCPY3D_v2 */
typedef struct CUmemcpy3D {
    CUcopySide source;
    CUcopySide destination;
    size_t widthInBytes;
    size_t height;
    size_t depth;
} CUmemcpy3D;

enum {
    CUDA_SUCCESS = 0,
    CUDA_ERROR_STUB_LIBRARY = 34,
    CUDA_ERROR_INVALID_PTX = 218,
    CUDA_ERROR_NVLINK_UNCORRECTABLE = 220,
    CUDA_ERROR_JIT_COMPILER_NOT_FOUND = 221,
    CUDA_ERROR_UNSUPPORTED_PTX_VERSION = 222,
    CUDA_ERROR_JIT_COMPILATION_DISABLED = 223,
    CUDA_ERROR_HARDWARE_STACK_ERROR = 714,
    CUDA_ERROR_ILLEGAL_INSTRUCTION = 715,
    CUDA_ERROR_MISALIGNED_ADDRESS = 716,
    CUDA_ERROR_INVALID_ADDRESS_SPACE = 717,
    CUDA_ERROR_INVALID_PC = 718,
    CUDA_ERROR_SYSTEM_NOT_READY = 802,
    CUDA_ERROR_SYSTEM_DRIVER_MISMATCH = 803,
    CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE = 804
};

/* CUdevice_attribute */
enum {
    CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 1,
    CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X = 2,
    CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y = 3,
    CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z = 4,
    CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X = 5,
    CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y = 6,
    CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z = 7,
    CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY = 9,
    CU_DEVICE_ATTRIBUTE_WARP_SIZE = 10,
    CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK = 12,
    CU_DEVICE_ATTRIBUTE_CLOCK_RATE = 13,
    CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
    CU_DEVICE_ATTRIBUTE_INTEGRATED = 18,
    CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY = 19,
    CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS = 31,
    CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE = 36,
    CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH = 37,
    CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE = 38,
    CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR = 39,
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
    CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR = 81,
    CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH = 95,
    CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,
    CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED = 115
};

/* CUjit_option */
enum {
    CU_JIT_INFO_LOG_BUFFER = 3,
    CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES = 4,
    CU_JIT_ERROR_LOG_BUFFER = 5,
    CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6
};

/* CUfunction_attribute: 0 to 9 are what HIP's hipFunction_attribute has under the same numbers. */
enum { CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES = 1, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8 };

/* Stream and event flags have HIP's numbers: 1 is non-blocking; 1 blocking synchronization, 2 no timing. */

#define CU_LAUNCH_PARAM_END ((void*)0x00)
#define CU_LAUNCH_PARAM_BUFFER_POINTER ((void*)0x01)
#define CU_LAUNCH_PARAM_BUFFER_SIZE ((void*)0x02)

/* X(symbol, parameters); all give a CUresult. */
#define SOMA_CUDA_FUNCTIONS(X)                                                                                         \
    X(cuInit, (unsigned int flags))                                                                                    \
    X(cuDriverGetVersion, (int* version))                                                                              \
    X(cuGetErrorName, (CUresult error, const char** text))                                                             \
    X(cuGetErrorString, (CUresult error, const char** text))                                                           \
    X(cuDeviceGetCount, (int* count))                                                                                  \
    X(cuDeviceGet, (CUdevice* device, int ordinal))                                                                    \
    X(cuDeviceGetName, (char* name, int length, CUdevice device))                                                      \
    X(cuDeviceTotalMem_v2, (size_t* bytes, CUdevice device))                                                           \
    X(cuDeviceGetAttribute, (int* value, int attribute, CUdevice device))                                              \
    X(cuDevicePrimaryCtxRetain, (CUcontext* context, CUdevice device))                                                 \
    X(cuCtxGetCurrent, (CUcontext* context))                                                                           \
    X(cuCtxSetCurrent, (CUcontext context))                                                                            \
    X(cuCtxSynchronize, (void))                                                                                        \
    X(cuMemGetInfo_v2, (size_t* free, size_t* total))                                                                  \
    X(cuMemAlloc_v2, (CUdeviceptr* pointer, size_t bytes))                                                             \
    X(cuMemFree_v2, (CUdeviceptr pointer))                                                                             \
    X(cuMemHostAlloc, (void** pointer, size_t bytes, unsigned int flags))                                              \
    X(cuMemFreeHost, (void* pointer))                                                                                  \
    X(cuMemcpy, (CUdeviceptr destination, CUdeviceptr source, size_t bytes))                                           \
    X(cuMemcpyAsync, (CUdeviceptr destination, CUdeviceptr source, size_t bytes, CUstream stream))                     \
    X(cuMemcpyHtoD_v2, (CUdeviceptr destination, const void* source, size_t bytes))                                    \
    X(cuMemcpyDtoH_v2, (void* destination, CUdeviceptr source, size_t bytes))                                          \
    X(cuMemcpyDtoD_v2, (CUdeviceptr destination, CUdeviceptr source, size_t bytes))                                    \
    X(cuMemcpyHtoDAsync_v2, (CUdeviceptr destination, const void* source, size_t bytes, CUstream stream))              \
    X(cuMemcpyDtoHAsync_v2, (void* destination, CUdeviceptr source, size_t bytes, CUstream stream))                    \
    X(cuMemcpyDtoDAsync_v2, (CUdeviceptr destination, CUdeviceptr source, size_t bytes, CUstream stream))              \
    X(cuMemsetD8_v2, (CUdeviceptr destination, unsigned char value, size_t count))                                     \
    X(cuMemsetD8Async, (CUdeviceptr destination, unsigned char value, size_t count, CUstream stream))                  \
    X(cuMemsetD32_v2, (CUdeviceptr destination, unsigned int value, size_t count))                                     \
    X(cuMemsetD32Async, (CUdeviceptr destination, unsigned int value, size_t count, CUstream stream))                  \
    X(cuModuleLoadDataEx,                                                                                              \
      (CUmodule* module, const void* image, unsigned int optionCount, int* options, void** values))                    \
    X(cuModuleUnload, (CUmodule module))                                                                               \
    X(cuModuleGetFunction, (CUfunction* function, CUmodule module, const char* name))                                  \
    X(cuModuleGetGlobal_v2, (CUdeviceptr* pointer, size_t* bytes, CUmodule module, const char* name))                  \
    X(cuFuncGetAttribute, (int* value, int attribute, CUfunction function))                                            \
    X(cuFuncSetAttribute, (CUfunction function, int attribute, int value))                                             \
    X(cuOccupancyMaxActiveBlocksPerMultiprocessor,                                                                     \
      (int* blocks, CUfunction function, int blockSize, size_t dynamicSharedBytes))                                    \
    X(cuLaunchKernel,                                                                                                  \
      (CUfunction function, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,                       \
       unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes,            \
       CUstream stream, void** kernelParams, void** extra))                                                            \
    X(cuLaunchHostFunc, (CUstream stream, CUhostFn function, void* userData))                                          \
    X(cuStreamCreate, (CUstream* stream, unsigned int flags))                                                          \
    X(cuStreamDestroy_v2, (CUstream stream))                                                                           \
    X(cuStreamSynchronize, (CUstream stream))                                                                          \
    X(cuStreamQuery, (CUstream stream))                                                                                \
    X(cuStreamWaitEvent, (CUstream stream, CUevent event, unsigned int flags))                                         \
    X(cuEventCreate, (CUevent* event, unsigned int flags))                                                             \
    X(cuEventRecord, (CUevent event, CUstream stream))                                                                 \
    X(cuEventQuery, (CUevent event))                                                                                   \
    X(cuEventSynchronize, (CUevent event))                                                                             \
    X(cuEventElapsedTime, (float* milliseconds, CUevent start, CUevent stop))                                          \
    X(cuEventDestroy_v2, (CUevent event))

/* The parameters with which every function begins that adds a node. */
#define SOMA_CUDA_ADD_NODE                                                                                             \
    CUgraphNode *node, CUgraph graph, const CUgraphNode *dependencies, size_t dependencyCount

/* Memory pools' properties, locations and access, host nodes and allocation nodes have HIP's layouts, and their numbers as
 * those of capture modes, node types and graph flags are HIP's: they pass through as they are. */
#define SOMA_CUDA_RECENT_FUNCTIONS(X)                                                                                  \
    X(cuDevicePrimaryCtxReset_v2, (CUdevice device))                                                                   \
    X(cuDevicePrimaryCtxRelease_v2, (CUdevice device))                                                                 \
    X(cuMemAllocAsync, (CUdeviceptr* pointer, size_t bytes, CUstream stream))                                          \
    X(cuMemAllocFromPoolAsync, (CUdeviceptr* pointer, size_t bytes, CUmemoryPool pool, CUstream stream))               \
    X(cuMemFreeAsync, (CUdeviceptr pointer, CUstream stream))                                                          \
    X(cuMemPoolCreate, (CUmemoryPool* pool, const void* properties))                                                   \
    X(cuMemPoolDestroy, (CUmemoryPool pool))                                                                           \
    X(cuMemPoolSetAttribute, (CUmemoryPool pool, int attribute, void* value))                                          \
    X(cuMemPoolGetAttribute, (CUmemoryPool pool, int attribute, void* value))                                          \
    X(cuMemPoolTrimTo, (CUmemoryPool pool, size_t bytesToKeep))                                                        \
    X(cuMemPoolSetAccess, (CUmemoryPool pool, const void* descriptors, size_t count))                                  \
    X(cuMemPoolGetAccess, (int* flags, CUmemoryPool pool, void* location))                                             \
    X(cuDeviceGetDefaultMemPool, (CUmemoryPool* pool, CUdevice device))                                                \
    X(cuDeviceGetMemPool, (CUmemoryPool* pool, CUdevice device))                                                       \
    X(cuDeviceSetMemPool, (CUdevice device, CUmemoryPool pool))                                                        \
    X(cuMemHostGetDevicePointer_v2, (CUdeviceptr* pointer, void* host, unsigned int flags))                            \
    X(cuIpcGetMemHandle, (CUipcMemHandle* handle, CUdeviceptr pointer))                                                \
    X(cuIpcOpenMemHandle_v2, (CUdeviceptr* pointer, CUipcMemHandle handle, unsigned int flags))                        \
    X(cuIpcCloseMemHandle, (CUdeviceptr pointer))                                                                      \
    X(cuMemcpyPeerAsync,                                                                                               \
      (CUdeviceptr destination, CUcontext to, CUdeviceptr source, CUcontext from, size_t bytes, CUstream stream))      \
    X(cuCtxGetStreamPriorityRange, (int* least, int* greatest))                                                        \
    X(cuStreamCreateWithPriority, (CUstream* stream, unsigned int flags, int priority))                                \
    X(cuLaunchCooperativeKernel,                                                                                       \
      (CUfunction function, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ, unsigned int          \
       blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream stream, void** \
       kernelParams))                                                                                                  \
    X(cuStreamBeginCapture_v2, (CUstream stream, int mode))                                                            \
    X(cuStreamEndCapture, (CUstream stream, CUgraph* graph))                                                           \
    X(cuStreamIsCapturing, (CUstream stream, int* status))                                                             \
    X(cuStreamGetCaptureInfo_v2,                                                                                       \
      (CUstream stream, int* status, uint64_t* id, CUgraph* graph, const CUgraphNode** dependencies, size_t* count))   \
    X(cuStreamUpdateCaptureDependencies,                                                                               \
      (CUstream stream, CUgraphNode* dependencies, size_t count, unsigned int flags))                                  \
    X(cuThreadExchangeStreamCaptureMode, (int* mode))                                                                  \
    X(cuGraphCreate, (CUgraph* graph, unsigned int flags))                                                             \
    X(cuGraphDestroy, (CUgraph graph))                                                                                 \
    X(cuGraphClone, (CUgraph* clone, CUgraph original))                                                                \
    X(cuGraphNodeFindInClone, (CUgraphNode* node, CUgraphNode original, CUgraph clone))                                \
    X(cuGraphAddDependencies, (CUgraph graph, const CUgraphNode* from, const CUgraphNode* to, size_t count))           \
    X(cuGraphRemoveDependencies, (CUgraph graph, const CUgraphNode* from, const CUgraphNode* to, size_t count))        \
    X(cuGraphGetEdges, (CUgraph graph, CUgraphNode* from, CUgraphNode* to, size_t* count))                             \
    X(cuGraphGetNodes, (CUgraph graph, CUgraphNode* nodes, size_t* count))                                             \
    X(cuGraphGetRootNodes, (CUgraph graph, CUgraphNode* nodes, size_t* count))                                         \
    X(cuGraphNodeGetDependencies, (CUgraphNode node, CUgraphNode* nodes, size_t* count))                               \
    X(cuGraphNodeGetDependentNodes, (CUgraphNode node, CUgraphNode* nodes, size_t* count))                             \
    X(cuGraphNodeGetType, (CUgraphNode node, int* type))                                                               \
    X(cuGraphDestroyNode, (CUgraphNode node))                                                                          \
    X(cuGraphAddEmptyNode, (SOMA_CUDA_ADD_NODE))                                                                       \
    X(cuGraphAddKernelNode, (SOMA_CUDA_ADD_NODE, const CUkernelNodeParams* parameters))                                \
    X(cuGraphKernelNodeGetParams, (CUgraphNode node, CUkernelNodeParams* parameters))                                  \
    X(cuGraphKernelNodeSetParams, (CUgraphNode node, const CUkernelNodeParams* parameters))                            \
    X(cuGraphAddMemcpyNode, (SOMA_CUDA_ADD_NODE, const CUmemcpy3D* parameters, CUcontext context))                     \
    X(cuGraphMemcpyNodeGetParams, (CUgraphNode node, CUmemcpy3D* parameters))                                          \
    X(cuGraphMemcpyNodeSetParams, (CUgraphNode node, const CUmemcpy3D* parameters))                                    \
    X(cuGraphAddMemsetNode, (SOMA_CUDA_ADD_NODE, const CUmemsetNodeParams* parameters, CUcontext context))             \
    X(cuGraphMemsetNodeGetParams, (CUgraphNode node, CUmemsetNodeParams* parameters))                                  \
    X(cuGraphMemsetNodeSetParams, (CUgraphNode node, const CUmemsetNodeParams* parameters))                            \
    X(cuGraphAddHostNode, (SOMA_CUDA_ADD_NODE, const void* parameters))                                                \
    X(cuGraphHostNodeGetParams, (CUgraphNode node, void* parameters))                                                  \
    X(cuGraphHostNodeSetParams, (CUgraphNode node, const void* parameters))                                            \
    X(cuGraphAddChildGraphNode, (SOMA_CUDA_ADD_NODE, CUgraph child))                                                   \
    X(cuGraphChildGraphNodeGetGraph, (CUgraphNode node, CUgraph* graph))                                               \
    X(cuGraphAddEventRecordNode, (SOMA_CUDA_ADD_NODE, CUevent event))                                                  \
    X(cuGraphEventRecordNodeGetEvent, (CUgraphNode node, CUevent* event))                                              \
    X(cuGraphEventRecordNodeSetEvent, (CUgraphNode node, CUevent event))                                               \
    X(cuGraphAddEventWaitNode, (SOMA_CUDA_ADD_NODE, CUevent event))                                                    \
    X(cuGraphEventWaitNodeGetEvent, (CUgraphNode node, CUevent* event))                                                \
    X(cuGraphEventWaitNodeSetEvent, (CUgraphNode node, CUevent event))                                                 \
    X(cuGraphAddMemAllocNode, (SOMA_CUDA_ADD_NODE, void* parameters))                                                  \
    X(cuGraphMemAllocNodeGetParams, (CUgraphNode node, void* parameters))                                              \
    X(cuGraphAddMemFreeNode, (SOMA_CUDA_ADD_NODE, CUdeviceptr pointer))                                                \
    X(cuGraphMemFreeNodeGetParams, (CUgraphNode node, CUdeviceptr* pointer))                                           \
    X(cuGraphInstantiateWithFlags, (CUgraphExec* exec, CUgraph graph, unsigned long long flags))                       \
    X(cuGraphUpload, (CUgraphExec exec, CUstream stream))                                                              \
    X(cuGraphLaunch, (CUgraphExec exec, CUstream stream))                                                              \
    X(cuGraphExecDestroy, (CUgraphExec exec))                                                                          \
    X(cuGraphExecUpdate, (CUgraphExec exec, CUgraph graph, CUgraphNode* errorNode, int* result))                       \
    X(cuGraphExecKernelNodeSetParams, (CUgraphExec exec, CUgraphNode node, const CUkernelNodeParams* parameters))      \
    X(cuGraphExecMemcpyNodeSetParams,                                                                                  \
      (CUgraphExec exec, CUgraphNode node, const CUmemcpy3D* parameters, CUcontext context))                           \
    X(cuGraphExecMemsetNodeSetParams,                                                                                  \
      (CUgraphExec exec, CUgraphNode node, const CUmemsetNodeParams* parameters, CUcontext context))                   \
    X(cuGraphExecHostNodeSetParams, (CUgraphExec exec, CUgraphNode node, const void* parameters))                      \
    X(cuGraphExecChildGraphNodeSetParams, (CUgraphExec exec, CUgraphNode node, CUgraph child))                         \
    X(cuGraphExecEventRecordNodeSetEvent, (CUgraphExec exec, CUgraphNode node, CUevent event))                         \
    X(cuGraphExecEventWaitNodeSetEvent, (CUgraphExec exec, CUgraphNode node, CUevent event))                           \
    X(cuGraphNodeSetEnabled, (CUgraphExec exec, CUgraphNode node, unsigned int enabled))                               \
    X(cuGraphNodeGetEnabled, (CUgraphExec exec, CUgraphNode node, unsigned int* enabled))

#endif
