/* The part of HIP's C ABI that Soma uses: declared here so that neither HIP nor ROCm is needed to build.
 *
 * Names, argument types and numeric values are those of AMD's public API, the HIP runtime API reference and
 * hip/hip_runtime_api.h, whose values for everything below are equal in HIP 5, 6 and 7
 * (https://rocm.docs.amd.com/projects/HIP/en/latest/reference/hip_runtime_api_reference.html).
 * Each function and each error is defined in exactly one list; declarations, the loader's table and tests come from it.
 * Plain C11 and C++.
 */
#ifndef SOMA_HIP_ABI_H
#define SOMA_HIP_ABI_H

#include <stddef.h>
#include <stdint.h>

#include "hip_graphs.h"
#include "hip_per_thread.h"
#include "hip_pools.h"
#include "hip_programs.h"
#include "hip_textures.h"
#include "hip_transfers.h"

/* A library that exports these defines SOMA_HIP_PROVIDER. */
#if defined(SOMA_HIP_PROVIDER)
#define SOMA_HIP_EXPORT __attribute__((visibility("default")))
#else
#define SOMA_HIP_EXPORT
#endif

/* X(name, value, text): the text is what Soma's own libraries say of it. */
#define SOMA_HIP_ERRORS(X)                                                                                             \
    X(hipSuccess, 0, "no error")                                                                                       \
    X(hipErrorInvalidValue, 1, "an argument is null or out of range")                                                  \
    X(hipErrorOutOfMemory, 2, "out of memory")                                                                         \
    X(hipErrorNotInitialized, 3, "the runtime is not initialized")                                                     \
    X(hipErrorDeinitialized, 4, "the runtime is shutting down")                                                        \
    X(hipErrorProfilerDisabled, 5, "the profiler is disabled")                                                         \
    X(hipErrorProfilerNotInitialized, 6, "the profiler is not initialized")                                            \
    X(hipErrorProfilerAlreadyStarted, 7, "the profiler is already started")                                            \
    X(hipErrorProfilerAlreadyStopped, 8, "the profiler is already stopped")                                            \
    X(hipErrorInvalidConfiguration, 9, "the launch configuration is invalid")                                          \
    X(hipErrorInvalidPitchValue, 12, "the pitch is invalid")                                                           \
    X(hipErrorInvalidSymbol, 13, "no such symbol")                                                                     \
    X(hipErrorInvalidDevicePointer, 17, "not an address of device memory")                                             \
    X(hipErrorInvalidMemcpyDirection, 21, "the copy direction is invalid")                                             \
    X(hipErrorInsufficientDriver, 35, "the driver is too old for this runtime")                                        \
    X(hipErrorMissingConfiguration, 52, "the launch has no configuration")                                             \
    X(hipErrorPriorLaunchFailure, 53, "an earlier launch failed")                                                      \
    X(hipErrorInvalidDeviceFunction, 98, "no such kernel on this device")                                              \
    X(hipErrorNoDevice, 100, "no device was found")                                                                    \
    X(hipErrorInvalidDevice, 101, "no device has that number")                                                         \
    X(hipErrorInvalidImage, 200, "the code object is invalid")                                                         \
    X(hipErrorInvalidContext, 201, "the context is invalid")                                                           \
    X(hipErrorContextAlreadyCurrent, 202, "the context is already current")                                            \
    X(hipErrorMapFailed, 205, "mapping failed")                                                                        \
    X(hipErrorUnmapFailed, 206, "unmapping failed")                                                                    \
    X(hipErrorArrayIsMapped, 207, "the array is mapped")                                                               \
    X(hipErrorAlreadyMapped, 208, "the resource is already mapped")                                                    \
    X(hipErrorNoBinaryForGpu, 209, "no code object for this device's target")                                          \
    X(hipErrorAlreadyAcquired, 210, "the resource is already acquired")                                                \
    X(hipErrorNotMapped, 211, "the resource is not mapped")                                                            \
    X(hipErrorNotMappedAsArray, 212, "the resource is not mapped as an array")                                         \
    X(hipErrorNotMappedAsPointer, 213, "the resource is not mapped as a pointer")                                      \
    X(hipErrorECCNotCorrectable, 214, "an uncorrectable ECC error")                                                    \
    X(hipErrorUnsupportedLimit, 215, "the device has no such limit")                                                   \
    X(hipErrorContextAlreadyInUse, 216, "the context is already in use")                                               \
    X(hipErrorPeerAccessUnsupported, 217, "the devices cannot access each other")                                      \
    X(hipErrorInvalidKernelFile, 218, "the kernel file is invalid")                                                    \
    X(hipErrorInvalidGraphicsContext, 219, "the graphics context is invalid")                                          \
    X(hipErrorInvalidSource, 300, "the source is invalid")                                                             \
    X(hipErrorFileNotFound, 301, "the file was not found")                                                             \
    X(hipErrorSharedObjectSymbolNotFound, 302, "a symbol of a shared object was not found")                            \
    X(hipErrorSharedObjectInitFailed, 303, "a shared object could not be initialized")                                 \
    X(hipErrorOperatingSystem, 304, "an operating system call failed")                                                 \
    X(hipErrorInvalidHandle, 400, "the handle is unknown or was destroyed")                                            \
    X(hipErrorIllegalState, 401, "the object is in the wrong state for this call")                                     \
    X(hipErrorNotFound, 500, "no such name")                                                                           \
    X(hipErrorNotReady, 600, "not finished yet")                                                                       \
    X(hipErrorIllegalAddress, 700, "a kernel accessed memory outside every allocation")                                \
    X(hipErrorLaunchOutOfResources, 701, "the launch needs more than the device has")                                  \
    X(hipErrorLaunchTimeOut, 702, "a kernel ran longer than allowed")                                                  \
    X(hipErrorPeerAccessAlreadyEnabled, 704, "peer access is already enabled")                                         \
    X(hipErrorPeerAccessNotEnabled, 705, "peer access is not enabled")                                                 \
    X(hipErrorSetOnActiveProcess, 708, "the process is already active")                                                \
    X(hipErrorContextIsDestroyed, 709, "the context was destroyed")                                                    \
    X(hipErrorAssert, 710, "an assertion in a kernel failed")                                                          \
    X(hipErrorHostMemoryAlreadyRegistered, 712, "the host memory is already registered")                               \
    X(hipErrorHostMemoryNotRegistered, 713, "the host memory is not registered")                                       \
    X(hipErrorLaunchFailure, 719, "a kernel stopped with a fault")                                                     \
    X(hipErrorCooperativeLaunchTooLarge, 720, "the cooperative launch does not fit the device")                        \
    X(hipErrorNotSupported, 801, "not supported")                                                                      \
    X(hipErrorStreamCaptureUnsupported, 900, "not permitted while the stream is capturing")                            \
    X(hipErrorStreamCaptureInvalidated, 901, "the capture was invalidated by an earlier error")                        \
    X(hipErrorStreamCaptureMerge, 902, "two captures would merge")                                                     \
    X(hipErrorStreamCaptureUnmatched, 903, "the capture was not begun on this stream")                                 \
    X(hipErrorStreamCaptureUnjoined, 904, "the capture has a fork that was not joined")                                \
    X(hipErrorStreamCaptureIsolation, 905, "a dependency would leave the capture")                                     \
    X(hipErrorStreamCaptureImplicit, 906, "the null stream would join the capture")                                    \
    X(hipErrorCapturedEvent, 907, "the event was last recorded in a capture")                                          \
    X(hipErrorStreamCaptureWrongThread, 908, "the capture was begun by another thread")                                \
    X(hipErrorGraphExecUpdateFailure, 910, "the graph cannot be updated to that")                                      \
    X(hipErrorUnknown, 999, "an unknown error")                                                                        \
    X(hipErrorRuntimeMemory, 1052, "a memory call of the runtime failed")                                              \
    X(hipErrorRuntimeOther, 1053, "a call of the runtime failed")

