// Structures and enums on the device: C's layout in views, shared memory and arguments; values through functions,
// methods, branches and loops; arrays in them; the interpreter computes the same.

import { describe, expect, test } from "vitest";
import { interpret } from "../../compiler/ir/interpret/interpret.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { array, struct } from "../../runtime/index.js";
import { kernelsOf, testGpu } from "./harness.js";

const LEVELS = [0, 3] as const;

const BODIES = `
type Real = f32
enum Mode: u8 { off, slow = 5, fast }
struct Pair { a: f32x2, b: i16 }
struct Body {
    pos: f32x3, mass: Real
    flag: bool, mode: Mode
    pair: Pair
    hist: f32[2, 2]
    id: u64

    fn energy(self, v: f32) -> f32 { 0.5 * self.mass * v * v }
    fn moved(self, d: f32x3) -> Body {
        var b = self
        b.pos += d
        b.hist[1, 0] = 7
        if b.flag { return b }
        b.pair = Pair(b: 8, a: f32x2(9))
        b
    }
    fn twice(m: f32) -> f32 { m * 2 }
}
kernel step(x: mut Body[n], g: Pair, y: mut f32[n]) over i in n {
    var b = x[i].moved(f32x3(1, 2, 3))
    for j in 0 .. 2 { b.pair.a[j] += g.a.x }
    b.hist[i % 2, 1] += 1
    if b.mode == Mode.slow { b.mode = Mode.fast } else if b.mode < Mode.slow { b.mode = 200 as Mode }
    x[i] = b
    x[i].pair.b += g.b + (b.mode as i16)
    x[i].hist[0, i % 2] = b.energy(2)
    atomic_add(x[i].id, 1 as u64 << 40)
    y[i] = Body.twice(b.mass) + x[i].pos.z
}`;

const Pair = struct("Pair", { a: "f32x2", b: "i16" });
const Body = struct("Body", {
    pos: "f32x3",
    mass: "f32",
    flag: "bool",
    mode: "u8",
    pair: Pair,
    hist: array("f32", 2, 2),
    id: "u64",
});

/** What clang lays out for the same structures with HIP's vectors. */
test("the layout is C's", () => {
    expect(Pair.size).toBe(16);
    expect(Pair.fields.map(({ offset }) => offset)).toEqual([0, 8]);
    expect(Body.fields.map(({ offset }) => offset)).toEqual([0, 12, 16, 17, 24, 40, 56]);
    expect(Body.size).toBe(64);
    expect(struct("A", { a: "u8", b: "f32x4", c: "u8" }).size).toBe(48);
    expect(struct("B", { a: "u8", b: "f64x3", c: "u8" }).size).toBe(40);
});

function bodies(count: number) {
    return Array.from({ length: count }, (_, i) => ({
        pos: [i, 2 * i, -i],
        mass: 2 + i,
        flag: i % 3 === 0,
        mode: [0, 5, 6][i % 3] as number,
        pair: { a: [i, 1], b: -i },
        hist: [i, 0, 0, 1],
        id: BigInt(i),
    }));
}

function stepped(count: number) {
    return bodies(count).map(({ pos, mass, flag, mode, pair, hist, id }, i) => {
        const next = [...hist];
        next[2] = 7;
        const kept = flag ? pair : { a: [9, 9], b: 8 };
        next[2 * (i % 2) + 1] = (next[2 * (i % 2) + 1] as number) + 1;
        const changed = mode === 5 ? 6 : mode < 5 ? 200 : mode;
        next[i % 2] = 0.5 * mass * 4;
        return {
            pos: [(pos[0] as number) + 1, (pos[1] as number) + 2, (pos[2] as number) + 3],
            mass,
            flag,
            mode: changed,
            pair: { a: kept.a.map((each) => each + 4.5), b: kept.b - 7 + changed },
            hist: next,
            id: id + (1n << 40n),
        };
    });
}

