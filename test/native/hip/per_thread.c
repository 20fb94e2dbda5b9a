#define _GNU_SOURCE
/* Threads' own streams: hipStreamPerThread, and the functions whose names end in _spt, which take null for it. Prints what
 * it found, a line each; a wrong answer is a line with WRONG. */
#include "../../../native/vgpu/hip/soma_vgpu.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define BYTES 64u

static void holds(const char* what, int it) { printf("%s %s\n", it ? "ok" : "WRONG", what); }
static void check(const char* what, hipError_t error) {
    printf("%s %s: %s\n", error == hipSuccess ? "ok" : "WRONG", what, hipGetErrorName(error));
}

static atomic_int released;
/* Holds a stream up until `released`, for 5 s at most. */
static void hold(void* done) {
    for (int i = 0; i < 5000 && !atomic_load(&released); i++) usleep(1000);
    atomic_store((atomic_int*)done, 1);
}

static void* memory;

static int allAre(unsigned char wanted) {
    unsigned char bytes[BYTES];
    if (hipMemcpy(bytes, memory, BYTES, hipMemcpyDeviceToHost) != hipSuccess) return 0;
    for (unsigned i = 0; i < BYTES; i++)
        if (bytes[i] != wanted) return 0;
    return 1;
}

static void* releaseSoon(void* unused) {
    usleep(50000);
    atomic_store(&released, 1);
    return unused;
}

static void* another(void* unused) {
    hipDevice_t device = -1;
    check("hipSetDevice", hipSetDevice(1));
    check("hipStreamGetDevice", hipStreamGetDevice(hipStreamPerThread, &device));
    holds("the stream is one of the current device", device == 1);
    check("hipSetDevice", hipSetDevice(0));
    check("hipStreamQuery of this thread's own while another's is held up", hipStreamQuery(hipStreamPerThread));
    unsigned char word[4];
    check("hipMemcpyAsync_spt", hipMemcpyAsync_spt(word, memory, sizeof word, hipMemcpyDeviceToHost, NULL));
    check("hipStreamSynchronize_spt", hipStreamSynchronize_spt(NULL));
    return unused;
}

static atomic_int late;
static void* leaveWork(void* unused) {
    check("hipLaunchHostFunc_spt", hipLaunchHostFunc_spt(NULL, hold, &late));
    check("hipMemsetAsync_spt", hipMemsetAsync_spt(memory, 9, BYTES, NULL));
    return unused;
}

static void inThread(void* (*body)(void*)) {
    pthread_t thread;
    pthread_create(&thread, NULL, body, NULL);
    pthread_join(thread, NULL);
}

static int threads(void) {
    DIR* folder = opendir("/proc/self/task");
    int count = 0;
    while (readdir(folder)) count++;
    closedir(folder);
    return count;
}

static void* useAndEnd(void* unused) {
    if (hipMemset_spt(memory, 3, BYTES) != hipSuccess) puts("WRONG hipMemset_spt in a thread");
    return unused;
}

int main(void) {
    check("somaVgpuConfigure", somaVgpuConfigure("gfx1100,gfx1100"));
    check("hipMalloc", hipMalloc(&memory, BYTES));
    pthread_t helper;

    atomic_int finished = 0;
    check("hipLaunchHostFunc", hipLaunchHostFunc(hipStreamPerThread, hold, &finished));
    holds("this thread's stream is held up", hipStreamQuery(hipStreamPerThread) == hipErrorNotReady);
    holds("hipStreamQuery_spt asks for it", hipStreamQuery_spt(NULL) == hipErrorNotReady);
    inThread(another);
    holds("another thread's did not wait for it", !atomic_load(&finished));
    pthread_create(&helper, NULL, releaseSoon, NULL);
    check("hipStreamSynchronize of the null stream", hipStreamSynchronize(NULL));
    holds("the null stream waits for it", atomic_load(&finished));
    pthread_join(helper, NULL);

    /* A blocking stream of no thread holds up the null stream, and not a thread's own. */
    hipStream_t stream;
    atomic_int plain = 0;
    atomic_store(&released, 0);
    check("hipStreamCreate", hipStreamCreate(&stream));
    check("hipLaunchHostFunc", hipLaunchHostFunc(stream, hold, &plain));
    check("hipMemset_spt", hipMemset_spt(memory, 5, BYTES));
    unsigned char copied[BYTES];
    check("hipMemcpy_spt", hipMemcpy_spt(copied, memory, BYTES, hipMemcpyDeviceToHost));
    holds("hipMemcpy_spt copies", copied[0] == 5 && copied[BYTES - 1] == 5);
    holds("hipMemset_spt and hipMemcpy_spt did not wait for another stream", !atomic_load(&plain));
    atomic_store(&released, 1);
    check("hipStreamDestroy", hipStreamDestroy(stream));

    /* What the null stream cannot do: capture. */
    hipGraph_t graph = NULL;
    size_t count = 0;
    hipStreamCaptureStatus status = hipStreamCaptureStatusNone;
    holds("the null stream does not capture", hipStreamBeginCapture(NULL, hipStreamCaptureModeRelaxed) != hipSuccess);
    check("hipStreamBeginCapture_spt", hipStreamBeginCapture_spt(NULL, hipStreamCaptureModeRelaxed));
    check("hipStreamIsCapturing", hipStreamIsCapturing(hipStreamPerThread, &status));
    holds("the thread's stream captures", status == hipStreamCaptureStatusActive);
    check("hipMemsetAsync_spt", hipMemsetAsync_spt(memory, 7, BYTES, NULL));
    check("hipStreamEndCapture_spt", hipStreamEndCapture_spt(NULL, &graph));
    check("hipGraphGetNodes", hipGraphGetNodes(graph, NULL, &count));
    holds("the capture has one node", count == 1);
    hipGraphExec_t exec;
    check("hipGraphInstantiate", hipGraphInstantiate(&exec, graph, NULL, NULL, 0));
    check("hipGraphLaunch_spt", hipGraphLaunch_spt(exec, NULL));
    check("hipStreamSynchronize_spt", hipStreamSynchronize_spt(NULL));
    holds("the graph ran", allAre(7));

    atomic_store(&released, 0);
    inThread(leaveWork);
    holds("a thread ends without waiting for its stream", !atomic_load(&late));
    pthread_create(&helper, NULL, releaseSoon, NULL);
    check("hipDeviceSynchronize", hipDeviceSynchronize());
    holds("what an ended thread submitted is waited for", atomic_load(&late) && allAre(9));
    pthread_join(helper, NULL);

    int before = threads();
    for (int i = 0; i < 16; i++) inThread(useAndEnd);
    for (int i = 0; i < 5000 && threads() > before; i++) usleep(1000);
    holds("the streams of threads that ended are gone", threads() <= before);

    holds("hipStreamDestroy of hipStreamPerThread", hipStreamDestroy(hipStreamPerThread) == hipErrorInvalidHandle);
    holds("hipStreamDestroy of hipStreamLegacy", hipStreamDestroy(hipStreamLegacy) == hipErrorInvalidHandle);
    check("hipFree", hipFree(memory));
    puts("done");
    return 0;
}
