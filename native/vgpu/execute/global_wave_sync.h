// Global wave sync: 64 counters of a device through which waves of different workgroups wait for each other, as barriers or
// as semaphores. They keep their values between launches; a cooperative launch finds the first one set to its workgroups less
// one, as ROCm's runtime leaves it (rocclr's gwsInit).
// Source: RDNA2 ISA, DS_GWS_INIT, _SEMA_V, _SEMA_BR, _SEMA_P, _SEMA_RELEASE_ALL and _BARRIER.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace soma::vgpu {

class GlobalWaveSync {
public:
    static constexpr unsigned kResources = 64;
    /// A wave's place in a resource's queue.
    struct Place {
        bool queued = false;
        bool barrier = false;
        unsigned resource = 0;
        uint32_t phase = 0;
    };

    void init(unsigned resource, uint32_t counter);
    /// Comes to a barrier, and says how many come to its next round, less one.
    Place arrive(unsigned resource, uint32_t next);
    /// Takes one of a semaphore, or waits for it.
    Place take(unsigned resource);
    void give(unsigned resource, uint32_t count);
    void releaseAll(unsigned resource);
    /// Whether a queued wave goes on.
    bool released(const Place& place);

    /// Of a cooperative launch, each of whose threads runs some of the workgroups.
    void begin(unsigned threads);
    /// How often anything was released.
    uint64_t releases() const { return releases_; }
    /// None of a thread's workgroups has gone on since `releases` was read: true if the same holds for all threads.
    bool stuck(unsigned thread, uint64_t releases);
    /// A thread's workgroups are over.
    void leave();

private:
    struct Resource {
        uint32_t counter = 0;
        /// How often its barrier opened or its queue was released.
        uint32_t phase = 0;
    };
    void released();

    std::mutex mutex_;
    std::array<Resource, kResources> resources_{};
    std::atomic<uint64_t> releases_{0};
    std::vector<bool> idle_;
    unsigned idleThreads_ = 0;
    unsigned threads_ = 0;
};

}  // namespace soma::vgpu
