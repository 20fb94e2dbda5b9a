// Advice on managed memory in the C ABI: given by hipMemAdvise and hipMemPrefetchAsync, asked for as attributes of ranges.
// Semantics: HIP runtime API reference, "Managed Memory"; CUDA's of the same names where it is silent.
#include "host_memory.h"

#include <algorithm>
#include <span>
#include <vector>

using namespace soma::vgpu;
using namespace soma::vgpu::hip;

namespace {

/// hipSuccess where the whole range is managed memory. Runtime's `order` must be held.
hipError_t requireManaged(const void* pointer, size_t size) {
    if (!pointer || size == 0) {
        return fail(hipErrorInvalidValue, "the range's address is null, or its size 0");
    }
    const auto* block = hostBlockOf(pointer);
    if (!block || block->second.kind != HostBlock::Kind::Managed) {
        return fail(hipErrorInvalidValue, hex(pointer) + " is no managed memory: allocate it by hipMallocManaged");
    }
    const uint64_t behind = block->second.size - (reinterpret_cast<uint64_t>(pointer) - block->first);
    return size <= behind ? hipSuccess
                          : fail(hipErrorInvalidValue, std::to_string(size) + " bytes at " + hex(pointer) + " end outside the " +
                                                           std::to_string(block->second.size) + " bytes at " +
                                                           hex(block->first));
}

hipError_t requireLocation(int device) {
    return device == hipCpuDeviceId || Runtime::instance().device(device) ? hipSuccess : lastError();
}

hipError_t advise(const void* pointer, size_t size, hipMemoryAdvise advice, int device) {
    const bool names = advice == hipMemAdviseSetPreferredLocation || advice == hipMemAdviseSetAccessedBy ||
                       advice == hipMemAdviseUnsetAccessedBy;
    if (const hipError_t wrong = names ? requireLocation(device) : hipSuccess) {
        return wrong;
    }
    const auto change = [&](auto&& apply) {
        Runtime::instance().advice.change(reinterpret_cast<uint64_t>(pointer), size, apply);
        return hipSuccess;
    };
    switch (static_cast<int>(advice)) {
        case hipMemAdviseSetReadMostly:
        case hipMemAdviseUnsetReadMostly:
            return change([&](PageAdvice& page) { page.readMostly = advice == hipMemAdviseSetReadMostly; });
        case hipMemAdviseSetPreferredLocation:
            return change([&](PageAdvice& page) { page.preferredLocation = device; });
        case hipMemAdviseUnsetPreferredLocation:
            return change([](PageAdvice& page) { page.preferredLocation = hipInvalidDeviceId; });
        case hipMemAdviseSetAccessedBy:
            return change([&](PageAdvice& page) { page.accessedBy.insert(device); });
        case hipMemAdviseUnsetAccessedBy:
            return change([&](PageAdvice& page) { page.accessedBy.erase(device); });
        case hipMemAdviseSetCoarseGrain:
        case hipMemAdviseUnsetCoarseGrain:
            return change([&](PageAdvice& page) { page.coarseGrain = advice == hipMemAdviseSetCoarseGrain; });
        default:
            return fail(hipErrorInvalidValue, "there is no advice " + std::to_string(static_cast<int>(advice)));
    }
}

/// What `value` gives for all advice of the range; `mixed` where it differs.
template <typename Value>
int common(std::span<const PageAdvice> pages, int mixed, Value&& value) {
    const bool same = std::ranges::all_of(pages, [&](const PageAdvice& page) { return value(page) == value(pages[0]); });
    return same ? static_cast<int>(value(pages[0])) : mixed;
}

/// The devices that all of the range is advised for, in ascending order.
std::vector<int> accessedBy(std::span<const PageAdvice> pages) {
    std::vector<int> devices(pages[0].accessedBy.begin(), pages[0].accessedBy.end());
    for (const PageAdvice& page : pages) {
        std::erase_if(devices, [&](int device) { return !page.accessedBy.contains(device); });
    }
    return devices;
}

hipError_t answer(void* data, size_t size, hipMemRangeAttribute attribute, std::span<const PageAdvice> pages) {
    const bool list = attribute == hipMemRangeAttributeAccessedBy;
    if (!data || (list ? size == 0 || size % sizeof(int) != 0 : size != sizeof(int))) {
        return fail(hipErrorInvalidValue,
                    list ? "the address for the devices is null, or their size no multiple of 4 bytes"
                         : "the address for the attribute's value is null, or its size not 4 bytes");
    }
    int* const out = static_cast<int*>(data);
    switch (static_cast<int>(attribute)) {
        case hipMemRangeAttributeReadMostly:
            *out = common(pages, 0, [](const PageAdvice& page) { return page.readMostly; });
            return hipSuccess;
        case hipMemRangeAttributePreferredLocation:
            *out = common(pages, hipInvalidDeviceId, [](const PageAdvice& page) { return page.preferredLocation; });
            return hipSuccess;
        case hipMemRangeAttributeAccessedBy: {
            std::vector<int> devices = accessedBy(pages);
            devices.resize(size / sizeof(int), hipInvalidDeviceId);
            std::ranges::copy(devices, out);
            return hipSuccess;
        }
        case hipMemRangeAttributeLastPrefetchLocation:
            *out = common(pages, hipInvalidDeviceId, [](const PageAdvice& page) { return page.lastPrefetch; });
            return hipSuccess;
        case hipMemRangeAttributeCoherencyMode:
            *out = common(pages, hipMemRangeCoherencyModeIndeterminate, [](const PageAdvice& page) {
                return page.coarseGrain ? hipMemRangeCoherencyModeCoarseGrain : hipMemRangeCoherencyModeFineGrain;
            });
            return hipSuccess;
        default:
            return fail(hipErrorInvalidValue,
                        "there is no attribute " + std::to_string(static_cast<int>(attribute)) + " of a range");
    }
}

std::vector<PageAdvice> adviceOf(const void* pointer, size_t size) {
    std::vector<PageAdvice> pages;
    Runtime::instance().advice.visit(reinterpret_cast<uint64_t>(pointer), size,
                                     [&](const PageAdvice& page) { pages.push_back(page); });
    return pages;
}

}  // namespace

