// Devices, their attributes and properties, and versions.
#include "context.h"

#include "../hip_abi/device_properties.h"

#include <algorithm>
#include <cstring>
#include <optional>

using namespace soma::cuda;

namespace {

/// The HIP version whose layouts and numbers the library follows: major · 10⁷ + minor · 10⁵ + patch.
constexpr int kHipVersion = 60000000;

std::optional<int> toCuda(hipDeviceAttribute_t attribute) {
    switch (static_cast<int>(attribute)) {
        case hipDeviceAttributeCanMapHostMemory:
            return CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY;
        case hipDeviceAttributeClockRate:
            return CU_DEVICE_ATTRIBUTE_CLOCK_RATE;
        case hipDeviceAttributeConcurrentKernels:
            return CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS;
        case hipDeviceAttributeCooperativeLaunch:
            return CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH;
        case hipDeviceAttributeIntegrated:
            return CU_DEVICE_ATTRIBUTE_INTEGRATED;
        case hipDeviceAttributeL2CacheSize:
            return CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE;
        case hipDeviceAttributeComputeCapabilityMajor:
            return CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
        case hipDeviceAttributeComputeCapabilityMinor:
            return CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
        case hipDeviceAttributeMaxBlockDimX:
            return CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X;
        case hipDeviceAttributeMaxBlockDimY:
            return CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y;
        case hipDeviceAttributeMaxBlockDimZ:
            return CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z;
        case hipDeviceAttributeMaxGridDimX:
            return CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X;
        case hipDeviceAttributeMaxGridDimY:
            return CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y;
        case hipDeviceAttributeMaxGridDimZ:
            return CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z;
        case hipDeviceAttributeMaxThreadsPerBlock:
            return CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
        case hipDeviceAttributeMaxThreadsPerMultiProcessor:
            return CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR;
        case hipDeviceAttributeMemoryBusWidth:
            return CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH;
        case hipDeviceAttributeMemoryPoolsSupported:
            return CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED;
        case hipDeviceAttributeMemoryClockRate:
            return CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE;
        case hipDeviceAttributeMultiprocessorCount:
            return CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
        case hipDeviceAttributeMaxRegistersPerBlock:
            return CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK;
        case hipDeviceAttributeMaxSharedMemoryPerBlock:
            // What a launch may have, for which the driver is asked then (`allowShared`); a kernel declares 48 KiB at most.
            return CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
        case hipDeviceAttributeMaxSharedMemoryPerMultiprocessor:
            return CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR;
        case hipDeviceAttributeTotalConstantMemory:
            return CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY;
        case hipDeviceAttributeWarpSize:
            return CU_DEVICE_ATTRIBUTE_WARP_SIZE;
        default:
            return std::nullopt;
    }
}

hipError_t attributeOf(const Driver& driver, CUdevice device, hipDeviceAttribute_t attribute, int& value) {
    const std::string what = "attribute " + std::to_string(static_cast<int>(attribute));
    if (attribute == hipDeviceAttributeMemoryPoolsSupported && !driver.cuMemAllocAsync) {
        // An older driver knows neither pools nor this attribute.
        value = 0;
        return hipSuccess;
    }
    const auto number = toCuda(attribute);
    if (!number) {
        return fail(hipErrorInvalidValue, "a CUDA device has no value for HIP's " + what);
    }
    return outcome(driver, driver.cuDeviceGetAttribute(&value, *number, device), "cuDeviceGetAttribute", what);
}

struct PropertyField {
    hipDeviceAttribute_t attribute;
    size_t soma::hip::DevicePropertiesLayout::* offset;
    /// Of several fields in a row.
    size_t position = 0;
    bool wide = false;
};

using Layout = soma::hip::DevicePropertiesLayout;

constexpr PropertyField kFields[] = {
    {hipDeviceAttributeMaxSharedMemoryPerBlock, &Layout::sharedMemPerBlock, 0, true},
    {hipDeviceAttributeMaxRegistersPerBlock, &Layout::regsPerBlock},
    {hipDeviceAttributeWarpSize, &Layout::warpSize},
    {hipDeviceAttributeMaxThreadsPerBlock, &Layout::maxThreadsPerBlock},
    {hipDeviceAttributeMaxBlockDimX, &Layout::maxThreadsDim, 0},
    {hipDeviceAttributeMaxBlockDimY, &Layout::maxThreadsDim, 1},
    {hipDeviceAttributeMaxBlockDimZ, &Layout::maxThreadsDim, 2},
    {hipDeviceAttributeMaxGridDimX, &Layout::maxGridSize, 0},
    {hipDeviceAttributeMaxGridDimY, &Layout::maxGridSize, 1},
    {hipDeviceAttributeMaxGridDimZ, &Layout::maxGridSize, 2},
    {hipDeviceAttributeClockRate, &Layout::clockRate},
    {hipDeviceAttributeMemoryClockRate, &Layout::memoryClockRate},
    {hipDeviceAttributeMemoryBusWidth, &Layout::memoryBusWidth},
    {hipDeviceAttributeTotalConstantMemory, &Layout::totalConstMem, 0, true},
    {hipDeviceAttributeComputeCapabilityMajor, &Layout::major},
    {hipDeviceAttributeComputeCapabilityMinor, &Layout::minor},
    {hipDeviceAttributeMultiprocessorCount, &Layout::multiProcessorCount},
    {hipDeviceAttributeL2CacheSize, &Layout::l2CacheSize},
    {hipDeviceAttributeMaxThreadsPerMultiProcessor, &Layout::maxThreadsPerMultiProcessor},
    {hipDeviceAttributeMaxSharedMemoryPerMultiprocessor, &Layout::maxSharedMemoryPerMultiProcessor, 0, true},
};

hipError_t fillProperties(const Driver& driver, const Layout& layout, void* properties, int index) {
    if (!properties) {
        return fail(hipErrorInvalidValue, "the address of the properties is null");
    }
    CUdevice device = 0;
    if (const hipError_t error = findDevice(driver, index, device)) {
        return error;
    }
    char* const out = static_cast<char*>(properties);
    std::memset(out, 0, layout.size);
    if (const CUresult result = driver.cuDeviceGetName(out + layout.name, soma::hip::kDeviceNameBytes, device)) {
        return outcome(driver, result, "cuDeviceGetName");
    }
    size_t memory = 0;
    if (const CUresult result = driver.cuDeviceTotalMem_v2(&memory, device)) {
        return outcome(driver, result, "cuDeviceTotalMem");
    }
    std::memcpy(out + layout.totalGlobalMem, &memory, sizeof memory);
    for (const PropertyField& field : kFields) {
        int value = 0;
        if (const hipError_t error = attributeOf(driver, device, field.attribute, value)) {
            return error;
        }
        char* const at = out + layout.*field.offset + field.position * sizeof value;
        const size_t wide = static_cast<size_t>(value);
        std::memcpy(at, field.wide ? static_cast<const void*>(&wide) : &value, field.wide ? sizeof wide : sizeof value);
    }
    int major = 0;
    int minor = 0;
    std::memcpy(&major, out + layout.major, sizeof major);
    std::memcpy(&minor, out + layout.minor, sizeof minor);
    // HIP's name of a target; NVIDIA's is the compute capability, as PTX's .target writes it.
    const std::string target = "sm_" + std::to_string(major) + std::to_string(minor);
    std::memcpy(out + layout.gcnArchName, target.data(), target.size());
    return hipSuccess;
}

}  // namespace

