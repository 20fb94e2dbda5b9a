// Loads from memory straight to LDS, of CDNA: two waves of 64 work-items; x and y as in faults.cl. reports.ts has what the
// sanitizer says of each kernel.
#define ITEMS 128
#define ITEM __builtin_amdgcn_workitem_id_x()
#define WAVE __builtin_amdgcn_readfirstlane(ITEM / 64)
#define KERNEL __kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void
#define BARRIER() (__builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup"), __builtin_amdgcn_s_barrier())
#define SIZED(from, to, bytes) \
    __builtin_amdgcn_global_load_lds((__global void*)(from), (__local void*)(to), bytes, 0, 0)
/// A word for each lane, one behind the other from `to` on.
#define LOAD(from, to) SIZED(from, to, 4)
/// Compilers wait for what they see read or written, and LLVM 22 too briefly for what is read before such a load
/// (llvm-project#179305).
#define READ(word, from) __asm volatile("ds_read_b32 %0, %1\n s_waitcnt lgkmcnt(0)" : "=v"(word) : "v"(from) : "memory")
#define WRITE(to, word) __asm volatile("ds_write_b32 %0, %1" ::"v"(to), "v"(word) : "memory")
#define WAIT(counters) __asm volatile("s_waitcnt " counters ::: "memory")

KERNEL ordered(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    for (uint i = 0; i < 3; i++) {
        LOAD(x + ITEM, tile + 64 * WAVE);
        BARRIER();
        if (tile[ITEMS - 1 - ITEM] == 5) y[ITEM] = 3;
        BARRIER();
    }
}
KERNEL waits_for_the_right_one(__global uint* x, __global uint* y) {
    __local uint tile[2 * ITEMS];
    uint word;
    LOAD(x + ITEM, tile + 64 * WAVE);
    LOAD(x + ITEM, tile + ITEMS + 64 * WAVE);
    WAIT("vmcnt(1)");
    READ(word, tile + ITEM);
    y[ITEM] = word;
}
KERNEL bytes_are_extended(__global uchar* x, __global uint* y) {
    __local uint tile[ITEMS];
    SIZED(x + ITEM, tile + 64 * WAVE, 1);
    BARRIER();
    if (tile[ITEM] > 5) y[ITEM] = 3;
}
KERNEL buffers_end_in_zeros(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    __amdgpu_buffer_rsrc_t front = __builtin_amdgcn_make_buffer_rsrc(x, 0, 4 * 32, 0x27000);
    __builtin_amdgcn_raw_ptr_buffer_load_lds(front, (__local void*)(tile + 64 * WAVE), 4, 4 * ITEM, 0, 0, 0);
    BARRIER();
    if (tile[ITEM] > 5) y[ITEM] = 3;
}
KERNEL same_values(__global uint* x, __global uint* y) {
    __local uint tile[64];
    LOAD(x + ITEM % 64, tile);
    BARRIER();
    y[ITEM] = tile[ITEM / 2];
}
KERNEL no_barrier(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    LOAD(x + ITEM, tile + 64 * WAVE);
    y[ITEM] = tile[ITEMS - 1 - ITEM];
}
KERNEL loaded_while_others_read(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    uint word;
    tile[ITEM] = 1;
    BARRIER();
    READ(word, tile + ITEMS - 1 - ITEM);
    y[ITEM] = word;
    LOAD(x + ITEM, tile + 64 * WAVE);
}
KERNEL past_the_end_of_lds(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    LOAD(x + ITEM, tile + 64 * WAVE + 64 + x[0]);
    BARRIER();
    y[ITEM] = tile[ITEM];
}
KERNEL past_the_end_of_memory(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    LOAD(x + ITEM + 8, tile + 64 * WAVE);
    BARRIER();
    y[ITEM] = tile[ITEM];
}
KERNEL unwritten(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    LOAD(y + ITEM, tile + 64 * WAVE);
    BARRIER();
    if (tile[ITEM] > 5) x[ITEM] = 3;
}
KERNEL no_wait(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    uint word;
    LOAD(x + ITEM, tile + 64 * WAVE);
    READ(word, tile + ITEM);
    y[ITEM] = word;
}
KERNEL wait_for_too_few(__global uint* x, __global uint* y) {
    __local uint tile[2 * ITEMS];
    uint word;
    LOAD(x + ITEM, tile + 64 * WAVE);
    LOAD(x + ITEM, tile + ITEMS + 64 * WAVE);
    WAIT("vmcnt(1)");
    READ(word, tile + ITEMS + ITEM);
    y[ITEM] = word;
}
KERNEL wrong_counter(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    uint word;
    LOAD(x + ITEM, tile + 64 * WAVE);
    WAIT("lgkmcnt(0)");
    READ(word, tile + ITEM);
    y[ITEM] = word;
}
KERNEL overwritten_before_it_came(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    LOAD(x + ITEM, tile + 64 * WAVE);
    WRITE(tile + ITEM, 7);
}
KERNEL wait_behind_the_barrier(__global uint* x, __global uint* y) {
    __local uint tile[ITEMS];
    uint word;
    LOAD(x + ITEM, tile + 64 * WAVE);
    __builtin_amdgcn_s_barrier();
    WAIT("vmcnt(0)");
    READ(word, tile + ITEMS - 1 - ITEM);
    y[ITEM] = word;
}
KERNEL first_waits_behind_the_barrier(__global uint* x, __global uint* y) {
    __local uint tile[64];
    uint word = 0;
    if (WAVE == 0) LOAD(x + ITEM, tile);
    __builtin_amdgcn_s_barrier();
    WAIT("vmcnt(0)");
    if (WAVE == 1) READ(word, tile + ITEM - 64);
    y[ITEM] = word;
}
KERNEL second_waits_behind_the_barrier(__global uint* x, __global uint* y) {
    __local uint tile[64];
    uint word = 0;
    if (WAVE == 1) LOAD(x + ITEM, tile);
    __builtin_amdgcn_s_barrier();
    WAIT("vmcnt(0)");
    if (WAVE == 0) READ(word, tile + ITEM);
    y[ITEM] = word;
}
