/* The virtual GPU's own C ABI, beside HIP's: what integers and HIP's structures cannot say.
 *
 * Found by dlsym: a library without `somaVgpuAbiVersion` is no virtual GPU. Functions never move or change their meaning
 * within a version; structures begin with their size, so that they can grow. All are thread-safe, and give HIP's error
 * codes (hip_abi.h). The devices are made at the first use from the environment variable SOMA_VGPU, a list of targets
 * such as `gfx1100` (the default) or `gfx942,gfx1201`; a wrong list gives no device, and `somaVgpuLastFault` says why.
 */
#ifndef SOMA_VGPU_H
#define SOMA_VGPU_H

#include "../../hip_abi/hip_abi.h"

#define SOMA_VGPU_ABI_VERSION 1u

/* Limits of a device; X(name, value). A value of 0 means no limit, or for threads one per core. */
#define SOMA_VGPU_LIMITS(X)                                                                                            \
    /* Instructions that one wave may execute before its launch stops as an endless loop. */                           \
    X(somaVgpuLimitWaveInstructions, 0)                                                                                \
    /* Host threads of a launch. */                                                                                    \
    X(somaVgpuLimitThreads, 1)                                                                                         \
    /* Bytes of private memory per work-item for kernels with a dynamic stack. */                                      \
    X(somaVgpuLimitDynamicStackBytes, 2)

typedef enum somaVgpuLimit {
#define SOMA_VGPU_ENUMERATOR(name, value) name = value,
    SOMA_VGPU_LIMITS(SOMA_VGPU_ENUMERATOR)
#undef SOMA_VGPU_ENUMERATOR
} somaVgpuLimit;

/* What a device counted; X(name). Instructions are counted once a wave. */
#define SOMA_VGPU_COUNTERS(X)                                                                                          \
    X(launches)           /* kernels that ran to their end */                                                          \
    X(workgroups)                                                                                                      \
    X(waves)                                                                                                           \
    X(instructions)       /* all classes below together */                                                             \
    X(salu)                                                                                                            \
    X(valu)                                                                                                            \
    X(transcendental)                                                                                                  \
    X(matrix)                                                                                                          \
    X(vectorLoad)                                                                                                      \
    X(vectorStore)                                                                                                     \
    X(vectorAtomic)                                                                                                    \
    X(scalarMemory)                                                                                                    \
    X(lds)                                                                                                             \
    X(scratch)                                                                                                         \
    X(branch)                                                                                                          \
    X(barrier)                                                                                                         \
    X(wait)                                                                                                            \
    X(other)                                                                                                           \
    X(activeLanes)        /* lanes that were on, summed over vector instructions */                                    \
    X(vectorInstructions)                                                                                              \
    /* While profiling is on; spec/vgpu.md, "Counters", defines them. */                                               \
    X(divergentBranches)                                                                                               \
    X(globalTransactions)                                                                                              \
    X(globalUsefulBytes)                                                                                               \
    X(ldsCycles)                                                                                                       \
    X(ldsBankConflicts)                                                                                                \
    X(flops)                                                                                                           \
    X(matrixFlops)

typedef struct somaVgpuCounters {
    /* In: sizeof(somaVgpuCounters) of the caller. Out: how much of it was written. */
    size_t size;
#define SOMA_VGPU_FIELD(name) uint64_t name;
    SOMA_VGPU_COUNTERS(SOMA_VGPU_FIELD)
#undef SOMA_VGPU_FIELD
} somaVgpuCounters;

