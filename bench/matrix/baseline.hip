// The kernels of cases.ts as a careful programmer writes them in HIP C++ with the matrix builtins. Products: tiles of 128 by
// 128 and 32 (64 of bytes) through LDS, padded rows, the next tile loaded while this one is multiplied. Attention (T. Dao,
// "FlashAttention-2", 2023): 128 queries a workgroup in registers, blocks of keys and transposed values through LDS, weights
// from results to operands by LDS of the wave's own. Softmax and layer norm: a wave for each row, held in registers,
// reductions by shuffles. Extents are multiples of the tiles.

using u32 = unsigned int;
using half16 = _Float16 __attribute__((ext_vector_type(16)));
using half8 = _Float16 __attribute__((ext_vector_type(8)));
using half4 = _Float16 __attribute__((ext_vector_type(4)));
using short16 = short __attribute__((ext_vector_type(16)));
using short8 = short __attribute__((ext_vector_type(8)));
using short4 = short __attribute__((ext_vector_type(4)));
using int4v = int __attribute__((ext_vector_type(4)));
using int2v = int __attribute__((ext_vector_type(2)));
using float8 = float __attribute__((ext_vector_type(8)));
using float4v = float __attribute__((ext_vector_type(4)));
using int8v = int __attribute__((ext_vector_type(8)));
using word4 = u32 __attribute__((ext_vector_type(4)));

#define DEVICE static inline __attribute__((device, always_inline))

struct F16 {};
struct BF16 {};
struct I8 {};

#if defined(__GFX11__) || defined(__GFX12__)
constexpr u32 WAVE = 32;
#else
constexpr u32 WAVE = 64;
#endif
constexpr u32 WAVES = 256 / WAVE;

/// Fragments of one instruction of 16 by 16: `HELD` elements along k, from lane group times `STEP`.
template <class T> struct Matrix;

#if defined(__GFX11__)
template <> struct Matrix<F16> {
    using Element = _Float16; using Fragment = half16; using Sum = float8; using Out = _Float16;
    static constexpr u32 K = 16, HELD = 16, STEP = 0, SUMS = 8;
    DEVICE Sum run(Fragment a, Fragment b, Sum c) { return __builtin_amdgcn_wmma_f32_16x16x16_f16_w32(a, b, c); }
};
template <> struct Matrix<BF16> {
    using Element = short; using Fragment = short16; using Sum = float8; using Out = short;
    static constexpr u32 K = 16, HELD = 16, STEP = 0, SUMS = 8;
    DEVICE Sum run(Fragment a, Fragment b, Sum c) { return __builtin_amdgcn_wmma_f32_16x16x16_bf16_w32(a, b, c); }
};
template <> struct Matrix<I8> {
    using Element = char; using Fragment = int4v; using Sum = int8v; using Out = int;
    static constexpr u32 K = 16, HELD = 16, STEP = 0, SUMS = 8;
    DEVICE Sum run(Fragment a, Fragment b, Sum c) { return __builtin_amdgcn_wmma_i32_16x16x16_iu8_w32(1, a, 1, b, c, 0); }
};
DEVICE u32 rowOf(u32 lane, u32 at) { return 2 * at + lane / 16; }
#elif defined(__GFX12__)
template <> struct Matrix<F16> {
    using Element = _Float16; using Fragment = half8; using Sum = float8; using Out = _Float16;
    static constexpr u32 K = 16, HELD = 8, STEP = 8, SUMS = 8;
    DEVICE Sum run(Fragment a, Fragment b, Sum c) { return __builtin_amdgcn_wmma_f32_16x16x16_f16_w32_gfx12(a, b, c); }
};
template <> struct Matrix<BF16> {
    using Element = short; using Fragment = short8; using Sum = float8; using Out = short;
    static constexpr u32 K = 16, HELD = 8, STEP = 8, SUMS = 8;
    DEVICE Sum run(Fragment a, Fragment b, Sum c) { return __builtin_amdgcn_wmma_f32_16x16x16_bf16_w32_gfx12(a, b, c); }
};
template <> struct Matrix<I8> {
    using Element = char; using Fragment = int2v; using Sum = int8v; using Out = int;
    static constexpr u32 K = 16, HELD = 8, STEP = 8, SUMS = 8;
    DEVICE Sum run(Fragment a, Fragment b, Sum c) {
        return __builtin_amdgcn_wmma_i32_16x16x16_iu8_w32_gfx12(1, a, 1, b, c, 0);
    }
};
DEVICE u32 rowOf(u32 lane, u32 at) { return lane / 16 * 8 + at; }
#else
template <> struct Matrix<F16> {
    using Element = _Float16; using Fragment = half4; using Sum = float4v; using Out = _Float16;
    static constexpr u32 K = 16, HELD = 4, STEP = 4, SUMS = 4;
    DEVICE Sum run(Fragment a, Fragment b, Sum c) { return __builtin_amdgcn_mfma_f32_16x16x16f16(a, b, c, 0, 0, 0); }
};
template <> struct Matrix<BF16> {
    using Element = short; using Fragment = short4; using Sum = float4v; using Out = short;
    static constexpr u32 K = 16, HELD = 4, STEP = 4, SUMS = 4;
    DEVICE Sum run(Fragment a, Fragment b, Sum c) { return __builtin_amdgcn_mfma_f32_16x16x16bf16_1k(a, b, c, 0, 0, 0); }
};
#if defined(__gfx90a__)
template <> struct Matrix<I8> {
    using Element = char; using Fragment = int; using Sum = int4v; using Out = int;
    static constexpr u32 K = 16, HELD = 4, STEP = 4, SUMS = 4;
    DEVICE Sum run(Fragment a, Fragment b, Sum c) { return __builtin_amdgcn_mfma_i32_16x16x16i8(a, b, c, 0, 0, 0); }
};
#else
template <> struct Matrix<I8> {
    using Element = char; using Fragment = long; using Sum = int4v; using Out = int;
    static constexpr u32 K = 32, HELD = 8, STEP = 8, SUMS = 4;
    DEVICE Sum run(Fragment a, Fragment b, Sum c) { return __builtin_amdgcn_mfma_i32_16x16x32_i8(a, b, c, 0, 0, 0); }
};
#endif
DEVICE u32 rowOf(u32 lane, u32 at) { return lane / 16 * 4 + at; }
#endif

