// Views beyond the plain ones: slices, strides, aliases, large ones, arrays as arguments. Optimised and not, checked and
// not: all give the same.

import { describe, expect, it } from "vitest";
import { BoundsFault, type KernelArgument, type LoadOptions } from "../../runtime/index.js";
import { testGpu } from "./harness.js";

const MODES: readonly LoadOptions[] = [
    { optimisation: 0, bounds: "checked" },
    { optimisation: 3, bounds: "checked" },
    { optimisation: 3, bounds: "unchecked" },
];

const FUNCTIONS = `
fn dot(a: f32[n], b: f32[n]) -> f32 {
    var sum: f32 = 0.0
    for i in 0 .. n { sum += a[i] * b[i] }
    sum
}
fn total(a: strided f32[n]) -> f32 {
    var sum: f32 = 0.0
    for i in 0 .. n { sum += a[i] }
    sum
}
fn trace(a: strided f32[n, n]) -> f32 {
    var sum: f32 = 0.0
    for i in 0 .. n { sum += a[i, i] }
    sum
}
fn fill(a: mut f32[n], v: f32) { for i in 0 .. n { a[i] = v } }
fn scale<const N: index>(a: mut f32[N], v: f32) { for i in 0 .. N { a[i] *= v } }
`;

/** Element (i, j) is 10 i + j. */
const table = (rows: number, columns: number) =>
    Array.from({ length: rows * columns }, (_, at) => 10 * Math.floor(at / columns) + (at % columns));

