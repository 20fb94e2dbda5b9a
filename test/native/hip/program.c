#define _DEFAULT_SOURCE
/* A C program against HIP's ABI: runs kernels of the code object that its argument names, through every form of launch,
 * and prints what it found, a line each; a wrong answer is a line with WRONG. */
#include "../../../native/vgpu/hip/soma_vgpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define COUNT 1000u

static void expect(const char* what, int error, int wanted) {
    printf("%s %s: %s\n", error == wanted ? "ok" : "WRONG", what, hipGetErrorName((hipError_t)error));
}

static void check(const char* what, int error) {
    if (error != hipSuccess) {
        printf("WRONG %s: %s: %s\n", what, hipGetErrorName((hipError_t)error), somaVgpuLastFault());
        exit(1);
    }
}

static unsigned values[COUNT];

static void expectValues(const char* what, unsigned plus) {
    for (unsigned i = 0; i < COUNT; i++) {
        if (values[i] != i + plus) {
            printf("WRONG %s: element %u is %u\n", what, i, values[i]);
            return;
        }
    }
    printf("ok %s\n", what);
}

static void launches(hipModule_t module, void* memory) {
    hipFunction_t add;
    check("hipModuleGetFunction", hipModuleGetFunction(&add, module, "add"));
    for (unsigned i = 0; i < COUNT; i++) {
        values[i] = i;
    }
    check("hipMemcpy", hipMemcpy(memory, values, sizeof values, hipMemcpyHostToDevice));
    unsigned count = COUNT;
    unsigned step = 3;
    void* parameters[] = {&memory, &count, &step};
    check("launch", hipModuleLaunchKernel(add, 4, 1, 1, 256, 1, 1, 0, NULL, parameters, NULL));
    check("hipMemcpyDtoH", hipMemcpyDtoH(values, memory, sizeof values));
    expectValues("kernelParams", 3);

    struct {
        void* memory;
        unsigned count;
        unsigned step;
    } packed = {memory, COUNT, 10};
    size_t size = sizeof packed;
    void* extra[] = {HIP_LAUNCH_PARAM_BUFFER_POINTER, &packed, HIP_LAUNCH_PARAM_BUFFER_SIZE, &size,
                     HIP_LAUNCH_PARAM_END};
    hipStream_t stream;
    check("hipStreamCreate", hipStreamCreate(&stream));
    check("launch", hipModuleLaunchKernel(add, 4, 1, 1, 256, 1, 1, 0, stream, NULL, extra));
    /* The null stream waits for a blocking stream. */
    check("hipMemcpy", hipMemcpy(values, memory, sizeof values, hipMemcpyDeviceToHost));
    expectValues("packed arguments and the null stream", 13);
    check("hipStreamDestroy", hipStreamDestroy(stream));

    void* holes[] = {&memory, NULL, &step};
    expect("a null parameter", hipModuleLaunchKernel(add, 1, 1, 1, 1, 1, 1, 0, NULL, holes, NULL), hipErrorInvalidValue);
    expect("no parameters", hipModuleLaunchKernel(add, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL), hipErrorInvalidValue);
    expect("both forms", hipModuleLaunchKernel(add, 1, 1, 1, 1, 1, 1, 0, NULL, parameters, extra),
           hipErrorInvalidValue);
    expect("a wild kernel", hipModuleLaunchKernel((hipFunction_t)0x1234, 1, 1, 1, 1, 1, 1, 0, NULL, parameters, NULL),
           hipErrorInvalidHandle);
    int blocks = 0;
    check("occupancy", hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, add, 256, 0));
    printf("%s occupancy\n", blocks > 0 ? "ok" : "WRONG");
}

