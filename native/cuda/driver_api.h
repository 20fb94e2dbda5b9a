/* The part of NVIDIA's CUDA driver API that Soma uses: declared here so that nothing of CUDA's is needed to build.
 *
 * Names, argument types and numeric values are those of the public reference, "CUDA Driver API"
 * (https://docs.nvidia.com/cuda/cuda-driver-api/); a name that ends in _v2 is the symbol behind the documented function
 * without it. All have been in every driver since CUDA 11.0. Each function is listed exactly once: the loader's table
 * and the tests' stand-in come from the list. Plain C11 and C++.
 */
#ifndef SOMA_CUDA_DRIVER_API_H
#define SOMA_CUDA_DRIVER_API_H

#include <stddef.h>

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st* CUcontext;
typedef struct CUmod_st* CUmodule;
typedef struct CUfunc_st* CUfunction;
typedef struct CUstream_st* CUstream;
typedef struct CUevent_st* CUevent;
typedef void (*CUhostFn)(void* userData);

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
    CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK = 8,
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
    CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH = 95
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

#endif
