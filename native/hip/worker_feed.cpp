// The first of a stream's threads: it gives the device one task after the other, and keeps an event behind each.

#include "worker.h"

#include <utility>

namespace soma::hip {

namespace {

/// So many tasks at most are with the device.
constexpr size_t kMostPending = 256;

}  // namespace

void Worker::feed() {
    device->select();
    std::unique_lock lock(mutex_);
    for (;;) {
        if (faulted_) {
            lock.unlock();
            settlePending();
            lock.lock();
        } else if (!tasks_.empty() && pending_.size() < kMostPending) {
            Queued queued = std::move(tasks_.front());
            tasks_.pop_front();
            taking_ = true;
            takenMark_ = queued.task.mark;
            takenWaiter_ = queued.task.waiter;
            lock.unlock();
            take(std::move(queued));
            lock.lock();
            if (tasks_.empty() && !pending_.empty() && pending_.back().queued.task.waiter != 0 && !faulted_) {
                // What is short has ended by now: who waits for it need not wait for the watcher to wake up.
                lock.unlock();
                const bool good = settleReached();
                lock.lock();
                faulted_ = faulted_ || !good;
            }
            taking_ = false;
            if (!pending_.empty()) {
                forWatcher_.notify_one();
            }
            forOthers_.notify_all();
        } else if (tasks_.empty() && pending_.empty() && finishing_) {
            break;
        } else {
            forFeeder_.wait(lock);
        }
    }
    spareEvents_.clear();
    spareTimers_.clear();
    clock_.reset();
    fed_ = true;
    forWatcher_.notify_one();
    lock.unlock();
    device->disown(this);
    lock.lock();
    finished_ = true;
    forOthers_.notify_all();
}

Result<std::shared_ptr<EventState>> Worker::record(bool timed) {
    std::shared_ptr<EventState> event;
    {
        std::scoped_lock lock(mutex_);
        auto& spare = timed ? spareTimers_ : spareEvents_;
        if (!spare.empty()) {
            event = std::move(spare.back());
            spare.pop_back();
        }
    }
    if (!event) {
        auto created = createEvent(device, hipEventBlockingSync | (timed ? 0u : hipEventDisableTiming));
        if (std::holds_alternative<HipError>(created)) {
            return created;
        }
        event = std::move(std::get<std::shared_ptr<EventState>>(created));
    }
    if (const hipError_t code = device->hip().hipEventRecord(event->event, stream_)) {
        return device->failure("hipEventRecord", code, "the end of an operation");
    }
    return event;
}

HipError Worker::behindFault(HipError fault, const Task& task) const {
    const std::string own = task.batch ? task.batch->asked() : task.asked;
    fault.asked = own + " on " + device->describe() + ", queued behind what failed: " + fault.asked;
    return fault;
}

void Worker::take(Queued queued) {
    Task& task = queued.task;
    if (task.waits) {
        settlePending();
    }
    std::optional<HipError> fault;
    {
        std::scoped_lock lock(mutex_);
        if (fault_ && queued.faultsHeard <= faultEpoch_) {
            fault = *fault_;
        }
    }
    if (fault) {
        end(std::move(queued), behindFault(std::move(*fault), task));
        return;
    }
    if (auto unusable = this->unusable()) {
        end(std::move(queued), std::move(unusable));
        return;
    }
    std::shared_ptr<EventState> start;
    if (task.timed || task.heard) {
        auto recorded = record(true);
        if (auto* event = std::get_if<std::shared_ptr<EventState>>(&recorded)) {
            start = std::move(*event);
        } else if (task.timed) {
            end(std::move(queued), std::move(std::get<HipError>(recorded)));
            return;
        }
    }
    std::optional<HipError> error;
    if (task.batch) {
        if (task.batch->run(*device, stream_, task.mark)) {
            error = std::move(task.batch->error);
        }
    } else {
        const char* call = "";
        if (const hipError_t code = task.run(stream_, call)) {
            error = device->failure(call, code, task.asked);
        }
    }
    if (error && (!task.batch || task.batch->commands.size() == 1)) {
        end(std::move(queued), std::move(error));
        return;
    }
    auto recorded = record(start != nullptr);
    if (auto* failure = std::get_if<HipError>(&recorded)) {
        // The task goes on, but nobody could say when it ended.
        device->hip().hipStreamSynchronize(stream_);
        end(std::move(queued), error ? std::move(error) : std::optional(std::move(*failure)));
        return;
    }
    if (error) {
        // The batch's other commands go on.
        task.batch->error = std::move(error);
    }
    std::scoped_lock lock(mutex_);
    pending_.push_back({std::move(queued), std::move(start), std::move(std::get<std::shared_ptr<EventState>>(recorded))});
}

}  // namespace soma::hip
