import { describe, expect, it } from "vitest";
import { halfFromNumber, numberFromHalf } from "../../runtime/half.js";

// Values of IEEE 754 binary16 by their definition: (-1)^s · 2^(e - 15) · (1 + f / 1024), or 2^-14 · f / 1024 when e is 0.
const CASES: readonly [number, number][] = [
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [1023 * 2 ** -24, 0x03ff],
    [0.333251953125, 0x3555],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
];

describe("binary16", () => {
    it.each(CASES)("%f is 0x%x", (value, bits) => {
        expect(halfFromNumber(value)).toBe(bits);
        expect(numberFromHalf(bits)).toBe(value);
    });

    it.each([
        ["a tie goes to the even neighbour below", 1 + 2 ** -11, 0x3c00],
        ["a tie goes to the even neighbour above", 1 + 3 * 2 ** -11, 0x3c02],
        ["just above a tie goes up, which a step through f32 would miss", 1 + 2 ** -11 + 2 ** -40, 0x3c01],
        ["just below a tie goes down", 1 + 2 ** -11 - 2 ** -40, 0x3c00],
        ["a carry runs into the exponent", 2 - 2 ** -12, 0x4000],
        ["below half a unit of overflow is the largest", 65519.99, 0x7bff],
        ["half a unit of overflow is infinity", 65520, 0x7c00],
        ["a tie at the smallest subnormal is zero", 2 ** -25, 0x0000],
        ["above it is the smallest subnormal", 2 ** -25 + 2 ** -60, 0x0001],
        ["the largest subnormal rounds up to the smallest normal", 1023.75 * 2 ** -24, 0x0400],
        ["a tiny negative number is minus zero", -(2 ** -1074), 0x8000],
    ])("%s", (_, value, bits) => {
        expect(halfFromNumber(value)).toBe(bits);
    });

    it("converts every finite value there and back", () => {
        for (let bits = 0; bits < 0x10000; bits++) {
            const value = numberFromHalf(bits);
            if (Number.isNaN(value)) {
                expect(halfFromNumber(value) & 0x7fff).toBe(0x7e00);
            } else {
                expect(halfFromNumber(value)).toBe(bits);
            }
        }
    });

    it("takes the nearer neighbour, and the even one in the middle", () => {
        for (let bits = 0; bits < 0x7bff; bits++) {
            const [low, high] = [numberFromHalf(bits), numberFromHalf(bits + 1)];
            const middle = (low + high) / 2;
            expect(halfFromNumber(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
            expect(halfFromNumber(middle - (high - low) / 1024)).toBe(bits);
            expect(halfFromNumber(middle + (high - low) / 1024)).toBe(bits + 1);
        }
    });
});
