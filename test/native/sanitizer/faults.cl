// One planted fault in each kernel: reports.ts has the report that each must give. A workgroup has two waves of LANES
// work-items; buffer x has a word written by the host for each of these ITEMS, y as many that nobody wrote. Launched with one
// workgroup, where GROUP is used with two.
#define ITEMS (2 * LANES)
#define GROUP __builtin_amdgcn_workgroup_id_x()
#define ITEM __builtin_amdgcn_workitem_id_x()
#define KERNEL __kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
#define BARRIER() (__builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup"), __builtin_amdgcn_s_barrier())

KERNEL read_past_end(__global uint* x, __global uint* y) {
    y[ITEM] = x[ITEM + 8];
}
KERNEL read_before_start(__global uint* x, __global uint* y) {
    y[ITEM] = x[(int)ITEM - 1];
}
KERNEL write_past_end(__global uint* x, __global uint* y) {
    y[GROUP * ITEMS + ITEM] = 1;
}
KERNEL atomic_past_end(__global uint* x, __global uint* y) {
    __opencl_atomic_fetch_add((volatile __global atomic_uint*)x + ITEMS, 1, __ATOMIC_RELAXED, memory_scope_device);
}
KERNEL wide_read_past_tail(__global uint4* x, __global uint4* y) {
    __global uint4* last = (__global uint4*)((__global uint*)x + ITEMS - 2);
    y[0] = *last;
}
KERNEL byte_past_end(__global uchar* x, __global uint* y) {
    y[ITEM] = x[4 * ITEMS + ITEM];
}
KERNEL null_pointer(__global uint* x, __global uint* y) {
    ((__global uint*)0)[ITEM] = 1;
}
KERNEL uniform_read_past_end(__constant uint* x, __global uint* y) {
    y[ITEM] = x[ITEMS + 16];
}
KERNEL use_freed(__global uint* x, __global uint* y) {
    y[ITEM] = x[ITEM];
}
KERNEL write_freed(__global uint* x, __global uint* y) {
    x[ITEM] = 1;
}
KERNEL lds_past_end(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    tile[ITEM + x[0] + ITEMS] = 1;
    BARRIER();
    y[ITEM] = tile[ITEM];
}
KERNEL private_past_end(__global uint* x, __global uint* y) {
    volatile uint mine[4];
    mine[0] = mine[1] = mine[2] = mine[3] = 1;
    y[ITEM] = mine[x[0] + 100000];
}
KERNEL branch_on_unwritten(__global uint* x, __global uint* y) {
    if (y[ITEM] > 3) x[ITEM] = 7;
}
KERNEL uniform_branch_on_unwritten(__global uint* x, __constant uint* y) {
    if (y[3] > 3) x[ITEM] = 7;
}
KERNEL index_from_unwritten(__global uint* x, __global uint* y) {
    x[y[ITEM] & 15] = 7;
}
KERNEL result_from_unwritten(__global float* x, __global float* y) {
    x[ITEM] = y[ITEM] * 2.0f + 1.0f;
}
KERNEL result_from_half_written(__global ushort* x, __global uint* y) {
    ((__global ushort*)y)[2 * ITEM] = 5;
    x[ITEM] = y[ITEM] * 3 >> 16;
}
KERNEL atomic_on_unwritten(__global uint* x, __global uint* y) {
    __opencl_atomic_fetch_add((volatile __global atomic_uint*)y, 1, __ATOMIC_RELAXED, memory_scope_device);
}
KERNEL lds_unwritten(__global uint* x, __global uint* y) {
    __local uint tile[2 * ITEMS];
    tile[ITEM] = ITEM;
    BARRIER();
    x[ITEM] = tile[2 * ITEM] + 1;
}
KERNEL private_unwritten(__global uint* x, __global uint* y) {
    volatile uint mine[8];
    mine[ITEM & 3] = 1;
    x[ITEM] = mine[4 + (x[0] & 3)] + 1;
}
KERNEL lds_race_read(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    tile[ITEM] = x[ITEM];
    y[ITEM] = tile[ITEMS - 1 - ITEM];
}
KERNEL lds_race_write(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    tile[ITEM % LANES] = ITEM;
    BARRIER();
    y[ITEM] = tile[ITEM % LANES];
}
KERNEL lds_race_loop(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    tile[ITEM] = x[ITEM];
    for (uint s = 1; s < ITEMS; s <<= 1) {
        BARRIER();
        tile[ITEM] += tile[ITEM + s < ITEMS ? ITEM + s : ITEM];
    }
    y[ITEM] = tile[ITEM];
}
KERNEL lanes_write_one_place(__global uint* x, __global uint* y) {
    __local volatile uint one;
    one = ITEM;
    BARRIER();
    y[ITEM] = one;
}
KERNEL lanes_write_one_word(__global uint* x, __global uint* y) {
    x[0] = ITEM;
}
KERNEL groups_write_one_place(__global uint* x, __global uint* y) {
    if (ITEM == 0) x[5] = GROUP;
}
KERNEL group_reads_what_another_writes(__global uint* x, __global uint* y) {
    x[GROUP * LANES + (ITEM % LANES)] = x[((GROUP + 1) & 1) * LANES + (ITEM % LANES)];
}
KERNEL plain_read_of_atomic(__global uint* x, __global uint* y) {
    if (GROUP == 0) __opencl_atomic_fetch_add((volatile __global atomic_uint*)x, 1, __ATOMIC_RELAXED, memory_scope_device);
    else y[ITEM] = x[ITEM & 1];
}
KERNEL barrier_in_if(__global uint* x, __global uint* y) {
    if (ITEM < x[0] + 16) {
        y[ITEM] = 1;
        BARRIER();
        y[ITEM] += 1;
    }
}
KERNEL barriers_of_two_branches(__global uint* x, __global uint* y) {
    if (ITEM < LANES) {
        BARRIER();
        y[ITEM] = 1;
    } else {
        BARRIER();
        y[ITEM] = 2;
    }
}
KERNEL wave_leaves_before_barrier(__global uint* x, __global uint* y) {
    if (ITEM >= LANES) return;
    BARRIER();
    y[ITEM] = 1;
}
KERNEL misaligned_load(__global uchar* x, __global uint* y) {
    y[ITEM] = *(__global uint*)(x + 2 + 4 * (ITEM & 7));
}
KERNEL misaligned_store(__global uint* x, __global uchar* y) {
    *(__global ushort*)(y + 1 + 2 * (ITEM & 7)) = 3;
}
KERNEL misaligned_lds(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS + 8];
    tile[ITEM] = ITEM;
    if (ITEM < 8) tile[ITEMS + ITEM] = 0;
    BARRIER();
    if (ITEM < LANES) y[ITEM] = *(__local uint*)((__local uchar*)tile + 4 * ITEM + x[1] + 1);
}
