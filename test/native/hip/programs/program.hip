// A HIP C++ host program, compiled by clang and linked to the virtual GPU as if it were libamdhip64.so. It prints a line for
// each thing it found; a wrong answer is a line with WRONG.
#include "hip.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

void check(const char* what, hipError_t error) {
    if (error != hipSuccess) {
        std::printf("WRONG %s: %s\n", what, hipGetErrorName(error));
        std::exit(1);
    }
}

void same(const char* what, double got, double wanted) {
    std::printf("%s %s: %g\n", got == wanted ? "ok" : "WRONG", what, got);
}

}  // namespace

__constant__ int table[4] = {1, 2, 3, 4};
__device__ float scale = 1.5f;
__managed__ int total = 7;

template <typename T>
__global__ void add(T* data, T step, unsigned n) {
    const unsigned i = globalX();
    if (i < n) {
        data[i] += step;
    }
}

__global__ void lookUp(int* out) { out[threadX()] = table[threadX() & 3]; }
__global__ void scaled(float* out) { out[threadX()] = scale * threadX(); }
__global__ void accumulate() { __atomic_fetch_add(&total, 1, __ATOMIC_RELAXED); }
__global__ void nothing() {}

/// Dynamic LDS, and the size that the launch states through hidden arguments.
extern __shared__ int dynamic[];
__global__ void reversed(int* data) {
    dynamic[threadX()] = data[threadX()];
    barrier();
    data[threadX()] = dynamic[blockSize() - 1 - threadX()];
}

/// Calls through a pointer, recursion and a stack.
__device__ __attribute__((noinline)) int twice(int x) { return 2 * x; }
__device__ __attribute__((noinline)) int thrice(int x) { return 3 * x; }
__device__ __attribute__((noinline)) int factorial(int x) { return x < 2 ? 1 : x * factorial(x - 1); }
__global__ void calls(int* out) {
    int (*const pick[2])(int) = {twice, thrice};
    int (*volatile chosen)(int) = pick[threadX() & 1];
    out[threadX()] = chosen(factorial(static_cast<int>(threadX() & 7)));
}

/// Workgroups that wait for each other: all of them must be there at the same time.
__global__ void meeting(int* arrived, int groups) {
    if (threadX() == 0) {
        __atomic_fetch_add(arrived, 1, __ATOMIC_ACQ_REL);
        while (__atomic_load_n(arrived, __ATOMIC_ACQUIRE) < groups) {
        }
    }
    barrier();
}

/// A meeting of all workgroups as ROCm's device libraries have it (ockl's cg.cl): of those that arrive, who comes last goes on to
/// the next round, which has a number above the arrivals.
struct GridSync {
    unsigned long long grids[4];
    unsigned arrived;
    unsigned unused;
    unsigned groups;
};
__device__ static void gridSync() {
    GridSync* const sync = ((GridSync* const*)__builtin_amdgcn_implicitarg_ptr())[11];
    barrier();
    if (threadX() == 0) {
        const unsigned before = __atomic_fetch_add(&sync->arrived, 1, __ATOMIC_ACQ_REL);
        if ((before & 0xffff) == sync->groups - 1) {
            __atomic_fetch_add(&sync->arrived, 0x10000 - sync->groups, __ATOMIC_ACQ_REL);
        }
        while ((__atomic_load_n(&sync->arrived, __ATOMIC_ACQUIRE) & ~0xffffu) == (before & ~0xffffu)) {
        }
    }
    barrier();
}

/// Each workgroup takes its neighbour's number, and adds one, so many times.
__global__ void rotates(int* numbers, int groups, int rounds) {
    for (int i = 0; i < rounds; i++) {
        const int next = numbers[(blockX() + 1) % groups];
        gridSync();
        if (threadX() == 0) {
            numbers[blockX()] = next + 1;
        }
        gridSync();
    }
}

