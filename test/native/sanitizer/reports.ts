// The planted faults and the report that each gives: kernels of faults.cl, for waves of a size, and of assembly.ts. `at` is
// the source line or, in assembly, the instruction. Addresses and numbers of allocations are left out.

import type { ReportKind } from "../../../runtime/index.js";

export interface Expected {
    readonly kind: ReportKind;
    readonly what: string;
    readonly at: string;
    readonly item?: readonly number[];
    readonly allocation?: string;
    readonly other?: { readonly what: string; readonly at: string; readonly item?: readonly number[] };
}

/** Two waves of `lanes` work-items, and as many words in each buffer. */
export function fromClang(lanes: number): Readonly<Record<string, Expected>> {
    const items = 2 * lanes;
    const bytes = 4 * items;
    return {
        read_past_end: {
            kind: "out-of-bounds",
            what: "it reads 4 bytes at 0x…",
            at: "y[ITEM] = x[ITEM + 8];",
            item: [items - 8, 0, 0],
            allocation: `right past the end of the ${bytes}-byte allocation … at 0x…`,
        },
        read_before_start: {
            kind: "out-of-bounds",
            what: "it reads 4 bytes at 0x…",
            at: "y[ITEM] = x[(int)ITEM - 1];",
            item: [0, 0, 0],
            allocation: `4 bytes before the start of the ${bytes}-byte allocation … at 0x…`,
        },
        write_past_end: {
            kind: "out-of-bounds",
            what: "it writes 4 bytes at 0x…",
            at: "y[GROUP * ITEMS + ITEM] = 1;",
            item: [0, 0, 0],
            allocation: `right past the end of the ${bytes}-byte allocation … at 0x…`,
        },
        atomic_past_end: {
            kind: "out-of-bounds",
            what: "it updates 4 bytes at 0x…",
            at: "__opencl_atomic_fetch_add((volatile __global atomic_uint*)x + ITEMS, 1, __ATOMIC_RELAXED, memory_scope_device);",
            item: [0, 0, 0],
            allocation: `right past the end of the ${bytes}-byte allocation … at 0x…`,
        },
        wide_read_past_tail: {
            kind: "out-of-bounds",
            what: "it reads 16 bytes at 0x…",
            at: "y[0] = *last;",
            allocation: `${bytes - 8} bytes into the ${bytes}-byte allocation … at 0x…`,
        },
        byte_past_end: {
            kind: "out-of-bounds",
            what: "it reads 1 bytes at 0x…",
            at: "y[ITEM] = x[4 * ITEMS + ITEM];",
            item: [0, 0, 0],
            allocation: `right past the end of the ${bytes}-byte allocation … at 0x…`,
        },
        null_pointer: {
            kind: "out-of-bounds",
            what: "it writes 4 bytes at 0x0",
            at: "((__global uint*)0)[ITEM] = 1;",
            item: [0, 0, 0],
            allocation: "a null pointer",
        },
        uniform_read_past_end: {
            kind: "out-of-bounds",
            what: "it reads 4 bytes at 0x…",
            at: "y[ITEM] = x[ITEMS + 16];",
            allocation: `64 bytes past the end of the ${bytes}-byte allocation … at 0x…`,
        },
        use_freed: {
            kind: "use-after-free",
            what: "it reads 4 bytes at 0x…",
            at: "y[ITEM] = x[ITEM];",
            item: [0, 0, 0],
            allocation: `0 bytes into the ${bytes}-byte allocation … at 0x…, which was freed`,
        },
        write_freed: {
            kind: "use-after-free",
            what: "it writes 4 bytes at 0x…",
            at: "x[ITEM] = 1;",
            item: [0, 0, 0],
            allocation: `0 bytes into the ${bytes}-byte allocation … at 0x…, which was freed`,
        },
        lds_past_end: {
            kind: "out-of-bounds",
            what: `it writes 4 bytes at LDS offset 0x${bytes.toString(16)}`,
            at: "tile[ITEM + x[0] + ITEMS] = 1;",
            item: [0, 0, 0],
            allocation: `LDS, of which the workgroup has ${bytes} bytes`,
        },
        private_past_end: {
            kind: "out-of-bounds",
            what: "it reads 4 bytes at private offset 0x61a80",
            at: "y[ITEM] = mine[x[0] + 100000];",
            item: [0, 0, 0],
            allocation: "private memory, of which a work-item has 32 bytes",
        },
        branch_on_unwritten: {
            kind: "uninitialized",
            what: "memory that nobody wrote decides a branch",
            at: "if (y[ITEM] > 3) x[ITEM] = 7;",
            item: [0, 0, 0],
            other: { what: "it was read here:", at: "if (y[ITEM] > 3) x[ITEM] = 7;" },
        },
        uniform_branch_on_unwritten: {
            kind: "uninitialized",
            what: "memory that nobody wrote decides a branch",
            at: "if (y[3] > 3) x[ITEM] = 7;",
            other: { what: "it was read here:", at: "if (y[3] > 3) x[ITEM] = 7;" },
        },
        index_from_unwritten: {
            kind: "uninitialized",
            what: "memory that nobody wrote decides an address",
            at: "x[y[ITEM] & 15] = 7;",
            item: [0, 0, 0],
            other: { what: "it was read here:", at: "x[y[ITEM] & 15] = 7;" },
        },
        result_from_unwritten: {
            kind: "uninitialized",
            what: "memory that nobody wrote decides a result",
            at: "x[ITEM] = y[ITEM] * 2.0f + 1.0f;",
            item: [0, 0, 0],
            other: { what: "it was read here:", at: "x[ITEM] = y[ITEM] * 2.0f + 1.0f;" },
        },
        result_from_half_written: {
            kind: "uninitialized",
            what: "memory that nobody wrote decides a result",
            at: "x[ITEM] = y[ITEM] * 3 >> 16;",
            item: [0, 0, 0],
            other: { what: "it was read here:", at: "x[ITEM] = y[ITEM] * 3 >> 16;" },
        },
        atomic_on_unwritten: {
            kind: "uninitialized",
            what: "it updates 4 bytes that nobody wrote",
            at: "__opencl_atomic_fetch_add((volatile __global atomic_uint*)y, 1, __ATOMIC_RELAXED, memory_scope_device);",
            item: [0, 0, 0],
            allocation: `0 bytes into the ${bytes}-byte allocation … at 0x…`,
        },
        lds_unwritten: {
            kind: "uninitialized",
            what: "memory that nobody wrote decides a result",
            at: "x[ITEM] = tile[2 * ITEM] + 1;",
            item: [lanes, 0, 0],
            other: { what: "it was read here:", at: "x[ITEM] = tile[2 * ITEM] + 1;" },
        },
        private_unwritten: {
            kind: "uninitialized",
            what: "memory that nobody wrote decides a result",
            at: "x[ITEM] = mine[4 + (x[0] & 3)] + 1;",
            item: [0, 0, 0],
            other: { what: "it was read here:", at: "x[ITEM] = mine[4 + (x[0] & 3)] + 1;" },
        },
        lds_race_read: {
            kind: "data-race",
            what: `it writes LDS at offset ${4 * lanes}, and no barrier orders it with another wave's access`,
            at: "tile[ITEM] = x[ITEM];",
            item: [lanes, 0, 0],
            other: { what: "the other access reads:", at: "y[ITEM] = tile[ITEMS - 1 - ITEM];" },
        },
        lds_race_write: {
            kind: "data-race",
            what: "it writes LDS at offset 0, and no barrier orders it with another wave's access",
            at: "tile[ITEM % LANES] = ITEM;",
            item: [lanes, 0, 0],
            other: { what: "the other access writes:", at: "tile[ITEM % LANES] = ITEM;", item: [0, 0, 0] },
        },
        lds_race_loop: {
            kind: "data-race",
            what: `it writes LDS at offset ${4 * lanes}, and no barrier orders it with another wave's access`,
            at: "tile[ITEM] += tile[ITEM + s < ITEMS ? ITEM + s : ITEM];",
            item: [lanes, 0, 0],
            other: {
                what: "the other access reads:",
                at: "tile[ITEM] += tile[ITEM + s < ITEMS ? ITEM + s : ITEM];",
                item: [lanes - 1, 0, 0],
            },
        },
        lanes_write_one_place: {
            kind: "data-race",
            what: "lanes 0 and 1 write different values to the same LDS",
            at: "one = ITEM;",
            item: [1, 0, 0],
            allocation: "LDS offset 0",
            other: { what: "the other access is the same instruction's:", at: "one = ITEM;", item: [0, 0, 0] },
        },
        lanes_write_one_word: {
            kind: "data-race",
            what: "lanes 0 and 1 write different values to the same global memory",
            at: "x[0] = ITEM;",
            item: [1, 0, 0],
            allocation: `0 bytes into the ${bytes}-byte allocation … at 0x…`,
            other: { what: "the other access is the same instruction's:", at: "x[0] = ITEM;", item: [0, 0, 0] },
        },
        groups_write_one_place: {
            kind: "data-race",
            what: "it writes global memory at 0x…, and nothing orders it with another workgroup's access",
            at: "if (ITEM == 0) x[5] = GROUP;",
            item: [0, 0, 0],
            allocation: `20 bytes into the ${bytes}-byte allocation … at 0x…`,
            other: { what: "the other access writes:", at: "if (ITEM == 0) x[5] = GROUP;", item: [0, 0, 0] },
        },
        group_reads_what_another_writes: {
            kind: "data-race",
            what: "it reads global memory at 0x…, and nothing orders it with another workgroup's access",
            at: "x[GROUP * LANES + (ITEM % LANES)] = x[((GROUP + 1) & 1) * LANES + (ITEM % LANES)];",
            item: [0, 0, 0],
            allocation: `0 bytes into the ${bytes}-byte allocation … at 0x…`,
            other: {
                what: "the other access writes:",
                at: "x[GROUP * LANES + (ITEM % LANES)] = x[((GROUP + 1) & 1) * LANES + (ITEM % LANES)];",
                item: [0, 0, 0],
            },
        },
        plain_read_of_atomic: {
            kind: "data-race",
            what: "it reads global memory at 0x…, and nothing orders it with another workgroup's access",
            at: "else y[ITEM] = x[ITEM & 1];",
            item: [0, 0, 0],
            allocation: `0 bytes into the ${bytes}-byte allocation … at 0x…`,
            other: {
                what: "the other access updates:",
                at: "if (GROUP == 0) __opencl_atomic_fetch_add((volatile __global atomic_uint*)x, 1, __ATOMIC_RELAXED, memory_scope_device);",
                item: [0, 0, 0],
            },
        },
        barrier_in_if: {
            kind: "divergent-barrier",
            what: `${lanes - 16} of the wave's ${lanes} work-items do not reach this barrier`,
            at: "BARRIER();",
            item: [16, 0, 0],
        },
        barriers_of_two_branches: {
            kind: "divergent-barrier",
            what: "it meets wave 0 of its workgroup at another barrier",
            at: "BARRIER();",
            other: { what: "the other barrier:", at: "BARRIER();" },
        },
        wave_leaves_before_barrier: {
            kind: "divergent-barrier",
            what: "wave 1 ends without reaching this barrier",
            at: "BARRIER();",
        },
        misaligned_load: {
            kind: "misaligned",
            what: "it reads 4 bytes at 0x…, which is no multiple of 4",
            at: "y[ITEM] = *(__global uint*)(x + 2 + 4 * (ITEM & 7));",
            item: [0, 0, 0],
            allocation: `2 bytes into the ${bytes}-byte allocation … at 0x…`,
        },
        misaligned_store: {
            kind: "misaligned",
            what: "it writes 2 bytes at 0x…, which is no multiple of 2",
            at: "*(__global ushort*)(y + 1 + 2 * (ITEM & 7)) = 3;",
            item: [0, 0, 0],
            allocation: `1 bytes into the ${bytes}-byte allocation … at 0x…`,
        },
        misaligned_lds: {
            kind: "misaligned",
            what: "it reads 4 bytes at 0x1, which is no multiple of 4",
            at: "if (ITEM < LANES) y[ITEM] = *(__local uint*)((__local uchar*)tile + 4 * ITEM + x[1] + 1);",
            item: [0, 0, 0],
        },
    };
}