describe.each(LEVELS)("at -O%d", (optimisation) => {
    test("bodies in a view are stepped", async () => {
        const n = 70;
        const gpu = await testGpu();
        const { step } = await kernelsOf(BODIES, optimisation);
        using x = gpu.tensor(Body, [n], bodies(n));
        using y = gpu.tensor("f32", [n]);
        await step?.({ x, g: { a: [4.5, 1], b: -7 }, y });
        // Vectors of one lane's type come as arrays.
        expect(await x.read()).toEqual(stepped(n));
        expect([...(await y.read())]).toEqual(bodies(n).map(({ mass, pos }) => 2 * mass + (pos[2] as number) + 3));
    });

    test("in shared memory, in arrays and nested deeper", async () => {
        const source = `
struct Inner { key: u8, value: f64 }
struct Outer { items: Inner[3], count: u16 }
kernel k(y: mut f64[n], z: mut Outer[n]) groups 2 workgroup(32) {
    shared table: Outer[32]
    var own: Inner[4]
    let t = local_id()
    let value = 10 * t as f64
    table[t].count = t as u16
    for j in 0 .. 3 { table[t].items[j] = Inner(key: j as u8, value: value + (j as f64)) }
    barrier()
    own[t % 4] = table[t ^ 1].items[t % 3]
    own[(t + 1) % 4].key = 77
    let other = table[31 - t]
    y[global_id()] = own[t % 4].value + (own[(t + 1) % 4].key as f64) + (other.count as f64) + own[(t + 2) % 4].value
    z[global_id()] = other
    z[global_id()].items[t % 3].value = -1
}`;
        const gpu = await testGpu();
        const Inner = struct("Inner", { key: "u8", value: "f64" });
        const Outer = struct("Outer", { items: array(Inner, 3), count: "u16" });
        const { k } = await kernelsOf(source, optimisation);
        using y = gpu.tensor("f64", [64]);
        using z = gpu.tensor(Outer, [64]);
        await k?.({ y, z });
        const items = Array.from({ length: 64 }, (_, i) => i % 32);
        expect([...(await y.read())]).toEqual(items.map((t) => 10 * (t ^ 1) + (t % 3) + 77 + (31 - t)));
        expect(await z.read()).toEqual(
            items.map((t) => ({
                items: [0, 1, 2].map((j) => ({ key: j, value: j === t % 3 ? -1 : 10 * (31 - t) + j })),
                count: 31 - t,
            })),
        );
    });
});

test("the interpreter steps bodies as the device does", async () => {
    const { program } = checkProgram({ path: "test.soma", text: BODIES }, () => undefined);
    if (program === null) throw new Error("the program has a mistake");
    const n = 9;
    const gpu = await testGpu();
    using x = gpu.tensor(Body, [n], bodies(n));
    const values = [...(await x.readBytes())].map(BigInt);
    const memory = { name: "x", element: "bytes", values } as const;
    const y = { name: "y", element: "f32", values: new Array(n).fill(0) } as const;
    const { fault } = interpret(lowerProgram(program), {
        kernel: "step",
        groups: [1, 1, 1],
        args: [memory, 4.5, 1, -7n, y, BigInt(n)],
    });
    expect(fault).toBeNull();
    using result = gpu.tensor(Body, [n], Uint8Array.from(values, Number));
    expect(await result.read()).toEqual(stepped(n));
});

test("what is passed for a structure is checked", async () => {
    const gpu = await testGpu();
    const source = "struct P { a: f32x2, b: i16 }\nkernel k(x: mut P[n], g: P) over i in n { x[i] = g }\n";
    const { k } = await kernelsOf(source);
    const P = struct("P", { a: "f32x2", b: "i16" });
    using x = gpu.tensor(P, [2]);
    await k?.({ x, g: { b: 3, a: Float32Array.of(1, 2) } });
    expect(await x.read()).toEqual([
        { a: [1, 2], b: 3 },
        { a: [1, 2], b: 3 },
    ]);
    await expect(k?.({ x, g: 1 })).rejects.toThrow("k: g is P and takes an object of a, b, not 1");
    await expect(k?.({ x, g: { a: [1, 2] } })).rejects.toThrow("k: g lacks the field b");
    await expect(k?.({ x, g: { a: [1, 2], b: 3, c: 4 } })).rejects.toThrow("k: g is P, which has no field c");
    await expect(k?.({ x, g: { a: [1], b: 3 } })).rejects.toThrow("k: g.a is f32x2 and takes an array of 2 values");
    await expect(k?.({ x, g: { a: [1, 2], b: 1e6 } })).rejects.toThrow("k: g.b is i16 and takes an integer in");
    using other = gpu.tensor(struct("P", { a: "f32x2", b: "i32" }), [2]);
    await expect(k?.({ x: other, g: { a: [1, 2], b: 3 } })).rejects.toThrow(
        "takes elements of P, not of P, whose fields differ",
    );
    expect(() => gpu.tensor(P, [2], [{ a: [1, 2], b: 3 }])).toThrow("data has 1 elements, and the shape [2] takes 2");
});
