// What `npm run fuzz:vgpu` mutates: a little of everything that a code object has.

__attribute__((visibility("default"))) global uint table[4] = {2, 3, 5, 7};
__attribute__((visibility("default"))) global uint *pointer = table;

__attribute__((noinline)) static uint helper(uint x) { return x * 3 + 1; }

kernel void copy(global uint *out, global const uint *in, uint n) {
    uint i = __builtin_amdgcn_workitem_id_x();
    if (i < n) {
        out[i & 1023] = helper(in[i & 1023]) + pointer[i & 3];
    }
}

__attribute__((reqd_work_group_size(64, 1, 1))) kernel void reverse(global float *p) {
    local float shared[64];
    uint i = __builtin_amdgcn_workitem_id_x();
    shared[i] = p[i];
    __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
    __builtin_amdgcn_s_barrier();
    __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
    float sum = 0;
    for (uint k = 0; k < 8; k++) {
        sum = __builtin_fmaf(shared[(i + k) & 63], 0.5f, sum);
    }
    p[i] = sum;
}

kernel void atomics(global int *p, global long *q) {
    volatile int stack[16];
    int i = __builtin_amdgcn_workitem_id_x();
    stack[i & 15] = i;
    __atomic_fetch_add((global int *)p, stack[(i + 1) & 15], __ATOMIC_RELAXED);
    q[i & 63] = (long)i * 0x123456789L;
}
