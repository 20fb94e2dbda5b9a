// What the samples share: comparing, random input, the table.

import { describe, expect, it } from "vitest";
import { largestError, WrongResult } from "../../samples/common/check.js";
import { contactSheet, sideBySide } from "../../samples/common/picture.js";
import { randomBits, randomFloats } from "../../samples/common/random.js";
import { formatTable } from "../../samples/common/table.js";

describe("largestError", () => {
    it("is the largest difference", () => {
        expect(largestError("k", [1, 2, 3], [1, 2.5, 2.75], 1)).toBe(0.5);
        expect(largestError("k", [], [], 0)).toBe(0);
    });
    it("allows each element its own tolerance", () => {
        expect(largestError("k", [1, 2], [1, 3], [0, 1])).toBe(1);
        expect(() => largestError("k", [1, 2], [1, 3], [1, 0])).toThrow("k is wrong: element 1 is 2, expected 3");
    });
    it("never takes NaN for right", () => {
        expect(() => largestError("k", [Number.NaN], [1], 1e9)).toThrow(WrongResult);
        expect(() => largestError("k", [1], [1], Number.NaN)).toThrow(WrongResult);
    });
    it("refuses results of another length", () => {
        expect(() => largestError("k", [1], [1, 2], 0)).toThrow("k gave 1 elements, expected 2");
    });
});

describe("random input", () => {
    it("is xorshift32 with Marsaglia's shifts 13, 17, 5", () => {
        // The first value by hand: 1 ^ 1<<13 = 8193; no bit reaches >>17; 8193 ^ 8193<<5 = 270369.
        expect(randomBits(1)()).toBe(270369);
    });
    it("fills −1 … 1 evenly", () => {
        const values = randomFloats(10_000, 7);
        expect(values.every((value) => value >= -1 && value <= 1)).toBe(true);
        // The mean of n uniform values has standard deviation 1/√(3n), about 0.006.
        expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(0.03);
    });
});

describe("formatTable", () => {
    it("aligns, and shows a grid without its axes of 1", () => {
        const row = {
            kernel: "saxpy",
            target: "gfx1100",
            compileMilliseconds: 12.34,
            largestError: 0,
            launch: {
                grid: [4096, 1, 1],
                block: [256, 1, 1],
                milliseconds: 5,
                outputs: {},
                counters: { instructions: 1234567 },
            },
        } as const;
        const noCounters = { ...row, launch: { ...row.launch, grid: [1, 3, 1], counters: "unavailable" } } as const;
        const [header, rule, first, second] = formatTable([row, noCounters]).split("\n");
        expect(header).toMatch(/^kernel\s+target\s+grid\s+compile time\s+run time\s+instructions\s+largest error$/);
        expect(rule?.length).toBe(header?.length);
        expect(first).toMatch(/^saxpy\s+gfx1100\s+4096 of 256\s+12\.3 ms\s+5\.0 ms\s+1,234,567\s+0$/);
        expect(second).toMatch(/1×3 of 256 .*unavailable/);
    });
});

describe("pictures", () => {
    it("puts tiles in rows", () => {
        const stack = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        const { width, height, pixels } = contactSheet(stack, 2, [2, 0, 1], 2);
        expect([width, height]).toEqual([4, 4]);
        expect([...pixels]).toEqual([9, 10, 1, 2, 11, 12, 3, 4, 5, 6, 0, 0, 7, 8, 0, 0]);
    });
    it("puts two beside each other", () => {
        const left = { width: 1, height: 2, pixels: Uint8Array.of(1, 2) };
        const right = { width: 2, height: 2, pixels: Uint8Array.of(3, 4, 5, 6) };
        expect([...sideBySide(left, right, 1).pixels]).toEqual([1, 255, 3, 4, 2, 255, 5, 6]);
    });
});
