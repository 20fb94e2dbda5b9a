// The VALUE forms: what is accepted, what is refused and why, and the numbers behind them.

import { describe, expect, test } from "vitest";
import { philox4x32, philoxWords } from "../../codeobject/philox.js";
import { UsageError, UserError } from "../../compiler/cli/errors.js";
import { generate } from "../../compiler/cli/values/data.js";
import { scalarIn } from "../../compiler/cli/values/number.js";
import { formatArray } from "../../compiler/cli/values/print.js";
import { parseBinding } from "../../compiler/cli/values/value.js";
import { formatFloat } from "../../runtime/text.js";

describe("forms", () => {
    test.each([
        ["a=2", { kind: "scalar", text: "2" }],
        ["a=-0.5e-3", { kind: "scalar", text: "-0.5e-3" }],
        ["a=0xff", { kind: "scalar", text: "0xff" }],
        ["a=-inf", { kind: "scalar", text: "-inf" }],
        ["a=true", { kind: "scalar", text: "true" }],
        ["a=zeros(10)", { kind: "zeros", shape: [10] }],
        ["a=zeros( 16x16 )", { kind: "zeros", shape: [16, 16] }],
        ["a=fill(1,1000)", { kind: "fill", text: "1", shape: [1000] }],
        ["a=fill(-1.5, 2x3x4)", { kind: "fill", text: "-1.5", shape: [2, 3, 4] }],
        ["a=range(0)", { kind: "range", shape: [0] }],
        ["a=[1, -2.5]", { kind: "list", texts: ["1", "-2.5"], shape: [2] }],
        ["a=[[1, 2, 3], [4,5,6]]", { kind: "list", texts: ["1", "2", "3", "4", "5", "6"], shape: [2, 3] }],
        ["a=[[[true]],[[false]]]", { kind: "list", texts: ["true", "false"], shape: [2, 1, 1] }],
        ["a=random(64x64, 7)", { kind: "random", shape: [64, 64], seed: 7n }],
        ["a=random(1,0xffffffffffffffff)", { kind: "random", shape: [1], seed: 0xffffffffffffffffn }],
        ["a=some folder/x=1.npy", { kind: "npy", path: "some folder/x=1.npy" }],
    ])("%s", (text, value) => {
        expect(parseBinding(text)).toEqual({ name: "a", value });
    });

    test.each([
        ["a", /name=VALUE/],
        ["=2", /name=VALUE/],
        ["a=", /name=VALUE/],
        ["2a=2", /name=VALUE/],
        ["a=two", /`two` is no value/],
        ["a=1 2", /`1 2` is no value/],
        ["a=zeros(16,16)", /written 16x16/],
        ["a=zeros()", /expected zeros\(SHAPE\)/],
        ["a=zeros(-1)", /`-1` is no shape/],
        ["a=zeros(2.5)", /`2.5` is no shape/],
        ["a=zeros(16x)", /`16x` is no shape/],
        ["a=zeros(10", /is no value/],
        ["a=fill(1000)", /expected fill\(V, SHAPE\)/],
        ["a=fill(x,1000)", /`x` is no number/],
        ["a=random(10)", /expected random\(SHAPE, SEED\)/],
        ["a=random(10,-1)", /seed/],
        ["a=random(10,18446744073709551616)", /seed/],
        ["a=ones(10)", /there is no `ones/],
        ["a=[1, x]", /`x` is no number/],
        ["a=[]", /nothing is zeros\(0\)/],
        ["a=[1,,2]", /before and behind each comma/],
        ["a=[[1,2],[3]]", /list of the shape \[2\] and a list of the shape \[1\]/],
        ["a=[1,[2]]", /a number and a list of the shape \[1\]/],
        ["a=[[1,2]", /without its `\]`/],
        ["a=[1],[2]", /without its `\[`/],
        ["a=zeros(65536x65537)", /too many elements/],
        [`a=zeros(${"9".repeat(400)})`, /too many elements/],
    ])("%s is wrong usage", (text, reason) => {
        expect(() => parseBinding(text)).toThrow(UsageError);
        expect(() => parseBinding(text)).toThrow(reason);
    });
});

describe("numbers", () => {
    test("keep every bit of 64", () => {
        expect(scalarIn("9223372036854775807", "i64")).toBe(9223372036854775807n);
        expect(scalarIn("0xffffffffffffffff", "u64")).toBe(0xffffffffffffffffn);
        expect(scalarIn("-1", "index")).toBe(-1n);
        expect(scalarIn("0x10", "i32")).toBe(16n);
        expect(scalarIn("1e3", "f32")).toBe(1000);
        expect(scalarIn("0x10", "f64")).toBe(16);
        expect(scalarIn("NaN", "f64")).toBeNaN();
        expect(scalarIn("false", "bool")).toBe(false);
    });

    test.each([
        ["1.5", "i32", /not an integer/],
        ["inf", "u32", /not an integer/],
        ["true", "f32", /not a number/],
        ["1", "bool", /not a bool/],
        ["65520", "f16", /beyond the largest f16/],
        ["3.5e38", "f32", /beyond the largest f32/],
        ["1e999", "f64", /beyond the largest f64/],
    ] as const)("%s is no %s", (text, type, reason) => {
        expect(() => scalarIn(text, type)).toThrow(UserError);
        expect(() => scalarIn(text, type)).toThrow(reason);
    });

    test("the largest finite ones are fine", () => {
        expect(scalarIn("65519", "f16")).toBe(65519);
        expect(scalarIn("3.4028234663852886e38", "f32")).toBe(3.4028234663852886e38);
    });
});

describe("data", () => {
    const shape = [3];

    test("fill gives every element the value, rounded to the type", () => {
        expect([...generate({ kind: "fill", text: "0.1", shape }, "f32", "x")]).toEqual(
            Array(3).fill(Math.fround(0.1)),
        );
        // The f16 nearest to 0.1 is 1638 / 2^14 (IEEE 754 binary16, 11 significant bits).
        expect([...generate({ kind: "fill", text: "0.1", shape }, "f16", "x")]).toEqual(Array(3).fill(1638 / 2 ** 14));
        expect([...generate({ kind: "fill", text: "-1", shape }, "i64", "x")]).toEqual([-1n, -1n, -1n]);
        expect([...generate({ kind: "fill", text: "true", shape }, "bool", "x")]).toEqual([1, 1, 1]);
        expect(() => generate({ kind: "fill", text: "300", shape }, "u8", "x")).toThrow(/u8.*0 … 255.*300/);
    });

    test("range counts, and says where a type ends", () => {
        expect([...generate({ kind: "range", shape: [2, 2] }, "f32", "x")]).toEqual([0, 1, 2, 3]);
        expect([...generate({ kind: "range", shape }, "u64", "x")]).toEqual([0n, 1n, 2n]);
        expect(generate({ kind: "range", shape: [256] }, "u8", "x").at(-1)).toBe(255);
        // Ties to even: 2049 lies between 2048 and 2050.
        expect([...generate({ kind: "range", shape: [2051] }, "f16", "x").slice(2048)]).toEqual([2048, 2048, 2050]);
        expect(() => generate({ kind: "range", shape: [257] }, "u8", "x")).toThrow(/u8.*256/);
        expect(() => generate({ kind: "range", shape: [65537] }, "f16", "x")).toThrow(/beyond the largest f16/);
        expect(() => generate({ kind: "range", shape }, "bool", "x")).toThrow(UserError);
    });

    test("random takes its bits from Philox: the known answer for key 0, block 0", () => {
        const [w0, w1, w2, w3] = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
        const random = (type: Parameters<typeof generate>[1], count: number) => [
            ...generate({ kind: "random", shape: [count], seed: 0n }, type, "x"),
        ];
        expect(random("u32", 4)).toEqual([w0, w1, w2, w3]);
        expect(random("i32", 2)).toEqual([w0, w1 - 2 ** 32]);
        expect(random("u8", 4)).toEqual([0xd5, 0x8d, 0x4c, 0xd8]);
        expect(random("u64", 2)).toEqual([0xe169c58d6627e8d5n, 0x9b00dbd8bc57ac4cn]);
        expect(random("bool", 4)).toEqual([1, 1, 0, 0]);
        expect(random("f32", 1)).toEqual([0x6627e8 / 2 ** 24]);
        expect(random("f16", 1)).toEqual([(0x6627e8d5 >>> 21) / 2 ** 11]);
        expect(random("f64", 1)).toEqual([Number(0xe169c58d6627e8d5n >> 11n) / 2 ** 53]);
    });
});

describe("Philox4x32-10", () => {
    // Random123's known answers (tests/kat_vectors of https://github.com/DEShawResearch/random123).
    test.each([
        [
            [0, 0, 0, 0],
            [0, 0],
            [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
        ],
        [
            [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
            [0xffffffff, 0xffffffff],
            [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
        ],
        [
            [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
            [0xa4093822, 0x299f31d0],
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
        ],
    ] as const)("counter %o, key %o", (counter, key, answer) => {
        const block = Uint32Array.from(counter);
        philox4x32(block, key);
        expect([...block]).toEqual([...answer]);
    });

    test("gives the words of block 0, then of block 1", () => {
        const words = philoxWords(0x299f31d0a4093822n);
        const block = Uint32Array.from([1, 0, 0, 0]);
        philox4x32(block, [0xa4093822, 0x299f31d0]);
        Array.from({ length: 4 }, words);
        expect(Array.from({ length: 4 }, words)).toEqual([...block]);
    });
});

describe("printing", () => {
    const counting = (position: number): string => String(position);

    test("rows are lines, matrices are apart", () => {
        expect(formatArray([4], counting)).toBe("0, 1, 2, 3");
        expect(formatArray([2, 2], counting)).toBe("0, 1\n2, 3");
        expect(formatArray([2, 1, 2], counting)).toBe("0, 1\n\n2, 3");
        expect(formatArray([0], counting)).toBe("(empty)");
        expect(formatArray([4_000_000_000, 0], counting)).toBe("(empty)");
    });

    test("the middle of a large array is left out, and counted", () => {
        expect(formatArray([1000], counting).split(", ")).toHaveLength(1000);
        expect(formatArray([1_000_003], counting)).toBe(
            "0, 1, 2, 3, 4, 5, 6, 7, …, 999995, 999996, 999997, 999998, 999999, 1000000, 1000001, 1000002\n" +
                "(1,000,003 values; --dump writes them all)",
        );
        const rows = formatArray([2000, 2], counting).split("\n");
        expect(rows.slice(7, 10)).toEqual(["14, 15", "…", "3984, 3985"]);
    });

    test("floats are as short as their type allows", () => {
        expect(formatFloat(Math.fround(0.1), "f32")).toBe("0.1");
        expect(formatFloat(Math.fround(16777216), "f32")).toBe("16777216");
        expect(formatFloat(Math.fround(1 / 3), "f32")).toBe("0.33333334");
        expect(formatFloat(1 / 3, "f64")).toBe("0.3333333333333333");
        expect(formatFloat(-0, "f32")).toBe("-0");
        expect(formatFloat(Number.NaN, "f32")).toBe("nan");
        expect(formatFloat(Number.NEGATIVE_INFINITY, "f64")).toBe("-inf");
    });
});
