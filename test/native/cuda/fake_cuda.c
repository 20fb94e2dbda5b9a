/* A CUDA driver that is none: device memory is the host's, streams run at once, and a module is loaded from text whose
 * first word is "ptx". Its one kernel, add(uint* x, uint n, uint by), runs when it is launched.
 *
 * FAKE_CUDA_LOG names a file that each call is appended to; FAKE_CUDA_FAIL lists calls that fail, as in
 * "cuMemAlloc_v2=2,cuInit=100"; FAKE_CUDA_DEVICES is the number of devices, 1 by default.
 * The symbols are checked against native/cuda/driver_api.h by the compiler. Graphs and pools are in fake_cuda_graphs.c. */
#include "fake_cuda.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CUctx_st { int device, retained, alive; };
struct CUmod_st { int loaded; };
struct CUfunc_st { int dynamicBytes; };
struct CUstream_st { unsigned flags; };
struct CUevent_st { int recorded; };

static struct CUctx_st contexts[2] = {{0, 0, 0}, {1, 0, 0}};
static struct CUfunc_st add;
static uint32_t variable = 17;
static _Thread_local CUcontext current;

static int device_count(void) {
    const char* text = getenv("FAKE_CUDA_DEVICES");
    return text ? atoi(text) : 1;
}

CUresult called(const char* name, const char* format, ...) {
    const char* log = getenv("FAKE_CUDA_LOG");
    if (log) {
        FILE* file = fopen(log, "a");
        va_list arguments;
        va_start(arguments, format);
        fprintf(file, "%s ", name);
        vfprintf(file, format, arguments);
        fputc('\n', file);
        va_end(arguments);
        fclose(file);
    }
    const char* fail = getenv("FAKE_CUDA_FAIL");
    const size_t length = strlen(name);
    for (; fail && *fail; fail = strchr(fail, ',') ? strchr(fail, ',') + 1 : NULL) {
        if (strncmp(fail, name, length) == 0 && fail[length] == '=') {
            return atoi(fail + length + 1);
        }
    }
    return CUDA_SUCCESS;
}

/* Calls that work on a device fail without a context, as the driver's do: CUDA_ERROR_INVALID_CONTEXT; and with one that was reset
 * and not retained since: CUDA_ERROR_CONTEXT_IS_DESTROYED. */
#define WITH_CONTEXT(...)                                                                                              \
    CALLED(__VA_ARGS__);                                                                                               \
    if (!current) {                                                                                                    \
        return 201;                                                                                                    \
    }                                                                                                                  \
    if (!current->alive) {                                                                                             \
        return 709;                                                                                                    \
    }

CUresult cuInit(unsigned int flags) { return called("cuInit", "%u", flags); }

CUresult cuDriverGetVersion(int* version) {
    *version = 13000;
    return called("cuDriverGetVersion", "");
}

CUresult cuGetErrorName(CUresult error, const char** text) {
    switch (error) {
        case 1: *text = "CUDA_ERROR_INVALID_VALUE"; return 0;
        case 2: *text = "CUDA_ERROR_OUT_OF_MEMORY"; return 0;
        case 100: *text = "CUDA_ERROR_NO_DEVICE"; return 0;
        case 218: *text = "CUDA_ERROR_INVALID_PTX"; return 0;
        case 500: *text = "CUDA_ERROR_NOT_FOUND"; return 0;
        case 700: *text = "CUDA_ERROR_ILLEGAL_ADDRESS"; return 0;
        case 716: *text = "CUDA_ERROR_MISALIGNED_ADDRESS"; return 0;
        default: return 1;
    }
}

CUresult cuGetErrorString(CUresult error, const char** text) {
    *text = error == 2 ? "out of memory" : "it failed";
    return 0;
}

CUresult cuDeviceGetCount(int* count) {
    *count = device_count();
    return called("cuDeviceGetCount", "");
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
    *device = ordinal;
    return ordinal < device_count() ? called("cuDeviceGet", "%d", ordinal) : 101;
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
    snprintf(name, (size_t)length, "Fake GPU %d", device);
    return called("cuDeviceGetName", "%d", device);
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
    *bytes = (size_t)5 << 30;
    return called("cuDeviceTotalMem_v2", "%d", device);
}

CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice device) {
    (void)device;
    switch (attribute) {
        case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: *value = 9; break;
        case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: *value = 0; break;
        case CU_DEVICE_ATTRIBUTE_WARP_SIZE: *value = 32; break;
        case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X: *value = 2147483647; break;
        case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y: *value = 65535; break;
        case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: *value = 65535; break;
        case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: *value = 232448; break;
        default: *value = 1000 + attribute; break;
    }
    return called("cuDeviceGetAttribute", "%d", attribute);
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
    *context = &contexts[device];
    contexts[device].retained++;
    contexts[device].alive = 1;
    return called("cuDevicePrimaryCtxRetain", "%d", device);
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) {
    CALLED("cuDevicePrimaryCtxReset_v2", "%d", device);
    contexts[device].alive = 0;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    CALLED("cuDevicePrimaryCtxRelease_v2", "%d", device);
    return contexts[device].retained-- > 0 ? CUDA_SUCCESS : 201;
}

