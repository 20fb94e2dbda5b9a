// Kernels that the virtual GPU's tests compile with clang at -O0 and -O3; kernels_test.cpp checks their results.
// No library is linked: everything is the compiler's own builtins.

#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable

#define LOCAL_ID() __builtin_amdgcn_workitem_id_x()
#define GROUP_ID() __builtin_amdgcn_workgroup_id_x()
#define GLOBAL_ID() (GROUP_ID() * __builtin_amdgcn_workgroup_size_x() + LOCAL_ID())
#define BARRIER()                                                                                                      \
    do {                                                                                                               \
        __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");                                                         \
        __builtin_amdgcn_s_barrier();                                                                                  \
        __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");                                                         \
    } while (0)

typedef half half2 __attribute__((ext_vector_type(2)));
typedef short short2 __attribute__((ext_vector_type(2)));
typedef float float4 __attribute__((ext_vector_type(4)));
typedef uint uint2 __attribute__((ext_vector_type(2)));
typedef uint uint4 __attribute__((ext_vector_type(4)));

kernel void vector_add(global const float* a, global const float* b, global float* c, uint n) {
    uint i = GLOBAL_ID();
    if (i < n) {
        c[i] = a[i] + b[i];
    }
}

kernel void reduce(global const uint* in, global uint* out) {
    local uint partial[256];
    uint i = LOCAL_ID();
    partial[i] = in[GLOBAL_ID()];
    BARRIER();
    for (uint step = 128; step > 0; step /= 2) {
        if (i < step) {
            partial[i] += partial[i + step];
        }
        BARRIER();
    }
    if (i == 0) {
        out[GROUP_ID()] = partial[0];
    }
}

// The steps of the Collatz sequence: every lane loops differently often, with a branch inside and an early way out.
kernel void divergent(global uint* data) {
    uint i = GLOBAL_ID();
    uint value = i + 1;
    uint steps = 0;
    while (value != 1) {
        if (value % 2 == 0) {
            value /= 2;
        } else if (value > 100000) {
            steps |= 0x80000000;
            break;
        } else {
            for (uint k = 0; k < 3; ++k) {
                if (k == 1) {
                    continue;
                }
                value += k == 0 ? 2 * value : 1;
            }
        }
        ++steps;
    }
    data[i] = steps;
}

kernel void halves(global const half* a, global const half* b, global half* out) {
    uint i = GLOBAL_ID();
    half x = a[i];
    half y = b[i];
    out[4 * i] = x + y;
    out[4 * i + 1] = x * y;
    out[4 * i + 2] = __builtin_fmaf16(x, y, x);
    out[4 * i + 3] = x < y ? x : y;
}

kernel void packed_halves(global const half2* a, global const half2* b, global half2* out) {
    uint i = GLOBAL_ID();
    out[2 * i] = a[i] + b[i];
    out[2 * i + 1] = a[i] * b[i].yx;
}

kernel void packed_shorts(global const short2* a, global const short2* b, global short2* out) {
    uint i = GLOBAL_ID();
    out[2 * i] = a[i] * b[i];
    out[2 * i + 1] = (a[i] - b[i]) >> (short2)(3, 5);
}

kernel void doubles(global const double* a, global const double* b, global double* out) {
    uint i = GLOBAL_ID();
    out[5 * i] = a[i] + b[i];
    out[5 * i + 1] = a[i] * b[i];
    out[5 * i + 2] = __builtin_fma(a[i], b[i], a[i]);
    out[5 * i + 3] = a[i] / b[i];
    out[5 * i + 4] = __builtin_sqrt(__builtin_fabs(a[i]));
}

kernel void longs(global const long* a, global const long* b, global long* out) {
    uint i = GLOBAL_ID();
    out[8 * i] = a[i] * b[i];
    out[8 * i + 1] = a[i] / b[i];
    out[8 * i + 2] = a[i] % b[i];
    out[8 * i + 3] = (ulong)a[i] / (ulong)b[i];
    out[8 * i + 4] = a[i] >> (b[i] & 63);
    out[8 * i + 5] = (ulong)a[i] >> (b[i] & 63);
    out[8 * i + 6] = a[i] << (b[i] & 63);
    out[8 * i + 7] = a[i] < b[i] ? a[i] - b[i] : a[i] + b[i];
}