hipError_t hipInit(unsigned int flags) {
    return withDriver([&](const Driver&) {
        return flags == 0 ? hipSuccess : fail(hipErrorInvalidValue, "hipInit takes no flags: pass 0");
    });
}

// The version is the library's own: it needs no driver.
hipError_t hipRuntimeGetVersion(int* version) { return answer(version, kHipVersion, "version"); }

hipError_t hipDriverGetVersion(int* version) {
    return withDriver([&](const Driver& driver) {
        int value = 0;
        const hipError_t error = outcome(driver, driver.cuDriverGetVersion(&value), "cuDriverGetVersion");
        return error ? error : answer(version, value, "version");
    });
}

hipError_t hipGetDeviceCount(int* count) {
    if (count) {
        *count = 0;
    }
    return withDriver([&](const Driver& driver) {
        int value = 0;
        if (const hipError_t error = deviceCount(driver, value)) {
            return error;
        }
        if (const hipError_t error = answer(count, value, "number of devices")) {
            return error;
        }
        return value == 0 ? fail(hipErrorNoDevice, "the CUDA driver is there and finds no device") : hipSuccess;
    });
}

hipError_t hipSetDevice(int device) {
    return withDriver([&](const Driver& driver) { return setCurrentDevice(driver, device); });
}

hipError_t hipGetDevice(int* device) {
    return withDriver([&](const Driver&) { return answer(device, currentDevice(), "device"); });
}

