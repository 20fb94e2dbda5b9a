/* A C program for HIP's graphs, stream capture and memory pools, over any device of Soma's; what it prints is as in
 * program.c. Its argument is a code object with the kernel add(uint32_t* x, uint32_t count, uint32_t step), which is to be
 * launched in four workgroups of 256. */
#include "../../../native/hip_abi/hip_abi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 1000u

static void expect(const char* what, int error, int wanted) {
    printf("%s %s: %s\n", error == wanted ? "ok" : "WRONG", what, hipGetErrorName((hipError_t)error));
}

static void check(const char* what, int error) {
    if (error != hipSuccess) {
        printf("WRONG %s: %s: %s\n", what, hipGetErrorName((hipError_t)error),
               hipGetErrorString((hipError_t)error));
        exit(1);
    }
}

static void same(const char* what, unsigned long long got, unsigned long long wanted) {
    printf("%s %s: %llu\n", got == wanted ? "ok" : "WRONG", what, got);
}

static hipFunction_t add;
static unsigned* device;
static unsigned values[COUNT];

/* All of `values` are `wanted`. */
static void all(const char* what, unsigned wanted) {
    for (unsigned i = 0; i < COUNT; i++) {
        if (values[i] != wanted) {
            printf("WRONG %s: element %u is %u\n", what, i, values[i]);
            return;
        }
    }
    printf("ok %s\n", what);
}

static void note(void* counter) { *(int*)counter += 1; }

