#include "worker.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "workers.h"

namespace soma::hip {

Result<std::shared_ptr<Worker>> Worker::create(const std::shared_ptr<DeviceState>& device,
                                               const std::shared_ptr<Settler>& settler, int priority) {
    if (const hipError_t code = device->select()) {
        return device->failure("hipSetDevice", code, "a stream");
    }
    if (auto unusable = device->unusable(device->epoch())) {
        return *unusable;
    }
    hipStream_t stream = nullptr;
    const Table& hip = device->hip();
    if (priority != 0 && hip.hipStreamCreateWithPriority && hip.hipDeviceGetStreamPriorityRange) {
        int least = 0;
        int greatest = 0;
        if (const hipError_t code = hip.hipDeviceGetStreamPriorityRange(&least, &greatest)) {
            return device->failure("hipDeviceGetStreamPriorityRange", code, "a stream");
        }
        priority = std::clamp(priority, std::min(greatest, least), std::max(greatest, least));
        if (const hipError_t code = hip.hipStreamCreateWithPriority(&stream, hipStreamNonBlocking, priority)) {
            return device->failure("hipStreamCreateWithPriority", code, "a stream");
        }
    } else if (const hipError_t code = hip.hipStreamCreateWithFlags(&stream, hipStreamNonBlocking)) {
        return device->failure("hipStreamCreateWithFlags", code, "a stream");
    }
    auto worker = std::make_shared<Worker>(device, settler, stream);
    addWorker(worker);
    // Detached: a process or a JavaScript thread that ends does not wait for a kernel longer than `abandon` says.
    std::thread([worker] { worker->feed(); }).detach();
    std::thread([worker] { worker->watch(); }).detach();
    return worker;
}

uint64_t nextMark() {
    static std::atomic<uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

Worker::Worker(std::shared_ptr<DeviceState> device, std::shared_ptr<Settler> settler, hipStream_t stream)
    : device(std::move(device)), settler(std::move(settler)), stream_(stream), epoch_(this->device->epoch()) {
    this->device->own(this, [&hip = this->device->hip(), stream] { hip.hipStreamDestroy(stream); });
}

Worker::~Worker() { device->disown(this); }

void Worker::stop(uint64_t waiter) {
    std::optional<Queued> withdrawn;
    uint64_t mark = 0;
    {
        std::scoped_lock lock(mutex_);
        const auto found = std::find_if(tasks_.begin(), tasks_.end(),
                                        [&](const Queued& queued) { return queued.task.waiter == waiter; });
        if (found != tasks_.end()) {
            withdrawn = std::move(*found);
            // Its place stays, so that operations are counted in order.
            found->task = Task();
            found->task.run = [](hipStream_t, const char*&) { return hipSuccess; };
            found->generation = device->begin();
        } else if (taking_ && takenWaiter_ == waiter) {
            mark = takenMark_;
        } else {
            const auto running = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) {
                return pending.queued.task.waiter == waiter;
            });
            mark = running == pending_.end() ? 0 : running->queued.task.mark;
        }
    }
    if (withdrawn) {
        settler->settle(waiter, stoppedAt("it was withdrawn before it began"));
        device->end(withdrawn->generation);
    } else if (mark != 0) {
        stopRunning(mark);
    }
}

void Worker::stopRunning(uint64_t mark) {
    if (!device->hip().somaVgpuStopLaunch) {
        return;
    }
    {
        std::scoped_lock lock(mutex_);
        stopped_.insert(mark);
    }
    if (device->hip().somaVgpuStopLaunch(mark) != hipSuccess) {
        // It has ended already.
        std::scoped_lock lock(mutex_);
        stopped_.erase(mark);
    }
}

HipError Worker::stoppedAt(const char* place) const {
    HipError error = device->library->refusal("hipModuleLaunchKernel", hipErrorLaunchTimeOut, "a launch");
    error.fault = place;
    return error;
}

void Worker::stopAll() {
    std::vector<uint64_t> marks;
    {
        std::scoped_lock lock(mutex_);
        marks.push_back(takenMark_);
        for (const Pending& pending : pending_) {
            marks.push_back(pending.queued.task.mark);
        }
    }
    for (const uint64_t mark : marks) {
        stopRunning(mark);
    }
}

void Worker::submit(Task task) {
    std::vector<Task> tasks;
    tasks.push_back(std::move(task));
    submit(std::move(tasks));
}

void Worker::submit(std::vector<Task> tasks) {
    const unsigned generation = device->begin(tasks.size());
    {
        std::scoped_lock lock(mutex_);
        for (Task& task : tasks) {
            submitted_ += task.operations;
            tasks_.push_back({std::move(task), faultsHeard_, submitted_, generation});
        }
    }
    forFeeder_.notify_one();
}

uint64_t Worker::submitted() {
    std::scoped_lock lock(mutex_);
    return submitted_;
}

bool Worker::finishing() {
    std::scoped_lock lock(mutex_);
    return finishing_;
}

void Worker::drain() {
    std::unique_lock lock(mutex_);
    forOthers_.wait(lock, [&] { return finished_ || (tasks_.empty() && pending_.empty() && !taking_); });
}

void Worker::finish() {
    std::scoped_lock lock(mutex_);
    finishing_ = true;
    forFeeder_.notify_one();
}

void Worker::abandon(std::chrono::steady_clock::time_point deadline) {
    std::deque<Queued> dropped;
    {
        std::scoped_lock lock(mutex_);
        dropped.swap(tasks_);
        finishing_ = true;
        forFeeder_.notify_one();
    }
    while (!dropped.empty()) {
        const unsigned generation = dropped.front().generation;
        dropped.pop_front();
        device->end(generation);
    }
    std::unique_lock lock(mutex_);
    forOthers_.wait_until(lock, deadline, [&] { return finished_; });
}

}  // namespace soma::hip