static void gridMeets() {
    int* numbers;
    int groups = 12;
    int rounds = 5;
    check("hipMallocManaged", hipMallocManaged(reinterpret_cast<void**>(&numbers), 12 * sizeof(int), hipMemAttachGlobal));
    for (int i = 0; i < groups; i++) {
        numbers[i] = 100 * i;
    }
    void* arguments[] = {&numbers, &groups, &rounds};
    check("hipLaunchCooperativeKernel", hipLaunchCooperativeKernel(reinterpret_cast<const void*>(rotates), {12, 1, 1}, {64, 1, 1},
                                                                   arguments, 0, nullptr));
    check("hipDeviceSynchronize", hipDeviceSynchronize());
    for (int i = 0; i < groups; i++) {
        same("a number that went round", numbers[i], (i + rounds) % groups * 100 + rounds);
    }
    check("hipFree", hipFree(numbers));
}

static void cooperative() {
    int* arrived;
    int groups = 24;
    check("hipMallocManaged", hipMallocManaged(reinterpret_cast<void**>(&arrived), sizeof(int), hipMemAttachGlobal));
    *arrived = 0;
    void* arguments[] = {&arrived, &groups};
    const void* kernel = reinterpret_cast<const void*>(meeting);
    check("hipLaunchCooperativeKernel", hipLaunchCooperativeKernel(kernel, {24, 1, 1}, {64, 1, 1}, arguments, 0, nullptr));
    check("hipDeviceSynchronize", hipDeviceSynchronize());
    same("workgroups that met", *arrived, groups);
    same("more than fit", hipLaunchCooperativeKernel(kernel, {1u << 20, 1, 1}, {64, 1, 1}, arguments, 0, nullptr),
         hipErrorCooperativeLaunchTooLarge);
    hipGetLastError();
    check("hipFree", hipFree(arrived));
}

static void driverStyle() {
    hipCtx_t first;
    hipCtx_t second;
    hipCtx_t popped;
    int device = -1;
    check("hipDevicePrimaryCtxRetain", hipDevicePrimaryCtxRetain(&second, 1));
    check("hipGetDevice", hipGetDevice(&device));
    same("retaining leaves the device", device, 0);
    check("hipCtxGetCurrent", hipCtxGetCurrent(&first));
    check("hipCtxPushCurrent", hipCtxPushCurrent(second));
    check("hipGetDevice", hipGetDevice(&device));
    same("the pushed context's device", device, 1);
    check("hipCtxPopCurrent", hipCtxPopCurrent(&popped));
    same("the popped context", popped == second, 1);
    check("hipGetDevice", hipGetDevice(&device));
    same("the device before", device, 0);
    same("nothing to pop", hipCtxPopCurrent(&popped), hipErrorInvalidContext);
    check("hipDevicePrimaryCtxRelease", hipDevicePrimaryCtxRelease(1));
    const char* name = nullptr;
    check("hipDrvGetErrorName", hipDrvGetErrorName(hipErrorInvalidValue, &name));
    same("an error's name", std::strcmp(name, "hipErrorInvalidValue"), 0);
    uint32_t link = 0;
    uint32_t hops = 0;
    check("hipExtGetLinkTypeAndHopCount", hipExtGetLinkTypeAndHopCount(0, 1, &link, &hops));
    same("hops", hops, 1);
    void* pitched;
    size_t pitch = 0;
    check("hipMemAllocPitch", hipMemAllocPitch(&pitched, &pitch, 100, 4, 4));
    same("a pitch", static_cast<double>(pitch), 256);
    check("hipFree", hipFree(pitched));
    hipGetLastError();
}

