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
    size_t memPitch;
    size_t canMapHostMemory;
    size_t concurrentKernels;
    size_t pciBusId;
    size_t managedMemory;
    size_t concurrentManagedAccess;
    /// One bit for each feature of hipDeviceArch_t.
    size_t arch;
};

/// Bytes of `name` and of `gcnArchName`, terminator included.
inline constexpr size_t kDeviceNameBytes = 256;

/// hipDeviceArch_t of AMD's devices: atomics of 32 and 64 bits, doubles, votes, ballots and shuffles (bits 0 to 10), fences
/// for the system (12), three-dimensional grids (15).
inline constexpr unsigned kArchFeatures = 0x97ff;

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
    .memPitch = 712,
    .canMapHostMemory = 388,
    .concurrentKernels = 360,
    .pciBusId = 368,
    .managedMemory = 772,
    .concurrentManagedAccess = 780,
    .arch = 356,
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
    .memPitch = 312,
    .canMapHostMemory = 400,
    .concurrentKernels = 576,
    .pciBusId = 584,
    .managedMemory = 652,
    .concurrentManagedAccess = 676,
    .arch = 1428,
};

}  // namespace soma::hip
