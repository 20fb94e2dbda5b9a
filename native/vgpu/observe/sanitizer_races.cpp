// The sanitizer's search for data races (races.h).
#include "thread_sanitizer.h"

#include "../format.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace soma::vgpu::SOMA_HOST_ISA {

namespace {

const char* verb(const AccessCell& cell) { return cell.atomic() ? "updates" : cell.write() ? "writes" : "reads"; }

/// What a run of lanes accesses: bytes [begin, end), by consecutive work-items from `lane` on, or all of it by each.
struct Run {
    uint64_t begin = 0;
    uint64_t end = 0;
    unsigned lane = 0;
};

/// Calls `body(run)` for lanes that access consecutive memory, and once for neighbours that access the same.
template <class Body>
void forEachRun(const LaneAddresses& addresses, uint64_t lanes, const Extent& extent, unsigned bytes, Body body) {
    if (extent.dense) {
        body(Run{extent.begin, extent.end, static_cast<unsigned>(std::countr_zero(lanes))});
        return;
    }
    Run run;
    unsigned next = 64;
    forEachLane(lanes, [&](unsigned lane) {
        const uint64_t at = addresses.at[lane];
        if (at == run.end && lane == next) {
            run.end += bytes;
            ++next;
        } else if (at < run.begin || at + bytes > run.end) {
            if (run.end != 0) {
                body(run);
            }
            run = {at, at + bytes, lane};
            next = lane + 1;
        }
    });
    body(run);
}

/// Splits a run into words: `whole(word, words, lane)` for those that it covers, `part(word, mask, lane)` for others.
template <class Whole, class Part>
void forEachWord(const Run& run, unsigned bytes, Whole whole, Part part) {
    const auto laneOf = [&](uint64_t at) { return run.lane + static_cast<unsigned>((at - run.begin) / bytes); };
    const uint64_t first = (run.begin + kCellBytes - 1) / kCellBytes;
    const uint64_t last = run.end / kCellBytes;
    const auto partial = [&](uint64_t begin, uint64_t end) {
        part(begin / kCellBytes, static_cast<uint8_t>(((1u << (end - begin)) - 1) << begin % kCellBytes), laneOf(begin));
    };
    if (first > last) {
        partial(run.begin, run.end);
        return;
    }
    if (run.begin < first * kCellBytes) {
        partial(run.begin, first * kCellBytes);
    }
    if (first < last) {
        whole(first, last - first, laneOf(first * kCellBytes));
    }
    if (last * kCellBytes < run.end) {
        partial(last * kCellBytes, run.end);
    }
}

/// The work-item that accesses a byte of a cell's word, in accesses of so many bytes; -1: one of several.
int itemAt(const AccessCell& cell, unsigned byte, unsigned bytes) {
    const auto first = static_cast<unsigned>(std::countr_zero(unsigned(cell.bytes())));
    return cell.item() == AccessCell::kSeveralItems ? -1 : static_cast<int>(cell.item() + (byte - first) / bytes);
}

}  // namespace

/// What races in LDS, and what is over.
struct ThreadSanitizer::LdsRules {
    ThreadSanitizer& sanitizer;
    uint32_t wave;

    static constexpr bool kFreshFirst = false;
    bool stale(const AccessCell& old) const { return sanitizer.clocks_.over(old.owner(), old.epoch()); }
    // Atomic loads and stores of LDS look like others: with an atomic nothing is known to race.
    bool races(const AccessCell& old, const AccessCell& access, size_t) const {
        return old.owner() != wave && !old.atomic() && !access.atomic() &&
               !sanitizer.clocks_.behind(wave, old.owner(), old.epoch());
    }
    unsigned planes() const { return sanitizer.ldsUsed_; }
    static void share(size_t, const AccessCell&) {}
    static void unshare(size_t) {}
    void use(unsigned plane) {
        sanitizer.ldsUsed_ = std::max(sanitizer.ldsUsed_, plane + 1);
        sanitizer.ldsFilled_ = std::max(sanitizer.ldsFilled_, plane + 1);
        sanitizer.ldsEpochs_[wave] = sanitizer.clocks_.epoch(wave);
        ++sanitizer.ldsChanges_;
    }
};

