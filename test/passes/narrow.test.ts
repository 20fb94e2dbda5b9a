// `index` arithmetic narrowed to 32 bits: where it must be, where it must not, and that nothing changes by it.

import { expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";

async function compiled(text: string, emit: "ir" | "asm"): Promise<string> {
    const file = { path: "narrow.soma", text };
    const options = { target: "gfx1100", emit, verify: true } as const;
    const { output, diagnostics } = await compile(file, loadModule, loadCodegen(), options);
    expect(diagnostics).toEqual([]);
    return Buffer.from(output ?? []).toString();
}

/** Instructions of the only kernel, without directives and the scheduling hints that take no issue slot. */
function instructions(asm: string): string[] {
    const body = asm.slice(asm.indexOf("@function"), asm.indexOf("s_endpgm") + 8).split("\n");
    return body.map((line) => line.trim()).filter((line) => /^(?:s|v|global|ds|buffer|scratch)_/.test(line));
}

const STENCIL = `
kernel stencil(x: f32[n], y: mut f32[n]) over i in n {
    if i > 0 && i < n - 1 { y[i] = 0.25 * x[i - 1] + 0.5 * x[i] + 0.25 * x[i + 1] }
}`;

test("a stencil addresses a scalar base with one 32-bit offset and constants", async () => {
    const lines = instructions(await compiled(STENCIL, "asm"));
    const loads = lines.filter((line) => line.startsWith("global_load"));
    expect(loads.length).toBeGreaterThan(0);
    for (const load of loads) expect(load).toMatch(/v\d+, s\[\d+:\d+\]/);
    expect(lines.filter((line) => /u64|i64|co_u32|co_ci/.test(line))).toEqual([]);
    expect(lines.filter((line) => !line.startsWith("s_delay_alu")).length).toBeLessThanOrEqual(21);
});

test("a grid-stride loop counts in 32 bits", async () => {
    const ir = await compiled(
        `kernel sum(x: f32[n], out: mut f32[g]) groups g workgroup(64) {
            var sum: f32 = 0.0
            for i in global_id() .. n by global_size() { sum += x[i] }
            if local_id() == 0 { out[group_id()] = sum }
        }`,
        "ir",
    );
    expect(ir).toMatch(/body\(%\d+: u32, %\d+: f32\)/);
    expect(ir).not.toMatch(/index = (?:add|mul)/);
});

test("an index that can be negative is i32, and is compared as such", async () => {
    const ir = await compiled(
        "kernel k(x: f32[n], y: mut i32[n]) over i in n { if i - 1 < 0 { y[i] = 1 } else { y[i] = 2 } }",
        "ir",
    );
    expect(ir).toMatch(/: i32 = sub/);
});

test("what may leave 32 bits stays wide", async () => {
    const ir = await compiled("kernel k(y: mut i64[n]) over i in n { y[i] = (i * i * i) as i64 }", "ir");
    expect(ir).toMatch(/: index = mul/);
    const free = await compiled("kernel k(y: mut i64[n], k: index) over i in n { y[i] = (i + k) as i64 }", "ir");
    expect(free).toMatch(/: index = add/);
});

test("a positive constant is split off an index only where the rest can't be negative", async () => {
    const split = await compiled("kernel k(x: f32[n], y: mut f32[n]) over i in n { y[i] = x[i + 3] }", "ir");
    expect(split).toMatch(/index = const 3\n/);
    const whole = await compiled(
        "kernel k(x: f32[n], y: mut f32[n], k: index) over i in n { y[i] = x[i + k + 3] }",
        "ir",
    );
    // With k, which is %2, in 64 bits.
    expect(whole).toMatch(/: index = add (?:%\d+, %2|%2, %\d+)\n/);
});

const STRIDED = (element: string) => `
kernel sum(x: ${element}[n], out: mut u32[g]) groups g workgroup(64) {
    var sum: u32 = 0
    for i in global_id() .. n by global_size() { sum += x[i] as u32 }
    out[group_id()] = sum
}`;

test("a step that could lead out of 32 bits is cut where the end leaves room for that", async () => {
    const words = await compiled(STRIDED("u32"), "ir");
    expect(words).toMatch(/for L0 nowrap/);
    // 4 GiB - 4 KiB of u32 are 2^30 - 1024 elements: the last one and this step are 2^32 - 1.
    expect(words).toContain(`const ${2n ** 32n - (2n ** 30n - 1024n)}`);
    expect(words).toMatch(/: u32 = min/);
    const bytes = await compiled(STRIDED("u8"), "ir");
    expect(bytes).not.toMatch(/nowrap|: u32 = min/);
    const short = await compiled(
        "kernel k(x: mut f32[n, 400]) over i in n { for j in 3 .. 400 by 5 { x[i, j] = 0.0 } }",
        "ir",
    );
    expect(short).toMatch(/for L0 nowrap/);
    expect(short).not.toMatch(/: u32 = min/);
});

test("a round of a loop by the grid's size takes one sum, one comparison and no other arithmetic of the counter", async () => {
    for (const element of ["u8", "u32"]) {
        const lines = instructions(await compiled(STRIDED(element), "asm"));
        const from = lines.findIndex((line) => line.startsWith("global_load"));
        const to = lines.findIndex((line) => line.startsWith("s_cbranch_execnz"));
        // Of words also the shift to an offset; the other sum is the program's.
        const arithmetic = lines.slice(from - 1, to).filter((line) => /^v_(?:add|sub|cmp|lshl)/.test(line));
        expect(arithmetic.length, lines.join("\n")).toBeLessThanOrEqual(element === "u8" ? 3 : 4);
    }
});
