// What the sanitizer knows of a device's memory beside its allocations: which bits somebody wrote, who accessed each word
// last, and what was freed. Shadows are mapped beside the range that allocations lie in and backed as they are touched;
// a shadow of zeros means: nothing written, nobody came. Where the host gives no address space for them, what needs them
// is not checked. Imported host memory has none: it counts as written.
#pragma once

#include "../memory.h"
#include "races.h"

#include <deque>

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
    /// The cells of the word that the address lies in; null outside.
    AccessCell* cellsAt(uint64_t address) const {
        const uint64_t offset = address - base_;
        return offset < bytes_ && cells_ != nullptr ? cells_ + offset / kCellBytes * kCellsPerWord : nullptr;
    }
    /// A number for a launch by which its cells are told from older ones. Launches of a device run one after another.
    uint32_t nextLaunch();

private:
    uint64_t base_;
    uint64_t bytes_;
    uint8_t* defined_ = nullptr;
    AccessCell* cells_ = nullptr;
    uint32_t launch_ = 0;
    std::deque<Allocation> freed_;
};

}  // namespace soma::vgpu
