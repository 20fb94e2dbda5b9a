/* HIP's functions that take a null stream for the calling thread's own (hipStreamPerThread) instead of the device's:
 * hip_runtime_api.h maps the others' names to them under HIP_API_PER_THREAD_DEFAULT_STREAM, and clang launches kernels by
 * them with -fgpu-default-stream=per-thread. Part of hip_abi.h, which declares them. */
#ifndef SOMA_HIP_PER_THREAD_H
#define SOMA_HIP_PER_THREAD_H

/* X(name, number of parameters): name_spt is like name. */
#define SOMA_HIP_PER_THREAD_FUNCTIONS(X)                                                                               \
    X(hipEventRecord, 2)                                                                                               \
    X(hipGraphLaunch, 2)                                                                                               \
    X(hipLaunchCooperativeKernel, 6)                                                                                   \
    X(hipLaunchHostFunc, 3)                                                                                            \
    X(hipLaunchKernel, 6)                                                                                              \
    X(hipMemcpy, 4)                                                                                                    \
    X(hipMemcpy2D, 7)                                                                                                  \
    X(hipMemcpy2DAsync, 8)                                                                                             \
    X(hipMemcpy2DToArray, 8)                                                                                           \
    X(hipMemcpy3D, 1)                                                                                                  \
    X(hipMemcpy3DAsync, 2)                                                                                             \
    X(hipMemcpyAsync, 5)                                                                                               \
    X(hipMemcpyFromSymbol, 5)                                                                                          \
    X(hipMemcpyFromSymbolAsync, 6)                                                                                     \
    X(hipMemcpyToSymbol, 5)                                                                                            \
    X(hipMemcpyToSymbolAsync, 6)                                                                                       \
    X(hipMemset, 3)                                                                                                    \
    X(hipMemset2D, 5)                                                                                                  \
    X(hipMemset2DAsync, 6)                                                                                             \
    X(hipMemset3D, 3)                                                                                                  \
    X(hipMemset3DAsync, 4)                                                                                             \
    X(hipMemsetAsync, 4)                                                                                               \
    X(hipStreamAddCallback, 4)                                                                                         \
    X(hipStreamBeginCapture, 2)                                                                                        \
    X(hipStreamEndCapture, 2)                                                                                          \
    X(hipStreamGetCaptureInfo, 3)                                                                                      \
    X(hipStreamGetCaptureInfo_v2, 6)                                                                                   \
    X(hipStreamGetFlags, 2)                                                                                            \
    X(hipStreamGetPriority, 2)                                                                                         \
    X(hipStreamIsCapturing, 2)                                                                                         \
    X(hipStreamQuery, 1)                                                                                               \
    X(hipStreamSynchronize, 1)                                                                                         \
    X(hipStreamWaitEvent, 3)

#endif
