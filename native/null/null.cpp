// A HIP device that does nothing: memory is the host's, copies are memcpy, kernels of any code object are accepted and not
// run, and every operation has happened when its call returns. What a program takes on it is what the host takes.
#define SOMA_HIP_PROVIDER 1
#include "../hip_abi/hip_optional.h"

#include "../hip_abi/device_properties.h"
#include "../hip_abi/error_names.h"

#include <chrono>
#include <cstdlib>
#include <cstring>

namespace {

constexpr size_t kMemoryBytes = size_t(16) << 30;
constexpr const char* kTarget = "gfx1100";

struct Event {
    std::chrono::steady_clock::time_point time{};
};

/// Modules, kernels and streams are told apart by nobody.
template <typename Handle>
Handle anything() {
    static char place;
    return reinterpret_cast<Handle>(&place);
}

Event* of(hipEvent_t event) { return reinterpret_cast<Event*>(event); }

hipError_t copy(void* to, const void* from, size_t size) {
    std::memcpy(to, from, size);
    return hipSuccess;
}

}  // namespace

hipError_t hipRuntimeGetVersion(int* version) {
    *version = 70000000;
    return hipSuccess;
}

hipError_t hipGetDeviceCount(int* count) {
    *count = 1;
    return hipSuccess;
}

hipError_t hipSetDevice(int device) { return device == 0 ? hipSuccess : hipErrorInvalidDevice; }

hipError_t hipDeviceGetName(char* name, int length, hipDevice_t) {
    std::strncpy(name, "null device", static_cast<size_t>(length));
    return hipSuccess;
}

hipError_t hipDeviceGetAttribute(int* value, hipDeviceAttribute_t attribute, int) {
    switch (attribute) {
        case hipDeviceAttributeWarpSize:
            *value = 32;
            break;
        case hipDeviceAttributeMaxThreadsPerBlock:
        case hipDeviceAttributeMaxBlockDimX:
        case hipDeviceAttributeMaxBlockDimY:
        case hipDeviceAttributeMaxBlockDimZ:
            *value = 1024;
            break;
        case hipDeviceAttributeMaxGridDimX:
            *value = 2147483647;
            break;
        default:
            *value = 65536;
            break;
    }
    return hipSuccess;
}

hipError_t hipGetDevicePropertiesR0600(hipDeviceProp_tR0600* properties, int) {
    std::memset(properties, 0, sizeof *properties);
    std::strcpy(reinterpret_cast<char*>(properties) + soma::hip::kPropertiesR0600.gcnArchName, kTarget);
    return hipSuccess;
}

hipError_t hipMemGetInfo(size_t* free, size_t* total) {
    *free = kMemoryBytes;
    *total = kMemoryBytes;
    return hipSuccess;
}

hipError_t hipMalloc(void** pointer, size_t size) {
    *pointer = size > kMemoryBytes ? nullptr : std::malloc(size);
    return *pointer ? hipSuccess : hipErrorOutOfMemory;
}

hipError_t hipFree(void* pointer) {
    std::free(pointer);
    return hipSuccess;
}

hipError_t hipMemcpyHtoDAsync(hipDeviceptr_t to, void* from, size_t size, hipStream_t) { return copy(to, from, size); }

hipError_t hipMemcpyDtoHAsync(void* to, hipDeviceptr_t from, size_t size, hipStream_t) { return copy(to, from, size); }

hipError_t hipMemcpyDtoDAsync(hipDeviceptr_t to, hipDeviceptr_t from, size_t size, hipStream_t) {
    std::memmove(to, from, size);
    return hipSuccess;
}

hipError_t hipMemsetAsync(void* to, int value, size_t size, hipStream_t) {
    std::memset(to, value, size);
    return hipSuccess;
}

hipError_t hipModuleLoadData(hipModule_t* module, const void*) {
    *module = anything<hipModule_t>();
    return hipSuccess;
}

hipError_t hipModuleUnload(hipModule_t) { return hipSuccess; }

hipError_t hipModuleGetFunction(hipFunction_t* function, hipModule_t, const char*) {
    *function = anything<hipFunction_t>();
    return hipSuccess;
}

hipError_t hipModuleGetGlobal(hipDeviceptr_t*, size_t*, hipModule_t, const char*) { return hipErrorNotFound; }

hipError_t hipFuncGetAttribute(int* value, hipFunction_attribute attribute, hipFunction_t) {
    *value = attribute == HIP_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK ? 1024 : 0;
    return hipSuccess;
}

