// The operations of waves, lane by lane, against their definition: on every way that targets have to move values between
// lanes, with all lanes active and with some, with and without optimisation, and in the interpreter.

import { describe, expect, test } from "vitest";
import type { Argument } from "../../compiler/ir/interpret/frame.js";
import { interpret } from "../../compiler/ir/interpret/interpret.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import type { ConstantValue } from "../../compiler/ir/module.js";
import { type ElementType, type Gpu, open } from "../../runtime/index.js";
import { lowered } from "../ir/programs.js";
import { DEVICE, expectElements } from "./harness.js";
import { type Float, type Integer, isUnsigned, roundTo, WIDTHS, wrap } from "./reference.js";

const INTEGERS: readonly Integer[] = ["i8", "u16", "i32", "u64", "index"];
const FLOATS: readonly Float[] = ["f16", "f32", "f64"];
type Number = Integer | Float;
type Value = bigint | number;

const ON_VIRTUAL = ["vgpu:gfx1100", "vgpu:gfx1201", "vgpu:gfx1030", "vgpu:gfx942", "vgpu:gfx90a"];
const DEVICES = DEVICE.startsWith("vgpu") ? ON_VIRTUAL : [DEVICE];
const ITEMS = 96;

function isFloat(type: Number): type is Float {
    return type.startsWith("f");
}

function combine(kind: string, type: Number, a: Value | undefined, b: Value | undefined): Value | undefined {
    if (a === undefined || b === undefined) return a ?? b;
    const one = Number.isNaN(a) ? b : Number.isNaN(b) ? a : null;
    const isLess = a < b || (Object.is(a, -0) && Object.is(b, 0));
    switch (kind) {
        case "sum":
            return isFloat(type)
                ? roundTo((a as number) + (b as number), type)
                : wrap((a as bigint) + (b as bigint), type);
        case "min":
            return one ?? (isLess ? a : b);
        case "max":
            return one ?? (isLess ? b : a);
        case "and":
            return (a as bigint) & (b as bigint);
        case "or":
            return (a as bigint) | (b as bigint);
        default:
            return (a as bigint) ^ (b as bigint);
    }
}

function nothing(kind: string, type: Number): Value {
    if (isFloat(type)) return kind === "sum" ? -0 : Number.NaN;
    const ones = wrap(-1n, type);
    const greatest = isUnsigned(type) ? ones : (1n << BigInt(WIDTHS[type] - 1)) - 1n;
    if (kind === "min") return greatest;
    if (kind === "max") return wrap(greatest + 1n, type);
    return kind === "and" ? ones : 0n;
}

/** Halves of the lanes, each summed first: the balanced tree, told from its root. */
function tree(kind: string, type: Number, values: readonly (Value | undefined)[]): Value | undefined {
    if (values.length === 1) return values[0];
    const even = values.slice(0, values.length / 2);
    return combine(kind, type, tree(kind, type, even), tree(kind, type, values.slice(values.length / 2)));
}

/** In rows of 16: by 1, 2, 4, 8; then row by row. */
function upTo(kind: string, type: Number, values: readonly (Value | undefined)[]): (Value | undefined)[] {
    const result = [...values];
    for (const by of [1, 2, 4, 8]) {
        for (let lane = values.length - 1; lane >= 0; lane--) {
            if (lane % 16 >= by) result[lane] = combine(kind, type, result[lane - by], result[lane]);
        }
    }
    for (let lane = 0; lane < values.length; lane++) {
        if (Math.floor(lane / 16) % 2 === 1) {
            result[lane] = combine(kind, type, result[Math.floor(lane / 16) * 16 - 1], result[lane]);
        }
    }
    for (let lane = 32; lane < values.length; lane++) result[lane] = combine(kind, type, result[31], result[lane]);
    return result;
}

const zero = (type: Number): Value => (isFloat(type) ? 0 : 0n);

interface Expression {
    readonly code: string;
    readonly expected: (values: readonly (Value | undefined)[], type: Number) => (Value | undefined)[];
}

