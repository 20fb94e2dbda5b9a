// Floating-point operations by mnemonic. Counted as AMD's ROCm Compute Profiler counts them ("VALU FLOPs"): additions,
// multiplications and transcendental functions 1, fused multiply-additions 2, packed ones for each element; dot products
// and matrix instructions 2 for each product. Comparisons, conversions, minima and moves are none.
#pragma once

#include "../decode/assembly.h"

#include <cstdint>
#include <string_view>

namespace soma::vgpu {

/// Of one active lane.
uint8_t laneFlops(std::string_view mnemonic);
/// Of a whole wave. A sparse product counts what is multiplied, not the zeros that it leaves out. Integer ones are 0.
uint32_t matrixFlops(std::string_view mnemonic, const Assembly& assembly);

}  // namespace soma::vgpu
