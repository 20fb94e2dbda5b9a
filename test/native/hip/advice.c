/* Advice on managed memory, and what ranges answer. Prints what it found, a line each; a wrong answer is a line with
 * WRONG. */
#include "../../../native/vgpu/hip/soma_vgpu.h"

#include <stdio.h>

#define PAGE 4096u
#define PAGES 8u

static void holds(const char* what, int it) { printf("%s %s\n", it ? "ok" : "WRONG", what); }
static void gives(const char* what, hipError_t wanted, hipError_t error) {
    printf("%s %s: %s\n", error == wanted ? "ok" : "WRONG", what, hipGetErrorName(error));
}
static void check(const char* what, hipError_t error) { gives(what, hipSuccess, error); }

static char* memory;

static void advise(unsigned page, size_t bytes, hipMemoryAdvise advice, int device) {
    check("hipMemAdvise", hipMemAdvise(memory + page * PAGE, bytes, advice, device));
}

static int answer(hipMemRangeAttribute attribute, unsigned page, unsigned pages) {
    int value = 12345;
    check("hipMemRangeGetAttribute",
          hipMemRangeGetAttribute(&value, sizeof value, attribute, memory + page * PAGE, pages * PAGE));
    return value;
}

static void locations(void) {
    holds("no preferred location at first",
          answer(hipMemRangeAttributePreferredLocation, 0, PAGES) == hipInvalidDeviceId);
    advise(0, 2 * PAGE, hipMemAdviseSetPreferredLocation, 1);
    advise(2, 2 * PAGE, hipMemAdviseSetPreferredLocation, hipCpuDeviceId);
    holds("a preferred device", answer(hipMemRangeAttributePreferredLocation, 0, 2) == 1);
    holds("the host is preferred", answer(hipMemRangeAttributePreferredLocation, 2, 2) == hipCpuDeviceId);
    holds("two preferred locations are none",
          answer(hipMemRangeAttributePreferredLocation, 1, 2) == hipInvalidDeviceId);
    advise(0, PAGE, hipMemAdviseUnsetPreferredLocation, 0);
    holds("advice is taken back", answer(hipMemRangeAttributePreferredLocation, 0, 1) == hipInvalidDeviceId);
    holds("and stays behind it", answer(hipMemRangeAttributePreferredLocation, 1, 1) == 1);
    check("hipMemPrefetchAsync", hipMemPrefetchAsync(memory, 3 * PAGE, 1, NULL));
    check("hipMemPrefetchAsync", hipMemPrefetchAsync(memory, PAGE, hipCpuDeviceId, NULL));
    holds("where it was prefetched to last", answer(hipMemRangeAttributeLastPrefetchLocation, 0, 1) == hipCpuDeviceId);
    holds("and the rest", answer(hipMemRangeAttributeLastPrefetchLocation, 1, 2) == 1);
    holds("a part was never prefetched", answer(hipMemRangeAttributeLastPrefetchLocation, 2, 2) == hipInvalidDeviceId);
}