CUresult cuCtxGetCurrent(CUcontext* context) {
    *context = current;
    return CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext context) {
    current = context;
    return called("cuCtxSetCurrent", "%d", context ? context->device : -1);
}

CUresult cuCtxSynchronize(void) {
    WITH_CONTEXT("cuCtxSynchronize", "");
    return CUDA_SUCCESS;
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
    WITH_CONTEXT("cuMemGetInfo_v2", "");
    *free = (size_t)4 << 30;
    *total = (size_t)5 << 30;
    return CUDA_SUCCESS;
}

CUresult cuMemAlloc_v2(CUdeviceptr* pointer, size_t bytes) {
    WITH_CONTEXT("cuMemAlloc_v2", "%zu", bytes);
    if (bytes == 0) {
        return 1;
    }
    *pointer = (CUdeviceptr)(uintptr_t)malloc(bytes);
    return CUDA_SUCCESS;
}

CUresult cuMemFree_v2(CUdeviceptr pointer) {
    WITH_CONTEXT("cuMemFree_v2", "");
    free((void*)(uintptr_t)pointer);
    return CUDA_SUCCESS;
}

CUresult cuMemHostAlloc(void** pointer, size_t bytes, unsigned int flags) {
    WITH_CONTEXT("cuMemHostAlloc", "%zu %u", bytes, flags);
    *pointer = malloc(bytes);
    return CUDA_SUCCESS;
}

CUresult cuMemFreeHost(void* pointer) {
    WITH_CONTEXT("cuMemFreeHost", "");
    free(pointer);
    return CUDA_SUCCESS;
}

static CUresult copy(const char* name, uintptr_t destination, uintptr_t source, size_t bytes) {
    WITH_CONTEXT(name, "%zu", bytes);
    memcpy((void*)destination, (const void*)source, bytes);
    return CUDA_SUCCESS;
}

