// Rounding and denormal modes, and FP16_OVFL: what MODE asks for, against exact arithmetic rounded once (softfloat.ts).

import { describe, expect, it } from "vitest";
import { modeOf, type Probe, probe, ROUNDING, type Rounding, random } from "./lab.js";
import {
    add,
    BFLOAT,
    DOUBLE,
    decode,
    encode,
    type Format,
    flush,
    HALF,
    integer,
    isNan,
    multiply,
    SINGLE,
    squareRoot,
    type Value,
    width,
} from "./softfloat.js";

const TARGETS = ["gfx1100", "gfx942"] as const;
const ITEMS = 1024;

/** Operands that meet the edges: small and great exponents, neighbours, ties; an eighth are special. */
function operandsOf(format: Format, seed: number): bigint[] {
    const [low, high] = [random(ITEMS, seed), random(ITEMS, seed + 1000)];
    const { exponentBits, fractionBits } = format;
    const infinity = ((1n << BigInt(exponentBits)) - 1n) << BigInt(fractionBits);
    const special = [0n, 1n, infinity, infinity - 1n, infinity | 1n, 1n << BigInt(fractionBits)];
    const middle = BigInt(2 ** (exponentBits - 1) - 1);
    return Array.from({ length: ITEMS }, (_, i) => {
        const bits = (BigInt(high[i] as number) << 32n) | BigInt(low[i] as number);
        const value = BigInt.asUintN(width(format), bits);
        const sign = value & (1n << BigInt(exponentBits + fractionBits));
        const fraction = value & ((1n << BigInt(fractionBits)) - 1n);
        switch (i % 8) {
            case 0:
                return sign | (special[(low[i] as number) % special.length] as bigint);
            case 1:
                // Denormal.
                return sign | fraction;
            case 2:
            case 3:
            case 4:
                // Exponents near each other, so that sums cancel and align.
                return sign | ((middle + (value % 5n)) << BigInt(fractionBits)) | fraction;
            default:
                return value;
        }
    });
}

const wordsOf = (format: Format): number => (width(format) === 64 ? 2 : 1);
function packed(format: Format, values: readonly bigint[]): Uint32Array {
    if (wordsOf(format) === 1) return Uint32Array.from(values, Number);
    return Uint32Array.from(values.flatMap((bits) => [Number(bits & 0xffffffffn), Number(bits >> 32n)]));
}
function unpacked(format: Format, words: Uint32Array, i: number): bigint {
    if (wordsOf(format) === 2) return (BigInt(words[2 * i + 1] as number) << 32n) | BigInt(words[2 * i] as number);
    return BigInt.asUintN(width(format), BigInt(words[i] as number));
}

interface Operation {
    readonly name: string;
    readonly from: Format;
    readonly to: Format;
    readonly sources: number;
    readonly assembly: string;
    readonly compute: (rounding: Rounding, ...operands: Value[]) => Value;
    readonly targets?: readonly string[];
    /** Nothing is flushed: integers go in or out. */
    readonly whole?: boolean;
}

const arithmetic = (type: string, format: Format): Operation[] => [
    {
        name: `add_${type}`,
        from: format,
        to: format,
        sources: 2,
        assembly: `v_add_${type} %0, %1, %2`,
        compute: (rounding, a, b) => add(a, b, rounding),
    },
    {
        name: `mul_${type}`,
        from: format,
        to: format,
        sources: 2,
        assembly: `v_mul_${type} %0, %1, %2`,
        compute: (_, a, b) => multiply(a, b),
    },
    {
        name: `fma_${type}`,
        from: format,
        to: format,
        sources: 3,
        assembly: `v_fma_${type} %0, %1, %2, %3`,
        compute: (rounding, a, b, c) => add(multiply(a, b), c, rounding),
    },
];

