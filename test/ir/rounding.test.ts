// Correct rounding, held against closed forms and against exact rational arithmetic that searches both neighbours.

import { describe, expect, test } from "vitest";
import { bitsOfFloat, floatOfBits } from "../../compiler/ir/bits.js";
import { OPS } from "../../compiler/ir/ops.js";
import { fusedMultiplyAdd, roundExact, scaleByPower } from "../../compiler/ir/rounding.js";

type Float = "f16" | "f32" | "f64";
const WIDTHS = { f16: 16, f32: 32, f64: 64 } as const;

/** A stream of bit patterns: xorshift64 (G. Marsaglia, "Xorshift RNGs", 2003). */
function* patterns(count: number): Generator<bigint> {
    let state = 0x9e3779b97f4a7c15n;
    for (let at = 0; at < count; at++) {
        state ^= BigInt.asUintN(64, state << 13n);
        state ^= state >> 7n;
        state ^= BigInt.asUintN(64, state << 17n);
        yield state;
    }
}

function finite(type: Float, pattern: bigint): number {
    const value = floatOfBits(BigInt.asUintN(WIDTHS[type], pattern), type);
    return Number.isFinite(value) ? value : 1;
}

/** A finite double times 2^1074, which is an integer. */
function scaled(value: number): bigint {
    const [high, exponent] = [Math.trunc(value / 2 ** Math.max(exponentOf(value) - 52, -1074)), exponentOf(value)];
    return BigInt(high) << BigInt(Math.max(exponent - 52, -1074) + 1074);
}

function exponentOf(value: number): number {
    return Number(bitsOfFloat(Math.abs(value), "f64") >> 52n || 1n) - 1023;
}

/** Neither neighbour of a result is nearer to the exact value, here times 2^2148. */
function expectNearest(result: number, exact: bigint, type: Float): void {
    const distance = (value: number) => {
        const difference = (scaled(value) << 1074n) - exact;
        return difference < 0n ? -difference : difference;
    };
    const bits = bitsOfFloat(Math.abs(result), type);
    for (const step of [-1n, 1n]) {
        if (bits + step < 0n) continue;
        const neighbour = Math.sign(result || 1) * floatOfBits(bits + step, type);
        if (!Number.isFinite(neighbour)) continue;
        const [mine, other] = [distance(result), distance(neighbour)];
        expect(mine < other || (mine === other && bits % 2n === 0n)).toBe(true);
    }
}

describe.each(["f16", "f32", "f64"] as const)("%s", (type) => {
    test("fma gives the nearest value", () => {
        const stream = patterns(1500);
        for (let at = 0; at < 500; at++) {
            const [a, b, c] = [0, 1, 2].map(() => finite(type, stream.next().value ?? 0n)) as [number, number, number];
            const result = fusedMultiplyAdd(a, b, c, type);
            if (!Number.isFinite(result)) continue;
            expectNearest(result, scaled(a) * scaled(b) + (scaled(c) << 1074n), type);
        }
    });

    test("fma of small integers is their sum and product", () => {
        for (const a of [-3, 0, 5]) {
            for (const b of [-7, 1, 11])
                for (const c of [-21, 0, 2]) expect(fusedMultiplyAdd(a, b, c, type)).toBe(a * b + c);
        }
    });

    test("bits come back", () => {
        for (const pattern of patterns(1000)) {
            const bits = BigInt.asUintN(WIDTHS[type], pattern);
            const value = floatOfBits(bits, type);
            if (!Number.isNaN(value)) expect(bitsOfFloat(value, type)).toBe(bits);
        }
    });
});

test("fma keeps what two roundings lose", () => {
    // (1 + 2^-12)² = 1 + 2^-11 + 2^-24: the tie of f32 is decided by an addend far below a double's last place.
    const a = 1 + 2 ** -12;
    expect(fusedMultiplyAdd(a, a, 2 ** -100, "f32")).toBe(1 + 2 ** -11 + 2 ** -23);
    expect(fusedMultiplyAdd(a, a, -(2 ** -100), "f32")).toBe(1 + 2 ** -11);
    // The residual of a product of doubles.
    expect(fusedMultiplyAdd(1 + 2 ** -52, 1 + 2 ** -52, -(1 + 2 ** -51), "f64")).toBe(2 ** -104);
    // A product beyond the type that the addend brings back.
    expect(fusedMultiplyAdd(Number.MAX_VALUE, 2, -Number.MAX_VALUE, "f64")).toBe(Number.MAX_VALUE);
    expect(fusedMultiplyAdd(Number.MAX_VALUE, 2, -Infinity, "f64")).toBe(-Infinity);
});

test("fma has IEEE 754's zeros", () => {
    expect(fusedMultiplyAdd(1, 1, -1, "f32")).toBe(0);
    expect(fusedMultiplyAdd(-1, 0, -0, "f32")).toBe(-0);
    expect(fusedMultiplyAdd(-1, 0, 0, "f32")).toBe(0);
    expect(fusedMultiplyAdd(2 ** -1074, -(2 ** -1074), 0, "f64")).toBe(-0);
    expect(fusedMultiplyAdd(0, Infinity, 1, "f64")).toBeNaN();
});

test("integers become the nearest float", () => {
    expect(roundExact(2n ** 24n + 1n, 0, "f32")).toBe(2 ** 24);
    expect(roundExact(2n ** 24n + 3n, 0, "f32")).toBe(2 ** 24 + 4);
    // Rounded to a double first, this would be a tie.
    expect(roundExact(2n ** 60n + 2n ** 36n + 1n, 0, "f32")).toBe(2 ** 60 + 2 ** 37);
    expect(roundExact(65519n, 0, "f16")).toBe(65504);
    expect(roundExact(-65520n, 0, "f16")).toBe(-Infinity);
    expect(OPS.convert.fold?.([2n ** 64n - 1n], "f32", "u64")).toBe(2 ** 64);
});

test("ldexp rounds once, to zero and infinity too", () => {
    expect(scaleByPower(3, -1075n, "f64")).toBe(2 ** -1073);
    expect(scaleByPower(-1, -1076n, "f64")).toBe(-0);
    expect(scaleByPower(1 + 2 ** -10, -24n, "f16")).toBe(2 ** -24);
    expect(scaleByPower(1.5, -25n, "f16")).toBe(2 ** -24);
    expect(scaleByPower(1, -25n, "f16")).toBe(0);
    expect(scaleByPower(1, 16n, "f16")).toBe(Infinity);
    expect(scaleByPower(-0, 2n ** 31n - 1n, "f32")).toBe(-0);
    expect(scaleByPower(2 ** -149, 276n, "f32")).toBe(2 ** 127);
    expect(scaleByPower(-1, 2n ** 31n - 1n, "f32")).toBe(-Infinity);
});