/* X(name, result, parameters).
 *
 * somaVgpuAbiVersion: SOMA_VGPU_ABI_VERSION of the library.
 * somaVgpuTargets: the targets it can be, comma-separated, as a static string.
 * somaVgpuConfigure: makes the devices those of a comma-separated list of targets, one for each. A device whose place and
 *   target stay the same is kept with all that is on it. hipErrorInvalidValue for a wrong list, hipErrorIllegalState while
 *   memory, modules or streams of a device that would go are alive.
 * somaVgpuTarget: the target of a device as a static string, null where there is no such device.
 * somaVgpuModuleLoad: hipModuleLoadData with the image's size in bytes: nothing beyond it is read.
 * somaVgpuSetLimit, somaVgpuGetLimit: hipErrorUnsupportedLimit for an unknown limit, hipErrorInvalidValue for a value out
 *   of its range.
 * somaVgpuLastFault: why the calling thread's latest failing call failed, in words; "" if none did. The string is the
 *   thread's and lives until its next failing call.
 * somaVgpuDeviceFault: writes why the device's latest kernel fault happened, always terminated; gives the length of the
 *   whole text without terminator (0: no fault yet). `text` may be null when `capacity` is 0.
 * somaVgpuGetCounters: sums over all launches of a device since it was made.
 * somaVgpuSetProfiling: 1 counts in detail, and begins anew; 0 stops. Launches take several times as long meanwhile.
 * somaVgpuProfile: writes what was counted since then as JSON, as somaVgpuDeviceFault writes its text.
 * somaVgpuSetSanitizing: 1 checks every later launch (and begins anew), 0 stops. The environment variable
 *   SOMA_VGPU_SANITIZE has the devices begin with it, and reports written as they are made: 1 to standard error, else to
 *   the end of the file of that name; leaks are reported when the process ends.
 * somaVgpuSanitizerReports: writes what was found since then as JSON, in the same way.
 * somaVgpuSetTrace: what later launches record (and begins anew), as JSON (spec/vgpu.md, "Traces"); null or "{}" is nothing.
 *   hipErrorInvalidValue where the text is no JSON object.
 * somaVgpuTrace: writes what was recorded since then as JSON, in the same way.
 * somaVgpuMarkNextLaunch: gives the calling thread's next launch of a hipFunction_t a number of the caller's, not 0.
 * somaVgpuStopLaunch: ends the launch of that number, now or when its turn comes, as if it had come to its end: what is
 *   queued behind it goes on. hipErrorNotFound where it has ended. */
#define SOMA_VGPU_FUNCTIONS(X)                                                                                         \
    X(somaVgpuAbiVersion, uint32_t, (void))                                                                            \
    X(somaVgpuTargets, const char*, (void))                                                                            \
    X(somaVgpuConfigure, hipError_t, (const char* targets))                                                            \
    X(somaVgpuTarget, const char*, (int device))                                                                       \
    X(somaVgpuModuleLoad, hipError_t, (hipModule_t* module, const void* image, size_t size))                           \
    X(somaVgpuSetLimit, hipError_t, (int device, somaVgpuLimit limit, uint64_t value))                                 \
    X(somaVgpuGetLimit, hipError_t, (int device, somaVgpuLimit limit, uint64_t* value))                                \
    X(somaVgpuLastFault, const char*, (void))                                                                          \
    X(somaVgpuDeviceFault, size_t, (int device, char* text, size_t capacity))                                          \
    X(somaVgpuGetCounters, hipError_t, (int device, somaVgpuCounters* counters))                                       \
    X(somaVgpuSetProfiling, hipError_t, (int device, int on))                                                          \
    X(somaVgpuProfile, size_t, (int device, char* text, size_t capacity))                                              \
    X(somaVgpuSetSanitizing, hipError_t, (int device, int on))                                                         \
    X(somaVgpuSanitizerReports, size_t, (int device, char* text, size_t capacity))                                     \
    X(somaVgpuSetTrace, hipError_t, (int device, const char* settings))                                                \
    X(somaVgpuTrace, size_t, (int device, char* text, size_t capacity))                                                \
    X(somaVgpuMarkNextLaunch, hipError_t, (uint64_t mark))                                                             \
    X(somaVgpuStopLaunch, hipError_t, (uint64_t mark))

#ifdef __cplusplus
extern "C" {
#endif
#define SOMA_VGPU_DECLARE(name, result, parameters) SOMA_HIP_EXPORT result name parameters;
SOMA_VGPU_FUNCTIONS(SOMA_VGPU_DECLARE)
#undef SOMA_VGPU_DECLARE
#ifdef __cplusplus
}
#endif

#endif
