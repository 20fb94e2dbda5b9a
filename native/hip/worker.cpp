#include "worker.h"

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

namespace soma::hip {

namespace {
/// So many tasks at most are with the device.
constexpr size_t kMostPending = 256;

/// The workers of all JavaScript threads. `process.exit` runs no clean-up of Node's, but then HIP's own exit handlers:
/// no thread should be in a HIP function by that time.
class Workers {
public:
    static void add(const std::shared_ptr<Worker>& worker) {
        // Registered with the first stream, after the library and its own handlers, so it runs before those.
        static const int registered = std::atexit([] { instance().abandonAll(); });
        (void)registered;
        Workers& workers = instance();
        std::scoped_lock lock(workers.mutex_);
        std::erase_if(workers.all_, [](const auto& weak) { return weak.expired(); });
        workers.all_.push_back(worker);
    }

    static std::vector<std::shared_ptr<Worker>> of(const DeviceState& device) {
        std::vector<std::shared_ptr<Worker>> workers;
        std::scoped_lock lock(instance().mutex_);
        for (const auto& weak : instance().all_) {
            if (auto worker = weak.lock(); worker && worker->device.get() == &device) {
                workers.push_back(std::move(worker));
            }
        }
        return workers;
    }

private:
    /// Never destroyed: worker threads may end after the process has begun to.
    static Workers& instance() {
        static Workers* const workers = new Workers;
        return *workers;
    }

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
    Workers::add(worker);
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

void drainDevice(const DeviceState& device) {
    for (const auto& worker : Workers::of(device)) {
        worker->drain();
    }
}

void stopDevice(const DeviceState& device) {
    for (const auto& worker : Workers::of(device)) {
        worker->stopAll();
    }
}

}  // namespace soma::hip
