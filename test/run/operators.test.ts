// Every operator and conversion of every type on the device, against the references, with and without optimisation.

import { describe, expect, test } from "vitest";
import { run, view } from "./harness.js";
import {
    COMPARISONS,
    FLOAT_OPERATORS,
    FLOATS,
    type Float,
    floatSamples,
    floatToInteger,
    INTEGER_OPERATORS,
    INTEGERS,
    type Integer,
    integerSamples,
    integerToFloat,
    isUnsigned,
    roundTo,
    wrap,
} from "./reference.js";

const LEVELS = [0, 3] as const;

/** Every pair of two of the samples. */
function pairs<T>(samples: readonly T[]): { a: T[]; b: T[] } {
    return {
        a: samples.flatMap((a) => samples.map(() => a)),
        b: samples.flatMap(() => [...samples]),
    };
}

/** One row of results for each operator, and one of truth values for each comparison. */
function source(type: string, operators: readonly string[]): string {
    const comparisons = Object.keys(COMPARISONS);
    const lines = [
        ...operators.map((op, row) => `    out[${row}, i] = a[i] ${op} b[i]`),
        ...operators.map(
            (op, row) => `    var t${row} = a[i]\n    t${row} ${op}= b[i]\n    compound[${row}, i] = t${row}`,
        ),
        ...comparisons.map((op, row) => `    truth[${row}, i] = a[i] ${op} b[i]`),
    ];
    const [ops, truths] = [operators.length, comparisons.length];
    const outputs = `out: mut ${type}[${ops}, n], compound: mut ${type}[${ops}, n], truth: mut bool[${truths}, n]`;
    return `kernel operators(a: ${type}[n], b: ${type}[n], ${outputs}) over i in n {\n${lines.join("\n")}\n}\n`;
}

function asValues(type: Integer, values: readonly bigint[]): number[] | bigint[] {
    return ["i64", "u64", "index"].includes(type) ? [...values] : values.map(Number);
}

function expectedTruth(a: readonly (number | bigint)[], b: readonly (number | bigint)[]): number[] {
    return Object.values(COMPARISONS).flatMap((holds) => a.map((x, at) => Number(holds(x, b[at] as never))));
}

