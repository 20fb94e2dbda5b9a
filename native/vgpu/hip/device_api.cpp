// Devices, their attributes and properties, and the runtime's version.
#include "context.h"

#include "../../hip_abi/device_properties.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

/// The HIP version whose layouts and numbers the library follows: major · 10⁷ + minor · 10⁵ + patch.
constexpr int kHipVersion = 60000000;
/// 32-bit vector registers of a compute unit's SIMDs, per workgroup as HIP counts it.
constexpr int kRegistersPerBlock = 65536;

/// "gfx1100" is major 11, minor 0; the last character is the stepping.
int majorVersion(const Target& target) { return std::stoi(std::string(target.name.substr(3, target.name.size() - 5))); }
int minorVersion(const Target& target) { return target.name[target.name.size() - 2] - '0'; }

/// A grid's work-items on each axis are a 32-bit number in the dispatch packet; HIP states its limit as an int.
constexpr int kMostGroups = std::numeric_limits<int>::max();

/// What AMD's devices have; the virtual GPU's clocks count instructions.
constexpr int kWallClockKHz = 100'000;

std::optional<int> attributeOf(const VirtualDevice& device, hipDeviceAttribute_t attribute) {
    const Target& target = device.core.target();
    switch (static_cast<int>(attribute)) {
        case hipDeviceAttributeCanMapHostMemory:
        case hipDeviceAttributeConcurrentKernels:
        case hipDeviceAttributeCanUseHostPointerForRegisteredMem:
        case hipDeviceAttributeConcurrentManagedAccess:
        case hipDeviceAttributeCooperativeLaunch:
        case hipDeviceAttributeManagedMemory:
        case hipDeviceAttributeUnifiedAddressing:
        case hipDeviceAttributeMemoryPoolsSupported:
        case hipDeviceAttributeFineGrainSupport:
            return 1;
        case hipDeviceAttributeIntegrated:
        case hipDeviceAttributeAsyncEngineCount:
        case hipDeviceAttributePciDeviceId:
        case hipDeviceAttributePciDomainID:
        case hipDeviceAttributeImageSupport:
        case hipDeviceAttributePageableMemoryAccess:
            return 0;
        case hipDeviceAttributePciBusId:
            return device.index + 1;
        case hipDeviceAttributeMaxBlocksPerMultiProcessor:
            return static_cast<int>(target.maxWavesPerComputeUnit);
        case hipDeviceAttributeClockRate:
            return static_cast<int>(target.clockMHz * 1000);
        case hipDeviceAttributeWallClockRate:
            return kWallClockKHz;
        case hipDeviceAttributeL2CacheSize:
            return static_cast<int>(target.l2Bytes);
        case hipDeviceAttributeComputeCapabilityMajor:
            return majorVersion(target);
        case hipDeviceAttributeComputeCapabilityMinor:
            return minorVersion(target);
        case hipDeviceAttributeMaxBlockDimX:
        case hipDeviceAttributeMaxBlockDimY:
        case hipDeviceAttributeMaxBlockDimZ:
        case hipDeviceAttributeMaxThreadsPerBlock:
            return static_cast<int>(target.maxWorkgroupSize);
        case hipDeviceAttributeMaxGridDimX:
        case hipDeviceAttributeMaxGridDimY:
        case hipDeviceAttributeMaxGridDimZ:
            return kMostGroups;
        case hipDeviceAttributeMaxThreadsPerMultiProcessor:
            return static_cast<int>(target.maxWavesPerComputeUnit * target.waveSize);
        case hipDeviceAttributeMemoryBusWidth:
            return static_cast<int>(target.memoryBusBits);
        case hipDeviceAttributeMemoryClockRate:
            return static_cast<int>(target.memoryClockMHz * 1000);
        case hipDeviceAttributeMultiprocessorCount:
        case hipDeviceAttributePhysicalMultiProcessorCount:
            return static_cast<int>(target.computeUnits);
        case hipDeviceAttributeMaxRegistersPerBlock:
            return kRegistersPerBlock;
        case hipDeviceAttributeMaxSharedMemoryPerBlock:
        case hipDeviceAttributeMaxSharedMemoryPerMultiprocessor:
            return static_cast<int>(target.ldsBytes);
        case hipDeviceAttributeTotalConstantMemory:
            return std::numeric_limits<int>::max();
        case hipDeviceAttributeWarpSize:
            return static_cast<int>(target.waveSize);
        default:
            return std::nullopt;
    }
}

