#include "profile.h"

#include "../loader/lines.h"
#include "addresses.h"
#include "banks.h"
#include "roofline.h"

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>

namespace soma::vgpu {

namespace {

/// Bytes that one request of a compute unit brings from memory: a line of the first-level cache.
uint64_t transactionBytes(const Target& target) { return target.isa == IsaClass::Gfx90a ? 64 : 128; }

struct Coalesced {
    uint64_t transactions = 0;
    uint64_t usefulBytes = 0;
};

/// The lines that the lanes' accesses lie in, and how many different bytes they want.
Coalesced coalesce(const LaneAddresses& addresses, uint64_t bytes, uint64_t line) {
    std::array<uint64_t, 64> sorted;
    unsigned count = 0;
    forEachLane(addresses.global, [&](unsigned lane) { sorted[count++] = addresses.at[lane]; });
    if (!std::is_sorted(sorted.begin(), sorted.begin() + count)) {
        std::sort(sorted.begin(), sorted.begin() + count);
    }
    Coalesced result;
    uint64_t end = 0;
    uint64_t nextLine = 0;
    for (unsigned i = 0; i < count; ++i) {
        const uint64_t last = sorted[i] + bytes;
        result.usefulBytes += last > end ? last - std::max(sorted[i], end) : 0;
        end = std::max(end, last);
        const uint64_t first = std::max(sorted[i] / line, nextLine);
        const uint64_t behind = (last - 1) / line + 1;
        result.transactions += behind > first ? behind - first : 0;
        nextLine = std::max(nextLine, behind);
    }
    return result;
}

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

void writeCounts(llvm::json::OStream& json, const OpCounts& counts, const Target& target) {
    const uint64_t fetched = counts.transactions * transactionBytes(target);
    json.attributeObject("global", [&] {
        json.attribute("transactions", counts.transactions);
        json.attribute("bytesPerTransaction", transactionBytes(target));
        json.attribute("usefulBytes", counts.usefulBytes);
        json.attribute("coalescing", ratio(double(counts.usefulBytes), double(fetched)));
    });
    json.attributeObject("lds", [&] {
        json.attribute("cycles", counts.ldsCycles);
        json.attribute("bankConflicts", counts.ldsConflicts);
    });
    json.attribute("divergentBranches", counts.divergent);
    json.attribute("flops", counts.flops);
    json.attribute("matrixFlops", counts.matrixFlops);
}

void writeClasses(llvm::json::OStream& json, std::span<const uint64_t> byClass) {
    json.attributeObject("instructions", [&] {
        for (size_t cls = 0; cls + 1 < kInstructionClasses; ++cls) {
            if (byClass[cls] != 0) {
                json.attribute(instructionClassName(static_cast<InstructionClass>(cls)), byClass[cls]);
            }
        }
    });
}

}  // namespace

OpCounts& OpCounts::operator+=(const OpCounts& other) {
    executed += other.executed;
    lanes += other.lanes;
    divergent += other.divergent;
    transactions += other.transactions;
    usefulBytes += other.usefulBytes;
    ldsCycles += other.ldsCycles;
    ldsConflicts += other.ldsConflicts;
    flops += other.flops;
    matrixFlops += other.matrixFlops;
    return *this;
}

void ThreadProfile::before(const Wave& wave, const MicroOp& op, const OpFacts& facts, size_t index) {
    OpCounts& counts = ops_[index];
    ++counts.executed;
    if (facts.vector || facts.touch != Touch::None) {
        const auto lanes = static_cast<unsigned>(std::popcount(wave.exec()));
        counts.lanes += lanes;
        counts.flops += uint64_t(lanes) * facts.laneFlops;
        counts.matrixFlops += facts.waveFlops;
    }
    if (facts.touch != Touch::None) {
        countMemory(wave, op, facts, counts);
    } else if (facts.scalarBytes != 0) {
        footprint_.touch(scalarAddressOf(wave, op, facts), facts.scalarBytes);
    }
}

void ThreadProfile::countMemory(const Wave& wave, const MicroOp& op, const OpFacts& facts, OpCounts& counts) {
    LaneAddresses addresses;
    for (unsigned which = 0; which < facts.accesses; ++which) {
        addressesOf(wave, op, facts, which, addresses);
        if (addresses.global != 0) {
            const Coalesced coalesced = coalesce(addresses, facts.bytes, transactionBytes(target_));
            counts.transactions += coalesced.transactions;
            counts.usefulBytes += coalesced.usefulBytes;
            forEachLane(addresses.global,
                        [&](unsigned lane) { footprint_.touch(addresses.at[lane], facts.bytes); });
        }
        if (addresses.lds != 0) {
            const BankCycles cycles = bankCycles(target_, addresses, wave.lanes, facts.bytes, facts.touch);
            counts.ldsCycles += cycles.cycles;
            counts.ldsConflicts += cycles.conflicts;
        }
    }
}

void ThreadProfile::after(const Wave& wave, const OpFacts& facts, size_t index, uint64_t exec) {
    if (facts.writesExec) {
        const uint64_t now = wave.exec();
        ops_[index].divergent += now != 0 && now != exec && (now & ~exec) == 0;
    }
}

void Profiler::clear() {
    std::lock_guard lock(mutex_);
    kernels_.clear();
}

void Profiler::add(const Dispatch& dispatch, const CodeImage& code, const CodeFacts& facts, const Counters& counters,
                   double milliseconds, std::span<const ThreadProfile* const> threads) {
    const auto ops = code.operations();
    std::vector<OpCounts> sums(ops.size());
    Footprint footprint;
    for (const ThreadProfile* thread : threads) {
        for (size_t i = 0; i < ops.size(); ++i) {
            sums[i] += thread->operations()[i];
        }
        footprint.merge(thread->footprint());
    }
    const auto& block = dispatch.block;
    std::lock_guard lock(mutex_);
    Kernel& kernel = kernels_[dispatch.kernel->name];
    ++kernel.launches;
    kernel.counters += counters;
    kernel.footprintLines = std::max(kernel.footprintLines, footprint.lines());
    kernel.milliseconds += milliseconds;
    kernel.waveSize = dispatch.kernel->waveSize;
    kernel.workItems = block[0] * block[1] * block[2];
    kernel.groupsPerUnit = device_.occupancy(*dispatch.kernel, kernel.workItems, dispatch.dynamicLds);
    const LineTable& table = dispatch.module->lines();
    for (size_t i = 0; i < ops.size(); ++i) {
        if (sums[i].executed == 0) {
            continue;
        }
        const SourcePlace place = table.find(code.addressOf(ops[i]) - dispatch.module->loadBias());
        Line& line = kernel.lines[{place.file, place.line}];
        line.counts += sums[i];
        line.byClass[static_cast<size_t>(ops[i].cls)] += sums[i].executed;
        kernel.counts += sums[i];
        kernel.branches += facts.of(ops[i]).conditionalBranch ? sums[i].executed : 0;
    }
}

OpCounts Profiler::total() const {
    std::lock_guard lock(mutex_);
    OpCounts sum;
    for (const auto& [name, kernel] : kernels_) {
        sum += kernel.counts;
    }
    return sum;
}

std::string Profiler::json() const {
    std::string text;
    llvm::raw_string_ostream stream(text);
    llvm::json::OStream json(stream);
    const Target& target = device_.target();
    std::lock_guard lock(mutex_);
    json.object([&] {
        json.attribute("target", llvm::StringRef(target.name.data(), target.name.size()));
        json.attributeArray("kernels", [&] {
            for (const auto& [name, kernel] : kernels_) {
                json.object([&] {
                    const Counters& counters = kernel.counters;
                    const unsigned waves =
                        kernel.waveSize == 0 ? 0 : (kernel.workItems + kernel.waveSize - 1) / kernel.waveSize;
                    json.attribute("name", name);
                    json.attribute("launches", kernel.launches);
                    json.attribute("workgroups", counters.workgroups);
                    json.attribute("waves", counters.waves);
                    json.attribute("waveSize", kernel.waveSize);
                    json.attribute("hostMilliseconds", kernel.milliseconds);
                    writeClasses(json, counters.byClass);
                    json.attribute("lanesOn", ratio(double(counters.activeLanes),
                                                    double(counters.vectorInstructions) * kernel.waveSize));
                    json.attribute("branches", kernel.branches);
                    writeCounts(json, kernel.counts, target);
                    json.attribute("footprintLines", kernel.footprintLines);
                    json.attribute("footprintBytes", kernel.footprintLines * Footprint::kLine);
                    json.attributeObject("occupancy", [&] {
                        json.attribute("workgroups", kernel.groupsPerUnit);
                        json.attribute("waves", kernel.groupsPerUnit * waves);
                        json.attribute("mostWaves", target.maxWavesPerComputeUnit);
                    });
                    writeRoofline(json, target, kernel.counts.flops, kernel.counts.matrixFlops,
                                  kernel.footprintLines * Footprint::kLine * kernel.launches);
                    json.attributeArray("lines", [&] {
                        for (const auto& [place, line] : kernel.lines) {
                            json.object([&] {
                                json.attribute("file", place.first);
                                json.attribute("line", place.second);
                                writeClasses(json, line.byClass);
                                json.attribute("executed", line.counts.executed);
                                json.attribute("lanes", line.counts.lanes);
                                writeCounts(json, line.counts, target);
                            });
                        }
                    });
                });
            }
        });
    });
    return text;
}

}  // namespace soma::vgpu
