// A HIP stream and the thread that feeds it: some of HIP's asynchronous calls wait nevertheless (copies of pageable memory,
// a full queue), which must not happen on a JavaScript thread. Knows nothing of JavaScript but whom to tell.
//
// Tasks run in order. One that HIP accepted is pending, with an event behind it, until the stream is synchronized, which
// happens when nothing else is to be submitted. If that reports a fault, the events tell which tasks were done before it;
// all others that were submitted before JavaScript heard of the fault end with it.
#pragma once

#include "settler.h"
#include "state.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace soma::hip {

/// A kernel that still runs when its JavaScript thread or the process ends gets so long.
inline constexpr std::chrono::milliseconds kLastMoment{500};

struct Task {
    /// The settler's promise.
    uint64_t promise = 0;
    /// For messages: such as `kernel 'saxpy'`.
    std::string asked;
    /// May HIP wait for the stream in it?
    bool waits = false;
    /// Makes the HIP call and names it; hipSuccess if there is nothing to do.
    std::function<hipError_t(hipStream_t, const char*& call)> run;
    /// Kept until the task has ended.
    std::vector<std::shared_ptr<const void>> holds;
};

class Worker : public std::enable_shared_from_this<Worker> {
public:
    static Result<std::shared_ptr<Worker>> create(const std::shared_ptr<DeviceState>& device,
                                                  const std::shared_ptr<Settler>& settler);
    Worker(std::shared_ptr<DeviceState> device, std::shared_ptr<Settler> settler, hipStream_t stream)
        : device(std::move(device)), settler(std::move(settler)), stream_(stream) {}

    const std::shared_ptr<DeviceState> device;
    const std::shared_ptr<Settler> settler;

    void submit(Task task);
    /// The thread destroys the stream and ends when all tasks have.
    void finish();
    /// For the end of a JavaScript thread or of the process: drops all tasks but the one that runs, whose promises nobody
    /// waits for any more, and gives that one until `deadline`.
    void abandon(std::chrono::steady_clock::time_point deadline);

private:
    struct Queued {
        Task task;
        /// How many faults JavaScript had heard of when it submitted the task.
        uint64_t faultsHeard = 0;
    };
    struct Pending {
        Queued queued;
        std::shared_ptr<EventState> done;
    };

    void work();
    void take(Queued queued);
    void settlePending();
    void end(Queued queued, std::optional<HipError> error);

    const hipStream_t stream_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Queued> tasks_;
    bool finishing_ = false;
    bool finished_ = false;
    uint64_t faultsHeard_ = 0;

    /// On the thread only.
    std::vector<Pending> pending_;
    std::vector<std::shared_ptr<EventState>> spareEvents_;
    std::optional<HipError> fault_;
    /// `faultsHeard` of the tasks that end with `fault_`.
    uint64_t faultEpoch_ = 0;
};

}  // namespace soma::hip
