#define _GNU_SOURCE
/* A pool whose memory another process uses: this program starts itself anew for it, with the pool's file descriptor. Prints
 * what both found, a line each; a wrong answer is a line with WRONG. */
#include "../../../native/vgpu/hip/soma_vgpu.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BYTES 65536u

static void holds(const char* what, int it) { printf("%s %s\n", it ? "ok" : "WRONG", what); }
static void gives(const char* what, hipError_t wanted, hipError_t error) {
    printf("%s %s: %s\n", error == wanted ? "ok" : "WRONG", what, hipGetErrorName(error));
}
static void check(const char* what, hipError_t error) { gives(what, hipSuccess, error); }

static const hipMemAllocationHandleType TYPE = hipMemHandleTypePosixFileDescriptor;

static int allAre(void* memory, unsigned char wanted) {
    static unsigned char bytes[BYTES];
    if (hipMemcpy(bytes, memory, BYTES, hipMemcpyDeviceToHost) != hipSuccess) return 0;
    for (unsigned i = 0; i < BYTES; i++)
        if (bytes[i] != wanted) return 0;
    return 1;
}

static hipMemPool_t create(hipMemAllocationHandleType types) {
    hipMemPool_t pool = NULL;
    hipMemPoolProps properties = {hipMemAllocationTypePinned, types, {hipMemLocationTypeDevice, 0}, NULL, 0, {0}};
    check("hipMemPoolCreate", hipMemPoolCreate(&pool, &properties));
    return pool;
}

static hipMemPool_t import(int descriptor) {
    hipMemPool_t pool = NULL;
    check("hipMemPoolImportFromShareableHandle",
          hipMemPoolImportFromShareableHandle(&pool, (void*)(intptr_t)descriptor, TYPE, 0));
    return pool;
}

/* The other process: reads what the first one wrote, leaves words of its own, and gives the memory back. */
static void importer(int descriptor, int input) {
    hipMemPoolPtrExportData data[2];
    holds("the data arrived", read(input, data, sizeof data) == (ssize_t)sizeof data);
    hipMemPool_t pool = import(descriptor);
    void* whole = NULL;
    void* part = NULL;
    check("hipMemPoolImportPointer", hipMemPoolImportPointer(&whole, pool, &data[0]));
    check("hipMemPoolImportPointer of the inside of another", hipMemPoolImportPointer(&part, pool, &data[1]));
    holds("what the other process wrote is there", allAre(whole, 5));
    unsigned char byte = 0;
    check("hipMemcpy", hipMemcpy(&byte, part, 1, hipMemcpyDeviceToHost));
    holds("and at the pointer inside", byte == 77);
    check("hipMemset", hipMemset(whole, 6, BYTES));
    void* fresh = NULL;
    gives("an allocation from an imported pool", hipErrorInvalidValue, hipMallocFromPoolAsync(&fresh, 64, pool, NULL));
    gives("an imported pool as a device's", hipErrorInvalidValue, hipDeviceSetMemPool(0, pool));
    int again = -1;
    gives("the export of an imported pool", hipErrorInvalidValue,
          hipMemPoolExportToShareableHandle(&again, pool, TYPE, 0));
    check("hipFreeAsync", hipFreeAsync(whole, NULL));
    check("hipFree", hipFree(part));
    gives("hipFree of what was given back", hipErrorInvalidDevicePointer, hipFree(part));
    gives("a copy from what was given back", hipErrorInvalidValue,
          hipMemcpy(&byte, whole, 1, hipMemcpyDeviceToHost));
    check("hipMemPoolDestroy", hipMemPoolDestroy(pool));
}

static int runImporter(const char* self, int descriptor, const hipMemPoolPtrExportData* data, size_t bytes) {
    int ends[2];
    if (pipe(ends) != 0 || write(ends[1], data, bytes) != (ssize_t)bytes) return -1;
    fflush(stdout);
    const pid_t process = fork();
    if (process == 0) {
        char pool[16], input[16];
        snprintf(pool, sizeof pool, "%d", descriptor);
        snprintf(input, sizeof input, "%d", ends[0]);
        fcntl(descriptor, F_SETFD, 0);
        execl(self, self, "import", pool, input, (char*)NULL);
        _exit(127);
    }
    int status = -1;
    waitpid(process, &status, 0);
    close(ends[0]);
    close(ends[1]);
    return status;
}

