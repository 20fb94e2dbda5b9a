// What is told of matrix kernels: which instruction a product is done with, by the manifest and by an event at each launch,
// and the layouts as text and as a picture.

import { describe, expect, test } from "vitest";
import { readCodeObject } from "../../codeobject/codeobject.js";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { type ProductEvent, telemetry } from "../../runtime/index.js";
import { run, view } from "../run/harness.js";

const SOURCE = `matrix kernel multiply(a: f16[m, k], b: f16[k, n], c: mut f32[m, n]) over (i in m by 16, j in n by 16) {
    var acc: tile f32[16, 16] = 0.0
    for p in k by 16 { acc += a[i, p] @ b[p, j] }
    c[i, j] = acc
}`;

const emitted = async (target: string, emit: "layouts" | "layouts-svg") => {
    const file = { path: "test.soma", text: SOURCE };
    const { output } = await compile(file, loadModule, loadCodegen(), { target, emit });
    return new TextDecoder().decode(output ?? new Uint8Array());
};

describe("the manifest names the instruction", () => {
    test.each([
        ["gfx1100", "wmma.f32.16x16x16.f16.v8f32.v16f16"],
        ["gfx942", "mfma.f32.16x16x16f16"],
        ["gfx1030", null],
    ])("of %s", async (target, instruction) => {
        const file = { path: "test.soma", text: SOURCE };
        const { output } = await compile(file, loadModule, loadCodegen(), { target });
        const { manifest } = readCodeObject(output ?? new Uint8Array());
        expect(manifest?.kernels[0]?.tiles).toEqual({
            domain: [
                { extent: "m", step: 16 },
                { extent: "n", step: 16 },
            ],
            products: [{ operands: ["f16", "f16"], shape: [16, 16, 16], instruction }],
        });
    });
});

test("a launch tells its products, and how much of the tiles is used", async () => {
    const events: ProductEvent[] = [];
    const listening = telemetry.subscribe((event) => {
        if (event.kind === "product") events.push(event);
    });
    const args = { a: view("f16", [24, 5]), b: view("f16", [5, 16]), c: view("f32", [24, 16]) };
    await run(SOURCE, args, { device: "vgpu:gfx942" });
    listening.stop();
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
        kernel: "multiply",
        algorithm: "mfma.f32.16x16x16f16",
        operands: ["f16", "f16"],
        tile: [16, 16, 16],
        dims: { m: 24, n: 16, k: 5 },
        utilisation: 0.75,
    });
});

// "AMD Instinct MI300 Instruction Set Architecture", matrix arithmetic: of a 16x16 result, lane l has column l mod 16 and
// its four registers rows 4·⌊l / 16⌋ on.
test("layouts as text agree with the manual", async () => {
    const text = await emitted("gfx942", "layouts");
    expect(text).toContain("f16 @ f16, 16 x 16 x 16: mfma.f32.16x16x16f16");
    const start = text.split("\n").findIndex((line) => /: f32\[16, 16\]$/.test(line));
    const rows = text
        .split("\n")
        .slice(start + 5, start + 21)
        .map((line) => line.trim().split(/\s+/));
    for (const [row, cells] of rows.entries()) {
        for (const [column, cell] of cells.entries()) {
            expect(cell).toBe(`0.${16 * Math.floor(row / 4) + column}.${row % 4}`);
        }
    }
    expect(rows).toHaveLength(16);
});

test("a picture has a square for each element", async () => {
    const svg = await emitted("gfx1100", "layouts-svg");
    expect(svg.startsWith("<svg ")).toBe(true);
    expect(svg.match(/<rect x=/g)?.length).toBeGreaterThanOrEqual(256);
    expect(svg).toContain("multiply");
});
