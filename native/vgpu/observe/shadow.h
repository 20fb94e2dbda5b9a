// What the sanitizer knows of a device's memory beside its allocations: which bits somebody wrote, who accessed each word
// last, and what was freed. Shadows are mapped beside the range that allocations lie in and backed as they are touched;
// a shadow of zeros means: nothing written, nobody came. Where the host gives no address space for them, what needs them
// is not checked. Imported host memory has none: it counts as written.
#pragma once

#include "../memory.h"
#include "races.h"
#include "read_blocks.h"
#include "whole_blocks.h"

#include <deque>
#include <mutex>
#include <optional>

namespace soma::vgpu {

class DeviceShadow final : public MemoryWatcher {
public:
    /// What is allocated already counts as written.
    explicit DeviceShadow(const Memory& memory);
    ~DeviceShadow() override;
    DeviceShadow(const DeviceShadow&) = delete;
    DeviceShadow& operator=(const DeviceShadow&) = delete;

    void allocated(const Allocation& allocation) override;
    void freed(const Allocation& allocation) override;
    void written(uint64_t address, uint64_t bytes) override;
    void copied(uint64_t target, uint64_t source, uint64_t bytes) override;
    std::string describeFreed(uint64_t address) const override;

    /// One bit for each bit of memory, 1 where it was written; null outside.
    uint8_t* definedAt(uint64_t address) const {
        const uint64_t offset = address - base_;
        return offset < bytes_ && defined_ != nullptr ? defined_ + offset : nullptr;
    }
    /// Whether all of a range of memory that lies in one allocation is known to have been written, by pages: false where
    /// only its bits say so.
    bool complete(uint64_t address, uint64_t bytes) const {
        const uint64_t offset = address - base_;
        if (offset >= bytes_ || complete_ == nullptr) {
            return false;
        }
        for (uint64_t page = offset / kPage; page <= (offset + bytes - 1) / kPage; ++page) {
            if (std::atomic_ref(complete_[page]).load(std::memory_order_relaxed) == 0) {
                return false;
            }
        }
        return true;
    }
    /// To be called before bits there are cleared.
    void incomplete(uint64_t address, uint64_t bytes) const;
    /// The number of the word that the address lies in, by which `cells` has its cells.
    std::optional<size_t> wordAt(uint64_t address) const {
        const uint64_t offset = address - base_;
        return offset < bytes_ && cells_[0] != nullptr ? std::optional(offset / kCellBytes) : std::nullopt;
    }
    const CellPlanes& cells() const { return cells_; }
    const ReadBlocks& readBlocks() const { return readBlocks_; }
    const WholeBlocks& wholeBlocks() const { return wholeBlocks_; }
    uint64_t base() const { return base_; }
    size_t words() const { return cells_[0] != nullptr ? bytes_ / kCellBytes : 0; }
    /// Has the host fetch the first cell of a word that is looked at soon.
    void prefetch(uint64_t address) const {
        if (const auto word = wordAt(address)) {
            __builtin_prefetch(cells_[0] + *word, 1);
        }
    }
    /// Workgroups of several threads share cells: to be held while those of a block of words are looked at together.
    static constexpr size_t kLockedWords = ReadBlocks::kWords;
    std::mutex& lockOf(size_t word) { return locks_[word / kLockedWords % locks_.size()]; }
    /// A number for a launch by which its cells are told from older ones. Launches of a device run one after another.
    uint32_t nextLaunch();

private:
    uint64_t readBlockBytes() const { return (bytes_ / kCellBytes / ReadBlocks::kWords + 1) * sizeof(uint32_t); }
    uint64_t wholeBlockBytes() const {
        return (bytes_ / kCellBytes / WholeBlocks::kWords + 1) * sizeof(WholeBlocks::Block);
    }

    uint64_t base_;
    uint64_t bytes_;
    uint8_t* defined_ = nullptr;
    /// Of each page: 1 where all of it was written.
    static constexpr uint64_t kPage = 256;
    uint8_t* complete_ = nullptr;
    CellPlanes cells_{};
    ReadBlocks readBlocks_;
    WholeBlocks wholeBlocks_;
    std::array<std::mutex, 1024> locks_;
    uint32_t launch_ = 0;
    std::deque<Allocation> freed_;
};

}  // namespace soma::vgpu