/// The same of global memory.
struct ThreadSanitizer::GlobalRules {
    ThreadSanitizer& sanitizer;
    uint32_t owner;
    uint32_t launch;
    bool plainStores;

    static constexpr bool kFreshFirst = true;
    bool stale(const AccessCell& old) const { return old.epoch() != launch; }
    bool races(const AccessCell& old, const AccessCell& access, size_t word) const {
        if (old.owner() == owner || (old.atomic() && access.atomic())) {
            return false;
        }
        if (plainStores && ((old.atomic() && access.write()) || (access.atomic() && old.write()))) {
            const AccessCell& store = old.atomic() ? access : old;
            sanitizer.launch_.synchronisation().publish(store.owner(), sanitizer.launch_.shadow().base() + word * kCellBytes);
            return false;
        }
        return !sanitizer.ordered(old.owner());
    }
    static unsigned planes() { return kCellsPerWord; }
    static void use(unsigned) {}
    void share(size_t word, const AccessCell& cell) const {
        if (cell.bytes() == 0xff) {
            sanitizer.launch_.shadow().readBlocks().add(word, launch, cell.atomic());
        }
    }
    void unshare(size_t word) const { sanitizer.launch_.shadow().readBlocks().forget(word, launch); }
};

AccessCell ThreadSanitizer::ldsCell(const Step& step, uint8_t bytes, unsigned lane) const {
    const Touch touch = step.facts.touch;
    return {bytes, touch != Touch::Load, touch == Touch::Atomic, lane, launch_.siteOf(step.index), step.wave.index,
            clocks_.epoch(step.wave.index)};
}

AccessCell ThreadSanitizer::globalCell(const Step& step, uint8_t bytes, unsigned lane) const {
    return {bytes, step.facts.touch != Touch::Load, step.facts.coherent, step.wave.index * step.wave.lanes + lane,
            launch_.siteOf(step.index), group_.index & AccessCell::kOwners, launch_.launch()};
}

CellPlanes ThreadSanitizer::ldsPlanes() {
    CellPlanes planes;
    for (unsigned i = 0; i < kCellsPerWord; ++i) {
        planes[i] = ldsCells_.data() + i * ldsWords_;
    }
    return planes;
}

void ThreadSanitizer::checkRaces(const Step& step, LaneAccess& access) {
    const LaneAddresses& addresses = access.addresses;
    if (step.facts.touch == Touch::Store) {
        raceInInstruction(step, access);
    }
    uint64_t lds = waves_.size() > 1 && step.wave.group->waves.size() > 1 ? access.distinctLds : 0;
    if (lds != 0 && !access.lds.dense) {
        lds = unknownLanes(ldsPlanes(), 0, ldsWords_, addresses.at, lds, step.facts.bytes, ldsCell(step, 0, 0));
    }
    if (lds != 0) {
        forEachRun(addresses, lds, access.lds, step.facts.bytes, [&](const Run& run) {
            forEachWord(
                run, step.facts.bytes,
                [&](uint64_t word, uint64_t words, unsigned lane) { raceInLds(step, access, word, words, 0xff, lane); },
                [&](uint64_t word, uint8_t mask, unsigned lane) { raceInLds(step, access, word, 1, mask, lane); });
        });
    }
    if (addresses.global == 0) {
        return;
    }
    const Extent& global = access.global;
    uint64_t lanes = step.facts.touch == Touch::Load ? notYetRead(step, access) : access.distinctGlobal;
    if (lanes != 0 && !global.dense) {
        const DeviceShadow& shadow = launch_.shadow();
        forEachLane(lanes, [&](unsigned lane) { shadow.prefetch(addresses.at[lane]); });
        lanes = unknownLanes(shadow.cells(), shadow.base(), shadow.words(), addresses.at, lanes, step.facts.bytes,
                             globalCell(step, 0, 0));
    }
    if (step.facts.coherent) {
        meet(step, access);
    }
    if (lanes == 0) {
        return;
    }
    forEachRun(addresses, lanes, global, step.facts.bytes, [&](const Run& run) {
        forEachWord(
            run, step.facts.bytes,
            [&](uint64_t word, uint64_t words, unsigned lane) { raceInGlobal(step, word, words, 0xff, lane); },
            [&](uint64_t word, uint8_t mask, unsigned lane) { raceInGlobal(step, word, 1, mask, lane); });
    });
}