static void explicitNodes(hipStream_t stream) {
    hipGraph_t graph;
    hipGraphNode_t fill, kernel, second, copy, host, empty;
    unsigned count = COUNT, step = 3;
    int notes = 0;
    void* arguments[] = {&device, &count, &step};
    hipMemsetParams fillParams = {device, 4, 1, 0, 7, COUNT};
    hipKernelNodeParams kernelParams = {{256, 1, 1}, NULL, (void*)add, {4, 1, 1}, arguments, 0};
    hipHostNodeParams hostParams = {note, &notes};

    check("hipGraphCreate", hipGraphCreate(&graph, 0));
    check("fill", hipGraphAddMemsetNode(&fill, graph, NULL, 0, &fillParams));
    check("kernel", hipGraphAddKernelNode(&kernel, graph, &fill, 1, &kernelParams));
    /* Added first, but depends on what comes later. */
    check("copy", hipGraphAddMemcpyNode1D(&copy, graph, NULL, 0, values, device, sizeof values, hipMemcpyDeviceToHost));
    check("kernel", hipGraphAddKernelNode(&second, graph, &kernel, 1, &kernelParams));
    check("edge", hipGraphAddDependencies(graph, &second, &copy, 1));
    check("host", hipGraphAddHostNode(&host, graph, &copy, 1, &hostParams));
    check("empty", hipGraphAddEmptyNode(&empty, graph, &host, 1));
    expect("an edge twice", hipGraphAddDependencies(graph, &second, &copy, 1), hipErrorInvalidValue);
    expect("an edge to itself", hipGraphAddDependencies(graph, &copy, &copy, 1), hipErrorInvalidValue);

    size_t nodes = 0, edges = 0, roots = 0;
    check("nodes", hipGraphGetNodes(graph, NULL, &nodes));
    check("edges", hipGraphGetEdges(graph, NULL, NULL, &edges));
    hipGraphNode_t root[2];
    roots = 2;
    check("roots", hipGraphGetRootNodes(graph, root, &roots));
    same("nodes", nodes, 6);
    same("edges", edges, 5);
    same("roots", roots, 1);
    same("the root", root[0] == fill && root[1] == NULL, 1);
    hipGraphNodeType type;
    check("type", hipGraphNodeGetType(copy, &type));
    same("type", type, hipGraphNodeTypeMemcpy);
    hipKernelNodeParams got;
    check("get", hipGraphKernelNodeGetParams(kernel, &got));
    same("the step", *(unsigned*)got.kernelParams[2], 3);
    same("the block", got.blockDim.x, 256);

    hipGraphExec_t exec;
    check("hipGraphInstantiate", hipGraphInstantiate(&exec, graph, NULL, NULL, 0));
    for (int i = 0; i < 3; i++) {
        check("hipGraphLaunch", hipGraphLaunch(exec, stream));
    }
    check("hipStreamSynchronize", hipStreamSynchronize(stream));
    all("a graph of nodes", 7 + 3 + 3);
    same("host functions", (unsigned)notes, 3);

    step = 10;
    check("set", hipGraphExecKernelNodeSetParams(exec, second, &kernelParams));
    check("hipGraphLaunch", hipGraphLaunch(exec, stream));
    check("hipStreamSynchronize", hipStreamSynchronize(stream));
    all("changed parameters", 7 + 3 + 10);
    check("disable", hipGraphNodeSetEnabled(exec, second, 0));
    check("hipGraphLaunch", hipGraphLaunch(exec, stream));
    check("hipStreamSynchronize", hipStreamSynchronize(stream));
    all("a disabled node", 7 + 3);
    check("enable", hipGraphNodeSetEnabled(exec, second, 1));

    step = 1;
    check("set", hipGraphKernelNodeSetParams(kernel, &kernelParams));
    hipGraphExecUpdateResult result;
    check("hipGraphExecUpdate", hipGraphExecUpdate(exec, graph, NULL, &result));
    check("hipGraphLaunch", hipGraphLaunch(exec, stream));
    check("hipStreamSynchronize", hipStreamSynchronize(stream));
    all("an updated graph", 7 + 1 + 3);

    hipGraph_t clone;
    hipGraphNode_t inClone;
    check("hipGraphClone", hipGraphClone(&clone, graph));
    check("hipGraphNodeFindInClone", hipGraphNodeFindInClone(&inClone, copy, clone));
    check("hipGraphDestroyNode", hipGraphDestroyNode(inClone));
    hipGraphNode_t error;
    expect("another topology", hipGraphExecUpdate(exec, clone, &error, &result), hipErrorGraphExecUpdateFailure);
    same("why", result, hipGraphExecUpdateErrorTopologyChanged);
    check("hipGraphDestroy", hipGraphDestroy(clone));
    expect("a node of a destroyed graph", hipGraphNodeGetType(inClone, &type), hipErrorInvalidValue);

    /* A child graph, between two fills. */
    hipGraph_t outer, child;
    hipGraphNode_t childNode, last;
    check("hipGraphCreate", hipGraphCreate(&outer, 0));
    check("child", hipGraphAddChildGraphNode(&childNode, outer, NULL, 0, graph));
    check("child", hipGraphChildGraphNodeGetGraph(childNode, &child));
    same("the child is a copy", child != graph && child != NULL, 1);
    fillParams.value = 99;
    check("fill", hipGraphAddMemsetNode(&last, outer, &childNode, 1, &fillParams));
    hipGraphExec_t outerExec;
    check("hipGraphInstantiateWithFlags", hipGraphInstantiateWithFlags(&outerExec, outer, 0));
    check("hipGraphDestroy", hipGraphDestroy(outer));
    check("hipGraphLaunch", hipGraphLaunch(outerExec, stream));
    check("hipStreamSynchronize", hipStreamSynchronize(stream));
    all("a child graph", 7 + 1 + 3);
    check("hipMemcpy", hipMemcpy(values, device, sizeof values, hipMemcpyDeviceToHost));
    all("what comes behind it", 99);
    check("hipGraphExecDestroy", hipGraphExecDestroy(outerExec));

    check("edge", hipGraphAddDependencies(graph, &empty, &fill, 1));
    expect("a cycle", hipGraphInstantiateWithFlags(&outerExec, graph, 0), hipErrorInvalidValue);
    check("hipGraphDestroy", hipGraphDestroy(graph));
    expect("hipGraphDestroy again", hipGraphDestroy(graph), hipErrorInvalidValue);
    check("hipGraphExecDestroy", hipGraphExecDestroy(exec));
    expect("a destroyed executable graph", hipGraphLaunch(exec, stream), hipErrorInvalidValue);
}

