// A device's host threads. Idle ones sleep; a job runs one function on several of them and on the caller.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace soma::vgpu {

class WorkerPool {
public:
    WorkerPool() = default;
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// Calls `job(index)` for each index below `threads`, index 0 on the calling thread, and waits for all.
    void run(unsigned threads, const std::function<void(unsigned)>& job);

private:
    void loop(unsigned index);

    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable done_;
    std::vector<std::jthread> threads_;
    const std::function<void(unsigned)>* job_ = nullptr;
    unsigned wanted_ = 0;
    unsigned running_ = 0;
    uint64_t round_ = 0;
    bool stopping_ = false;
};

}  // namespace soma::vgpu