typedef enum hipError_t {
#define SOMA_HIP_ENUMERATOR(name, value, text) name = value,
    SOMA_HIP_ERRORS(SOMA_HIP_ENUMERATOR)
#undef SOMA_HIP_ENUMERATOR
} hipError_t;

/* X(name, value): the attributes that Soma asks for or answers. From HIP 5 to 7 the numbers stayed: names were retired
 * in place (hipDeviceAttributeUnused1 to 5) and new ones appended. */
#define SOMA_HIP_DEVICE_ATTRIBUTES(X)                                                                                  \
    X(hipDeviceAttributeAsyncEngineCount, 2)                                                                           \
    X(hipDeviceAttributeCanMapHostMemory, 3)                                                                           \
    X(hipDeviceAttributeCanUseHostPointerForRegisteredMem, 4)                                                          \
    X(hipDeviceAttributeClockRate, 5)                                                                                  \
    X(hipDeviceAttributeConcurrentKernels, 8)                                                                          \
    X(hipDeviceAttributeConcurrentManagedAccess, 9)                                                                    \
    X(hipDeviceAttributeCooperativeLaunch, 10)                                                                         \
    X(hipDeviceAttributeIntegrated, 16)                                                                                \
    X(hipDeviceAttributeL2CacheSize, 19)                                                                               \
    X(hipDeviceAttributeComputeCapabilityMajor, 23)                                                                    \
    X(hipDeviceAttributeManagedMemory, 24)                                                                             \
    X(hipDeviceAttributeMaxBlocksPerMultiProcessor, 25)                                                                \
    X(hipDeviceAttributeMaxBlockDimX, 26)                                                                              \
    X(hipDeviceAttributeMaxBlockDimY, 27)                                                                              \
    X(hipDeviceAttributeMaxBlockDimZ, 28)                                                                              \
    X(hipDeviceAttributeMaxGridDimX, 29)                                                                               \
    X(hipDeviceAttributeMaxGridDimY, 30)                                                                               \
    X(hipDeviceAttributeMaxGridDimZ, 31)                                                                               \
    X(hipDeviceAttributeMaxThreadsPerBlock, 56)                                                                        \
    X(hipDeviceAttributeMaxThreadsPerMultiProcessor, 57)                                                               \
    X(hipDeviceAttributeMemoryBusWidth, 59)                                                                            \
    X(hipDeviceAttributeMemoryClockRate, 60)                                                                           \
    X(hipDeviceAttributeComputeCapabilityMinor, 61)                                                                    \
    X(hipDeviceAttributeMultiprocessorCount, 63)                                                                       \
    X(hipDeviceAttributePageableMemoryAccess, 65)                                                                      \
    X(hipDeviceAttributePciBusId, 67)                                                                                  \
    X(hipDeviceAttributePciDeviceId, 68)                                                                               \
    X(hipDeviceAttributePciDomainID, 69)                                                                               \
    X(hipDeviceAttributeMaxRegistersPerBlock, 71)                                                                      \
    X(hipDeviceAttributeMaxSharedMemoryPerBlock, 74)                                                                   \
    X(hipDeviceAttributeTotalConstantMemory, 83)                                                                       \
    X(hipDeviceAttributeUnifiedAddressing, 85)                                                                         \
    X(hipDeviceAttributeWarpSize, 87)                                                                                  \
    X(hipDeviceAttributeMemoryPoolsSupported, 88)                                                                      \
    X(hipDeviceAttributeMaxSharedMemoryPerMultiprocessor, 10002)                                                       \
    X(hipDeviceAttributeImageSupport, 10014)                                                                           \
    X(hipDeviceAttributePhysicalMultiProcessorCount, 10015)                                                            \
    X(hipDeviceAttributeFineGrainSupport, 10016)                                                                       \
    X(hipDeviceAttributeWallClockRate, 10017)

