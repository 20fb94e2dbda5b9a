// Where the fields of hipDeviceProp_t lie in its two layouts, in bytes: what the virtual GPU fills and what the loader
// reads. Offsets follow from the public structure of hip/hip_runtime_api.h under the x86-64 System V ABI: R0000 is that
// of HIP 5 (and of hipDeviceProp_tR0000 in later versions), R0600 that of HIP 6 and 7.
#pragma once

#include "hip_abi.h"

#include <cstddef>

namespace soma::hip {

struct DevicePropertiesLayout {
    size_t size;
    size_t name;
    size_t totalGlobalMem;
    size_t sharedMemPerBlock;
    size_t regsPerBlock;
    size_t warpSize;
    size_t maxThreadsPerBlock;
    size_t maxThreadsDim;
    size_t maxGridSize;
    size_t clockRate;
    size_t memoryClockRate;
    size_t memoryBusWidth;
    size_t totalConstMem;
    size_t major;
    size_t minor;
    size_t multiProcessorCount;
    size_t l2CacheSize;
    size_t maxThreadsPerMultiProcessor;
    size_t maxSharedMemoryPerMultiProcessor;
    size_t gcnArchName;
};

/// Bytes of `name` and of `gcnArchName`, terminator included.
inline constexpr size_t kDeviceNameBytes = 256;

inline constexpr DevicePropertiesLayout kPropertiesR0000{
    .size = sizeof(hipDeviceProp_tR0000),
    .name = 0,
    .totalGlobalMem = 256,
    .sharedMemPerBlock = 264,
    .regsPerBlock = 272,
    .warpSize = 276,
    .maxThreadsPerBlock = 280,
    .maxThreadsDim = 284,
    .maxGridSize = 296,
    .clockRate = 308,
    .memoryClockRate = 312,
    .memoryBusWidth = 316,
    .totalConstMem = 320,
    .major = 328,
    .minor = 332,
    .multiProcessorCount = 336,
    .l2CacheSize = 340,
    .maxThreadsPerMultiProcessor = 344,
    .maxSharedMemoryPerMultiProcessor = 376,
    .gcnArchName = 396,
};

inline constexpr DevicePropertiesLayout kPropertiesR0600{
    .size = sizeof(hipDeviceProp_tR0600),
    .name = 0,
    .totalGlobalMem = 288,
    .sharedMemPerBlock = 296,
    .regsPerBlock = 304,
    .warpSize = 308,
    .maxThreadsPerBlock = 320,
    .maxThreadsDim = 324,
    .maxGridSize = 336,
    .clockRate = 348,
    .memoryClockRate = 608,
    .memoryBusWidth = 612,
    .totalConstMem = 352,
    .major = 360,
    .minor = 364,
    .multiProcessorCount = 388,
    .l2CacheSize = 616,
    .maxThreadsPerMultiProcessor = 624,
    .maxSharedMemoryPerMultiProcessor = 1416,
    .gcnArchName = 1160,
};

}  // namespace soma::hip
