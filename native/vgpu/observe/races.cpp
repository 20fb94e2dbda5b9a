#include "races.h"

namespace soma::vgpu {

namespace {

/// A group's later releases to a slot that are kept, with what it had learnt by then.
constexpr uint8_t kReleases = 8;

size_t slotOf(uint64_t address) { return (address / kCellBytes * 0x9e3779b97f4a7c15) >> 54; }
static_assert(Synchronisation::kSlots == 1 << (64 - 54));

}  // namespace

void Synchronisation::access(Group& group, uint64_t address) {
    const size_t slot = slotOf(address);
    if (group.released[slot] != 0 && sizes_[slot].load(std::memory_order_acquire) == group.seen[slot]) {
        return;
    }
    std::lock_guard lock(mutex_);
    if (group.entries != this->entries()) {
        group.known = 0;
        for (size_t i = 0; i < kSlots; ++i) {
            group.known += group.released[i] != 0 && group.seen[i] == sizes_[i].load(std::memory_order_relaxed) ? 1 : 0;
        }
    }
    const bool known = group.released[slot] != 0 && group.seen[slot] == slots_[slot].size();
    std::vector<Entry>& entries = slots_[slot];
    std::vector<Acquired>& history = histories_[group.index];
    if (entries.size() != group.seen[slot]) {
        history.push_back({static_cast<uint32_t>(slot), static_cast<uint32_t>(entries.size())});
    }
    if (group.released[slot] < kReleases) {
        ++group.released[slot];
        entries.push_back({group.index, static_cast<uint32_t>(history.size())});
        sizes_[slot].store(static_cast<uint32_t>(entries.size()), std::memory_order_release);
        entries_.fetch_add(1, std::memory_order_release);
    }
    group.seen[slot] = static_cast<uint32_t>(entries.size());
    group.known += known ? 0 : 1;
    group.entries = this->entries();
}

void Synchronisation::learn(Group& group, uint64_t address) {
    const size_t slot = slotOf(address);
    if (sizes_[slot].load(std::memory_order_acquire) == group.seen[slot]) {
        return;
    }
    const std::lock_guard lock(mutex_);
    group.seen[slot] = static_cast<uint32_t>(slots_[slot].size());
    histories_[group.index].push_back({static_cast<uint32_t>(slot), group.seen[slot]});
}

bool Synchronisation::ordered(uint32_t first, const Group& second) {
    std::lock_guard lock(mutex_);
    std::unordered_map<uint32_t, uint32_t> visited;
    const auto found = histories_.find(second.index);
    return found != histories_.end() &&
           reaches(second.index, static_cast<uint32_t>(found->second.size()), first, visited);
}

bool Synchronisation::reaches(uint32_t from, uint32_t history, uint32_t wanted,
                              std::unordered_map<uint32_t, uint32_t>& visited) {
    // Chains may be as long as a launch has workgroups: no recursion.
    std::vector<std::pair<uint32_t, uint32_t>> open{{from, history}};
    while (!open.empty()) {
        const auto [group, length] = open.back();
        open.pop_back();
        uint32_t& done = visited[group];
        const auto& steps = histories_[group];
        for (uint32_t i = done; i < std::min<uint32_t>(length, static_cast<uint32_t>(steps.size())); ++i) {
            const auto& entries = slots_[steps[i].slot];
            for (uint32_t e = 0; e < steps[i].entries; ++e) {
                const uint32_t other = entries[e].group & AccessCell::kOwners;
                if (other == wanted) {
                    return true;
                }
                if (const auto known = visited.find(entries[e].group);
                    known == visited.end() || known->second < entries[e].history) {
                    open.emplace_back(entries[e].group, entries[e].history);
                }
            }
        }
        visited[group] = std::max(visited[group], length);
    }
    return false;
}

}  // namespace soma::vgpu
