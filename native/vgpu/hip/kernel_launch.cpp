#include "kernel_launch.h"

#include "context.h"

#include <cstring>

namespace soma::vgpu::hip {

namespace {

hipError_t codeOf(FaultKind kind) {
    switch (kind) {
        case FaultKind::InvalidLaunch:
            return hipErrorInvalidConfiguration;
        case FaultKind::OutOfResources:
            return hipErrorLaunchOutOfResources;
        case FaultKind::MemoryAccess:
            return hipErrorIllegalAddress;
        case FaultKind::InstructionLimit:
            return hipErrorLaunchTimeOut;
        default:
            return hipErrorLaunchFailure;
    }
}

using Axes = KernelLaunch::Axes;

std::string shape(const Axes& axes) {
    return std::to_string(axes[0]) + " × " + std::to_string(axes[1]) + " × " + std::to_string(axes[2]);
}

std::optional<std::string> checkSizes(const Function& function, const Axes& grid, const Axes& block, unsigned lds) {
    const Kernel& kernel = *function.kernel;
    const VirtualDevice& device = *function.module->device;
    const Target& target = device.core.target();
    uint64_t workItems = 1;
    for (size_t axis = 0; axis < 3; ++axis) {
        if (grid[axis] == 0 || block[axis] == 0) {
            return "a grid of " + shape(grid) + " workgroups of " + shape(block) + " work-items is empty";
        }
        // The dispatch packet of HSA counts each axis' work-items in 32 bits.
        if (uint64_t(grid[axis]) * block[axis] > UINT32_MAX) {
            return "a grid of " + shape(grid) + " workgroups of " + shape(block) +
                   " work-items has 2³² or more work-items on an axis";
        }
        if (block[axis] > target.maxWorkgroupSize) {
            return "a workgroup of " + shape(block) + " work-items is larger than the " +
                   std::to_string(target.maxWorkgroupSize) + " of " + device.describe();
        }
        workItems *= block[axis];
    }
    if (workItems > target.maxWorkgroupSize || workItems > kernel.maxWorkgroupSize) {
        return "a workgroup of " + shape(block) + " = " + std::to_string(workItems) + " work-items is larger than the " +
               std::to_string(std::min(target.maxWorkgroupSize, kernel.maxWorkgroupSize)) + " of " +
               (kernel.maxWorkgroupSize < target.maxWorkgroupSize ? "this kernel" : device.describe());
    }
    if (kernel.requiredWorkgroupSize[0] != 0 && Axes(kernel.requiredWorkgroupSize) != block) {
        return "a workgroup of " + shape(block) + " work-items is not the " + shape(kernel.requiredWorkgroupSize) +
               " that this kernel was compiled for";
    }
    if (uint64_t(kernel.ldsSize) + lds > target.ldsBytes) {
        return "a workgroup would need " + std::to_string(kernel.ldsSize) + " + " + std::to_string(lds) +
               " bytes of LDS; " + device.describe() + " has " + std::to_string(target.ldsBytes);
    }
    return std::nullopt;
}

/// Whether all workgroups fit on the device at the same time.
std::optional<std::string> checkTogether(const Function& function, const KernelLaunch& launch) {
    const VirtualDevice& device = *function.module->device;
    const auto& [x, y, z] = launch.block;
    const uint64_t most =
        uint64_t(device.core.occupancy(*function.kernel, x * y * z, launch.lds)) * device.core.target().computeUnits;
    const uint64_t groups = uint64_t(launch.grid[0]) * launch.grid[1] * launch.grid[2];
    return groups <= most ? std::nullopt
                          : std::optional<std::string>(std::to_string(groups) + " workgroups at the same time are more "
                                                       "than the " + std::to_string(most) + " that fit on " +
                                                       device.describe());
}

/// The argument segment from `kernelParams`: one pointer to each explicit argument.
std::optional<std::string> packParams(const Kernel& kernel, void** params, std::vector<std::byte>& out) {
    out.resize(kernel.explicitSize);
    size_t index = 0;
    for (const KernelArgument& argument : kernel.arguments) {
        if (argument.hidden()) {
            continue;
        }
        if (!params[index]) {
            return "kernelParams[" + std::to_string(index) + "], argument '" + argument.name + "', is null";
        }
        std::memcpy(out.data() + argument.offset, params[index], argument.size);
        ++index;
    }
    return std::nullopt;
}

/// The argument segment from `extra`: HIP_LAUNCH_PARAM_BUFFER_POINTER, _SIZE and _END.
std::optional<std::string> copyBuffer(const Kernel& kernel, void** extra, std::vector<std::byte>& out) {
    const void* buffer = nullptr;
    const size_t* size = nullptr;
    size_t at = 0;
    for (; extra[at] != HIP_LAUNCH_PARAM_END; at += 2) {
        if (extra[at] == HIP_LAUNCH_PARAM_BUFFER_POINTER && !buffer) {
            buffer = extra[at + 1];
        } else if (extra[at] == HIP_LAUNCH_PARAM_BUFFER_SIZE && !size) {
            size = static_cast<const size_t*>(extra[at + 1]);
        } else {
            return "extra[" + std::to_string(at) + "] is not one of HIP_LAUNCH_PARAM_BUFFER_POINTER, "
                   "HIP_LAUNCH_PARAM_BUFFER_SIZE and HIP_LAUNCH_PARAM_END, or comes twice";
        }
    }
    if (!size || (!buffer && *size != 0)) {
        return "extra names no argument buffer, or not its size";
    }
    if (*size < kernel.explicitSize) {
        return "the argument buffer has " + std::to_string(*size) + " bytes; the arguments of this kernel take " +
               std::to_string(kernel.explicitSize);
    }
    out.resize(std::min<size_t>(*size, kernel.kernargSize));
    if (!out.empty()) {
        std::memcpy(out.data(), buffer, out.size());
    }
    return std::nullopt;
}

std::optional<std::string> gatherArguments(const Kernel& kernel, void** params, void** extra,
                                           std::vector<std::byte>& out) {
    if (params && extra) {
        return "kernelParams and extra are both given: pass one of them";
    }
    if (params) {
        return packParams(kernel, params, out);
    }
    if (extra) {
        return copyBuffer(kernel, extra, out);
    }
    return kernel.explicitSize == 0 ? std::nullopt
                                    : std::optional<std::string>("the kernel has arguments, but neither kernelParams nor "
                                                                 "extra is given");
}

}  // namespace

std::optional<Failure> prepareLaunch(KernelLaunch& launch, void** params, void** extra) {
    const Kernel& kernel = *launch.function->kernel;
    const std::string where = "kernel '" + kernel.name + "': ";
    if (const auto wrong = checkSizes(*launch.function, launch.grid, launch.block, launch.lds)) {
        return Failure{hipErrorInvalidConfiguration, where + *wrong};
    }
    if (const auto wrong = gatherArguments(kernel, params, extra, launch.arguments)) {
        return Failure{hipErrorInvalidValue, where + *wrong};
    }
    if (launch.cooperative) {
        if (const auto wrong = checkTogether(*launch.function, launch)) {
            return Failure{hipErrorCooperativeLaunchTooLarge, where + *wrong};
        }
    }
    return std::nullopt;
}

std::optional<Failure> KernelLaunch::run() const {
    VirtualDevice& device = *function->module->device;
    Dispatch dispatch;
    dispatch.module = function->module->module.get();
    dispatch.kernel = function->kernel;
    dispatch.groups = grid;
    dispatch.block = block;
    dispatch.dynamicLds = lds;
    dispatch.arguments = arguments;
    dispatch.cooperative = cooperative;
    dispatch.stop = stop.get();
    // One that the host stopped has ended as asked: what comes behind it goes on.
    if (const auto fault = device.core.run(dispatch); fault && fault->kind != FaultKind::Stopped) {
        return Failure{codeOf(fault->kind), fault->message};
    }
    ++device.launches;
    return std::nullopt;
}

std::shared_ptr<Function> findKernel(const void* named, Failure& failure) {
    Runtime& runtime = Runtime::instance();
    if (auto function = runtime.functions.find(static_cast<hipFunction_t>(const_cast<void*>(named)))) {
        return function;
    }
    if (runtime.programs.isKernel(named)) {
        const auto device = runtime.current();
        failure = device ? Failure{} : Failure{lastError(), lastWords()};
        return device ? runtime.programs.kernel(named, device, failure) : nullptr;
    }
    failure = {hipErrorInvalidHandle,
               hex(named) + " is no kernel, or one of a module that was unloaded, and no program has registered it"};
    return nullptr;
}

}  // namespace soma::vgpu::hip
