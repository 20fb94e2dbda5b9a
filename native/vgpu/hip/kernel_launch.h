// A kernel's launch as a value: what is wrong with it is said before it is queued; what goes wrong in it, when its stream
// is next synchronized.
#pragma once

#include "status.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soma::vgpu::hip {

struct Function;

struct KernelLaunch {
    using Axes = std::array<unsigned, 3>;

    std::shared_ptr<Function> function{};
    /// Workgroups, and work-items of one.
    Axes grid{1, 1, 1};
    Axes block{1, 1, 1};
    /// Bytes on top of the kernel's own LDS.
    unsigned lds = 0;
    /// The segment of explicit arguments.
    std::vector<std::byte> arguments{};
    /// The kernel as the caller named it: a hipFunction_t or the address of a host function.
    void* named = nullptr;
    /// All workgroups are on the device at the same time.
    bool cooperative = false;
    /// Set where somaVgpuStopLaunch may end it.
    std::shared_ptr<std::atomic<bool>> stop{};

    std::optional<Failure> run() const;
};

/// Fills `launch` from what hipModuleLaunchKernel gets (exactly one of `params` and `extra` where the kernel has
/// arguments), or says what is wrong. `launch.function` is set.
std::optional<Failure> prepareLaunch(KernelLaunch& launch, void** params, void** extra);

/// The kernel of a hipFunction_t, or of a host function that was registered for the current device.
std::shared_ptr<Function> findKernel(const void* named, Failure& failure);

}  // namespace soma::vgpu::hip
