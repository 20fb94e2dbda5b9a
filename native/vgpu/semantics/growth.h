// Whether lanes access consecutive memory: most do, and then one check stands for all.
#pragma once

#include "vector.h"

namespace soma::vgpu::SOMA_HOST_ISA {

/// Whether words grow by `step` from lane to lane of a part of a wave.
inline bool growsBy(const uint32_t* row, uint32_t step) {
#if defined(__AVX512F__)
    const __m512i lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i first = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(row[0])),
                                           _mm512_mullo_epi32(lanes, _mm512_set1_epi32(static_cast<int>(step))));
    const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(static_cast<int>(step * (kPart / 2))));
    return (_mm512_cmpneq_epi32_mask(_mm512_loadu_si512(row), first) |
            _mm512_cmpneq_epi32_mask(_mm512_loadu_si512(row + kPart / 2), second)) == 0;
#else
    uint32_t strayed = 0;
    SOMA_LANES
    for (unsigned lane = 0; lane < kPart; ++lane) {
        strayed |= row[lane] ^ (row[0] + lane * step);
    }
    return strayed == 0;
#endif
}

}  // namespace soma::vgpu::SOMA_HOST_ISA
