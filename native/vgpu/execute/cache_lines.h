// Memory at multiples of a cache line, which is also what the host's widest vectors load and store at once: registers, rows
// of constants and LDS lie in it, so that no access of theirs is split.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace soma::vgpu {

/// Frees what calloc gave, which lies before the first line.
struct FreeLines {
    void* memory = nullptr;
    void operator()(std::byte*) const { std::free(memory); }
};
using CacheLines = std::unique_ptr<std::byte, FreeLines>;

/// Zeroed memory of at least so many bytes, of which the host backs what is touched; null where it has none.
inline CacheLines cacheLines(uint64_t bytes) {
    constexpr uint64_t kLine = 64;
    void* const memory = std::calloc(1, bytes + kLine);
    const uint64_t first = (reinterpret_cast<uint64_t>(memory) + kLine) / kLine * kLine;
    return memory == nullptr ? CacheLines{} : CacheLines(reinterpret_cast<std::byte*>(first), FreeLines{memory});
}

}  // namespace soma::vgpu
