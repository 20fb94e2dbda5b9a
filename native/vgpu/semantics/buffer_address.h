// Addresses of buffer instructions: base, stride, range and swizzle of a descriptor (V#).
// Source: CDNA3 ISA, "Memory Buffer Instructions: Addressing"; RDNA2 and RDNA3 ISA, "Buffer Addressing" with its range
// checks (OOB_SELECT) and swizzles; RDNA4 ISA, the same, where the scalar offset counts into the range.
#pragma once

#include "../execute/wave.h"
#include "access.h"

namespace soma::vgpu {

struct BufferDescriptor {
    uint64_t base = 0;
    uint64_t stride = 0;
    uint64_t records = 0;
    /// Bytes of an element of the swizzle; 0: elements lie one behind the other.
    uint64_t elementSize = 0;
    uint64_t indexStride = 8;
    bool addLane = false;
    /// From gfx10 on: 0 index and offset within the stride, 1 the index, 2 nothing, 3 bytes. gfx9: 4.
    unsigned range = 4;
    bool scratch = false;

    static constexpr unsigned kByGfx9 = 4;
};

inline BufferDescriptor bufferDescriptor(const Wave& wave, unsigned reg, uint32_t flags) {
    const uint32_t* words = &wave.sgpr[reg];
    BufferDescriptor buffer;
    buffer.base = wave.read64(reg) & 0xffffffffffff;
    buffer.stride = words[1] >> 16 & 0x3fff;
    buffer.records = words[2];
    buffer.indexStride = uint64_t(8) << (words[3] >> 21 & 3);
    buffer.addLane = (words[3] >> 23 & 1) != 0;
    const unsigned swizzle = words[1] >> 30;
    if ((flags & access::kGfx9Descriptor) != 0) {
        buffer.elementSize = (swizzle & 2) != 0 ? 4 : 0;
        // The field of the data format is the stride's upper part then.
        buffer.stride |= buffer.addLane ? uint64_t(words[3] >> 15 & 15) << 14 : 0;
    } else {
        constexpr uint64_t kElements[] = {0, 4, 8, 16};
        buffer.elementSize = (flags & access::kGfx11Descriptor) != 0 ? kElements[swizzle] : (swizzle & 2) != 0 ? 4 : 0;
        buffer.range = words[3] >> 28 & 3;
    }
    buffer.scratch = buffer.base == (Device::kPrivateBase & 0xffffffffffff) && words[2] == 0xffffffff;
    return buffer;
}

/// What a lane's index, offset and the instruction's scalar offset lead to. Null-like `inside` false: reads give 0, and
/// writes vanish.
struct BufferPlace {
    uint64_t address = 0;
    bool inside = false;
};

inline BufferPlace bufferPlace(const BufferDescriptor& buffer, uint64_t index, uint64_t offset, uint64_t scalar,
                               unsigned lane, unsigned bytes) {
    index += buffer.addLane ? lane : 0;
    const bool swizzled = buffer.elementSize != 0 && buffer.stride != 0;
    bool inside = false;
    switch (buffer.range) {
    case 0:
        inside = index < buffer.records && offset + bytes <= buffer.stride;
        break;
    case 1:
        inside = index < buffer.records;
        break;
    case 2:
        inside = buffer.records != 0;
        break;
    case 3:
        inside = swizzled ? index < buffer.records && offset + bytes <= buffer.stride
                          : offset + index * buffer.stride + bytes <= buffer.records;
        break;
    default:
        inside = swizzled ? index < buffer.records : offset + index * buffer.stride + bytes <= buffer.records;
        break;
    }
    uint64_t within = offset + index * buffer.stride;
    if (swizzled) {
        within = (index / buffer.indexStride * buffer.stride + offset / buffer.elementSize * buffer.elementSize) *
                     buffer.indexStride +
                 index % buffer.indexStride * buffer.elementSize + offset % buffer.elementSize;
    }
    return {buffer.base + scalar + within, inside};
}

}  // namespace soma::vgpu
