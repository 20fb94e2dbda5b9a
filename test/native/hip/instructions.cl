// Single instructions through clang's built-in functions; a workgroup has 64 work-items. Which kernels there are depends on
// the target.
#pragma OPENCL EXTENSION cl_khr_fp16 : enable

typedef uint uint2v __attribute__((ext_vector_type(2)));
typedef float float2v __attribute__((ext_vector_type(2)));
typedef short short4v __attribute__((ext_vector_type(4)));

static uint index(void) { return __builtin_amdgcn_workgroup_id_x() * 64 + __builtin_amdgcn_workitem_id_x(); }

/// Halves as bits in words: a·b + c, a + b, a·b, and a as single precision.
kernel void halves(global uint *out, global const uint *a, global const uint *b, global const uint *c) {
    uint i = index();
    half x = as_half((ushort)a[i]), y = as_half((ushort)b[i]), z = as_half((ushort)c[i]);
    out[4 * i] = as_ushort(__builtin_fmaf16(x, y, z));
    out[4 * i + 1] = as_ushort((half)(x + y));
    out[4 * i + 2] = as_ushort((half)(x * y));
    out[4 * i + 3] = as_uint((float)x);
}

#if defined(__gfx942__) || defined(__gfx950__) || defined(__gfx1201__)
/// Floats of 8 bits: both of the first two encodings of a value, and what byte 2 and the upper half decode to.
kernel void bytes(global uint *out, global const float *values, global const uint *codes) {
    uint i = index();
    float value = values[i];
    uint fp8 = __builtin_amdgcn_cvt_pk_fp8_f32(value, -value, 0xaaaaaaaa, true);
    uint bf8 = __builtin_amdgcn_cvt_pk_bf8_f32(value, -value, 0xaaaaaaaa, false);
    out[8 * i] = fp8;
    out[8 * i + 1] = bf8;
    out[8 * i + 2] = __builtin_amdgcn_cvt_sr_fp8_f32(value, 0, 0x55555555, 2);
    out[8 * i + 3] = __builtin_amdgcn_cvt_sr_bf8_f32(value, 0xffffffff, 0x55555555, 3);
    uint code = codes[i] << 16;
    out[8 * i + 4] = as_uint(__builtin_amdgcn_cvt_f32_fp8(code, 2));
    out[8 * i + 5] = as_uint(__builtin_amdgcn_cvt_f32_bf8(code, 2));
    out[8 * i + 6] = as_uint(__builtin_amdgcn_cvt_pk_f32_fp8(code, true)[0]);
    out[8 * i + 7] = as_uint(__builtin_amdgcn_cvt_pk_f32_bf8(code, true)[0]);
}
#endif

#if defined(__gfx950__)
kernel void bitwise(global uint *out, global const uint *a, global const uint *b, global const uint *c) {
    uint i = index();
    out[8 * i] = __builtin_amdgcn_bitop3_b32(a[i], b[i], c[i], 0xe8);
    out[8 * i + 1] = __builtin_amdgcn_bitop3_b32(a[i], b[i], c[i], 0xca);
    out[8 * i + 2] = __builtin_amdgcn_prng_b32(a[i]);
    out[8 * i + 3] = __builtin_amdgcn_ashr_pk_i8_i32(a[i], b[i], c[i]);
    uint2v rows = __builtin_amdgcn_permlane16_swap(a[i], b[i], false, false);
    uint2v halves = __builtin_amdgcn_permlane32_swap(a[i], b[i], false, false);
    out[8 * i + 4] = rows.x;
    out[8 * i + 5] = rows.y;
    out[8 * i + 6] = halves.x;
    out[8 * i + 7] = halves.y;
}

/// Four rows of 16 numbers for each 16 lanes, by columns.
kernel void transposed(global ushort *out) {
    local short4v rows[64];
    uint me = __builtin_amdgcn_workitem_id_x();
    rows[me] = (short4v)(4 * me, 4 * me + 1, 4 * me + 2, 4 * me + 3);
    __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
    __builtin_amdgcn_s_barrier();
    __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
    short4v column = __builtin_amdgcn_ds_read_tr16_b64_v4i16(&rows[me]);
    for (int i = 0; i < 4; i++) {
        out[4 * me + i] = column[i];
    }
}
#endif

#if defined(__gfx90a__) || defined(__gfx942__) || defined(__gfx950__)
/// Global memory to LDS without registers between.
kernel void direct(global uint *out, global const uint *in) {
    local uint words[128];
    uint me = __builtin_amdgcn_workitem_id_x();
    __builtin_amdgcn_global_load_lds(in + 63 - me, words, 4, 0, 0);
    __builtin_amdgcn_global_load_lds(in + me, words + 32, 4, 128, 0);
    __builtin_amdgcn_s_waitcnt(0);
    out[2 * me] = words[me];
    out[2 * me + 1] = words[me + 64];
}
#endif
