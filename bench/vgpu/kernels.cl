// Kernels of `npm run bench:vgpu`, compiled by clang as OpenCL C for each target. Workgroups have 256 work-items; loops run
// `n` times and leave a result, so that nothing is left out.

#pragma OPENCL EXTENSION cl_khr_fp16 : enable

typedef float float8v __attribute__((ext_vector_type(8)));
typedef float float16v __attribute__((ext_vector_type(16)));
typedef half half4v __attribute__((ext_vector_type(4)));
typedef half half16v __attribute__((ext_vector_type(16)));
typedef half half2v __attribute__((ext_vector_type(2)));

static uint local_index(void) { return __builtin_amdgcn_workitem_id_x(); }
static uint group_index(void) { return __builtin_amdgcn_workgroup_id_x(); }
static uint global_index(void) { return group_index() * 256 + local_index(); }

static void meet(void) {
    __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
    __builtin_amdgcn_s_barrier();
    __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}

#define SIZE __attribute__((reqd_work_group_size(256, 1, 1)))

SIZE kernel void empty(global uint *out) {
    if (global_index() == 0) {
        out[0] = 1;
    }
}

SIZE kernel void integer(global uint *out, uint n) {
    uint a = global_index(), b = a * 3, c = a ^ 5, d = a + 7;
    for (uint i = 0; i < n; i++) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
            a = a * b + i;
            b = (b ^ c) + 0x9e3779b9u;
            c = (c << 5) - d;
            d = d + (a & c);
        }
    }
    out[global_index()] = a ^ b ^ c ^ d;
}

SIZE kernel void fma_f32(global float *out, uint n, float x, float y) {
    float a[8];
    for (int j = 0; j < 8; j++) {
        a[j] = (float)(local_index() + j);
    }
    for (uint i = 0; i < n; i++) {
#pragma unroll
        for (int k = 0; k < 4; k++) {
#pragma unroll
            for (int j = 0; j < 8; j++) {
                a[j] = __builtin_fmaf(a[j], x, y);
            }
        }
    }
    float sum = 0;
    for (int j = 0; j < 8; j++) {
        sum += a[j];
    }
    out[global_index()] = sum;
}

SIZE kernel void packed_f16(global half2v *out, uint n, float x, float y) {
    half2v a[8], b = (half2v)((half)x), c = (half2v)((half)y);
    for (int j = 0; j < 8; j++) {
        a[j] = (half2v)((half)(local_index() & 15), (half)j);
    }
    for (uint i = 0; i < n; i++) {
#pragma unroll
        for (int k = 0; k < 4; k++) {
#pragma unroll
            for (int j = 0; j < 8; j++) {
                a[j] = __builtin_elementwise_fma(a[j], b, c);
            }
        }
    }
    half2v sum = 0;
    for (int j = 0; j < 8; j++) {
        sum += a[j];
    }
    out[global_index()] = sum;
}

SIZE kernel void lds(global uint *out, uint n) {
    local volatile uint buffer[1024];
    uint me = local_index(), a = me;
    for (uint i = 0; i < n; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
            buffer[me + j * 256] = a;
        }
#pragma unroll
        for (int j = 0; j < 4; j++) {
            a += buffer[me + j * 256];
        }
    }
    out[global_index()] = a;
}

SIZE kernel void coalesced(global uint *out, global const volatile uint *in, uint n, uint mask) {
    uint a = 0, at = global_index();
    for (uint i = 0; i < n; i++) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
            a += in[(at + j * 256) & mask];
        }
        at += 2048;
    }
    out[global_index()] = a;
}

SIZE kernel void scattered(global uint *out, global const volatile uint *in, uint n, uint mask) {
    uint a = 0, at = global_index() * 2654435761u;
    for (uint i = 0; i < n; i++) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
            at = at * 1664525u + 1013904223u;
            a += in[(at >> 8) & mask];
        }
    }
    out[global_index()] = a;
}

/// A work-item copies eight times four words; `n` counts workgroups' parts of 2048 of these.
SIZE kernel void copy(global uint4 *restrict out, global const uint4 *restrict in, uint n) {
    for (uint part = group_index(); part < n; part += 64) {
        global const uint4 *from = in + part * 2048;
        global uint4 *to = out + part * 2048;
        uint4 words[8];
#pragma unroll
        for (int j = 0; j < 8; j++) {
            words[j] = (from + j * 256)[local_index()];
        }
#pragma unroll
        for (int j = 0; j < 8; j++) {
            (to + j * 256)[local_index()] = words[j];
        }
    }
}