kernel void quotients(global const float* a, global const float* b, global float* out, global const int* c,
                      global const int* d, global int* integers) {
    uint i = GLOBAL_ID();
    out[2 * i] = a[i] / b[i];
    out[2 * i + 1] = __builtin_sqrtf(__builtin_fabsf(a[i]));
    integers[4 * i] = c[i] / d[i];
    integers[4 * i + 1] = c[i] % d[i];
    integers[4 * i + 2] = (uint)c[i] / (uint)d[i];
    integers[4 * i + 3] = (uint)c[i] % (uint)d[i];
}

// Values lie within the types that they are converted to.
kernel void conversions(global const double* a, global long* out, global double* back) {
    uint i = GLOBAL_ID();
    out[6 * i] = (long)a[i];
    out[6 * i + 1] = (int)(a[i] * 0x1p-32);
    out[6 * i + 2] = (long)(float)a[i];
    out[6 * i + 3] = (ulong)__builtin_fabs(a[i]);
    out[6 * i + 4] = (short)(int)(a[i] * 0x1p-40);
    out[6 * i + 5] = (uchar)((uint)__builtin_fabs(a[i] * 0x1p-40));
    back[4 * i] = (double)out[6 * i];
    back[4 * i + 1] = (float)out[6 * i];
    back[4 * i + 2] = (double)(ulong)out[6 * i + 3];
    back[4 * i + 3] = (float)(half)(float)(a[i] * 0x1p-48);
}

kernel void atomics(global atomic_uint* counters, global atomic_ulong* wide, global atomic_float* sum,
                    global uint* order, global uint* histogram) {
    local atomic_uint bins[16];
    uint i = LOCAL_ID();
    if (i < 16) {
        __opencl_atomic_store(&bins[i], 0, __ATOMIC_RELAXED, __OPENCL_MEMORY_SCOPE_WORK_GROUP);
    }
    BARRIER();
    __opencl_atomic_fetch_add(&bins[(i * 7) & 15], 1, __ATOMIC_RELAXED, __OPENCL_MEMORY_SCOPE_WORK_GROUP);
    uint ticket = __opencl_atomic_fetch_add(&counters[0], 1, __ATOMIC_RELAXED, __OPENCL_MEMORY_SCOPE_DEVICE);
    order[GLOBAL_ID()] = ticket;
    __opencl_atomic_fetch_max(&counters[1], GLOBAL_ID(), __ATOMIC_RELAXED, __OPENCL_MEMORY_SCOPE_DEVICE);
    __opencl_atomic_fetch_min(&counters[2], GLOBAL_ID(), __ATOMIC_RELAXED, __OPENCL_MEMORY_SCOPE_DEVICE);
    __opencl_atomic_fetch_or(&counters[3], 1u << (i & 31), __ATOMIC_RELAXED, __OPENCL_MEMORY_SCOPE_DEVICE);
    __opencl_atomic_fetch_add(wide, 0x100000001ul, __ATOMIC_RELAXED, __OPENCL_MEMORY_SCOPE_DEVICE);
    __opencl_atomic_fetch_add(sum, 0.5f, __ATOMIC_RELAXED, __OPENCL_MEMORY_SCOPE_DEVICE);
    uint seen = __opencl_atomic_load(&counters[4], __ATOMIC_RELAXED, __OPENCL_MEMORY_SCOPE_DEVICE);
    while (!__opencl_atomic_compare_exchange_strong(&counters[4], &seen, seen + 3, __ATOMIC_RELAXED, __ATOMIC_RELAXED,
                                                    __OPENCL_MEMORY_SCOPE_DEVICE)) {
    }
    BARRIER();
    if (i < 16) {
        uint count = __opencl_atomic_load(&bins[i], __ATOMIC_RELAXED, __OPENCL_MEMORY_SCOPE_WORK_GROUP);
        histogram[GROUP_ID() * 16 + i] = count;
    }
}

__attribute__((noinline)) uint triangular(uint n) {
    uint sum = 0;
    for (uint k = 1; k <= n; ++k) {
        sum += k;
    }
    return sum;
}

