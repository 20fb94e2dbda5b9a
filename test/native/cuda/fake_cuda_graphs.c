/* Graphs and pools of the stand-in: nodes keep their parameters and log them field by field, so that a test sees which of
 * HIP's became which of CUDA's. Nothing runs. */
#include "fake_cuda.h"

#include <stdlib.h>
#include <string.h>

#ifndef FAKE_CUDA_OLD

struct CUgraphNode_st {
    int type;
    CUgraph graph;
    CUkernelNodeParams kernel;
    CUmemsetNodeParams fill;
    CUmemcpy3D copy;
    CUgraph child;
    CUevent event;
};

struct CUgraph_st {
    size_t count;
    CUgraphNode nodes[16];
};

struct CUgraphExec_st { CUgraph graph; };
struct CUmemPoolHandle_st { uint64_t threshold; };

static struct CUmemPoolHandle_st defaultPool;

CUresult cuGraphCreate(CUgraph* graph, unsigned int flags) {
    CALLED("cuGraphCreate", "%u", flags);
    *graph = calloc(1, sizeof **graph);
    return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph graph) {
    CALLED("cuGraphDestroy", "%zu", graph->count);
    for (size_t i = 0; i < graph->count; i++) {
        free(graph->nodes[i]);
    }
    free(graph);
    return CUDA_SUCCESS;
}

static CUgraphNode newNode(CUgraphNode* node, CUgraph graph, int type) {
    *node = calloc(1, sizeof **node);
    (*node)->type = type;
    (*node)->graph = graph;
    graph->nodes[graph->count++] = *node;
    return *node;
}

CUresult cuGraphAddKernelNode(SOMA_CUDA_ADD_NODE, const CUkernelNodeParams* p) {
    (void)dependencies;
    CALLED("cuGraphAddKernelNode", "after %zu: grid %u %u %u block %u %u %u shared %u", dependencyCount, p->gridDimX,
           p->gridDimY, p->gridDimZ, p->blockDimX, p->blockDimY, p->blockDimZ, p->sharedMemBytes);
    newNode(node, graph, 0)->kernel = *p;
    return CUDA_SUCCESS;
}

CUresult cuGraphKernelNodeGetParams(CUgraphNode node, CUkernelNodeParams* p) {
    CALLED("cuGraphKernelNodeGetParams", "");
    *p = node->kernel;
    return CUDA_SUCCESS;
}

CUresult cuGraphAddMemsetNode(SOMA_CUDA_ADD_NODE, const CUmemsetNodeParams* p, CUcontext context) {
    (void)dependencies;
    CALLED("cuGraphAddMemsetNode", "after %zu: value %u of %u, %zu by %zu, pitch %zu%s", dependencyCount, p->value,
           p->elementSize, p->width, p->height, p->pitch, context ? "" : ", no context");
    newNode(node, graph, 2)->fill = *p;
    return CUDA_SUCCESS;
}

CUresult cuGraphMemsetNodeGetParams(CUgraphNode node, CUmemsetNodeParams* p) {
    CALLED("cuGraphMemsetNodeGetParams", "");
    *p = node->fill;
    return CUDA_SUCCESS;
}

CUresult cuGraphAddMemcpyNode(SOMA_CUDA_ADD_NODE, const CUmemcpy3D* p, CUcontext context) {
    (void)dependencies;
    CALLED("cuGraphAddMemcpyNode", "after %zu: %zu by %zu by %zu, from %zu %zu %zu (%d), to %zu %zu %zu (%d)%s",
           dependencyCount, p->widthInBytes, p->height, p->depth, p->source.xInBytes, p->source.y, p->source.z,
           p->source.memoryType, p->destination.xInBytes, p->destination.y, p->destination.z,
           p->destination.memoryType, context ? "" : ", no context");
    newNode(node, graph, 1)->copy = *p;
    return CUDA_SUCCESS;
}

CUresult cuGraphMemcpyNodeGetParams(CUgraphNode node, CUmemcpy3D* p) {
    CALLED("cuGraphMemcpyNodeGetParams", "");
    *p = node->copy;
    return CUDA_SUCCESS;
}

CUresult cuGraphAddChildGraphNode(SOMA_CUDA_ADD_NODE, CUgraph child) {
    (void)dependencies;
    CALLED("cuGraphAddChildGraphNode", "after %zu", dependencyCount);
    newNode(node, graph, 4)->child = child;
    return CUDA_SUCCESS;
}

CUresult cuGraphChildGraphNodeGetGraph(CUgraphNode node, CUgraph* graph) {
    CALLED("cuGraphChildGraphNodeGetGraph", "");
    *graph = calloc(1, sizeof **graph);
    return CUDA_SUCCESS;
}

