#include "races.h"

#include <algorithm>

namespace soma::vgpu {

namespace {

/// Releases of a group to a slot that are kept, each with what it had learnt by then.
constexpr size_t kReleases = 8;
/// All that a group ever learns.
constexpr uint32_t kAlways = ~uint32_t(0);

size_t slotOf(uint64_t address) { return (address / kCellBytes * 0x9e3779b97f4a7c15) >> 54; }
static_assert(Synchronisation::kSlots == 1 << (64 - 54));

}  // namespace

void Synchronisation::acquire(Group& group, uint64_t address) {
    const size_t slot = slotOf(address);
    if (sizes_[slot].load(std::memory_order_acquire) == group.seen[slot]) {
        return;
    }
    const std::lock_guard lock(mutex_);
    const auto entries = static_cast<uint32_t>(slots_[slot].size());
    group.learnt += entries - group.seen[slot];
    group.seen[slot] = entries;
    std::vector<Acquired>& history = histories_[group.index & AccessCell::kOwners];
    history.push_back({static_cast<uint32_t>(slot), entries});
    group.history = static_cast<uint32_t>(history.size());
}

void Synchronisation::release(Group& group, uint64_t address) {
    const size_t slot = slotOf(address);
    if (group.released[slot] == group.history + 1) {
        return;
    }
    const std::lock_guard lock(mutex_);
    const Entry entry{group.index & AccessCell::kOwners, group.history};
    const auto ours = [&](const Entry& other) { return other.group == entry.group && other.history != kAlways; };
    std::vector<Entry>& entries = slots_[slot];
    if (group.released[slot] != 0 && std::count_if(entries.begin(), entries.end(), ours) == kReleases) {
        std::find_if(entries.rbegin(), entries.rend(), ours)->history = entry.history;
    } else {
        // Of its own entry it has nothing to learn, if that is all that is new.
        const bool knewAll = group.seen[slot] == entries.size();
        add(slot, entry);
        group.seen[slot] += knewAll;
        group.learnt += knewAll;
    }
    group.released[slot] = group.history + 1;
}

void Synchronisation::publish(uint32_t owner, uint64_t address) {
    const size_t slot = slotOf(address);
    const std::lock_guard lock(mutex_);
    const auto same = [&](const Entry& entry) { return entry.group == owner && entry.history == kAlways; };
    if (std::none_of(slots_[slot].begin(), slots_[slot].end(), same)) {
        add(slot, {owner, kAlways});
    }
}

void Synchronisation::add(size_t slot, const Entry& entry) {
    slots_[slot].push_back(entry);
    sizes_[slot].store(static_cast<uint32_t>(slots_[slot].size()), std::memory_order_release);
    entries_.fetch_add(1, std::memory_order_release);
}

bool Synchronisation::ordered(uint32_t first, const Group& second) {
    std::lock_guard lock(mutex_);
    std::unordered_map<uint32_t, uint32_t> visited;
    const auto found = histories_.find(second.index & AccessCell::kOwners);
    return found != histories_.end() &&
           reaches(found->first, static_cast<uint32_t>(found->second.size()), first, visited);
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
                if (entries[e].group == wanted) {
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