const OPERATIONS: readonly Operation[] = [
    ...arithmetic("f16", HALF),
    ...arithmetic("f32", SINGLE),
    ...arithmetic("f64", DOUBLE),
    {
        name: "cvt_f16_f32",
        from: SINGLE,
        to: HALF,
        sources: 1,
        assembly: "v_cvt_f16_f32 %0, %1",
        compute: (_, a) => a,
    },
    {
        name: "cvt_f32_f64",
        from: DOUBLE,
        to: SINGLE,
        sources: 1,
        assembly: "v_cvt_f32_f64 %0, %1",
        compute: (_, a) => a,
    },
    {
        name: "pk_add_f16",
        from: HALF,
        to: HALF,
        sources: 2,
        assembly: "v_pk_add_f16 %0, %1, %2",
        compute: (rounding, a, b) => add(a, b, rounding),
    },
    {
        name: "pk_fma_f16",
        from: HALF,
        to: HALF,
        sources: 3,
        assembly: "v_pk_fma_f16 %0, %1, %2, %3",
        compute: (rounding, a, b, c) => add(multiply(a, b), c, rounding),
    },
];

const probeOf = (operation: Operation, suffix: string, special: Partial<Probe>): Probe => ({
    name: `${operation.name}_${suffix}`,
    assembly: operation.assembly,
    inputs: Array.from({ length: operation.sources }, () => wordsOf(operation.from)),
    output: wordsOf(operation.to),
    ...special,
});

/** Runs all operations with MODE as `special` says, and compares each with `wanted`. */
async function compare(
    target: string,
    variants: readonly { suffix: string; special: Partial<Probe> }[],
    wanted: (operation: Operation, variant: number, operands: readonly bigint[]) => bigint,
): Promise<void> {
    const probes = OPERATIONS.flatMap((operation) =>
        variants.map(({ suffix, special }, variant) => ({
            operation,
            variant,
            probe: probeOf(operation, suffix, special),
        })),
    );
    const inputs = new Map(
        [HALF, SINGLE, DOUBLE].map((format, k) => [format, [1, 2, 3].map((seed) => operandsOf(format, seed + 10 * k))]),
    );
    const of = ({ from, sources }: Operation) => (inputs.get(from) as bigint[][]).slice(0, sources);
    const operations = new Map(probes.map(({ probe: one, operation }) => [one.name, operation]));
    const results = await probe(
        target,
        probes.map((one) => one.probe),
        (one) => {
            const operation = operations.get(one.name) as Operation;
            return of(operation).map((values) => packed(operation.from, values));
        },
    );
    const wrong: string[] = [];
    for (const { operation, variant, probe: one } of probes) {
        const words = results.get(one.name) as Uint32Array;
        for (let i = 0; i < ITEMS; i += 1) {
            const operands = of(operation).map((values) => values[i] as bigint);
            const got = unpacked(operation.to, words, i);
            const right = wanted(operation, variant, operands);
            if (got !== right && !(isNan(operation.to, got) && isNan(operation.to, right))) {
                const hex = (bits: bigint) => bits.toString(16);
                wrong.push(`${one.name} ${operands.map(hex).join(" ")}: ${hex(got)}, not ${hex(right)}`);
                break;
            }
        }
    }
    expect(wrong).toEqual([]);
}

describe.each(TARGETS)("MODE on %s", (target) => {
    it("rounds sums, products, fused ones and conversions in four directions", () =>
        compare(
            target,
            ROUNDING.map((rounding) => ({ suffix: rounding, special: { mode: modeOf(rounding) } })),
            ({ from, to, compute }, variant, operands) => {
                const rounding = ROUNDING[variant] as Rounding;
                return encode(to, compute(rounding, ...operands.map((bits) => decode(from, bits))), rounding);
            },
        ));

    it("takes denormals as zeros, of operands, of results, or both", () => {
        // Bit 0: operands keep denormals, bit 1: results do.
        const kept = [0, 1, 2] as const;
        return compare(
            target,
            kept.map((keep) => ({ suffix: `keep${keep}`, special: { mode: (keep << 4) | (keep << 6) } })),
            ({ from, to, compute }, variant, operands) => {
                const keep = kept[variant] as number;
                const taken = operands.map((bits) => (keep & 1 ? bits : flush(from, bits)));
                const result = encode(to, compute("nearest", ...taken.map((bits) => decode(from, bits))));
                return keep & 2 ? result : flush(to, result);
            },
        );
    });

    it("keeps halves finite that are too large, with FP16_OVFL", () =>
        compare(
            target,
            [{ suffix: "saturating", special: { saturates: true } }],
            ({ from, to, compute }, _, operands) =>
                encode(to, compute("nearest", ...operands.map((bits) => decode(from, bits))), "nearest", to === HALF),
        ));
});

