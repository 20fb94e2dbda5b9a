// What the checker hands on: types of literals, resolved built-ins, folded constants, dimensions, order of functions.

import { describe, expect, test } from "vitest";
import type { Expr, Kernel, Statement } from "../../compiler/sema/program.js";
import { codes, nodes, programOf } from "./programs.js";

function kernelOf(text: string): Kernel {
    return programOf(text).kernels.at(-1) as Kernel;
}

function isLiteral(node: object): node is Extract<Expr, { kind: "literal" }> {
    return "kind" in node && node.kind === "literal";
}

/** The literals of an expression of one type, as `type value`. */
function literals(type: string, expression: string): string[] {
    const program = programOf(`kernel k(v: ${type}, y: mut ${type}[n]) over i in n {\n    y[i] = ${expression}\n}\n`);
    const assign = program.kernels[0]?.body.statements[0] as Extract<Statement, { kind: "assign" }>;
    return nodes(assign.value, isLiteral).map(({ type, value }) => `${type.name} ${value}`);
}

describe("literals take the type of their place", () => {
    const cases: [string, string, string[]][] = [
        ["f32", "1", ["f32 1"]],
        ["f64", "v * 2", ["f64 2"]],
        ["f64", "2 * v", ["f64 2"]],
        ["f32", "1 + 2 * v", ["f32 1", "f32 2"]],
        ["f32", "(1 + 2) * v", ["f32 1", "f32 2"]],
        ["u8", "255 - v", ["u8 255"]],
        ["i64", "v << 3", ["i64 3"]],
        ["i16", "-32768", ["i16 -32768"]],
        ["f16", "v + 0.1", ["f16 0.0999755859375"]],
        ["f32", "0.1", ["f32 0.10000000149011612"]],
        ["f64", "0.1", ["f64 0.1"]],
        ["f32", "-inf", ["f32 -Infinity"]],
        ["f32", "max(0, v)", ["f32 0"]],
        ["f32", "min(1, 2)", ["f32 1", "f32 2"]],
        ["f64", "if v > 0 { 1 } else { v }", ["f64 0", "f64 1"]],
        ["f64", "(if v > 0.5 { 1 } else { 2 }) * v", ["f64 0.5", "f64 1", "f64 2"]],
        ["f16", "2047", ["f16 2047"]],
        ["u64", "0xffff_ffff_ffff_ffff", ["u64 18446744073709551615"]],
        ["u64", "5000000000 as u64", ["u64 5000000000"]],
        ["i32", "2.7 as i32", ["f32 2.700000047683716"]],
    ];
    test.each(cases)("%s: %s", (type, expression, expected) => {
        expect(literals(type, expression)).toEqual(expected);
    });

    test("without a demand integers are i32 and floats f32", () => {
        const { body } = kernelOf(
            "kernel k(y: mut f32[n]) over i in n {\n    let a = 1\n    let b = 1.5\n    let c = 1 + 0.5\n    let d = if a > 0 { 1.5 } else { 2 }\n    let e = if a > 0 { 2 } else { 1.5 }\n    y[i] = a as f32 + b + c + d + e\n}\n",
        );
        const types = body.statements.map((statement) => statement.kind === "declare" && statement.local.type);
        expect(types.slice(0, 5)).toMatchObject(["i32", "f32", "f32", "f32", "f32"].map((name) => ({ name })));
    });

    test("they are refused where their type hasn't the value", () => {
        const refused = (type: string, value: string) => codes(`fn f() -> ${type} { ${value} }\n`);
        expect(refused("i8", "127")).toEqual([]);
        expect(refused("i8", "128")).toEqual(["E0304"]);
        expect(refused("i8", "-128")).toEqual([]);
        expect(refused("i8", "-129")).toEqual(["E0304"]);
        expect(refused("u64", "18446744073709551616")).toEqual(["E0304"]);
        // 2^24 + 1 has no binary32, 2^53 + 1 no binary64, and 65520 rounds to infinity in binary16 (IEEE 754-2019).
        expect(refused("f32", "16777216")).toEqual([]);
        expect(refused("f32", "16777217")).toEqual(["E0304"]);
        expect(refused("f64", "9007199254740993")).toEqual(["E0304"]);
        expect(refused("f16", "65519.0")).toEqual(["W0301"]);
        expect(refused("f16", "65520.0")).toEqual(["E0304"]);
        expect(refused("f32", "3.5e38")).toEqual(["E0304"]);
        expect(refused("bool", "1")).toEqual(["E0301"]);
    });
});

