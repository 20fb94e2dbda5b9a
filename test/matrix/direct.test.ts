// Tiles that go from global memory straight to LDS (gfx90a, gfx942, gfx950): right for every type, at edges, where rows begin at no
// multiple of what a lane brings, and without conflicts of banks. Sums are of few bits, so that all are exact.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { kernelsOf, run, testGpu, view } from "../run/harness.js";
import { random } from "./reference.js";

const TARGETS = ["gfx90a", "gfx942", "gfx950"] as const;
const SUMS = { f16: "f32", bf16: "f32", f32: "f32", i8: "i32" } as const;
type Type = keyof typeof SUMS;
const TYPES = Object.keys(SUMS) as Type[];

/** The second of two matrices a, which begins where it may, times the transpose of b. */
const source = (type: Type, attribute = "#direct") => `
matrix kernel product(a: ${type}[2, m, k], b: ${type}[n, k], c: mut ${SUMS[type]}[m, n]) over (i in m by 64, j in n by 64) {
    var acc: tile ${SUMS[type]}[64, 64] = 0 as ${SUMS[type]}
    ${attribute}
    for p in k by 64 { acc += a[1, i, p] @ b[j, p].T }
    c[i, j] = acc
}
`;

async function assembly(text: string, target: string): Promise<string> {
    const { output, diagnostics } = await compile({ path: "test.soma", text }, loadModule, loadCodegen(), {
        target,
        emit: "asm",
    });
    if (output === null) throw new Error(diagnostics.map(({ code }) => code).join());
    return new TextDecoder().decode(output);
}

describe.each(TARGETS)("%s", (target) => {
    const device = `vgpu:${target}`;

    test.each(
        TYPES.flatMap((type) =>
            [
                [128, 64, 192],
                [70, 90, 144],
                [65, 63, 77],
            ].map(([m = 0, n = 0, k = 0]) => [type, m, n, k] as const),
        ),
    )("%s, %i by %i by %i", async (type, m, n, k) => {
        const next = random(m + k);
        const whole = (count: number) => Array.from({ length: count }, () => Math.round(next() * 7));
        const [a, b] = [whole(2 * m * k), whole(n * k)];
        const { virtual } = await testGpu(device);
        virtual?.sanitizing(true);
        const args = { a: view(type, [2, m, k], a), b: view(type, [n, k], b), c: view(SUMS[type], [m, n]) };
        const { c } = await run(source(type), args, { device });
        expect(virtual?.sanitizerReports() ?? []).toEqual([]);
        virtual?.sanitizing(false);
        for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
                let sum = 0;
                for (let p = 0; p < k; p++) sum += (a[(m + i) * k + p] ?? 0) * (b[j * k + p] ?? 0);
                if (c[i * n + j] !== sum) expect.fail(`c[${i}, ${j}] is ${c[i * n + j]}, not ${sum}`);
            }
        }
    });

    test("no conflicts of banks, and memory is read once for each workgroup", async () => {
        const gpu = await testGpu(device);
        for (const type of TYPES) {
            const { product } = await kernelsOf(source(type), 3, device);
            using a = gpu.tensor(type, [2, 128, 256]);
            using b = gpu.tensor(type, [128, 256]);
            using c = gpu.tensor(SUMS[type], [128, 128]);
            gpu.virtual?.profiling(true);
            await product?.({ a, b, c });
            await gpu.synchronize();
            const [profile] = gpu.virtual?.profile().kernels ?? [];
            gpu.virtual?.profiling(false);
            const bytes = { f16: 2, bf16: 2, f32: 4, i8: 1 }[type];
            const least = 4 * 2 * 64 * 256 * bytes + 128 * 128 * 4;
            expect([profile?.lds.bankConflicts, profile?.global.usefulBytes]).toEqual([0, least]);
        }
    });
});

describe("who takes them", () => {
    const toLds = /global_load_lds_dword(x4)? |global_load_dword .* lds/g;

    test("gfx950 unasked, where each brings 16 bytes; others where the source says so", async () => {
        const counts = await Promise.all(
            TARGETS.map(async (target) => [
                (await assembly(source("f16", ""), target)).match(toLds)?.length ?? 0,
                (await assembly(source("f16"), target)).match(toLds)?.length ?? 0,
            ]),
        );
        // In front of the loop, in its rounds whose successors are whole and in the others: of 64 lanes two tiles of 64 by 64, each of 8 KiB.
        const words = 3 * 2 * (8192 / 64 / 4);
        expect(counts).toEqual([
            [0, words],
            [0, words],
            [words / 4, words / 4],
        ]);
    });

    test("the same bits as through registers", async () => {
        const [m, n, k] = [128, 128, 96];
        const next = random(3);
        const args = {
            a: view("f16", [2, m, k], Array.from({ length: 2 * m * k }, next)),
            b: view("f16", [n, k], Array.from({ length: n * k }, next)),
            c: view("f32", [m, n]),
        };
        for (const target of TARGETS) {
            const device = `vgpu:${target}`;
            const { c: straight } = await run(source("f16"), args, { device });
            const { c: held } = await run(source("f16", "#pipeline(stages: 3)"), args, { device });
            expect(straight).toEqual(held);
        }
    });

    test.each([
        ["gfx1100", source("f16")],
        ["gfx942", source("f16").replace("b: f16[n, k]", "b: f16[k, n]").replace("b[j, p].T", "b[p, j]")],
        ["gfx950", source("f16", "#direct\n    #pipeline(stages: 3)")],
    ])("an error on %s where that can't be", async (target, text) => {
        await expect(assembly(text, target)).rejects.toThrow("E1170");
    });
});