function shuffled(code: string, from: (lane: number, size: number) => number | null): Expression {
    const expected: Expression["expected"] = (values, type) =>
        values.map((value, lane) => {
            const other = from(lane, values.length);
            return other === null ? value : (values[other] ?? zero(type));
        });
    return { code, expected };
}

function expressions(type: Number): readonly Expression[] {
    const kinds = isFloat(type) ? ["sum", "min", "max"] : ["sum", "min", "max", "and", "or", "xor"];
    const flip = (mask: number) => shuffled(`wave_shuffle_xor(v, ${mask})`, (lane, size) => (lane ^ mask) & (size - 1));
    const within = (lane: number, size: number) => (lane >= 0 && lane < size ? lane : null);
    return [
        ...kinds.flatMap((kind): Expression[] => [
            {
                code: `wave_${kind}(v)`,
                expected: (values) => values.map(() => tree(kind, type, values)),
            },
            { code: `wave_inclusive_${kind}(v)`, expected: (values) => upTo(kind, type, values) },
            {
                code: `wave_exclusive_${kind}(v)`,
                expected: (values) => {
                    const all = upTo(kind, type, values);
                    return all.map((_, lane) => all[lane - 1] ?? nothing(kind, type));
                },
            },
        ]),
        ...[1, 2, 3, 4, 7, 8, 9, 15, 16, 21, 31, 32, 45].map(flip),
        shuffled("wave_shuffle_xor(v, far)", (lane, size) => (lane ^ 39) & (size - 1)),
        shuffled("wave_shuffle(v, (i * 7 + 3) % 96)", (lane, size) => ((lane * 7 + 3) % 96) % size),
        shuffled("wave_shuffle(v, -1)", (_lane, size) => size - 1),
        shuffled("wave_shuffle_up(v, 1)", (lane, size) => within(lane - 1, size)),
        shuffled("wave_shuffle_up(v, far)", (lane, size) => within(lane - 39, size)),
        shuffled("wave_shuffle_down(v, 5)", (lane, size) => within(lane + 5, size)),
        shuffled("wave_broadcast(v, 5)", () => 5),
        shuffled("wave_broadcast(v, far)", (_lane, size) => 39 % size),
        {
            code: "wave_first(v)",
            expected: (values) => values.map(() => values.find((value) => value !== undefined)),
        },
    ];
}

/** Which lanes are active: all of them, then some. */
const CONDITIONS: Readonly<Record<string, (item: number) => boolean>> = {
    true: () => true,
    "i % 3 != 0": (item) => item % 3 !== 0,
    "i % 64 > 40 || i == 3": (item) => item % 64 > 40 || item === 3,
};

function source(type: Number, attribute = ""): string {
    const list = expressions(type);
    const blocks = Object.keys(CONDITIONS).map((condition, set) => {
        const lines = list.map(({ code }, row) => `        out[${set}, ${row}, i] = ${code}`);
        return `    if ${condition} {\n${lines.join("\n")}\n    }`;
    });
    return `${attribute}kernel waves(x: ${type}[n], far: index, out: mut ${type}[3, ${list.length}, n]) groups 1 workgroup(${ITEMS}) {
    let i = local_id()
    let v = x[i]
${blocks.join("\n").replaceAll("(i * 7 + 3)", "(lane_id() * 7 + 3)")}
}
`;
}

function inputs(type: Number): Value[] {
    return Array.from({ length: ITEMS }, (_, i) => {
        if (isFloat(type)) return i === 17 ? Number.NaN : roundTo((((i * 37) % 101) - 50) / 7, type);
        return wrap(BigInt(i + 1) * 0x9e37_79b9_7f4a_7c15n, type);
    });
}

function expectedOf(type: Number, x: readonly Value[], size: number): Value[] {
    const parts = Object.values(CONDITIONS).flatMap((isActive) =>
        expressions(type).flatMap(({ expected }) =>
            Array.from({ length: ITEMS / 32 / (size / 32) + 1 }, (_, wave) => {
                const lanes = Array.from({ length: size }, (_lane, at) => {
                    const item = wave * size + at;
                    return item < ITEMS && isActive(item) ? x[item] : undefined;
                });
                const results = expected(lanes, type);
                return lanes.map((value, at) => (value === undefined ? zero(type) : (results[at] ?? zero(type))));
            })
                .flat()
                .slice(0, ITEMS),
        ),
    );
    return parts;
}