describe("constants", () => {
    function constantOf(type: string, value: string): bigint | number | boolean | undefined {
        const found = nodes(
            kernelOf(`const A: ${type} = ${value}\nkernel k(y: mut ${type}[n]) over i in n { y[i] = A }\n`).body,
            isLiteral,
        );
        return found[0]?.value;
    }
    const cases: [string, string, bigint | number | boolean][] = [
        ["i32", "7 / -2", -3n],
        ["i32", "-7 % 3", -1n],
        ["u8", "1 << 7 | 1", 129n],
        ["i32", "-8 >> 1", -4n],
        ["u32", "~0", 4294967295n],
        ["f64", "1 / 3", 1 / 3],
        ["f32", "1 / 3", Math.fround(1 / 3)],
        ["bool", "1 < 2 && !(3 == 4)", true],
        ["i32", "if 1 > 2 { 10 } else { 20 }", 20n],
        ["i32", "3.99 as i32", 3n],
        ["u8", "-1.0 as u8", 0n],
        ["u8", "1e9 as u8", 255n],
        ["i32", "(200 as u8) as i8 as i32", -56n],
        ["f32", "true as f32", 1],
    ];
    test.each(cases)("%s: %s", (type, text, expected) => {
        expect(constantOf(type, text)).toBe(expected);
    });

    test("without a type they are literals by another name", () => {
        const text =
            "const N = 4 * 8\nkernel k(a: f32, y: mut f32[n]) groups n workgroup(N) {\n    shared b: f32[N, N + 1]\n    b[0, N] = a * N\n    y[N - 1 - local_id()] = b[0, N]\n}\n";
        const { launch, body } = kernelOf(text);
        expect(launch).toMatchObject({ workgroup: [32] });
        expect(body.statements[0]).toMatchObject({ local: { type: { kind: "array", extents: [32, 33] } } });
        const values = nodes(body, isLiteral).map(({ type, value }) => `${type.name} ${value}`);
        expect(values).toContain("f32 32");
        expect(values).toContain("index 32");
    });

    test("overflow and division by zero in them are errors", () => {
        expect(codes("const A: i32 = 2147483647 + 1\n")).toEqual(["E0403"]);
        expect(codes("const A: i64 = -9223372036854775808 / -1\n")).toEqual(["E0403"]);
        expect(codes("const A: u32 = 1 - 2\n")).toEqual(["E0403"]);
        expect(codes("const Z: i32 = 0\nconst A: i32 = 1 % Z\n")).toEqual(["E0402"]);
    });
});

describe("dimensions and launches", () => {
    test("are listed in the order of their first appearance, those of the launch last", () => {
        const { dims, launch } = kernelOf(
            "kernel k(a: f32[m, k], b: f32[k, n + 1, n], c: mut f32[m]) groups (g, m / 16) workgroup(4, 8) { c[0] = a[0, 0] * b[0, 0, 0] }\n",
        );
        expect(dims).toEqual(["m", "k", "n", "g"]);
        expect(launch).toEqual({
            kind: "groups",
            groups: [
                { kind: "dim", name: "g" },
                { kind: "binary", op: "/", left: { kind: "dim", name: "m" }, right: { kind: "const", value: 16 } },
            ],
            workgroup: [4, 8],
        });
    });

    test("constant extents are folded", () => {
        const { params } = kernelOf("const W = 3\nkernel k(y: mut f32[n, 2 * W + 1]) over i in n { y[i, 6] = 0.0 }\n");
        expect(params[0]?.type).toMatchObject({ dims: [{ kind: "dim" }, { kind: "const", value: 7 }] });
    });

    test("an axis counts as written; without one it is 0", () => {
        const { body } = kernelOf(
            "kernel k(y: mut index[m, n]) groups (m, n) workgroup(4, 8) { y[global_id(0), global_id(1)] = local_size(1) }\n",
        );
        const calls = nodes(
            body,
            (node): node is Extract<Expr, { kind: "builtin" }> => "args" in node && "name" in node,
        );
        expect(calls.map(({ name, args }) => [name, (args[0] as { value: bigint }).value])).toEqual([
            ["global_id", 0n],
            ["global_id", 1n],
            ["local_size", 1n],
        ]);
    });
});