/// c = a·b for n × n matrices of f32: workgroups of 16 × 16, each work-item 4 × 4 results, tiles of 64 × 16 in LDS.
SIZE kernel void matmul_f32(global float *c, global const float *a, global const float *b, uint n) {
    local float ta[16][64];
    local float tb[16][64];
    uint me = local_index(), tx = me & 15, ty = me >> 4;
    uint row0 = __builtin_amdgcn_workgroup_id_y() * 64, col0 = group_index() * 64;
    float acc[4][4];
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            acc[i][j] = 0;
        }
    }
    for (uint k0 = 0; k0 < n; k0 += 16) {
#pragma unroll
        for (int s = 0; s < 4; s++) {
            uint e = me + s * 256;
            ta[e & 15][e >> 4] = a[(row0 + (e >> 4)) * n + k0 + (e & 15)];
            tb[e >> 6][e & 63] = b[(k0 + (e >> 6)) * n + col0 + (e & 63)];
        }
        meet();
#pragma unroll
        for (int k = 0; k < 16; k++) {
            float4 av = *(local float4 *)&ta[k][ty * 4];
            float4 bv = *(local float4 *)&tb[k][tx * 4];
#pragma unroll
            for (int i = 0; i < 4; i++) {
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    acc[i][j] = __builtin_fmaf(av[i], bv[j], acc[i][j]);
                }
            }
        }
        meet();
    }
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            c[(row0 + ty * 4 + i) * n + col0 + tx * 4 + j] = acc[i][j];
        }
    }
}

#if defined(__gfx1100__)
SIZE kernel void wmma(global float8v *out, global const half16v *in, uint n) {
    half16v a = in[local_index() & 15], b = in[16 + (local_index() & 15)];
    float8v acc[4] = {0, 0, 0, 0};
    for (uint i = 0; i < n; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
            acc[j] = __builtin_amdgcn_wmma_f32_16x16x16_f16_w32(a, b, acc[j]);
        }
    }
    out[global_index()] = acc[0] + acc[1] + acc[2] + acc[3];
}

/// c = a·bᵀ for n × n matrices of f16 accumulated in f32: each wave 32 × 64 results, from global memory through WMMA.
SIZE kernel void matmul_f16(global float *c, global const half *a, global const half *b, uint n) {
    uint wave = local_index() >> 5, lane = local_index() & 31, low = lane & 15, high = lane >> 4;
    uint row0 = __builtin_amdgcn_workgroup_id_y() * 128 + (wave & 3) * 32;
    uint col0 = group_index() * 128 + (wave >> 2) * 64;
    float8v acc[2][4] = {{0, 0, 0, 0}, {0, 0, 0, 0}};
    for (uint k = 0; k < n; k += 16) {
        half16v av[2], bv[4];
#pragma unroll
        for (int i = 0; i < 2; i++) {
            av[i] = *(global const half16v *)&a[(row0 + i * 16 + low) * n + k];
        }
#pragma unroll
        for (int j = 0; j < 4; j++) {
            bv[j] = *(global const half16v *)&b[(col0 + j * 16 + low) * n + k];
        }
#pragma unroll
        for (int i = 0; i < 2; i++) {
#pragma unroll
            for (int j = 0; j < 4; j++) {
                acc[i][j] = __builtin_amdgcn_wmma_f32_16x16x16_f16_w32(av[i], bv[j], acc[i][j]);
            }
        }
    }
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 4; j++) {
            for (int e = 0; e < 8; e++) {
                c[(row0 + i * 16 + 2 * e + high) * n + col0 + j * 16 + low] = acc[i][j][e];
            }
        }
    }
}
#endif

#if defined(__gfx90a__) || defined(__gfx942__)
SIZE kernel void mfma(global float16v *out, global const half4v *in, uint n) {
    half4v a = in[local_index() & 63], b = in[64 + (local_index() & 63)];
    float16v acc[2] = {0, 0};
    for (uint i = 0; i < n; i++) {
#pragma unroll
        for (int j = 0; j < 2; j++) {
            acc[j] = __builtin_amdgcn_mfma_f32_32x32x8f16(a, b, acc[j], 0, 0, 0);
        }
    }
    out[global_index()] = acc[0] + acc[1];
}
#endif
