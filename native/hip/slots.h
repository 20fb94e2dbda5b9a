// Numbers for what commands name (commands.h): kernels, streams and events of one JavaScript thread.
// Invariant: a number stays its item's as long as the item lives; a number of none finds nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace soma::hip {

template <typename T>
class Slots {
public:
    uint32_t add(const std::shared_ptr<T>& item) {
        if (free_.empty() && all_.size() >= sweepAt_) {
            for (uint32_t i = 0; i < all_.size(); ++i) {
                if (all_[i].expired()) {
                    free_.push_back(i);
                }
            }
            sweepAt_ = 2 * (all_.size() - free_.size()) + kFew;
        }
        if (free_.empty()) {
            all_.push_back(item);
            return static_cast<uint32_t>(all_.size() - 1);
        }
        const uint32_t slot = free_.back();
        free_.pop_back();
        all_[slot] = item;
        return slot;
    }

    std::shared_ptr<T> find(uint32_t slot) const { return slot < all_.size() ? all_[slot].lock() : nullptr; }

private:
    static constexpr size_t kFew = 64;

    std::vector<std::weak_ptr<T>> all_;
    std::vector<uint32_t> free_;
    size_t sweepAt_ = kFew;
};

}  // namespace soma::hip
