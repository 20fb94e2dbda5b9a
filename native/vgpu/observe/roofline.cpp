#include "roofline.h"

#include <llvm/Support/JSON.h>

#include <algorithm>

namespace soma::vgpu {

namespace {

/// Operations of a compute unit in a cycle. Sources: AMD's data sheets of MI210, MI300X and MI355X and the product pages of
/// the Radeon boards: peak rate / (compute units × clock). RDNA3 and 4 issue two f32 operations at once.
struct Rates {
    IsaClass isa;
    double flops;
    double matrixFlops;
    /// Transfers in a cycle of the memory clock that the target table states.
    double transfers;
};
constexpr Rates kRates[] = {
    {IsaClass::Gfx90a, 128, 1024, 2}, {IsaClass::Gfx940, 256, 2048, 4}, {IsaClass::Gfx950, 256, 4096, 4},
    {IsaClass::Gfx10, 128, 0, 16},    {IsaClass::Gfx11, 256, 512, 16},  {IsaClass::Gfx12, 256, 1024, 16},
};
/// Integrated GPUs: DDR memory moves two words in a cycle, not GDDR6's sixteen.
constexpr unsigned kIntegratedMemoryMHz = 2000;

}  // namespace

Peaks peaksOf(const Target& target) {
    const auto* found =
        std::find_if(std::begin(kRates), std::end(kRates), [&](const Rates& rates) { return rates.isa == target.isa; });
    const Rates rates = found == std::end(kRates) ? Rates{target.isa, 128, 0, 2} : *found;
    const bool integrated = target.gfx10Plus() && target.memoryClockMHz > kIntegratedMemoryMHz;
    const double transfers = integrated ? 2 : rates.transfers;
    return {rates.flops, rates.matrixFlops, double(target.memoryClockMHz) * transfers * target.memoryBusBits / 8 / 1e3};
}

void writeRoofline(llvm::json::OStream& json, const Target& target, uint64_t flops, uint64_t matrixFlops,
                   uint64_t bytes) {
    const Peaks peaks = peaksOf(target);
    const double cycles = double(target.computeUnits) * target.clockMHz * 1e6;
    const double memory = double(bytes) / (peaks.gigabytesPerSecond * 1e9) * 1e6;
    const double vector = double(flops) / (peaks.flopsPerCycle * cycles) * 1e6;
    const double matrix =
        peaks.matrixFlopsPerCycle == 0 ? 0 : double(matrixFlops) / (peaks.matrixFlopsPerCycle * cycles) * 1e6;
    const double most = std::max({memory, vector, matrix});
    json.attributeObject("rooflineEstimate", [&] {
        json.attribute("note", "an estimate from peak rates; nothing was timed on hardware");
        json.attribute("memoryMicroseconds", memory);
        json.attribute("vectorMicroseconds", vector);
        json.attribute("matrixMicroseconds", matrix);
        json.attribute("bound", most == 0        ? "nothing"
                                : most == memory ? "memory"
                                : most == matrix ? "matrix"
                                                 : "vector");
        json.attribute("flopsPerByte", bytes == 0 ? 0 : double(flops + matrixFlops) / double(bytes));
        json.attribute("peakVectorTflops", peaks.flopsPerCycle * cycles / 1e12);
        json.attribute("peakMatrixTflops", peaks.matrixFlopsPerCycle * cycles / 1e12);
        json.attribute("peakGigabytesPerSecond", peaks.gigabytesPerSecond);
    });
}

}  // namespace soma::vgpu