hipError_t hipDeviceGet(hipDevice_t* device, int ordinal) {
    return withDriver([&](const Driver& driver) {
        CUdevice found = 0;
        const hipError_t error = findDevice(driver, ordinal, found);
        return error ? error : answer(device, ordinal, "device");
    });
}

hipError_t hipDeviceGetName(char* name, int length, hipDevice_t index) {
    return withDriver([&](const Driver& driver) {
        if (!name || length <= 0) {
            return fail(hipErrorInvalidValue, "the buffer for the device's name is null or empty");
        }
        CUdevice device = 0;
        const hipError_t error = findDevice(driver, index, device);
        return error ? error : outcome(driver, driver.cuDeviceGetName(name, length, device), "cuDeviceGetName");
    });
}

hipError_t hipDeviceGetAttribute(int* value, hipDeviceAttribute_t attribute, int index) {
    return withDriver([&](const Driver& driver) {
        CUdevice device = 0;
        if (const hipError_t error = findDevice(driver, index, device)) {
            return error;
        }
        int found = 0;
        const hipError_t error = attributeOf(driver, device, attribute, found);
        return error ? error : answer(value, found, "attribute's value");
    });
}

hipError_t hipDeviceTotalMem(size_t* size, hipDevice_t index) {
    return withDriver([&](const Driver& driver) {
        CUdevice device = 0;
        if (const hipError_t error = findDevice(driver, index, device)) {
            return error;
        }
        size_t bytes = 0;
        const hipError_t error = outcome(driver, driver.cuDeviceTotalMem_v2(&bytes, device), "cuDeviceTotalMem");
        return error ? error : answer(size, bytes, "memory size");
    });
}

hipError_t hipGetDeviceProperties(hipDeviceProp_tR0000* out, int device) {
    return withDriver(
        [&](const Driver& driver) { return fillProperties(driver, soma::hip::kPropertiesR0000, out, device); });
}

hipError_t hipGetDevicePropertiesR0600(hipDeviceProp_tR0600* out, int device) {
    return withDriver(
        [&](const Driver& driver) { return fillProperties(driver, soma::hip::kPropertiesR0600, out, device); });
}

hipError_t hipDeviceReset() {
    return withDriver([&](const Driver& driver) {
        const hipError_t error = resetDevice(driver);
        if (!error) {
            // It is one of what is gone.
            (void)hipGetLastError();
        }
        return error;
    });
}

hipError_t hipDeviceSynchronize() {
    return withDriver([&](const Driver& driver) {
        const hipError_t error = enter(driver);
        return error ? error : outcome(driver, driver.cuCtxSynchronize(), "cuCtxSynchronize");
    });
}