export const FROM_ASSEMBLY_11: Readonly<Record<string, Expected>> = {
    no_wait_for_vector_load: {
        kind: "missing-wait",
        what: "it uses v1 before a wait for the load that writes it",
        at: "v_add_nc_u32_e32 v1, 1, v1",
        other: { what: "the load:", at: "global_load_b32 v1, v0, s[0:1]" },
    },
    no_wait_for_scalar_load: {
        kind: "missing-wait",
        what: "it uses s0 before a wait for the load that writes it",
        at: "global_store_b32 v0, v1, s[0:1]",
        other: { what: "the load:", at: "s_load_b64 s[0:1], s[0:1], null" },
    },
    wait_for_too_few: {
        kind: "missing-wait",
        what: "it uses v2 before a wait for the load that writes it",
        at: "v_add_nc_u32_e32 v2, v1, v2",
        other: { what: "the load:", at: "global_load_b32 v2, v0, s[0:1]" },
    },
    wrong_counter_for_lds: {
        kind: "missing-wait",
        what: "it uses v1 before a wait for the load that writes it",
        at: "v_mov_b32_e32 v2, v1",
        other: { what: "the load:", at: "ds_load_b32 v1, v0" },
    },
    overwritten_before_it_came: {
        kind: "missing-wait",
        what: "it uses v1 before a wait for the load that writes it",
        at: "v_mov_b32_e32 v1, 0",
        other: { what: "the load:", at: "global_load_b32 v1, v0, s[0:1]" },
    },
};

