// Launches, copies, replays of graphs, and the recording of and waiting for events, as words in a buffer that JavaScript fills
// (runtime/commands.ts has the same layout): many of them go to the streams' threads in one call.
// Invariant: a batch was checked as a whole before any of it is submitted; it names live kernels, streams and events.
#pragma once

#include "state.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace soma::hip {

enum class CommandKind : uint32_t { Launch = 1, Record = 2, Wait = 3, Copy = 4, Replay = 5, Update = 6 };

/// How every command begins.
struct CommandHeader {
    /// Bytes of the command, this included: a multiple of 8.
    uint32_t bytes;
    CommandKind kind;
    uint32_t stream;
    /// The kernel, the event or the graph.
    uint32_t object;
    /// Whom to tell of its end (settler.h); 0 is nobody.
    uint32_t ticket;
    /// Whether who is told wants to know when it ran, on the device's clock: 0 or 1.
    uint32_t heard;
};

/// Behind the header of a launch; the arguments follow, then the offset of each argument if `cooperative`.
struct LaunchCommand {
    uint32_t grid[3];
    uint32_t block[3];
    uint32_t sharedBytes;
    uint32_t argumentBytes;
    uint32_t cooperative;
    uint32_t offsetCount;
};
static_assert(sizeof(CommandHeader) == 24 && sizeof(LaunchCommand) == 40);

/// Behind the header of a copy on the device; its `object` is nothing.
struct CopyCommand {
    uint64_t target;
    uint64_t source;
    uint64_t bytes;
};
static_assert(sizeof(CopyCommand) == 24);

/// Behind the header of an update, whose `object` is a graph: then comes the command that the node is to be, header included.
struct UpdateCommand {
    uint32_t node;
    uint32_t padding;
};

/// A kernel to be launched.
struct Launch {
    std::shared_ptr<KernelState> kernel;
    LaunchCommand shape{};
    /// Into the batch's bytes: what the commands carry.
    const std::byte* arguments = nullptr;
    const uint32_t* offsets = nullptr;

    /// @param mark what Worker::stop names it by
    hipError_t run(hipStream_t stream, uint64_t mark, const char*& call) const;
    std::string asked() const;
};

/// A launch's shape and arguments, checked; nullopt with the reason in `wrong`.
std::optional<Launch> readLaunch(std::span<const std::byte> behindHeader, std::shared_ptr<KernelState> kernel,
                                 std::string& wrong);

struct GraphState;

/// The commands of one stream in a submission, as one task.
struct Batch {
    struct Command {
        CommandKind kind;
        Launch launch{};
        CopyCommand copy{};
        std::shared_ptr<GraphState> graph{};
        /// Of the graph, for an update: by `launch`, or without a kernel by `copy`.
        uint32_t node = 0;
        std::shared_ptr<EventState> event{};
        uint64_t recording = 0;
        /// Says that a recording was made, even if the batch is dropped: another stream's thread may be waiting for it.
        std::shared_ptr<const void> made{};
    };

    std::shared_ptr<const std::vector<std::byte>> bytes;
    std::vector<Command> commands;
    /// The first failure, with the words of its own call: later commands run nevertheless.
    std::optional<HipError> error;

    /// Runs all; gives the code of the first failure.
    hipError_t run(const DeviceState& device, hipStream_t stream, uint64_t mark);
    std::string asked() const;
};

/// A guard that says `event->made(recording)` when the last copy of it is gone.
std::shared_ptr<const void> madeGuard(const std::shared_ptr<EventState>& event, uint64_t recording);

}  // namespace soma::hip
