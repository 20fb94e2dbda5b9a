#include "work.h"

#include "capture.h"
#include "context.h"
#include "graph.h"

namespace soma::vgpu::hip {

namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

std::optional<Failure> nothingWrong() { return std::nullopt; }

/// A graph's memory outlives the launches that use it.
Step keep(const std::shared_ptr<GraphMemory>& memory) {
    return Step{.run = [memory] { return nothingWrong(); }};
}

}  // namespace

hipGraphNodeType nodeType(const Work& work) {
    constexpr hipGraphNodeType kTypes[] = {
        hipGraphNodeTypeEmpty, hipGraphNodeTypeKernel,      hipGraphNodeTypeMemcpy,    hipGraphNodeTypeMemset,
        hipGraphNodeTypeHost,  hipGraphNodeTypeGraph,       hipGraphNodeTypeEventRecord,
        hipGraphNodeTypeWaitEvent, hipGraphNodeTypeMemAlloc, hipGraphNodeTypeMemFree,
    };
    static_assert(std::size(kTypes) == std::variant_size_v<Work>);
    return kTypes[work.index()];
}

std::string describe(const Work& work) {
    constexpr const char* kNames[] = {
        "an empty node",   "a kernel",      "a copy",        "a fill",        "a host function",
        "a child graph",   "an event record", "an event wait", "an allocation", "a release",
    };
    static_assert(std::size(kNames) == std::variant_size_v<Work>);
    if (const auto* launch = std::get_if<KernelLaunch>(&work)) {
        return "the kernel '" + launch->function->kernel->name + "'";
    }
    return kNames[work.index()];
}

std::optional<Failure> validate(const Work& work, const Stream& stream, bool& pageable) {
    return std::visit(
        Overloaded{
            [&](const KernelLaunch& launch) -> std::optional<Failure> {
                const VirtualDevice& device = *launch.function->module->device;
                if (stream.device.get() == &device) {
                    return std::nullopt;
                }
                return Failure{hipErrorInvalidHandle, "kernel '" + launch.function->kernel->name +
                                                          "': it was loaded on " + device.describe() +
                                                          ", the stream is one of " + stream.device->describe()};
            },
            [&](const Copy& copy) { return copy.validate(pageable); },
            [&](const Fill& fill) { return fill.validate(); },
            [](const auto&) { return nothingWrong(); },
        },
        work);
}

Step stepOf(const Work& work, Operation& operation) {
    return std::visit(
        Overloaded{
            [](const KernelLaunch& launch) { return Step{.run = [launch] { return launch.run(); }}; },
            [](const HostWork& host) {
                return Step{.run = [host] {
                    host.function(host.userData);
                    return nothingWrong();
                }};
            },
            [](const RecordWork& record) {
                auto recording = std::make_shared<Recording>();
                return Step{.run =
                                [recording] {
                                    recording->time = std::chrono::steady_clock::now();
                                    return nothingWrong();
                                },
                            .recording = recording,
                            .event = record.event};
            },
            [&](const WaitWork& wait) {
                std::scoped_lock lock(wait.event->mutex);
                if (wait.event->recording) {
                    operation.after.push_back(wait.event->recording->place);
                }
                return Step{};
            },
            [](const AllocateWork& allocate) {
                allocate.memory->outstanding = true;
                return keep(allocate.memory);
            },
            [](const FreeWork& release) {
                release.memory->outstanding = false;
                return keep(release.memory);
            },
            [](const EmptyWork&) { return Step{}; },
            [](const ChildWork&) { return Step{}; },
            [](const auto& transfer) {
                return Step{.run = [transfer] {
                    transfer.run();
                    return nothingWrong();
                }};
            },
        },
        work);
}

hipError_t enqueue(const char* call, hipStream_t handle, Work work, bool asynchronous) {
    if (const hipError_t refused = refuseInHostFunction(call)) {
        return refused;
    }
    const auto stream = findStream(handle);
    if (!stream) {
        return lastError();
    }
    Runtime& runtime = Runtime::instance();
    Ticket ticket{};
    {
        std::scoped_lock lock(runtime.order);
        if (stream->capture) {
            return capture(*stream, call, std::move(work), asynchronous);
        }
        if (const auto refused = refuseImplicitCapture(*stream, call)) {
            return fail(*refused);
        }
        bool pageable = false;
        if (const auto failure = validate(work, *stream, pageable)) {
            return fail(*failure);
        }
        asynchronous = asynchronous && !pageable;
        Operation operation;
        operation.run = [step = stepOf(work, operation)](const Failure*) { return step.run ? step.run() : nothingWrong(); };
        ticket = runtime.submit(*stream->device, stream->queue, std::move(operation));
    }
    if (asynchronous) {
        return hipSuccess;
    }
    stream->queue->wait(ticket);
    const auto failure = stream->queue->takeFailure();
    return failure ? fail(*failure) : hipSuccess;
}

}  // namespace soma::vgpu::hip
