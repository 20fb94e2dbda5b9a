// Attributes: that code compiled with them computes the same, and that the machine code shows what they ask for.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { open } from "../../runtime/index.js";
import { DEVICE, run, view } from "./harness.js";

async function compiled(text: string, target: string, emit: "asm" | "llvm") {
    const source = { path: "attributes.soma", text };
    const { output, diagnostics } = await compile(source, loadModule, loadCodegen(), { target, emit, verify: true });
    return { text: output === null ? "" : Buffer.from(output).toString("utf8"), diagnostics };
}

const LOOPS = `kernel loops(x: f32[n], y: mut f32[3, n]) over i in n {
    var sum: f32 = 0.0
    #unroll(4)
    for j in 0 .. i { sum += x[j] }
    y[0, i] = sum
    var product: f32 = 1.0
    #unroll
    for j in 0 .. 5 { product *= x[j] + 2.0 }
    y[1, i] = product
    var k: index = i
    var steps: f32 = 0.0
    #unroll(3)
    while k > 0 {
        k /= 2
        if k == 5 { continue }
        steps += 1.0
        if steps > 4.0 { break }
    }
    y[2, i] = steps
}
`;

describe.each([0, 3] as const)("at -O%d", (optimisation) => {
    test("unrolled loops run their rounds", async () => {
        const n = 50;
        const x = Array.from({ length: n }, (_, i) => i % 7);
        const result = await run(LOOPS, { x: view("f32", [n], x), y: view("f32", [3, n]) }, { optimisation });
        const sums = x.map((_, i) => x.slice(0, i).reduce((a, b) => a + b, 0));
        const steps = x.map((_, i) => {
            let count = 0;
            for (let k = i; k > 0 && count <= 4; ) {
                k = Math.floor(k / 2);
                if (k !== 5) count++;
            }
            return count;
        });
        expect([...result.y]).toEqual([...sums, ...x.map(() => 2 * 3 * 4 * 5 * 6), ...steps]);
    });

    test.runIf(DEVICE.startsWith("vgpu"))("waves have the size that is said", async () => {
        const text = `fn lanes() -> u32 { count_ones(wave_ballot(true)) as u32 + wave_size() as u32 * 1000 }
            #wave(32)
            kernel narrow(y: mut u32[128]) groups 1 workgroup(128) { y[local_id()] = lanes() }
            #wave(64)
            kernel wide(y: mut u32[128]) groups 1 workgroup(128) {
                shared s: u32[2 * wave_size()]
                s[local_id()] = lanes()
                y[local_id()] = s[local_id() / 64 * 64 + 63 - lane_id()]
            }`;
        for (const name of ["vgpu:gfx1100", "vgpu:gfx1030", "vgpu:gfx1201"]) {
            const gpu = await open(name);
            const { kernels } = await gpu.load({ source: text, path: "sizes.soma" }, { optimisation });
            for (const [kernel, expected] of [
                ["narrow", 32_032],
                ["wide", 64_064],
            ] as const) {
                const y = gpu.tensor("u32", [128]);
                await kernels[kernel]?.({ y });
                expect([...new Set(await y.read())]).toEqual([expected]);
            }
            gpu.close();
        }
    });
});

test("a wave size that the target has not is refused at its attribute", async () => {
    const text = "#wave(32)\nkernel f(x: mut f32[n]) over i in n {\n    x[i] = 0.0\n}\n";
    const { diagnostics } = await compiled(text, "gfx942", "asm");
    expect(diagnostics.map(({ code, span }) => [code, text.slice(span.start, span.end)])).toEqual([
        ["E1007", "#wave(32)"],
    ]);
    expect((await compiled(text, "gfx1100", "asm")).diagnostics).toEqual([]);
});

test("#fast divides by multiplying, and without it division is exact", async () => {
    const body = "kernel f(x: f32[n], y: mut f32[n], d: f32) over i in n {\n    y[i] = x[i] / d\n}\n";
    const exact = await compiled(body, "gfx1100", "asm");
    const fast = await compiled(`#fast\n${body}`, "gfx1100", "asm");
    expect(exact.text).toContain("v_div_fixup_f32");
    expect(fast.text).not.toContain("v_div_");
    const x = Array.from({ length: 100 }, (_, i) => i + 0.5);
    const args = { x: view("f32", [100], x), y: view("f32", [100]), d: 7 };
    const result = await run(`#fast\n${body}`, args);
    for (const [i, value] of x.entries())
        expect(Math.abs((result.y[i] as number) / (value / 7) - 1)).toBeLessThan(2 ** -21);
});

test("waves_per_eu bounds the registers", async () => {
    const body = "kernel f(x: mut f32[n]) over i in n {\n    x[i] += 1.0\n}\n";
    const { text } = await compiled(`#waves_per_eu(8)\n${body}`, "gfx90a", "llvm");
    expect(text).toContain('"amdgpu-waves-per-eu"="8"');
});

test("a branch for another target need not be possible on this one", async () => {
    const text = `kernel f(x: mut index[4]) groups 1 workgroup(1) {
        if const target.has_wmma { x[0] = 1 } else { x[0] = nothing_like_it }
        x[1] = target.wave_size
        x[2] = if const target.is_gfx1100 || target.is_rdna4 { 2 } else { 3 }
        x[3] = target.lds_bytes
    }`;
    const here = await compiled(text, "gfx1100", "asm");
    expect(here.diagnostics).toEqual([]);
    expect(here.text).not.toBe("");
    const there = await compiled(text, "gfx942", "asm");
    expect(there.diagnostics.map(({ code }) => code)).toEqual(["E0201"]);
});

test.runIf(DEVICE.startsWith("vgpu"))("a launch clause knows the size of the kernel's waves", async () => {
    const body = "groups n / (2 * wave_size()) workgroup(wave_size() * 2) { x[global_id()] = local_id() as u32 }";
    const text = `#wave(64)\nkernel wide(x: mut u32[n]) ${body}\nkernel plain(x: mut u32[n]) ${body}\n`;
    for (const [name, plain] of [
        ["vgpu:gfx1100", 32],
        ["vgpu:gfx942", 64],
    ] as const) {
        const gpu = await open(name);
        const { kernels } = await gpu.load({ source: text, path: "sizes.soma" });
        for (const [kernel, lanes] of [
            ["plain", plain],
            ["wide", 64],
        ] as const) {
            const x = gpu.tensor("u32", [256]);
            await kernels[kernel]?.({ x });
            expect([...(await x.read())]).toEqual(Array.from({ length: 256 }, (_, i) => i % (2 * lanes)));
        }
        gpu.close();
    }
});