describe("functions", () => {
    test("come callees first, and only those that kernels reach", () => {
        const { functions } = programOf(
            "fn a() -> f32 { b() + c() }\nfn b() -> f32 { c() }\nfn c() -> f32 { 1.0 }\nfn alone() -> f32 { a() }\nkernel k(y: mut f32[n]) over i in n { y[i] = a() }\n",
        );
        expect(functions.map(({ symbol }) => symbol)).toEqual(["c", "b", "a"]);
    });

    test("are handed the extents of their views", () => {
        const { body } = kernelOf(
            "fn f(x: f32[m, n], y: f32[n]) -> f32 { x[0, 0] + y[n - 1] }\nkernel k(u: f32[a, b + 1], v: f32[b + 1], w: f32[b], z: mut f32[a]) over i in a { z[i] = f(u, v) + w[0] }\n",
        );
        const [call] = nodes(body, (node): node is Extract<Expr, { kind: "call" }> => "callee" in node);
        expect(call?.dims).toMatchObject([
            { kind: "dim", name: "a" },
            { kind: "binary", op: "+", left: { name: "b" }, right: { value: 1n } },
        ]);
    });

    test("an `if` at the end whose branches partly return becomes statements", () => {
        const { functions } = programOf(
            "fn f(a: i32) -> i32 {\n    if a > 0 { return 1 } else if a == 0 { 0 } else { -1 }\n}\nkernel k(y: mut i32[n]) over i in n { y[i] = f(y[i]) }\n",
        );
        expect(functions[0]?.body).toMatchObject({
            value: null,
            statements: [{ kind: "if", then: { statements: [{ kind: "return" }] }, otherwise: { value: null } }],
        });
    });

    test("every way through must give a result", () => {
        expect(codes("fn f(a: i32) -> i32 {\n    while true { if a > 0 { return 1 } }\n}\n")).toEqual([]);
        expect(codes("fn f(a: i32) -> i32 {\n    while true { break }\n}\n")).toEqual(["E0605"]);
        expect(codes("fn f(a: i32) -> i32 {\n    while a > 0 { return 1 }\n}\n")).toEqual(["E0605"]);
        expect(codes("fn f(a: i32) -> i32 {\n    for i in 0 .. 4 { return 1 }\n}\n")).toEqual(["E0605"]);
        expect(codes("fn f(a: i32) -> i32 {\n    if a > 0 { return 1 } else { return 2 }\n}\n")).toEqual([]);
        expect(codes("fn f(a: i32) -> i32 {\n    { return a }\n}\n")).toEqual([]);
        expect(codes("fn f(a: i32) -> i32 {}\n")).toEqual(["E0605"]);
    });

    test("mathematics: f16 goes by f32, min and sqrt are the target's own", () => {
        const { body } = kernelOf("kernel k(y: mut f16[n]) over i in n { y[i] = min(sqrt(y[i]), exp(y[i])) }\n");
        const [assign] = body.statements;
        expect(assign).toMatchObject({
            value: {
                kind: "builtin",
                name: "min",
                args: [
                    { kind: "builtin", name: "sqrt", type: { name: "f16" } },
                    {
                        kind: "convert",
                        operand: { kind: "call", callee: { symbol: "std.math.exponential_f32.exp_f32" } },
                    },
                ],
            },
        });
    });
});

describe("names", () => {
    test("inner declarations hide outer ones, built-ins and dimensions", () => {
        const text =
            "fn exp(x: f32) -> f32 { x }\nkernel k(y: mut f32[n]) over i in n {\n    let a = 1.0\n    let n = exp(a)\n    if n > 0.0 {\n        let a = true\n        if a { y[i] = n }\n    }\n}\n";
        const { functions } = programOf(text);
        expect(functions.map(({ symbol }) => symbol)).toEqual(["exp"]);
    });

    test("imported names are those of the module, or of its built-ins", () => {
        const { functions } = programOf(
            "import std.math { exp, sqrt }\nkernel k(y: mut f32[n]) over i in n { y[i] = exp(sqrt(y[i])) }\n",
        );
        expect(functions.at(-1)?.symbol).toBe("std.math.exponential_f32.exp_f32");
    });
});