template <typename T>
void put(char* base, size_t offset, T value) {
    std::memcpy(base + offset, &value, sizeof value);
}

void putText(char* base, size_t offset, std::string_view text) {
    const size_t length = std::min(text.size(), soma::hip::kDeviceNameBytes - 1);
    std::memcpy(base + offset, text.data(), length);
}

void fillProperties(const VirtualDevice& device, const soma::hip::DevicePropertiesLayout& layout, void* properties) {
    const Target& target = device.core.target();
    char* const out = static_cast<char*>(properties);
    std::memset(out, 0, layout.size);
    putText(out, layout.name, target.marketingName);
    putText(out, layout.gcnArchName, target.name);
    const auto attribute = [&](hipDeviceAttribute_t which) { return attributeOf(device, which).value(); };
    put<size_t>(out, layout.totalGlobalMem, device.core.memory().capacity());
    put<size_t>(out, layout.sharedMemPerBlock, target.ldsBytes);
    put<size_t>(out, layout.maxSharedMemoryPerMultiProcessor, target.ldsBytes);
    put<size_t>(out, layout.totalConstMem, std::numeric_limits<int>::max());
    put<int>(out, layout.regsPerBlock, kRegistersPerBlock);
    put<int>(out, layout.warpSize, attribute(hipDeviceAttributeWarpSize));
    put<int>(out, layout.maxThreadsPerBlock, attribute(hipDeviceAttributeMaxThreadsPerBlock));
    for (size_t axis = 0; axis < 3; ++axis) {
        put<int>(out, layout.maxThreadsDim + axis * sizeof(int), attribute(hipDeviceAttributeMaxBlockDimX));
        put<int>(out, layout.maxGridSize + axis * sizeof(int), kMostGroups);
    }
    put<int>(out, layout.clockRate, attribute(hipDeviceAttributeClockRate));
    put<int>(out, layout.memoryClockRate, attribute(hipDeviceAttributeMemoryClockRate));
    put<int>(out, layout.memoryBusWidth, attribute(hipDeviceAttributeMemoryBusWidth));
    put<int>(out, layout.major, majorVersion(target));
    put<int>(out, layout.minor, minorVersion(target));
    put<int>(out, layout.multiProcessorCount, attribute(hipDeviceAttributeMultiprocessorCount));
    put<int>(out, layout.l2CacheSize, attribute(hipDeviceAttributeL2CacheSize));
    put<size_t>(out, layout.memPitch, std::numeric_limits<int>::max());
    put<int>(out, layout.canMapHostMemory, 1);
    put<int>(out, layout.concurrentKernels, 1);
    put<int>(out, layout.pciBusId, attribute(hipDeviceAttributePciBusId));
    put<int>(out, layout.managedMemory, 1);
    put<int>(out, layout.concurrentManagedAccess, 1);
    put<unsigned>(out, layout.arch, soma::hip::kArchFeatures);
    put<int>(out, layout.maxThreadsPerMultiProcessor, attribute(hipDeviceAttributeMaxThreadsPerMultiProcessor));
}

hipError_t properties(const soma::hip::DevicePropertiesLayout& layout, void* out, int index) {
    if (!out) {
        return fail(hipErrorInvalidValue, "the address of the properties is null");
    }
    const auto device = Runtime::instance().device(index);
    if (!device) {
        return lastError();
    }
    fillProperties(*device, layout, out);
    return hipSuccess;
}

template <typename T>
hipError_t answer(T* out, T value, const char* what) {
    if (!out) {
        return fail(hipErrorInvalidValue, std::string("the address for the ") + what + " is null");
    }
    *out = value;
    return hipSuccess;
}

}  // namespace

