// All 65,536 halves through the instructions that have one operand, against references in double precision, which holds
// every half and every result exactly or with 40 bits to spare; and the approximations on single precision. The error that
// AMD's manuals state for these is 1 ulp.

import { describe, expect, it } from "vitest";
import { type Probe, probe, random } from "./lab.js";

const ALL = Uint32Array.from({ length: 65536 }, (_, i) => i);

function halfValue(bits: number): number {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** The nearest half of a number in double precision, which holds sums and products of halves exactly. */
function nearest(value: number): number {
    if (!Number.isFinite(value) || value === 0) return value;
    const unit = ulp(value, 10, -14);
    const scaled = value / unit;
    const low = Math.floor(scaled);
    const rest = scaled - low;
    const rounded = (rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low) * unit;
    return Math.abs(rounded) >= 65520 ? Math.sign(value) * Infinity : rounded;
}

const unary = (name: string, assembly: string, output = 1): Probe => ({ name, assembly, inputs: [1], output });

/** Distance of representable numbers about a value. */
function ulp(value: number, fractionBits: number, leastExponent: number): number {
    const exponent = value === 0 ? leastExponent : Math.floor(Math.log2(Math.abs(value)));
    return 2 ** (Math.max(exponent, leastExponent) - fractionBits);
}

function near(got: number, right: number, unit: number, greatest: number): boolean {
    if (Number.isNaN(right)) return Number.isNaN(got);
    if (Math.abs(right) > greatest) return Math.abs(got) >= greatest && Math.sign(got) === Math.sign(right);
    return Math.abs(got - right) <= unit && !(right === 0 && got !== 0);
}

const TAU = 2 * Math.PI;
/** sin and cos take turns; beyond 256 of them they answer as for 0. */
const turns = (value: number) => (Math.abs(value) > 256 ? 0 : value % 1);
const APPROXIMATIONS: readonly (readonly [string, (value: number) => number])[] = [
    ["rcp", (value) => 1 / value],
    ["rsq", (value) => (value === 0 ? 1 / value : 1 / Math.sqrt(value))],
    ["sqrt", Math.sqrt],
    ["exp", (value) => 2 ** value],
    ["log", Math.log2],
    ["sin", (value) => (Number.isFinite(value) ? Math.sin(TAU * turns(value)) : Number.NaN)],
    ["cos", (value) => (Number.isFinite(value) ? Math.cos(TAU * turns(value)) : Number.NaN)],
];

describe.each(["gfx1100", "gfx942"])("all halves on %s", (target) => {
    it("convert, round and split exactly", async () => {
        const exact: readonly (readonly [Probe, (value: number, bits: number) => number])[] = [
            [unary("trunc", "v_trunc_f16 %0, %1"), Math.trunc],
            [unary("floor", "v_floor_f16 %0, %1"), Math.floor],
            [unary("ceil", "v_ceil_f16 %0, %1"), Math.ceil],
            [
                unary("even", "v_rndne_f16 %0, %1"),
                (value) => {
                    const low = Math.floor(value);
                    const tie = value - low === 0.5;
                    return tie ? (low % 2 === 0 ? low : low + 1) : Math.round(value);
                },
            ],
            // Below 1, however close.
            [
                unary("fract", "v_fract_f16 %0, %1"),
                (value) => Math.min(nearest(value - Math.floor(value)), 1 - 2 ** -11),
            ],
        ];
        const singles = unary("single", "v_cvt_f32_f16 %0, %1");
        const signed = unary("signed", "v_cvt_i16_f16 %0, %1");
        const unsigned = unary("unsigned", "v_cvt_u16_f16 %0, %1");
        const exponent = unary("exponent", "v_frexp_exp_i16_f16 %0, %1");
        const mantissa = unary("mantissa", "v_frexp_mant_f16 %0, %1");
        const probes = [...exact.map(([one]) => one), singles, signed, unsigned, exponent, mantissa];
        const results = await probe(target, probes, () => [ALL]);
        const of = (one: Probe) => results.get(one.name) as Uint32Array;
        const wrong: string[] = [];
        for (let bits = 0; bits < 65536; bits += 1) {
            const value = halfValue(bits);
            for (const [one, compute] of exact) {
                const got = halfValue((of(one)[bits] as number) & 0xffff);
                const right = compute(value, bits);
                if (got !== right && !(Number.isNaN(got) && Number.isNaN(right)))
                    wrong.push(`${one.name} ${value}: ${got}, not ${right}`);
            }
            const single = new Float32Array(of(singles).buffer, 4 * bits, 1)[0] as number;
            if (!Object.is(single, value)) wrong.push(`single ${value}: ${single}`);
            const whole = Number.isNaN(value) ? 0 : Math.trunc(value);
            if (((of(signed)[bits] as number) << 16) >> 16 !== (Math.max(-32768, Math.min(32767, whole)) | 0))
                wrong.push(`signed ${value}`);
            if (((of(unsigned)[bits] as number) & 0xffff) !== Math.max(0, Math.min(65535, whole)))
                wrong.push(`unsigned ${value}`);
            if (Number.isFinite(value)) {
                const power = ((of(exponent)[bits] as number) << 16) >> 16;
                const fraction = halfValue((of(mantissa)[bits] as number) & 0xffff);
                if (
                    fraction * 2 ** power !== value ||
                    (value !== 0 && !(Math.abs(fraction) >= 0.5 && Math.abs(fraction) < 1))
                )
                    wrong.push(`frexp ${value}: ${fraction}, ${power}`);
            }
        }
        expect(wrong.slice(0, 5)).toEqual([]);
    }, 60_000);

    it("are approximated within 1 ulp", async () => {
        const probes = APPROXIMATIONS.map(([name]) => unary(name, `v_${name}_f16 %0, %1`));
        const results = await probe(target, probes, () => [ALL]);
        const wrong: string[] = [];
        for (const [name, compute] of APPROXIMATIONS) {
            const words = results.get(name) as Uint32Array;
            for (let bits = 0; bits < 65536; bits += 1) {
                const value = halfValue(bits);
                const right = compute(value);
                const got = halfValue((words[bits] as number) & 0xffff);
                // A sine near a whole turn is as exact as the angle that a double has.
                const unit = ulp(right, 10, -14);
                if (!near(got, right, unit, 65504)) wrong.push(`${name} ${value}: ${got}, not ${right}`);
            }
        }
        expect(wrong.slice(0, 5)).toEqual([]);
    }, 60_000);
});

describe("single precision", () => {
    it.each(["gfx1100", "gfx90a"])(
        "is approximated within 1 ulp on %s",
        async (target) => {
            // All exponents, with fractions at random, and angles of some turns.
            const bits = random(16384, 9).map((word, i) =>
                i % 2 === 0 ? word : ((word & 0x807fffff) | ((((word >>> 8) % 12) + 120) << 23)) >>> 0,
            );
            const values = new Float32Array(bits.buffer);
            const probes = APPROXIMATIONS.map(([name]) => unary(name, `v_${name}_f32 %0, %1`));
            const results = await probe(target, probes, () => [bits]);
            const wrong: string[] = [];
            for (const [name, compute] of APPROXIMATIONS) {
                const got = new Float32Array((results.get(name) as Uint32Array).buffer);
                values.forEach((value, i) => {
                    const right = compute(value);
                    if (!near(got[i] as number, right, ulp(right, 23, -126) + 2 ** -40, 3.4028234663852886e38))
                        wrong.push(`${name} ${value}: ${got[i]}, not ${right}`);
                });
            }
            expect(wrong.slice(0, 5)).toEqual([]);
        },
        60_000,
    );
});

/** Others that each half is put together with: a few, and in `npm run test:full` many. */
const ROUNDS = process.env.SOMA_EXHAUSTIVE ? 256 : 1;

describe("pairs of halves", () => {
    const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
    it.each(["gfx1100", "gfx950"].flatMap((target) => rounds.map((round) => [target, round] as const)))(
        "are added and multiplied as the nearest half, on %s, round %i",
        async (target, round) => {
            const count = 65536 * 4;
            const first = Uint32Array.from({ length: count }, (_, i) => i & 0xffff);
            const second = random(count, 3 + round).map((word) => word & 0xffff);
            const both = (name: string): Probe => ({
                name,
                assembly: `v_${name} %0, %1, %2`,
                inputs: [1, 1],
                output: 1,
            });
            const probes = ["add_f16", "mul_f16", "max_f16", "min_f16"].map(both);
            const results = await probe(target, probes, () => [first, second]);
            const wrong: string[] = [];
            for (let i = 0; i < count; i += 1) {
                const [a, b] = [halfValue(first[i] as number), halfValue(second[i] as number)];
                const right = [nearest(a + b), nearest(a * b)];
                if (!Number.isNaN(a) && !Number.isNaN(b)) right.push(Math.max(a, b), Math.min(a, b));
                right.forEach((value, k) => {
                    const got = halfValue(
                        ((results.get(probes[k]?.name as string) as Uint32Array)[i] as number) & 0xffff,
                    );
                    if (!(got === value || (Number.isNaN(got) && Number.isNaN(value))))
                        wrong.push(`${probes[k]?.name} ${a} ${b}: ${got}, not ${value}`);
                });
            }
            expect(wrong.slice(0, 5)).toEqual([]);
        },
        120_000,
    );
});

describe("packed integers", () => {
    it.each(["gfx1100", "gfx90a"])(
        "do in each half what its 16 bits say, on %s",
        async (target) => {
            const count = 65536;
            const a = Uint32Array.from({ length: count }, (_, i) => (((i ^ 0x5a5a) << 16) | i) >>> 0);
            const [b, c] = [random(count, 5), random(count, 6)];
            const wrap = (value: number) => value & 0xffff;
            const signed = (value: number) => (value << 16) >> 16;
            const clamp = (low: number, high: number, value: number) => wrap(Math.max(low, Math.min(high, value)));
            const operations: readonly (readonly [string, string, (x: number, y: number, z: number) => number])[] = [
                ["add_u16", "", (x, y) => wrap(x + y)],
                ["sub_u16", "", (x, y) => wrap(x - y)],
                ["add_u16", " clamp", (x, y) => clamp(0, 65535, x + y)],
                ["sub_u16", " clamp", (x, y) => clamp(0, 65535, x - y)],
                ["add_i16", " clamp", (x, y) => clamp(-32768, 32767, signed(x) + signed(y))],
                ["sub_i16", " clamp", (x, y) => clamp(-32768, 32767, signed(x) - signed(y))],
                ["mul_lo_u16", "", (x, y) => wrap(Math.imul(x, y))],
                ["mad_u16", "", (x, y, z) => wrap(Math.imul(x, y) + z)],
                ["mad_i16", "", (x, y, z) => wrap(Math.imul(x, y) + z)],
                ["min_u16", "", (x, y) => Math.min(x, y)],
                ["max_i16", "", (x, y) => wrap(Math.max(signed(x), signed(y)))],
                ["lshlrev_b16", "", (x, y) => wrap(y << (x & 15))],
                ["lshrrev_b16", "", (x, y) => y >>> (x & 15)],
                ["ashrrev_i16", "", (x, y) => wrap(signed(y) >> (x & 15))],
            ];
            const probes = operations.map(([name, modifier], k): Probe => {
                const three = name.startsWith("mad");
                const operands = three ? "%0, %1, %2, %3" : "%0, %1, %2";
                return {
                    name: `p${k}`,
                    assembly: `v_pk_${name} ${operands}${modifier}`,
                    inputs: three ? [1, 1, 1] : [1, 1],
                    output: 1,
                };
            });
            const results = await probe(target, probes, ({ inputs }) => [a, b, c].slice(0, inputs.length));
            const wrong: string[] = [];
            operations.forEach(([name, modifier, compute], k) => {
                const words = results.get(`p${k}`) as Uint32Array;
                for (let i = 0; i < count; i += 1) {
                    const half = (of: Uint32Array, shift: number) => ((of[i] as number) >>> shift) & 0xffff;
                    const right = [0, 16].map((s) => compute(half(a, s), half(b, s), half(c, s)));
                    if (half(words, 0) !== right[0] || half(words, 16) !== right[1]) {
                        wrong.push(`${name}${modifier} at ${i}`);
                        break;
                    }
                }
            });
            expect(wrong).toEqual([]);
        },
        60_000,
    );
});
