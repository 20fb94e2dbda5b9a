// What a memory instruction's entry in the semantics table says of its operands.
#pragma once

#include <cstdint>

namespace soma::vgpu::access {

constexpr uint32_t kLoad = 1;
constexpr uint32_t kStore = 2;
constexpr uint32_t kAtomic = 4;
/// Two data operands (compare-and-store in LDS, two-address stores).
constexpr uint32_t kData2 = 8;
/// Two offsets.
constexpr uint32_t kTwo = 16;

/// Of a bound buffer instruction.
constexpr uint32_t kOffsetEnable = 1;
constexpr uint32_t kIndexEnable = 2;
/// How its descriptor is laid out.
constexpr uint32_t kGfx9Descriptor = 4;
constexpr uint32_t kGfx11Descriptor = 8;

}  // namespace soma::vgpu::access