hipError_t hipInit(unsigned int flags) {
    return call([&] {
        if (flags != 0) {
            return fail(hipErrorInvalidValue, "hipInit takes no flags: pass 0");
        }
        Runtime& runtime = Runtime::instance();
        return runtime.devices().empty() ? fail(runtime.noDevice()) : hipSuccess;
    });
}

hipError_t hipRuntimeGetVersion(int* version) {
    return call([&] { return answer(version, kHipVersion, "version"); });
}

hipError_t hipDriverGetVersion(int* version) {
    return call([&] { return answer(version, kHipVersion, "version"); });
}

hipError_t hipGetDeviceCount(int* count) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        const int devices = static_cast<int>(runtime.devices().size());
        if (const hipError_t error = answer(count, devices, "number of devices")) {
            return error;
        }
        return devices == 0 ? fail(runtime.noDevice()) : hipSuccess;
    });
}

hipError_t hipSetDevice(int device) {
    return call([&] {
        if (!Runtime::instance().device(device)) {
            return lastError();
        }
        currentDeviceIndex() = device;
        return hipSuccess;
    });
}

hipError_t hipGetDevice(int* device) {
    return call([&] {
        return Runtime::instance().current() ? answer(device, currentDeviceIndex(), "device") : lastError();
    });
}

hipError_t hipDeviceGet(hipDevice_t* device, int ordinal) {
    return call(
        [&] { return Runtime::instance().device(ordinal) ? answer(device, ordinal, "device") : lastError(); });
}

hipError_t hipDeviceGetName(char* name, int length, hipDevice_t index) {
    return call([&] {
        if (!name || length <= 0) {
            return fail(hipErrorInvalidValue, "the buffer for the device's name is null or empty");
        }
        const auto device = Runtime::instance().device(index);
        if (!device) {
            return lastError();
        }
        const std::string_view text = device->core.target().marketingName;
        const size_t bytes = std::min(text.size(), static_cast<size_t>(length) - 1);
        std::memcpy(name, text.data(), bytes);
        name[bytes] = '\0';
        return hipSuccess;
    });
}

hipError_t hipDeviceGetAttribute(int* value, hipDeviceAttribute_t attribute, int index) {
    return call([&] {
        const auto device = Runtime::instance().device(index);
        if (!device) {
            return lastError();
        }
        const auto found = attributeOf(*device, attribute);
        if (!found) {
            return fail(hipErrorInvalidValue, "the virtual GPU has no value for attribute " +
                                                  std::to_string(static_cast<int>(attribute)));
        }
        return answer(value, *found, "attribute's value");
    });
}

hipError_t hipDeviceTotalMem(size_t* size, hipDevice_t index) {
    return call([&] {
        const auto device = Runtime::instance().device(index);
        return device ? answer(size, static_cast<size_t>(device->core.memory().capacity()), "memory size")
                      : lastError();
    });
}

hipError_t hipGetDeviceProperties(hipDeviceProp_tR0000* out, int device) {
    return call([&] { return properties(soma::hip::kPropertiesR0000, out, device); });
}

hipError_t hipGetDevicePropertiesR0600(hipDeviceProp_tR0600* out, int device) {
    return call([&] { return properties(soma::hip::kPropertiesR0600, out, device); });
}

hipError_t hipDeviceSynchronize() {
    return call([&] {
        if (const hipError_t refused = refuseInHostFunction("hipDeviceSynchronize")) {
            return refused;
        }
        const auto device = Runtime::instance().current();
        if (!device) {
            return lastError();
        }
        auto queues = device->queues();
        queues.insert(queues.begin(), device->nullQueue);
        std::optional<Failure> first;
        for (const auto& queue : queues) {
            queue->wait(queue->last());
        }
        for (const auto& queue : queues) {
            auto failure = queue->takeFailure();
            first = first ? first : failure;
        }
        return first ? fail(*first) : hipSuccess;
    });
}
