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
    expect(whole).toMatch(/: index = add %\d+, %\d+\n +%\d+: index = const 3\n/);
});
