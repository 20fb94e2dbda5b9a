/* A HIP program over the stand-in driver: graphs, capture, pools and memory of other processes. The log of the driver's
 * calls tells what arrived; this prints a line for each wrong answer, then "done". */
#include "../../../native/hip_abi/hip_optional.h"

#include <stdio.h>
#include <string.h>

static void is(hipError_t expected, hipError_t actual, const char* what) {
    if (actual != expected) {
        printf("WRONG %s: %s, expected %s: %s\n", what, hipGetErrorName(actual), hipGetErrorName(expected),
               hipGetErrorString(actual));
    }
    hipGetLastError();
}

#define OK(call) is(hipSuccess, call, #call)
#define REFUSED(code, call) is(code, call, #call)
#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("WRONG %s\n", #condition);                                                                          \
        }                                                                                                              \
    } while (0)

static void host(void* data) { (void)data; }

static void nodes(void) {
    static char memory[4096];
    hipModule_t module = NULL;
    hipFunction_t add = NULL;
    hipGraph_t graph = NULL;
    hipGraphNode_t fill = NULL, kernel = NULL, copy = NULL, other = NULL, listed[4];
    OK(hipModuleLoadData(&module, "ptx"));
    OK(hipModuleGetFunction(&add, module, "add"));
    REFUSED(hipErrorInvalidValue, hipGraphCreate(NULL, 0));
    REFUSED(hipErrorInvalidValue, hipGraphCreate(&graph, 1));
    OK(hipGraphCreate(&graph, 0));

    const hipMemsetParams fillParams = {memory, 4, 3, 512, 7, 100};
    OK(hipGraphAddMemsetNode(&fill, graph, NULL, 0, &fillParams));
    hipMemsetParams fillGot;
    OK(hipGraphMemsetNodeGetParams(fill, &fillGot));
    EXPECT(fillGot.dst == memory && fillGot.elementSize == 4 && fillGot.height == 3 && fillGot.pitch == 512 &&
           fillGot.value == 7 && fillGot.width == 100);

    void* arguments[] = {NULL};
    const hipKernelNodeParams kernelParams = {{32, 2, 1}, NULL, (void*)add, {4, 5, 6}, arguments, 64};
    OK(hipGraphAddKernelNode(&kernel, graph, &fill, 1, &kernelParams));
    hipKernelNodeParams kernelGot;
    OK(hipGraphKernelNodeGetParams(kernel, &kernelGot));
    EXPECT(kernelGot.func == (void*)add && kernelGot.gridDim.z == 6 && kernelGot.blockDim.y == 2 &&
           kernelGot.sharedMemBytes == 64 && kernelGot.kernelParams == arguments);
    hipKernelNodeParams stranger = kernelParams;
    stranger.func = memory;
    REFUSED(hipErrorInvalidHandle, hipGraphAddKernelNode(&other, graph, NULL, 0, &stranger));
    REFUSED(hipErrorInvalidValue, hipGraphAddKernelNode(&other, graph, NULL, 0, NULL));
    REFUSED(hipErrorInvalidValue, hipGraphAddKernelNode(&other, graph, NULL, 2, &kernelParams));
    hipGraphNode_t bad[] = {(hipGraphNode_t)memory};
    REFUSED(hipErrorInvalidValue, hipGraphAddKernelNode(&other, graph, bad, 1, &kernelParams));

    hipGraphNode_t both[] = {fill, kernel};
    OK(hipGraphAddMemcpyNode1D(&copy, graph, both, 2, memory, memory + 2048, 400, hipMemcpyDeviceToHost));
    const hipMemcpy3DParms copyParams = {NULL, {1, 2, 3}, {memory, 64, 64, 8}, NULL, {4, 5, 6}, {memory, 128, 128, 9},
                                         {10, 11, 12}, hipMemcpyDefault};
    OK(hipGraphAddMemcpyNode(&other, graph, NULL, 0, &copyParams));
    hipMemcpy3DParms copyGot;
    OK(hipGraphMemcpyNodeGetParams(other, &copyGot));
    EXPECT(copyGot.srcPtr.ptr == memory && copyGot.srcPtr.pitch == 64 && copyGot.dstPtr.pitch == 128 &&
           copyGot.dstPtr.ysize == 9 && copyGot.extent.depth == 12 && copyGot.dstPos.z == 6);
    hipMemcpy3DParms array = copyParams;
    array.srcArray = (hipArray_t)memory;
    REFUSED(hipErrorNotSupported, hipGraphAddMemcpyNode(&other, graph, NULL, 0, &array));

    const hipHostNodeParams hostParams = {host, NULL}, none = {NULL, NULL};
    OK(hipGraphAddHostNode(&other, graph, NULL, 0, &hostParams));
    REFUSED(hipErrorInvalidValue, hipGraphAddHostNode(&other, graph, NULL, 0, &none));
    hipEvent_t event = NULL, eventGot = NULL;
    OK(hipEventCreate(&event));
    OK(hipGraphAddEventRecordNode(&other, graph, NULL, 0, event));
    OK(hipGraphEventRecordNodeGetEvent(other, &eventGot));
    EXPECT(eventGot == event);
    REFUSED(hipErrorInvalidHandle, hipGraphEventRecordNodeSetEvent(other, NULL));

    size_t count = 4;
    hipGraphNodeType type;
    OK(hipGraphGetNodes(graph, listed, &count));
    EXPECT(count == 5 && listed[0] == fill && listed[1] == kernel);
    OK(hipGraphNodeGetType(listed[1], &type));
    EXPECT(type == hipGraphNodeTypeKernel);

    hipGraph_t inner = NULL, child = NULL;
    hipGraphNode_t childNode = NULL;
    OK(hipGraphCreate(&inner, 0));
    OK(hipGraphAddChildGraphNode(&childNode, graph, NULL, 0, inner));
    OK(hipGraphChildGraphNodeGetGraph(childNode, &child));
    REFUSED(hipErrorInvalidValue, hipGraphDestroy(child));
    OK(hipGraphDestroy(inner));
    REFUSED(hipErrorInvalidValue, hipGraphAddChildGraphNode(&childNode, graph, NULL, 0, inner));

    hipGraphExec_t exec = NULL;
    REFUSED(hipErrorInvalidValue, hipGraphInstantiateWithFlags(&exec, graph, 4));
    OK(hipGraphInstantiate(&exec, graph, NULL, NULL, 0));
    OK(hipGraphLaunch(exec, NULL));
    OK(hipGraphExecKernelNodeSetParams(exec, kernel, &kernelParams));
    OK(hipGraphNodeSetEnabled(exec, kernel, 0));
    hipGraphExecUpdateResult result;
    hipGraphNode_t why;
    REFUSED(hipErrorGraphExecUpdateFailure, hipGraphExecUpdate(exec, graph, &why, &result));
    EXPECT(result == hipGraphExecUpdateErrorTopologyChanged && why == fill);
    OK(hipGraphDestroy(graph));
    REFUSED(hipErrorInvalidValue, hipGraphDestroy(graph));
    REFUSED(hipErrorInvalidValue, hipGraphNodeGetType(kernel, &type));
    REFUSED(hipErrorInvalidValue, hipGraphNodeGetType(childNode, &type));
    REFUSED(hipErrorInvalidValue, hipGraphGetNodes(child, NULL, &count));
    OK(hipGraphExecDestroy(exec));
    REFUSED(hipErrorInvalidValue, hipGraphLaunch(exec, NULL));
    REFUSED(hipErrorInvalidValue, hipGraphExecDestroy(exec));
}