describe("integers and roots", () => {
    it.each(TARGETS)("round as MODE asks, or not at all, on %s", async (target) => {
        const inputs = random(ITEMS, 77);
        const probes = ROUNDING.flatMap((rounding) => [
            { name: `unsigned_${rounding}`, assembly: "v_cvt_f32_u32 %0, %1", mode: modeOf(rounding) },
            { name: `even_${rounding}`, assembly: "v_rndne_f32 %0, %1", mode: modeOf(rounding) },
        ]).map((one) => ({ ...one, inputs: [1], output: 1 }));
        const results = await probe(target, probes, () => [inputs]);
        for (const rounding of ROUNDING) {
            const unsigned = results.get(`unsigned_${rounding}`) as Uint32Array;
            const even = results.get(`even_${rounding}`) as Uint32Array;
            inputs.forEach((bits, i) => {
                expect(BigInt(unsigned[i] as number)).toBe(encode(SINGLE, integer(BigInt(bits)), rounding));
                // To even whatever MODE says.
                const value = new Float32Array(Uint32Array.of(bits).buffer)[0] as number;
                const floor = Math.floor(value);
                const tie = value - floor === 0.5;
                const nearest = tie ? (floor % 2 === 0 ? floor : floor + 1) : Math.round(value);
                const got = new Float32Array(even.buffer, 4 * i, 1)[0] as number;
                expect(got === nearest || (Number.isNaN(got) && Number.isNaN(value))).toBe(true);
            });
        }
    });

    it("of single precision are the correctly rounded ones", async () => {
        const inputs = Uint32Array.from(operandsOf(SINGLE, 5), Number);
        const one: Probe = { name: "root", assembly: "v_sqrt_f32 %0, %1", inputs: [1], output: 1 };
        const root = (await probe("gfx1100", [one], () => [inputs])).get("root") as Uint32Array;
        inputs.forEach((bits, i) => {
            const right = encode(SINGLE, squareRoot(decode(SINGLE, BigInt(bits))));
            const got = BigInt(root[i] as number);
            expect(isNan(SINGLE, right) ? isNan(SINGLE, got) : got === right).toBe(true);
        });
    });
});

describe("bfloat16", () => {
    it("is rounded to nearest even, and its products are fused once", async () => {
        const inputs = [1, 2, 3].map((seed) => Uint32Array.from(operandsOf(BFLOAT, seed + 50), Number));
        const pair = (values: Uint32Array) => values.map((bits, i) => (bits | ((values[i ^ 1] as number) << 16)) >>> 0);
        const [a, b, c] = inputs as [Uint32Array, Uint32Array, Uint32Array];
        const dot: Probe = {
            name: "dot2",
            assembly: "v_dot2_bf16_bf16 %0, %1, %2, %3",
            inputs: [1, 1, 1],
            output: 1,
            before: 0,
        };
        const found = await probe("gfx1100", [dot], () => [pair(a), pair(b), c]);
        const words = found.get("dot2") as Uint32Array;
        const value = (bits: number | bigint) => decode(BFLOAT, BigInt(bits));
        for (let i = 0; i < ITEMS; i += 1) {
            const step = (at: number, sum: bigint) =>
                encode(BFLOAT, add(multiply(value(a[at] as number), value(b[at] as number)), value(sum)));
            const right = step(i ^ 1, step(i, BigInt(c[i] as number)));
            const got = BigInt((words[i] as number) & 0xffff);
            expect(isNan(BFLOAT, right) ? isNan(BFLOAT, got) : got === right).toBe(true);
        }
    });
});