void ThreadSanitizer::meet(const Step& step, const LaneAccess& access) {
    entriesBefore_ = launch_.synchronisation().entries();
    met_.lanes = access.distinctGlobal;
    met_.bytes = step.facts.bytes;
    met_.dense = access.global.dense;
    if (met_.dense) {
        met_.begin = access.global.begin;
        met_.end = access.global.end;
    } else {
        met_.at = access.addresses.at;
    }
    synchronise(step.facts);
}

void ThreadSanitizer::synchronise(const OpFacts& facts) {
    Synchronisation& synchronisation = launch_.synchronisation();
    if (facts.touch != Touch::Store && !synchronisation.knowsAll(group_)) {
        met_.forEachWord([&](uint64_t address) { synchronisation.acquire(group_, address); });
    }
    if (facts.touch != Touch::Load) {
        met_.forEachWord([&](uint64_t address) { synchronisation.release(group_, address); });
    }
}

uint64_t ThreadSanitizer::notYetRead(const Step& step, const LaneAccess& access) const {
    const DeviceShadow& shadow = launch_.shadow();
    const auto known = [&](uint64_t begin, uint64_t end) {
        const auto first = shadow.wordAt(begin);
        const auto last = shadow.wordAt(end - 1);
        if (!first || !last) {
            return false;
        }
        bool all = true;
        for (size_t word = *first; all && word <= (*last | (ReadBlocks::kWords - 1)); word += ReadBlocks::kWords) {
            all = shadow.readBlocks().known(word, launch_.launch(), step.facts.coherent);
        }
        return all;
    };
    if (access.global.dense) {
        return known(access.global.begin, access.global.end) ? 0 : access.distinctGlobal;
    }
    constexpr uint64_t kBlockBytes = ReadBlocks::kWords * kCellBytes;
    const unsigned bytes = step.facts.bytes;
    const Extent& global = access.global;
    const uint64_t base = shadow.base();
    const uint64_t lanes = access.distinctGlobal;
    const bool shadowed = shadow.readBlocks().blocks() != nullptr && shadow.wordAt(global.begin) && shadow.wordAt(global.end - 1);
    if (shadowed && std::has_single_bit(bytes) && (global.bits & (bytes - 1)) == 0) {
        // No access crosses from one block to the next.
        std::array<uint32_t, 64> blocks;
        const unsigned count = step.wave.lanes;
        for (unsigned lane = 0; lane < count; ++lane) {
            blocks[lane] = (lanes >> lane & 1) != 0 ? static_cast<uint32_t>((access.addresses.at[lane] - base) / kBlockBytes) : 0;
        }
        return lanes & ~shadow.readBlocks().knownOf(blocks.data(), count, launch_.launch(), step.facts.coherent);
    }
    uint64_t unknown = 0;
    forEachLane(lanes, [&](unsigned lane) {
        const uint64_t at = access.addresses.at[lane];
        unknown |= uint64_t(!known(at, at + bytes)) << lane;
    });
    return unknown;
}

