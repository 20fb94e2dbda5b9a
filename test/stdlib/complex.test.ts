// std.complex against the same functions in double precision. Errors are distances in the plane, in units of u·|result|
// (u = 2⁻²⁴ or 2⁻⁵³), as the module states them; double precision itself is checked against identities and known values.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { struct } from "../../runtime/index.js";
import { kernelsOf, run, testGpu, view, WAVE_DEVICES } from "../run/harness.js";
import { words } from "./data.js";
import { type Complex, complex } from "./reference-complex.js";

const UNARY = ["neg", "conj", "exp", "log", "sqrt"] as const;
const BINARY = ["add", "sub", "mul", "div", "pow"] as const;

function source(name: "Complex" | "ComplexF64", type: "f32" | "f64"): string {
    const calls = [...UNARY.map((fn) => `p.${fn}()`), ...BINARY.map((fn) => `p.${fn}(q)`)];
    return `import std.complex { ${name} }
kernel all(a: ${name}[n], b: ${type}[n, 2], out: mut ${name}[${calls.length}, n], real: mut ${type}[3, n]) over i in n {
    let p = a[i]
    let q = ${name}(re: b[i, 0], im: b[i, 1])
    ${calls.map((call, row) => `out[${row}, i] = ${call}`).join("\n    ")}
    real[0, i] = p.abs()
    real[1, i] = p.arg()
    real[2, i] = ${name}.polar(p.abs(), p.arg()).sub(p).abs()
}
`;
}

/** Points whose magnitudes are spread over 2^low … 2^high, some on the axes, some near the unit circle. */
function points(count: number, seed: number, low: number, high: number): Complex[] {
    const random = Array.from(words(4 * count, seed), (word) => word / 2 ** 32);
    return Array.from({ length: count }, (_, i) => {
        const [a = 0, b = 0, c = 0] = random.slice(4 * i);
        const magnitude = i % 3 === 0 ? 1 + (b - 0.5) / 100 : 2 ** (low + (high - low) * b);
        const turns = i % 5 === 0 ? Math.floor(4 * c) / 4 : a;
        const exact = [
            [1, 0],
            [0, 1],
            [-1, 0],
            [0, -1],
        ][4 * turns] as Complex | undefined;
        const [x, y] = exact ?? [Math.cos(2 * Math.PI * turns), Math.sin(2 * Math.PI * turns)];
        return [Math.fround(magnitude * x), Math.fround(magnitude * y)];
    });
}

/** The least bound that holds for all: the largest distance in units of u·|expected|. */
function worst(actual: readonly Complex[], expected: readonly Complex[], u: number): number {
    return Math.max(
        ...expected.map((exact, i) => {
            const size = Math.hypot(...exact);
            const [re, im] = actual[i] as Complex;
            const distance = Math.hypot(re - exact[0], im - exact[1]);
            return distance === 0 ? 0 : distance / (u * size);
        }),
    );
}

async function compute(name: "Complex" | "ComplexF64", device: string, a: readonly Complex[], b: readonly Complex[]) {
    const type = name === "Complex" ? "f32" : "f64";
    const gpu = await testGpu(device);
    const { all } = await kernelsOf(source(name, type), 3, device);
    const element = struct(name, { re: type, im: type });
    const n = a.length;
    using left = gpu.tensor(
        element,
        [n],
        a.map(([re, im]) => ({ re, im })),
    );
    using right = gpu.tensor(type, [n, 2], b.flat());
    using out = gpu.tensor(element, [UNARY.length + BINARY.length, n]);
    using real = gpu.tensor(type, [3, n]);
    await all?.({ a: left, b: right, out, real });
    const results = ((await out.read()) as unknown as readonly { re: number; im: number }[]).map(
        ({ re, im }): Complex => [re, im],
    );
    const names = [...UNARY, ...BINARY];
    const rows = new Map(names.map((fn, row) => [fn, results.slice(row * n, (row + 1) * n)]));
    return {
        of: (fn: (typeof names)[number]) => rows.get(fn) as Complex[],
        real: Array.from(await real.read(), Number),
    };
}

/** A tenth above the bounds that are proven, for terms of u². */
const BOUNDS = { neg: 0, conj: 0, add: 1, sub: 1, mul: 2.01, div: 5.01, sqrt: 6, log: 8, exp: 8 } as const;

