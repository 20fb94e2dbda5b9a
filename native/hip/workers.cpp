#include "workers.h"

#include <cstdlib>
#include <utility>

namespace soma::hip {
namespace {

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

void addWorker(const std::shared_ptr<Worker>& worker) { Workers::add(worker); }

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