static void launchAdd(hipStream_t stream, unsigned step, int wanted) {
    unsigned count = COUNT;
    void* arguments[] = {&device, &count, &step};
    expect("launch", hipModuleLaunchKernel(add, 4, 1, 1, 256, 1, 1, 0, stream, arguments, NULL), wanted);
}

/* Ends a capture with a mistake in it, which makes it invalid on some devices. */
static void drop(hipStream_t stream) {
    hipGraph_t graph = NULL;
    if (hipStreamEndCapture(stream, &graph) == hipSuccess) {
        check("hipGraphDestroy", hipGraphDestroy(graph));
    }
    hipGetLastError();
}

static void captured(hipStream_t stream, hipStream_t other) {
    hipEvent_t fork, join;
    check("hipEventCreate", hipEventCreate(&fork));
    check("hipEventCreate", hipEventCreate(&join));
    hipStreamCaptureStatus status;
    hipGraph_t graph;
    check("hipStreamBeginCapture", hipStreamBeginCapture(stream, hipStreamCaptureModeGlobal));
    check("hipStreamIsCapturing", hipStreamIsCapturing(stream, &status));
    same("capturing", status, hipStreamCaptureStatusActive);
    check("fill", hipMemsetAsync(device, 0, sizeof values, stream));
    check("hipEventRecord", hipEventRecord(fork, stream));
    check("hipStreamWaitEvent", hipStreamWaitEvent(other, fork, 0));
    launchAdd(other, 5, hipSuccess);
    check("hipEventRecord", hipEventRecord(join, other));
    check("hipStreamWaitEvent", hipStreamWaitEvent(stream, join, 0));
    check("copy", hipMemcpyAsync(values, device, sizeof values, hipMemcpyDeviceToHost, stream));
    check("hipStreamEndCapture", hipStreamEndCapture(stream, &graph));
    check("hipStreamIsCapturing", hipStreamIsCapturing(other, &status));
    same("not capturing", status, hipStreamCaptureStatusNone);
    size_t nodes = 0;
    check("nodes", hipGraphGetNodes(graph, NULL, &nodes));
    same("captured nodes", nodes, 3);
    memset(values, 1, sizeof values);
    hipGraphExec_t exec;
    check("hipGraphInstantiate", hipGraphInstantiateWithFlags(&exec, graph, 0));
    check("hipGraphDestroy", hipGraphDestroy(graph));
    check("hipGraphLaunch", hipGraphLaunch(exec, stream));
    check("hipStreamSynchronize", hipStreamSynchronize(stream));
    all("a captured fork and join", 5);
    check("hipGraphExecDestroy", hipGraphExecDestroy(exec));

    check("hipStreamBeginCapture", hipStreamBeginCapture(stream, hipStreamCaptureModeGlobal));
    check("hipEventRecord", hipEventRecord(fork, stream));
    expect("a captured event", hipEventSynchronize(fork), hipErrorCapturedEvent);
    drop(stream);
    check("hipStreamBeginCapture", hipStreamBeginCapture(stream, hipStreamCaptureModeGlobal));
    check("hipEventRecord", hipEventRecord(fork, stream));
    check("hipStreamWaitEvent", hipStreamWaitEvent(other, fork, 0));
    expect("another stream's end", hipStreamEndCapture(other, &graph), hipErrorStreamCaptureUnmatched);
    drop(stream);

    check("hipStreamBeginCapture", hipStreamBeginCapture(stream, hipStreamCaptureModeRelaxed));
    check("hipEventRecord", hipEventRecord(fork, stream));
    check("hipStreamWaitEvent", hipStreamWaitEvent(other, fork, 0));
    launchAdd(other, 5, hipSuccess);
    expect("no join", hipStreamEndCapture(stream, &graph), hipErrorStreamCaptureUnjoined);
    check("hipStreamBeginCapture", hipStreamBeginCapture(stream, hipStreamCaptureModeGlobal));
    expect("a wait for a capture", hipStreamSynchronize(stream), hipErrorStreamCaptureUnsupported);
    launchAdd(stream, 1, hipErrorStreamCaptureInvalidated);
    expect("the end of an invalid capture", hipStreamEndCapture(stream, &graph), hipErrorStreamCaptureInvalidated);
    same("no graph", graph == NULL, 1);
    check("hipStreamBeginCapture", hipStreamBeginCapture(stream, hipStreamCaptureModeGlobal));
    expect("the null stream", hipMemset(device, 0, 4), hipErrorStreamCaptureImplicit);
    expect("the end of it", hipStreamEndCapture(stream, &graph), hipErrorStreamCaptureInvalidated);
    expect("the null stream's capture", hipStreamBeginCapture(NULL, hipStreamCaptureModeGlobal),
           hipErrorStreamCaptureUnsupported);
    expect("an end without a beginning", hipStreamEndCapture(stream, &graph), hipErrorIllegalState);
    check("hipEventDestroy", hipEventDestroy(fork));
    check("hipEventDestroy", hipEventDestroy(join));
}

