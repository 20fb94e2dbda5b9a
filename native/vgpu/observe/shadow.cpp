#include "shadow.h"

#include "../format.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace soma::vgpu {

namespace {

constexpr uint8_t kWritten = 0xff;
/// Freed allocations that are remembered.
constexpr size_t kRemembered = 4096;

void* reserve(uint64_t bytes) {
    void* range = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED) {
        return nullptr;
    }
    // What lies in one large page of memory has shadows of several: without large ones the host looks for pages most of the time.
    madvise(range, bytes, MADV_HUGEPAGE);
    return range;
}

/// Gives pages back, which read as zeros then; the parts of pages at both ends are cleared.
void clearRange(uint8_t* begin, uint64_t bytes) {
    constexpr uint64_t kPage = 4096;
    const auto address = reinterpret_cast<uint64_t>(begin);
    const uint64_t first = (address + kPage - 1) / kPage * kPage;
    const uint64_t last = (address + bytes) / kPage * kPage;
    if (first >= last) {
        std::memset(begin, 0, bytes);
        return;
    }
    std::memset(begin, 0, first - address);
    madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
    std::memset(reinterpret_cast<void*>(last), 0, address + bytes - last);
}

}  // namespace

DeviceShadow::DeviceShadow(const Memory& memory) : base_(memory.rangeBase()), bytes_(memory.rangeBytes()) {
    defined_ = static_cast<uint8_t*>(reserve(bytes_));
    complete_ = static_cast<uint8_t*>(reserve(bytes_ / kPage + 1));
    const uint64_t plane = bytes_ / kCellBytes * sizeof(AccessCell);
    if (auto* const cells = static_cast<AccessCell*>(reserve(plane * kCellsPerWord))) {
        for (unsigned i = 0; i < kCellsPerWord; ++i) {
            cells_[i] = cells + i * (bytes_ / kCellBytes);
        }
    }
    readBlocks_ = ReadBlocks(static_cast<uint32_t*>(reserve(readBlockBytes())));
    wholeBlocks_ = WholeBlocks(static_cast<WholeBlocks::Block*>(reserve(wholeBlockBytes())));
    for (const Allocation& allocation : memory.live()) {
        written(allocation.base, allocation.size);
    }
}

DeviceShadow::~DeviceShadow() {
    if (defined_ != nullptr) {
        munmap(defined_, bytes_);
    }
    if (complete_ != nullptr) {
        munmap(complete_, bytes_ / kPage + 1);
    }
    if (cells_[0] != nullptr) {
        munmap(cells_[0], bytes_ / kCellBytes * kCellsPerWord * sizeof(AccessCell));
    }
    if (readBlocks_.blocks() != nullptr) {
        munmap(readBlocks_.blocks(), readBlockBytes());
    }
    if (wholeBlocks_.blocks() != nullptr) {
        munmap(wholeBlocks_.blocks(), wholeBlockBytes());
    }
}

void DeviceShadow::allocated(const Allocation& allocation) {
    const auto overlaps = [&](const Allocation& old) {
        return old.base < allocation.base + allocation.size && allocation.base < old.base + old.size;
    };
    std::erase_if(freed_, overlaps);
}

void DeviceShadow::freed(const Allocation& allocation) {
    if (uint8_t* shadow = definedAt(allocation.base)) {
        incomplete(allocation.base, allocation.size);
        clearRange(shadow, allocation.size);
    }
    if (const auto word = wordAt(allocation.base)) {
        for (AccessCell* const plane : cells_) {
            clearRange(reinterpret_cast<uint8_t*>(plane + *word),
                       (allocation.size + kCellBytes - 1) / kCellBytes * sizeof(AccessCell));
        }
        const size_t last = *word + allocation.size / kCellBytes;
        const auto clearBlocks = [&](auto* blocks, size_t words) {
            if (blocks != nullptr) {
                std::fill(blocks + *word / words, blocks + last / words + 1, std::remove_pointer_t<decltype(blocks)>{});
            }
        };
        clearBlocks(readBlocks_.blocks(), ReadBlocks::kWords);
        clearBlocks(wholeBlocks_.blocks(), WholeBlocks::kWords);
    }
    freed_.push_back(allocation);
    if (freed_.size() > kRemembered) {
        freed_.pop_front();
    }
}

void DeviceShadow::written(uint64_t address, uint64_t bytes) {
    if (uint8_t* shadow = definedAt(address)) {
        std::memset(shadow, kWritten, bytes);
        const uint64_t offset = address - base_;
        const uint64_t first = (offset + kPage - 1) / kPage;
        const uint64_t last = (offset + bytes) / kPage;
        if (complete_ != nullptr && first < last) {
            std::memset(complete_ + first, 1, last - first);
        }
    }
}

void DeviceShadow::incomplete(uint64_t address, uint64_t bytes) const {
    const uint64_t offset = address - base_;
    if (complete_ == nullptr || bytes == 0 || offset >= bytes_) {
        return;
    }
    for (uint64_t page = offset / kPage; page <= (offset + bytes - 1) / kPage; ++page) {
        std::atomic_ref(complete_[page]).store(uint8_t(0), std::memory_order_relaxed);
    }
}

void DeviceShadow::copied(uint64_t target, uint64_t source, uint64_t bytes) {
    uint8_t* to = definedAt(target);
    const uint8_t* from = definedAt(source);
    if (to != nullptr && from != nullptr && !complete(source, bytes)) {
        incomplete(target, bytes);
        std::memmove(to, from, bytes);
    } else if (to != nullptr) {
        written(target, bytes);
    }
}

std::string DeviceShadow::describeFreed(uint64_t address) const {
    const auto found = std::find_if(freed_.rbegin(), freed_.rend(), [&](const Allocation& allocation) {
        return address >= allocation.base && address - allocation.base < std::max<uint64_t>(allocation.size, 1);
    });
    return found == freed_.rend()
               ? std::string{}
               : format("{0} bytes into the {1}-byte allocation {2} at {3:x}, which was freed",
                        address - found->base, found->size, found->id, found->base);
}

uint32_t DeviceShadow::nextLaunch() {
    if (++launch_ == kLaunches) {
        launch_ = 1;
        if (cells_[0] != nullptr) {
            madvise(cells_[0], bytes_ / kCellBytes * kCellsPerWord * sizeof(AccessCell), MADV_DONTNEED);
        }
        if (readBlocks_.blocks() != nullptr) {
            madvise(readBlocks_.blocks(), readBlockBytes(), MADV_DONTNEED);
        }
        if (wholeBlocks_.blocks() != nullptr) {
            madvise(wholeBlocks_.blocks(), wholeBlockBytes(), MADV_DONTNEED);
        }
    }
    return launch_;
}

}  // namespace soma::vgpu
