// Making devices from a list of targets, the legacy order of the null stream, and an orderly end of the process.
#include "context.h"

#include <algorithm>
#include <cstdlib>

namespace soma::vgpu::hip {

namespace {

constexpr std::string_view kDefaultTargets = "gfx1100";

std::string_view trim(std::string_view text) {
    const size_t begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view{}
                                           : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

VirtualDevice::VirtualDevice(int index, const Target& target)
    : index(index), core(target), nullQueue(std::make_shared<Queue>(index, false)) {}

std::string VirtualDevice::describe() const {
    return "device " + std::to_string(index) + " (" + std::string(core.target().name) + ")";
}

std::vector<std::shared_ptr<Queue>> VirtualDevice::queues() const {
    std::scoped_lock lock(mutex_);
    return queues_;
}

void VirtualDevice::addQueue(std::shared_ptr<Queue> queue) {
    std::scoped_lock lock(mutex_);
    queues_.push_back(std::move(queue));
}

void VirtualDevice::removeQueue(const std::shared_ptr<Queue>& queue) {
    std::scoped_lock lock(mutex_);
    std::erase(queues_, queue);
}

Runtime& Runtime::instance() {
    static Runtime* const runtime = new Runtime;
    return *runtime;
}

Runtime::Runtime() {
    const char* variable = std::getenv("SOMA_VGPU");
    if (const auto error = make(variable ? variable : kDefaultTargets)) {
        configurationError_ = "the environment variable SOMA_VGPU lists no virtual devices: " + *error;
    }
    std::atexit(stopAtExit);
}

std::optional<std::string> Runtime::make(std::string_view list) {
    std::vector<std::shared_ptr<VirtualDevice>> devices;
    for (;;) {
        const size_t comma = list.find(',');
        const std::string_view name = trim(list.substr(0, comma));
        const Target* target = findTarget(name);
        if (!target) {
            return "'" + std::string(name) + "' is none of the virtual targets " + somaVgpuTargets();
        }
        devices.push_back(std::make_shared<VirtualDevice>(static_cast<int>(devices.size()), *target));
        if (comma == std::string_view::npos) {
            break;
        }
        list.remove_prefix(comma + 1);
    }
    std::scoped_lock lock(mutex_);
    devices_ = std::move(devices);
    configurationError_.clear();
    return std::nullopt;
}

hipError_t Runtime::configure(std::string_view targets) {
    std::scoped_lock lock(order);
    size_t allocations = hostMemory.size();
    for (const auto& device : this->devices()) {
        idle(*device);
        allocations += device->core.memory().allocations();
    }
    const size_t objects = modules.size() + streams.size() + events.size();
    if (allocations + objects != 0) {
        return fail(hipErrorIllegalState,
                    "the virtual devices cannot be replaced while " + std::to_string(allocations) +
                        " allocations and " + std::to_string(objects) +
                        " modules, streams or events are alive: free them first");
    }
    const auto before = this->devices();
    if (const auto error = make(targets)) {
        return fail(hipErrorInvalidValue, *error);
    }
    for (const auto& device : before) {
        device->nullQueue->close();
    }
    return hipSuccess;
}

std::vector<std::shared_ptr<VirtualDevice>> Runtime::devices() const {
    std::scoped_lock lock(mutex_);
    return devices_;
}

Failure Runtime::noDevice() const {
    std::scoped_lock lock(mutex_);
    return {hipErrorNoDevice, configurationError_};
}

std::shared_ptr<VirtualDevice> Runtime::device(int index) {
    const auto all = devices();
    if (all.empty()) {
        fail(noDevice());
        return nullptr;
    }
    if (index < 0 || static_cast<size_t>(index) >= all.size()) {
        fail(hipErrorInvalidDevice,
             "there is no device " + std::to_string(index) + ": there are " + std::to_string(all.size()));
        return nullptr;
    }
    return all[static_cast<size_t>(index)];
}

std::shared_ptr<VirtualDevice> Runtime::current() { return device(currentDeviceIndex()); }

Ticket Runtime::submit(VirtualDevice& device, const std::shared_ptr<Queue>& queue, Operation operation) {
    if (queue == device.nullQueue) {
        for (const auto& other : device.queues()) {
            if (other->blocking()) {
                operation.after.push_back({other, other->last()});
            }
        }
    } else if (queue->blocking()) {
        operation.after.push_back({device.nullQueue, device.nullQueue->last()});
    }
    std::erase_if(operation.after, [](const Dependency& dependency) {
        return dependency.queue->done(dependency.ticket);
    });
    return queue->submit(std::move(operation));
}

void Runtime::idle(VirtualDevice& device) {
    for (const auto& queue : device.queues()) {
        queue->wait(queue->last());
    }
    device.nullQueue->wait(device.nullQueue->last());
}

void Runtime::stopAtExit() {
    // Static objects of the library go next: give a kernel that still runs a moment to end before they do.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    for (const auto& device : instance().devices()) {
        device->nullQueue->abandon(deadline);
        for (const auto& queue : device->queues()) {
            queue->abandon(deadline);
        }
    }
}

int& currentDeviceIndex() {
    thread_local int index = 0;
    return index;
}

std::shared_ptr<Stream> findStream(hipStream_t handle) {
    Runtime& runtime = Runtime::instance();
    if (handle) {
        auto stream = runtime.streams.find(handle);
        if (!stream) {
            fail(hipErrorInvalidHandle, hex(handle) + " is no stream, or one that was destroyed");
        }
        return stream;
    }
    auto device = runtime.current();
    return device ? std::make_shared<Stream>(Stream{device, device->nullQueue}) : nullptr;
}

hipError_t runAndWait(const Stream& stream, Operation operation) {
    Ticket ticket;
    {
        Runtime& runtime = Runtime::instance();
        std::scoped_lock lock(runtime.order);
        ticket = runtime.submit(*stream.device, stream.queue, std::move(operation));
    }
    stream.queue->wait(ticket);
    if (const auto failure = stream.queue->takeFailure()) {
        return fail(*failure);
    }
    return hipSuccess;
}

hipError_t refuseInHostFunction(const char* what) {
    return Queue::onQueueThread()
               ? fail(hipErrorIllegalState, std::string(what) + " was called by a stream's host function, which would "
                                                                "wait for itself: call it from another thread")
               : hipSuccess;
}

}  // namespace soma::vgpu::hip
