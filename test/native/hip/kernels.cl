// Kernels for the tests of the HIP boundary; a workgroup has 256 work-items.

static uint index(void) { return __builtin_amdgcn_workgroup_id_x() * 256 + __builtin_amdgcn_workitem_id_x(); }

/// Adds `step` to the first n elements.
kernel void add(global uint *p, uint n, uint step) {
    uint i = index();
    if (i < n) {
        p[i] += step;
    }
}

/// Counts to n in memory, one by one: takes as long as one likes, and leaves p[0] = n.
kernel void count(global volatile uint *p, uint n) {
    for (uint i = 1; i <= n; i++) {
        p[0] = i;
    }
}

/// Reads far outside whatever p points to.
kernel void stray(global uint *p) { p[0] = p[1ul << 40]; }

kernel void endless(global volatile uint *p) {
    while (p[0] == 0) {
    }
}

__attribute__((visibility("default"))) global uint table[4] = {2, 3, 5, 7};

kernel void look_up(global uint *p) { p[0] = table[0] + table[1] + table[2] + table[3]; }

/// Each work-item of the only workgroup gives its value to the one opposite, through LDS.
kernel void reverse(global uint *p) {
    local uint shared[256];
    uint i = __builtin_amdgcn_workitem_id_x();
    shared[i] = p[i];
    __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
    __builtin_amdgcn_s_barrier();
    __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
    p[i] = shared[255 - i];
}

__attribute__((reqd_work_group_size(64, 1, 1))) kernel void sixty_four(global uint *p) { p[0] = 64; }