typedef enum hipDeviceAttribute_t {
#define SOMA_HIP_ENUMERATOR(name, value) name = value,
    SOMA_HIP_DEVICE_ATTRIBUTES(SOMA_HIP_ENUMERATOR)
#undef SOMA_HIP_ENUMERATOR
} hipDeviceAttribute_t;

typedef enum hipFunction_attribute {
    HIP_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 0,
    HIP_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES = 1,
    HIP_FUNC_ATTRIBUTE_CONST_SIZE_BYTES = 2,
    HIP_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES = 3,
    HIP_FUNC_ATTRIBUTE_NUM_REGS = 4,
    HIP_FUNC_ATTRIBUTE_PTX_VERSION = 5,
    HIP_FUNC_ATTRIBUTE_BINARY_VERSION = 6,
    HIP_FUNC_ATTRIBUTE_CACHE_MODE_CA = 7,
    HIP_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
    HIP_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT = 9
} hipFunction_attribute;

#define hipStreamDefault 0x0u
#define hipStreamNonBlocking 0x1u
#define hipEventDefault 0x0u
#define hipEventBlockingSync 0x1u
#define hipEventDisableTiming 0x2u
#define hipHostMallocDefault 0x0u

#define HIP_LAUNCH_PARAM_BUFFER_POINTER ((void*)0x01)
#define HIP_LAUNCH_PARAM_BUFFER_SIZE ((void*)0x02)
#define HIP_LAUNCH_PARAM_END ((void*)0x03)

typedef int hipDevice_t;
typedef void* hipDeviceptr_t;
typedef struct ihipStream_t* hipStream_t;
typedef struct ihipEvent_t* hipEvent_t;
typedef struct ihipModule_t* hipModule_t;
typedef struct ihipModuleSymbol_t* hipFunction_t;
typedef int hipJitOption;
typedef void (*hipStreamCallback_t)(hipStream_t stream, hipError_t status, void* userData);

