// Kernels with more values than registers: another scheduler where one does without spills, else a warning that names the loop.

import { expect, it } from "vitest";
import { cachedCodegen } from "../../compiler/cache/codegen.js";
import type { Codegen } from "../../compiler/codegen.js";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";

// Eight waves on each of a CU's SIMDs leave a work-item 64 of gfx90a's 512 registers (CDNA 2 ISA, "Kernel State").
const REORDERED = `
/// Products of roots that are far apart: each can be computed when it is needed, or all before.
#waves_per_eu(8)
kernel reordered(x: f32[n], y: mut f32[n]) over i in n {
    var a: f32[72]
    #unroll
    for k in 0 .. 72 { a[k] = sqrt(x[(i + k * 7) % n]) }
    var s: f32 = 0.0
    #unroll
    for k in 0 .. 72 { s += a[k] * a[(k * 5 + 3) % 72] }
    y[i] = s
}
`;

const HELD = `
/// All of \`a\` is needed in every round.
#waves_per_eu(8)
kernel held(x: f32[n], y: mut f32[n]) over i in n {
    var a: f32[96]
    #unroll
    for k in 0 .. 96 { a[k] = x[(i + k * 7) % n] }
    for r in 0 .. n {
        #unroll
        for k in 0 .. 96 { a[k] = a[k] * a[(k * 37 + 11) % 96] + 1.0 }
    }
    var s: f32 = 0.0
    #unroll
    for k in 0 .. 96 { s += a[k] }
    y[i] = s
}
`;

const codegen = loadCodegen();

function build(text: string, options: { emit?: "asm"; optimisation?: 0 | 3 } = {}, generator: Codegen = codegen) {
    return compile({ path: "spills.soma", text }, () => undefined, generator, { target: "gfx90a", ...options });
}

async function spillsOf(output: Uint8Array | null) {
    const { kernels } = await codegen.inspect(output ?? new Uint8Array());
    return Object.fromEntries(kernels.map(({ name, vgprSpills }) => [name, vgprSpills]));
}

it("takes another scheduler where it needs no spills, and says so", async () => {
    const { output, diagnostics, notes } = await build(REORDERED);
    expect(diagnostics).toEqual([]);
    expect(await spillsOf(output)).toEqual({ reordered: 0 });
    expect(notes).toHaveLength(1);
    expect(notes?.[0]).toMatch(
        /`reordered` is scheduled by LLVM's iterative-\w+: .* \d+ vector registers would be spilled/,
    );
    // What is printed as assembly is the same code.
    const { output: text, notes: same } = await build(REORDERED, { emit: "asm" });
    expect(same).toEqual(notes);
    expect(Buffer.from(text ?? []).toString()).toMatch(/\.vgpr_spill_count: 0$/m);
});

it("warns of spills that stay, with the loop that they cost most in, and leaves other kernels alone", async () => {
    const { output, diagnostics, notes } = await build(HELD + REORDERED);
    const { held = 0, reordered } = await spillsOf(output);
    expect(held).toBeGreaterThan(0);
    expect(reordered).toBe(0);
    expect(notes).toHaveLength(1);
    expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
        [
            "W1011",
            `\`held\` needs more vector registers than a work-item on gfx90a has: ${held} are kept in memory, most of all in this loop`,
        ],
    ]);
    const [{ span, help } = {}] = diagnostics;
    expect(HELD.slice(span?.start).startsWith("for r in 0 .. n {")).toBe(true);
    expect(help).toContain("#unroll(n)");
});

it("says nothing where every value is in memory on purpose", async () => {
    const { diagnostics, notes } = await build(HELD, { optimisation: 0 });
    expect([diagnostics, notes]).toEqual([[], []]);
});

it("says the same of code that comes from the cache", async () => {
    const entries = new Map<string, Uint8Array>();
    const store = {
        get: async (key: string) => entries.get(key),
        put: async (key: string, entry: Uint8Array) => void entries.set(key, entry),
    };
    const [first, second] = [
        cachedCodegen(codegen, { store, build: "" }),
        cachedCodegen(codegen, { store, build: "" }),
    ];
    const made = await build(REORDERED, {}, first);
    const found = await build(REORDERED, {}, second);
    expect(entries.size).toBe(1);
    expect(found.notes).toEqual(made.notes);
});