static void kernels() {
    constexpr unsigned kCount = 1000;
    std::vector<double> values(kCount, 1.0);
    double* device;
    check("hipMalloc", hipMalloc(reinterpret_cast<void**>(&device), kCount * sizeof(double)));
    check("hipMemcpy", hipMemcpy(device, values.data(), kCount * sizeof(double), hipMemcpyHostToDevice));
    add<double><<<Dim3(4), Dim3(256)>>>(device, 0.25, kCount);
    check("launch", hipGetLastError());
    check("hipMemcpy", hipMemcpy(values.data(), device, kCount * sizeof(double), hipMemcpyDeviceToHost));
    same("a templated kernel", values[kCount - 1], 1.25);
    check("hipFree", hipFree(device));

    int* words;
    check("hipMallocManaged", hipMallocManaged(reinterpret_cast<void**>(&words), 256 * sizeof(int), hipMemAttachGlobal));
    lookUp<<<Dim3(1), Dim3(64)>>>(words);
    check("hipDeviceSynchronize", hipDeviceSynchronize());
    same("constant memory", words[63], 4);
    for (int i = 0; i < 256; i++) {
        words[i] = i;
    }
    hipStream_t stream;
    check("hipStreamCreate", hipStreamCreate(&stream));
    reversed<<<Dim3(1), Dim3(256), 256 * sizeof(int), stream>>>(words);
    check("hipStreamSynchronize", hipStreamSynchronize(stream));
    same("dynamic LDS", words[0], 255);
    calls<<<Dim3(1), Dim3(64)>>>(words);
    check("hipDeviceSynchronize", hipDeviceSynchronize());
    same("a call through a pointer", words[4], 2 * 24);
    same("another one", words[5], 3 * 120);
    nothing<<<Dim3(1), Dim3(1)>>>();
    check("a kernel without arguments", hipDeviceSynchronize());
    std::thread([&] {
        reversed<<<Dim3(1), Dim3(64), 64 * sizeof(int), hipStreamPerThread>>>(words);
        check("hipStreamPerThread", hipStreamSynchronize(hipStreamPerThread));
    }).join();
    check("hipFree", hipFree(words));
    check("hipStreamDestroy", hipStreamDestroy(stream));
    nothing<<<Dim3(1), Dim3(2048)>>>();
    same("too large a workgroup", hipGetLastError(), hipErrorInvalidConfiguration);
    same("an unknown kernel", hipLaunchKernel(&stream, {1, 1, 1}, {1, 1, 1}, nullptr, 0, nullptr),
         hipErrorInvalidDeviceFunction);
    hipGetLastError();
}

static void variables() {
    float factor = 4;
    check("hipMemcpyToSymbol", hipMemcpyToSymbol(&scale, &factor, sizeof factor, 0, hipMemcpyHostToDevice));
    float* out;
    check("hipHostMalloc", hipHostMalloc(reinterpret_cast<void**>(&out), 64 * sizeof(float), hipHostMallocDefault));
    scaled<<<Dim3(1), Dim3(64)>>>(out);
    check("hipDeviceSynchronize", hipDeviceSynchronize());
    same("a device variable", out[63], 252);
    check("hipHostFree", hipHostFree(out));
    int words[2];
    check("hipMemcpyFromSymbol", hipMemcpyFromSymbol(words, table, sizeof words, 8, hipMemcpyDeviceToHost));
    same("from a symbol", words[0], 3);
    void* address;
    size_t size;
    check("hipGetSymbolAddress", hipGetSymbolAddress(&address, table));
    check("hipGetSymbolSize", hipGetSymbolSize(&size, table));
    same("the symbol's size", static_cast<double>(size), 16);
    same("past the symbol", hipMemcpyFromSymbol(words, table, 8, 12, hipMemcpyDeviceToHost), hipErrorInvalidValue);
    same("no symbol", hipGetSymbolAddress(&address, words), hipErrorInvalidSymbol);
    same("a managed variable before", total, 7);
    accumulate<<<Dim3(1), Dim3(32)>>>();
    check("hipDeviceSynchronize", hipDeviceSynchronize());
    same("a managed variable", total, 39);
    hipGetLastError();
}

