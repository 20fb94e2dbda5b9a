// Device memory. A device address is the host address of the same byte: allocations lie in one large reserved range of
// the process's address space, with pages between them that belong to nobody, so that a stray access is known for one.
// Host memory (pinned or managed) becomes accessible to kernels by importing it. All functions are thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

namespace soma::vgpu {

struct Allocation {
    uint64_t base = 0;
    /// What was asked for, in bytes: accesses are checked against it, not against the pages behind it.
    uint64_t size = 0;
    /// Counts up from 1; no two allocations of a device share one.
    uint64_t id = 0;
    /// Host memory that was imported, not allocated here.
    bool imported = false;

    bool contains(uint64_t address, uint64_t bytes) const {
        return address >= base && bytes <= size && address - base <= size - bytes;
    }
};

/// Who is told of what happens to a device's memory outside kernels (the sanitizer). Called with the memory's lock held.
class MemoryWatcher {
public:
    virtual ~MemoryWatcher() = default;
    virtual void allocated(const Allocation& allocation) = 0;
    virtual void freed(const Allocation& allocation) = 0;
    /// The host wrote there, or something has that its program counts as written.
    virtual void written(uint64_t address, uint64_t bytes) = 0;
    /// The host copied bytes that lie at `source` to `target`.
    virtual void copied(uint64_t target, uint64_t source, uint64_t bytes) = 0;
    /// What lay at an address that belongs to nobody now, in words; empty where nothing is known.
    virtual std::string describeFreed(uint64_t address) const = 0;
};

class Memory {
public:
    /// `capacity`: the device's stated memory size in bytes; allocations together never exceed it.
    explicit Memory(uint64_t capacity);
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    /// Zeroed memory of `size` bytes at a multiple of `alignment` (a power of two up to the page size; 256 as HIP
    /// promises). Size 0 gives an address of its own at which nothing may be accessed. Nothing: out of memory.
    std::optional<uint64_t> allocate(uint64_t size, uint64_t alignment = 256);

    /// Frees what `allocate` gave. False where `address` is not the base of a live allocation.
    bool free(uint64_t address);

    /// A descriptor of memory that other processes can map, which is the allocation's from now on: the same at each call,
    /// and closed when the allocation is freed. Nobody may use the allocation meanwhile. -1 where the system refuses.
    int share(uint64_t address);

    /// Lets kernels access [pointer, pointer + size) of host memory under its host address. False where it overlaps
    /// an import of another range, or `size` is 0. The caller keeps the memory alive until `release`.
    bool import(void* pointer, uint64_t size);
    bool release(void* pointer);

    /// The allocation that holds `address` (a zero-sized one: that begins there).
    std::optional<Allocation> find(uint64_t address) const;
    /// The allocation nearest to `address`, inside or not; what an out-of-bounds message names.
    std::optional<Allocation> nearest(uint64_t address) const;
    /// In words: "12 bytes past the end of the 4000-byte allocation 3 at 0x7f..." or "address 0x10 is in no
    /// allocation".
    std::string describe(uint64_t address) const;

    /// Null: nobody watches. What is allocated already is not told.
    void watch(std::shared_ptr<MemoryWatcher> watcher);
    /// To be called for whatever the host writes or copies to device memory.
    void written(uint64_t address, uint64_t bytes) const;
    void copied(uint64_t target, uint64_t source, uint64_t bytes) const;
    /// All live allocations, imports included.
    std::vector<Allocation> live() const;
    /// The range of addresses that allocations (imports excluded) lie in.
    uint64_t rangeBase() const { return reservedBase_; }
    uint64_t rangeBytes() const { return reservedBytes_; }

    uint64_t capacity() const { return capacity_; }
    /// Bytes in live allocations, rounded up to pages; imports do not count.
    uint64_t used() const { return used_.load(std::memory_order_relaxed); }
    size_t allocations() const;

    /// Allocations of at least so many bytes don't fit the host's caches: what kernels store there passes them by.
    static uint64_t streamedSize();

    /// Changes whenever an allocation comes or goes: what a cached look-up compares.
    uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

private:
    struct Block {
        Allocation allocation;
        /// Bytes of the pages behind it, guard page excluded; 0 for imports.
        uint64_t pages = 0;
        /// Of `share`; -1 where other processes have nothing of it.
        int shared = -1;
    };

    /// Gives the pages of a block back to the host; they stay mapped.
    static void dropPages(const Block& block);

    std::optional<uint64_t> takeRange(uint64_t bytes);
    void giveRange(uint64_t base, uint64_t bytes);

    mutable std::shared_mutex mutex_;
    std::map<uint64_t, Block> blocks_;
    /// Free parts of the reserved range: base -> bytes. `cursor_` is where the search for the next one begins.
    std::map<uint64_t, uint64_t> free_;
    uint64_t cursor_ = 0;
    uint64_t reservedBase_ = 0;
    uint64_t reservedBytes_ = 0;
    uint64_t capacity_ = 0;
    std::atomic<uint64_t> used_{0};
    std::atomic<uint64_t> generation_{1};
    uint64_t nextId_ = 1;
    std::shared_ptr<MemoryWatcher> watcher_;
};

}  // namespace soma::vgpu
