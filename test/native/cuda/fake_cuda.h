/* What the files of the stand-in driver share (fake_cuda.c). */
#include "../../../native/cuda/driver_api.h"

/* Logs the call; what it is to fail with, or 0. */
CUresult called(const char* name, const char* format, ...);

#define CALLED(...)                                                                                                    \
    do {                                                                                                               \
        const CUresult failure = called(__VA_ARGS__);                                                                  \
        if (failure) {                                                                                                 \
            return failure;                                                                                            \
        }                                                                                                              \
    } while (0)

#define SOMA_DECLARE(name, parameters) __attribute__((visibility("default"))) CUresult name parameters;
SOMA_CUDA_FUNCTIONS(SOMA_DECLARE)
#ifndef FAKE_CUDA_OLD
SOMA_CUDA_RECENT_FUNCTIONS(SOMA_DECLARE)
#endif
