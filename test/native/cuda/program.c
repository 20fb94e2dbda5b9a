/* A HIP program linked against libsoma_cuda.so, over the stand-in driver: what each function does, and what it refuses.
 * Prints a line for each wrong answer, then "done". */
#include "../../../native/hip_abi/hip_abi.h"
#include "../../../native/hip_abi/hip_optional.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 64u

static void is(hipError_t expected, hipError_t actual, const char* what) {
    if (actual != expected) {
        printf("WRONG %s: %s, expected %s: %s\n", what, hipGetErrorName(actual), hipGetErrorName(expected),
               hipGetErrorString(actual));
    }
    hipGetLastError();
}

#define OK(call) is(hipSuccess, call, #call)
#define REFUSED(code, call) is(code, call, #call)

static void expect(int condition, const char* what) {
    if (!condition) {
        printf("WRONG %s\n", what);
    }
}
#define EXPECT(condition) expect(condition, #condition)

static void count(void* data) { ++*(int*)data; }
static void callback(hipStream_t stream, hipError_t status, void* data) {
    *(int*)data += stream && status == hipSuccess ? 10 : 0;
}

static void devices(void) {
    int number = 0;
    size_t bytes = 0;
    char name[16];
    OK(hipInit(0));
    REFUSED(hipErrorInvalidValue, hipInit(1));
    OK(hipGetDeviceCount(&number));
    EXPECT(number == 2);
    REFUSED(hipErrorInvalidValue, hipGetDeviceCount(NULL));
    REFUSED(hipErrorInvalidDevice, hipSetDevice(2));
    REFUSED(hipErrorInvalidDevice, hipSetDevice(-1));
    OK(hipSetDevice(1));
    OK(hipGetDevice(&number));
    EXPECT(number == 1);
    OK(hipSetDevice(0));
    OK(hipDeviceGetName(name, sizeof name, 1));
    EXPECT(strcmp(name, "Fake GPU 1") == 0);
    REFUSED(hipErrorInvalidValue, hipDeviceGetName(NULL, 4, 0));
    OK(hipDeviceGetAttribute(&number, hipDeviceAttributeWarpSize, 0));
    EXPECT(number == 32);
    REFUSED(hipErrorInvalidValue, hipDeviceGetAttribute(&number, (hipDeviceAttribute_t)9999, 0));
    REFUSED(hipErrorInvalidValue, hipDeviceGetAttribute(NULL, hipDeviceAttributeWarpSize, 0));
    OK(hipDeviceTotalMem(&bytes, 0));
    EXPECT(bytes == (size_t)5 << 30);
    OK(hipRuntimeGetVersion(&number));
    EXPECT(number == 60000000);
    OK(hipDriverGetVersion(&number));
    EXPECT(number == 13000);
    REFUSED(hipErrorInvalidValue, hipGetDevicePropertiesR0600(NULL, 0));
}

static void memory(void) {
    void* pointer = NULL;
    void* host = NULL;
    unsigned values[4] = {1, 2, 3, 4};
    OK(hipMalloc(&pointer, 0));
    EXPECT(pointer == NULL);
    OK(hipFree(NULL));
    REFUSED(hipErrorInvalidValue, hipMalloc(NULL, 4));
    OK(hipMalloc(&pointer, sizeof values));
    OK(hipMemcpy(pointer, values, sizeof values, hipMemcpyHostToDevice));
    OK(hipMemsetD32(pointer, 7, 2));
    OK(hipMemset((char*)pointer + 8, 255, 4));
    OK(hipMemcpyDtoH(values, pointer, sizeof values));
    EXPECT(values[0] == 7 && values[1] == 7 && values[2] == 0xffffffffu && values[3] == 4);
    REFUSED(hipErrorInvalidMemcpyDirection, hipMemcpy(pointer, values, 4, (hipMemcpyKind)5));
    REFUSED(hipErrorInvalidValue, hipMemcpyHtoD(NULL, values, 4));
    OK(hipMemcpyHtoD(NULL, values, 0));
    REFUSED(hipErrorInvalidHandle, hipMemcpyHtoDAsync(pointer, values, 4, (hipStream_t)values));
    OK(hipHostMalloc(&host, 64, hipHostMallocDefault));
    REFUSED(hipErrorInvalidValue, hipHostMalloc(&host, 64, 99));
    OK(hipHostFree(host));
    OK(hipFree(pointer));
}