function asElements(type: Number, values: readonly Value[]): number[] | bigint[] {
    return ["i64", "u64", "index"].includes(type) ? (values as bigint[]) : values.map(Number);
}

async function onDevice(gpu: Gpu, text: string, type: Number, optimisation: 0 | 3): Promise<ArrayLike<Value>> {
    const { kernels } = await gpu.load({ source: text, path: "waves.soma" }, { optimisation });
    const [x, out] = [
        gpu.tensor(type as ElementType, [ITEMS], asElements(type, inputs(type)) as number[]),
        gpu.tensor(type as ElementType, [3, expressions(type).length, ITEMS]),
    ];
    await kernels.waves?.({ x, far: 39, out });
    return (await out.read()) as ArrayLike<Value>;
}

/** Waves in which lanes leave loops, go round them and return at different times. */
const DIVERGENT = `fn total(x: i32) -> i32 { wave_sum(x) }

kernel k(x: i32[n], y: mut i32[6, n]) groups 1 workgroup(64) {
    let i = local_id()
    var a: i32 = 0
    // leaves with a wave operation on the way
    for j in 0 .. 100 {
        if j == i % 5 { a = wave_sum(x[i]); break }
    }
    y[0, i] = a
    var b: i32 = 0
    for j in 0 .. 20 {
        if (i + j) % 3 == 0 { continue }
        b = b * 3 + total(x[i])
        if j == i % 7 { b += total(1) * 1000; break }
    }
    y[1, i] = b
    var c: i32 = 0
    while true {
        c += 1
        if c > x[i] % 9 { c += 100 * wave_max(x[i]); break }
    }
    y[2, i] = c
    var d: i32 = 0
    for j in 0 .. i % 4 + 1 {
        for k in 0 .. i % 3 + 1 {
            if k == 1 && i % 2 == 0 { d += 7 * total(i as i32); break }
            d += wave_min(x[i])
        }
        d += total(2)
    }
    y[3, i] = d
    y[4, i] = total(1)
    for j in 0 .. 50 {
        if j == i % 11 {
            y[5, i] = wave_sum(i as i32)
            return
        }
    }
}
`;

/** Ways out of functions and of several loops at once, of waves of which the last is incomplete. */
const LEAVING = `fn some(x: i32, i: index) -> i32 {
    if i % 3 == 0 { return wave_sum(x) }
    var sum: i32 = 0
    for j in 0 .. 6 {
        if j == i % 5 { continue }
        for k in 0 .. i % 4 {
            if k == 2 { return sum + 10 * wave_sum(x) }
        }
        sum += wave_max(x + j as i32)
    }
    while sum % 7 != 0 {
        sum += wave_exclusive_sum(1) + 1
        if sum % 5 == 0 { break }
    }
    sum + 1000 * wave_sum(1)
}

kernel k(x: i32[n], y: mut i32[6, n]) groups (1, 1) workgroup(5, 9) {
    let i = local_id(0) * 9 + local_id(1)
    y[0, i] = count_ones(wave_ballot(true)) as i32
    y[1, i] = some(x[i], i)
    y[2, i] = wave_inclusive_sum(x[i])
    if x[i] % 4 == 1 { return }
    y[3, i] = wave_exclusive_sum(x[i])
    // without operations of the wave within
    for j in 0 .. 20 {
        if j == x[i] as index % 16 { return }
        if j * j > x[i] as index { break }
    }
    y[4, i] = some(y[3, i], i / 2)
    if i % 2 == 0 { y[5, i] = wave_first(x[i]) } else { if i % 3 == 0 { return } }
    y[5, i] += wave_min(x[i])
}
`;