hipError_t hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, hipFunction_t, int, size_t) {
    *blocks = 1;
    return hipSuccess;
}

hipError_t hipModuleLaunchKernel(hipFunction_t, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                                 hipStream_t, void**, void**) {
    return hipSuccess;
}

hipError_t hipModuleLaunchCooperativeKernel(hipFunction_t, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                                            unsigned, hipStream_t, void**) {
    return hipSuccess;
}

hipError_t hipGraphCreate(hipGraph_t* graph, unsigned int) {
    *graph = anything<hipGraph_t>();
    return hipSuccess;
}

hipError_t hipGraphDestroy(hipGraph_t) { return hipSuccess; }

hipError_t hipGraphAddKernelNode(hipGraphNode_t* node, hipGraph_t, const hipGraphNode_t*, size_t,
                                 const hipKernelNodeParams*) {
    *node = anything<hipGraphNode_t>();
    return hipSuccess;
}

hipError_t hipGraphAddMemcpyNode1D(hipGraphNode_t* node, hipGraph_t, const hipGraphNode_t*, size_t, void*, const void*,
                                   size_t, hipMemcpyKind) {
    *node = anything<hipGraphNode_t>();
    return hipSuccess;
}

hipError_t hipGraphInstantiate(hipGraphExec_t* exec, hipGraph_t, hipGraphNode_t*, char*, size_t) {
    *exec = anything<hipGraphExec_t>();
    return hipSuccess;
}

hipError_t hipGraphLaunch(hipGraphExec_t, hipStream_t) { return hipSuccess; }

hipError_t hipGraphExecDestroy(hipGraphExec_t) { return hipSuccess; }

hipError_t hipGraphExecKernelNodeSetParams(hipGraphExec_t, hipGraphNode_t, const hipKernelNodeParams*) {
    return hipSuccess;
}

hipError_t hipGraphExecMemcpyNodeSetParams1D(hipGraphExec_t, hipGraphNode_t, void*, const void*, size_t,
                                             hipMemcpyKind) {
    return hipSuccess;
}

hipError_t hipStreamCreateWithFlags(hipStream_t* stream, unsigned int) {
    *stream = anything<hipStream_t>();
    return hipSuccess;
}

hipError_t hipDeviceGetStreamPriorityRange(int* least, int* greatest) {
    *least = 1;
    *greatest = -1;
    return hipSuccess;
}

hipError_t hipStreamCreateWithPriority(hipStream_t* stream, unsigned int flags, int) {
    return hipStreamCreateWithFlags(stream, flags);
}

hipError_t hipStreamDestroy(hipStream_t) { return hipSuccess; }

hipError_t hipStreamSynchronize(hipStream_t) { return hipSuccess; }

hipError_t hipStreamWaitEvent(hipStream_t, hipEvent_t, unsigned int) { return hipSuccess; }

hipError_t hipEventCreateWithFlags(hipEvent_t* event, unsigned int) {
    *event = reinterpret_cast<hipEvent_t>(new Event);
    return hipSuccess;
}

hipError_t hipEventRecord(hipEvent_t event, hipStream_t) {
    of(event)->time = std::chrono::steady_clock::now();
    return hipSuccess;
}

hipError_t hipEventQuery(hipEvent_t) { return hipSuccess; }

hipError_t hipEventSynchronize(hipEvent_t) { return hipSuccess; }

hipError_t hipEventElapsedTime(float* milliseconds, hipEvent_t start, hipEvent_t stop) {
    *milliseconds = std::chrono::duration<float, std::milli>(of(stop)->time - of(start)->time).count();
    return hipSuccess;
}

hipError_t hipEventDestroy(hipEvent_t event) {
    delete of(event);
    return hipSuccess;
}

hipError_t hipHostMalloc(void** pointer, size_t size, unsigned int) { return hipMalloc(pointer, size); }

hipError_t hipHostFree(void* pointer) { return hipFree(pointer); }

hipError_t hipHostGetDevicePointer(void** devicePointer, void* hostPointer, unsigned int) {
    *devicePointer = hostPointer;
    return hipSuccess;
}

hipError_t hipGetLastError(void) { return hipSuccess; }

const char* hipGetErrorName(hipError_t error) { return soma::hip::errorName(error); }

const char* hipGetErrorString(hipError_t error) { return soma::hip::errorText(error); }