export const FROM_ASSEMBLY_9: Readonly<Record<string, Expected>> = {
    no_wait_for_vector_load: {
        kind: "missing-wait",
        what: "it uses v1 before a wait for the load that writes it",
        at: "v_add_u32_e32 v1, 1, v1",
        other: { what: "the load:", at: "global_load_dword v1, v0, s[0:1]" },
    },
    no_wait_for_scalar_load: {
        kind: "missing-wait",
        what: "it uses s0 before a wait for the load that writes it",
        at: "global_store_dword v0, v1, s[0:1]",
        other: { what: "the load:", at: "s_load_dwordx2 s[0:1], s[0:1], 0x0" },
    },
    wait_for_too_few: {
        kind: "missing-wait",
        what: "it uses v2 before a wait for the load that writes it",
        at: "v_add_u32_e32 v2, v1, v2",
        other: { what: "the load:", at: "global_load_dword v2, v0, s[0:1]" },
    },
    wrong_counter_for_lds: {
        kind: "missing-wait",
        what: "it uses v1 before a wait for the load that writes it",
        at: "v_mov_b32_e32 v2, v1",
        other: { what: "the load:", at: "ds_read_b32 v1, v0" },
    },
};

export const FROM_ASSEMBLY_12: Readonly<Record<string, Expected>> = {
    load_counted_as_scalar: {
        kind: "missing-wait",
        what: "it uses v1 before a wait for the load that writes it",
        at: "v_mov_b32_e32 v2, v1",
        other: { what: "the load:", at: "global_load_b32 v1, v0, s[0:1]" },
    },
    lds_counted_as_load: {
        kind: "missing-wait",
        what: "it uses v1 before a wait for the load that writes it",
        at: "v_mov_b32_e32 v2, v1",
        other: { what: "the load:", at: "ds_load_b32 v1, v0" },
    },
    scalar_counted_as_lds: {
        kind: "missing-wait",
        what: "it uses s0 before a wait for the load that writes it",
        at: "global_store_b32 v0, v1, s[0:1]",
        other: { what: "the load:", at: "s_load_b64 s[0:1], s[0:1], 0x0" },
    },
};