static void refusals(hipMemPool_t pool, int descriptor, void* pooled) {
    int out = -1;
    hipMemPool_t imported = NULL;
    hipMemPoolPtrExportData data;
    void* pointer = NULL;
    hipMemPool_t closed = create(hipMemHandleTypeNone);
    gives("the export of a pool without handles", hipErrorInvalidValue,
          hipMemPoolExportToShareableHandle(&out, closed, TYPE, 0));
    gives("as no handle", hipErrorInvalidValue,
          hipMemPoolExportToShareableHandle(&out, pool, hipMemHandleTypeNone, 0));
    gives("with flags", hipErrorInvalidValue, hipMemPoolExportToShareableHandle(&out, pool, TYPE, 1));
    gives("to nowhere", hipErrorInvalidValue, hipMemPoolExportToShareableHandle(NULL, pool, TYPE, 0));
    gives("the import of no descriptor", hipErrorInvalidValue,
          hipMemPoolImportFromShareableHandle(&imported, NULL, TYPE, 0));
    gives("of a descriptor of another file", hipErrorInvalidValue,
          hipMemPoolImportFromShareableHandle(&imported, (void*)(intptr_t)1, TYPE, 0));
    void* other = NULL;
    check("hipMallocFromPoolAsync", hipMallocFromPoolAsync(&other, 64, closed, NULL));
    gives("the export of memory of a pool without handles", hipErrorInvalidValue, hipMemPoolExportPointer(&data, other));
    check("hipMemPoolExportPointer", hipMemPoolExportPointer(&data, pooled));
    gives("its import to the pool itself", hipErrorInvalidValue, hipMemPoolImportPointer(&pointer, pool, &data));
    imported = import(descriptor);
    memset(&data, 0, sizeof data);
    gives("the import of other data", hipErrorInvalidValue, hipMemPoolImportPointer(&pointer, imported, &data));
    check("hipMemPoolDestroy", hipMemPoolDestroy(imported));
    check("hipFree", hipFree(other));
    check("hipMemPoolDestroy", hipMemPoolDestroy(closed));
}

int main(int count, char** arguments) {
    if (count == 4 && strcmp(arguments[1], "import") == 0) {
        importer(atoi(arguments[2]), atoi(arguments[3]));
        return 0;
    }
    hipMemPool_t pool = create(TYPE);
    unsigned char* memory[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        check("hipMallocFromPoolAsync", hipMallocFromPoolAsync((void**)&memory[i], BYTES, pool, NULL));
        check("hipMemset", hipMemset(memory[i], 5, BYTES));
    }
    check("hipMemset", hipMemset(memory[1] + 100, 77, 1));
    int descriptor = -1;
    check("hipMemPoolExportToShareableHandle", hipMemPoolExportToShareableHandle(&descriptor, pool, TYPE, 0));
    hipMemPoolPtrExportData data[2];
    check("hipMemPoolExportPointer", hipMemPoolExportPointer(&data[0], memory[0]));
    check("hipMemPoolExportPointer", hipMemPoolExportPointer(&data[1], memory[1] + 100));
    holds("the other process ended well", runImporter(arguments[0], descriptor, data, sizeof data) == 0);
    holds("what the other process wrote is here", allAre(memory[0], 6));

    hipMemPool_t own = import(descriptor);
    void* alias = NULL;
    check("hipMemPoolImportPointer in the same process", hipMemPoolImportPointer(&alias, own, &data[0]));
    check("hipMemset", hipMemset(alias, 8, BYTES));
    holds("both addresses have the same bytes", alias != memory[0] && allAre(memory[0], 8));
    check("hipFree of one", hipFree(alias));
    holds("leaves the other", allAre(memory[0], 8));
    check("hipMemPoolDestroy", hipMemPoolDestroy(own));
    refusals(pool, descriptor, memory[1]);
    check("hipFree", hipFree(memory[0]));
    check("hipFreeAsync", hipFreeAsync(memory[1], NULL));
    check("hipMemPoolDestroy", hipMemPoolDestroy(pool));
    close(descriptor);
    puts("done");
    return 0;
}