static void streamsAndEvents(void) {
    hipStream_t stream = NULL;
    hipEvent_t start = NULL;
    hipEvent_t stop = NULL;
    float milliseconds = 0;
    int counted = 0;
    REFUSED(hipErrorInvalidValue, hipStreamCreateWithFlags(&stream, 8));
    REFUSED(hipErrorInvalidValue, hipStreamCreate(NULL));
    OK(hipStreamCreateWithFlags(&stream, hipStreamNonBlocking));
    OK(hipStreamQuery(stream));
    OK(hipLaunchHostFunc(stream, count, &counted));
    OK(hipStreamAddCallback(stream, callback, &counted, 0));
    EXPECT(counted == 11);
    REFUSED(hipErrorInvalidValue, hipLaunchHostFunc(stream, NULL, NULL));
    REFUSED(hipErrorInvalidValue, hipStreamAddCallback(stream, callback, NULL, 1));
    REFUSED(hipErrorInvalidValue, hipEventCreateWithFlags(&start, 64));
    OK(hipEventCreate(&start));
    OK(hipEventCreate(&stop));
    REFUSED(hipErrorNotReady, hipEventQuery(start));
    EXPECT(hipPeekAtLastError() == hipSuccess);
    OK(hipEventRecord(start, stream));
    OK(hipEventRecord(stop, NULL));
    OK(hipStreamWaitEvent(NULL, stop, 0));
    REFUSED(hipErrorInvalidValue, hipStreamWaitEvent(NULL, stop, 1));
    REFUSED(hipErrorInvalidHandle, hipStreamWaitEvent(NULL, NULL, 0));
    OK(hipEventSynchronize(stop));
    OK(hipEventElapsedTime(&milliseconds, start, stop));
    EXPECT(milliseconds == 2.5f);
    REFUSED(hipErrorInvalidValue, hipEventElapsedTime(NULL, start, stop));
    REFUSED(hipErrorInvalidHandle, hipEventElapsedTime(&milliseconds, NULL, stop));
    OK(hipEventDestroy(start));
    REFUSED(hipErrorInvalidHandle, hipEventDestroy(start));
    REFUSED(hipErrorInvalidHandle, hipEventRecord(start, stream));
    OK(hipStreamDestroy(stream));
    REFUSED(hipErrorInvalidHandle, hipStreamDestroy(stream));
    REFUSED(hipErrorInvalidHandle, hipStreamDestroy(NULL));
    REFUSED(hipErrorInvalidHandle, hipStreamSynchronize(stream));
    OK(hipDeviceSynchronize());
}

