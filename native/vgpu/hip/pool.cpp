#include "pool.h"

#include "context.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace soma::vgpu::hip {

Pool::~Pool() {
    if (descriptor >= 0) {
        close(descriptor);
    }
}

std::shared_ptr<Pool> findPool(hipMemPool_t handle) {
    auto pool = Runtime::instance().pools.find(handle);
    if (!pool) {
        fail(hipErrorInvalidValue, hex(handle) + " is no memory pool, or one that was destroyed");
    }
    return pool;
}

GraphMemory::~GraphMemory() { device->core.memory().free(address); }

void PooledMemory::add(uint64_t address, uint64_t size, const std::shared_ptr<Pool>& pool) {
    std::scoped_lock lock(mutex_);
    entries_[address] = {pool, size, false};
    pool->used += size;
    pool->highest = std::max(pool->highest.load(), pool->used.load());
}

std::shared_ptr<Pool> PooledMemory::poolOf(uint64_t address) const {
    std::scoped_lock lock(mutex_);
    const auto found = entries_.find(address);
    return found == entries_.end() ? nullptr : found->second.pool;
}

bool PooledMemory::freedLater(uint64_t address) const {
    std::scoped_lock lock(mutex_);
    const auto found = entries_.find(address);
    return found != entries_.end() && found->second.freed;
}

bool PooledMemory::freeLater(uint64_t address) {
    std::scoped_lock lock(mutex_);
    const auto found = entries_.find(address);
    return found != entries_.end() && !std::exchange(found->second.freed, true);
}

bool PooledMemory::release(uint64_t address) {
    std::scoped_lock lock(mutex_);
    const auto found = entries_.find(address);
    if (found == entries_.end()) {
        return false;
    }
    Pool& pool = *found->second.pool;
    pool.used -= found->second.size;
    pool.device->core.memory().free(address);
    entries_.erase(found);
    return true;
}

void PooledMemory::addGraphMemory(const std::shared_ptr<GraphMemory>& memory) {
    std::scoped_lock lock(mutex_);
    graphs_[memory->address] = memory;
}

std::shared_ptr<GraphMemory> PooledMemory::graphMemory(uint64_t address) const {
    std::scoped_lock lock(mutex_);
    const auto found = graphs_.find(address);
    return found == graphs_.end() ? nullptr : found->second.lock();
}

std::shared_ptr<GraphMemory> allocateGraphMemory(const std::shared_ptr<VirtualDevice>& device, uint64_t size,
                                                 Failure& failure) {
    const auto address = device->core.memory().allocate(size);
    if (!address) {
        failure = {hipErrorOutOfMemory, std::to_string(size) + " bytes for a graph do not fit on " + device->describe()};
        return nullptr;
    }
    auto memory = std::make_shared<GraphMemory>();
    memory->device = device;
    memory->address = *address;
    memory->size = size;
    Runtime::instance().pooled.addGraphMemory(memory);
    return memory;
}

}  // namespace soma::vgpu::hip
