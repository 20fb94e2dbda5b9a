#include "memory_advice.h"

#include <iterator>

namespace soma::vgpu::hip {

MemoryAdvice::Runs::iterator MemoryAdvice::beginAt(uint64_t address) {
    const auto before = std::prev(runs_.upper_bound(address));
    return before->first == address ? before : runs_.emplace_hint(std::next(before), address, before->second);
}

void MemoryAdvice::joinEqual(uint64_t first, uint64_t last) {
    auto run = runs_.find(first);
    while (run != runs_.end() && run->first <= last) {
        const bool same = run != runs_.begin() && std::prev(run)->second == run->second;
        run = same ? runs_.erase(run) : std::next(run);
    }
}

}  // namespace soma::vgpu::hip