void ThreadSanitizer::raceInLds(const Step& step, LaneAccess& lanes, uint64_t word, uint64_t words, uint8_t bytes, unsigned lane) {
    const AccessCell first = ldsCell(step, bytes, lane);
    LdsRules rules{*this, step.wave.index};
    const CellPlanes planes = ldsPlanes();
    const auto report = [&](uint64_t its, const AccessCell& access, const AccessCell& old) {
        if (old.write() && step.facts.touch == Touch::Store && !changesLds(step, lanes, its * kCellBytes)) {
            return;
        }
        const auto byte = static_cast<unsigned>(std::countr_zero(unsigned(bytes & old.bytes())));
        const uint64_t address = its * kCellBytes + byte;
        const size_t other = launch_.operationOf(old.site()).value_or(step.index);
        const int item = itemAt(access, byte, step.facts.bytes);
        const int otherItem = itemAt(old, byte, launch_.facts().ldsBytes(other));
        const unsigned own = step.wave.index;
        if (lanes.late != nullptr) {
            reportEarly(step.wave, {other, old.write(), old.owner(), otherItem}, *lanes.late, own, address);
            return;
        }
        if (const Arrival* const late = lateArrival(old.owner(), old, address, own)) {
            reportEarly(step.wave, {step.index, step.facts.touch != Touch::Load, own, item}, *late, old.owner(), address);
            return;
        }
        launch_.findPair("data-race", step.index, other, *step.wave.group, [&] {
            return LaunchSanitizer::Finding{
                .kind = "data-race",
                .operation = step.index,
                .what = format("it {0} LDS at offset {1}, and no barrier orders it with another wave's access",
                               verb(access), address),
                .wave = step.wave.index,
                .lane = item,
                .address = address,
                .other = launch_.operationOf(old.site()),
                .otherWhat = format("the other access {0}:", verb(old)),
                .otherGroup = step.wave.group->id,
                .otherItem = otherItem < 0 ? -1 : static_cast<int>(old.owner() * step.wave.lanes) + otherItem,
                .otherWave = old.owner()};
        });
    };
    if (words > 1) {
        const AccessRange range{word, words, first, step.facts.bytes};
        recordRange(planes, range, rules,
                    [&](size_t i, const AccessCell& old) { report(word + i, range.at(i), old); });
    } else if (const auto old = recordAccess(planes, word, first, rules); !old.empty()) {
        report(word, first, old);
    }
}

bool ThreadSanitizer::changesLds(const Step& step, LaneAccess& access, uint64_t begin) const {
    if (access.late != nullptr) {
        return true;
    }
    if (access.source != nullptr) {
        return changesLds(step, *access.source, access.addresses, begin);
    }
    const LaneAddresses& addresses = access.each(step);
    const Source& data = step.op.src[access.which == 0 ? 1 : 3];
    const unsigned bytes = step.facts.bytes;
    bool changes = false;
    forEachLane(addresses.lds, [&](unsigned lane) {
        const uint64_t at = addresses.at[lane];
        for (uint64_t byte = std::max(at, begin); byte < std::min(at + bytes, begin + kCellBytes); ++byte) {
            const auto place = static_cast<unsigned>(byte - at);
            const uint32_t word = step.wave.vgpr[data.reg + place / 4 * step.wave.lanes + lane];
            const auto value = static_cast<std::byte>(word >> ((place % 4) * 8 + (step.facts.upperHalf ? 16 : 0)));
            changes = changes || value != step.wave.group->lds[byte];
        }
    });
    return changes;
}