describe.each(DEVICES)("on %s", (name) => {
    test.each([0, 3] as const)("at -O%d every operation is what it says", async (optimisation) => {
        const gpu = await open(name);
        const size = gpu.properties.waveSize;
        const types: readonly Number[] = name === DEVICES[0] ? [...INTEGERS, ...FLOATS] : ["i8", "u64", "f32"];
        for (const type of types) {
            const results = await onDevice(gpu, source(type), type, optimisation);
            const expected = asElements(type, expectedOf(type, inputs(type), size));
            expectElements(results as ArrayLike<number>, expected as number[]);
        }
        gpu.close();
    });
});

test.runIf(DEVICE.startsWith("vgpu")).each(["vgpu:gfx1100", "vgpu:gfx1201", "vgpu:gfx1030"])(
    "waves of 64 on %s, which has 32 by default",
    async (name) => {
        const gpu = await open(name);
        for (const optimisation of [0, 3] as const) {
            for (const type of ["u16", "i32", "f64"] as const) {
                const results = await onDevice(gpu, source(type, "#wave(64)\n"), type, optimisation);
                const expected = asElements(type, expectedOf(type, inputs(type), 64));
                expectElements(results as ArrayLike<number>, expected as number[]);
            }
        }
        gpu.close();
    },
);

const PROGRAMS = { "rounds of loops and on their ways out": DIVERGENT, "what is left when others leave": LEAVING };
const CASES = DEVICES.flatMap((name) => Object.entries(PROGRAMS).map(([what, text]) => [what, name, text] as const));

test.each(CASES)("lanes meet in %s, on %s", async (_what, name, text) => {
    const gpu = await open(name);
    const x = Array.from({ length: 64 }, (_, i) => (i * 37) % 101);
    const values = new Array<ConstantValue>(6 * 64).fill(0n);
    const args: Argument[] = [
        { name: "x", element: "i32", values: x.map(BigInt) },
        { name: "y", element: "i32", values },
        64n,
    ];
    const launch = { kernel: "k", groups: [1, 1, 1], args, waveSize: gpu.properties.waveSize as 32 | 64 } as const;
    expect(interpret(lowered(text), launch).fault).toBeNull();
    for (const optimisation of [0, 3] as const) {
        const { kernels } = await gpu.load({ source: text, path: "divergent.soma" }, { optimisation });
        using y = gpu.tensor("i32", [6, 64]);
        using given = gpu.tensor("i32", [64], x);
        await kernels.k?.({ x: given, y });
        expectElements([...(await y.read())].map(BigInt), values as bigint[]);
    }
    gpu.close();
});

test("the interpreter's lanes that leave a loop in one round meet", () => {
    const values = new Array<ConstantValue>(32).fill(0n);
    const text = `kernel k(y: mut i32[n]) groups 1 workgroup(32) {
        for j in 0 .. 10 {
            if j == local_id() % 5 { y[local_id()] = wave_sum(local_id() as i32); break }
        }
    }`;
    const args: Argument[] = [{ name: "y", element: "i32", values }, 32n];
    expect(interpret(lowered(text), { kernel: "k", groups: [1, 1, 1], args }).fault).toBeNull();
    const sums = [0, 1, 2, 3, 4].map((j) => [...values.keys()].filter((i) => i % 5 === j).reduce((a, b) => a + b));
    expect(values).toEqual([...values.keys()].map((i) => BigInt(sums[i % 5] as number)));
});

describe.each([32, 64] as const)("interpreted in waves of %d", (waveSize) => {
    test.each([...INTEGERS, ...FLOATS])("%s", (type) => {
        const x: Memory = { name: "x", element: type, values: inputs(type) };
        const list = expressions(type);
        const values = new Array<ConstantValue>(3 * list.length * ITEMS).fill(zero(type));
        const out: Memory = { name: "out", element: type, values };
        const args = [x, 39n, out, BigInt(ITEMS)];
        const { fault } = interpret(lowered(source(type)), { kernel: "waves", groups: [1, 1, 1], args, waveSize });
        expect(fault).toBeNull();
        expectElements(values as number[], expectedOf(type, inputs(type), waveSize) as number[]);
    });
});
