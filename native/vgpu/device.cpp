#include "device.h"

#include "execute/launch.h"
#include "execute/worker_pool.h"
#include "format.h"
#include "observe/observers.h"

#include <unistd.h>

#include <algorithm>
#include <numeric>

namespace soma::vgpu {

namespace {

/// A device of a target's own size could promise more than the host has, and the host would kill the process.
uint64_t defaultMemory(const Target& target) {
    const auto pages = static_cast<uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
    const auto size = static_cast<uint64_t>(std::max(0L, sysconf(_SC_PAGESIZE)));
    const uint64_t host = pages * size;
    return host == 0 ? target.memoryBytes : std::min(target.memoryBytes, host / 4 * 3);
}

}  // namespace

const char* instructionClassName(InstructionClass cls) {
    constexpr std::array<const char*, kInstructionClasses> kNames = {
        "salu", "valu",    "transcendental", "matrix",  "vector load", "vector store", "vector atomic", "scalar memory",
        "lds",  "scratch", "branch",         "barrier", "wait",        "other",        "internal",
    };
    return kNames[static_cast<size_t>(cls)];
}

uint64_t Counters::instructions() const {
    return std::accumulate(byClass.begin(), byClass.end(), uint64_t(0)) -
           byClass[static_cast<size_t>(InstructionClass::Internal)];
}

Counters& Counters::operator+=(const Counters& other) {
    workgroups += other.workgroups;
    waves += other.waves;
    for (size_t i = 0; i < kInstructionClasses; ++i) {
        byClass[i] += other.byClass[i];
    }
    activeLanes += other.activeLanes;
    vectorInstructions += other.vectorInstructions;
    return *this;
}

Device::Device(const Target& target, uint64_t memoryBytes)
    : target_(target),
      memory_(memoryBytes != 0 ? memoryBytes : defaultMemory(target)),
      pool_(std::make_unique<WorkerPool>()),
      observers_(std::make_unique<Observers>(*this)) {}

Device::~Device() = default;

Limits Device::limits() const {
    std::lock_guard lock(state_);
    return limits_;
}

void Device::setLimits(const Limits& limits) {
    std::lock_guard lock(state_);
    limits_ = limits;
}

std::optional<Fault> Device::lastFault() const {
    std::lock_guard lock(state_);
    return lastFault_;
}

void Device::clearFault() {
    std::lock_guard lock(state_);
    lastFault_.reset();
}

Counters Device::lastCounters() const {
    std::lock_guard lock(state_);
    return last_;
}

Counters Device::totalCounters() const {
    std::lock_guard lock(state_);
    return total_;
}

std::optional<Fault> Device::check(const Dispatch& dispatch) const {
    const Kernel& kernel = *dispatch.kernel;
    const auto refuse = [&](FaultKind kind, std::string text) {
        return refusal(kind, kernel.name, format("kernel {0}: {1}", kernel.name, text));
    };
    const auto& block = dispatch.block;
    const auto& groups = dispatch.groups;
    const uint64_t items = uint64_t(block[0]) * block[1] * block[2];
    if (&dispatch.module->device() != this) {
        return refuse(FaultKind::InvalidLaunch, "its module is loaded on another device");
    }
    uint64_t workgroups = 1;
    for (unsigned axis = 0; axis < 3; ++axis) {
        if (__builtin_mul_overflow(workgroups, groups[axis], &workgroups)) {
            return refuse(FaultKind::InvalidLaunch, format("{0} x {1} x {2} workgroups, which are 2^64 or more",
                                                           groups[0], groups[1], groups[2]));
        }
        if (block[axis] == 0 || block[axis] > target_.maxWorkgroupSize) {
            return refuse(FaultKind::InvalidLaunch,
                          format("a workgroup of {0} x {1} x {2} work-items: each extent must be from 1 to {3}",
                                 block[0], block[1], block[2], target_.maxWorkgroupSize));
        }
        if (uint64_t(groups[axis]) * block[axis] > 0xffffffff) {
            return refuse(FaultKind::InvalidLaunch,
                          format("{0} workgroups of {1} work-items on one axis: the grid has at most 2^32 - 1",
                                 groups[axis], block[axis]));
        }
    }
    const unsigned most = std::min<unsigned>(kernel.maxWorkgroupSize, target_.maxWorkgroupSize);
    if (items > most) {
        return refuse(
            FaultKind::InvalidLaunch,
            format("a workgroup of {0} work-items, but the kernel was compiled for at most {1}", items, most));
    }
    const auto& required = kernel.requiredWorkgroupSize;
    if (required[0] != 0 && required != block) {
        return refuse(
            FaultKind::InvalidLaunch,
            format("a workgroup of {0} x {1} x {2} work-items, but the kernel was compiled for {3} x {4} x {5}",
                   block[0], block[1], block[2], required[0], required[1], required[2]));
    }
    const uint64_t lds = uint64_t(kernel.ldsSize) + dispatch.dynamicLds;
    if (lds > target_.ldsBytes) {
        return refuse(FaultKind::OutOfResources, format("it needs {0} bytes of LDS for a workgroup, but {1} has {2}",
                                                        lds, std::string(target_.name), target_.ldsBytes));
    }
    if (dispatch.arguments.size() < kernel.explicitSize) {
        return refuse(FaultKind::InvalidLaunch, format("{0} bytes of arguments, but the kernel takes {1}",
                                                       dispatch.arguments.size(), kernel.explicitSize));
    }
    const uint64_t scratch = scratchBytes(kernel);
    if (scratch * kernel.waveSize > target_.waveScratchBytes()) {
        return refuse(FaultKind::OutOfResources,
                      format("it needs {0} bytes of private memory for a work-item, but {1} has {2} in waves of {3}",
                             scratch, std::string(target_.name), target_.waveScratchBytes() / kernel.waveSize,
                             kernel.waveSize));
    }
    return std::nullopt;
}

std::optional<Fault> Device::run(const Dispatch& dispatch) {
    std::lock_guard launching(launching_);
    LaunchResult result;
    const Limits limits = this->limits();
    if (dispatch.module == nullptr || dispatch.kernel == nullptr) {
        result.fault = refusal(FaultKind::InvalidLaunch, {}, "a launch without a kernel");
    } else {
        result.fault = check(dispatch);
        const auto& groups = dispatch.groups;
        if (!result.fault && groups[0] != 0 && groups[1] != 0 && groups[2] != 0) {
            result = runLaunch(*this, *pool_, limits, dispatch);
        }
    }
    std::lock_guard lock(state_);
    last_ = result.counters;
    total_ += result.counters;
    if (result.fault) {
        lastFault_ = result.fault;
    }
    return result.fault;
}

uint64_t Device::scratchBytes(const Kernel& kernel) const {
    constexpr uint64_t kUnit = 16;
    const uint64_t bytes = uint64_t(kernel.privateSize) + (kernel.dynamicStack ? limits().dynamicStackBytes : 0);
    return (bytes + kUnit - 1) / kUnit * kUnit;
}

unsigned Device::occupancy(const Kernel& kernel, unsigned workItems, uint32_t dynamicLds) const {
    const unsigned most = std::min<unsigned>(kernel.maxWorkgroupSize, target_.maxWorkgroupSize);
    const uint64_t lds = uint64_t(kernel.ldsSize) + dynamicLds;
    if (workItems == 0 || workItems > most || lds > target_.ldsBytes) {
        return 0;
    }
    const unsigned waves = (workItems + kernel.waveSize - 1) / kernel.waveSize;
    unsigned byWaves = target_.maxWavesPerComputeUnit;
    // A SIMD's register file, shared by its waves: 512 registers of 64 lanes on CDNA, 1536 of 32 lanes on RDNA3.
    const unsigned simds = target_.gfx9() ? 4 : 2;
    const unsigned file = target_.gfx9() ? 512 : (target_.isa == IsaClass::Gfx10 ? 1024 : 1536) * 32 / kernel.waveSize;
    if (kernel.vgprs != 0) {
        byWaves = std::min(byWaves, std::max(1u, file / kernel.vgprs) * simds);
    }
    unsigned result = byWaves / waves;
    if (lds != 0) {
        result = std::min<unsigned>(result, static_cast<unsigned>(target_.ldsBytes / lds));
    }
    return result;
}

}  // namespace soma::vgpu
