// A queue's thread: it starts with the first operation, holds the queue alive, and ends when the queue is closed.
#include "queue.h"

#include <thread>
#include <utility>

namespace soma::vgpu::hip {

namespace {
thread_local bool isQueueThread = false;

std::optional<Failure> runGuarded(const Operation& operation, const Failure* before) {
    try {
        return operation.run(before);
    } catch (const std::bad_alloc&) {
        return Failure{hipErrorOutOfMemory, "the host ran out of memory during an operation of a stream"};
    } catch (const std::exception& error) {
        return Failure{hipErrorUnknown, std::string("a bug in the virtual GPU: ") + error.what()};
    }
}
}  // namespace

bool Queue::onQueueThread() { return isQueueThread; }

Ticket Queue::submit(Operation operation) {
    std::scoped_lock lock(mutex_);
    if (!started_) {
        // Detached: a thread that waits for a long kernel must not keep the process from ending.
        std::thread([self = shared_from_this()] { self->work(); }).detach();
        started_ = true;
    }
    operations_.push_back(std::move(operation));
    submitted_.notify_one();
    return ++last_;
}

Ticket Queue::last() const {
    std::scoped_lock lock(mutex_);
    return last_;
}

bool Queue::done(Ticket ticket) const {
    std::scoped_lock lock(mutex_);
    return finished_ >= ticket;
}

void Queue::wait(Ticket ticket) const {
    std::unique_lock lock(mutex_);
    completed_.wait(lock, [&] { return finished_ >= ticket; });
}

std::optional<Failure> Queue::takeFailure() {
    std::scoped_lock lock(mutex_);
    return std::exchange(failure_, std::nullopt);
}

void Queue::close() {
    std::scoped_lock lock(mutex_);
    closed_ = true;
    submitted_.notify_one();
}

void Queue::abandon(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    operations_.clear();
    closed_ = true;
    submitted_.notify_one();
    completed_.wait_until(lock, deadline, [&] { return !running_; });
}

void Queue::work() {
    isQueueThread = true;
    std::unique_lock lock(mutex_);
    for (;;) {
        submitted_.wait(lock, [&] { return closed_ || !operations_.empty(); });
        if (operations_.empty()) {
            return;
        }
        Operation operation = std::move(operations_.front());
        operations_.pop_front();
        running_ = true;
        lock.unlock();
        for (const Dependency& dependency : operation.after) {
            dependency.queue->wait(dependency.ticket);
        }
        lock.lock();
        const std::optional<Failure> before = failure_;
        lock.unlock();
        std::optional<Failure> failure;
        if (!before || operation.evenAfterFailure) {
            failure = runGuarded(operation, before ? &*before : nullptr);
        }
        // Destroyed before the ticket counts as done: what the operation holds is free for whoever waited.
        operation = {};
        lock.lock();
        if (failure && !failure_) {
            failure_ = std::move(failure);
        }
        running_ = false;
        ++finished_;
        completed_.notify_all();
    }
}

}  // namespace soma::vgpu::hip