static void memory() {
    constexpr size_t kWidth = 100;
    constexpr size_t kRows = 7;
    unsigned char host[kRows][kWidth];
    unsigned char back[kRows][kWidth];
    for (size_t y = 0; y < kRows; y++) {
        for (size_t x = 0; x < kWidth; x++) {
            host[y][x] = static_cast<unsigned char>(y * 31 + x);
        }
    }
    void* pitched;
    size_t pitch;
    check("hipMallocPitch", hipMallocPitch(&pitched, &pitch, kWidth, kRows));
    same("the pitch", static_cast<double>(pitch), 256);
    check("hipMemset2D", hipMemset2D(pitched, pitch, 9, kWidth, kRows));
    check("hipMemcpy2D", hipMemcpy2D(pitched, pitch, host, kWidth, kWidth, kRows - 1, hipMemcpyHostToDevice));
    check("hipMemcpy2D", hipMemcpy2D(back, kWidth, pitched, pitch, kWidth, kRows, hipMemcpyDeviceToHost));
    same("two dimensions", std::memcmp(host, back, sizeof host - kWidth), 0);
    same("the last row", back[kRows - 1][kWidth - 1], 9);
    same("rows too wide", hipMemcpy2D(pitched, 50, host, kWidth, kWidth, kRows, hipMemcpyHostToDevice),
         hipErrorInvalidPitchValue);
    same("too many rows", hipMemcpy2D(pitched, pitch, host, kWidth, kWidth, kRows + 1, hipMemcpyHostToDevice),
         hipErrorInvalidValue);
    check("hipFree", hipFree(pitched));

    hipPitchedPtr volume;
    check("hipMalloc3D", hipMalloc3D(&volume, {20, 5, 7}));
    check("hipMemset3D", hipMemset3D(volume, 3, {20, 5, 7}));
    hipMemcpy3DParms copy{};
    copy.srcPtr = {host, 20, 20, 5};
    copy.dstPtr = volume;
    copy.extent = {20, 5, 6};
    copy.kind = hipMemcpyHostToDevice;
    check("hipMemcpy3D", hipMemcpy3D(&copy));
    copy = {};
    copy.srcPtr = volume;
    copy.srcPos = {1, 2, 3};
    copy.dstPtr = {back, 2, 2, 2};
    copy.extent = {2, 2, 2};
    copy.kind = hipMemcpyDeviceToHost;
    check("hipMemcpy3D", hipMemcpy3D(&copy));
    const unsigned char* flat = &host[0][0];
    same("three dimensions", (&back[0][0])[7], flat[4 * 100 + 3 * 20 + 2]);
    check("hipFree", hipFree(volume.ptr));

    static int registered[64];
    check("hipHostRegister", hipHostRegister(registered, sizeof registered, hipHostRegisterDefault));
    same("registered twice", hipHostRegister(registered, 4, hipHostRegisterDefault), hipErrorHostMemoryAlreadyRegistered);
    add<int><<<Dim3(1), Dim3(64)>>>(registered, 5, 64);
    check("hipDeviceSynchronize", hipDeviceSynchronize());
    same("registered memory", registered[63], 5);
    hipPointerAttribute_t attributes;
    check("hipPointerGetAttributes", hipPointerGetAttributes(&attributes, registered + 3));
    same("its type", attributes.type, hipMemoryTypeHost);
    check("hipHostUnregister", hipHostUnregister(registered));
    check("hipPointerGetAttributes", hipPointerGetAttributes(&attributes, registered + 3));
    same("its type then", attributes.type, hipMemoryTypeUnregistered);
    hipGetLastError();
}