/** Kernels of named-barriers.cl, in which wave 3 writes a word that wave 1 reads. */
export const NAMED_BARRIERS: Readonly<Record<string, Expected | undefined>> = {
    ordered: undefined,
    many_rounds: undefined,
    not_a_member: {
        kind: "data-race",
        what: "it writes LDS at offset 0, and no barrier orders it with another wave's access",
        at: "if (WAVE == 3) word = 77;",
        item: [96, 0, 0],
        other: { what: "the other access reads:", at: "if (WAVE == 2) result = word;", item: [64, 0, 0] },
    },
    signals_too_early: {
        kind: "data-race",
        what: "it reads LDS at offset 0, and no barrier orders it with another wave's access",
        at: "if (WAVE == 1) result = word;",
        item: [32, 0, 0],
        other: { what: "the other access writes:", at: "if (WAVE == 3) word = 78;", item: [96, 0, 0] },
    },
    not_all_lanes: {
        kind: "divergent-barrier",
        what: "24 of the wave's 32 work-items do not reach this barrier",
        at: "if (LANE < 8) MEET(3);",
        item: [40, 0, 0],
    },
};

/** Kernels of direct.cl. */
export const DIRECT: Readonly<Record<string, Expected | undefined>> = {
    ordered: undefined,
    waits_for_the_right_one: undefined,
    bytes_are_extended: undefined,
    buffers_end_in_zeros: undefined,
    same_values: undefined,
    no_barrier: {
        kind: "data-race",
        what: "it writes LDS at offset 256, and no barrier orders it with another wave's access",
        at: "LOAD(x + ITEM, tile + 64 * WAVE);",
        item: [64, 0, 0],
        other: { what: "the other access reads:", at: "y[ITEM] = tile[ITEMS - 1 - ITEM];" },
    },
    loaded_while_others_read: {
        kind: "data-race",
        what: "it reads LDS at offset 252, and no barrier orders it with another wave's access",
        at: "READ(word, tile + ITEMS - 1 - ITEM);",
        item: [64, 0, 0],
        other: { what: "the other access writes:", at: "LOAD(x + ITEM, tile + 64 * WAVE);", item: [63, 0, 0] },
    },
    past_the_end_of_lds: {
        kind: "out-of-bounds",
        what: "it writes 4 bytes at LDS offset 0x200",
        at: "LOAD(x + ITEM, tile + 64 * WAVE + 64 + x[0]);",
        item: [64, 0, 0],
        allocation: "LDS, of which the workgroup has 512 bytes",
    },
    past_the_end_of_memory: {
        kind: "out-of-bounds",
        what: "it reads 4 bytes at 0x…",
        at: "LOAD(x + ITEM + 8, tile + 64 * WAVE);",
        item: [120, 0, 0],
        allocation: "right past the end of the 512-byte allocation … at 0x…",
    },
    unwritten: {
        kind: "uninitialized",
        what: "memory that nobody wrote decides a branch",
        at: "if (tile[ITEM] > 5) x[ITEM] = 3;",
        item: [0, 0, 0],
        other: { what: "it was read here:", at: "if (tile[ITEM] > 5) x[ITEM] = 3;" },
    },
    no_wait: {
        kind: "missing-wait",
        what: "it reads LDS at offset 0 before a wait for the load that writes it",
        at: "READ(word, tile + ITEM);",
        item: [0, 0, 0],
        other: { what: "the load:", at: "LOAD(x + ITEM, tile + 64 * WAVE);", item: [0, 0, 0] },
    },
    wait_for_too_few: {
        kind: "missing-wait",
        what: "it reads LDS at offset 512 before a wait for the load that writes it",
        at: "READ(word, tile + ITEMS + ITEM);",
        item: [0, 0, 0],
        other: { what: "the load:", at: "LOAD(x + ITEM, tile + ITEMS + 64 * WAVE);", item: [0, 0, 0] },
    },
    wrong_counter: {
        kind: "missing-wait",
        what: "it reads LDS at offset 0 before a wait for the load that writes it",
        at: "READ(word, tile + ITEM);",
        item: [0, 0, 0],
        other: { what: "the load:", at: "LOAD(x + ITEM, tile + 64 * WAVE);", item: [0, 0, 0] },
    },
    overwritten_before_it_came: {
        kind: "missing-wait",
        what: "it writes LDS at offset 0 before a wait for the load that writes it",
        at: "WRITE(tile + ITEM, 7);",
        item: [0, 0, 0],
        other: { what: "the load:", at: "LOAD(x + ITEM, tile + 64 * WAVE);", item: [0, 0, 0] },
    },
    wait_behind_the_barrier: {
        kind: "missing-wait",
        what: "it reads LDS at offset 508 before a wait for the load that writes it",
        at: "READ(word, tile + ITEMS - 1 - ITEM);",
        item: [0, 0, 0],
        other: { what: "the load:", at: "LOAD(x + ITEM, tile + 64 * WAVE);", item: [127, 0, 0] },
    },
    first_waits_behind_the_barrier: {
        kind: "missing-wait",
        what: "it reads LDS at offset 0 before a wait for the load that writes it",
        at: "if (WAVE == 1) READ(word, tile + ITEM - 64);",
        item: [64, 0, 0],
        other: { what: "the load:", at: "if (WAVE == 0) LOAD(x + ITEM, tile);", item: [0, 0, 0] },
    },
    second_waits_behind_the_barrier: {
        kind: "missing-wait",
        what: "it reads LDS at offset 0 before a wait for the load that writes it",
        at: "if (WAVE == 0) READ(word, tile + ITEM);",
        item: [0, 0, 0],
        other: { what: "the load:", at: "if (WAVE == 1) LOAD(x + ITEM, tile);", item: [64, 0, 0] },
    },
};
