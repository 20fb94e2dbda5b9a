// A loaded HIP library: its functions by name, found with dlsym. Knows nothing of JavaScript.
// Invariant: a library stays loaded until the process ends: HIP's have threads and exit handlers of their own.
#pragma once

#include "../hip_abi/hip_optional.h"
#include "../vgpu/hip/soma_vgpu.h"

#include <string>
#include <vector>

namespace soma::hip {

struct Table {
#define SOMA_POINTER(name, result, parameters) result(*name) parameters = nullptr;
    SOMA_HIP_CORE_FUNCTIONS(SOMA_POINTER)
    /// At least one of these is there.
    SOMA_HIP_PROPERTIES_FUNCTIONS(SOMA_POINTER)
    /// Null where the library lacks them.
    SOMA_HIP_OPTIONAL_FUNCTIONS(SOMA_POINTER)
    /// Null unless the library is a virtual GPU of a version that this binding knows.
    SOMA_VGPU_FUNCTIONS(SOMA_POINTER)
#undef SOMA_POINTER
};

struct LoadFailure {
    std::string message;
    /// Required functions that the library lacks; empty when it could not be loaded.
    std::vector<std::string> missing;
};

/// Loads `path` as the dynamic linker does. Null handle and a `failure` where it can't, or where functions are missing.
void* loadTable(const std::string& path, Table& table, LoadFailure& failure);

}  // namespace soma::hip
