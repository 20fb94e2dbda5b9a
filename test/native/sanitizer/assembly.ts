// Kernels in assembly, each with a pointer as its only argument (in s[0:1]) and 1024 bytes of LDS: for faults that no
// compiler makes.

export function assemblyOf(target: string, kernels: Readonly<Record<string, string>>): string {
    const names = Object.keys(kernels);
    const gfx9 = target.startsWith("gfx9");
    const bodies = Object.entries(kernels).map(([name, body]) =>
        [`.globl ${name}`, ".p2align 8", `.type ${name},@function`, `${name}:`, body, "s_endpgm", ""].join("\n"),
    );
    const descriptors = names.map((name) =>
        [
            ".rodata",
            ".p2align 6",
            `.amdhsa_kernel ${name}`,
            ".amdhsa_next_free_vgpr 8",
            ".amdhsa_next_free_sgpr 8",
            ".amdhsa_user_sgpr_kernarg_segment_ptr 1",
            ".amdhsa_group_segment_fixed_size 1024",
            gfx9 ? ".amdhsa_accum_offset 8" : ".amdhsa_wavefront_size32 1",
            ".amdhsa_system_vgpr_workitem_id 0",
            ".end_amdhsa_kernel",
        ].join("\n"),
    );
    const metadata = names.map((name) =>
        [
            `  - .name: ${name}`,
            `    .symbol: ${name}.kd`,
            "    .kernarg_segment_size: 8",
            "    .kernarg_segment_align: 8",
            "    .group_segment_fixed_size: 1024",
            "    .private_segment_fixed_size: 0",
            `    .wavefront_size: ${gfx9 ? 64 : 32}`,
            ...(gfx9 ? ["    .agpr_count: 0"] : []),
            "    .sgpr_count: 8",
            "    .vgpr_count: 8",
            "    .max_flat_workgroup_size: 1024",
            "    .args:",
            "      - {.size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global}",
        ].join("\n"),
    );
    return [
        `.amdgcn_target "amdgcn-amd-amdhsa--${target}"`,
        ".text",
        ...bodies,
        ...descriptors,
        ".amdgpu_metadata",
        "---",
        "amdhsa.version: [1, 2]",
        `amdhsa.target: amdgcn-amd-amdhsa--${target}`,
        "amdhsa.kernels:",
        ...metadata,
        "...",
        ".end_amdgpu_metadata",
        "",
    ].join("\n");
}

const HEAD = "s_load_b64 s[0:1], s[0:1], 0x0\nv_lshlrev_b32_e32 v0, 2, v0";

/** For gfx11's counters. */
export const WAITS_11 = {
    no_wait_for_vector_load: `${HEAD}
        s_waitcnt lgkmcnt(0)
        global_load_b32 v1, v0, s[0:1]
        v_add_nc_u32_e32 v1, 1, v1
        global_store_b32 v0, v1, s[0:1]`,
    no_wait_for_scalar_load: `${HEAD}
        v_mov_b32_e32 v1, 0
        global_store_b32 v0, v1, s[0:1]`,
    wait_for_too_few: `${HEAD}
        s_waitcnt lgkmcnt(0)
        global_load_b32 v1, v0, s[0:1]
        global_load_b32 v2, v0, s[0:1]
        s_waitcnt vmcnt(1)
        v_add_nc_u32_e32 v1, v1, v1
        v_add_nc_u32_e32 v2, v1, v2
        global_store_b32 v0, v2, s[0:1]`,
    wrong_counter_for_lds: `${HEAD}
        ds_store_b32 v0, v0
        ds_load_b32 v1, v0
        s_waitcnt vmcnt(0)
        v_mov_b32_e32 v2, v1
        s_waitcnt lgkmcnt(0)
        global_store_b32 v0, v2, s[0:1]`,
    overwritten_before_it_came: `${HEAD}
        s_waitcnt lgkmcnt(0)
        global_load_b32 v1, v0, s[0:1]
        v_mov_b32_e32 v1, 0
        global_store_b32 v0, v1, s[0:1]`,
    all_waits_are_right: `${HEAD}
        s_waitcnt lgkmcnt(0)
        global_load_b32 v1, v0, s[0:1]
        global_load_b32 v2, v0, s[0:1]
        ds_store_b32 v0, v0
        ds_load_b32 v3, v0
        s_waitcnt vmcnt(1)
        v_add_nc_u32_e32 v1, v1, v1
        s_waitcnt vmcnt(0) lgkmcnt(0)
        v_add3_u32 v1, v1, v2, v3
        global_store_b32 v0, v1, s[0:1]`,
};

const HEAD_9 = "s_load_dwordx2 s[0:1], s[0:1], 0x0\nv_lshlrev_b32_e32 v0, 2, v0";

/** For gfx9's: LDS and scalar memory share a counter, which counts stores of vector memory with its loads. */
export const WAITS_9 = {
    no_wait_for_vector_load: `${HEAD_9}
        s_waitcnt lgkmcnt(0)
        global_load_dword v1, v0, s[0:1]
        v_add_u32_e32 v1, 1, v1
        global_store_dword v0, v1, s[0:1]`,
    no_wait_for_scalar_load: `${HEAD_9}
        v_mov_b32_e32 v1, 0
        global_store_dword v0, v1, s[0:1]`,
    wait_for_too_few: `${HEAD_9}
        s_waitcnt lgkmcnt(0)
        global_load_dword v1, v0, s[0:1]
        global_load_dword v2, v0, s[0:1]
        s_waitcnt vmcnt(1)
        v_add_u32_e32 v1, v1, v1
        v_add_u32_e32 v2, v1, v2
        global_store_dword v0, v2, s[0:1]`,
    wrong_counter_for_lds: `${HEAD_9}
        ds_write_b32 v0, v0
        ds_read_b32 v1, v0
        s_waitcnt vmcnt(0)
        v_mov_b32_e32 v2, v1
        s_waitcnt lgkmcnt(0)
        global_store_dword v0, v2, s[0:1]`,
    stores_count_with_loads: `${HEAD_9}
        s_waitcnt lgkmcnt(0)
        global_load_dword v1, v0, s[0:1]
        global_store_dword v0, v0, s[0:1]
        s_waitcnt vmcnt(1)
        v_mov_b32_e32 v2, v1
        global_store_dword v0, v2, s[0:1]`,
};

/** For gfx12's. */
export const WAITS_12 = {
    load_counted_as_scalar: `${HEAD}
        s_wait_kmcnt 0x0
        global_load_b32 v1, v0, s[0:1]
        s_wait_kmcnt 0x0
        v_mov_b32_e32 v2, v1
        s_wait_loadcnt 0x0
        global_store_b32 v0, v2, s[0:1]`,
    lds_counted_as_load: `${HEAD}
        s_wait_kmcnt 0x0
        ds_store_b32 v0, v0
        ds_load_b32 v1, v0
        s_wait_loadcnt 0x0
        v_mov_b32_e32 v2, v1
        global_store_b32 v0, v2, s[0:1]`,
    scalar_counted_as_lds: `${HEAD}
        s_wait_dscnt 0x0
        v_mov_b32_e32 v1, 0
        global_store_b32 v0, v1, s[0:1]`,
    both_at_once_are_right: `${HEAD}
        s_wait_kmcnt 0x0
        global_load_b32 v1, v0, s[0:1]
        ds_store_b32 v0, v0
        ds_load_b32 v2, v0
        s_wait_loadcnt_dscnt 0x0
        v_add_nc_u32_e32 v1, v1, v2
        global_store_b32 v0, v1, s[0:1]`,
};
