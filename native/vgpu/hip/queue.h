// What a stream is: operations that run one after another on a thread of their own.
// Invariants: an operation depends only on operations that were submitted before it, so that queues never deadlock; after
// a failure the operations already queued are skipped until `takeFailure` reports it once, then the queue works again.
#pragma once

#include "status.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace soma::vgpu::hip {

class Queue;

/// Counts a queue's operations from 1; 0 is done from the beginning.
using Ticket = uint64_t;

struct Dependency {
    std::shared_ptr<Queue> queue;
    Ticket ticket = 0;
};

struct Operation {
    std::vector<Dependency> after{};
    /// Runs on the queue's thread. The argument is the failure that nobody was told of yet, or null; only an operation
    /// with `evenAfterFailure` gets to see one.
    std::function<std::optional<Failure>(const Failure*)> run{};
    bool evenAfterFailure = false;
};

class Queue : public std::enable_shared_from_this<Queue> {
public:
    /// `blocking`: ordered with the null stream, as HIP has it unless hipStreamNonBlocking is given.
    explicit Queue(bool blocking) : blocking_(blocking) {}

    bool blocking() const { return blocking_; }

    Ticket submit(Operation operation);
    /// The ticket of the operation submitted last.
    Ticket last() const;
    bool done(Ticket ticket) const;
    void wait(Ticket ticket) const;
    std::optional<Failure> takeFailure();

    /// Ends the thread after what is queued.
    void close();
    /// Drops what is queued and waits at most until `deadline` for the operation that runs.
    void abandon(std::chrono::steady_clock::time_point deadline);

    /// Is the calling thread a queue's own, inside a host function? Such a thread must not wait for queues.
    static bool onQueueThread();

private:
    void work();

    const bool blocking_;
    mutable std::mutex mutex_;
    std::condition_variable submitted_;
    mutable std::condition_variable completed_;
    std::deque<Operation> operations_;
    Ticket last_ = 0;
    Ticket finished_ = 0;
    std::optional<Failure> failure_;
    bool started_ = false;
    bool closed_ = false;
    bool running_ = false;
};

}  // namespace soma::vgpu::hip
