// Which accesses of a workgroup's waves barriers order. Each wave counts its arrivals at barriers: accesses between two of
// them have one epoch. Each wave has a clock, which says of every other wave up to which epoch it comes behind; a barrier
// passes the clocks of those who arrive on to those who wait there, whichever waves these are (vector clocks: Mattern,
// "Virtual time and global states of distributed systems", 1989). Barrier 0 is the workgroup's, the others are named ones.
#pragma once

#include "../execute/wave.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace soma::vgpu {

class BarrierClocks {
public:
    /// 1024 work-items, in waves of 32.
    static constexpr unsigned kMostWaves = 32;
    static constexpr unsigned kBarriers = 1 + std::tuple_size_v<decltype(Workgroup::namedBarriers)>;

    void begin(const Workgroup& group) {
        waves_ = static_cast<unsigned>(group.waves.size());
        waitsAt_.fill(kNowhere);
        for (unsigned barrier = 0; barrier < kBarriers; ++barrier) {
            barriers_[barrier].phase = phaseOf(group, barrier);
        }
        reset();
    }
    /// Forgets all that was: for those who forget the accesses as well.
    void reset() {
        epochs_.fill(1);
        floor_.fill(0);
        for (Clock& clock : clocks_) {
            clock.fill(0);
        }
        for (Barrier& barrier : barriers_) {
            barrier.arriving.fill(0);
            barrier.opened.fill(0);
        }
    }

    /// Of what the wave does now.
    uint32_t epoch(unsigned wave) const { return epochs_[wave]; }
    /// Is what `other` did in an epoch over for the wave?
    bool behind(unsigned wave, unsigned other, uint32_t epoch) const { return epoch <= clocks_[wave][other]; }
    /// And for all of the workgroup's waves?
    bool over(unsigned other, uint32_t epoch) const { return epoch <= floor_[other]; }

    /// The wave is about to arrive at a barrier.
    void arrive(const Workgroup& group, unsigned wave, unsigned barrier) {
        Barrier& at = current(group, barrier);
        Clock clock = clocks_[wave];
        clock[wave] = epochs_[wave]++;
        join(at.arriving, clock);
    }
    /// The wave waits at a barrier: when it goes on, that has opened.
    void wait(unsigned wave, unsigned barrier) { waitsAt_[wave] = barrier; }
    bool waits(unsigned wave) const { return waitsAt_[wave] != kNowhere; }
    /// Its barrier has opened. All who wait there know of it at once, so that what came before is over for all before the next one
    /// does anything: a wave runs to its next barrier before another goes on.
    void goOn(const Workgroup& group, unsigned wave) {
        const unsigned barrier = waitsAt_[wave];
        const Clock& opened = current(group, barrier).opened;
        for (unsigned i = 0; i < waves_; ++i) {
            if (waitsAt_[i] == barrier) {
                join(clocks_[i], opened);
            }
        }
        waitsAt_[wave] = kNowhere;
        floor_.fill(~uint32_t(0));
        for (unsigned i = 0; i < waves_; ++i) {
            if (group.waves[i].ended) {
                continue;
            }
            // What a wave did itself is over for it.
            const uint32_t own = std::exchange(clocks_[i][i], ~uint32_t(0));
            for (unsigned other = 0; other < kMostWaves; ++other) {
                floor_[other] = std::min(floor_[other], clocks_[i][other]);
            }
            clocks_[i][i] = own;
        }
    }

private:
    using Clock = std::array<uint32_t, kMostWaves>;
    struct Barrier {
        uint32_t phase = 0;
        /// Of those who arrived in this phase, and in the one before.
        Clock arriving{};
        Clock opened{};
    };
    static constexpr unsigned kNowhere = ~0u;

    static uint32_t phaseOf(const Workgroup& group, unsigned barrier) {
        return barrier == 0 ? group.phase : group.namedBarriers[barrier - 1].phase;
    }
    static void join(Clock& clock, const Clock& other) {
        for (unsigned i = 0; i < kMostWaves; ++i) {
            clock[i] = std::max(clock[i], other[i]);
        }
    }
    Barrier& current(const Workgroup& group, unsigned barrier) {
        Barrier& at = barriers_[barrier];
        if (const uint32_t phase = phaseOf(group, barrier); at.phase != phase) {
            at.phase = phase;
            at.opened = at.arriving;
            at.arriving.fill(0);
        }
        return at;
    }

    unsigned waves_ = 0;
    std::array<Clock, kMostWaves> clocks_{};
    std::array<uint32_t, kMostWaves> epochs_{};
    /// The least of all live waves' clocks.
    Clock floor_{};
    std::array<unsigned, kMostWaves> waitsAt_{};
    std::array<Barrier, kBarriers> barriers_{};
};

}  // namespace soma::vgpu
