// What programs advise of ranges of managed memory, by pages. It changes nothing here, where managed memory has one place
// for all, but programs ask for it back.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <set>

#include "status.h"

namespace soma::vgpu::hip {

struct PageAdvice {
    bool readMostly = false;
    bool coarseGrain = false;
    int preferredLocation = hipInvalidDeviceId;
    int lastPrefetch = hipInvalidDeviceId;
    std::set<int> accessedBy;

    bool operator==(const PageAdvice&) const = default;
};

/// Guarded by Runtime's `order`.
class MemoryAdvice {
public:
    /// Calls `change` with the advice of all pages that hold a byte of the range.
    template <typename Change>
    void change(uint64_t address, uint64_t bytes, Change&& change) {
        const uint64_t first = address / kPage * kPage;
        const uint64_t last = (address + bytes + kPage - 1) / kPage * kPage;
        const auto end = beginAt(last);
        const auto begin = beginAt(first);
        for (auto run = begin; run != end; ++run) {
            change(run->second);
        }
        joinEqual(first, last);
    }

    /// Calls `visit` with each different advice that pages of the range have, in the order of their addresses.
    template <typename Visit>
    void visit(uint64_t address, uint64_t bytes, Visit&& visit) const {
        for (auto run = std::prev(runs_.upper_bound(address)); run != runs_.end() && run->first < address + bytes;
             ++run) {
            visit(run->second);
        }
    }

private:
    static constexpr uint64_t kPage = 4096;

    using Runs = std::map<uint64_t, PageAdvice>;
    /// The run that begins at the address, where one is made to begin.
    Runs::iterator beginAt(uint64_t address);
    void joinEqual(uint64_t first, uint64_t last);

    /// Each from its address to the next one's; all pages begin without advice.
    Runs runs_{{0, {}}};
};

}  // namespace soma::vgpu::hip
