#include "worker.h"

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

namespace soma::hip {

namespace {
/// So many tasks at most wait for one synchronization.
constexpr size_t kMostPending = 256;

/// The workers of all JavaScript threads. `process.exit` runs no clean-up of Node's, but then HIP's own exit handlers:
/// no thread should be in a HIP function by that time.
class Workers {
public:
    static void add(const std::shared_ptr<Worker>& worker) {
        // Never destroyed: worker threads may end after the process has begun to. The handler is registered with the
        // first stream, after the library and its own handlers, so it runs before those.
        static Workers* const workers = new Workers;
        static const int registered = std::atexit([] { workers->abandonAll(); });
        (void)registered;
        std::scoped_lock lock(workers->mutex_);
        std::erase_if(workers->all_, [](const auto& weak) { return weak.expired(); });
        workers->all_.push_back(worker);
    }

private:
    void abandonAll() {
        const auto deadline = std::chrono::steady_clock::now() + kLastMoment;
        std::scoped_lock lock(mutex_);
        for (const auto& weak : all_) {
            if (const auto worker = weak.lock()) {
                worker->abandon(deadline);
            }
        }
    }

    std::mutex mutex_;
    std::vector<std::weak_ptr<Worker>> all_;
};
}  // namespace

Result<std::shared_ptr<Worker>> Worker::create(const std::shared_ptr<DeviceState>& device,
                                               const std::shared_ptr<Settler>& settler) {
    if (const hipError_t code = device->select()) {
        return device->failure("hipSetDevice", code, "a stream");
    }
    hipStream_t stream = nullptr;
    if (const hipError_t code = device->hip().hipStreamCreateWithFlags(&stream, hipStreamNonBlocking)) {
        return device->failure("hipStreamCreateWithFlags", code, "a stream");
    }
    auto worker = std::make_shared<Worker>(device, settler, stream);
    Workers::add(worker);
    // Detached: a process or a JavaScript thread that ends does not wait for a kernel longer than `abandon` says.
    std::thread([worker] { worker->work(); }).detach();
    return worker;
}

void Worker::submit(Task task) {
    device->begin();
    std::scoped_lock lock(mutex_);
    tasks_.push_back({std::move(task), faultsHeard_});
    changed_.notify_all();
}

void Worker::finish() {
    std::scoped_lock lock(mutex_);
    finishing_ = true;
    changed_.notify_all();
}

void Worker::abandon(std::chrono::steady_clock::time_point deadline) {
    std::deque<Queued> dropped;
    {
        std::scoped_lock lock(mutex_);
        dropped.swap(tasks_);
        finishing_ = true;
        changed_.notify_all();
    }
    while (!dropped.empty()) {
        dropped.pop_front();
        device->end();
    }
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [&] { return finished_; });
}

void Worker::work() {
    device->select();
    std::unique_lock lock(mutex_);
    for (;;) {
        if (!tasks_.empty()) {
            Queued queued = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            take(std::move(queued));
            lock.lock();
        } else if (!pending_.empty()) {
            lock.unlock();
            settlePending();
            lock.lock();
        } else if (finishing_) {
            break;
        } else {
            changed_.wait(lock);
        }
    }
    lock.unlock();
    spareEvents_.clear();
    device->hip().hipStreamDestroy(stream_);
    lock.lock();
    finished_ = true;
    changed_.notify_all();
}

void Worker::take(Queued queued) {
    if (queued.task.waits || pending_.size() >= kMostPending) {
        settlePending();
    }
    if (fault_ && queued.faultsHeard <= faultEpoch_) {
        HipError error = *fault_;
        error.asked = queued.task.asked + " on " + device->describe() + ", queued behind a kernel that faulted";
        end(std::move(queued), std::move(error));
        return;
    }
    const char* call = "";
    if (const hipError_t code = queued.task.run(stream_, call)) {
        HipError error = device->failure(call, code, queued.task.asked);
        end(std::move(queued), std::move(error));
        return;
    }
    std::shared_ptr<EventState> done;
    if (!spareEvents_.empty()) {
        done = std::move(spareEvents_.back());
        spareEvents_.pop_back();
    } else {
        auto created = createEvent(device, hipEventDisableTiming);
        if (auto* error = std::get_if<HipError>(&created)) {
            // The task goes on, but nobody could say when it ended.
            device->hip().hipStreamSynchronize(stream_);
            end(std::move(queued), std::move(*error));
            return;
        }
        done = std::move(std::get<std::shared_ptr<EventState>>(created));
    }
    if (const hipError_t code = device->hip().hipEventRecord(done->event, stream_)) {
        HipError error = device->failure("hipEventRecord", code, queued.task.asked);
        device->hip().hipStreamSynchronize(stream_);
        end(std::move(queued), std::move(error));
        return;
    }
    pending_.push_back({std::move(queued), std::move(done)});
}

void Worker::settlePending() {
    if (pending_.empty()) {
        return;
    }
    const hipError_t synchronized = device->hip().hipStreamSynchronize(stream_);
    std::optional<HipError> error;
    if (synchronized != hipSuccess) {
        error = device->failure("hipStreamSynchronize", synchronized, "");
    }
    std::vector<Pending> pending = std::exchange(pending_, {});
    bool reached = true;
    for (Pending& one : pending) {
        // A fault that no event tells of is the last task's.
        const bool last = &one == &pending.back();
        reached = reached && (!error || (!last && device->hip().hipEventQuery(one.done->event) == hipSuccess));
        spareEvents_.push_back(std::move(one.done));
        if (reached) {
            end(std::move(one.queued), std::nullopt);
            continue;
        }
        if (!fault_ || one.queued.faultsHeard > faultEpoch_) {
            fault_ = error;
            faultEpoch_ = one.queued.faultsHeard;
            error->asked = one.queued.task.asked + " on " + device->describe();
        } else {
            error->asked =
                one.queued.task.asked + " on " + device->describe() + ", queued behind a kernel that faulted";
        }
        end(std::move(one.queued), *error);
    }
    if (error) {
        device->hip().hipGetLastError();
    }
}

void Worker::end(Queued queued, std::optional<HipError> error) {
    std::function<void()> delivered;
    if (error && fault_ && queued.faultsHeard == faultEpoch_) {
        delivered = [self = shared_from_this(), heard = faultEpoch_ + 1] {
            std::scoped_lock lock(self->mutex_);
            self->faultsHeard_ = std::max(self->faultsHeard_, heard);
        };
    }
    const uint64_t promise = queued.task.promise;
    // What the task holds is released before its promise settles: whoever awaits it finds the memory free.
    queued = {};
    device->end();
    settler->settle(promise, std::move(error), std::move(delivered));
}

}  // namespace soma::hip
