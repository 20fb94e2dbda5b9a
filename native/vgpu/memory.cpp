#include "memory.h"

#include "format.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <mutex>

namespace soma::vgpu {

namespace {

uint64_t pageSize() {
    static const uint64_t size = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    return size;
}

uint64_t roundUp(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

constexpr uint64_t kLargePages = uint64_t(16) << 20;
constexpr uint64_t kSmallestRange = uint64_t(1) << 30;

}  // namespace

Memory::Memory(uint64_t capacity) : capacity_(capacity) {
    // Twice the capacity leaves room for gaps and fragmentation. Pages are backed when they are first touched. Where
    // the process may not map as much, less is taken: allocations then fail earlier, as if the device were smaller.
    for (uint64_t bytes = roundUp(std::max(capacity * 2, kSmallestRange), pageSize()); bytes >= kSmallestRange / 16;
         bytes = roundUp(bytes / 2, pageSize())) {
        void* range = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (range != MAP_FAILED) {
            reservedBase_ = reinterpret_cast<uint64_t>(range);
            reservedBytes_ = bytes;
            cursor_ = reservedBase_;
            free_[reservedBase_] = bytes;
            return;
        }
    }
}

Memory::~Memory() {
    if (reservedBytes_ != 0) {
        munmap(reinterpret_cast<void*>(reservedBase_), reservedBytes_);
    }
}

uint64_t Memory::streamedSize() {
    static const uint64_t size = [] {
        constexpr uint64_t kUsual = uint64_t(32) << 20;
        // The kernel knows what a core has of it. The C library asks the processor, and AMD's tell the whole package's.
        std::ifstream known("/sys/devices/system/cpu/cpu0/cache/index3/size");
        uint64_t kibibytes = 0;
        return known >> kibibytes && kibibytes != 0 ? kibibytes << 10 : kUsual;
    }();
    return size;
}

std::optional<uint64_t> Memory::takeRange(uint64_t bytes) {
    // Next fit: an address that was freed is not given out again soon, so that its late users are found out. The search
    // begins within the range that holds the cursor, goes on behind it, and starts over.
    const auto fits = [&](const auto& range) { return range.second >= bytes; };
    const auto behind = free_.upper_bound(cursor_);
    uint64_t start = cursor_;
    auto found = behind == free_.begin() ? free_.end() : std::prev(behind);
    if (found == free_.end() || found->first + found->second < cursor_ + bytes) {
        found = std::find_if(behind, free_.end(), fits);
        found = found == free_.end() ? std::find_if(free_.begin(), free_.end(), fits) : found;
        if (found == free_.end()) {
            return std::nullopt;
        }
        start = found->first;
    }
    const uint64_t end = found->first + found->second;
    found->second = start - found->first;
    if (found->second == 0) {
        free_.erase(found);
    }
    if (start + bytes < end) {
        free_[start + bytes] = end - start - bytes;
    }
    cursor_ = start + bytes;
    return start;
}

void Memory::giveRange(uint64_t base, uint64_t bytes) {
    auto next = free_.lower_bound(base);
    if (next != free_.end() && base + bytes == next->first) {
        bytes += next->second;
        next = free_.erase(next);
    }
    if (next != free_.begin()) {
        auto previous = std::prev(next);
        if (previous->first + previous->second == base) {
            previous->second += bytes;
            return;
        }
    }
    free_[base] = bytes;
}

std::optional<uint64_t> Memory::allocate(uint64_t size, uint64_t alignment) {
    const uint64_t page = pageSize();
    if (size > capacity_ || alignment > page || (alignment & (alignment - 1)) != 0) {
        return std::nullopt;
    }
    const uint64_t pages = roundUp(std::max<uint64_t>(size, 1), page);
    std::unique_lock lock(mutex_);
    if (used() + pages > capacity_) {
        return std::nullopt;
    }
    // The page after it belongs to nobody: it keeps neighbours apart.
    const auto range = takeRange(pages + page);
    if (!range) {
        return std::nullopt;
    }
    blocks_[*range] = Block{Allocation{*range, size, nextId_++, false}, pages};
    used_ += pages;
    if (pages >= kLargePages) {
        madvise(reinterpret_cast<void*>(*range), pages, MADV_HUGEPAGE);
    }
    generation_.fetch_add(1, std::memory_order_release);
    if (watcher_) {
        watcher_->allocated(blocks_[*range].allocation);
    }
    return *range;
}

void Memory::dropPages(const Block& block) {
    void* const pages = reinterpret_cast<void*>(block.allocation.base);
    if (block.shared < 0) {
        madvise(pages, block.pages, MADV_DONTNEED);
        return;
    }
    // Others may go on with what is shared: here its place is taken by pages of this process again.
    mmap(pages, block.pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    close(block.shared);
}

int Memory::share(uint64_t address) {
    std::unique_lock lock(mutex_);
    const auto it = blocks_.find(address);
    if (it == blocks_.end() || it->second.allocation.imported) {
        return -1;
    }
    Block& block = it->second;
    if (block.shared >= 0) {
        return block.shared;
    }
    const int descriptor = memfd_create("soma-vgpu", MFD_CLOEXEC);
    if (descriptor < 0) {
        return -1;
    }
    void* const pages = reinterpret_cast<void*>(address);
    uint64_t written = 0;
    while (written < block.pages) {
        const ssize_t count = pwrite(descriptor, static_cast<const char*>(pages) + written, block.pages - written,
                                     static_cast<off_t>(written));
        if (count <= 0) {
            break;
        }
        written += static_cast<uint64_t>(count);
    }
    if (written < block.pages || mmap(pages, block.pages, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, descriptor,
                                      0) == MAP_FAILED) {
        close(descriptor);
        return -1;
    }
    block.shared = descriptor;
    return descriptor;
}

bool Memory::free(uint64_t address) {
    std::unique_lock lock(mutex_);
    const auto it = blocks_.find(address);
    if (it == blocks_.end() || it->second.allocation.imported) {
        return false;
    }
    const uint64_t pages = it->second.pages;
    if (watcher_) {
        watcher_->freed(it->second.allocation);
    }
    // The pages go back to the host but stay mapped: a kernel still running on another thread with this allocation in
    // its look-up cache reads zeros then, instead of bringing the process down.
    dropPages(it->second);
    blocks_.erase(it);
    giveRange(address, pages + pageSize());
    used_ -= pages;
    generation_.fetch_add(1, std::memory_order_release);
    return true;
}

bool Memory::import(void* pointer, uint64_t size) {
    const uint64_t base = reinterpret_cast<uint64_t>(pointer);
    if (base == 0 || size == 0 || base + size < base) {
        return false;
    }
    std::unique_lock lock(mutex_);
    auto next = blocks_.upper_bound(base);
    if (next != blocks_.end() && next->first < base + size) {
        return false;
    }
    if (next != blocks_.begin()) {
        const Allocation& before = std::prev(next)->second.allocation;
        if (before.base + std::max<uint64_t>(before.size, 1) > base) {
            return false;
        }
    }
    blocks_[base] = Block{Allocation{base, size, nextId_++, true}, 0};
    generation_.fetch_add(1, std::memory_order_release);
    return true;
}

bool Memory::release(void* pointer) {
    std::unique_lock lock(mutex_);
    const auto it = blocks_.find(reinterpret_cast<uint64_t>(pointer));
    if (it == blocks_.end() || !it->second.allocation.imported) {
        return false;
    }
    blocks_.erase(it);
    generation_.fetch_add(1, std::memory_order_release);
    return true;
}

std::optional<Allocation> Memory::find(uint64_t address) const {
    std::shared_lock lock(mutex_);
    auto it = blocks_.upper_bound(address);
    if (it == blocks_.begin()) {
        return std::nullopt;
    }
    const Allocation& allocation = std::prev(it)->second.allocation;
    if (address == allocation.base || allocation.contains(address, 1)) {
        return allocation;
    }
    return std::nullopt;
}

std::optional<Allocation> Memory::nearest(uint64_t address) const {
    std::shared_lock lock(mutex_);
    const auto after = blocks_.upper_bound(address);
    std::optional<Allocation> best;
    uint64_t bestDistance = ~uint64_t(0);
    if (after != blocks_.begin()) {
        best = std::prev(after)->second.allocation;
        const uint64_t end = best->base + best->size;
        bestDistance = address < end ? 0 : address - end;
    }
    if (after != blocks_.end() && after->first - address < bestDistance) {
        best = after->second.allocation;
    }
    return best;
}

std::string Memory::describe(uint64_t address) const {
    {
        std::shared_lock lock(mutex_);
        if (std::string freed = watcher_ ? watcher_->describeFreed(address) : std::string{}; !freed.empty()) {
            return freed;
        }
    }
    // Farther than this, the nearest allocation says nothing about what was meant.
    constexpr uint64_t kNear = uint64_t(1) << 30;
    const auto allocation = nearest(address);
    const auto name = [&] {
        return format("the {0}-byte {1} {2} at {3:x}", allocation->size,
                      allocation->imported ? "host allocation" : "allocation", allocation->id, allocation->base);
    };
    if (allocation) {
        const uint64_t end = allocation->base + allocation->size;
        if (address < allocation->base && allocation->base - address < kNear) {
            return format("{0} bytes before the start of {1}", allocation->base - address, name());
        }
        if (address >= end && address - end < kNear) {
            return address == end ? "right past the end of " + name()
                                  : format("{0} bytes past the end of {1}", address - end, name());
        }
        if (address >= allocation->base && address < end) {
            return format("{0} bytes into {1}", address - allocation->base, name());
        }
    }
    return address == 0 ? "a null pointer" : "near no allocation";
}

void Memory::watch(std::shared_ptr<MemoryWatcher> watcher) {
    std::unique_lock lock(mutex_);
    watcher_ = std::move(watcher);
}

void Memory::written(uint64_t address, uint64_t bytes) const {
    std::shared_lock lock(mutex_);
    if (watcher_) {
        watcher_->written(address, bytes);
    }
}

void Memory::copied(uint64_t target, uint64_t source, uint64_t bytes) const {
    std::shared_lock lock(mutex_);
    if (watcher_) {
        watcher_->copied(target, source, bytes);
    }
}

std::vector<Allocation> Memory::live() const {
    std::shared_lock lock(mutex_);
    std::vector<Allocation> all;
    for (const auto& [base, block] : blocks_) {
        all.push_back(block.allocation);
    }
    return all;
}

size_t Memory::allocations() const {
    std::shared_lock lock(mutex_);
    return blocks_.size();
}

}  // namespace soma::vgpu
