/* A HIP library without a virtual GPU behind it, for what only other libraries do. It exports every function that the
 * binding needs and fails in all of them, but for what a definition turns on:
 * DEVICE: it has one device, whose architecture stands where HIP 5 (LAYOUT5) or HIP 6 puts it.
 */
#include "../../../native/hip_abi/hip_abi.h"

#include <string.h>

/* An error code, or for the functions that give text, text. */
#define FAIL(name, result, parameters)                                                                                 \
    result name parameters { return (result)(sizeof(result) == sizeof(hipError_t) ? (intptr_t)ERROR : (intptr_t)TEXT); }
static const char TEXT[] = "hipErrorOfTheFake";

#ifdef DEVICE
#define ERROR hipSuccess
#else
#define ERROR hipErrorNoDevice
#endif

#define hipGetDeviceCount failingGetDeviceCount
SOMA_HIP_CORE_FUNCTIONS(FAIL)
#undef hipGetDeviceCount

hipError_t hipGetDeviceCount(int* count) {
#ifdef DEVICE
    *count = 1;
#else
    *count = 0;
#endif
    return ERROR;
}

/* gcnArchName's offset in hipDeviceProp_t: 396 in HIP 5, 1160 in HIP 6 and 7. */
#ifdef LAYOUT5
hipError_t hipGetDeviceProperties(hipDeviceProp_tR0000* properties, int device) {
    (void)device;
    strcpy((char*)properties + 396, "gfx90a:sramecc+:xnack-");
    return ERROR;
}
#else
hipError_t hipGetDevicePropertiesR0600(hipDeviceProp_tR0600* properties, int device) {
    (void)device;
    strcpy((char*)properties + 1160, "gfx942:sramecc+:xnack-");
    return ERROR;
}
#endif