describe.each(MODES)("%o", (options) => {
    async function run(body: string, args: Readonly<Record<string, KernelArgument>>, kernel = "f") {
        const gpu = await testGpu();
        const module = await gpu.load({ source: `${FUNCTIONS}\n${body}`, path: "test.soma" }, options);
        await module.kernels[kernel]?.(args);
    }

    it("slices rows, columns, blocks and slices of slices", async () => {
        const gpu = await testGpu();
        const y = gpu.tensor("f32", [6]);
        const body = `kernel f(x: f32[m, n], y: mut f32[6]) over i in 1 {
            let row = x[2, :]
            let middle = row[1 .. n - 1]
            let block = x[1 .. 4, 2 .. 5]
            y[i] = dot(row, row)
            y[1] = middle[0] + middle[n - 3]
            y[2] = total(x[:, 3])
            y[3] = trace(block)
            y[4] = total(block[1, :])
            y[5] = dot(x[0, 0 .. 2], x[3, n - 2 .. n])
        }`;
        await run(body, { x: gpu.tensor("f32", [4, 5], table(4, 5)), y });
        const row = [20, 21, 22, 23, 24];
        const squares = row.reduce((sum, value) => sum + value * value, 0);
        expect([...(await y.read())]).toEqual([squares, 21 + 23, 3 + 13 + 23 + 33, 12 + 23 + 34, 22 + 23 + 24, 34]);
    });

    it("writes through slices, of views, private and shared arrays", async () => {
        const gpu = await testGpu();
        const x = gpu.tensor("f32", [2, 3]);
        const y = gpu.tensor("f32", [4]);
        const body = `kernel f(x: mut f32[m, n], y: mut f32[4]) groups 1 workgroup(2) {
            shared buf: f32[2, 4]
            var own: f32[3, 2]
            let mine = buf[local_id(), :]
            fill(mine, local_id() as f32 + 1.0)
            fill(own[1, :], 5.0)
            scale(own[1, 0 .. 1], 3.0)
            fill(x[local_id(), 1 .. n], own[1, 0] + own[1, 1] + own[2, 0])
            barrier()
            if local_id() == 0 { y[0] = total(buf[:, 3]); y[1] = dot(buf[0, :], buf[1, :]); scale(y[2 .. 4], 2.0) }
        }`;
        await y.write([0, 0, 8, 9]);
        await run(body, { x, y });
        expect([...(await x.read())]).toEqual([0, 20, 20, 0, 20, 20]);
        expect([...(await y.read())]).toEqual([3, 8, 16, 18]);
    });

    it("takes tensor views with strides", async () => {
        const gpu = await testGpu();
        const x = gpu.tensor("f32", [3, 4], table(3, 4));
        const y = gpu.tensor("f32", [4, 3]);
        const body = "kernel f(x: strided f32[m, n], y: mut f32[m, n]) over (i in m, j in n) { y[i, j] = x[i, j] }";
        await run(body, { x: x.transpose(), y });
        expect([...(await y.read())]).toEqual([0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 23]);
        expect([...(await x.transpose().read())]).toEqual([...(await y.read())]);
        // A block of one view into a block of another.
        const target = gpu.tensor("f32", [4, 4]);
        const copy =
            "kernel f(x: strided f32[m, n], y: mut strided f32[m, n]) over (i in m, j in n) { y[i, j] = x[i, j] }";
        await run(copy, {
            x: x.slice([1, 3], [0, 4]).slice(null, [1, 3]),
            y: target.slice([2, 4], [0, 2]).transpose(),
        });
        expect([...(await target.read())]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 11, 21, 0, 0, 12, 22, 0, 0]);
    });

    it("takes overlapping views where one is declared alias", async () => {
        const gpu = await testGpu();
        const x = gpu.tensor("f32", [5], [1, 2, 3, 4, 5]);
        // One work-item, so that the order is that of the loop: y[i] is x[i + 1].
        const body = `kernel f(x: alias f32[n], y: mut f32[n]) groups 1 workgroup(1) {
            for i in 0 .. n { y[i] = x[i] + 1.0 }
        }`;
        await run(body, { x: x.slice([0, 4]), y: x.slice([1, 5]) });
        expect([...(await x.read())]).toEqual([1, 2, 3, 4, 5]);
    });

    it("takes empty views", async () => {
        const gpu = await testGpu();
        const body =
            "kernel f(x: strided f32[m, n], y: mut strided f32[n, m]) over (i in m, j in n) { y[j, i] = x[i, j] }";
        await run(body, { x: gpu.tensor("f32", [5, 0]), y: gpu.tensor("f32", [0, 5]) });
        const x = gpu.tensor("f32", [2, 3], [1, 2, 3, 4, 5, 6]);
        await run(body, { x: x.slice([1, 1], null), y: x.slice([1, 1], null).transpose() });
        expect([...(await x.read())]).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it("addresses large views", async () => {
        const gpu = await testGpu();
        const y = gpu.tensor("i64", [3, 2]);
        const body =
            "kernel f(x: large i64[m, n], y: mut large i64[n, m]) over (i in m, j in n) { y[j, i] = x[i, j] + 1 }";
        await run(body, { x: gpu.tensor("i64", [2, 3], [1, 2, 3, 4, 5, 6]), y });
        expect([...(await y.read())]).toEqual([2n, 5n, 3n, 6n, 4n, 7n]);
    });

    it.runIf(options.bounds === "checked")("checks slices", async () => {
        const gpu = await testGpu();
        const args = { x: gpu.tensor("f32", [8]), y: gpu.tensor("f32", [1]) };
        const body = `kernel f(x: f32[n], a: index, b: index, c: index, y: mut f32[1]) over i in 1 {
            let part = x[a .. b]
            y[i] = part[c]
        }`;
        await run(body, { ...args, a: 2, b: 8, c: 5 });
        const fault = (a: number, b: number, c: number) => run(body, { ...args, a, b, c }).catch((reason) => reason);
        const beyond = await fault(2, 9, 0);
        expect(beyond).toBeInstanceOf(BoundsFault);
        expect(beyond.message).toContain("a slice to 9 in dimension 0 of x, whose extent is 8");
        expect((await fault(4, 3, 0)).message).toContain("a slice from 4 to 3 in dimension 0 of x");
        expect((await fault(-1, 3, 0)).message).toContain("a slice from -1 to 3");
        expect(await fault(2, 4, 2)).toMatchObject({ view: { name: "part" }, index: 2n, extent: 2n });
    });
});
