// The second of a stream's threads, the watcher: it waits for the events behind tasks, and ends the tasks that they tell of.

#include "worker.h"

#include <algorithm>
#include <utility>

namespace soma::hip {

void Worker::watch() {
    device->select();
    std::unique_lock lock(mutex_);
    for (;;) {
        forWatcher_.wait(lock, [&] { return fed_ || (!pending_.empty() && !faulted_); });
        if (fed_) {
            return;
        }
        const std::shared_ptr<EventState> oldest = pending_.front().done;
        lock.unlock();
        // Its outcome is looked up with the others'.
        if (!device->lost()) {
            device->hip().hipEventSynchronize(oldest->event);
        }
        const bool good = settleReached();
        lock.lock();
        if (!good) {
            faulted_ = true;
        }
        forFeeder_.notify_one();
        forOthers_.notify_all();
    }
}

void Worker::recycle(Pending& pending, bool reached) {
    Task& task = pending.queued.task;
    bool isKept = false;
    if (reached && pending.start) {
        const hipError_t code =
            device->hip().hipEventElapsedTime(&task.ran.milliseconds, pending.start->event, pending.done->event);
        if (task.heard && code == hipSuccess) {
            if (!clock_) {
                clock_ = device->clock();
            }
            if (const auto at = clock_->at(pending.start)) {
                task.ran.start = *at;
            }
            // The clock has it, or had it: events that others look at are not recorded again.
            isKept = pending.start.use_count() > 1;
        }
    }
    std::scoped_lock lock(mutex_);
    if (pending.start) {
        if (!isKept) {
            spareTimers_.push_back(std::move(pending.start));
        }
        spareTimers_.push_back(std::move(pending.done));
    } else {
        spareEvents_.push_back(std::move(pending.done));
    }
}

bool Worker::settleReached() {
    std::scoped_lock settling(settling_);
    for (;;) {
        std::unique_lock lock(mutex_);
        if (pending_.empty()) {
            return true;
        }
        if (device->lost()) {
            return false;
        }
        const hipError_t code = device->hip().hipEventQuery(pending_.front().done->event);
        if (code != hipSuccess) {
            device->hip().hipGetLastError();
            return code == hipErrorNotReady;
        }
        Pending reached = std::move(pending_.front());
        pending_.pop_front();
        lock.unlock();
        recycle(reached, true);
        std::optional<HipError> error = reached.queued.task.batch ? reached.queued.task.batch->error : std::nullopt;
        end(std::move(reached.queued), std::move(error));
    }
}

void Worker::settlePending() {
    std::shared_ptr<EventState> last;
    {
        std::scoped_lock lock(mutex_);
        if (pending_.empty()) {
            faulted_ = false;
            return;
        }
        last = pending_.back().done;
    }
    std::optional<HipError> error;
    // A device that has gone is asked nothing: who knows when it would answer.
    if (device->lost()) {
        error = unusable();
    } else {
        // First by an event that lets the thread sleep: synchronizing a stream may spin.
        device->hip().hipEventSynchronize(last->event);
        if (const hipError_t synchronized = device->hip().hipStreamSynchronize(stream_)) {
            error = device->failure("hipStreamSynchronize", synchronized, "");
        }
    }
    std::scoped_lock settling(settling_);
    std::deque<Pending> pending;
    {
        std::scoped_lock lock(mutex_);
        pending.swap(pending_);
        faulted_ = false;
    }
    bool reached = true;
    while (!pending.empty()) {
        Pending one = std::move(pending.front());
        pending.pop_front();
        if (reached) {
            const hipError_t code = device->lost() ? hipErrorNoDevice : device->hip().hipEventQuery(one.done->event);
            if (code != hipSuccess && !error) {
                error = device->failure("hipEventQuery", code, "");
            }
            // A fault that no event tells of is the last task's.
            reached = code == hipSuccess && !(error && pending.empty());
        }
        recycle(one, reached);
        if (reached) {
            std::optional<HipError> own = one.queued.task.batch ? one.queued.task.batch->error : std::nullopt;
            end(std::move(one.queued), std::move(own));
            continue;
        }
        const Task& task = one.queued.task;
        bool first = false;
        {
            std::scoped_lock lock(mutex_);
            first = !fault_ || one.queued.faultsHeard > faultEpoch_;
            if (first) {
                error->asked = (task.batch ? task.batch->asked() : task.asked) + " on " + device->describe();
                fault_ = error;
                faultEpoch_ = one.queued.faultsHeard;
            }
        }
        HipError told = first ? *error : behindFault(*error, task);
        end(std::move(one.queued), std::move(told));
    }
    if (error) {
        device->hip().hipGetLastError();
    }
    forOthers_.notify_all();
}

void Worker::end(Queued queued, std::optional<HipError> error) {
    const uint64_t waiter = queued.task.waiter;
    const Ran ran = queued.task.ran;
    const bool passesOn = waiter == 0 || queued.task.required;
    const uint64_t ticket = queued.ticket;
    const unsigned generation = queued.generation;
    std::function<void()> delivered;
    {
        std::scoped_lock lock(mutex_);
        if (stopped_.erase(queued.task.mark) != 0 && !error && waiter != 0) {
            error = stoppedAt("the host asked for its end");
        }
        if (error && passesOn && (!fault_ || queued.faultsHeard > faultEpoch_)) {
            // Nobody hears of it, or what comes next needs it.
            fault_ = error;
            faultEpoch_ = queued.faultsHeard;
        }
        if (error && waiter != 0 && fault_ && queued.faultsHeard == faultEpoch_) {
            delivered = [self = shared_from_this(), heard = faultEpoch_ + 1] {
                std::scoped_lock lock(self->mutex_);
                self->faultsHeard_ = std::max(self->faultsHeard_, heard);
            };
        }
    }
    // What the task holds is released before its promise settles: whoever awaits it finds the memory free.
    queued = {};
    device->end(generation);
    {
        std::scoped_lock lock(mutex_);
        if (pending_.empty()) {
            completed_.store(std::max(completed_.load(), ticket), std::memory_order_release);
        } else if (pending_.front().queued.ticket > ticket) {
            completed_.store(ticket, std::memory_order_release);
        } else {
            // It failed before it got to the device, and others are still there: it counts with the last of them.
            pending_.back().queued.ticket = std::max(pending_.back().queued.ticket, ticket);
        }
    }
    if (waiter != 0) {
        settler->settle(waiter, std::move(error), ran, std::move(delivered));
    }
}

}  // namespace soma::hip
