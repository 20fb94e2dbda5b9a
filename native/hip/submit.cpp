// Many commands in one call: checked, sorted by stream, and handed to the streams' threads.
#include "handles.h"
#include "workers.h"

#include <cstring>

namespace soma::hip {

namespace {

/// What a submission gives to one stream: in the order of the commands, so that no thread waits for a recording that is
/// behind its own wait.
struct Share {
    std::shared_ptr<Worker> worker;
    /// A command that is waited for is a task of its own, what is between two of them is one.
    std::vector<Task> tasks{};
    /// What comes behind the tasks so far.
    std::shared_ptr<Batch> batch{};
};

class Submission {
public:
    /// @param channel of the commands' tickets
    Submission(Napi::Env env, Addon& addon, const std::shared_ptr<DeviceState>& device, uint32_t channel,
               std::shared_ptr<const std::vector<std::byte>> bytes)
        : env_(env), addon_(addon), device_(device), channel_(channel), bytes_(std::move(bytes)) {}

    /// Reads the command at `at`; gives where the next one begins.
    size_t read(size_t at) {
        const size_t left = bytes_->size() - at;
        CommandHeader header{};
        if (left >= sizeof header) {
            std::memcpy(&header, bytes_->data() + at, sizeof header);
        }
        if (header.bytes < sizeof header || header.bytes % 8 != 0 || header.bytes > left) {
            throw Napi::RangeError::New(env_, "a command ends outside of its buffer");
        }
        Share& share = shareOf(header.stream);
        Batch::Command command{.kind = header.kind};
        const std::span<const std::byte> rest =
            std::span(*bytes_).subspan(at + sizeof header, header.bytes - sizeof header);
        switch (header.kind) {
            case CommandKind::Launch:
                command.launch = launchIn(header.object, rest);
                break;
            case CommandKind::Record:
                command.event = eventOf(header.object);
                command.recording = command.event->ask();
                command.made = madeGuard(command.event, command.recording);
                break;
            case CommandKind::Wait:
                command.event = eventOf(header.object);
                command.recording = command.event->asked();
                break;
            case CommandKind::Copy:
                command.copy = copyIn(rest);
                break;
            case CommandKind::Replay:
                command.graph = graphOf(header.object);
                break;
            case CommandKind::Update:
                readUpdate(header.object, rest, command);
                break;
            default:
                throw Napi::TypeError::New(env_, "there is no command of that kind");
        }
        if (header.ticket != 0) {
            track(share, std::move(command), header);
        } else {
            if (!share.batch) {
                share.batch = std::make_shared<Batch>(Batch{bytes_, {}, {}});
            }
            share.batch->commands.push_back(std::move(command));
        }
        return at + header.bytes;
    }

    void submit() {
        addon_.settler->expect(env_, tickets_);
        for (Share& share : shares_) {
            closeBatch(share);
            share.worker->submit(std::move(share.tasks));
        }
    }

private:
    /// A command alone, as a task that is waited for and timed.
    void track(Share& share, Batch::Command command, const CommandHeader& header) {
        if (command.kind != CommandKind::Launch && command.kind != CommandKind::Copy &&
            command.kind != CommandKind::Replay) {
            throw Napi::TypeError::New(env_, "only a launch, a copy or a replay can be waited for");
        }
        closeBatch(share);
        Task task;
        task.waiter = Settler::idOf(channel_, header.ticket);
        task.timed = true;
        task.heard = header.heard != 0;
        task.batch = std::make_shared<Batch>(Batch{bytes_, {}, {}});
        task.batch->commands.push_back(std::move(command));
        share.tasks.push_back(std::move(task));
        ++tickets_;
    }

    static void closeBatch(Share& share) {
        if (share.batch) {
            Task task;
            task.operations = share.batch->commands.size();
            task.batch = std::move(share.batch);
            share.tasks.push_back(std::move(task));
        }
    }

    Share& shareOf(uint32_t stream) {
        if (last_ < shares_.size() && streams_[last_] == stream) {
            return shares_[last_];
        }
        for (last_ = 0; last_ < streams_.size(); ++last_) {
            if (streams_[last_] == stream) {
                return shares_[last_];
            }
        }
        auto worker = addon_.streams.find(stream);
        if (!worker || worker->device != device_ || worker->finishing()) {
            throw Napi::TypeError::New(env_, "a command's stream is none of the device, or was disposed");
        }
        streams_.push_back(stream);
        shares_.push_back({std::move(worker)});
        return shares_[last_];
    }

