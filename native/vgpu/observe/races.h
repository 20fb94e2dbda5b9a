// Data races: two accesses to the same byte of which one is a write, at least one is no atomic, and nothing orders them.
// In LDS barriers order the waves of a workgroup; in global memory workgroups are ordered where one has read, by an atomic
// or a load of device scope, what another has written by an atomic or a store of device scope, or where a third one passes
// that on. Each 8 bytes of memory have
// four cells with the accesses made there last (as ThreadSanitizer's shadow words: Serebryany and Iskhodzhanov,
// "ThreadSanitizer: data race detection in practice", WBIA 2009), each in an array of its own: most words need but the
// first, and a wave's access to consecutive words looks at consecutive cells. Nothing real is reported twice, and nothing
// that is ordered; a race is missed if more than four accesses lie between its two, and that of a third reader is found as
// the race of one of the first two (a writer races with one of them at least, unless it is ordered behind both).
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace soma::vgpu {

/// Bytes that a set of cells stands for.
constexpr uint64_t kCellBytes = 8;
constexpr unsigned kCellsPerWord = 4;
/// Launch numbers are below this.
constexpr uint32_t kLaunches = 1u << 12;

/// One access: who, when, where in the code and to which of the 8 bytes. 0 is none.
class AccessCell {
public:
    AccessCell() = default;
    AccessCell(uint8_t bytes, bool write, bool atomic, uint32_t item, uint32_t site, uint32_t owner, uint32_t epoch)
        : bits_(uint64_t(bytes) | uint64_t(write) << 8 | uint64_t(atomic) << 9 | uint64_t(item & 0x3ff) << 10 |
                uint64_t(site & kSites) << 20 | uint64_t(owner & kOwners) << 34 | uint64_t(epoch & kEpochs) << 52) {}

    static constexpr uint32_t kOwners = 0x3ffff;
    static constexpr uint32_t kSites = 0x1fff;
    static constexpr uint32_t kEpochs = 0xfff;
    /// Several work-items, in no order.
    static constexpr uint32_t kSeveralItems = 0x3ff;

    bool empty() const { return bits_ == 0; }
    uint8_t bytes() const { return static_cast<uint8_t>(bits_); }
    bool write() const { return (bits_ >> 8 & 1) != 0; }
    bool atomic() const { return (bits_ >> 9 & 1) != 0; }
    /// The work-item that accesses the first of the bytes.
    uint32_t item() const { return bits_ >> 10 & 0x3ff; }
    uint32_t site() const { return bits_ >> 20 & kSites; }
    /// Two owners have read these bytes, and nobody has written any: further readers of the same kind, plain or atomic,
    /// need not be recorded.
    bool shared() const { return (bits_ & kShared) != 0; }
    uint32_t owner() const { return bits_ >> 34 & kOwners; }
    uint32_t epoch() const { return static_cast<uint32_t>(bits_ >> 52); }
    /// The same in kind, owner and time: only bytes, item and place may differ.
    bool sameAs(const AccessCell& other) const { return ((bits_ ^ other.bits_) & kIdentity) == 0; }
    bool sameOwner(const AccessCell& other) const { return ((bits_ ^ other.bits_) & uint64_t(kOwners) << 34) == 0; }
    /// A read of the same kind by somebody else.
    bool otherReader(const AccessCell& read) const {
        return ((bits_ ^ read.bits_) & (kWrite | kAtomic)) == 0 && !write() && !sameOwner(read);
    }
    bool covers(const AccessCell& other) const { return (other.bits_ & ~bits_ & 0xff) == 0; }
    /// With this cell there, `access` brings nothing new.
    bool knows(const AccessCell& access) const {
        const bool same = ((bits_ ^ access.bits_) & kIdentity) == 0;
        const bool among = ((bits_ ^ (access.bits_ | kShared)) & (kShared | kWrite | kAtomic | kEpoch)) == 0;
        return (same | among) & covers(access);
    }
    /// Not 0 where more than the work-item differs.
    uint64_t differsFrom(const AccessCell& other) const { return (bits_ ^ other.bits_) & ~(uint64_t(0x3ff) << 10); }
    AccessCell withBytes(uint8_t more) const { return AccessCell(bits_ | more); }
    AccessCell withoutBytes() const { return AccessCell(bits_ & ~uint64_t(0xff)); }
    /// Of two accesses that are the same in all but bytes and item.
    AccessCell joined(const AccessCell& other) const {
        return withBytes(other.bytes()).ofItem(item() == other.item() ? item() : kSeveralItems);
    }
    AccessCell asShared() const { return AccessCell(bits_ | kShared); }
    AccessCell unshared() const { return AccessCell(bits_ & ~kShared); }
    AccessCell ofItem(uint32_t item) const {
        return AccessCell((bits_ & ~(uint64_t(0x3ff) << 10)) | uint64_t(item & 0x3ff) << 10);
    }

    /// Workgroups of several threads share cells.
    AccessCell load() const {
        return AccessCell(std::atomic_ref(const_cast<uint64_t&>(bits_)).load(std::memory_order_relaxed));
    }
    void store(const AccessCell& cell) { std::atomic_ref(bits_).store(cell.bits_, std::memory_order_relaxed); }
    /// The same for cells one behind the other, several at once: the host's vectors store each as a whole too. `items`: work-items
    /// between two cells, times 65536.
    static void storeAll(AccessCell* cells, size_t count, const AccessCell& first, uint32_t items) {
        const uint64_t others = first.ofItem(0).bits_;
        const uint32_t item = first.item();
        for (uint32_t i = 0; i < count; ++i) {
            cells[i].bits_ = others | uint64_t((item + (i * items >> 16)) & kSeveralItems) << 10;
        }
    }

private:
    static constexpr uint64_t kWrite = uint64_t(1) << 8;
    static constexpr uint64_t kAtomic = uint64_t(1) << 9;
    static constexpr uint64_t kShared = uint64_t(1) << 33;
    static constexpr uint64_t kEpoch = ~uint64_t(0) << 52;
    static constexpr uint64_t kIdentity = ~uint64_t(0) << 34 | kWrite | kAtomic;

    explicit AccessCell(uint64_t bits) : bits_(bits) {}
    uint64_t bits_ = 0;
};

/// The arrays of cells of a piece of memory: one cell of each for each of its words.
using CellPlanes = std::array<AccessCell*, kCellsPerWord>;

/// Records an access to a word and gives the first that it races with, or an empty cell: one for which `rules.races(old, access, word)` is true
/// among those that overlap it, of which one writes. What is `rules.stale(old)` counts as gone, and so do the arrays behind the first
/// `rules.planes()`; `Rules::kFreshFirst` says that behind a stale cell of a word there are only stale ones. `rules.use(i)` is told of each array that is written to,
/// `rules.share(word, cell)` and `rules.unshare(word)` of words whose first cell becomes AccessCell::shared or ceases to be.
template <class Rules>
AccessCell recordAccess(const CellPlanes& planes, size_t word, const AccessCell& access, Rules& rules) {
    AccessCell found;
    std::array<AccessCell, kCellsPerWord> cells;
    cells[0] = planes[0][word].load();
    if (rules.stale(cells[0]) && (Rules::kFreshFirst || rules.planes() <= 1)) {
        rules.use(0);
        planes[0][word].store(access);
        return found;
    }
    unsigned place = kCellsPerWord;
    unsigned same = kCellsPerWord;
    unsigned readers = 0;
    bool written = false;
    const unsigned used = rules.planes();
    for (unsigned i = 0; i < kCellsPerWord; ++i) {
        if (i >= used) {
            place = std::min(place, i);
            break;
        }
        const AccessCell old = cells[i] = planes[i][word].load();
        if (old.empty() || rules.stale(old)) {
            place = std::min(place, i);
            if (old.empty() || Rules::kFreshFirst) {
                break;
            }
            continue;
        }
        if (old.sameAs(access) && old.covers(access)) {
            return found;
        }
        // Reads of a word's parts share a cell wherever they are in the code: else unrolled loops that read here and there fill
        // all four.
        if (old.sameAs(access) && (old.site() == access.site() || !access.write())) {
            same = i;
            continue;
        }
        readers += old.otherReader(access) && old.covers(access) ? 1 : 0;
        written = written || old.write();
        if ((old.write() || access.write()) && (old.bytes() & access.bytes()) != 0 && found.empty() && rules.races(old, access, word)) {
            found = old;
        }
    }
    if (readers >= 2 && same == kCellsPerWord) {
        return found;
    }
    if (cells[0].shared() && (access.write() || (same == kCellsPerWord && place == kCellsPerWord))) {
        planes[0][word].store(cells[0].unshared());
        rules.unshare(word);
    }
    rules.use(std::min(same != kCellsPerWord ? same : place, kCellsPerWord - 1));
    if (same != kCellsPerWord) {
        // What one owner reads more of it, others have not.
        const AccessCell old = planes[same][word].load();
        planes[same][word].store((old.covers(access) ? old : old.unshared()).joined(access));
    } else if (place != kCellsPerWord) {
        planes[place][word].store(access);
    } else {
        // Full: the oldest goes.
        for (unsigned i = 0; i + 1 < kCellsPerWord; ++i) {
            planes[i][word].store(planes[i + 1][word].load());
        }
        planes[kCellsPerWord - 1][word].store(access);
    }
    if (!access.write() && !written && std::min(same, place) < 2) {
        const AccessCell first = planes[0][word].load();
        const AccessCell second = planes[1][word].load();
        if (!first.shared() && second.covers(first) && first.otherReader(second) && first.epoch() == access.epoch() &&
            second.epoch() == access.epoch()) {
            planes[0][word].store(first.asShared());
            rules.share(word, first);
        }
    }
    return found;
}

/// What a wave accesses of consecutive words, all bytes of each, by work-items from the cell's on, in order.
struct AccessRange {
    size_t word;
    size_t words;
    AccessCell first;
    /// Bytes of a work-item.
    unsigned bytes;

    /// Of word i: i · 8 / bytes work-items on, rounded down.
    AccessCell at(size_t i) const { return first.ofItem(first.item() + static_cast<uint32_t>(i * items() >> 16)); }
    /// Some of its words, from word i on.
    AccessRange part(size_t i, size_t count) const {
        return {word + i, count, first.ofItem(first.item() + static_cast<uint32_t>(i * kCellBytes / bytes)), bytes};
    }
    /// To the cells of its words; they are fewer than 4096.
    void store(AccessCell* cells) const { AccessCell::storeAll(cells, words, first, items()); }

private:
    uint32_t items() const { return (static_cast<uint32_t>(kCellBytes) << 16) / bytes + 1; }
};

/// Those of some lanes whose access of a word, or of a part of it, is not recorded already. Lanes access memory behind
/// `base`, of which there are so many words; `access` has no bytes yet.
template <class Addresses>
uint64_t unknownLanes(const CellPlanes& planes, uint64_t base, size_t words, const Addresses& addresses, uint64_t lanes,
                      unsigned bytes, const AccessCell& access) {
    if (bytes > kCellBytes) {
        return lanes;
    }
    uint64_t unknown = 0;
    for (uint64_t left = lanes; left != 0; left &= left - 1) {
        const auto lane = static_cast<unsigned>(std::countr_zero(left));
        const uint64_t at = addresses[lane] - base;
        const unsigned begin = at % kCellBytes;
        const size_t word = at / kCellBytes;
        const auto mask = static_cast<uint8_t>(((1u << bytes) - 1) << begin);
        bool known = false;
        if (begin + bytes <= kCellBytes && word < words) {
            const AccessCell latest = planes[0][word].load();
            const AccessCell wanted = access.withBytes(mask);
            // Behind a cell of another time there is none of this.
            known = latest.knows(wanted) ||
                    (latest.epoch() == access.epoch() && planes[1][word].load().knows(wanted));
        }
        unknown |= uint64_t(!known) << lane;
    }
    return unknown;
}

/// The same for a range whose words are mostly in the same state; `found(i, cell)` is called for each race.
template <class Rules, class Found>
void recordRange(const CellPlanes& planes, const AccessRange& range, Rules& rules, Found found) {
    // Mostly the same has been done to all of the words: then one of them stands for all.
    std::array<bool, kCellsPerWord> uniform{};
    const auto all = [&](unsigned plane, auto test) {
        const AccessCell* const cells = planes[plane] + range.word;
        if (uniform[plane]) {
            return bool(test(cells[0]));
        }
        bool every = true;
        for (size_t i = 0; i < range.words; ++i) {
            every &= test(cells[i]);
        }
        return every;
    };
    const auto knows = [&](const AccessCell& cell) { return cell.knows(range.first); };
    const auto stale = [&](const AccessCell& cell) { return rules.stale(cell); };
    const auto own = [&](const AccessCell& cell) { return cell.sameOwner(range.first) && !cell.shared(); };
    const auto otherReader = [&](const AccessCell& cell) {
        return cell.otherReader(range.first) & cell.covers(range.first) & (cell.epoch() == range.first.epoch());
    };
    unsigned place = kCellsPerWord;
    unsigned readers = 0;
    bool owned = false;
    bool simple = true;
    const unsigned used = rules.planes();
    for (unsigned plane = 0; plane < used && simple; ++plane) {
        uint64_t other = 0;
        for (size_t i = 0; i < range.words; ++i) {
            other |= planes[plane][range.word].differsFrom(planes[plane][range.word + i]);
        }
        uniform[plane] = other == 0;
        if (all(plane, knows)) {
            return;
        }
        if (all(plane, stale)) {
            place = std::min(place, plane);
            if (Rules::kFreshFirst) {
                break;
            }
        } else if (all(plane, otherReader)) {
            ++readers;
        } else {
            simple = owned = all(plane, own);
        }
    }
    if (simple && readers == 2 && place >= 2 && all(0, otherReader) && all(1, otherReader)) {
        return;
    }
    place = place == kCellsPerWord && used < kCellsPerWord ? used : place;
    if (!simple || place == kCellsPerWord) {
        for (size_t i = 0; i < range.words; ++i) {
            if (const auto cell = recordAccess(planes, range.word + i, range.at(i), rules); !cell.empty()) {
                found(i, cell);
            }
        }
        return;
    }
    rules.use(place);
    range.store(planes[place] + range.word);
    if (place == 1 && readers == 1 && !owned) {
        for (size_t i = 0; i < range.words; ++i) {
            AccessCell& cell = planes[0][range.word + i];
            if (!cell.load().shared()) {
                cell.store(cell.load().asShared());
                rules.share(range.word + i, cell);
            }
        }
    }
}

/// Which workgroups of a launch are ordered behind which, through memory that one writes and another reads atomically. Words
/// share slots by a hash of their address, and what a workgroup does after a release counts as done before: that can hide a
/// race, never invent one. Thread-safe.
class Synchronisation {
public:
    static constexpr size_t kSlots = 1024;

    /// Of the running workgroup of one thread.
    struct Group {
        uint32_t index = 0;
        /// For each slot: entries that it has learnt of, and of all of them together.
        std::array<uint32_t, kSlots> seen{};
        uint64_t learnt = 0;
        /// How often it has learnt of something, and, for each slot, one more than that when it last released to it.
        uint32_t history = 0;
        std::array<uint32_t, kSlots> released{};
    };

    /// Entries of all slots.
    uint64_t entries() const { return entries_.load(std::memory_order_acquire); }
    /// Whether an acquire brings nothing new, wherever it is.
    bool knowsAll(const Group& group) const { return group.learnt == entries(); }
    /// The workgroup reads a word atomically: it learns who has released to it.
    void acquire(Group& group, uint64_t address);
    /// It writes it atomically: who acquires it later learns of all that came before.
    void release(Group& group, uint64_t address);
    /// A store that looked like any other was an atomic one, as somebody reads the word atomically: who acquires it learns of all that
    /// the workgroup does.
    void publish(uint32_t owner, uint64_t address);
    /// Is all that `first` did before it released something known to be over for `second`?
    bool ordered(uint32_t first, const Group& second);

private:
    struct Entry {
        uint32_t group;
        /// How much of the group's history came before.
        uint32_t history;
    };
    struct Acquired {
        uint32_t slot;
        uint32_t entries;
    };
    void add(size_t slot, const Entry& entry);
    bool reaches(uint32_t from, uint32_t history, uint32_t wanted, std::unordered_map<uint32_t, uint32_t>& visited);

    std::mutex mutex_;
    std::array<std::vector<Entry>, kSlots> slots_;
    std::array<std::atomic<uint32_t>, kSlots> sizes_{};
    std::atomic<uint64_t> entries_{0};
    /// By AccessCell::owner.
    std::unordered_map<uint32_t, std::vector<Acquired>> histories_;
};

}  // namespace soma::vgpu