static void memory(void* buffer) {
    expect("hipFree inside an allocation", hipFree((char*)buffer + 4), hipErrorInvalidDevicePointer);
    expect("hipFree of a wild address", hipFree((void*)0x10), hipErrorInvalidDevicePointer);
    expect("hipFree of null", hipFree(NULL), hipSuccess);
    expect("a copy past the end", hipMemcpy(buffer, values, sizeof values + 4, hipMemcpyHostToDevice),
           hipErrorInvalidValue);
    expect("a copy to no device memory", hipMemcpyHtoD(values, values, 4), hipErrorInvalidValue);
    expect("a copy from null", hipMemcpyHtoD(buffer, NULL, 4), hipErrorInvalidValue);
    expect("a copy of an unknown kind", hipMemcpy(buffer, values, 4, (hipMemcpyKind)9), hipErrorInvalidMemcpyDirection);
    expect("a fill past the end", hipMemset(buffer, 0, sizeof values + 1), hipErrorInvalidValue);
    expect("a misaligned 32-bit fill", hipMemsetD32((char*)buffer + 1, 0, 1), hipErrorInvalidValue);
    check("hipMemsetD32", hipMemsetD32(buffer, 7, COUNT));
    check("hipMemsetD8", hipMemsetD8(buffer, 1, 4));
    unsigned first[2];
    check("hipMemcpy", hipMemcpy(first, buffer, sizeof first, hipMemcpyDefault));
    printf("%s fills\n", first[0] == 0x01010101 && first[1] == 7 ? "ok" : "WRONG");

    unsigned* pinned;
    check("hipHostMalloc", hipHostMalloc((void**)&pinned, 4096, hipHostMallocDefault));
    check("hipMemcpyAsync", hipMemcpyAsync(pinned, buffer, 8, hipMemcpyDeviceToHost, NULL));
    check("hipDeviceSynchronize", hipDeviceSynchronize());
    printf("%s pinned memory\n", pinned[1] == 7 ? "ok" : "WRONG");
    expect("hipFree of pinned memory", hipFree(pinned), hipErrorInvalidDevicePointer);
    check("hipHostFree", hipHostFree(pinned));
    expect("hipHostFree again", hipHostFree(pinned), hipErrorInvalidValue);
    hipGetLastError();
    hipFree((void*)0x10);
    expect("hipPeekAtLastError", hipPeekAtLastError(), hipErrorInvalidDevicePointer);
    expect("hipGetLastError", hipGetLastError(), hipErrorInvalidDevicePointer);
    expect("hipGetLastError again", hipGetLastError(), hipSuccess);
}

static void note(void* flag) { *(int*)flag += 1; }

static void noteStatus(hipStream_t stream, hipError_t status, void* flag) {
    (void)stream;
    *(int*)flag = (int)status;
}

static void faults(hipModule_t module, void* buffer) {
    hipFunction_t stray;
    hipFunction_t count;
    check("hipModuleGetFunction", hipModuleGetFunction(&stray, module, "stray"));
    check("hipModuleGetFunction", hipModuleGetFunction(&count, module, "count"));
    hipStream_t stream;
    hipEvent_t before;
    hipEvent_t after;
    check("hipStreamCreateWithFlags", hipStreamCreateWithFlags(&stream, hipStreamNonBlocking));
    check("hipEventCreate", hipEventCreate(&before));
    check("hipEventCreate", hipEventCreate(&after));
    int called = 0;
    int status = -1;
    void* parameters[] = {&buffer};
    check("hipLaunchHostFunc", hipLaunchHostFunc(stream, note, &called));
    check("hipEventRecord", hipEventRecord(before, stream));
    check("launch", hipModuleLaunchKernel(stray, 1, 1, 1, 1, 1, 1, 0, stream, parameters, NULL));
    check("hipLaunchHostFunc", hipLaunchHostFunc(stream, note, &called));
    check("hipStreamAddCallback", hipStreamAddCallback(stream, noteStatus, &status, 0));
    check("hipEventRecord", hipEventRecord(after, stream));
    expect("the event behind a fault", hipEventSynchronize(after), hipErrorIllegalAddress);
    expect("the event before it", hipEventQuery(before), hipSuccess);
    expect("the callback's status", status, hipErrorIllegalAddress);
    printf("%s host functions\n", called == 1 ? "ok" : "WRONG");
    expect("the stream, once", hipStreamSynchronize(stream), hipErrorIllegalAddress);
    printf("%s words: %.40s\n", strstr(somaVgpuLastFault(), "stray") ? "ok" : "WRONG", somaVgpuLastFault());
    char text[16];
    size_t length = somaVgpuDeviceFault(0, text, sizeof text);
    printf("%s the device's fault\n", length > 15 && strlen(text) == 15 ? "ok" : "WRONG");
    expect("the stream, again", hipStreamSynchronize(stream), hipSuccess);
    unsigned number = 5;
    void* countParameters[] = {&buffer, &number};
    check("launch", hipModuleLaunchKernel(count, 1, 1, 1, 1, 1, 1, 0, stream, countParameters, NULL));
    check("hipStreamSynchronize", hipStreamSynchronize(stream));
    unsigned found = 0;
    check("hipMemcpy", hipMemcpy(&found, buffer, 4, hipMemcpyDeviceToHost));
    printf("%s the device after a fault\n", found == 5 ? "ok" : "WRONG");
    expect("an elapsed time without an address", hipEventElapsedTime(NULL, before, after),
           hipErrorInvalidValue);
    check("hipEventDestroy", hipEventDestroy(before));
    expect("hipEventDestroy again", hipEventDestroy(before), hipErrorInvalidHandle);
    check("hipStreamDestroy", hipStreamDestroy(stream));
    expect("hipStreamDestroy again", hipStreamDestroy(stream), hipErrorInvalidHandle);
    expect("a destroyed stream", hipStreamSynchronize(stream), hipErrorInvalidHandle);
}

