/* What programs that clang compiled from HIP C++ call besides: their kernels and variables by host address, memory of all
 * kinds, peers, settings. Part of hip_abi.h, which has the conventions; HIP 6's values where versions differ. */
#ifndef SOMA_HIP_PROGRAMS_H
#define SOMA_HIP_PROGRAMS_H

#include "hip_transfers.h"

typedef struct ihipCtx_t* hipCtx_t;

typedef enum hipMemoryType {
    hipMemoryTypeUnregistered = 0,
    hipMemoryTypeHost = 1,
    hipMemoryTypeDevice = 2,
    hipMemoryTypeManaged = 3
} hipMemoryType;

typedef struct hipPointerAttribute_t {
    hipMemoryType type;
    int device;
    void* devicePointer;
    void* hostPointer;
    int isManaged;
    unsigned allocationFlags;
} hipPointerAttribute_t;

typedef struct hipFuncAttributes {
    int binaryVersion;
    int cacheModeCA;
    size_t constSizeBytes;
    size_t localSizeBytes;
    int maxDynamicSharedSizeBytes;
    int maxThreadsPerBlock;
    int numRegs;
    int preferredShmemCarveout;
    int ptxVersion;
    size_t sharedSizeBytes;
} hipFuncAttributes;

typedef enum hipLimit_t {
    hipLimitStackSize = 0,
    hipLimitPrintfFifoSize = 1,
    hipLimitMallocHeapSize = 2
} hipLimit_t;

/* Hints that AMD's devices ignore: any value. */
typedef int hipFuncCache_t;
typedef int hipSharedMemConfig;
typedef int hipDeviceP2PAttr;

/* Places that are no device: the host, and none. */
#define hipCpuDeviceId ((int)-1)
#define hipInvalidDeviceId ((int)-2)

typedef enum hipMemoryAdvise {
    hipMemAdviseSetReadMostly = 1,
    hipMemAdviseUnsetReadMostly = 2,
    hipMemAdviseSetPreferredLocation = 3,
    hipMemAdviseUnsetPreferredLocation = 4,
    hipMemAdviseSetAccessedBy = 5,
    hipMemAdviseUnsetAccessedBy = 6,
    hipMemAdviseSetCoarseGrain = 100,
    hipMemAdviseUnsetCoarseGrain = 101
} hipMemoryAdvise;

/* Each an int; hipMemRangeAttributeAccessedBy is as many as there is room for. */
typedef enum hipMemRangeAttribute {
    hipMemRangeAttributeReadMostly = 1,
    hipMemRangeAttributePreferredLocation = 2,
    hipMemRangeAttributeAccessedBy = 3,
    hipMemRangeAttributeLastPrefetchLocation = 4,
    hipMemRangeAttributeCoherencyMode = 100
} hipMemRangeAttribute;

typedef enum hipMemRangeCoherencyMode {
    hipMemRangeCoherencyModeFineGrain = 0,
    hipMemRangeCoherencyModeCoarseGrain = 1,
    hipMemRangeCoherencyModeIndeterminate = 2
} hipMemRangeCoherencyMode;

/* Streams that every thread has, as handles. */
#define hipStreamLegacy ((hipStream_t)1)
#define hipStreamPerThread ((hipStream_t)2)
#define hipHostRegisterDefault 0x0u
#define hipMemAttachGlobal 0x1u
#define hipMemAttachHost 0x2u

/* X(name, result, parameters): what clang's generated code calls. */
#define SOMA_HIP_REGISTRATION_FUNCTIONS(X)                                                                             \
    X(__hipRegisterFatBinary, void**, (const void* wrapper))                                                           \
    X(__hipUnregisterFatBinary, void, (void** handle))                                                                 \
    X(__hipRegisterFunction, void,                                                                                     \
      (void** handle, const void* hostFunction, char* deviceFunction, const char* deviceName, unsigned threadLimit,    \
       void* threadId, void* blockId, dim3* blockDim, dim3* gridDim, int* waveSize))                                   \
    X(__hipRegisterVar, void,                                                                                          \
      (void** handle, void* hostVariable, char* hostName, char* deviceName, int external, size_t size, int constant,   \
       int global))                                                                                                    \
    X(__hipRegisterManagedVar, void,                                                                                   \
      (void** handle, void** pointer, void* initialValue, const char* name, size_t size, unsigned alignment))          \
    X(__hipPushCallConfiguration, hipError_t, (dim3 grid, dim3 block, size_t sharedMemBytes, hipStream_t stream))      \
    X(__hipPopCallConfiguration, hipError_t,                                                                           \
      (dim3 * grid, dim3 * block, size_t * sharedMemBytes, hipStream_t * stream))

