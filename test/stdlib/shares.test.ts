// Products whose workgroups have equal shares of the rounds (stream-K), against double precision: shapes that are no multiple of anything,
// fewer blocks than workgroups and more, shares of less than a round, and the same bits in every run.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { matmul, sharingOf } from "../../runtime/library/index.js";
import { exactly, MATRIX_DEVICES, productAt, roundingBound, sumBound } from "../matrix/reference.js";
import { expectElements, kernelsOf, testGpu } from "../run/harness.js";

const SOURCE = `import std.linalg { matmul_shares, sum_shares }
instance multiply = matmul_shares<f16>
instance add = sum_shares<f16>
`;

/** Sums that are in `parts` before a launch, which must not count where no share writes. */
const STALE = 12345;

async function multiplied(device: string, x: Float64Array, y: Float64Array, shape: readonly number[], w: number) {
    const [m = 0, n = 0, k = 0] = shape;
    const gpu = await testGpu(device);
    const { multiply, add } = await kernelsOf(SOURCE, 3, device);
    using a = gpu.tensor("f16", [m, k], Array.from(x));
    using b = gpu.tensor("f16", [k, n], Array.from(y));
    using c = gpu.tensor("f16", [m, n], new Array<number>(m * n).fill(7));
    using parts = gpu.tensor("f32", [w, 2, 128, 64], new Array<number>(w * 2 * 128 * 64).fill(STALE));
    await multiply?.({ a, b, c, parts });
    await add?.({ parts, k, c });
    return await c.read();
}

describe.each(MATRIX_DEVICES.filter(({ target }) => target !== "gfx1030"))("on $target", ({ target, device }) => {
    test.skipIf(target.startsWith("sm_"))(
        "spills no vector registers, and LDS of 64 KiB holds two workgroups",
        async () => {
            const source = { path: "shares.soma", text: SOURCE };
            const { output } = await compile(source, loadModule, loadCodegen(), { target });
            const { kernels } = await loadCodegen().inspect(output ?? new Uint8Array());
            expect(kernels.map(({ vgprSpills }) => vgprSpills)).toEqual([0, 0, 0, 0]);
            for (const { ldsBytes } of kernels) expect(ldsBytes).toBeLessThanOrEqual(32768);
        },
    );

    test.each([
        ["one block, of which each workgroup has two rounds", [40, 33, 320], 5],
        ["one block and one workgroup", [128, 64, 96], 1],
        ["fewer blocks than workgroups", [200, 130, 1000], 11],
        ["more workgroups than rounds", [100, 64, 70], 7],
        ["as many blocks as workgroups", [256, 128, 64], 4],
        ["two blocks for some workgroups", [257, 190, 150], 5],
        ["whole blocks and shares", [650, 190, 75], 5],
        ["ten rows of blocks", [1200, 70, 40], 3],
        ["no terms", [130, 70, 0], 3],
        ["no rows", [0, 70, 40], 3],
        ["no columns", [70, 0, 40], 3],
    ] as const)("%s: %o by %i", async (_, shape, w) => {
        const [m, n, k] = shape;
        const [x, y] = [exactly(m * k, 7, 9), exactly(k * n, 11, 9)];
        const { virtual } = await testGpu(device);
        virtual?.sanitizing(true);
        const first = await multiplied(device, x, y, shape, w);
        expect(virtual?.sanitizerReports() ?? []).toEqual([]);
        virtual?.sanitizing(false);
        for (let at = 0; at < m * n; at++) {
            const { value, magnitude } = productAt(x, y, [Math.floor(at / n), at % n], [k, n]);
            // Adding the parts in f32 is one more rounding for each.
            const bound = sumBound(k + w, magnitude) + roundingBound(value, 11, 2 ** -25);
            expect(Math.abs((first[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(bound);
        }
        expectElements(await multiplied(device, x, y, shape, w), first);
    });
});

describe("matmul of the library", () => {
    test("shares a product as asked, and not where that is forbidden", async () => {
        const gpu = await testGpu("vgpu:gfx942");
        const [m, n, k] = [300, 70, 100];
        const [x, y] = [exactly(m * k, 7, 9), exactly(k * n, 11, 9)];
        using a = gpu.tensor("f16", [m, k], Array.from(x));
        using b = gpu.tensor("f16", [k, n], Array.from(y));
        using c = gpu.tensor("f16", [m, n]);
        expect(await matmul(a, b, c, { shares: 5 })).toEqual({ parts: 1, shares: 5 });
        const shared = await c.read();
        expect(await matmul(a, b, c, { shares: 0 })).toEqual({ parts: 1, shares: 0 });
        const alone = await c.read();
        for (let at = 0; at < m * n; at++) {
            const { value, magnitude } = productAt(x, y, [Math.floor(at / n), at % n], [k, n]);
            const bound = sumBound(k + 5, magnitude) + roundingBound(value, 11, 2 ** -25);
            expect(Math.abs((shared[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(bound);
            expect(Math.abs((alone[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(bound);
        }
        await expect(matmul(a, b, c, { shares: -1 })).rejects.toThrow("or 0 for none, not -1");
        await expect(matmul(a, b, c, { shares: 2, parts: 2 })).rejects.toThrow("not both: leave out one");
    });

    test.each([
        // 304 units, as an MI300X has: 400 blocks of 128 by 128 take two turns, of which the second has 96.
        ["blocks that leave units idle in their last turn", [2560, 2560, 4096], { parts: 1, shares: 608 }],
        ["as many blocks as units", [2432, 2048, 4096], { parts: 1, shares: 0 }],
        ["27 turns, the last of which is nearly full", [16384, 8192, 1024], { parts: 1, shares: 0 }],
        ["one block and a long sum", [128, 128, 16384], { parts: 64, shares: 0 }],
        ["no terms", [2560, 2560, 0], { parts: 1, shares: 0 }],
    ] as const)("prefers for %s", (_, size, sharing) => {
        expect(sharingOf(size, 304)).toEqual(sharing);
    });
});
