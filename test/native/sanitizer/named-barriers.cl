// Named barriers of gfx12, of which some of a workgroup's four waves are members: reports.ts has what the sanitizer says.
#define ITEM __builtin_amdgcn_workitem_id_x()
#define LANE (ITEM % 32)
#define WAVE __builtin_amdgcn_readfirstlane(ITEM / 32)
#define KERNEL __kernel __attribute__((reqd_work_group_size(128, 1, 1))) void
#define MEET_ALL() (__builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup"), __builtin_amdgcn_s_barrier())
#define SIGNAL(number) __asm volatile("s_wait_dscnt 0\n s_barrier_signal " #number ::: "memory")
#define WAIT(number) __asm volatile("s_barrier_wait " #number ::: "memory")
#define MEET(number) (__extension__({ SIGNAL(number); WAIT(number); }))
// M0 has the number and, from bit 16 on, how many waves it waits for.
#define INIT(members_and_number) \
    if (WAVE == 0) __asm volatile("s_mov_b32 m0, " #members_and_number "\n s_barrier_init m0" ::: "m0"); \
    MEET_ALL()
#define JOIN(number) __asm volatile("s_barrier_join " #number)

KERNEL ordered(__global uint* x, __global uint* y) {
    __local volatile uint word;
    uint result = 0;
    INIT(0x20003);
    if (WAVE == 1 || WAVE == 3) {
        JOIN(3);
        if (WAVE == 3) word = 77;
        MEET(3);
        if (WAVE == 1) result = word;
    }
    y[ITEM] = result;
}
KERNEL many_rounds(__global uint* x, __global uint* y) {
    __local volatile uint word;
    uint result = 0;
    INIT(0x20003);
    if (WAVE == 1 || WAVE == 3) {
        JOIN(3);
        for (uint i = 0; i < 5000; i++) {
            if (WAVE == 3) word = i;
            MEET(3);
            if (WAVE == 1) result += word;
            MEET(3);
        }
    }
    MEET_ALL();
    y[ITEM] = word + result;
}
KERNEL not_a_member(__global uint* x, __global uint* y) {
    __local volatile uint word;
    uint result = 0;
    INIT(0x20003);
    if (WAVE == 1 || WAVE == 3) {
        JOIN(3);
        if (WAVE == 3) word = 77;
        MEET(3);
        if (WAVE == 1) result = word;
    }
    if (WAVE == 2) result = word;
    y[ITEM] = result;
}
KERNEL signals_too_early(__global uint* x, __global uint* y) {
    __local volatile uint word;
    uint result = 0;
    INIT(0x20003);
    if (WAVE == 1 || WAVE == 3) {
        JOIN(3);
        if (WAVE == 3) word = 77;
        MEET(3);
        if (WAVE == 1) result = word;
        SIGNAL(3);
        if (WAVE == 3) word = 78;
        WAIT(3);
    }
    y[ITEM] = result;
}
KERNEL not_all_lanes(__global uint* x, __global uint* y) {
    INIT(0x20003);
    if (WAVE == 1 || WAVE == 3) {
        JOIN(3);
        if (WAVE == 1) {
            if (LANE < 8) MEET(3);
        } else {
            MEET(3);
        }
    }
    y[ITEM] = 1;
}