#define COPY(name, to, from, ...)                                                                                      \
    CUresult name(to destination, from source, size_t bytes __VA_OPT__(, ) __VA_ARGS__) {                              \
        return copy(#name, (uintptr_t)destination, (uintptr_t)source, bytes);                                          \
    }
COPY(cuMemcpy, CUdeviceptr, CUdeviceptr)
COPY(cuMemcpyAsync, CUdeviceptr, CUdeviceptr, CUstream stream)
COPY(cuMemcpyHtoD_v2, CUdeviceptr, const void*)
COPY(cuMemcpyDtoH_v2, void*, CUdeviceptr)
COPY(cuMemcpyDtoD_v2, CUdeviceptr, CUdeviceptr)
COPY(cuMemcpyHtoDAsync_v2, CUdeviceptr, const void*, CUstream stream)
COPY(cuMemcpyDtoHAsync_v2, void*, CUdeviceptr, CUstream stream)
COPY(cuMemcpyDtoDAsync_v2, CUdeviceptr, CUdeviceptr, CUstream stream)

#define FILL(name, type, ...)                                                                                          \
    CUresult name(CUdeviceptr destination, type value, size_t count __VA_OPT__(, ) __VA_ARGS__) {                      \
        WITH_CONTEXT(#name, "%u %zu", (unsigned)value, count);                                                         \
        for (size_t i = 0; i < count; i++) {                                                                           \
            ((type*)(uintptr_t)destination)[i] = value;                                                                \
        }                                                                                                              \
        return CUDA_SUCCESS;                                                                                           \
    }
FILL(cuMemsetD8_v2, unsigned char)
FILL(cuMemsetD8Async, unsigned char, CUstream stream)
FILL(cuMemsetD32_v2, unsigned int)
FILL(cuMemsetD32Async, unsigned int, CUstream stream)

CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned int count, int* options, void** values) {
    WITH_CONTEXT("cuModuleLoadDataEx", "%zu", strlen((const char*)image));
    if (strncmp((const char*)image, "ptx", 3) != 0 && !strstr((const char*)image, "\n.version ")) {
        for (unsigned i = 0; i + 1 < count; i++) {
            if (options[i] == CU_JIT_ERROR_LOG_BUFFER && options[i + 1] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES) {
                snprintf((char*)values[i], (size_t)values[i + 1], "line 1; fatal : Parsing error near '%.8s'\n",
                         (const char*)image);
            }
        }
        return CUDA_ERROR_INVALID_PTX;
    }
    *module = malloc(sizeof **module);
    return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule module) {
    WITH_CONTEXT("cuModuleUnload", "");
    free(module);
    return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
    (void)module;
    WITH_CONTEXT("cuModuleGetFunction", "%s", name);
    *function = &add;
    return strcmp(name, "add") == 0 ? CUDA_SUCCESS : 500;
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr* pointer, size_t* bytes, CUmodule module, const char* name) {
    (void)module;
    WITH_CONTEXT("cuModuleGetGlobal_v2", "%s", name);
    *pointer = (CUdeviceptr)(uintptr_t)&variable;
    *bytes = sizeof variable;
    return strcmp(name, "variable") == 0 ? CUDA_SUCCESS : 500;
}

CUresult cuFuncGetAttribute(int* value, int attribute, CUfunction function) {
    (void)function;
    WITH_CONTEXT("cuFuncGetAttribute", "%d", attribute);
    *value = 100 + attribute;
    return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction function, int attribute, int value) {
    WITH_CONTEXT("cuFuncSetAttribute", "%d %d", attribute, value);
    function->dynamicBytes = value;
    return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function, int size, size_t shared) {
    (void)function;
    WITH_CONTEXT("cuOccupancyMaxActiveBlocksPerMultiprocessor", "%d %zu", size, shared);
    *blocks = 2048 / size;
    return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
                        unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int shared,
                        CUstream stream, void** parameters, void** extra) {
    (void)stream;
    WITH_CONTEXT("cuLaunchKernel", "%u,%u,%u %u,%u,%u %u", gridX, gridY, gridZ, blockX, blockY, blockZ, shared);
    /* What a kernel may have without asking is 48 KiB, of which cuFuncGetAttribute says that it uses 101 bytes. */
    if (blockX > 1024 || ((int)shared > 49152 - 101 && (int)shared > function->dynamicBytes)) {
        return 1;
    }
    struct { uint32_t* x; uint32_t n; uint32_t by; } arguments;
    if (extra) {
        if (extra[0] != CU_LAUNCH_PARAM_BUFFER_POINTER || extra[2] != CU_LAUNCH_PARAM_BUFFER_SIZE ||
            extra[4] != CU_LAUNCH_PARAM_END || *(size_t*)extra[3] != sizeof arguments) {
            return 1;
        }
        memcpy(&arguments, extra[1], sizeof arguments);
    } else {
        memcpy(&arguments.x, parameters[0], sizeof arguments.x);
        memcpy(&arguments.n, parameters[1], sizeof arguments.n);
        memcpy(&arguments.by, parameters[2], sizeof arguments.by);
    }
    for (uint32_t i = 0; i < arguments.n; i++) {
        arguments.x[i] += arguments.by;
    }
    return CUDA_SUCCESS;
}

CUresult cuLaunchHostFunc(CUstream stream, CUhostFn function, void* data) {
    (void)stream;
    WITH_CONTEXT("cuLaunchHostFunc", "");
    function(data);
    return CUDA_SUCCESS;
}

CUresult cuStreamCreate(CUstream* stream, unsigned int flags) {
    WITH_CONTEXT("cuStreamCreate", "%u", flags);
    *stream = malloc(sizeof **stream);
    return CUDA_SUCCESS;
}

CUresult cuStreamDestroy_v2(CUstream stream) {
    CALLED("cuStreamDestroy_v2", "");
    free(stream);
    return CUDA_SUCCESS;
}

CUresult cuStreamSynchronize(CUstream stream) {
    (void)stream;
    WITH_CONTEXT("cuStreamSynchronize", "");
    return CUDA_SUCCESS;
}

CUresult cuStreamQuery(CUstream stream) {
    (void)stream;
    WITH_CONTEXT("cuStreamQuery", "");
    return CUDA_SUCCESS;
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned int flags) {
    (void)stream;
    (void)event;
    WITH_CONTEXT("cuStreamWaitEvent", "%u", flags);
    return CUDA_SUCCESS;
}

CUresult cuEventCreate(CUevent* event, unsigned int flags) {
    WITH_CONTEXT("cuEventCreate", "%u", flags);
    *event = calloc(1, sizeof **event);
    return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
    (void)stream;
    WITH_CONTEXT("cuEventRecord", "");
    event->recorded = 1;
    return CUDA_SUCCESS;
}

CUresult cuEventQuery(CUevent event) {
    WITH_CONTEXT("cuEventQuery", "");
    return event->recorded ? CUDA_SUCCESS : 600;
}

CUresult cuEventSynchronize(CUevent event) {
    (void)event;
    WITH_CONTEXT("cuEventSynchronize", "");
    return CUDA_SUCCESS;
}

CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent stop) {
    WITH_CONTEXT("cuEventElapsedTime", "");
    *milliseconds = 2.5f;
    return start->recorded && stop->recorded ? CUDA_SUCCESS : 400;
}

CUresult cuEventDestroy_v2(CUevent event) {
    CALLED("cuEventDestroy_v2", "");
    free(event);
    return CUDA_SUCCESS;
}