bool ThreadSanitizer::changesLds(const Step& step, LaneAccess& source, const LaneAddresses& to, uint64_t begin) const {
    const OpFacts& facts = launch_.facts().all()[step.index];
    const LaneAddresses& from = source.each({step.wave, step.state, step.op, facts, step.index, false});
    bool changes = facts.bytes != step.facts.bytes;
    forEachLane(to.lds, [&](unsigned lane) {
        const bool here = to.at[lane] < begin + kCellBytes && begin < to.at[lane] + facts.bytes;
        const bool global = (from.global >> lane & 1) != 0;
        changes = changes || (here && (!global || std::memcmp(reinterpret_cast<const std::byte*>(from.at[lane]),
                                                              step.wave.group->lds + to.at[lane], facts.bytes) != 0));
    });
    return changes;
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

void ThreadSanitizer::raceInGlobal(const Step& step, uint64_t word, uint64_t words, uint8_t bytes, unsigned lane) {
    DeviceShadow& shadow = launch_.shadow();
    const auto cell = shadow.wordAt(word * kCellBytes);
    if (!cell) {
        return;
    }
    const AccessCell first = globalCell(step, bytes, lane);
    // Before gfx12, and on CDNA before gfx942, an atomic store looks like any other.
    const IsaClass isa = launch_.device().target().isa;
    GlobalRules rules{*this, first.owner(), launch_.launch(),
                isa == IsaClass::Gfx90a || isa == IsaClass::Gfx10 || isa == IsaClass::Gfx11};
    const CellPlanes& planes = shadow.cells();
    const AccessRange all{*cell, words, first, step.facts.bytes};
    const auto report = [&](uint64_t its, const AccessCell& access, const AccessCell& old) {
        const auto byte = static_cast<unsigned>(std::countr_zero(unsigned(bytes & old.bytes())));
        const uint64_t address = its * kCellBytes + byte;
        const size_t other = launch_.operationOf(old.site()).value_or(step.index);
        const int item = itemAt(access, byte, step.facts.bytes);
        const int otherItem = itemAt(old, byte, launch_.facts().joinedBytes(other));
        launch_.findPair("data-race", step.index, other, *step.wave.group, [&] {
            return LaunchSanitizer::Finding{
                .kind = "data-race",
                .operation = step.index,
                .what = format("it {0} global memory at {1:x}, and nothing orders it with another workgroup's access",
                               verb(access), address),
                .wave = step.wave.index,
                .lane = item % static_cast<int>(step.wave.lanes),
                .address = address,
                .allocation = launch_.device().memory().describe(address),
                .other = launch_.operationOf(old.site()),
                .otherWhat = format("the other access {0}:", verb(old)),
                .otherGroup = launch_.groupOf(old.owner()),
                .otherItem = otherItem};
        });
    };
    if (words == 1) {
        const AccessCell latest = planes[0][*cell].load();
        if (latest.knows(first) || (!rules.stale(latest) && planes[1][*cell].load().knows(first))) {
            return;
        }
        const auto old = [&] {
            const std::lock_guard lock(shadow.lockOf(*cell));
            shadow.wholeBlocks().record(planes, all);
            return recordAccess(planes, *cell, first, rules);
        }();
        if (!old.empty()) {
            report(word, first, old);
        }
        return;
    }
    // What lies behind nearly always is the next wave's.
    shadow.wholeBlocks().prefetch(*cell + words);
    const auto record = [&](size_t begin, size_t end) {
        if (begin < end) {
            recordRange(planes, all.part(begin, end - begin), rules,
                        [&](size_t i, const AccessCell& old) { report(word + begin + i, all.at(begin + i), old); });
        }
    };
    for (size_t at = 0, end = 0; at < words; at = end) {
        end = std::min<size_t>(words, at + DeviceShadow::kLockedWords - (*cell + at) % DeviceShadow::kLockedWords);
        const std::lock_guard lock(shadow.lockOf(*cell + at));
        // What blocks keep as a whole is left out.
        size_t left = at;
        for (size_t block = at, next = 0; block < end; block = next) {
            next = std::min(end, block + WholeBlocks::kWords - (*cell + block) % WholeBlocks::kWords);
            if (shadow.wholeBlocks().record(planes, all.part(block, next - block))) {
                record(left, block);
                left = next;
            }
        }
        record(left, end);
    }
}

void ThreadSanitizer::raceInInstruction(const Step& step, const LaneAccess& access) {
    const LaneAddresses& addresses = access.addresses;
    // Lanes with different places can't meet.
    const uint64_t lanes = (access.lds.dense ? 0 : addresses.lds) | (access.global.dense ? 0 : addresses.global);
    const Source& data = step.op.src[access.which == 0 ? 1 : 3];
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

}  // namespace soma::vgpu::SOMA_HOST_ISA
