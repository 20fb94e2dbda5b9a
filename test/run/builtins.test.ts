// Built-in functions that are operations of the IR, and atomics, against references, with and without optimisation.

import { describe, expect, test } from "vitest";
import { run, view } from "./harness.js";
import {
    FLOATS,
    floatSamples,
    INTEGERS,
    type Integer,
    integerSamples,
    isUnsigned,
    roundTo,
    WIDTHS,
    wrap,
} from "./reference.js";

const LEVELS = [0, 3] as const;
const WORDS = ["i32", "u32", "i64", "u64"] as const;

function roundHalfEven(x: number): number {
    const [below, above] = [Math.floor(x), Math.ceil(x)];
    if (!Number.isFinite(x) || below === above) return x;
    const nearest = x - below < above - x || (x - below === above - x && below % 2 === 0) ? below : above;
    return nearest === 0 && x < 0 ? -0 : nearest;
}

const UNARY: Readonly<Record<string, (x: number) => number>> = {
    abs: Math.abs,
    floor: Math.floor,
    ceil: Math.ceil,
    trunc: Math.trunc,
    round: roundHalfEven,
    sqrt: Math.sqrt,
};

/** IEEE 754-2019 minimumNumber and maximumNumber: a NaN loses, and Math.min and Math.max order the zeros. */
const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
    min: (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b)),
    max: (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b)),
    copysign: (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)),
};

function bitText(x: bigint, type: Integer): string {
    return BigInt.asUintN(WIDTHS[type], x).toString(2).padStart(WIDTHS[type], "0");
}

const BITS: Readonly<Record<string, (x: bigint, type: Integer) => bigint>> = {
    count_ones: (x, type) => BigInt(bitText(x, type).split("1").length - 1),
    leading_zeros: (x, type) => BigInt(bitText(x, type).split("1")[0]?.length ?? 0),
    trailing_zeros: (x, type) => BigInt(bitText(x, type).split("1").at(-1)?.length ?? 0),
    reverse_bits: (x, type) => BigInt(`0b${bitText(x, type).split("").reverse().join("")}`),
};

function asValues(type: Integer, values: readonly bigint[]): number[] | bigint[] {
    return ["i64", "u64", "index"].includes(type) ? [...values] : values.map(Number);
}

