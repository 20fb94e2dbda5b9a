import { describe, expect, test } from "vitest";
import { roundTo } from "../../compiler/ir/arithmetic.js";
import { FunctionBuilder } from "../../compiler/ir/builder.js";
import { type ConstantValue, type IrFunction, operation, region } from "../../compiler/ir/module.js";
import { OPS, type OpName } from "../../compiler/ir/ops.js";
import { printModule } from "../../compiler/ir/print.js";
import type { IrScalar } from "../../compiler/ir/types.js";
import { verifyModule } from "../../compiler/ir/verify/verify.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { deadCode } from "../../compiler/passes/dead-code.js";
import { fold } from "../../compiler/passes/fold.js";
import { runOver, runPasses } from "../../compiler/passes/pipeline.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { sampleModule } from "./sample.js";
import { SPAN, saxpy } from "./saxpy.js";

/** What the op table's own rule makes of constants; null where it leaves the operation alone. */
function folded(op: OpName, operands: readonly ConstantValue[], result: IrScalar, operand: IrScalar = result) {
    return OPS[op].fold?.(operands, result, operand) ?? null;
}

describe("constants fold to what the specification says", () => {
    test.each<[OpName, ConstantValue[], IrScalar, ConstantValue]>([
        ["add", [127n, 1n], "i8", -128n],
        ["sub", [0n, 1n], "u64", 2n ** 64n - 1n],
        ["mul", [2n ** 62n, 4n], "index", 0n],
        ["div", [-7n, 2n], "i32", -3n],
        ["div", [-(2n ** 31n), -1n], "i32", -(2n ** 31n)],
        ["div", [5n, 0n], "i32", 5n],
        ["rem", [-7n, 2n], "i32", -1n],
        ["rem", [5n, 0n], "i32", 0n],
        ["neg", [-128n], "i8", -128n],
        ["abs", [-128n], "i8", -128n],
        ["shl", [1n, 33n], "i32", 2n],
        ["shr", [-8n, 1n], "i32", -4n],
        ["shr", [0xffff_fff8n, 1n], "u32", 0x7fff_fffcn],
        ["mul_high", [0xffff_ffffn, 0xffff_ffffn], "u32", 0xffff_fffen],
        ["mul_high", [-1n, 2n], "i32", -1n],
        ["count_ones", [-1n], "i64", 64n],
        ["leading_zeros", [0n], "u32", 32n],
        ["trailing_zeros", [8n], "u32", 3n],
        ["reverse_bits", [1n], "u32", 0x8000_0000n],
        ["not", [0n], "u8", 255n],
        ["add", [1, 2 ** -24], "f32", 1],
        ["div", [1, 3], "f32", Math.fround(1 / 3)],
        ["mul", [65504, 2], "f16", Number.POSITIVE_INFINITY],
        ["round", [2.5], "f64", 2],
        ["round", [-0.5], "f32", -0],
        ["min", [-0, 0], "f32", -0],
        ["max", [Number.NaN, 3], "f32", 3],
    ])("%s %o as %s", (op, operands, type, expected) => {
        expect(folded(op, operands, type)).toBe(expected);
    });

    test.each<[ConstantValue, IrScalar, IrScalar, ConstantValue]>([
        [300n, "i32", "u8", 44n],
        [-1n, "i8", "u32", 0xffff_ffffn],
        [200n, "u8", "i8", -56n],
        [1e10, "f64", "i32", 2n ** 31n - 1n],
        [-1.9, "f64", "i32", -1n],
        [-5, "f32", "u8", 0n],
        [Number.NaN, "f32", "i64", 0n],
        [Number.NEGATIVE_INFINITY, "f32", "i64", -(2n ** 63n)],
        [16_777_217n, "i32", "f32", 16_777_216],
        [true, "bool", "i32", 1n],
        [0.1, "f64", "f16", 0.0999755859375],
    ])("%s from %s to %s", (value, from, to, expected) => {
        expect(folded("convert", [value], to, from)).toBe(expected);
    });
});

// Values of IEEE 754-2008 binary16: largest, smallest normal and subnormal, and halfway cases.
test.each([
    [65519, 65504],
    [65520, Number.POSITIVE_INFINITY],
    [2049, 2048],
    [2051, 2052],
    [2 ** -25, 0],
    [2 ** -25 * 1.5, 2 ** -24],
    [-(2 ** -14), -(2 ** -14)],
])("%d rounds to f16 as %d", (value, expected) => {
    expect(roundTo(value, "f16")).toBe(expected);
});

function operationsOf(fn: IrFunction): OpName[] {
    return region(fn, fn.body).operations.map((id) => operation(fn, id).op);
}

test("integer identities disappear, those of floats stay", () => {
    const builder = new FunctionBuilder({
        name: "f",
        span: SPAN,
        kernel: null,
        options: {},
        parameters: [
            { name: "i", type: "index", mutable: false, span: SPAN },
            { name: "x", type: "f32", mutable: false, span: SPAN },
        ],
        results: ["f32"],
    });
    const [i, x] = builder.function.parameters.map(({ value }) => value);
    if (i === undefined || x === undefined) throw new Error("no parameters");
    const moved = builder.value(
        "add",
        [builder.value("mul", [i, builder.constant(1n, "index", SPAN)], SPAN), builder.constant(0n, "index", SPAN)],
        SPAN,
    );
    const sum = builder.value("add", [x, builder.constant(0, "f32", SPAN)], SPAN);
    const chosen = builder.value("select", [builder.value("lt", [moved, i], SPAN), sum, x], SPAN);
    builder.terminate("return", [chosen], SPAN);
    const module = { functions: [builder.function] };
    runOver(builder.function, [fold, deadCode], DEFAULT_TARGET);
    expect(verifyModule(module)).toEqual([]);
    expect(operationsOf(builder.function)).toEqual(["const", "add", "lt", "select", "return"]);
});

test("what nobody uses goes, what has an effect stays", () => {
    const module = sampleModule();
    runPasses(module, DEFAULT_TARGET, () => expect(verifyModule(module)).toEqual([]));
    expect(printModule(module)).toContain("store");
    const unused = lowerProgram(saxpy());
    const before = printModule(unused);
    for (const fn of unused.functions) runOver(fn, [deadCode], DEFAULT_TARGET);
    expect(printModule(unused)).toBe(before);
});
