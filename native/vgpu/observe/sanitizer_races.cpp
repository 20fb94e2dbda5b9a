// The sanitizer's search for data races (races.h).
#include "sanitizer.h"

#include "../format.h"

#include <algorithm>
#include <array>
#include <mutex>

namespace soma::vgpu {

namespace {

/// Workgroups of two threads that touch a word at the same time must find each other's access.
std::mutex& lockOf(uint64_t word) {
    static std::array<std::mutex, 256> locks;
    return locks[word % locks.size()];
}

const char* verb(const AccessCell& cell) { return cell.atomic() ? "updates" : cell.write() ? "writes" : "reads"; }

}  // namespace

void ThreadSanitizer::checkRaces(const Step& step, const LaneAddresses& addresses, unsigned which) {
    if (step.facts.touch == Touch::Store) {
        raceInInstruction(step, addresses, which);
    }
    const auto each = [&](uint64_t lanes, auto record) {
        // Neighbouring lanes often share a word: its cells are looked at once for all of them.
        uint64_t word = ~uint64_t(0);
        uint64_t last = ~uint64_t(0);
        uint8_t bytes = 0;
        unsigned first = 0;
        const auto flush = [&] {
            if (bytes != 0) {
                record(word, bytes, first);
            }
        };
        forEachLane(lanes, [&](unsigned lane) {
            const uint64_t begin = addresses.at[lane];
            if (begin == last) {
                return;
            }
            last = begin;
            const uint64_t end = begin + step.facts.bytes;
            for (uint64_t at = begin; at < end;) {
                const uint64_t its = at / kCellBytes;
                const uint64_t behind = std::min(end, (its + 1) * kCellBytes);
                const auto mask = static_cast<uint8_t>(((1u << (behind - at)) - 1) << at % kCellBytes);
                if (its != word) {
                    flush();
                    word = its;
                    bytes = 0;
                    first = lane;
                }
                bytes |= mask;
                at = behind;
            }
        });
        flush();
    };
    each(addresses.lds, [&](uint64_t word, uint8_t bytes, unsigned lane) { raceInLds(step, word, bytes, lane); });
    if (step.facts.coherent) {
        forEachLane(addresses.global, [&](unsigned lane) {
            launch_.synchronisation().access(group_, addresses.at[lane]);
        });
    }
    each(addresses.global, [&](uint64_t word, uint8_t bytes, unsigned lane) { raceInGlobal(step, word, bytes, lane); });
}

void ThreadSanitizer::raceInLds(const Step& step, uint64_t word, uint8_t bytes, unsigned lane) {
    if (waves_.size() < 2 || step.wave.group->waves.size() < 2) {
        return;
    }
    const Touch touch = step.facts.touch;
    const AccessCell access(bytes, touch != Touch::Load, touch == Touch::Atomic, lane, launch_.siteOf(step.index),
                            step.wave.index, step.state.signals + 1);
    // Atomic loads and stores of LDS look like others: with an atomic nothing is known to race.
    const auto races = [&](const AccessCell& old) {
        return old.owner() != step.wave.index && !old.atomic() && !access.atomic() &&
               old.epoch() > (step.state.waits & 0xfff);
    };
    const auto found = recordAccess(
        ldsCells_.data() + word * kCellsPerWord, access, [](const AccessCell&) { return false; }, races);
    if (!found) {
        return;
    }
    const uint64_t address = word * kCellBytes + static_cast<unsigned>(std::countr_zero(unsigned(bytes & found->bytes())));
    const size_t other = launch_.operationOf(found->site()).value_or(step.index);
    launch_.findPair("data-race", step.index, other, *step.wave.group, [&] {
        return LaunchSanitizer::Finding{
            .kind = "data-race",
            .operation = step.index,
            .what = format("it {0} LDS at offset {1}, and no barrier orders it with another wave's access",
                           verb(access), address),
            .wave = step.wave.index,
            .lane = static_cast<int>(lane),
            .address = address,
            .other = launch_.operationOf(found->site()),
            .otherWhat = format("the other access {0}:", verb(*found)),
            .otherGroup = step.wave.group->id,
            .otherItem = static_cast<int>(found->owner() * step.wave.lanes + found->item())};
    });
}

bool ThreadSanitizer::ordered(uint32_t group) {
    if (ordered_.contains(group)) {
        return true;
    }
    if (!launch_.synchronisation().ordered(group, group_)) {
        return false;
    }
    ordered_.insert(group);
    return true;
}

void ThreadSanitizer::raceInGlobal(const Step& step, uint64_t word, uint8_t bytes, unsigned lane) {
    AccessCell* const cells = launch_.shadow().cellsAt(word * kCellBytes);
    if (cells == nullptr) {
        return;
    }
    const Touch touch = step.facts.touch;
    const uint32_t owner = group_.index & AccessCell::kOwners;
    const uint32_t item = step.wave.index * step.wave.lanes + lane;
    const AccessCell access(bytes, touch != Touch::Load, step.facts.coherent, item, launch_.siteOf(step.index), owner,
                            launch_.launch());
    // Before gfx12, and on CDNA before gfx942, an atomic store looks like any other.
    const IsaClass isa = launch_.device().target().isa;
    const bool plainStores = isa == IsaClass::Gfx90a || isa == IsaClass::Gfx10 || isa == IsaClass::Gfx11;
    const auto races = [&](const AccessCell& old) {
        if (old.owner() == owner || (old.atomic() && access.atomic())) {
            return false;
        }
        if (plainStores && ((old.atomic() && access.write()) || (access.atomic() && old.write()))) {
            return false;
        }
        return !ordered(old.owner());
    };
    const auto stale = [&](const AccessCell& old) { return old.epoch() != launch_.launch(); };
    const auto found = [&] {
        const std::lock_guard lock(lockOf(word));
        return recordAccess(cells, access, stale, races);
    }();
    if (!found) {
        return;
    }
    const uint64_t address = word * kCellBytes + static_cast<unsigned>(std::countr_zero(unsigned(bytes & found->bytes())));
    const size_t other = launch_.operationOf(found->site()).value_or(step.index);
    launch_.findPair("data-race", step.index, other, *step.wave.group, [&] {
        return LaunchSanitizer::Finding{
            .kind = "data-race",
            .operation = step.index,
            .what = format("it {0} global memory at {1:x}, and nothing orders it with another workgroup's access",
                           verb(access), address),
            .wave = step.wave.index,
            .lane = static_cast<int>(lane),
            .address = address,
            .allocation = launch_.device().memory().describe(address),
            .other = launch_.operationOf(found->site()),
            .otherWhat = format("the other access {0}:", verb(*found)),
            .otherGroup = launch_.groupOf(found->owner()),
            .otherItem = static_cast<int>(found->item())};
    });
}

void ThreadSanitizer::raceInInstruction(const Step& step, const LaneAddresses& addresses, unsigned which) {
    const uint64_t lanes = addresses.lds | addresses.global;
    const Source& data = step.op.src[which == 0 ? 1 : 3];
    const unsigned words = std::max(1u, step.facts.bytes / 4u);
    const unsigned shift = step.facts.upperHalf ? 16 : 0;
    const uint32_t stored = step.facts.bytes >= 4 ? ~uint32_t(0) : (1u << step.facts.bytes * 8) - 1;
    unsigned last = 64;
    forEachLane(lanes, [&](unsigned lane) {
        const unsigned before = last;
        last = lane;
        if (before == 64 || addresses.at[before] != addresses.at[lane]) {
            return;
        }
        for (unsigned word = 0; word < words; ++word) {
            const uint32_t* row = step.wave.vgpr + data.reg + word * step.wave.lanes;
            if ((((row[before] ^ row[lane]) >> shift) & stored) == 0) {
                continue;
            }
            launch_.find("data-race", step.index, *step.wave.group, [&] {
                const bool global = (addresses.global >> lane & 1) != 0;
                return LaunchSanitizer::Finding{
                    .kind = "data-race",
                    .operation = step.index,
                    .what = format("lanes {0} and {1} write different values to the same {2}", before, lane,
                                   global ? "global memory" : "LDS"),
                    .wave = step.wave.index,
                    .lane = static_cast<int>(lane),
                    .address = addresses.at[lane],
                    .allocation = global ? launch_.device().memory().describe(addresses.at[lane])
                                         : format("LDS offset {0}", addresses.at[lane]),
                    .other = step.index,
                    .otherWhat = "the other access is the same instruction's:",
                    .otherGroup = step.wave.group->id,
                    .otherItem = static_cast<int>(step.wave.index * step.wave.lanes + before)};
            });
            return;
        }
    });
}

}  // namespace soma::vgpu
