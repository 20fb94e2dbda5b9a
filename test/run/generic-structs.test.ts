// Generic structures on the device: each instance in its own layout, in views, fields and arguments; methods, inference
// through them, and the names that the host sees.

import { describe, expect, test } from "vitest";
import { array, struct } from "../../runtime/index.js";
import { kernelsOf, testGpu } from "./harness.js";

const SOURCE = `
struct Pair<T: Number> {
    a: T, b: T

    fn sum(self) -> T { self.a + self.b }
    fn swapped(self) -> Pair<T> { Pair(a: self.b, b: self.a) }
    fn of(x: T) -> Pair<T> { Pair(a: x, b: x) }
    fn scaled<U: Number>(self, by: U) -> Pair<U> { Pair(a: (self.a as U) * by, b: (self.b as U) * by) }
}
struct Block<T: Number, const N: index = 4> {
    items: T[N]
    range: Pair<T>
    fn total(self) -> T {
        var t = self.range.sum()
        for i in 0 .. N { t += self.items[i] }
        t
    }
}
type Half = Pair<f16>
struct Holder { wide: Pair<f64>, narrow: Half, id: u8 }
fn first<T: Number>(p: Pair<T>) -> T { p.a }
fn zero<T: Number>() -> Pair<T> { Pair(a: 0, b: 0) }
fn last<T: Number, const N: index>(blocks: Block<T, N>[m], i: index) -> T { blocks[i].items[N - 1] }
kernel k(
    x: f32[n], pairs: mut Pair<f32>[n], blocks: Block<i32>[n], y: mut f32[n], z: mut i32[n], held: mut Holder[n],
    g: Pair<i16>
) over i in n {
    let p = Pair(a: x[i], b: 2)
    let q: Pair<f32> = zero()
    pairs[i] = p.swapped()
    y[i] = first(p) + Pair::<f32>(a: 1.0, b: 2.0).sum() + Pair.of(x[i]).sum() + q.a + Pair::<f32>.of(3).b
    z[i] = blocks[i].total() + last(blocks, i) + (g.sum() as i32) + p.scaled::<i32>(2).a + (p.scaled(3.0).b as i32)
    held[i].wide = Pair(a: 0.5, b: x[i] as f64)
    held[i].narrow = Half(a: 1, b: p.a as f16)
}`;

const pair = (type: "f16" | "f32" | "f64" | "i16" | "i32") => struct(`Pair<${type}>`, { a: type, b: type });
const Block = struct("Block<i32, 4>", { items: array("i32", 4), range: pair("i32") });
const Holder = struct("Holder", { wide: pair("f64"), narrow: pair("f16"), id: "u8" });

describe.each([0, 3] as const)("at -O%d", (optimisation) => {
    test("instances are structures of their own", async () => {
        const n = 67;
        const at = Array.from({ length: n }, (_, i) => i);
        const gpu = await testGpu();
        const { k } = await kernelsOf(SOURCE, optimisation);
        using x = gpu.tensor("f32", [n], Float32Array.from(at));
        using pairs = gpu.tensor(pair("f32"), [n]);
        using blocks = gpu.tensor(
            Block,
            [n],
            at.map((i) => ({ items: [i, 2 * i, 3, -7], range: { a: 10, b: i } })),
        );
        using y = gpu.tensor("f32", [n]);
        using z = gpu.tensor("i32", [n]);
        using held = gpu.tensor(Holder, [n]);
        await k?.({ x, pairs, blocks, y, z, held, g: { a: 300, b: -50 } });
        expect(await pairs.read()).toEqual(at.map((i) => ({ a: 2, b: i })));
        expect([...(await y.read())]).toEqual(at.map((i) => i + 3 + 2 * i + 3));
        expect([...(await z.read())]).toEqual(at.map((i) => 10 + i + 3 * i + 3 - 7 - 7 + 250 + 2 * i + 6));
        expect(await held.read()).toEqual(at.map((i) => ({ wide: { a: 0.5, b: i }, narrow: { a: 1, b: i }, id: 0 })));
    });
});