/* hipModuleLoadData gets no length: an image that ends where memory ends must not be read beyond. */
static void images(const char* path) {
    FILE* file = fopen(path, "rb");
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t pages = (size + page - 1) / page * page;
    char* memory = mmap(NULL, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(memory + pages, page, PROT_NONE);
    char* image = memory + pages - size;
    printf("%s reading the code object\n", fread(image, 1, size, file) == size ? "ok" : "WRONG");
    fclose(file);
    hipModule_t module;
    check("hipModuleLoadData", hipModuleLoadData(&module, image));
    check("hipModuleUnload", hipModuleUnload(module));
    memmove(image + 1000, image, size - 1000);
    expect("a truncated image", hipModuleLoadData(&module, image + 1000), hipErrorInvalidImage);
    memcpy(memory + pages - 64, image + 1000, 64);
    expect("a header alone", hipModuleLoadData(&module, memory + pages - 64), hipErrorInvalidImage);
    memcpy(memory + pages - 24, "__CLANG_OFFLOAD_BUNDLE__", 24);
    expect("a bundle's magic alone", hipModuleLoadData(&module, memory + pages - 24), hipErrorInvalidImage);
    expect("two bytes", hipModuleLoadData(&module, memory + pages - 2), hipErrorInvalidImage);
    expect("unmapped memory", hipModuleLoadData(&module, memory + pages), hipErrorInvalidImage);
    expect("no image", hipModuleLoadData(&module, NULL), hipErrorInvalidValue);
    expect("no size", somaVgpuModuleLoad(&module, image, 0), hipErrorInvalidImage);
    munmap(memory, pages + page);
}

int main(int argc, char** argv) {
    int devices = 0;
    check("hipInit", hipInit(0));
    check("hipGetDeviceCount", hipGetDeviceCount(&devices));
    hipModule_t module;
    expect("a missing file", hipModuleLoad(&module, "/nonexistent.hsaco"), hipErrorFileNotFound);
    check("hipModuleLoad", hipModuleLoad(&module, argc > 1 ? argv[1] : ""));
    images(argv[1]);
    void* buffer;
    check("hipMalloc", hipMalloc(&buffer, sizeof values));
    launches(module, buffer);
    memory(buffer);
    faults(module, buffer);
    check("hipModuleUnload", hipModuleUnload(module));
    expect("hipModuleUnload again", hipModuleUnload(module), hipErrorInvalidHandle);
    check("hipFree", hipFree(buffer));
    expect("hipFree again", hipFree(buffer), hipErrorInvalidDevicePointer);
    puts("done");
    return 0;
}