static void pools(hipStream_t stream) {
    hipMemPool_t pool, current;
    unsigned long long bytes = 0;
    check("hipDeviceGetDefaultMemPool", hipDeviceGetDefaultMemPool(&pool, 0));
    unsigned* memory;
    size_t before, after, total;
    check("hipMemGetInfo", hipMemGetInfo(&before, &total));
    check("hipMallocAsync", hipMallocAsync((void**)&memory, 1 << 20, stream));
    check("used", hipMemPoolGetAttribute(pool, hipMemPoolAttrUsedMemCurrent, &bytes));
    same("used", bytes, 1 << 20);
    check("fill", hipMemsetD32Async(memory, 42, 1 << 18, stream));
    unsigned last = 0;
    check("copy", hipMemcpyAsync(&last, memory + (1 << 18) - 1, 4, hipMemcpyDeviceToHost, stream));
    check("hipFreeAsync", hipFreeAsync(memory, stream));
    expect("hipFreeAsync again", hipFreeAsync(memory, stream), hipErrorInvalidValue);
#ifndef SOMA_CUDA /* Its driver takes an address that it doesn't know for the host's, and reads there. */
    expect("a copy of what was freed", hipMemcpyAsync(&last, memory, 4, hipMemcpyDeviceToHost, stream),
           hipErrorInvalidValue);
#endif
    check("hipStreamSynchronize", hipStreamSynchronize(stream));
    same("the memory", last, 42);
    check("hipMemGetInfo", hipMemGetInfo(&after, &total));
    same("all is free", before == after, 1);
    check("high", hipMemPoolGetAttribute(pool, hipMemPoolAttrUsedMemHigh, &bytes));
    same("high", bytes, 1 << 20);
    bytes = 0;
    check("reset", hipMemPoolSetAttribute(pool, hipMemPoolAttrUsedMemHigh, &bytes));
    check("high", hipMemPoolGetAttribute(pool, hipMemPoolAttrUsedMemHigh, &bytes));
    same("high after the reset", bytes, 0);

    hipMemPoolProps properties = {hipMemAllocationTypePinned, hipMemHandleTypeNone, {hipMemLocationTypeDevice, 0}, NULL,
                                  8192, {0}};
    hipMemPool_t own;
    check("hipMemPoolCreate", hipMemPoolCreate(&own, &properties));
    check("hipDeviceSetMemPool", hipDeviceSetMemPool(0, own));
    check("hipDeviceGetMemPool", hipDeviceGetMemPool(&current, 0));
    same("the current pool", current == own, 1);
    check("hipMallocAsync", hipMallocAsync((void**)&memory, 5000, stream));
    void* more;
#ifndef SOMA_CUDA /* There a pool's size is of pages of 2 MiB. */
    expect("more than the pool's size", hipMallocAsync(&more, 1, stream), hipErrorOutOfMemory);
#endif
    check("hipMallocFromPoolAsync", hipMallocFromPoolAsync(&more, 1, pool, stream));
    check("hipFree", hipFree(memory));
    check("hipMallocAsync", hipMallocAsync((void**)&memory, 5000, stream));
    check("hipFreeAsync", hipFreeAsync(memory, stream));
    check("hipFreeAsync", hipFreeAsync(more, stream));
    unsigned long long threshold = 1 << 30;
    check("threshold", hipMemPoolSetAttribute(own, hipMemPoolAttrReleaseThreshold, &threshold));
    check("threshold", hipMemPoolGetAttribute(own, hipMemPoolAttrReleaseThreshold, &bytes));
    same("threshold", bytes, 1 << 30);
    check("hipMemPoolTrimTo", hipMemPoolTrimTo(own, 0));
    check("hipMemPoolDestroy", hipMemPoolDestroy(own));
    expect("hipMemPoolDestroy again", hipMemPoolDestroy(own), hipErrorInvalidValue);
    expect("the default pool", hipMemPoolDestroy(pool), hipErrorInvalidValue);
    check("hipDeviceGetMemPool", hipDeviceGetMemPool(&current, 0));
    same("the default pool again", current == pool, 1);
#ifndef SOMA_CUDA /* There it frees any memory of the device. */
    expect("hipFreeAsync of other memory", hipFreeAsync(device, stream), hipErrorInvalidValue);
#endif

    /* Allocation within a capture belongs to the graph, and keeps its address from launch to launch. */
    hipGraph_t graph;
    hipGraphExec_t exec;
    check("hipStreamBeginCapture", hipStreamBeginCapture(stream, hipStreamCaptureModeGlobal));
    check("hipMallocAsync", hipMallocAsync((void**)&memory, sizeof values, stream));
    check("fill", hipMemsetD32Async(memory, 17, COUNT, stream));
    check("copy", hipMemcpyAsync(values, memory, sizeof values, hipMemcpyDeviceToHost, stream));
    check("hipFreeAsync", hipFreeAsync(memory, stream));
    check("hipStreamEndCapture", hipStreamEndCapture(stream, &graph));
    check("hipGraphInstantiate", hipGraphInstantiateWithFlags(&exec, graph, 0));
    for (int i = 0; i < 2; i++) {
        memset(values, 0, sizeof values);
        check("hipGraphLaunch", hipGraphLaunch(exec, stream));
        check("hipStreamSynchronize", hipStreamSynchronize(stream));
        all("a graph's memory", 17);
    }
    check("hipGraphExecDestroy", hipGraphExecDestroy(exec));
    check("hipGraphDestroy", hipGraphDestroy(graph));
#ifndef SOMA_CUDA /* There the driver keeps a graph's memory for the next. */
    check("hipMemGetInfo", hipMemGetInfo(&after, &total));
    same("all is free again", before == after, 1);
#endif
}

int main(int argc, char** argv) {
    /* What was printed before a crash tells where it was. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    hipModule_t module;
    hipStream_t stream, other;
    check("hipModuleLoad", hipModuleLoad(&module, argc > 1 ? argv[1] : ""));
    check("hipModuleGetFunction", hipModuleGetFunction(&add, module, "add"));
    check("hipMalloc", hipMalloc((void**)&device, sizeof values));
    check("hipStreamCreate", hipStreamCreate(&stream));
    check("hipStreamCreate", hipStreamCreate(&other));
    explicitNodes(stream);
    captured(stream, other);
    pools(stream);
    check("hipStreamDestroy", hipStreamDestroy(other));
    check("hipStreamDestroy", hipStreamDestroy(stream));
    check("hipFree", hipFree(device));
    puts("done");
    return 0;
}
