// Kernels whose counts follow from arithmetic: vgpu-profile.test.ts. Workgroups of 64.
typedef _Float16 halves __attribute__((ext_vector_type(16)));

__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void copy(__global const float* in, __global float* out, uint stride) {
    uint i = __builtin_amdgcn_workgroup_id_x() * 64 + __builtin_amdgcn_workitem_id_x();
    out[i] = in[i * stride] * 2.0f;
}

__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void shared_stride(__global float* out, uint stride) {
    __local float tile[64 * 33];
    uint i = __builtin_amdgcn_workitem_id_x();
    tile[i * stride % (64 * 33)] = (float)i;
    __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup");
    __builtin_amdgcn_s_barrier();
    out[i] = tile[(i ^ 1) * stride % (64 * 33)];
}

__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void odd_lanes(__global uint* out) {
    uint i = __builtin_amdgcn_workitem_id_x();
    if (i & 1) {
        __builtin_amdgcn_s_sleep(1);
        out[i] = i;
    }
}

#if __gfx1100__
__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void product(__global const halves* a, __global float8* out) {
    uint i = __builtin_amdgcn_workitem_id_x();
    out[i] = __builtin_amdgcn_wmma_f32_16x16x16_f16_w32(a[i], a[i + 64], out[i]);
}
#endif