describe.each(LEVELS)("at -O%d", (optimisation) => {
    test.each(INTEGERS)("operators of %s", async (type) => {
        const { a, b } = pairs(integerSamples(type));
        const operators = Object.keys(INTEGER_OPERATORS);
        const shape = [operators.length, a.length];
        const result = await run(
            source(type, operators),
            {
                a: view(type, [a.length], asValues(type, a)),
                b: view(type, [b.length], asValues(type, b)),
                out: view(type, shape),
                compound: view(type, shape),
                truth: view("bool", [6, a.length]),
            },
            { optimisation },
        );
        const expected = Object.values(INTEGER_OPERATORS).flatMap((compute) =>
            a.map((x, at) => wrap(compute(x, b[at] as bigint, type), type)),
        );
        expect([...result.out].map(BigInt)).toEqual(expected);
        expect([...result.compound].map(BigInt)).toEqual(expected);
        expect([...result.truth]).toEqual(expectedTruth(a, b));
    });

    test.each(INTEGERS)("%s divided in a loop by what the launch says", async (type) => {
        const a = integerSamples(type);
        const shape = [a.length];
        const text = `kernel loop(a: ${type}[n], d: ${type}, y: mut ${type}[n], z: mut ${type}[n]) groups 1 workgroup(64) {
            if local_id() == 0 {
                for i in 0 .. n {
                    y[i] = a[i] / d
                    z[i] = a[i] % d
                }
            }
        }`;
        for (const d of [0n, -1n, 7n, a[7] as bigint]) {
            const [divisor = 0] = asValues(type, [wrap(d, type)]);
            const views = { a: view(type, shape, asValues(type, a)), y: view(type, shape), z: view(type, shape) };
            const { y, z } = await run(text, { ...views, d: divisor }, { optimisation });
            const expected = (operator: string) =>
                a.map((x) => wrap(INTEGER_OPERATORS[operator]?.(x, wrap(d, type), type) ?? 0n, type));
            expect([...y].map(BigInt)).toEqual(expected("/"));
            expect([...z].map(BigInt)).toEqual(expected("%"));
        }
    });

    test.each(FLOATS)("operators of %s", async (type) => {
        const { a, b } = pairs(floatSamples(type));
        const operators = Object.keys(FLOAT_OPERATORS);
        const shape = [operators.length, a.length];
        const result = await run(
            source(type, operators),
            {
                a: view(type, [a.length], a),
                b: view(type, [b.length], b),
                out: view(type, shape),
                compound: view(type, shape),
                truth: view("bool", [6, a.length]),
            },
            { optimisation },
        );
        const expected = Object.values(FLOAT_OPERATORS).flatMap((compute) =>
            a.map((x, at) => roundTo(compute(x, b[at] as number), type)),
        );
        expect([...result.out]).toEqual(expected);
        expect([...result.compound]).toEqual(expected);
        expect([...result.truth]).toEqual(expectedTruth(a, b));
    });

    test.each(INTEGERS)("conversions of %s", async (type) => {
        const samples = integerSamples(type);
        const n = samples.length;
        const targets = [...INTEGERS.filter((other) => other !== type), ...FLOATS] as const;
        const parameters = targets.map((to) => `to_${to}: mut ${to}[n]`).join(", ");
        const lines = targets.map((to) => `    to_${to}[i] = x[i] as ${to}`).join("\n");
        const text = `kernel convert(x: ${type}[n], back: mut ${type}[n], ${parameters}) over i in n {
${lines}
    back[i] = (x[i] != 0) as ${type}
}
`;
        const outputs = Object.fromEntries(targets.map((to) => [`to_${to}`, view(to, [n])]));
        const result = await run(
            text,
            { x: view(type, [n], asValues(type, samples)), back: view(type, [n]), ...outputs },
            { optimisation },
        );
        const contents = result as unknown as Record<string, ArrayLike<number | bigint>>;
        for (const to of targets) {
            const expected = samples.map((value) => (isFloat(to) ? integerToFloat(value, to) : wrap(value, to)));
            const actual = Array.from(contents[`to_${to}`] as ArrayLike<number | bigint>);
            expect(isFloat(to) ? actual : actual.map(BigInt), `${type} as ${to}`).toEqual(expected);
        }
        expect([...result.back].map(Number)).toEqual(samples.map((value) => Number(value !== 0n)));
    });

    test.each(FLOATS)("conversions of %s", async (type) => {
        const extremes = [
            2 ** 31,
            2 ** 32,
            2 ** 63,
            2 ** 64,
            255.9,
            256,
            127.5,
            1e20,
            65519,
            65520,
            1.0009765625,
            2 ** -25,
        ];
        const samples = [...floatSamples(type), ...extremes.flatMap((x) => [x, -x])].map((x) => roundTo(x, type));
        const n = samples.length;
        const targets = [...INTEGERS, ...FLOATS.filter((other) => other !== type)] as const;
        const parameters = targets.map((to) => `to_${to}: mut ${to}[n]`).join(", ");
        const lines = targets.map((to) => `    to_${to}[i] = x[i] as ${to}`).join("\n");
        const text = `kernel convert(x: ${type}[n], ${parameters}) over i in n {\n${lines}\n}\n`;
        const outputs = Object.fromEntries(targets.map((to) => [`to_${to}`, view(to, [n])]));
        const result = await run(text, { x: view(type, [n], samples), ...outputs }, { optimisation });
        const contents = result as unknown as Record<string, ArrayLike<number | bigint>>;
        for (const to of targets) {
            const expected = samples.map((value) => (isFloat(to) ? roundTo(value, to) : floatToInteger(value, to)));
            const actual = Array.from(contents[`to_${to}`] as ArrayLike<number | bigint>);
            expect(isFloat(to) ? actual : actual.map(BigInt), `${type} as ${to}`).toEqual(expected);
        }
    });

    test.each(INTEGERS)("unary operators of %s", async (type) => {
        const samples = integerSamples(type);
        const negation = isUnsigned(type) ? "~x[i] + 1" : "-x[i]";
        const text = `kernel unary(x: ${type}[n], neg: mut ${type}[n], not: mut ${type}[n]) over i in n {
    neg[i] = ${negation}
    not[i] = ~x[i]
}
`;
        const n = samples.length;
        const data = view(type, [n], asValues(type, samples));
        const result = await run(text, { x: data, neg: view(type, [n]), not: view(type, [n]) }, { optimisation });
        expect([...result.neg].map(BigInt)).toEqual(samples.map((value) => wrap(-value, type)));
        expect([...result.not].map(BigInt)).toEqual(samples.map((value) => wrap(~value, type)));
    });
});

function isFloat(type: Integer | Float): type is Float {
    return type === "f16" || type === "f32" || type === "f64";
}
