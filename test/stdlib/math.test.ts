// The mathematical functions on a device: their error against the bounds that their documentation states, and the
// special cases of annex F of the C standard.

import { describe, expect, it } from "vitest";
import { DEVICE, run, view } from "../run/harness.js";
import { BINARY, UNARY } from "./functions.js";
import { type Format, type Reference, readReferences, statedBounds, ulpError } from "./reference.js";

const references = readReferences();
const bounds = statedBounds(DEVICE);

async function evaluate(format: Format, name: string, xs: number[], ys?: number[]): Promise<ArrayLike<number>> {
    const n = xs.length;
    const source = ys
        ? `kernel evaluate(x: ${format}[n], y: ${format}[n], out: mut ${format}[n]) over i in n { out[i] = ${name}(x[i], y[i]) }`
        : `kernel evaluate(x: ${format}[n], out: mut ${format}[n]) over i in n { out[i] = ${name}(x[i]) }`;
    const args = { x: view(format, [n], xs), out: view(format, [n]) };
    const { out } = await run(source, ys ? { ...args, y: view(format, [n], ys) } : args);
    return out;
}

/** Fails with the worst point unless every error is within the stated bound. */
function expectWithin(format: Format, name: string, actual: ArrayLike<number>, points: readonly Reference[]): void {
    const stated = bounds.get(`${name}_${format}`);
    expect(stated, `${name}_${format} states its error`).toBeDefined();
    const errors = points.map(({ high, low }, i) => ulpError(format, actual[i] as number, high, low));
    const worst = errors.indexOf(Math.max(...errors));
    const { x, y, high } = points[worst] as Reference;
    const place = y === undefined ? `${name}(${x})` : `${name}(${x}, ${y})`;
    expect(errors[worst], `${place} is ${actual[worst]}, exactly ${high}`).toBeLessThanOrEqual(stated as number);
}

/** f32 numbers: spread evenly over −range … range and over all exponents, and the ends of both. */
function sample(range: number): number[] {
    const numbers = [1.17549435e-38, 2 ** -149, 1, 0.5, 3.4028234663852886e38];
    for (let i = 1; i < 1500; i++) {
        numbers.push(range * ((i * 0.6180339887498949) % 1));
        // 83 does not divide 254: every exponent is met with many mantissas.
        numbers.push(2 ** (((i * 83) % 276) - 149) * (1 + ((i * 0.7548776662466927) % 1)));
    }
    return numbers.flatMap((x) => [Math.fround(x), Math.fround(-x)]);
}

const RANGES: Readonly<Record<string, number>> = { acos: 1, asin: 1, log: 2, log10: 2, log1p: 2, erf: 4.5, tanh: 10 };

describe("f32", () => {
    for (const [name, exact] of Object.entries(UNARY)) {
        it(`${name} is within its bound`, async () => {
            const xs = sample(RANGES[name] ?? 100);
            const points = xs.map((x) => ({ x, y: undefined, high: exact(x), low: 0 }));
            const finite = points.filter(({ high }) => Math.abs(high) < 3.4028235677973366e38);
            expectWithin(
                "f32",
                name,
                await evaluate(
                    "f32",
                    name,
                    finite.map(({ x }) => x),
                ),
                finite,
            );
        });
    }
    for (const [name, exact] of Object.entries(BINARY)) {
        it(`${name} is within its bound`, async () => {
            const xs = sample(10);
            const ys = sample(40).reverse();
            const points = xs.map((x, i) => ({ x, y: ys[i], high: exact(x, ys[i] as number), low: 0 }));
            const finite = points.filter(({ high }) => Math.abs(high) < 3.4028235677973366e38);
            const actual = await evaluate(
                "f32",
                name,
                finite.map(({ x }) => x),
                finite.map(({ y }) => y as number),
            );
            expectWithin("f32", name, actual, finite);
        });
    }
});

describe("f64", () => {
    for (const [name, points] of references) {
        it(`${name} is within its bound`, async () => {
            const ys = points.flatMap(({ y }) => y ?? []);
            const xs = points.map(({ x }) => x);
            expectWithin("f64", name, await evaluate("f64", name, xs, ys.length > 0 ? ys : undefined), points);
        });
    }
    it("fmod is exact", async () => {
        const xs = [1e308, 5.5, -5.5, 1e300, 3, 2 ** -1074, 7e-310, 1, 12345678.9];
        const ys = [3e-308, 2, 2, 7, -3, 2 ** -1074, 2e-310, 2 ** -1074, 0.1];
        const actual = Array.from(await evaluate("f64", "fmod", xs, ys));
        expect(actual).toEqual(xs.map((x, i) => x % (ys[i] as number)));
    });
});

describe("special cases", () => {
    const SPECIAL = [0, -0, 1, -1, Infinity, -Infinity, NaN];
    const PAIRS = SPECIAL.concat(2, -2, 3, -3, 0.5, -0.5);
    for (const format of ["f32", "f64"] as const) {
        for (const [name, exact] of Object.entries(UNARY)) {
            it(`${name} of ${format}`, async () => {
                const actual = await evaluate(format, name, SPECIAL);
                for (const [i, x] of SPECIAL.entries()) {
                    expectSame(format, `${name}(${x})`, actual[i] as number, exact(x));
                }
            });
        }
        for (const [name, exact] of Object.entries(BINARY)) {
            it(`${name} of ${format}`, async () => {
                const points = PAIRS.flatMap((x) => PAIRS.map((y) => [x, y] as const));
                const actual = await evaluate(
                    format,
                    name,
                    points.map(([x]) => x),
                    points.map(([, y]) => y),
                );
                for (const [i, [x, y]] of points.entries()) {
                    expectSame(format, `${name}(${x}, ${y})`, actual[i] as number, exact(x, y));
                }
            });
        }
    }

    /** The same zero, infinity or NaN; other values need only be near. */
    function expectSame(format: Format, what: string, actual: number, exact: number): void {
        if (exact === 0 || !Number.isFinite(exact)) {
            expect(Object.is(actual, exact), `${what} is ${actual}, by C ${exact}`).toBe(true);
        } else {
            expect(ulpError(format, actual, exact), `${what} is ${actual}, about ${exact}`).toBeLessThan(5);
        }
    }
});

it("overflow and underflow where the exact value does", async () => {
    // log(2¹⁰²⁴ − 2⁹⁷⁰) lies between the first two; half of the smallest subnormal's logarithm between the others.
    const xs = [709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412];
    const [most, over, least, under] = Array.from(await evaluate("f64", "exp", xs));
    expect([Number.isFinite(most), over, least, under]).toEqual([true, Infinity, 2 ** -1074, 0]);
});

it("every function is documented with its bound, and exact ones say so", () => {
    const exact = [...bounds].filter(([, bound]) => bound === 0).map(([name]) => name);
    expect(exact).toEqual(["fmod_f32", "fmod_f64"]);
    for (const name of [...Object.keys(UNARY), ...Object.keys(BINARY)]) {
        expect([...bounds.keys()]).toEqual(expect.arrayContaining([`${name}_f32`, `${name}_f64`]));
    }
});