static void captures(void) {
    hipStream_t stream = NULL;
    hipGraph_t graph = NULL;
    hipStreamCaptureStatus status;
    OK(hipStreamCreate(&stream));
    REFUSED(hipErrorInvalidValue, hipStreamBeginCapture(stream, (hipStreamCaptureMode)3));
    OK(hipStreamBeginCapture(stream, hipStreamCaptureModeGlobal));
    OK(hipStreamIsCapturing(stream, &status));
    OK(hipStreamGetCaptureInfo(stream, &status, NULL));
    REFUSED(hipErrorInvalidValue, hipStreamEndCapture(stream, NULL));
    OK(hipStreamEndCapture(stream, &graph));
    OK(hipGraphDestroy(graph));
    REFUSED(hipErrorInvalidHandle, hipStreamBeginCapture((hipStream_t)&graph, hipStreamCaptureModeGlobal));
    OK(hipStreamDestroy(stream));
}

static void pools(void) {
    hipMemPool_t own = NULL, fallback = NULL;
    void* memory = NULL;
    uint64_t bytes = 0;
    const hipMemPoolProps properties = {hipMemAllocationTypePinned, hipMemHandleTypeNone, {hipMemLocationTypeDevice, 0},
                                        NULL, 8192, {0}};
    OK(hipMallocAsync(&memory, 64, NULL));
    OK(hipFreeAsync(memory, NULL));
    OK(hipFreeAsync(NULL, NULL));
    OK(hipMallocAsync(&memory, 0, NULL));
    EXPECT(memory == NULL);
    REFUSED(hipErrorInvalidValue, hipMallocAsync(NULL, 64, NULL));
    OK(hipDeviceGetDefaultMemPool(&fallback, 0));
    REFUSED(hipErrorInvalidDevice, hipDeviceGetDefaultMemPool(&own, 7));
    REFUSED(hipErrorInvalidValue, hipMemPoolDestroy(fallback));
    REFUSED(hipErrorInvalidValue, hipMemPoolCreate(&own, NULL));
    OK(hipMemPoolCreate(&own, &properties));
    bytes = 1 << 30;
    OK(hipMemPoolSetAttribute(own, hipMemPoolAttrReleaseThreshold, &bytes));
    bytes = 0;
    OK(hipMemPoolGetAttribute(own, hipMemPoolAttrReleaseThreshold, &bytes));
    EXPECT(bytes == 1 << 30);
    OK(hipDeviceSetMemPool(0, own));
    OK(hipMallocFromPoolAsync(&memory, 16, own, NULL));
    OK(hipMemPoolDestroy(own));
    REFUSED(hipErrorInvalidValue, hipMemPoolDestroy(own));
    REFUSED(hipErrorInvalidValue, hipMemPoolTrimTo(own, 0));
}