CUresult cuGraphAddEventRecordNode(SOMA_CUDA_ADD_NODE, CUevent event) {
    (void)dependencies;
    CALLED("cuGraphAddEventRecordNode", "after %zu", dependencyCount);
    newNode(node, graph, 7)->event = event;
    return CUDA_SUCCESS;
}

CUresult cuGraphEventRecordNodeGetEvent(CUgraphNode node, CUevent* event) {
    CALLED("cuGraphEventRecordNodeGetEvent", "");
    *event = node->event;
    return CUDA_SUCCESS;
}

CUresult cuGraphNodeGetType(CUgraphNode node, int* type) {
    CALLED("cuGraphNodeGetType", "");
    *type = node->type;
    return CUDA_SUCCESS;
}

CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode* nodes, size_t* count) {
    CALLED("cuGraphGetNodes", "");
    for (size_t i = 0; nodes && i < *count; i++) {
        nodes[i] = i < graph->count ? graph->nodes[i] : NULL;
    }
    *count = graph->count;
    return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* exec, CUgraph graph, unsigned long long flags) {
    CALLED("cuGraphInstantiateWithFlags", "%llu", flags);
    *exec = calloc(1, sizeof **exec);
    (*exec)->graph = graph;
    return CUDA_SUCCESS;
}

CUresult cuGraphExecDestroy(CUgraphExec exec) {
    CALLED("cuGraphExecDestroy", "");
    free(exec);
    return CUDA_SUCCESS;
}

CUresult cuGraphExecUpdate(CUgraphExec exec, CUgraph graph, CUgraphNode* errorNode, int* result) {
    (void)exec;
    CALLED("cuGraphExecUpdate", "");
    *errorNode = graph->nodes[0];
    *result = 2;
    return 910;
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
    (void)stream;
    CALLED("cuStreamEndCapture", "");
    return cuGraphCreate(graph, 0);
}

CUresult cuMemAllocAsync(CUdeviceptr* pointer, size_t bytes, CUstream stream) {
    (void)stream;
    CALLED("cuMemAllocAsync", "%zu", bytes);
    *pointer = (CUdeviceptr)(uintptr_t)malloc(bytes);
    return CUDA_SUCCESS;
}

CUresult cuMemFreeAsync(CUdeviceptr pointer, CUstream stream) {
    (void)stream;
    CALLED("cuMemFreeAsync", "");
    free((void*)(uintptr_t)pointer);
    return CUDA_SUCCESS;
}

CUresult cuMemPoolCreate(CUmemoryPool* pool, const void* properties) {
    /* CUmemPoolProps: kind of allocation, kind of handle, location (kind, number), a pointer, the most bytes. */
    const int* words = properties;
    CALLED("cuMemPoolCreate", "kind %d handles %d location %d %d most %zu", words[0], words[1], words[2], words[3],
           ((const size_t*)properties)[3]);
    *pool = calloc(1, sizeof **pool);
    return CUDA_SUCCESS;
}

CUresult cuMemPoolDestroy(CUmemoryPool pool) {
    CALLED("cuMemPoolDestroy", "");
    free(pool);
    return CUDA_SUCCESS;
}

CUresult cuMemPoolSetAttribute(CUmemoryPool pool, int attribute, void* value) {
    CALLED("cuMemPoolSetAttribute", "%d %llu", attribute, *(unsigned long long*)value);
    pool->threshold = *(uint64_t*)value;
    return CUDA_SUCCESS;
}

CUresult cuMemPoolGetAttribute(CUmemoryPool pool, int attribute, void* value) {
    CALLED("cuMemPoolGetAttribute", "%d", attribute);
    *(uint64_t*)value = pool->threshold;
    return CUDA_SUCCESS;
}

CUresult cuDeviceGetDefaultMemPool(CUmemoryPool* pool, CUdevice device) {
    CALLED("cuDeviceGetDefaultMemPool", "%d", device);
    *pool = &defaultPool;
    return CUDA_SUCCESS;
}

CUresult cuIpcOpenMemHandle_v2(CUdeviceptr* pointer, CUipcMemHandle handle, unsigned int flags) {
    CALLED("cuIpcOpenMemHandle_v2", "%d %d %u", handle.reserved[0], handle.reserved[63], flags);
    *pointer = 4096;
    return CUDA_SUCCESS;
}

CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned int flags, int priority) {
    CALLED("cuStreamCreateWithPriority", "%u %d", flags, priority);
    return cuStreamCreate(stream, flags);
}

#endif