describe.each(LEVELS)("at -O%d", (optimisation) => {
    test.each(FLOATS)("functions of %s", async (type) => {
        const samples = floatSamples(type);
        // The sign of a NaN isn't specified, and copysign shows it.
        const a = samples.flatMap((x) => samples.map(() => x));
        const b = samples.flatMap(() => samples).map((x) => (Number.isNaN(x) ? 1 : x));
        const n = a.length;
        const [unary, binary] = [Object.entries(UNARY), Object.entries(BINARY)];
        const text = `kernel functions(a: ${type}[n], b: ${type}[n], one: mut ${type}[6, n], two: mut ${type}[3, n], scaled: mut ${type}[n], is: mut bool[2, n]) over i in n {
${unary.map(([name], row) => `    one[${row}, i] = ${name}(a[i])`).join("\n")}
${binary.map(([name], row) => `    two[${row}, i] = ${name}(a[i], b[i])`).join("\n")}
    scaled[i] = ldexp(a[i], 3)
    is[0, i] = is_nan(a[i])
    is[1, i] = is_inf(a[i])
}
`;
        const result = await run(
            text,
            {
                a: view(type, [n], a),
                b: view(type, [n], b),
                one: view(type, [6, n]),
                two: view(type, [3, n]),
                scaled: view(type, [n]),
                is: view("bool", [2, n]),
            },
            { optimisation },
        );
        expect([...result.one]).toEqual(unary.flatMap(([, compute]) => a.map((x) => roundTo(compute(x), type))));
        expect([...result.two]).toEqual(binary.flatMap(([, compute]) => a.map((x, at) => compute(x, b[at] as number))));
        expect([...result.scaled]).toEqual(a.map((x) => roundTo(x * 8, type)));
        const truths = [...a.map(Number.isNaN), ...a.map((x) => Math.abs(x) === Number.POSITIVE_INFINITY)];
        expect([...result.is]).toEqual(truths.map(Number));
    });

    test.each(WORDS)("bits of %s", async (type) => {
        const samples = integerSamples(type);
        const n = samples.length;
        const names = Object.keys(BITS);
        const text = `kernel bits(x: ${type}[n], out: mut ${type}[4, n], high: mut ${type}[n, n]) over i in n {
${names.map((name, row) => `    out[${row}, i] = ${name}(x[i])`).join("\n")}
    for j in 0 .. n { high[i, j] = mul_high(x[i], x[j]) }
}
`;
        const result = await run(
            text,
            { x: view(type, [n], asValues(type, samples)), out: view(type, [4, n]), high: view(type, [n, n]) },
            { optimisation },
        );
        const expected = Object.values(BITS).flatMap((compute) => samples.map((x) => wrap(compute(x, type), type)));
        expect([...result.out].map(BigInt)).toEqual(expected);
        const products = samples.flatMap((x) => samples.map((y) => wrap((x * y) >> BigInt(WIDTHS[type]), type)));
        expect([...result.high].map(BigInt)).toEqual(products);
    });

    test.each(INTEGERS)("min, max and abs of %s", async (type) => {
        const samples = integerSamples(type);
        const n = samples.length;
        const abs = isUnsigned(type) ? "a" : "abs(a)";
        const text = `kernel extremes(x: ${type}[n], least: mut ${type}[n, n], most: mut ${type}[n, n], size: mut ${type}[n]) over i in n {
    let a = x[i]
    for j in 0 .. n {
        least[i, j] = min(a, x[j])
        most[i, j] = max(a, x[j])
    }
    size[i] = ${abs}
}
`;
        const result = await run(
            text,
            {
                x: view(type, [n], asValues(type, samples)),
                least: view(type, [n, n]),
                most: view(type, [n, n]),
                size: view(type, [n]),
            },
            { optimisation },
        );
        const pairs = samples.flatMap((x) => samples.map((y) => (x < y ? [x, y] : [y, x]) as [bigint, bigint]));
        expect([...result.least].map(BigInt)).toEqual(pairs.map(([low]) => low));
        expect([...result.most].map(BigInt)).toEqual(pairs.map(([, high]) => high));
        expect([...result.size].map(BigInt)).toEqual(samples.map((x) => wrap(x < 0n ? -x : x, type)));
    });

    test("fma rounds once, and a contracted sum is one", async () => {
        const text = `kernel f(x: f32[n], fused: mut f32[n], contracted: mut f32[n], named: mut f32[n]) over i in n {
    fused[i] = fma(x[i], x[i], -1.0)
    contracted[i] = x[i] * x[i] - 1.0
    let product = x[i] * x[i]
    named[i] = product - 1.0
}
`;
        // (1 + e)² - 1 = 2e + e², whose e² is lost where the product is rounded.
        const x = Float32Array.from({ length: 64 }, (_, i) => 1 + (i + 1) * 2 ** -23);
        const exact = x.map((value) => (value - 1) * (value + 1));
        const rounded = x.map((value) => Math.fround(value * value) - 1);
        const outputs = { fused: view("f32", [64]), contracted: view("f32", [64]), named: view("f32", [64]) };
        const result = await run(text, { x: view("f32", [64], x), ...outputs }, { optimisation });
        expect(result.fused).toEqual(exact);
        expect(result.contracted).toEqual(exact);
        expect(result.named).toEqual(rounded);
        expect(exact).not.toEqual(rounded);
    });

    test.each(WORDS)("atomics on %s give the same sums in any order", async (type) => {
        const text = `kernel atomics(x: ${type}[n], y: mut ${type}[8]) over i in n {
    atomic_add(y[0], x[i])
    atomic_sub(y[1], x[i])
    atomic_min(y[2], x[i])
    atomic_max(y[3], x[i])
    atomic_and(y[4], x[i])
    atomic_or(y[5], x[i])
    atomic_xor(y[6], x[i])
    var old = y[7]
    while {
        let seen = atomic_compare_exchange(y[7], old, old + 1)
        let again = seen != old
        old = seen
        again
    } {}
}
`;
        const n = 1000;
        const x = Array.from({ length: n }, (_, i) => wrap(BigInt(i) * 0x9e37_79b9_7f4a_7c15n, type));
        const start = [0n, 0n, x[0] as bigint, x[0] as bigint, wrap(-1n, type), 0n, 0n, 0n];
        const result = await run(
            text,
            { x: view(type, [n], asValues(type, x)), y: view(type, [8], asValues(type, start)) },
            { optimisation },
        );
        const sum = x.reduce((all, value) => all + value, 0n);
        const extreme = (better: (a: bigint, b: bigint) => boolean) =>
            x.reduce((best, value) => (better(value, best) ? value : best));
        const expected = [
            sum,
            -sum,
            extreme((a, b) => a < b),
            extreme((a, b) => a > b),
            x.reduce((all, value) => all & value),
            x.reduce((all, value) => all | value),
            x.reduce((all, value) => all ^ value),
            BigInt(n),
        ].map((value) => wrap(value, type));
        expect([...result.y].map(BigInt)).toEqual(expected);
    });

    test.each(["f32", "f64"] as const)("atomics on %s, in device memory and LDS", async (type) => {
        const text = `kernel atomics(x: ${type}[n], y: mut ${type}[g, 3], last: mut ${type}[g]) groups g workgroup(64) {
    shared s: ${type}[3]
    if local_id() == 0 {
        s[0] = 0.0
        s[1] = 1000.0
        s[2] = -1000.0
    }
    barrier()
    for i in global_id() .. n by global_size() {
        atomic_add(s[0], x[i])
        atomic_min(s[1], x[i])
        atomic_max(s[2], x[i])
        atomic_add(y[group_id(), 0], x[i])
    }
    barrier()
    if local_id() == 0 {
        last[group_id()] = atomic_exchange(s[0], 0.0)
        atomic_max(y[group_id(), 1], -s[1])
        atomic_min(y[group_id(), 2], -s[2])
    }
}
`;
        const [n, g] = [500, 3];
        const x = Array.from({ length: n }, (_, i) => ((i * 37) % 199) - 99);
        const own = (group: number) => x.filter((_, i) => Math.floor(i / 64) % g === group);
        const result = await run(
            text,
            { x: view(type, [n], x), y: view(type, [g, 3]), last: view(type, [g]) },
            { optimisation },
        );
        for (let group = 0; group < g; group++) {
            const values = own(group);
            const sum = values.reduce((all, value) => all + value, 0);
            expect(result.last[group]).toBe(sum);
            expect([...result.y.slice(3 * group, 3 * group + 3)]).toEqual([
                sum,
                -Math.min(...values),
                -Math.max(...values),
            ]);
        }
    });
});
