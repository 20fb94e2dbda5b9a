// The live objects behind the opaque handles of the C ABI. A handle is a number that never comes again, not an address:
// an unknown or destroyed one is found out instead of followed.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace soma::vgpu::hip {

/// Not a canonical x86-64 address, so that a program that follows a handle faults at once.
inline std::atomic<uint64_t> nextHandle{0x5a00'0000'0001'0000};

template <typename Handle, typename Object>
class Registry {
public:
    Handle add(std::shared_ptr<Object> object) {
        const uint64_t value = nextHandle.fetch_add(16, std::memory_order_relaxed);
        std::scoped_lock lock(mutex_);
        objects_.emplace(value, std::move(object));
        return reinterpret_cast<Handle>(value);
    }

    /// Null for a handle that is not alive.
    std::shared_ptr<Object> find(Handle handle) const {
        std::scoped_lock lock(mutex_);
        const auto found = objects_.find(reinterpret_cast<uint64_t>(handle));
        return found == objects_.end() ? nullptr : found->second;
    }

    /// The object, whose handle is dead from now on; null for a handle that is not alive.
    std::shared_ptr<Object> remove(Handle handle) {
        std::scoped_lock lock(mutex_);
        const auto found = objects_.find(reinterpret_cast<uint64_t>(handle));
        if (found == objects_.end()) {
            return nullptr;
        }
        std::shared_ptr<Object> object = std::move(found->second);
        objects_.erase(found);
        return object;
    }

    template <typename Predicate>
    size_t countIf(Predicate&& predicate) const {
        std::scoped_lock lock(mutex_);
        return static_cast<size_t>(std::count_if(objects_.begin(), objects_.end(),
                                                 [&](const auto& entry) { return predicate(*entry.second); }));
    }

    template <typename Each>
    void forEach(Each&& each) const {
        std::scoped_lock lock(mutex_);
        for (const auto& entry : objects_) {
            each(*entry.second);
        }
    }

private:
    mutable std::mutex mutex_;
    std::unordered_map<uint64_t, std::shared_ptr<Object>> objects_;
};

}  // namespace soma::vgpu::hip