hipError_t hipMemAdvise(const void* pointer, size_t size, hipMemoryAdvise advice, int device) {
    return call([&] {
        std::scoped_lock lock(Runtime::instance().order);
        const hipError_t wrong = requireManaged(pointer, size);
        return wrong ? wrong : advise(pointer, size, advice, device);
    });
}

// What is asked for is so already. The attribute tells what was asked for last, not what has been done.
hipError_t hipMemPrefetchAsync(const void* pointer, size_t size, int device, hipStream_t stream) {
    return call([&] {
        Runtime& runtime = Runtime::instance();
        {
            std::scoped_lock lock(runtime.order);
            const hipError_t wrong = requireManaged(pointer, size);
            if (const hipError_t refused = wrong ? wrong : requireLocation(device)) {
                return refused;
            }
        }
        if (const hipError_t failed = enqueue("hipMemPrefetchAsync", stream, EmptyWork{}, true)) {
            return failed;
        }
        std::scoped_lock lock(runtime.order);
        runtime.advice.change(reinterpret_cast<uint64_t>(pointer), size,
                              [&](PageAdvice& page) { page.lastPrefetch = device; });
        return hipSuccess;
    });
}

hipError_t hipMemRangeGetAttribute(void* data, size_t dataSize, hipMemRangeAttribute attribute, const void* pointer,
                                   size_t size) {
    return hipMemRangeGetAttributes(&data, &dataSize, &attribute, 1, pointer, size);
}

hipError_t hipMemRangeGetAttributes(void** data, size_t* dataSizes, hipMemRangeAttribute* attributes, size_t count,
                                    const void* pointer, size_t size) {
    return call([&] {
        if (!data || !dataSizes || !attributes || count == 0) {
            return fail(hipErrorInvalidValue, "the values, their sizes or the attributes are null, or their number is 0");
        }
        std::scoped_lock lock(Runtime::instance().order);
        if (const hipError_t wrong = requireManaged(pointer, size)) {
            return wrong;
        }
        const std::vector<PageAdvice> pages = adviceOf(pointer, size);
        for (size_t i = 0; i < count; ++i) {
            if (const hipError_t wrong = answer(data[i], dataSizes[i], attributes[i], pages)) {
                return wrong;
            }
        }
        return hipSuccess;
    });
}
