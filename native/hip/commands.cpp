#include "commands.h"

#include "graph.h"

#include <array>
#include <cstring>

namespace soma::hip {

namespace {

std::string shapeText(const uint32_t (&axes)[3]) {
    return std::to_string(axes[0]) + " × " + std::to_string(axes[1]) + " × " + std::to_string(axes[2]);
}

}  // namespace

std::optional<Launch> readLaunch(std::span<const std::byte> behindHeader, std::shared_ptr<KernelState> kernel,
                                 std::string& wrong) {
    Launch launch;
    if (behindHeader.size() < sizeof launch.shape) {
        wrong = "a launch is too short";
        return std::nullopt;
    }
    std::memcpy(&launch.shape, behindHeader.data(), sizeof launch.shape);
    const size_t rest = behindHeader.size() - sizeof launch.shape;
    // Arguments are padded to whole words of 8 bytes.
    const size_t arguments = (size_t(launch.shape.argumentBytes) + 7) / 8 * 8;
    const size_t offsets = size_t(launch.shape.offsetCount) * sizeof(uint32_t);
    if (arguments > rest || offsets > rest - arguments) {
        wrong = "a launch's arguments end outside of its command";
        return std::nullopt;
    }
    launch.kernel = std::move(kernel);
    launch.arguments = behindHeader.data() + sizeof launch.shape;
    launch.offsets = reinterpret_cast<const uint32_t*>(launch.arguments + arguments);
    for (uint32_t i = 0; i < launch.shape.offsetCount; ++i) {
        if (launch.offsets[i] >= launch.shape.argumentBytes) {
            wrong = "an argument's offset is outside of the arguments";
            return std::nullopt;
        }
    }
    return launch;
}

hipError_t Launch::run(hipStream_t stream, uint64_t mark, const char*& call) const {
    const Table& hip = kernel->module->device->hip();
    if (kernel->module->loaded->unusable()) {
        call = "hipModuleLaunchKernel";
        return hipErrorInvalidHandle;
    }
    if (hip.somaVgpuMarkNextLaunch) {
        hip.somaVgpuMarkNextLaunch(mark);
    }
    // HIP takes arguments it may write to, and copies them before it returns.
    auto* const bytes = const_cast<std::byte*>(arguments);
    const auto& [grid, block, shared, size, cooperative, count] = shape;
    if (cooperative) {
        call = "hipModuleLaunchCooperativeKernel";
        if (!hip.hipModuleLaunchCooperativeKernel) {
            return hipErrorNotSupported;
        }
        std::vector<void*> parameters(count);
        for (uint32_t i = 0; i < count; ++i) {
            parameters[i] = bytes + offsets[i];
        }
        return hip.hipModuleLaunchCooperativeKernel(kernel->function, grid[0], grid[1], grid[2], block[0], block[1],
                                                    block[2], shared, stream, parameters.data());
    }
    call = "hipModuleLaunchKernel";
    size_t argumentBytes = size;
    void* extra[] = {HIP_LAUNCH_PARAM_BUFFER_POINTER, bytes, HIP_LAUNCH_PARAM_BUFFER_SIZE, &argumentBytes,
                     HIP_LAUNCH_PARAM_END};
    return hip.hipModuleLaunchKernel(kernel->function, grid[0], grid[1], grid[2], block[0], block[1], block[2], shared,
                                     stream, nullptr, argumentBytes == 0 ? nullptr : extra);
}

std::string Launch::asked() const {
    return "kernel '" + kernel->name + "' with " + shapeText(shape.grid) + " workgroups of " + shapeText(shape.block) +
           " work-items";
}

namespace {

std::string askedBy(const Batch::Command& command) {
    switch (command.kind) {
        case CommandKind::Launch:
            return command.launch.asked();
        case CommandKind::Record:
            return "recording an event";
        case CommandKind::Wait:
            return "waiting for an event";
        case CommandKind::Copy:
            return "copying " + std::to_string(command.copy.bytes) + " bytes";
        case CommandKind::Replay:
            return command.graph->asked();
        case CommandKind::Update:
            return "a graph's changed argument";
    }
    return "";
}

hipError_t runCommand(const DeviceState& device, const Batch::Command& command, hipStream_t stream, uint64_t mark, const char*& call) {
    switch (command.kind) {
        case CommandKind::Launch:
            return command.launch.run(stream, mark, call);
        case CommandKind::Record: {
            call = "hipEventRecord";
            const hipError_t code = command.event->unusable()
                                        ? hipErrorInvalidHandle
                                        : command.event->device->hip().hipEventRecord(command.event->event, stream);
            command.event->made(command.recording);
            return code;
        }
        case CommandKind::Wait:
            call = "hipStreamWaitEvent";
            command.event->awaitMade(command.recording);
            return command.event->unusable()
                       ? hipErrorInvalidHandle
                       : command.event->device->hip().hipStreamWaitEvent(stream, command.event->event, 0);
        case CommandKind::Copy:
            call = "hipMemcpyDtoDAsync";
            return device.hip().hipMemcpyDtoDAsync(reinterpret_cast<void*>(command.copy.target),
                                                   reinterpret_cast<void*>(command.copy.source), command.copy.bytes,
                                                   stream);
        case CommandKind::Replay:
            return command.graph->replay(stream, call);
        case CommandKind::Update:
            return command.graph->update(command.node, command.launch, command.copy, call);
    }
    return hipSuccess;
}

}  // namespace

hipError_t Batch::run(const DeviceState& device, hipStream_t stream, uint64_t mark) {
    hipError_t first = hipSuccess;
    for (const Command& command : commands) {
        const char* call = "";
        const hipError_t code = runCommand(device, command, stream, mark, call);
        if (code == hipSuccess) {
            continue;
        }
        HipError failure = device.failure(call, code, askedBy(command));
        if (!error) {
            error = std::move(failure);
            first = code;
        }
    }
    return first;
}

std::string Batch::asked() const {
    std::string text;
    size_t launches = 0;
    for (const Command& command : commands) {
        if (command.kind == CommandKind::Record || command.kind == CommandKind::Wait) {
            continue;
        }
        if (++launches == 1) {
            text = askedBy(command);
        }
    }
    if (launches == 0) {
        return "ordering streams by events";
    }
    return launches == 1 ? text : text + ", the first of " + std::to_string(launches) + " commands";
}

std::shared_ptr<const void> madeGuard(const std::shared_ptr<EventState>& event, uint64_t recording) {
    return std::shared_ptr<const void>(event.get(), [event, recording](const void*) { event->made(recording); });
}

}  // namespace soma::hip
