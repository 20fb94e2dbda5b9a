// The registers that an instruction reads and writes, those that its text does not name included, as LLVM's instruction
// descriptions state them.
#pragma once

#include "assembly.h"

#include <cstdint>
#include <vector>

namespace soma::vgpu {

/// All registers in one index space: vector, accumulation, scalar, and the scalar condition.
namespace registers {
constexpr unsigned kVector = 0;
constexpr unsigned kAccumulation = 256;
constexpr unsigned kScalar = 512;
constexpr unsigned kScc = kScalar + sgpr::kCount;
constexpr unsigned kCount = kScc + 1;
}  // namespace registers

struct RegisterRange {
    uint16_t first = 0;
    uint16_t count = 1;

    bool vector() const { return first < registers::kScalar; }
};

struct RegisterUse {
    /// EXEC, MODE and M0 only where they are operands.
    std::vector<RegisterRange> reads;
    std::vector<RegisterRange> writes;
};

}  // namespace soma::vgpu