static void device() {
    int blocks, grid, block, least, greatest, can;
    check("occupancy", hipOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, reinterpret_cast<void*>(add<int>), 256, 0));
    same("workgroups on a compute unit", blocks > 0, 1);
    check("hipOccupancyMaxPotentialBlockSize",
          hipOccupancyMaxPotentialBlockSize(&grid, &block, reinterpret_cast<void*>(add<int>), 0, 0));
    same("a workgroup size", block > 0 && grid > 0, 1);
    hipFuncAttributes attributes;
    check("hipFuncGetAttributes", hipFuncGetAttributes(&attributes, reinterpret_cast<void*>(add<int>)));
    same("the largest workgroup", attributes.maxThreadsPerBlock, 1024);
    check("hipDeviceGetStreamPriorityRange", hipDeviceGetStreamPriorityRange(&least, &greatest));
    same("priorities", least > greatest, 1);
    int count;
    check("hipGetDeviceCount", hipGetDeviceCount(&count));
    same("devices", count, 2);
    check("hipDeviceCanAccessPeer", hipDeviceCanAccessPeer(&can, 0, 1));
    same("peers", can, 1);
    check("hipDeviceEnablePeerAccess", hipDeviceEnablePeerAccess(1, 0));
    same("enabled twice", hipDeviceEnablePeerAccess(1, 0), hipErrorPeerAccessAlreadyEnabled);
    int* here;
    int* there;
    int value = 12;
    check("hipMalloc", hipMalloc(reinterpret_cast<void**>(&here), sizeof(int)));
    check("hipMemcpy", hipMemcpy(here, &value, sizeof value, hipMemcpyHostToDevice));
    check("hipSetDevice", hipSetDevice(1));
    check("hipMalloc", hipMalloc(reinterpret_cast<void**>(&there), sizeof(int)));
    check("hipMemcpyPeer", hipMemcpyPeer(there, 1, here, 0, sizeof(int)));
    add<int><<<Dim3(1), Dim3(1)>>>(there, 30, 1);
    check("a launch on the other device", hipDeviceSynchronize());
    check("hipMemcpy", hipMemcpy(&value, there, sizeof value, hipMemcpyDeviceToHost));
    same("another device", value, 42);
    check("hipFree", hipFree(there));
    check("hipSetDevice", hipSetDevice(0));
    check("hipDeviceDisablePeerAccess", hipDeviceDisablePeerAccess(1));
    check("hipFree", hipFree(here));
    hipDeviceProp_tR0600 properties;
    check("hipGetDevicePropertiesR0600", hipGetDevicePropertiesR0600(&properties, 0));
    same("the target", std::strncmp(reinterpret_cast<char*>(&properties) + 1160, "gfx1100", 7), 0);
    check("hipDeviceReset", hipDeviceReset());
}

static void graph() {
    hipStream_t stream;
    hipGraph_t graph;
    hipGraphExec_t exec;
    int* data;
    check("hipStreamCreate", hipStreamCreate(&stream));
    check("hipMalloc", hipMalloc(reinterpret_cast<void**>(&data), 64 * sizeof(int)));
    check("hipStreamBeginCapture", hipStreamBeginCapture(stream, hipStreamCaptureModeGlobal));
    check("hipMemsetAsync", hipMemsetAsync(data, 0, 64 * sizeof(int), stream));
    for (int i = 0; i < 3; i++) {
        add<int><<<Dim3(1), Dim3(64), 0, stream>>>(data, i + 1, 64);
    }
    check("hipStreamEndCapture", hipStreamEndCapture(stream, &graph));
    unsigned n = 64;
    int step = 10;
    void* arguments[] = {&data, &step, &n};
    size_t count = 0;
    hipGraphNode_t nodes[8];
    check("hipGraphGetNodes", hipGraphGetNodes(graph, nullptr, &count));
    check("hipGraphGetNodes", hipGraphGetNodes(graph, nodes, &count));
    hipGraphNode_t last;
    const hipKernelNodeParams parameters{{64, 1, 1}, nullptr, reinterpret_cast<void*>(add<int>), {1, 1, 1}, arguments, 0};
    check("hipGraphAddKernelNode", hipGraphAddKernelNode(&last, graph, &nodes[count - 1], 1, &parameters));
    check("hipGraphInstantiate", hipGraphInstantiate(&exec, graph, nullptr, nullptr, 0));
    check("hipGraphLaunch", hipGraphLaunch(exec, stream));
    check("hipStreamSynchronize", hipStreamSynchronize(stream));
    int value;
    check("hipMemcpy", hipMemcpy(&value, data, sizeof value, hipMemcpyDeviceToHost));
    same("a graph of this program's kernels", value, 16);
    check("hipGraphExecDestroy", hipGraphExecDestroy(exec));
    check("hipGraphDestroy", hipGraphDestroy(graph));
    check("hipFree", hipFree(data));
    check("hipStreamDestroy", hipStreamDestroy(stream));
}

