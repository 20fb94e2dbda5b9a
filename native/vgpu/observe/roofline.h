// An estimate of how long a launch would take at best on the board that a target stands for, from its peaks alone
// (Williams, Waterman and Patterson, "Roofline", CACM 2009). Nothing is timed: caches, latency and occupancy are left out.
#pragma once

#include "../target.h"

namespace llvm::json {
class OStream;
}

namespace soma::vgpu {

/// Peak floating-point operations of one compute unit in a cycle (f32 multiply-additions; f16 on the matrix cores, dense)
/// and memory bandwidth in GB/s.
struct Peaks {
    double flopsPerCycle;
    double matrixFlopsPerCycle;
    double gigabytesPerSecond;
};
Peaks peaksOf(const Target& target);

/// An attribute "rooflineEstimate": `bytes` are those of the lines that a launch touched, each read once.
void writeRoofline(llvm::json::OStream& json, const Target& target, uint64_t flops, uint64_t matrixFlops,
                   uint64_t bytes);

}  // namespace soma::vgpu
