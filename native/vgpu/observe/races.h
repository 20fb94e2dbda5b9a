// Data races: two accesses to the same byte of which one is a write, at least one is no atomic, and nothing orders them.
// In LDS barriers order the waves of a workgroup; in global memory workgroups are ordered where one has read, by an atomic
// or a load of device scope, what another has written, or where a third one passes that on. Each 8 bytes of memory have
// four cells with the accesses made there last (as ThreadSanitizer's shadow words: Serebryany and Iskhodzhanov,
// "ThreadSanitizer: data race detection in practice", WBIA 2009). Nothing real is reported twice, and nothing that is
// ordered; a race is missed if more than four accesses lie between its two.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace soma::vgpu {

/// Bytes that a set of cells stands for.
constexpr uint64_t kCellBytes = 8;
constexpr uint64_t kCellsPerWord = 4;
/// Launch numbers are below this.
constexpr uint32_t kLaunches = 1u << 12;

/// One access: who, when, where in the code and to which of the 8 bytes. 0 is none.
class AccessCell {
public:
    AccessCell() = default;
    AccessCell(uint8_t bytes, bool write, bool atomic, uint32_t item, uint32_t site, uint32_t owner, uint32_t epoch)
        : bits_(uint64_t(bytes) | uint64_t(write) << 8 | uint64_t(atomic) << 9 | uint64_t(item & 0x3ff) << 10 |
                uint64_t(site & 0x3fff) << 20 | uint64_t(owner & kOwners) << 34 | uint64_t(epoch & 0xfff) << 52) {}

    static constexpr uint32_t kOwners = 0x3ffff;
    static constexpr uint32_t kSites = 0x3fff;

    bool empty() const { return bits_ == 0; }
    uint8_t bytes() const { return static_cast<uint8_t>(bits_); }
    bool write() const { return (bits_ >> 8 & 1) != 0; }
    bool atomic() const { return (bits_ >> 9 & 1) != 0; }
    uint32_t item() const { return bits_ >> 10 & 0x3ff; }
    uint32_t site() const { return bits_ >> 20 & kSites; }
    uint32_t owner() const { return bits_ >> 34 & kOwners; }
    uint32_t epoch() const { return static_cast<uint32_t>(bits_ >> 52); }
    /// The same in kind, owner and time: only bytes, item and place may differ.
    bool sameAs(const AccessCell& other) const {
        constexpr uint64_t kSame = ~uint64_t(0) << 34 | uint64_t(3) << 8;
        return ((bits_ ^ other.bits_) & kSame) == 0;
    }
    AccessCell withBytes(uint8_t more) const {
        AccessCell cell = *this;
        cell.bits_ |= more;
        return cell;
    }

    /// Workgroups of several threads share cells.
    AccessCell load() { return AccessCell(std::atomic_ref(bits_).load(std::memory_order_relaxed)); }
    void store(const AccessCell& cell) { std::atomic_ref(bits_).store(cell.bits_, std::memory_order_relaxed); }

private:
    explicit AccessCell(uint64_t bits) : bits_(bits) {}
    uint64_t bits_ = 0;
};

/// Records an access and finds the first that it races with: one for which `races(old)` is true among those that overlap
/// it, of which one writes. What is `stale(old)` counts as gone.
template <class Stale, class Races>
std::optional<AccessCell> recordAccess(AccessCell* cells, const AccessCell& access, Stale stale, Races races) {
    std::optional<AccessCell> found;
    unsigned place = kCellsPerWord;
    unsigned same = kCellsPerWord;
    for (unsigned i = 0; i < kCellsPerWord; ++i) {
        const AccessCell old = cells[i].load();
        if (old.empty() || stale(old)) {
            place = place == kCellsPerWord ? i : place;
            if (old.empty()) {
                break;
            }
            continue;
        }
        if (old.sameAs(access)) {
            if ((old.bytes() | access.bytes()) == old.bytes()) {
                return found;
            }
            same = i;
            continue;
        }
        if ((old.write() || access.write()) && (old.bytes() & access.bytes()) != 0 && !found && races(old)) {
            found = old;
        }
    }
    place = same != kCellsPerWord ? same : place;
    if (place == kCellsPerWord) {
        // Full: the oldest goes.
        for (unsigned i = 0; i + 1 < kCellsPerWord; ++i) {
            cells[i].store(cells[i + 1].load());
        }
        place = kCellsPerWord - 1;
        cells[place].store(access);
    } else {
        const AccessCell old = cells[place].load();
        cells[place].store(old.sameAs(access) ? access.withBytes(old.bytes()) : access);
    }
    return found;
}

/// Which workgroups of a launch are ordered behind which, through memory that they access atomically. Words share slots by
/// a hash of their address: that can hide a race, never invent one. Thread-safe.
class Synchronisation {
public:
    static constexpr size_t kSlots = 1024;

    /// Of the running workgroup of one thread.
    struct Group {
        uint32_t index = 0;
        /// For each slot: entries that it has seen.
        std::array<uint32_t, kSlots> seen{};
        std::array<uint8_t, kSlots> released{};
    };

    /// The workgroup accesses a word atomically: it learns who did before, and those that come later learn of it.
    void access(Group& group, uint64_t address);
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
    bool reaches(uint32_t from, uint32_t history, uint32_t wanted, std::unordered_map<uint32_t, uint32_t>& visited);

    std::mutex mutex_;
    std::array<std::vector<Entry>, kSlots> slots_;
    std::array<std::atomic<uint32_t>, kSlots> sizes_{};
    std::unordered_map<uint32_t, std::vector<Acquired>> histories_;
};

}  // namespace soma::vgpu
