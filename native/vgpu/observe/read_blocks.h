// Blocks of words that several workgroups have read and none has written: most of what launches read. What is known of a
// block holds for each of its words (AccessCell::shared, of all their bytes), so that one look at it stands for one at each
// word's cells, which would take as much of the host's caches as the memory itself.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace soma::vgpu {

/// Over an array of zeros, one number for each block, that its owner maps; null: nothing is known.
class ReadBlocks {
public:
    static constexpr size_t kWords = 64;

    ReadBlocks() = default;
    explicit ReadBlocks(uint32_t* blocks) : blocks_(blocks) {}
    uint32_t* blocks() const { return blocks_; }

    /// Whether two workgroups of the launch have read all of the word's block, with atomics or without, and none has written to it.
    bool known(size_t word, uint32_t launch, bool atomic) const {
        return blocks_ != nullptr && load(word) == (empty(launch, atomic) | kWords);
    }
    /// The same of several blocks, by their numbers, as bits. Plain loads, which the host gathers: each sees one state of its block, as an
    /// atomic one does.
    uint64_t knownOf(const uint32_t* blocks, unsigned count, uint32_t launch, bool atomic) const {
        const uint32_t wanted = empty(launch, atomic) | kWords;
        uint64_t all = 0;
        for (unsigned i = 0; i < count; ++i) {
            all |= uint64_t(blocks_[blocks[i]] == wanted) << i;
        }
        return all;
    }
    /// Of one more word of the block it is known; of each once. To be called with the lock of its cells, as `forget`.
    void add(size_t word, uint32_t launch, bool atomic) const {
        if (blocks_ == nullptr) {
            return;
        }
        const uint32_t old = load(word) >> kLaunchShift == launch ? load(word) : empty(launch, atomic);
        if ((old & ~kCount) == empty(launch, atomic) && (old & kCount) != kNever) {
            store(word, old + 1);
        } else {
            forget(word, launch);
        }
    }
    /// Of the word it is no longer known, and so of its block until the launch ends.
    void forget(size_t word, uint32_t launch) const {
        if (blocks_ != nullptr) {
            store(word, empty(launch, false) | kNever);
        }
    }

private:
    static constexpr uint32_t kCount = 0x7f;
    static constexpr uint32_t kNever = kCount;
    static constexpr unsigned kAtomicShift = 7;
    static constexpr unsigned kLaunchShift = 8;

    static uint32_t empty(uint32_t launch, bool atomic) {
        return launch << kLaunchShift | uint32_t(atomic) << kAtomicShift;
    }
    uint32_t load(size_t word) const { return std::atomic_ref(blocks_[word / kWords]).load(std::memory_order_relaxed); }
    void store(size_t word, uint32_t state) const {
        std::atomic_ref(blocks_[word / kWords]).store(state, std::memory_order_relaxed);
    }

    uint32_t* blocks_ = nullptr;
};

}  // namespace soma::vgpu