/* hipDeviceProp_t has two layouts: that of HIP 5, which the symbol hipGetDeviceProperties fills in every version, and
 * that of HIP 6 and later, filled by hipGetDevicePropertiesR0600. Both are opaque here; device_properties.h says what
 * lies where. */
typedef struct hipDeviceProp_tR0000 {
    uint64_t words[99];
} hipDeviceProp_tR0000;
typedef struct hipDeviceProp_tR0600 {
    uint64_t words[184];
} hipDeviceProp_tR0600;

/* The functions. X(name, result, parameters). CORE: what native/hip needs of a library. */
#define SOMA_HIP_CORE_FUNCTIONS(X)                                                                                     \
    X(hipRuntimeGetVersion, hipError_t, (int* version))                                                                \
    X(hipGetDeviceCount, hipError_t, (int* count))                                                                     \
    X(hipSetDevice, hipError_t, (int device))                                                                          \
    X(hipDeviceGetName, hipError_t, (char* name, int length, hipDevice_t device))                                      \
    X(hipDeviceGetAttribute, hipError_t, (int* value, hipDeviceAttribute_t attribute, int device))                     \
    X(hipMemGetInfo, hipError_t, (size_t* free, size_t* total))                                                        \
    X(hipMalloc, hipError_t, (void** pointer, size_t size))                                                            \
    X(hipFree, hipError_t, (void* pointer))                                                                            \
    X(hipMemcpyHtoDAsync, hipError_t,                                                                                  \
      (hipDeviceptr_t destination, void* source, size_t size, hipStream_t stream))                                     \
    X(hipMemcpyDtoHAsync, hipError_t,                                                                                  \
      (void* destination, hipDeviceptr_t source, size_t size, hipStream_t stream))                                     \
    X(hipMemcpyDtoDAsync, hipError_t,                                                                                  \
      (hipDeviceptr_t destination, hipDeviceptr_t source, size_t size, hipStream_t stream))                            \
    X(hipMemsetAsync, hipError_t, (void* destination, int value, size_t size, hipStream_t stream))                     \
    X(hipModuleLoadData, hipError_t, (hipModule_t* module, const void* image))                                         \
    X(hipModuleUnload, hipError_t, (hipModule_t module))                                                               \
    X(hipModuleGetFunction, hipError_t, (hipFunction_t* function, hipModule_t module, const char* name))               \
    X(hipModuleGetGlobal, hipError_t,                                                                                  \
      (hipDeviceptr_t* pointer, size_t* size, hipModule_t module, const char* name))                                   \
    X(hipFuncGetAttribute, hipError_t, (int* value, hipFunction_attribute attribute, hipFunction_t function))          \
    X(hipModuleOccupancyMaxActiveBlocksPerMultiprocessor, hipError_t,                                                  \
      (int* blocks, hipFunction_t function, int blockSize, size_t dynamicSharedBytes))                                 \
    X(hipModuleLaunchKernel, hipError_t,                                                                               \
      (hipFunction_t function, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,                    \
       unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ, unsigned int sharedMemBytes,            \
       hipStream_t stream, void** kernelParams, void** extra))                                                         \
    X(hipStreamCreateWithFlags, hipError_t, (hipStream_t* stream, unsigned int flags))                                 \
    X(hipStreamDestroy, hipError_t, (hipStream_t stream))                                                              \
    X(hipStreamSynchronize, hipError_t, (hipStream_t stream))                                                          \
    X(hipStreamWaitEvent, hipError_t, (hipStream_t stream, hipEvent_t event, unsigned int flags))                      \
    X(hipEventCreateWithFlags, hipError_t, (hipEvent_t* event, unsigned int flags))                                    \
    X(hipEventRecord, hipError_t, (hipEvent_t event, hipStream_t stream))                                              \
    X(hipEventQuery, hipError_t, (hipEvent_t event))                                                                   \
    X(hipEventSynchronize, hipError_t, (hipEvent_t event))                                                             \
    X(hipEventElapsedTime, hipError_t, (float* milliseconds, hipEvent_t start, hipEvent_t stop))                       \
    X(hipEventDestroy, hipError_t, (hipEvent_t event))                                                                 \
    X(hipGetLastError, hipError_t, (void))                                                                             \
    X(hipGetErrorName, const char*, (hipError_t error))                                                                \
    X(hipGetErrorString, const char*, (hipError_t error))

/* PROPERTIES: a library has at least one of them. */
#define SOMA_HIP_PROPERTIES_FUNCTIONS(X)                                                                               \
    X(hipGetDeviceProperties, hipError_t, (hipDeviceProp_tR0000* properties, int device))                              \
    X(hipGetDevicePropertiesR0600, hipError_t, (hipDeviceProp_tR0600* properties, int device))

