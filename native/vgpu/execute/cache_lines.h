// Memory at multiples of a cache line, which is also what the host's widest vectors load and store at once: registers, rows
// of constants and LDS lie in it, so that no access of theirs is split.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace soma::vgpu {

struct alignas(64) CacheLine {
    std::array<std::byte, 64> bytes{};
};
using CacheLines = std::unique_ptr<CacheLine[]>;

/// Zeroed memory of at least so many bytes; null where the host has none.
inline CacheLines cacheLines(uint64_t bytes) {
    return CacheLines(new (std::nothrow) CacheLine[bytes / sizeof(CacheLine) + 1]());
}

}  // namespace soma::vgpu