    Launch launchIn(uint32_t number, std::span<const std::byte> rest) {
        auto kernel = addon_.kernels.find(number);
        if (!kernel || kernel->module->device != device_) {
            throw Napi::TypeError::New(env_, "a launch's kernel is none of the device, or was unloaded");
        }
        std::string wrong;
        auto launch = readLaunch(rest, std::move(kernel), wrong);
        if (!launch) {
            throw Napi::RangeError::New(env_, wrong);
        }
        return std::move(*launch);
    }

    CopyCommand copyIn(std::span<const std::byte> rest) {
        CopyCommand copy{};
        if (rest.size() < sizeof copy) {
            throw Napi::RangeError::New(env_, "a copy is too short");
        }
        std::memcpy(&copy, rest.data(), sizeof copy);
        return copy;
    }

    std::shared_ptr<GraphState> graphOf(uint32_t number) {
        auto graph = addon_.graphs.find(number);
        if (!graph || graph->device != device_) {
            throw Napi::TypeError::New(env_, "a command's graph is none of the device, or was disposed");
        }
        return graph;
    }

    void readUpdate(uint32_t number, std::span<const std::byte> rest, Batch::Command& command) {
        UpdateCommand update{};
        CommandHeader header{};
        if (rest.size() < sizeof update + sizeof header) {
            throw Napi::RangeError::New(env_, "an update is too short");
        }
        std::memcpy(&update, rest.data(), sizeof update);
        std::memcpy(&header, rest.data() + sizeof update, sizeof header);
        rest = rest.subspan(sizeof update + sizeof header);
        command.graph = graphOf(number);
        command.node = update.node;
        const bool launches = header.kind == CommandKind::Launch;
        if (update.node >= command.graph->nodes.size() || (!launches && header.kind != CommandKind::Copy) ||
            launches != (command.graph->kernels[update.node] != nullptr)) {
            throw Napi::RangeError::New(env_, "an update is of no node, or of another kind");
        }
        if (launches) {
            command.launch = launchIn(header.object, rest);
        } else {
            command.copy = copyIn(rest);
        }
    }

    std::shared_ptr<EventState> eventOf(uint32_t number) {
        auto event = addon_.events.find(number);
        if (!event || event->device->library != device_->library) {
            throw Napi::TypeError::New(env_, "a command's event is none of the library, or was disposed");
        }
        return event;
    }

    const Napi::Env env_;
    Addon& addon_;
    const std::shared_ptr<DeviceState> device_;
    const uint32_t channel_;
    const std::shared_ptr<const std::vector<std::byte>> bytes_;
    std::vector<uint32_t> streams_;
    std::vector<Share> shares_;
    size_t last_ = 0;
    size_t tickets_ = 0;
};

}  // namespace

void DeviceHandle::submit(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    void* data = nullptr;
    size_t size = 0;
    if (!info[0].IsArrayBuffer() ||
        napi_get_arraybuffer_info(env, info[0], &data, &size) != napi_ok) {
        throw Napi::TypeError::New(env, "commands must be an ArrayBuffer");
    }
    const uint64_t used = integerArgument(info[1], "bytes", size);
    const auto channel = static_cast<uint32_t>(integerArgument(info[2], "channel", UINT32_MAX));
    if (!Addon::of(env).settler->hasChannel(channel)) {
        throw Napi::RangeError::New(env, "there is no such channel");
    }
    if (const auto unusable = state()->unusable(state()->epoch())) {
        throw toJs(env, *unusable);
    }
    const auto* first = static_cast<const std::byte*>(data);
    Submission submission(env, Addon::of(env), state(), channel,
                          std::make_shared<const std::vector<std::byte>>(first, first + used));
    for (size_t at = 0; at < used;) {
        at = submission.read(at);
    }
    submission.submit();
}

void DeviceHandle::drain(const Napi::CallbackInfo&) { drainDevice(*state()); }

}  // namespace soma::hip