/* FURTHER: what Soma's own libraries export besides, for programs written against HIP. */
#define SOMA_HIP_FURTHER_FUNCTIONS(X)                                                                                  \
    X(hipInit, hipError_t, (unsigned int flags))                                                                       \
    X(hipDriverGetVersion, hipError_t, (int* version))                                                                 \
    X(hipGetDevice, hipError_t, (int* device))                                                                         \
    X(hipDeviceGet, hipError_t, (hipDevice_t* device, int ordinal))                                                    \
    X(hipDeviceTotalMem, hipError_t, (size_t* size, hipDevice_t device))                                               \
    X(hipDeviceSynchronize, hipError_t, (void))                                                                        \
    X(hipHostMalloc, hipError_t, (void** pointer, size_t size, unsigned int flags))                                    \
    X(hipHostFree, hipError_t, (void* pointer))                                                                        \
    X(hipMemcpy, hipError_t, (void* destination, const void* source, size_t size, hipMemcpyKind kind))                 \
    X(hipMemcpyAsync, hipError_t,                                                                                      \
      (void* destination, const void* source, size_t size, hipMemcpyKind kind, hipStream_t stream))                    \
    X(hipMemcpyHtoD, hipError_t, (hipDeviceptr_t destination, void* source, size_t size))                              \
    X(hipMemcpyDtoH, hipError_t, (void* destination, hipDeviceptr_t source, size_t size))                              \
    X(hipMemcpyDtoD, hipError_t, (hipDeviceptr_t destination, hipDeviceptr_t source, size_t size))                     \
    X(hipMemset, hipError_t, (void* destination, int value, size_t size))                                              \
    X(hipMemsetD8, hipError_t, (hipDeviceptr_t destination, unsigned char value, size_t count))                        \
    X(hipMemsetD8Async, hipError_t,                                                                                    \
      (hipDeviceptr_t destination, unsigned char value, size_t count, hipStream_t stream))                             \
    X(hipMemsetD32, hipError_t, (hipDeviceptr_t destination, int value, size_t count))                                 \
    X(hipMemsetD32Async, hipError_t, (hipDeviceptr_t destination, int value, size_t count, hipStream_t stream))        \
    X(hipModuleLoad, hipError_t, (hipModule_t* module, const char* path))                                              \
    X(hipModuleLoadDataEx, hipError_t,                                                                                 \
      (hipModule_t* module, const void* image, unsigned int optionCount, hipJitOption* options, void** values))        \
    X(hipStreamCreate, hipError_t, (hipStream_t* stream))                                                              \
    X(hipStreamQuery, hipError_t, (hipStream_t stream))                                                                \
    X(hipStreamAddCallback, hipError_t,                                                                                \
      (hipStream_t stream, hipStreamCallback_t callback, void* userData, unsigned int flags))                          \
    X(hipLaunchHostFunc, hipError_t, (hipStream_t stream, hipHostFn_t function, void* userData))                       \
    X(hipEventCreate, hipError_t, (hipEvent_t* event))                                                                 \
    X(hipPeekAtLastError, hipError_t, (void))

#ifdef __cplusplus
extern "C" {
#endif
#define SOMA_HIP_DECLARE(name, result, parameters) SOMA_HIP_EXPORT result name parameters;
SOMA_HIP_CORE_FUNCTIONS(SOMA_HIP_DECLARE)
SOMA_HIP_PROPERTIES_FUNCTIONS(SOMA_HIP_DECLARE)
SOMA_HIP_FURTHER_FUNCTIONS(SOMA_HIP_DECLARE)
SOMA_HIP_POOL_FUNCTIONS(SOMA_HIP_DECLARE)
SOMA_HIP_PROGRAM_FUNCTIONS(SOMA_HIP_DECLARE)
SOMA_HIP_REGISTRATION_FUNCTIONS(SOMA_HIP_DECLARE)
SOMA_HIP_GRAPH_FUNCTIONS(SOMA_HIP_DECLARE)
SOMA_HIP_TEXTURE_FUNCTIONS(SOMA_HIP_DECLARE)
#undef SOMA_HIP_DECLARE
#define SOMA_HIP_DECLARE(name, count) SOMA_HIP_EXPORT __typeof__(name) name##_spt;
SOMA_HIP_PER_THREAD_FUNCTIONS(SOMA_HIP_DECLARE)
#undef SOMA_HIP_DECLARE
#ifdef __cplusplus
}
#endif

#endif