static void modules(void) {
    unsigned char amd[64] = {0x7f, 'E', 'L', 'F'};
    hipModule_t module = NULL;
    hipFunction_t add = NULL;
    hipDeviceptr_t variable = NULL;
    size_t bytes = 0;
    int value = 0;
    amd[18] = 224;
    REFUSED(hipErrorInvalidValue, hipModuleLoadData(&module, NULL));
    REFUSED(hipErrorInvalidValue, hipModuleLoadData(NULL, "ptx"));
    REFUSED(hipErrorNoBinaryForGpu, hipModuleLoadData(&module, amd));
    REFUSED(hipErrorNoBinaryForGpu, hipModuleLoadData(&module, "__CLANG_OFFLOAD_BUNDLE__"));
    REFUSED(hipErrorInvalidImage, hipModuleLoadData(&module, "no code"));
    REFUSED(hipErrorFileNotFound, hipModuleLoad(&module, "/nonexistent/file"));
    REFUSED(hipErrorInvalidValue, hipModuleLoadDataEx(&module, "ptx", 1, &value, NULL));
    OK(hipModuleLoadDataEx(&module, "ptx", 0, NULL, NULL));
    REFUSED(hipErrorNotFound, hipModuleGetFunction(&add, module, "sub"));
    REFUSED(hipErrorInvalidValue, hipModuleGetFunction(NULL, module, "add"));
    REFUSED(hipErrorInvalidHandle, hipModuleGetFunction(&add, NULL, "add"));
    OK(hipModuleGetFunction(&add, module, "add"));
    REFUSED(hipErrorNotFound, hipModuleGetGlobal(&variable, &bytes, module, "constant"));
    OK(hipModuleGetGlobal(&variable, &bytes, module, "variable"));
    EXPECT(bytes == 4 && *(unsigned*)variable == 17);
    OK(hipFuncGetAttribute(&value, HIP_FUNC_ATTRIBUTE_NUM_REGS, add));
    EXPECT(value == 104);
    REFUSED(hipErrorInvalidValue, hipFuncGetAttribute(&value, (hipFunction_attribute)77, add));
    OK(hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(&value, add, 256, 0));
    EXPECT(value == 8);
    REFUSED(hipErrorInvalidValue, hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(&value, add, 0, 0));

    unsigned values[COUNT] = {0};
    struct { void* x; unsigned n; unsigned by; } arguments = {values, COUNT, 3};
    size_t size = sizeof arguments;
    void* extra[] = {HIP_LAUNCH_PARAM_BUFFER_POINTER, &arguments, HIP_LAUNCH_PARAM_BUFFER_SIZE, &size,
                     HIP_LAUNCH_PARAM_END};
    void* pieces[] = {&arguments.x, &arguments.n, &arguments.by};
    OK(hipModuleLaunchKernel(add, 1, 1, 1, 64, 1, 1, 0, NULL, NULL, extra));
    OK(hipModuleLaunchKernel(add, 1, 1, 1, 64, 1, 1, 0, NULL, pieces, NULL));
    EXPECT(values[0] == 6 && values[COUNT - 1] == 6);
    OK(hipModuleLaunchKernel(add, 1, 1, 1, 64, 1, 1, 100000, NULL, NULL, extra));
    void* unknown[] = {(void*)9, &arguments, HIP_LAUNCH_PARAM_END};
    void* lacking[] = {HIP_LAUNCH_PARAM_BUFFER_POINTER, &arguments, HIP_LAUNCH_PARAM_END};
    REFUSED(hipErrorInvalidValue, hipModuleLaunchKernel(add, 1, 1, 1, 64, 1, 1, 0, NULL, NULL, unknown));
    REFUSED(hipErrorInvalidValue, hipModuleLaunchKernel(add, 1, 1, 1, 64, 1, 1, 0, NULL, NULL, lacking));
    REFUSED(hipErrorInvalidValue, hipModuleLaunchKernel(add, 1, 1, 1, 64, 1, 1, 0, NULL, pieces, extra));
    REFUSED(hipErrorInvalidConfiguration, hipModuleLaunchKernel(add, 1, 0, 1, 64, 1, 1, 0, NULL, NULL, extra));
    REFUSED(hipErrorInvalidHandle, hipModuleLaunchKernel(NULL, 1, 1, 1, 64, 1, 1, 0, NULL, NULL, extra));
    REFUSED(hipErrorInvalidValue, hipModuleLaunchKernel(add, 1, 1, 1, 2048, 1, 1, 0, NULL, NULL, extra));
    REFUSED(hipErrorLaunchOutOfResources,
            hipModuleLaunchKernel(add, 1, 1, 1, 64, 1, 1, 0xffffffffu, NULL, NULL, extra));

    OK(hipModuleUnload(module));
    REFUSED(hipErrorInvalidHandle, hipModuleUnload(module));
    REFUSED(hipErrorInvalidHandle, hipModuleLaunchKernel(add, 1, 1, 1, 64, 1, 1, 0, NULL, NULL, extra));
}

/* What is on a device is gone after its reset; what is on another is not, and the device is usable again. */
static void reset(void) {
    hipModule_t module;
    hipFunction_t add;
    hipStream_t stream, other;
    hipEvent_t event;
    void* memory;
    OK(hipSetDevice(1));
    OK(hipStreamCreate(&other));
    OK(hipSetDevice(0));
    OK(hipModuleLoadData(&module, "ptx"));
    OK(hipModuleGetFunction(&add, module, "add"));
    OK(hipStreamCreate(&stream));
    OK(hipEventCreate(&event));
    OK(hipDeviceReset());
    REFUSED(hipErrorInvalidHandle, hipStreamSynchronize(stream));
    REFUSED(hipErrorInvalidHandle, hipEventQuery(event));
    REFUSED(hipErrorInvalidHandle, hipModuleUnload(module));
    REFUSED(hipErrorInvalidHandle, hipModuleLaunchKernel(add, 1, 1, 1, 64, 1, 1, 0, NULL, NULL, NULL));
    OK(hipMalloc(&memory, 16));
    OK(hipFree(memory));
    OK(hipModuleLoadData(&module, "ptx"));
    OK(hipModuleUnload(module));
    OK(hipDeviceReset());
    OK(hipDeviceReset());
    OK(hipSetDevice(1));
    OK(hipStreamSynchronize(other));
    OK(hipStreamDestroy(other));
    OK(hipSetDevice(0));
}

int main(void) {
    devices();
    memory();
    streamsAndEvents();
    modules();
    reset();
    puts("done");
    return 0;
}