static void readersAndGrain(void) {
    advise(4, 1, hipMemAdviseSetReadMostly, 0);
    holds("advice for a byte is advice for its page", answer(hipMemRangeAttributeReadMostly, 4, 1) == 1);
    holds("not for the next one", answer(hipMemRangeAttributeReadMostly, 4, 2) == 0);
    advise(0, PAGES * PAGE, hipMemAdviseUnsetReadMostly, 0);
    holds("nor where it was taken back", answer(hipMemRangeAttributeReadMostly, 4, 1) == 0);

    advise(0, 4 * PAGE, hipMemAdviseSetAccessedBy, 0);
    advise(0, PAGE, hipMemAdviseSetAccessedBy, 1);
    int devices[3] = {7, 7, 7};
    int coherency = 7;
    void* values[] = {devices, &coherency};
    size_t sizes[] = {sizeof devices, sizeof coherency};
    hipMemRangeAttribute attributes[] = {hipMemRangeAttributeAccessedBy, hipMemRangeAttributeCoherencyMode};
    check("hipMemRangeGetAttributes", hipMemRangeGetAttributes(values, sizes, attributes, 2, memory, PAGE));
    holds("both devices access it, and no other", devices[0] == 0 && devices[1] == 1 && devices[2] == hipInvalidDeviceId);
    holds("managed memory is fine-grained", coherency == hipMemRangeCoherencyModeFineGrain);
    advise(0, PAGE, hipMemAdviseSetCoarseGrain, 0);
    check("hipMemRangeGetAttributes", hipMemRangeGetAttributes(values, sizes, attributes, 2, memory, 2 * PAGE));
    holds("one device accesses all of it", devices[0] == 0 && devices[1] == hipInvalidDeviceId);
    holds("a range of both grains has none", coherency == hipMemRangeCoherencyModeIndeterminate);
    holds("coarse grain", answer(hipMemRangeAttributeCoherencyMode, 0, 1) == hipMemRangeCoherencyModeCoarseGrain);
    advise(0, PAGE, hipMemAdviseUnsetAccessedBy, 0);
    holds("a device accesses it no longer", answer(hipMemRangeAttributeAccessedBy, 0, 1) == 1);
}

static void refusals(void) {
    int value = 0;
    void* device = NULL;
    check("hipMalloc", hipMalloc(&device, PAGE));
    gives("advice for a null pointer", hipErrorInvalidValue, hipMemAdvise(NULL, PAGE, hipMemAdviseSetReadMostly, 0));
    gives("for no bytes", hipErrorInvalidValue, hipMemAdvise(memory, 0, hipMemAdviseSetReadMostly, 0));
    gives("for more than there is", hipErrorInvalidValue,
          hipMemAdvise(memory + PAGE, PAGES * PAGE, hipMemAdviseSetReadMostly, 0));
    gives("for memory that is not managed", hipErrorInvalidValue,
          hipMemAdvise(device, PAGE, hipMemAdviseSetReadMostly, 0));
    gives("that there is not", hipErrorInvalidValue, hipMemAdvise(memory, PAGE, (hipMemoryAdvise)7, 0));
    gives("of no such device", hipErrorInvalidDevice, hipMemAdvise(memory, PAGE, hipMemAdviseSetAccessedBy, 2));
    gives("a prefetch to no such device", hipErrorInvalidDevice, hipMemPrefetchAsync(memory, PAGE, 2, NULL));
    gives("an attribute that there is not", hipErrorInvalidValue,
          hipMemRangeGetAttribute(&value, sizeof value, (hipMemRangeAttribute)9, memory, PAGE));
    gives("of another size", hipErrorInvalidValue,
          hipMemRangeGetAttribute(&value, 2, hipMemRangeAttributeReadMostly, memory, PAGE));
    gives("to a null pointer", hipErrorInvalidValue,
          hipMemRangeGetAttribute(NULL, sizeof value, hipMemRangeAttributeReadMostly, memory, PAGE));
    check("hipFree", hipFree(device));
}

static void isForgotten(void) {
    /* The host gives the same pages again, but that is its choice: a fresh range must have no advice wherever it lies. */
    for (int i = 0; i < 4; i++) {
        advise(0, PAGES * PAGE, hipMemAdviseSetReadMostly, 0);
        check("hipFree", hipFree(memory));
        check("hipMallocManaged", hipMallocManaged((void**)&memory, PAGES * PAGE, hipMemAttachGlobal));
        holds("fresh memory has no advice", answer(hipMemRangeAttributeReadMostly, 0, PAGES) == 0 &&
                                                answer(hipMemRangeAttributeReadMostly, 2, 1) == 0);
    }
}

int main(void) {
    check("somaVgpuConfigure", somaVgpuConfigure("gfx1100,gfx1100"));
    check("hipMallocManaged", hipMallocManaged((void**)&memory, PAGES * PAGE, hipMemAttachGlobal));
    locations();
    readersAndGrain();
    refusals();
    isForgotten();
    check("hipFree", hipFree(memory));
    puts("done");
    return 0;
}