static void others(void) {
    hipIpcMemHandle_t handle = {{0}};
    void* memory = NULL;
    int least = 0, greatest = 0;
    hipStream_t stream = NULL;
    handle.reserved[0] = 11;
    handle.reserved[63] = 22;
    REFUSED(hipErrorInvalidValue, hipIpcOpenMemHandle(&memory, handle, 0));
    OK(hipIpcOpenMemHandle(&memory, handle, hipIpcMemLazyEnablePeerAccess));
    EXPECT(memory == (void*)4096);
    OK(hipIpcCloseMemHandle(memory));
    REFUSED(hipErrorInvalidValue, hipIpcGetMemHandle(&handle, NULL));
    OK(hipDeviceGetStreamPriorityRange(&least, &greatest));
    OK(hipStreamCreateWithPriority(&stream, hipStreamNonBlocking, -3));
    REFUSED(hipErrorInvalidValue, hipHostGetDevicePointer(&memory, NULL, 0));
    REFUSED(hipErrorInvalidDevice, hipMemcpyPeerAsync(memory, 0, memory, 9, 16, stream));
    OK(hipMemcpyPeerAsync(memory, 0, memory, 0, 16, stream));
    OK(hipStreamDestroy(stream));
}

int main(void) {
    nodes();
    captures();
    pools();
    others();
    puts("done");
    return 0;
}
