// A HIP stream and the thread that feeds it: some of HIP's asynchronous calls wait nevertheless (copies of pageable memory,
// a full queue), which must not happen on a JavaScript thread. Knows nothing of JavaScript but whom to tell.
//
// Tasks run in order. One that HIP accepted is pending until the event behind it has happened: a second thread, the
// watcher, waits for the oldest of them, so that the first can go on to feed the device. If an event tells of a fault, the
// stream is synchronized, the events tell which tasks were done before it, and all others that were submitted before
// JavaScript heard of the fault end with it.
#pragma once

#include "clock.h"
#include "commands.h"
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
#include <unordered_set>
#include <vector>

namespace soma::hip {

/// A kernel that still runs when its JavaScript thread or the process ends gets so long.
inline constexpr std::chrono::milliseconds kLastMoment{500};

uint64_t nextMark();

struct Task {
    /// The settler's id of who waits for the task; 0 where nobody does. A failure then ends what comes behind it.
    uint64_t waiter = 0;
    /// What comes behind it makes no sense without it: a failure ends that as well, though somebody waits.
    bool required = false;
    /// For messages: such as `kernel 'saxpy'`.
    std::string asked;
    /// Instead of `asked` and `run`.
    std::shared_ptr<Batch> batch;
    /// Names it for the device, which is asked to stop it; no two tasks of the process share one.
    uint64_t mark = nextMark();
    /// How many operations of JavaScript's the task is.
    uint64_t operations = 1;
    /// Is the device's time for it a part of its result? Then it fails where that can't be measured.
    bool timed = false;
    /// Does somebody want to know when it ran, if that can be measured?
    bool heard = false;
    Ran ran;
    /// May HIP wait for the stream in it?
    bool waits = false;
    /// Makes the HIP call and names it; hipSuccess if there is nothing to do.
    std::function<hipError_t(hipStream_t, const char*& call)> run;
    /// Kept until the task has ended.
    std::vector<std::shared_ptr<const void>> holds;
};

class Worker : public std::enable_shared_from_this<Worker> {
public:
    /// `priority` as HIP has it: lower numbers come first. It is clamped to the device's range.
    static Result<std::shared_ptr<Worker>> create(const std::shared_ptr<DeviceState>& device,
                                                  const std::shared_ptr<Settler>& settler, int priority);
    Worker(std::shared_ptr<DeviceState> device, std::shared_ptr<Settler> settler, hipStream_t stream);
    ~Worker();

    const std::shared_ptr<DeviceState> device;
    const std::shared_ptr<Settler> settler;

    void submit(Task task);
    void submit(std::vector<Task> tasks);
    /// How many operations have ended, counted in the order in which they were submitted.
    uint64_t completed() const { return completed_.load(std::memory_order_acquire); }
    /// How many operations were submitted.
    uint64_t submitted();
    bool finishing();
    /// Waits until all tasks have ended.
    void drain();
    /// A task that its waiter doesn't want any more: it doesn't get to the device, or is stopped there where the device can do that.
    void stop(uint64_t waiter);
    /// Stops all that is on the device.
    void stopAll();
    /// The threads destroy the stream and end when all tasks have.
    void finish();
    /// For the end of a JavaScript thread or of the process: drops all tasks but the one that runs, whose promises nobody
    /// waits for any more, and gives that one until `deadline`.
    void abandon(std::chrono::steady_clock::time_point deadline);

private:
    struct Queued {
        Task task;
        /// How many faults JavaScript had heard of when it submitted the task.
        uint64_t faultsHeard = 0;
        /// The number of its last operation.
        uint64_t ticket = 0;
        /// Of DeviceState::begin.
        unsigned generation = 0;
    };
    struct Pending {
        Queued queued;
        /// Before the task, where its time is wanted.
        std::shared_ptr<EventState> start;
        std::shared_ptr<EventState> done;
    };

    /// The two threads.
    void feed();
    void watch();

    void take(Queued queued);
    Result<std::shared_ptr<EventState>> record(bool timed);
    /// Ends the pending tasks whose events have happened; false where one tells of a fault.
    bool settleReached();
    /// Ends all pending tasks, after the stream has come to its end.
    void settlePending();
    void recycle(Pending& pending, bool reached);
    HipError behindFault(HipError fault, const Task& task) const;
    void end(Queued queued, std::optional<HipError> error);

    void stopRunning(uint64_t mark);
    /// What the promise of a stopped launch says.
    HipError stoppedAt(const char* place) const;

    /// Why its tasks can't run: the device was lost, or reset.
    std::optional<HipError> unusable() const { return device->unusable(epoch_); }

    const hipStream_t stream_;
    const uint64_t epoch_;

    /// Held while tasks end, so that they do in order; taken before `mutex_`.
    std::mutex settling_;

    std::mutex mutex_;
    std::condition_variable forFeeder_;
    std::condition_variable forWatcher_;
    /// For those who wait until all has ended.
    std::condition_variable forOthers_;
    std::deque<Queued> tasks_;
    std::deque<Pending> pending_;
    std::vector<std::shared_ptr<EventState>> spareEvents_;
    std::vector<std::shared_ptr<EventState>> spareTimers_;
    /// From the first task on that is heard of.
    std::shared_ptr<Clock> clock_;
    uint64_t submitted_ = 0;
    std::atomic<uint64_t> completed_ = 0;
    /// The feeder has a task in hand.
    bool taking_ = false;
    uint64_t takenMark_ = 0;
    uint64_t takenWaiter_ = 0;
    /// The marks of those that the device was asked to stop.
    std::unordered_set<uint64_t> stopped_;
    /// The watcher saw an event that tells of a fault.
    bool faulted_ = false;
    bool finishing_ = false;
    bool fed_ = false;
    bool finished_ = false;
    uint64_t faultsHeard_ = 0;
    std::optional<HipError> fault_;
    /// `faultsHeard` of the tasks that end with `fault_`.
    uint64_t faultEpoch_ = 0;
};

}  // namespace soma::hip