DEVICE _Float16 stored(F16, float value) { return (_Float16)value; }
DEVICE short stored(BF16, float value) {
    u32 bits = __builtin_bit_cast(u32, value);
    return (short)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
DEVICE int stored(I8, int value) { return value; }

template <class T>
DEVICE void multiply(const typename Matrix<T>::Element* a, const typename Matrix<T>::Element* b,
                     typename Matrix<T>::Out* c, u32 n, u32 k) {
    using M = Matrix<T>;
    using Element = typename M::Element;
    constexpr u32 DEPTH = 64 / sizeof(Element), VECTOR = 16 / sizeof(Element), PITCH = DEPTH + VECTOR;
    constexpr u32 ROWS = 128 / (WAVES / 2), COLUMNS = 64;
    constexpr u32 LOADS = 128 * DEPTH / VECTOR / 256;
    static __attribute__((shared, aligned(16))) Element left[128 * PITCH];
    static __attribute__((shared, aligned(16))) Element right[128 * PITCH];
    u32 item = __builtin_amdgcn_workitem_id_x(), lane = item % WAVE, wave = item / WAVE;
    u32 row = __builtin_amdgcn_workgroup_id_y() * 128, column = __builtin_amdgcn_workgroup_id_x() * 128;
    u32 waveRow = wave / 2 * ROWS, waveColumn = wave % 2 * COLUMNS;
    typename M::Sum sums[ROWS / 16][COLUMNS / 16] = {};
    word4 ofA[LOADS], ofB[LOADS];
    auto fetch = [&](u32 p) {
#pragma unroll
        for (u32 at = 0; at < LOADS; ++at) {
            u32 place = at * 256 + item;
            ofA[at] = *(const word4*)(a + (row + place / (DEPTH / VECTOR)) * k + p + place % (DEPTH / VECTOR) * VECTOR);
            ofB[at] = *(const word4*)(b + (p + place / (128 / VECTOR)) * n + column + place % (128 / VECTOR) * VECTOR);
        }
    };
    fetch(0);
    for (u32 p = 0; p < k; p += DEPTH) {
        __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
        __builtin_amdgcn_s_barrier();
#pragma unroll
        for (u32 at = 0; at < LOADS; ++at) {
            u32 place = at * 256 + item;
            *(word4*)(left + place / (DEPTH / VECTOR) * PITCH + place % (DEPTH / VECTOR) * VECTOR) = ofA[at];
            const Element* elements = (const Element*)&ofB[at];
#pragma unroll
            for (u32 e = 0; e < VECTOR; ++e) {
                right[(place % (128 / VECTOR) * VECTOR + e) * PITCH + place / (128 / VECTOR)] = elements[e];
            }
        }
        if (p + DEPTH < k) fetch(p + DEPTH);
        __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
        __builtin_amdgcn_s_barrier();
        __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
#pragma unroll
        for (u32 step = 0; step < DEPTH; step += M::K) {
            typename M::Fragment fragments[COLUMNS / 16];
            u32 along = step + lane / 16 * M::STEP;
#pragma unroll
            for (u32 j = 0; j < COLUMNS / 16; ++j) {
                __builtin_memcpy(&fragments[j], right + (waveColumn + j * 16 + lane % 16) * PITCH + along, M::HELD * sizeof(Element));
            }
#pragma unroll
            for (u32 i = 0; i < ROWS / 16; ++i) {
                typename M::Fragment of;
                __builtin_memcpy(&of, left + (waveRow + i * 16 + lane % 16) * PITCH + along, M::HELD * sizeof(Element));
#pragma unroll
                for (u32 j = 0; j < COLUMNS / 16; ++j) sums[i][j] = M::run(of, fragments[j], sums[i][j]);
            }
        }
    }
#pragma unroll
    for (u32 i = 0; i < ROWS / 16; ++i) {
#pragma unroll
        for (u32 j = 0; j < COLUMNS / 16; ++j) {
#pragma unroll
            for (u32 at = 0; at < M::SUMS; ++at) {
                u32 to = (row + waveRow + i * 16 + rowOf(lane, at)) * n + column + waveColumn + j * 16 + lane % 16;
                c[to] = stored(T{}, sums[i][j][at]);
            }
        }
    }
}

#define MATMUL(name, T)                                                                                                \
    extern "C" __attribute__((global, amdgpu_flat_work_group_size(256, 256))) void name(                               \
        const Matrix<T>::Element* a, const Matrix<T>::Element* b, Matrix<T>::Out* c, u32 m, u32 n, u32 k) {            \
        multiply<T>(a, b, c, n, k);                                                                                    \
    }

MATMUL(matmul_f16, F16)
MATMUL(matmul_bf16, BF16)
MATMUL(matmul_i8, I8)

DEVICE float shuffled(float value, u32 mask) {
    u32 lane = __builtin_amdgcn_mbcnt_hi(~0u, __builtin_amdgcn_mbcnt_lo(~0u, 0));
    int word = __builtin_amdgcn_ds_bpermute((int)((lane ^ mask) * 4), __builtin_bit_cast(int, value));
    return __builtin_bit_cast(float, word);
}

/// Over `COUNT` neighbouring lanes.
template <u32 COUNT> DEVICE float largestOf(float value) {
#pragma unroll
    for (u32 mask = 1; mask < COUNT; mask *= 2) value = __builtin_fmaxf(value, shuffled(value, mask));
    return value;
}

template <u32 COUNT> DEVICE float sumOf(float value) {
#pragma unroll
    for (u32 mask = 1; mask < COUNT; mask *= 2) value += shuffled(value, mask);
    return value;
}

constexpr float LOG2_E = 1.44269504f;
DEVICE float power2(float x) { return __builtin_amdgcn_exp2f(x); }

template <u32 D, u32 BLOCK>
DEVICE void attend(const _Float16* q, const _Float16* k, const _Float16* v, _Float16* o, u32 s, float scale) {
    using M = Matrix<F16>;
    constexpr u32 ROWS = 128 / WAVES, PARTS = ROWS / 16, STEPS = D / M::K, VECTOR = 8;
    constexpr u32 KEY_PITCH = D + VECTOR, VALUE_PITCH = BLOCK + VECTOR;
    static __attribute__((shared, aligned(16))) _Float16 keys[BLOCK * KEY_PITCH];
    static __attribute__((shared, aligned(16))) _Float16 values[D * VALUE_PITCH];
    static __attribute__((shared, aligned(16))) _Float16 weights[128 * VALUE_PITCH];
    u32 item = __builtin_amdgcn_workitem_id_x(), lane = item % WAVE, wave = item / WAVE;
    u32 head = __builtin_amdgcn_workgroup_id_y() * s * D;
    u32 row = __builtin_amdgcn_workgroup_id_x() * 128 + wave * ROWS;
    q += head, k += head, v += head, o += head;
    typename M::Fragment queries[PARTS][STEPS];
    typename M::Sum sums[PARTS][D / 16] = {};
    float top[PARTS][M::SUMS], total[PARTS][M::SUMS] = {};
    float scaled = scale * LOG2_E;
#pragma unroll
    for (u32 part = 0; part < PARTS; ++part) {
#pragma unroll
        for (u32 at = 0; at < M::SUMS; ++at) top[part][at] = -__builtin_inff();
#pragma unroll
        for (u32 step = 0; step < STEPS; ++step) {
            const _Float16* from = q + (row + part * 16 + lane % 16) * D + step * M::K + lane / 16 * M::STEP;
            __builtin_memcpy(&queries[part][step], from, M::HELD * sizeof(_Float16));
        }
    }
    _Float16* own = weights + wave * ROWS * VALUE_PITCH;
    for (u32 first = 0; first < s; first += BLOCK) {
        __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
        __builtin_amdgcn_s_barrier();
#pragma unroll
        for (u32 at = 0; at < BLOCK * D / VECTOR / 256; ++at) {
            u32 place = at * 256 + item, key = place / (D / VECTOR), along = place % (D / VECTOR) * VECTOR;
            *(word4*)(keys + key * KEY_PITCH + along) = *(const word4*)(k + (first + key) * D + along);
            word4 value = *(const word4*)(v + (first + key) * D + along);
            const _Float16* elements = (const _Float16*)&value;
#pragma unroll
            for (u32 e = 0; e < VECTOR; ++e) values[(along + e) * VALUE_PITCH + key] = elements[e];
        }
        __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
        __builtin_amdgcn_s_barrier();
        __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
        typename M::Sum scores[PARTS][BLOCK / 16] = {};
#pragma unroll
        for (u32 step = 0; step < STEPS; ++step) {
#pragma unroll
            for (u32 j = 0; j < BLOCK / 16; ++j) {
                typename M::Fragment of;
                const _Float16* from = keys + (j * 16 + lane % 16) * KEY_PITCH + step * M::K + lane / 16 * M::STEP;
                __builtin_memcpy(&of, from, M::HELD * sizeof(_Float16));
#pragma unroll
                for (u32 part = 0; part < PARTS; ++part) scores[part][j] = M::run(queries[part][step], of, scores[part][j]);
            }
        }
#pragma unroll
        for (u32 part = 0; part < PARTS; ++part) {
#pragma unroll
            for (u32 at = 0; at < M::SUMS; ++at) {
                float most = scores[part][0][at];
#pragma unroll
                for (u32 j = 1; j < BLOCK / 16; ++j) most = __builtin_fmaxf(most, scores[part][j][at]);
                most = __builtin_fmaxf(top[part][at], largestOf<16>(most) * scaled);
                float fade = power2(top[part][at] - most), sum = 0;
#pragma unroll
                for (u32 j = 0; j < BLOCK / 16; ++j) {
                    float weight = power2(scores[part][j][at] * scaled - most);
                    sum += weight;
                    own[(part * 16 + rowOf(lane, at)) * VALUE_PITCH + j * 16 + lane % 16] = (_Float16)weight;
                }
                total[part][at] = total[part][at] * fade + sum;
                top[part][at] = most;
#pragma unroll
                for (u32 d = 0; d < D / 16; ++d) sums[part][d][at] *= fade;
            }
        }
        __builtin_amdgcn_fence(__ATOMIC_ACQ_REL, "wavefront");
        __builtin_amdgcn_wave_barrier();
#pragma unroll
        for (u32 step = 0; step < BLOCK; step += M::K) {
            typename M::Fragment of[PARTS];
            u32 along = step + lane / 16 * M::STEP;
#pragma unroll
            for (u32 part = 0; part < PARTS; ++part) {
                __builtin_memcpy(&of[part], own + (part * 16 + lane % 16) * VALUE_PITCH + along, M::HELD * sizeof(_Float16));
            }
#pragma unroll
            for (u32 d = 0; d < D / 16; ++d) {
                typename M::Fragment value;
                __builtin_memcpy(&value, values + (d * 16 + lane % 16) * VALUE_PITCH + along, M::HELD * sizeof(_Float16));
#pragma unroll
                for (u32 part = 0; part < PARTS; ++part) sums[part][d] = M::run(of[part], value, sums[part][d]);
            }
        }
    }
#pragma unroll
    for (u32 part = 0; part < PARTS; ++part) {
#pragma unroll
        for (u32 at = 0; at < M::SUMS; ++at) {
            float scale = 1 / sumOf<16>(total[part][at]);
#pragma unroll
            for (u32 d = 0; d < D / 16; ++d) {
                o[(row + part * 16 + rowOf(lane, at)) * D + d * 16 + lane % 16] = (_Float16)(sums[part][d][at] * scale);
            }
        }
    }
}

#define ATTENTION(name, D, BLOCK)                                                                                      \
    extern "C" __attribute__((global, amdgpu_flat_work_group_size(256, 256))) void name(                               \
        const _Float16* q, const _Float16* k, const _Float16* v, _Float16* o, u32 s, float scale) {                    \
        attend<D, BLOCK>(q, k, v, o, s, scale);                                                                        \
    }

ATTENTION(attention_64, 64, 64)
ATTENTION(attention_128, 128, 32)

constexpr u32 COLUMNS = 1024, HELD = COLUMNS / WAVE / 4;

/// A wave's row: four neighbours of every 4·WAVE.
DEVICE u32 placeIn(u32 row, u32 at) { return row * COLUMNS + (at * WAVE + __builtin_amdgcn_workitem_id_x() % WAVE) * 4; }
DEVICE u32 rowOfWave() { return __builtin_amdgcn_workgroup_id_x() * WAVES + __builtin_amdgcn_workitem_id_x() / WAVE; }

extern "C" __attribute__((global, amdgpu_flat_work_group_size(256, 256))) void softmax(const float* x, float* y, u32 m) {
    u32 row = rowOfWave();
    if (row >= m) return;
    float4v held[HELD];
    float most = -__builtin_inff(), sum = 0;
#pragma unroll
    for (u32 at = 0; at < HELD; ++at) {
        held[at] = *(const float4v*)(x + placeIn(row, at));
#pragma unroll
        for (u32 e = 0; e < 4; ++e) most = __builtin_fmaxf(most, held[at][e]);
    }
    most = largestOf<WAVE>(most) * LOG2_E;
#pragma unroll
    for (u32 at = 0; at < HELD; ++at) {
#pragma unroll
        for (u32 e = 0; e < 4; ++e) sum += held[at][e] = power2(held[at][e] * LOG2_E - most);
    }
    float scale = 1 / sumOf<WAVE>(sum);
#pragma unroll
    for (u32 at = 0; at < HELD; ++at) *(float4v*)(y + placeIn(row, at)) = held[at] * scale;
}

extern "C" __attribute__((global, amdgpu_flat_work_group_size(256, 256))) void layer_norm(
    const float* x, const float* gain, const float* bias, float* y, u32 m) {
    u32 row = rowOfWave();
    if (row >= m) return;
    float4v held[HELD];
    float sum = 0, square = 0;
#pragma unroll
    for (u32 at = 0; at < HELD; ++at) {
        held[at] = *(const float4v*)(x + placeIn(row, at));
#pragma unroll
        for (u32 e = 0; e < 4; ++e) sum += held[at][e];
    }
    float mean = sumOf<WAVE>(sum) / COLUMNS;
#pragma unroll
    for (u32 at = 0; at < HELD; ++at) {
        held[at] -= mean;
#pragma unroll
        for (u32 e = 0; e < 4; ++e) square += held[at][e] * held[at][e];
    }
    float scale = 1 / __builtin_sqrtf(sumOf<WAVE>(square) / COLUMNS + 1e-5f);
#pragma unroll
    for (u32 at = 0; at < HELD; ++at) {
        float4v weight = *(const float4v*)(gain + placeIn(0, at)), shift = *(const float4v*)(bias + placeIn(0, at));
        *(float4v*)(y + placeIn(row, at)) = held[at] * scale * weight + shift;
    }
}