__attribute__((noinline)) uint tetrahedral(uint n) {
    uint sum = 0;
    for (uint k = 1; k <= n; ++k) {
        sum += triangular(k);
    }
    return sum;
}

__attribute__((noinline)) float polynomial(float x, global const float* coefficients, int count) {
    float sum = 0;
    for (int k = count - 1; k >= 0; --k) {
        sum = sum * x + coefficients[k];
    }
    return sum;
}

kernel void calls(global float* out, global const float* coefficients, global uint* numbers) {
    uint i = GLOBAL_ID();
    out[i] = polynomial((float)i * 0.25f, coefficients, 5);
    numbers[i] = tetrahedral(i % 10);
}

constant uint primes[16] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53};

// A private array that is indexed by what memory says, and a table in constant memory.
kernel void private_array(global const uint* picks, global uint* out) {
    uint i = GLOBAL_ID();
    uint values[32];
    for (uint k = 0; k < 32; ++k) {
        values[k] = i * k;
    }
    values[picks[i] & 31] += primes[picks[i] & 15];
    uint sum = 0;
    for (uint k = 0; k < 32; ++k) {
        sum = sum * 3 + values[(k * picks[i]) & 31];
    }
    out[i] = sum;
}

kernel void small_types(global const char* a, global const ushort* b, global short* c, global uchar* d) {
    uint i = GLOBAL_ID();
    c[i] = (short)(a[i] * 3 - b[i]);
    d[i] = (uchar)(b[i] >> 4) ^ (uchar)a[i];
}

kernel void vectors(global const float4* a, local float4* exchange, global float4* out) {
    uint i = LOCAL_ID();
    exchange[i] = a[GLOBAL_ID()];
    BARRIER();
    out[GLOBAL_ID()] = exchange[(i + 1) & 63] * 2.0f + exchange[i].wzyx;
}

// Stores of consecutive work-items, `skip` words from the allocation's start; one of them reads what others stored.
kernel void streams(global uint* out, uint skip, uint n) {
    uint i = GLOBAL_ID();
    ((global uint4*)(out + skip))[i] = (uint4)(i, i + 1, i + 2, i + 3);
    ((global uint2*)(out + skip + 4 * n))[i] = (uint2)(i, ~i);
    out[skip + 6 * n + i] = 3 * i;
    out[skip + 7 * n + i] = out[skip + 4 * i] + out[skip + 6 * n + i];
}

// The first workgroup stores, round after round, and says so; the second looks as soon as it knows.
kernel void handshake(global uint* data, global atomic_uint* said, global uint* wrong, uint rounds) {
    uint i = LOCAL_ID();
    for (uint round = 1; round <= rounds; ++round) {
        global uint* part = data + round * 256;
        if (GROUP_ID() == 0) {
            part[i] = round + i;
            BARRIER();
            if (i == 0) {
                __opencl_atomic_store(said, round, __ATOMIC_RELEASE, __OPENCL_MEMORY_SCOPE_DEVICE);
            }
        } else {
            while (__opencl_atomic_load(said, __ATOMIC_ACQUIRE, __OPENCL_MEMORY_SCOPE_DEVICE) < round) {
            }
            wrong[i] += part[i] != round + i;
        }
    }
}

// gfx12 has no global wave sync.
#ifndef __GFX12__
void meet(uint groups) {
    __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "agent");
    __builtin_amdgcn_s_barrier();
    if (LOCAL_ID() == 0) {
        __builtin_amdgcn_ds_gws_barrier(groups - 1, 0);
    }
    __builtin_amdgcn_s_barrier();
    __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "agent");
}

// Numbers go round: each workgroup takes its neighbour's and adds one.
kernel void grid_meets(global volatile uint* numbers, uint groups, uint rounds) {
    for (uint i = 0; i < rounds; ++i) {
        uint next = numbers[(GROUP_ID() + 1) % __builtin_amdgcn_readfirstlane(groups)];
        meet(groups);
        if (LOCAL_ID() == 0) {
            numbers[GROUP_ID()] = next + 1;
        }
        meet(groups);
    }
}

