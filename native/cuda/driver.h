// The CUDA driver's library: found with dlopen when it is first needed, and never closed, because it has threads and exit
// handlers of its own. SOMA_LIBCUDA names another library than libcuda.so.1.
#pragma once

#include "driver_api.h"

#include <string>

namespace soma::cuda {

struct Driver {
#define SOMA_POINTER(name, parameters) CUresult(*name) parameters = nullptr;
    SOMA_CUDA_FUNCTIONS(SOMA_POINTER)
    /* Null where the driver lacks it. */
    SOMA_CUDA_RECENT_FUNCTIONS(SOMA_POINTER)
#undef SOMA_POINTER
};

/// The driver, loaded and initialised once. Null where that fails; `whyNoDriver` then says why.
const Driver* driver();

/// A failure of loading or of cuInit: a code of HIP's, and cause and remedy in words.
struct NoDriver {
    int code = 0;
    std::string words;
};
const NoDriver& whyNoDriver();

}  // namespace soma::cuda
