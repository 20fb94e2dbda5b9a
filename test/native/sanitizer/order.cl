// What orders workgroups, and what does not: sanitizer.test.ts has which lines race. Launched with three workgroups of one wave, of which one
// work-item does something; x are words that the host wrote, x[0] and x[8] the flags.
#define GROUP __builtin_amdgcn_workgroup_id_x()
#define KERNEL __kernel __attribute__((reqd_work_group_size(64, 1, 1))) void
#define ALONE if (__builtin_amdgcn_workitem_id_x() != 0) return
#define FLAG(at) ((volatile __global atomic_uint*)x + at)
#define LOAD(at, order) __opencl_atomic_load(FLAG(at), __ATOMIC_##order, memory_scope_device)
#define STORE(at, order) __opencl_atomic_store(FLAG(at), 1, __ATOMIC_##order, memory_scope_device)
#define ADD(at, order) __opencl_atomic_fetch_add(FLAG(at), 1, __ATOMIC_##order, memory_scope_device)
#define FENCE(order) __builtin_amdgcn_fence(__ATOMIC_##order, "agent")

KERNEL message(__global uint* x) {
    ALONE;
    if (GROUP == 0) {
        x[1] = 7;
        STORE(0, RELEASE);
    } else {
        while (LOAD(0, ACQUIRE) == 0);
        x[1 + GROUP] = x[1];
    }
}
KERNEL message_by_fences(__global uint* x) {
    ALONE;
    if (GROUP == 0) {
        x[1] = 7;
        FENCE(RELEASE);
        STORE(0, RELAXED);
    } else {
        while (LOAD(0, RELAXED) == 0);
        FENCE(ACQUIRE);
        x[1 + GROUP] = x[1];
    }
}
KERNEL message_passed_on(__global uint* x) {
    ALONE;
    if (GROUP == 0) {
        x[1] = 7;
        STORE(0, RELEASE);
    } else if (GROUP == 1) {
        while (LOAD(0, ACQUIRE) == 0);
        STORE(8, RELEASE);
    } else {
        while (LOAD(8, ACQUIRE) == 0);
        x[2] = x[1];
    }
}
KERNEL learnt_between_two_releases(__global uint* x) {
    ALONE;
    if (GROUP == 0) {
        x[1] = 7;
        STORE(8, RELEASE);
    } else if (GROUP == 1) {
        ADD(0, RELEASE);
        while (LOAD(8, ACQUIRE) == 0);
        ADD(0, RELEASE);
    } else {
        while (LOAD(0, ACQUIRE) < 2);
        x[2] = x[1];
    }
}
KERNEL last_one_adds(__global uint* x) {
    ALONE;
    x[1 + GROUP] = GROUP;
    if (ADD(0, ACQ_REL) == 2) x[4] = x[1] + x[2] + x[3];
}
KERNEL both_load(__global uint* x) {
    ALONE;
    if (GROUP == 0) {
        x[1] = 7;
        x[2] = LOAD(0, ACQUIRE);
    } else if (GROUP == 1) {
        x[3] = LOAD(0, ACQUIRE);
        x[4] = x[1];
    }
}
KERNEL passed_on_by_a_load(__global uint* x) {
    ALONE;
    if (GROUP == 0) {
        x[1] = 7;
        ADD(0, RELEASE);
    } else if (GROUP == 1) {
        while (LOAD(0, ACQUIRE) == 0);
        x[2] = LOAD(8, ACQUIRE);
    } else {
        x[3] = LOAD(8, ACQUIRE);
        x[4] = x[1];
    }
}
KERNEL both_store(__global uint* x) {
    ALONE;
    if (GROUP == 0) {
        x[1] = 7;
        STORE(0, RELEASE);
    } else if (GROUP == 1) {
        STORE(0, RELEASE);
        x[2] = x[1];
    }
}
