// Blocks of words that one wave has accessed as a whole before anybody else came in the launch, which is all that happens to
// most of what kernels stream: such an access is kept once for the block. What comes to the block later, or to a part of it,
// finds the access in the cells of its words.
#pragma once

#include "races.h"

namespace soma::vgpu {

/// Over an array of zeros, one entry for each block, that its owner maps; null: every word has cells of its own.
class WholeBlocks {
public:
    static constexpr size_t kWords = 16;
    struct Block {
        /// Of the block's first word. Of this launch without bytes: the words' cells say what happened.
        AccessCell first;
        /// Of a work-item.
        uint64_t bytes = 0;
    };

    WholeBlocks() = default;
    explicit WholeBlocks(Block* blocks) : blocks_(blocks) {}
    Block* blocks() const { return blocks_; }

    /// Has the host fetch what is known of a word's block.
    void prefetch(size_t word) const {
        if (blocks_ != nullptr) {
            __builtin_prefetch(blocks_ + word / kWords, 1);
        }
    }
    /// Records what lies in one block of an access in the launch that its epoch names; false where the words' cells are to be
    /// asked, which then hold all that came before. To be called with their lock.
    bool record(const CellPlanes& planes, const AccessRange& access) const {
        if (blocks_ == nullptr) {
            return false;
        }
        Block& block = blocks_[access.word / kWords];
        const bool touched = block.first.epoch() == access.first.epoch();
        if (access.words == kWords && (!touched || block.first.knows(access.first))) {
            if (!touched) {
                block = {access.first, access.bytes};
            }
            return true;
        }
        if (touched && block.first.bytes() != 0) {
            const size_t begin = access.word / kWords * kWords;
            AccessRange{begin, kWords, block.first, static_cast<unsigned>(block.bytes)}.store(planes[0] + begin);
        }
        block.first = access.first.withoutBytes();
        return false;
    }

private:
    Block* blocks_ = nullptr;
};

}  // namespace soma::vgpu
