#include "worker_pool.h"

namespace soma::vgpu {

WorkerPool::~WorkerPool() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    // Joined here, while the mutex and the conditions that they use still live.
    threads_.clear();
}

void WorkerPool::run(unsigned threads, const std::function<void(unsigned)>& job) {
    if (threads > 1) {
        std::lock_guard lock(mutex_);
        while (threads_.size() + 1 < threads) {
            const auto index = static_cast<unsigned>(threads_.size() + 1);
            threads_.emplace_back([this, index] { loop(index); });
        }
        job_ = &job;
        wanted_ = threads;
        running_ = threads - 1;
        ++round_;
        wake_.notify_all();
    }
    job(0);
    if (threads > 1) {
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return running_ == 0; });
        job_ = nullptr;
    }
}

void WorkerPool::loop(unsigned index) {
    uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [&] { return stopping_ || (round_ != seen && index < wanted_ && job_ != nullptr); });
        if (stopping_) {
            return;
        }
        seen = round_;
        const auto* job = job_;
        lock.unlock();
        (*job)(index);
        lock.lock();
        if (--running_ == 0) {
            done_.notify_one();
        }
    }
}

}  // namespace soma::vgpu
