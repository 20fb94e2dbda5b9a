// Persistent kernels: as many workgroups as the GPU holds go from block to block. Each block is done once, with the results of a
// launch that has a workgroup for each, and nothing is left in LDS that one block's waves could take for another's.

import { expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { expectElements, run, testGpu, view } from "../run/harness.js";
import { exactly, MATRIX_DEVICES, productAt, roundingBound, sumBound } from "./reference.js";

const product = (name: string, attribute: string) => `
${attribute}
matrix kernel ${name}(a: f16[m, k], b: f16[k, n], c: mut f32[m, n]) over (i in m by 64, j in n by 64) {
    var acc: tile f32[64, 64] = 0.0
    for p in k by 32 { acc += a[i, p] @ b[p, j] }
    c[i, j] = c[i, j] + acc
}`;

const SOURCE = `${product("plain", "")}
${product("persistent", "#persistent")}

#persistent
matrix kernel batches(a: f16[h, m, 16], b: f16[16, n], c: mut f32[h, m, n])
    over (head in h, i in m by 16, j in n by 16) {
    c[head, i, j] = c[head, i, j] + a[head, i, :] @ b[:, j]
}

#persistent
matrix kernel points(x: f32[m, n, 16], y: mut f32[m, n, 16]) over (i in m, j in n) {
    y[i, j, :] = y[i, j, :] + x[i, j, :]
}

/// Rows from the limit on are left as they are.
#persistent
matrix kernel until(x: f32[n], limit: index, y: mut f32[n]) over i in n by 256 {
    if reduce_max(indices(i), axis: 0) < limit {
        y[i] = y[i] + x[i]
        return
    }
    for j in 0 .. n {
        if j >= limit { return }
    }
    y[i] = y[i] - x[i]
}
`;

const filled = (value: number, ...shape: number[]) =>
    new Array<number>(shape.reduce((size, extent) => size * extent, 1)).fill(value);

test.each(MATRIX_DEVICES)(
    "workgroups of $target do several blocks each, with the same sums",
    async ({ target, device }) => {
        const { virtual, properties } = await testGpu(device);
        // Operands take so much LDS that a compute unit holds at most 5 of the workgroups, with gfx950's 160 KiB 10.
        const most = target === "gfx950" ? 10 : 5;
        const m = 64 * Math.ceil(Math.sqrt((most + 0.5) * properties.computeUnits)) - 5;
        const [n, k] = [m - 70, 40];
        const [x, y] = [exactly(m * k, 3, 9), exactly(k * n, 5, 9)];
        const args = {
            a: view("f16", [m, k], Array.from(x)),
            b: view("f16", [k, n], Array.from(y)),
            c: view("f32", [m, n]),
        };
        const plain = await run(SOURCE, args, { kernel: "plain", device });
        virtual?.sanitizing(target === "gfx1201" || target === "gfx90a");
        const { c, launch } = await run(SOURCE, args, { kernel: "persistent", device });
        expect(virtual?.sanitizerReports() ?? []).toEqual([]);
        virtual?.sanitizing(false);
        const [workgroups] = launch.grid;
        expect(launch.grid).toEqual([workgroups, 1, 1]);
        expect(workgroups).toBeLessThan(Math.ceil(m / 64) * Math.ceil(n / 64));
        expect(workgroups % properties.computeUnits).toBe(0);
        expectElements(c, plain.c);
        for (let at = 0; at < m * n; at += 997) {
            const { value, magnitude } = productAt(x, y, [Math.floor(at / n), at % n], [k, n]);
            const bound = sumBound(k, magnitude) + roundingBound(value, 24, 0);
            expect(Math.abs((c[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(bound);
        }
    },
);

test.each([
    [1, 1, 1],
    [33, 31, 65],
    [40, 2000, 0],
    [0, 64, 64],
    [64, 0, 64],
])("of %i by %i, summed over %i", async (m, n, k) => {
    const device = "vgpu:gfx942";
    const args = {
        a: view("f16", [m, k], filled(1, m, k)),
        b: view("f16", [k, n], filled(1, k, n)),
        c: view("f32", [m, n], filled(3, m, n)),
    };
    const { c, launch } = await run(SOURCE, args, { kernel: "persistent", device });
    expect(launch.grid).toEqual([Math.ceil(m / 64) * Math.ceil(n / 64), 1, 1]);
    expectElements(c, new Float32Array(m * n).fill(3 + k));
});

test.each(["vgpu:gfx1201", "vgpu:gfx950"])(
    "batches, points, and blocks that return early, each once on %s",
    async (device) => {
        const { virtual } = await testGpu(device);
        virtual?.sanitizing(true);
        const [h, m, n] = [65, 16 * 13 + 3, 16 * 17 - 3];
        const batches = {
            a: view("f16", [h, m, 16], filled(1, h, m, 16)),
            b: view("f16", [16, n], filled(1, 16, n)),
            c: view("f32", [h, m, n]),
        };
        const done = await run(SOURCE, batches, { kernel: "batches", device });
        expect(done.launch.grid[0]).toBeLessThan(h * 14 * 17);
        expectElements(done.c, new Float32Array(h * m * n).fill(16));
        const points = { x: view("f32", [130, 120, 16], filled(1, 130, 120, 16)), y: view("f32", [130, 120, 16]) };
        expectElements(
            (await run(SOURCE, points, { kernel: "points", device })).y,
            new Float32Array(130 * 120 * 16).fill(1),
        );
        const size = 256 * 9000 + 7;
        const until = { x: view("f32", [size], filled(1, size)), limit: 256 * 3000, y: view("f32", [size]) };
        const expected = Float32Array.from({ length: size }, (_, at) => (at < 256 * 3000 ? 1 : 0));
        expectElements((await run(SOURCE, until, { kernel: "until", device })).y, expected);
        expect(virtual?.sanitizerReports() ?? []).toEqual([]);
        virtual?.sanitizing(false);
    },
);

test("a graph launches as many workgroups", async () => {
    const gpu = await testGpu("vgpu:gfx90a");
    const { points } = (await gpu.load({ source: SOURCE })).kernels;
    using x = gpu.tensor("f32", [100, 100, 16], filled(1, 100, 100, 16));
    using y = gpu.tensor("f32", [100, 100, 16]);
    const graph = await gpu.capture({ x, y }, (views) => points?.(views));
    await graph.replay();
    await graph.replay();
    expectElements(await y.read(), new Float32Array(100 * 100 * 16).fill(2));
});

test.each(MATRIX_DEVICES.filter(({ target }) => target.startsWith("gfx")))(
    "takes at most a seventh more registers than a workgroup for each block does, and spills none, on $target",
    async ({ target }) => {
        const product = (name: string, attribute: string) => `${attribute}
matrix kernel ${name}(a: f16[m, k], b: f16[k, n], c: mut f16[m, n]) over (i in m by 128, j in n by 64) {
    var acc: tile f32[128, 64] = 0.0
    for p in k by 32 { acc += a[i, p] @ b[p, j] }
    c[i, j] = acc as f16
}`;
        const text = [product("plain", ""), product("persistent", "#persistent")].join("\n");
        const { output } = await compile({ path: "test.soma", text }, loadModule, loadCodegen(), { target });
        const { kernels } = await loadCodegen().inspect(output ?? new Uint8Array());
        const [plain, persistent] = ["plain", "persistent"].map((wanted) =>
            kernels.find(({ name }) => name === wanted),
        );
        expect(persistent?.vgprSpills).toBe(0);
        expect(persistent?.vgprs).toBeLessThanOrEqual(((plain?.vgprs ?? 0) * 8) / 7);
        expect(persistent?.ldsBytes).toBe(plain?.ldsBytes);
    },
);

test("only a matrix kernel is persistent", async () => {
    const text = "#persistent\nkernel copy(x: f32[n], y: mut f32[n]) over i in n { y[i] = x[i] }";
    const { diagnostics } = await compile({ path: "test.soma", text }, loadModule, loadCodegen(), {
        target: "gfx1100",
    });
    expect(diagnostics.map(({ code }) => code)).toEqual(["E0802"]);
});
