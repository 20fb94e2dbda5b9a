// Making devices from a list of targets, the legacy order of the null stream, and an orderly end of the process.
#include "context.h"

#include "../observe/observers.h"
#include "thread_stream.h"

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

/// The targets of a comma-separated list, or why it is none.
std::optional<std::string> parseTargets(std::string_view list, std::vector<const Target*>& out) {
    for (;;) {
        const size_t comma = list.find(',');
        const std::string_view name = trim(list.substr(0, comma));
        const Target* target = findTarget(name);
        if (!target) {
            return "'" + std::string(name) + "' is none of the virtual targets " + somaVgpuTargets();
        }
        out.push_back(target);
        if (comma == std::string_view::npos) {
            return std::nullopt;
        }
        list.remove_prefix(comma + 1);
    }
}

}  // namespace

VirtualDevice::VirtualDevice(int index, const Target& target)
    : index(index), core(target), nullQueue(std::make_shared<Queue>(false)) {
    const char* sanitize = std::getenv("SOMA_VGPU_SANITIZE");
    if (sanitize && *sanitize != '\0' && std::string_view(sanitize) != "0") {
        core.observers().setSanitizing(true);
        core.observers().reports().writeTo(sanitize);
    }
}

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
    std::vector<const Target*> targets;
    if (const auto error = parseTargets(variable ? variable : kDefaultTargets, targets)) {
        configurationError_ = "the environment variable SOMA_VGPU lists no virtual devices: " + *error;
    } else {
        for (const Target* target : targets) {
            devices_.push_back(std::make_shared<VirtualDevice>(static_cast<int>(devices_.size()), *target));
        }
    }
    std::atexit(stopAtExit);
}

hipError_t Runtime::configure(std::string_view list) {
    std::vector<const Target*> targets;
    if (const auto error = parseTargets(list, targets)) {
        return fail(hipErrorInvalidValue, *error);
    }
    std::scoped_lock lock(order);
    const auto before = devices();
    const auto stays = [&](size_t index) {
        return index < before.size() && index < targets.size() && &before[index]->core.target() == targets[index];
    };
    for (size_t index = 0; index < before.size(); ++index) {
        if (const hipError_t inUse = stays(index) ? hipSuccess : refuseInUse(*before[index])) {
            return inUse;
        }
    }
    std::vector<std::shared_ptr<VirtualDevice>> after;
    for (size_t index = 0; index < targets.size(); ++index) {
        if (stays(index)) {
            after.push_back(before[index]);
            continue;
        }
        after.push_back(std::make_shared<VirtualDevice>(static_cast<int>(index), *targets[index]));
        for (const auto& [address, block] : hostMemory) {
            after.back()->core.memory().import(reinterpret_cast<void*>(address), block.size);
        }
    }
    for (size_t index = 0; index < before.size(); ++index) {
        if (!stays(index)) {
            before[index]->nullQueue->close();
            pools.remove(before[index]->defaultPool);
        }
    }
    std::scoped_lock change(mutex_);
    devices_ = std::move(after);
    configurationError_.clear();
    return hipSuccess;
}

hipError_t Runtime::refuseInUse(VirtualDevice& device) {
    idle(device);
    const auto isOn = [&](const auto& object) { return object.device.get() == &device; };
    const size_t allocations = device.core.memory().allocations() - hostMemory.size();
    const size_t objects = modules.countIf(isOn) + streams.countIf(isOn);
    return allocations + objects == 0
               ? hipSuccess
               : fail(hipErrorIllegalState, device.describe() + " cannot be removed while " +
                                                std::to_string(allocations) + " allocations and " +
                                                std::to_string(objects) +
                                                " modules or streams of it are alive: free them first");
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
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
    for (const auto& device : instance().devices()) {
        device->nullQueue->abandon(deadline);
        for (const auto& queue : device->queues()) {
            queue->abandon(deadline);
        }
        device->core.observers().reportLeaks();
    }
}

int& currentDeviceIndex() {
    thread_local int index = 0;
    return index;
}

std::shared_ptr<Stream> findStream(hipStream_t handle) {
    Runtime& runtime = Runtime::instance();
    if (handle == hipStreamPerThread || (!handle && PerThreadDefault::on())) {
        return threadStream();
    }
    if (handle && handle != hipStreamLegacy) {
        auto stream = runtime.streams.find(handle);
        if (!stream) {
            fail(hipErrorInvalidHandle, hex(handle) + " is no stream, or one that was destroyed");
        }
        return stream;
    }
    auto device = runtime.current();
    return device ? std::make_shared<Stream>(Stream{device, device->nullQueue}) : nullptr;
}

void retire(const Stream& stream) {
    std::scoped_lock lock(Runtime::instance().order);
    if (stream.capture) {
        stream.capture->capture->invalid = true;
    }
    const auto& queue = stream.queue;
    if (queue->last() == 0) {
        stream.device->removeQueue(queue);
        return;
    }
    const auto end = [device = stream.device, queue](const Failure*) -> std::optional<Failure> {
        device->removeQueue(queue);
        queue->close();
        return std::nullopt;
    };
    queue->submit({.run = end, .evenAfterFailure = true});
}

hipError_t refuseInHostFunction(const char* what) {
    return Queue::onQueueThread()
               ? fail(hipErrorIllegalState, std::string(what) + " was called by a stream's host function, which would "
                                                                "wait for itself: call it from another thread")
               : hipSuccess;
}

}  // namespace soma::vgpu::hip