/// Work of two streams, captured into a graph that has a node already and one that stays beside them.
static void captureToGraph() {
    hipStream_t stream;
    hipGraph_t graph;
    hipGraph_t same1 = nullptr;
    hipGraphExec_t exec;
    int* data;
    check("hipStreamCreate", hipStreamCreate(&stream));
    check("hipMalloc", hipMalloc(reinterpret_cast<void**>(&data), 128 * sizeof(int)));
    check("hipMemset", hipMemset(data, 0, 128 * sizeof(int)));
    check("hipGraphCreate", hipGraphCreate(&graph, 0));
    hipGraphNode_t first;
    hipGraphNode_t beside;
    const hipMemsetParams ones{data, 4, 1, 256, 1, 64};
    const hipMemsetParams nines{data + 64, 4, 1, 256, 9, 64};
    check("hipGraphAddMemsetNode", hipGraphAddMemsetNode(&first, graph, nullptr, 0, &ones));
    check("hipGraphAddMemsetNode", hipGraphAddMemsetNode(&beside, graph, nullptr, 0, &nines));
    check("hipStreamBeginCaptureToGraph",
          hipStreamBeginCaptureToGraph(stream, graph, &first, nullptr, 1, hipStreamCaptureModeGlobal));
    add<int><<<Dim3(1), Dim3(64), 0, stream>>>(data, 4, 64);
    check("hipStreamEndCapture", hipStreamEndCapture(stream, &same1));
    same("the graph that was captured to", same1 == graph, 1);
    size_t edges = 0;
    check("hipGraphGetEdges", hipGraphGetEdges(graph, nullptr, nullptr, &edges));
    same("edges", static_cast<double>(edges), 1);
    check("hipGraphInstantiate", hipGraphInstantiate(&exec, graph, nullptr, nullptr, 0));
    check("hipGraphLaunch", hipGraphLaunch(exec, stream));
    check("hipStreamSynchronize", hipStreamSynchronize(stream));
    int values[2];
    check("hipMemcpy", hipMemcpy(&values[0], data, sizeof(int), hipMemcpyDeviceToHost));
    check("hipMemcpy", hipMemcpy(&values[1], data + 64, sizeof(int), hipMemcpyDeviceToHost));
    same("behind a node that was there", values[0], 5);
    same("a node beside the capture", values[1], 9);
    same("no graph", hipStreamBeginCaptureToGraph(stream, nullptr, nullptr, nullptr, 0, hipStreamCaptureModeGlobal),
         hipErrorInvalidValue);
    hipGetLastError();
    check("hipGraphExecDestroy", hipGraphExecDestroy(exec));
    check("hipGraphDestroy", hipGraphDestroy(graph));
    check("hipFree", hipFree(data));
    check("hipStreamDestroy", hipStreamDestroy(stream));
}

/// Programs that use textures ask whether there are any, and link to what makes them.
static void textures() {
    int images = 1;
    check("hipDeviceGetAttribute", hipDeviceGetAttribute(&images, hipDeviceAttributeImageSupport, 0));
    same("images", images, 0);
    hipArray_t array = reinterpret_cast<hipArray_t>(1);
    same("an array", hipMallocArray(&array, nullptr, 16, 16, 0), hipErrorNotSupported);
    same("no array", array == nullptr, 1);
    hipTextureObject_t texture = reinterpret_cast<hipTextureObject_t>(1);
    same("a texture", hipCreateTextureObject(&texture, nullptr, nullptr, nullptr), hipErrorNotSupported);
    same("a copy to an array", hipMemcpy2DToArray(array, 0, 0, &images, 4, 4, 1, hipMemcpyHostToDevice),
         hipErrorNotSupported);
    same("freeing an array", hipFreeArray(array), hipErrorNotSupported);
    same("destroying a texture", hipDestroyTextureObject(texture), hipErrorNotSupported);
    hipGetLastError();
}

int main() {
    kernels();
    cooperative();
    gridMeets();
    driverStyle();
    variables();
    memory();
    device();
    graph();
    captureToGraph();
    textures();
    std::puts("done");
    return 0;
}