#define SOMA_HIP_PROGRAM_FUNCTIONS(X)                                                                                  \
    X(hipLaunchCooperativeKernel, hipError_t,                                                                          \
      (const void* function, dim3 grid, dim3 block, void** arguments, unsigned int sharedMemBytes, hipStream_t stream))\
    X(hipLaunchKernel, hipError_t,                                                                                     \
      (const void* function, dim3 grid, dim3 block, void** arguments, size_t sharedMemBytes, hipStream_t stream))      \
    X(hipExtLaunchKernel, hipError_t,                                                                                  \
      (const void* function, dim3 grid, dim3 block, void** arguments, size_t sharedMemBytes, hipStream_t stream,       \
       hipEvent_t start, hipEvent_t stop, int flags))                                                                  \
    X(hipExtModuleLaunchKernel, hipError_t,                                                                            \
      (hipFunction_t function, uint32_t itemsX, uint32_t itemsY, uint32_t itemsZ, uint32_t blockX, uint32_t blockY,    \
       uint32_t blockZ, size_t sharedMemBytes, hipStream_t stream, void** arguments, void** extra, hipEvent_t start,   \
       hipEvent_t stop, uint32_t flags))                                                                               \
    X(hipFuncGetAttributes, hipError_t, (hipFuncAttributes* attributes, const void* function))                         \
    X(hipFuncSetAttribute, hipError_t, (const void* function, int attribute, int value))                               \
    X(hipFuncSetCacheConfig, hipError_t, (const void* function, hipFuncCache_t config))                                \
    X(hipFuncSetSharedMemConfig, hipError_t, (const void* function, hipSharedMemConfig config))                        \
    X(hipGetFuncBySymbol, hipError_t, (hipFunction_t* function, const void* symbol))                                   \
    X(hipOccupancyMaxActiveBlocksPerMultiprocessor, hipError_t,                                                        \
      (int* blocks, const void* function, int blockSize, size_t dynamicSharedBytes))                                   \
    X(hipOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, hipError_t,                                               \
      (int* blocks, const void* function, int blockSize, size_t dynamicSharedBytes, unsigned flags))                   \
    X(hipOccupancyMaxPotentialBlockSize, hipError_t,                                                                   \
      (int* gridSize, int* blockSize, const void* function, size_t dynamicSharedBytes, int blockSizeLimit))            \
    X(hipModuleOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, hipError_t,                                         \
      (int* blocks, hipFunction_t function, int blockSize, size_t dynamicSharedBytes, unsigned flags))                 \
    X(hipModuleOccupancyMaxPotentialBlockSize, hipError_t,                                                             \
      (int* gridSize, int* blockSize, hipFunction_t function, size_t dynamicSharedBytes, int blockSizeLimit))          \
    X(hipGetSymbolAddress, hipError_t, (void** pointer, const void* symbol))                                           \
    X(hipGetSymbolSize, hipError_t, (size_t* size, const void* symbol))                                                \
    X(hipMemcpyToSymbol, hipError_t,                                                                                   \
      (const void* symbol, const void* source, size_t size, size_t offset, hipMemcpyKind kind))                        \
    X(hipMemcpyToSymbolAsync, hipError_t,                                                                              \
      (const void* symbol, const void* source, size_t size, size_t offset, hipMemcpyKind kind, hipStream_t stream))    \
    X(hipMemcpyFromSymbol, hipError_t,                                                                                 \
      (void* destination, const void* symbol, size_t size, size_t offset, hipMemcpyKind kind))                         \
    X(hipMemcpyFromSymbolAsync, hipError_t,                                                                            \
      (void* destination, const void* symbol, size_t size, size_t offset, hipMemcpyKind kind, hipStream_t stream))     \
    X(hipExtMallocWithFlags, hipError_t, (void** pointer, size_t size, unsigned flags))                                \
    X(hipMallocManaged, hipError_t, (void** pointer, size_t size, unsigned flags))                                     \
    X(hipMallocHost, hipError_t, (void** pointer, size_t size))                                                        \
    X(hipHostAlloc, hipError_t, (void** pointer, size_t size, unsigned flags))                                         \
    X(hipFreeHost, hipError_t, (void* pointer))                                                                        \
    X(hipHostRegister, hipError_t, (void* pointer, size_t size, unsigned flags))                                       \
    X(hipHostUnregister, hipError_t, (void* pointer))                                                                  \
    X(hipHostGetDevicePointer, hipError_t, (void** devicePointer, void* hostPointer, unsigned flags))                  \
    X(hipHostGetFlags, hipError_t, (unsigned* flags, void* pointer))                                                   \
    X(hipPointerGetAttributes, hipError_t, (hipPointerAttribute_t* attributes, const void* pointer))                   \
    X(hipMemGetAddressRange, hipError_t, (hipDeviceptr_t* base, size_t* size, hipDeviceptr_t pointer))                 \
    X(hipMemPrefetchAsync, hipError_t, (const void* pointer, size_t size, int device, hipStream_t stream))             \
    X(hipMemAdvise, hipError_t, (const void* pointer, size_t size, hipMemoryAdvise advice, int device))                \
    X(hipMemRangeGetAttribute, hipError_t,                                                                             \
      (void* data, size_t dataSize, hipMemRangeAttribute attribute, const void* pointer, size_t size))                 \
    X(hipMemRangeGetAttributes, hipError_t,                                                                            \
      (void** data, size_t* dataSizes, hipMemRangeAttribute* attributes, size_t count, const void* pointer,            \
       size_t size))                                                                                                   \
    X(hipStreamAttachMemAsync, hipError_t, (hipStream_t stream, void* pointer, size_t size, unsigned flags))           \
    X(hipMallocPitch, hipError_t, (void** pointer, size_t* pitch, size_t width, size_t height))                        \
    X(hipMalloc3D, hipError_t, (hipPitchedPtr* pointer, hipExtent extent))                                             \
    X(hipMemcpy2D, hipError_t,                                                                                         \
      (void* destination, size_t destinationPitch, const void* source, size_t sourcePitch, size_t width,               \
       size_t height, hipMemcpyKind kind))                                                                             \
    X(hipMemcpy2DAsync, hipError_t,                                                                                    \
      (void* destination, size_t destinationPitch, const void* source, size_t sourcePitch, size_t width,               \
       size_t height, hipMemcpyKind kind, hipStream_t stream))                                                         \
    X(hipMemcpy3D, hipError_t, (const hipMemcpy3DParms* parameters))                                                   \
    X(hipMemcpy3DAsync, hipError_t, (const hipMemcpy3DParms* parameters, hipStream_t stream))                          \
    X(hipMemset2D, hipError_t, (void* destination, size_t pitch, int value, size_t width, size_t height))              \
    X(hipMemset2DAsync, hipError_t,                                                                                    \
      (void* destination, size_t pitch, int value, size_t width, size_t height, hipStream_t stream))                   \
    X(hipMemset3D, hipError_t, (hipPitchedPtr destination, int value, hipExtent extent))                               \
    X(hipMemset3DAsync, hipError_t, (hipPitchedPtr destination, int value, hipExtent extent, hipStream_t stream))      \
    X(hipMemsetD16, hipError_t, (hipDeviceptr_t destination, unsigned short value, size_t count))                      \
    X(hipMemsetD16Async, hipError_t,                                                                                   \
      (hipDeviceptr_t destination, unsigned short value, size_t count, hipStream_t stream))                            \
    X(hipMemcpyWithStream, hipError_t,                                                                                 \
      (void* destination, const void* source, size_t size, hipMemcpyKind kind, hipStream_t stream))                    \
    X(hipMemcpyPeer, hipError_t,                                                                                       \
      (void* destination, int destinationDevice, const void* source, int sourceDevice, size_t size))                   \
    X(hipMemcpyPeerAsync, hipError_t,                                                                                  \
      (void* destination, int destinationDevice, const void* source, int sourceDevice, size_t size,                    \
       hipStream_t stream))                                                                                            \
    X(hipDeviceCanAccessPeer, hipError_t, (int* can, int device, int peer))                                            \
    X(hipDeviceEnablePeerAccess, hipError_t, (int peer, unsigned flags))                                               \
    X(hipDeviceDisablePeerAccess, hipError_t, (int peer))                                                              \
    X(hipDeviceGetP2PAttribute, hipError_t, (int* value, hipDeviceP2PAttr attribute, int from, int to))                \
    X(hipDeviceReset, hipError_t, (void))                                                                              \
    X(hipDeviceComputeCapability, hipError_t, (int* major, int* minor, hipDevice_t device))                            \
    X(hipDeviceGetPCIBusId, hipError_t, (char* id, int length, int device))                                            \
    X(hipDeviceGetByPCIBusId, hipError_t, (int* device, const char* id))                                               \
    X(hipDeviceGetLimit, hipError_t, (size_t* value, hipLimit_t limit))                                                \
    X(hipDeviceSetLimit, hipError_t, (hipLimit_t limit, size_t value))                                                 \
    X(hipDeviceGetStreamPriorityRange, hipError_t, (int* least, int* greatest))                                        \
    X(hipDeviceSetCacheConfig, hipError_t, (hipFuncCache_t config))                                                    \
    X(hipDeviceGetCacheConfig, hipError_t, (hipFuncCache_t* config))                                                   \
    X(hipDeviceSetSharedMemConfig, hipError_t, (hipSharedMemConfig config))                                            \
    X(hipDeviceGetSharedMemConfig, hipError_t, (hipSharedMemConfig* config))                                           \
    X(hipSetDeviceFlags, hipError_t, (unsigned flags))                                                                 \
    X(hipGetDeviceFlags, hipError_t, (unsigned* flags))                                                                \
    X(hipStreamCreateWithPriority, hipError_t, (hipStream_t* stream, unsigned flags, int priority))                    \
    X(hipStreamGetPriority, hipError_t, (hipStream_t stream, int* priority))                                           \
    X(hipStreamGetFlags, hipError_t, (hipStream_t stream, unsigned* flags))                                            \
    X(hipStreamGetDevice, hipError_t, (hipStream_t stream, hipDevice_t* device))                                       \
    X(hipEventRecordWithFlags, hipError_t, (hipEvent_t event, hipStream_t stream, unsigned flags))                     \
    X(hipCtxCreate, hipError_t, (hipCtx_t* context, unsigned flags, hipDevice_t device))                               \
    X(hipCtxDestroy, hipError_t, (hipCtx_t context))                                                                   \
    X(hipCtxSetCurrent, hipError_t, (hipCtx_t context))                                                                \
    X(hipCtxGetCurrent, hipError_t, (hipCtx_t* context))                                                               \
    X(hipCtxGetDevice, hipError_t, (hipDevice_t* device))                                                              \
    X(hipCtxPushCurrent, hipError_t, (hipCtx_t context))                                                               \
    X(hipCtxPopCurrent, hipError_t, (hipCtx_t* context))                                                               \
    X(hipDevicePrimaryCtxRetain, hipError_t, (hipCtx_t* context, hipDevice_t device))                                  \
    X(hipDevicePrimaryCtxRelease, hipError_t, (hipDevice_t device))                                                    \
    X(hipDevicePrimaryCtxGetState, hipError_t, (hipDevice_t device, unsigned* flags, int* active))                     \
    X(hipDrvGetErrorName, hipError_t, (hipError_t error, const char** name))                                           \
    X(hipDrvGetErrorString, hipError_t, (hipError_t error, const char** text))                                         \
    X(hipExtGetLinkTypeAndHopCount, hipError_t, (int first, int second, uint32_t* link, uint32_t* hops))               \
    X(hipMemAllocHost, hipError_t, (void** pointer, size_t size))                                                      \
    X(hipMemAllocPitch, hipError_t,                                                                                    \
      (void** pointer, size_t* pitch, size_t width, size_t height, unsigned elementBytes))                             \
    X(hipCtxSynchronize, hipError_t, (void))                                                                           \
    X(hipProfilerStart, hipError_t, (void))                                                                            \
    X(hipProfilerStop, hipError_t, (void))

#endif