// Each workgroup reads what its neighbour wrote; `met` says whether they meet between.
kernel void grid_passes(global uint* numbers, global uint* out, uint groups, uint met) {
    uint group = GROUP_ID();
    numbers[group * 128 + LOCAL_ID()] = group + 1;
    if (met) {
        meet(groups);
    }
    out[group * 128 + LOCAL_ID()] = numbers[(group + 1) % __builtin_amdgcn_readfirstlane(groups) * 128 + LOCAL_ID()];
}

// The first workgroup waits for what the second gives: three of a semaphore, two of them at once.
kernel void grid_semaphore(global volatile uint* data) {
    if (LOCAL_ID() != 0) {
        return;
    }
    if (GROUP_ID() == 1) {
        data[0] = 77;
        __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "agent");
        __builtin_amdgcn_ds_gws_sema_v(5);
        __builtin_amdgcn_ds_gws_sema_br(2, 5);
    } else {
        __builtin_amdgcn_ds_gws_sema_p(5);
        __builtin_amdgcn_ds_gws_sema_p(5);
        __builtin_amdgcn_ds_gws_sema_p(5);
        __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "agent");
        data[1] = data[0];
    }
}
#endif

kernel void lanes(global const uint* in, global uint* out) {
    uint i = LOCAL_ID();
    uint lane = __builtin_amdgcn_mbcnt_hi(~0u, __builtin_amdgcn_mbcnt_lo(~0u, 0));
    uint value = in[i];
    out[8 * i] = lane;
    out[8 * i + 1] = __builtin_amdgcn_ds_bpermute(((lane + 5) & 31) * 4, value);
    out[8 * i + 2] = __builtin_amdgcn_readfirstlane(value);
    out[8 * i + 3] = __builtin_amdgcn_readlane(value, 7);
#if __has_builtin(__builtin_amdgcn_permlanex16) && !defined(__GFX9__)
    out[8 * i + 4] = __builtin_amdgcn_permlanex16(value, value, 0x76543210, 0xfedcba98, true, false);
#else
    out[8 * i + 4] = __builtin_amdgcn_ds_swizzle(value, 0x401f);
#endif
    out[8 * i + 5] = __builtin_amdgcn_ds_swizzle(value, 0x041f);
    out[8 * i + 6] = __builtin_amdgcn_update_dpp(1000, value, 0x111, 0xf, 0xf, false);
    out[8 * i + 7] = __builtin_amdgcn_mov_dpp(value, 0x1b, 0xf, 0xf, true);
}

kernel void grid(global uint* out) {
    uint x = __builtin_amdgcn_workgroup_id_x() * __builtin_amdgcn_workgroup_size_x() + __builtin_amdgcn_workitem_id_x();
    uint y = __builtin_amdgcn_workgroup_id_y() * __builtin_amdgcn_workgroup_size_y() + __builtin_amdgcn_workitem_id_y();
    uint z = __builtin_amdgcn_workgroup_id_z() * __builtin_amdgcn_workgroup_size_z() + __builtin_amdgcn_workitem_id_z();
    out[(z * 12 + y) * 10 + x] = x | y << 8 | z << 16;
}

kernel void transcendentals(global const float* in, global float* out) {
    uint i = GLOBAL_ID();
    out[6 * i] = __builtin_amdgcn_rcpf(in[i]);
    out[6 * i + 1] = __builtin_amdgcn_rsqf(in[i]);
    out[6 * i + 2] = __builtin_amdgcn_exp2f(in[i]);
    out[6 * i + 3] = __builtin_amdgcn_logf(in[i]);
    out[6 * i + 4] = __builtin_amdgcn_sinf(in[i]);
    out[6 * i + 5] = __builtin_amdgcn_cosf(in[i]);
}

__attribute__((visibility("protected"))) global uint counter = 41;

kernel void global_variable(global uint* out) {
    if (LOCAL_ID() == 0) {
        counter += 1;
        out[0] = counter;
    }
}

kernel void endless(global uint* out) {
    volatile global uint* flag = out;
    while (flag[0] == 0) {
    }
}

kernel void beyond_lds(global uint* out, uint offset) {
    local uint cells[16];
    cells[LOCAL_ID() & 15] = LOCAL_ID();
    BARRIER();
    out[LOCAL_ID()] = *((local uint*)cells + offset);
}

kernel void trap(global uint* out) {
    if (out[LOCAL_ID()] == 7) {
        __builtin_trap();
    }
}
