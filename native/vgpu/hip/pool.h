// Memory pools, and which device memory came from them.
// A pool keeps nothing back: memory goes to the device when its release comes in stream order, so that late accesses are
// found out; what is reserved is what is used. Pools and PooledMemory are thread-safe: streams release memory in their turn.
#pragma once

#include "status.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace soma::vgpu::hip {

struct VirtualDevice;

struct Pool {
    std::shared_ptr<VirtualDevice> device;
    Pool() = default;
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    ~Pool();

    /// How other processes may have it.
    hipMemAllocationHandleType handleTypes = hipMemHandleTypeNone;
    /// From hipMemPoolImportFromShareableHandle: it gives only memory that is imported too.
    bool imported = false;
    /// The inode of the file that names the pool to other processes, and that file in the process that made the pool; none
    /// before it was exported. Guarded by Runtime's `order`.
    uint64_t identity = 0;
    int descriptor = -1;
    /// Bytes; 0: no limit but the device's memory.
    uint64_t maxSize = 0;
    std::atomic<uint64_t> used{0};
    std::atomic<uint64_t> highest{0};
    // What follows changes nothing here but is remembered; guarded by Runtime's `order`.
    uint64_t releaseThreshold = 0;
    /// The three reuse attributes.
    std::array<int, 3> reuse{1, 1, 1};
    /// By device number; the pool's own device always has read and write access.
    std::map<int, hipMemAccessFlags> access;
};

/// Null after making the failure the thread's last error.
std::shared_ptr<Pool> findPool(hipMemPool_t handle);

/// Memory that a graph's allocation node owns: it lives as long as a graph or an executable graph that has the node.
struct GraphMemory {
    std::shared_ptr<VirtualDevice> device;
    uint64_t address = 0;
    uint64_t size = 0;
    /// From a launch of the allocation node to its release; guarded by Runtime's `order`.
    bool outstanding = false;

    GraphMemory() = default;
    GraphMemory(const GraphMemory&) = delete;
    GraphMemory& operator=(const GraphMemory&) = delete;
    ~GraphMemory();
};

/// Null with `failure` set where the device has no room.
std::shared_ptr<GraphMemory> allocateGraphMemory(const std::shared_ptr<VirtualDevice>& device, uint64_t size,
                                                 Failure& failure);

/// The allocations that hipFree, hipFreeAsync and copies have to know about beyond what the device's memory says.
class PooledMemory {
public:
    void add(uint64_t address, uint64_t size, const std::shared_ptr<Pool>& pool);
    /// Null where the address is not the beginning of memory from a pool.
    std::shared_ptr<Pool> poolOf(uint64_t address) const;
    /// hipFreeAsync was called, and the stream has not come to it.
    bool freedLater(uint64_t address) const;
    /// False where it was called before.
    bool freeLater(uint64_t address);
    /// Gives the memory back to device and pool. False where it is not from a pool.
    bool release(uint64_t address);

    void addGraphMemory(const std::shared_ptr<GraphMemory>& memory);
    /// Null where the address is not the beginning of a graph's memory.
    std::shared_ptr<GraphMemory> graphMemory(uint64_t address) const;

private:
    struct Entry {
        std::shared_ptr<Pool> pool;
        uint64_t size = 0;
        bool freed = false;
    };
    mutable std::mutex mutex_;
    std::map<uint64_t, Entry> entries_;
    std::map<uint64_t, std::weak_ptr<GraphMemory>> graphs_;
};

}  // namespace soma::vgpu::hip