describe.each(WAVE_DEVICES)("on %s", (device) => {
    it.each([
        ["Complex", 2 ** -24, 30],
        ["ComplexF64", 2 ** -53, 100],
    ] as const)("%s", async (name, u, range) => {
        const n = 1500;
        const [a, b] = [points(n, 1, -range, range), points(n, 2, -range, range)];
        const { of, real } = await compute(name, device, a, b);
        // Double precision has an error of the same size as ComplexF64's own.
        const slack = name === "Complex" ? 0 : 12;
        for (const fn of ["neg", "conj", "sqrt", "log"] as const) {
            expect(worst(of(fn), a.map(complex[fn]), u), fn).toBeLessThanOrEqual(BOUNDS[fn] + slack);
        }
        for (const fn of ["add", "sub", "mul", "div"] as const) {
            const expected = a.map((p, i) => complex[fn](p, b[i] as Complex));
            expect(worst(of(fn), expected, u), fn).toBeLessThanOrEqual(BOUNDS[fn] + slack);
        }
        for (const [i, [re, im]] of a.entries()) {
            const size = Math.hypot(re, im);
            expect(Math.abs((real[i] as number) - size)).toBeLessThanOrEqual(4 * u * size);
            expect(Math.abs((real[n + i] as number) - Math.atan2(im, re))).toBeLessThanOrEqual(16 * u);
            expect(real[2 * n + i]).toBeLessThanOrEqual(24 * u * size);
        }
    });

    it("exponentials and powers of moderate numbers", async () => {
        const n = 1000;
        const [a, b] = [points(n, 3, -6, 2), points(n, 4, -6, 2)];
        const { of } = await compute("Complex", device, a, b);
        const u = 2 ** -24;
        // cos and sin have an error of 2 ULP each.
        expect(worst(of("exp"), a.map(complex.exp), u)).toBeLessThanOrEqual(BOUNDS.exp);
        const expected = a.map((p, i) => complex.pow(p, b[i] as Complex));
        for (const [i, exact] of expected.entries()) {
            const exponent = Math.hypot(...complex.mul(b[i] as Complex, complex.log(a[i] as Complex)));
            expect(worst([of("pow")[i] as Complex], [exact], u)).toBeLessThanOrEqual(BOUNDS.exp + 16 * exponent);
        }
    });

    it("nothing overflows or is lost in between", async () => {
        const [most, least] = [2 ** 127, 2 ** -126];
        const a: Complex[] = [
            [most, most],
            [least, least],
            [most, -least],
            [-most, most],
            [least, 0],
        ];
        const b: Complex[] = [
            [most, -most],
            [least, 2 * least],
            [most, most],
            [4, 4],
            [0, -least],
        ];
        const { of } = await compute("Complex", device, a, b);
        const u = 2 ** -24;
        const quotients = a.map((p, i) => complex.div(p, b[i] as Complex));
        expect(worst(of("div"), quotients, u)).toBeLessThanOrEqual(BOUNDS.div);
        expect(worst(of("sqrt"), a.map(complex.sqrt), u)).toBeLessThanOrEqual(BOUNDS.sqrt);
        expect(worst(of("log"), a.map(complex.log), u)).toBeLessThanOrEqual(BOUNDS.log);
        // e^89 is above the greatest f32, and its product with cos 1.5 is not.
        const high: Complex[] = [[89, 1.5]];
        const { of: exponential } = await compute("Complex", device, high, high);
        const [re] = exponential("exp")[0] as Complex;
        expect(re / (Math.exp(89) * Math.cos(1.5)) - 1).toBeLessThan(1e-5);
        expect(re).toBeGreaterThan(1e37);
    });
});

it("takes the principal values on the axes, and 0 where the definition ends", async () => {
    const a: Complex[] = [
        [-1, 0],
        [-1, -0],
        [-4, 0],
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 2],
    ];
    const b: Complex[] = [
        [0.5, 0],
        [0.5, 0],
        [0.5, 0],
        [2, 0],
        [0, 0],
        [0, 0],
        [0, 0],
    ];
    const { of } = await compute("Complex", "vgpu:gfx1100", a, b);
    const pi = Math.fround(Math.PI);
    expect(of("log").slice(0, 2)).toEqual([
        [0, pi],
        [0, -pi],
    ]);
    expect(of("sqrt").slice(0, 4)).toEqual([
        [0, 1],
        [0, -1],
        [0, 2],
        [0, 0],
    ]);
    expect(of("pow").slice(3)).toEqual([
        [0, 0],
        [1, 0],
        [1, 0],
        [1, 0],
    ]);
    expect(of("div")[4]).toEqual([Number.NaN, Number.NaN]);
});

it("both structures are the same but for their types", () => {
    const text = readFileSync(new URL("../../stdlib/complex.soma", import.meta.url), "utf8");
    const declarations = text.split(/^pub struct /m).slice(1);
    const [narrow = "", wide = ""] = declarations.map((each) => each.slice(0, each.indexOf("\n}\n")));
    expect(wide).toBe(narrow.replaceAll("Complex", "ComplexF64").replaceAll("f32", "f64"));
});

it("the module's example computes a filter's response", async () => {
    const text = readFileSync(new URL("../../stdlib/complex.soma", import.meta.url), "utf8");
    const example = [...text.matchAll(/^\/\/ ```soma\n(.*?)^\/\/ ```/gms)].map(([, body = ""]) =>
        body.replace(/^\/\/ ?/gm, ""),
    );
    const ratio = view("f32", [3], [0, 1, 10]);
    const args = { ratio, gain: view("f32", [3]), phase: view("f32", [3]) };
    const { gain, phase } = await run(example[0] as string, args, { kernel: "response" });
    // |1 / (1 + ix)| = 1 / √(1 + x²), at the angle −atan x.
    for (const [i, x] of [0, 1, 10].entries()) {
        expect(gain[i]).toBeCloseTo(-10 * Math.log10(1 + x * x), 4);
        expect(phase[i]).toBeCloseTo(-Math.atan(x), 5);
    }
});
