// What the sanitizer found: each place in the code once, whatever number of lanes, workgroups and launches meet it.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace soma::vgpu {

struct CodePlace {
    std::string file;
    unsigned line = 0;
    unsigned column = 0;
    std::string instruction;
    uint64_t codeOffset = 0;
};

struct WorkItem {
    std::array<uint32_t, 3> workgroup{};
    unsigned wave = 0;
    /// -1: the wave as a whole; then `item` says nothing.
    int lane = -1;
    std::array<uint32_t, 3> item{};
};

struct SanitizerReport {
    /// Such as "out-of-bounds"; spec/vgpu.md lists them.
    std::string kind;
    std::string kernel;
    /// What the instruction did, in words.
    std::string what;
    CodePlace place;
    WorkItem who;
    uint64_t address = 0;
    /// What lies at the address, in words; empty where there is none.
    std::string allocation;
    /// The other access of a race, or the load whose value is at fault.
    struct Other {
        std::string what;
        CodePlace place;
        std::optional<WorkItem> who;
    };
    std::optional<Other> other;

    /// Several lines, as users read them.
    std::string text() const;
};

/// All reports of a device. Thread-safe.
class ReportLog {
public:
    /// True if nothing of that kind was reported at that place (of races: that pair of places) yet; it is taken then.
    bool claim(const std::string& kind, uint64_t first, uint64_t second);
    void add(SanitizerReport report);
    void clear();
    size_t size() const;
    std::vector<SanitizerReport> all() const;
    std::string json() const;
    /// Reports are also written as they are made: "1" to standard error, else to the end of the file of that name.
    void writeTo(std::string sink);

private:
    mutable std::mutex mutex_;
    std::set<std::tuple<std::string, uint64_t, uint64_t>> claimed_;
    std::vector<SanitizerReport> reports_;
    std::string sink_;
};

}  // namespace soma::vgpu
