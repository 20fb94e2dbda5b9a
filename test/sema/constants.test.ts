// Constants that call functions. Expected values are by definition (two's complement, IEEE 754).

import { describe, expect, test } from "vitest";
import { codes, nodes, programOf } from "./programs.js";

type Literal = { readonly kind: "literal"; readonly value: unknown };

/** The value of a constant of a type, as its use has it; it stands behind `above`. */
function constantOf(type: string, value: string, above = ""): unknown {
    const kernel = `kernel k(y: mut ${type}[n]) over i in n { y[i] = C }\n`;
    const program = programOf(`${above}const C: ${type} = ${value}\n${kernel}`);
    const isLiteral = (node: object): node is Literal => "kind" in node && node.kind === "literal";
    return nodes(program.kernels[0]?.body as object, isLiteral)[0]?.value;
}

describe("a constant that calls", () => {
    test.each([
        ["i32", "max(-3, 7)", 7n],
        ["index", "min(1 << 40, 5) + clamp(9, 0, 4)", 9n],
        ["i64", "abs(-9223372036854775807)", 9223372036854775807n],
        ["u32", "count_ones(0xf0f0)", 8n],
        ["i32", "count_ones(-1)", 32n],
        ["u32", "leading_zeros(1)", 31n],
        ["u64", "leading_zeros(0)", 64n],
        ["u32", "31 - leading_zeros(4096)", 12n],
        ["u64", "trailing_zeros(96)", 5n],
        ["u32", "trailing_zeros(0)", 32n],
        ["i32", "trailing_zeros(-2147483648)", 31n],
        ["f64", "sqrt(2.0)", Math.SQRT2],
        ["f32", "sqrt(2.0)", Math.fround(Math.SQRT2)],
        ["f32", "min(nan, 2.5)", 2.5],
        ["f64", "max(-0.0, 0.0)", 0],
        ["f64", "floor(-1.5) + ceil(-1.5) + trunc(-1.5)", -4],
    ])("of %s, %s", (type, text, expected) => {
        expect(constantOf(type, text)).toBe(expected);
    });

    test("may be an extent", () => {
        const text = `const WIDTH = 24
kernel k(y: mut f32[n]) over i in n {
    var a: f32[max(WIDTH, 32)]
    a[31] = y[i]
    y[i] = a[31]
}
`;
        expect(codes(text)).toEqual([]);
    });

    test.each([
        ["const A: i32 = abs(-2147483648)\n", "E0403"],
        ["const A: index = global_id()\n", "E0505"],
    ])("%j is refused", (text, code) => {
        expect(codes(text)).toEqual([code]);
    });
});

/** Declares the function as well. */
function called(fn: string, type: string, call: string): unknown {
    const program = programOf(
        `const C: ${type} = ${call}\n${fn}\nkernel k(y: mut ${type}[n]) over i in n { y[i] = C }\n`,
    );
    const isLiteral = (node: object): node is Literal => "kind" in node && node.kind === "literal";
    return nodes(program.kernels[0]?.body as object, isLiteral)[0]?.value;
}

const SIEVE = `fn primes_below(limit: index) -> index {
    var composite: bool[1000]
    var count: index = 0
    for i in 2 .. limit {
        if composite[i] { continue }
        count += 1
        for j in i * i .. limit by i { composite[j] = true }
    }
    count
}`;
const FACTORIAL = "fn factorial(n: u64) -> u64 { var p: u64 = 1\n for k in 1 .. n as index + 1 { p *= k as u64 }\n p }";
const GCD = `fn gcd<T: Int>(a: T, b: T) -> T {
    var x = a
    var y = b
    while y != 0 { let rest = x % y; x = y; y = rest }
    x
}`;
const FNV = `fn fnv(count: index) -> u32 {
    var hash: u32 = 0x811c9dc5
    for _i in 0 .. count { hash = (hash ^ 97) * 16777619 }
    hash
}`;

describe("a constant that calls a user's function", () => {
    test.each([
        ["π(1000)", SIEVE, "index", "primes_below(1000)", 168n],
        ["20!", FACTORIAL, "u64", "factorial(20)", 2432902008176640000n],
        ["a type parameter", GCD, "i32", "gcd(-(-1071), 462)", 21n],
        ["a type argument", GCD, "u64", "gcd::<u64>(1 << 40, 1 << 33) + 1", 8589934593n],
        // FNV-1a's published vector: "a" is 0xe40c292c; integers wrap in it.
        ["FNV-1a", FNV, "u32", "fnv(1)", 0xe40c292cn],
        ["vectors", "fn norm(a: f32) -> f32 { length(f32x3(a, 2, 2)) }", "f32", "norm(1.0)", 3],
        ["views of arrays", sums(), "i32", "triangle(3)", 120n],
        // The double nearest to 0.1 is 0x1999999999999a · 2^-56, ten of which are 1 + 2^-54; the product alone rounds to 1.
        ["contraction", "fn rest(a: f64) -> f64 { a * 10 - 1 }", "f64", "rest(0.1)", 2 ** -54],
    ])("%s", (_name, fn, type, call, expected) => {
        expect(called(fn, type, call)).toBe(expected);
    });

    test("computes the library as devices do, within its bound of a few ULP", () => {
        expect(called("", "f64", "exp(1.0)")).toBeCloseTo(Math.E, 14);
        expect(called("fn turn(x: f64) -> f64 { sin(x) }", "f64", "turn(0.5)")).toBeCloseTo(Math.sin(0.5), 15);
    });

    test("says sizes, generic arguments, and what `if const` asks", () => {
        const text = `fn twice(x: index) -> index { 2 * x }
fn first<const N: index>() -> f32 { if const twice(N) == 8 { 1.0 } else { undefined_name } }
kernel k(y: mut f32[n]) groups (n + 31) / 32 workgroup(twice(16)) {
    shared s: f32[twice(16)]
    var a: f32[twice(twice(2))]
    a[twice(3)] = first::<(twice(2))>()
    s[local_id()] = a[6]
    y[global_id()] = s[local_id()]
}
`;
        expect(programOf(text).kernels[0]?.launch).toMatchObject({ workgroup: [32] });
    });

    test("is bounded: endless loops, many of them, and chains of constants", () => {
        const endless = "fn endless(x: i32) -> i32 {\n var y = x\n while true { y += 1 }\n y\n}\n";
        const many = Array.from({ length: 50 }, (_, i) => `const A${i}: i32 = endless(${i})\n`).join("");
        expect(new Set(codes(endless + many))).toEqual(new Set(["E0407"]));
        const chain = Array.from(
            { length: 60 },
            (_, i) => `fn f${i}() -> i32 { const A: i32 = f${i + 1}()\n A }\n`,
        ).join("");
        expect(codes(`const A: i32 = f0()\n${chain}fn f60() -> i32 { 1 }\n`)).toContain("E0407");
        const deep = Array.from({ length: 3000 }, (_, i) => `fn g${i}() -> i32 { g${i + 1}() }\n`).join("");
        expect(codes(`const A: i32 = g0()\n${deep}fn g3000() -> i32 { 1 }\n`)).toEqual(["E0407"]);
    });

    test("uses structures and enums, where those are known", () => {
        const fn = "struct P { x: i32, y: i32 }\nenum Mode { Off = 2, On }\n";
        const body = "fn f(k: Mode) -> i32 { var p = P(x: k as i32, y: 4)\n p.x += 1\n p.x * p.y }";
        expect(called(fn + body, "i32", "f(Mode.On)")).toBe(16n);
        const sized = "const N = 3\nstruct P { x: i32[N], y: i32 }\nfn f(k: i32) -> i32 { P(y: k).y }\n";
        expect(codes(`${sized}const C: i32 = f(3)\n`)).toContain("E0211");
    });

    test("is recursion where the function has the constant", () => {
        expect(codes("fn f(x: i32) -> i32 { const B: i32 = f(2)\n B + x }\nconst A: i32 = f(0)\n")).toEqual(["E0604"]);
        expect(codes("fn f(x: i32) -> i32 { x + A }\nconst A: i32 = f(0)\n")).toEqual(["E0210"]);
    });
});

function sums(): string {
    return `fn total(x: i32[n]) -> i32 { var sum: i32 = 0\n for i in 0 .. n { sum += x[i] }\n sum }
fn triangle(k: i32) -> i32 { var a: i32[16]\n for i in 0 .. 16 { a[i] = i as i32 }\n total(a) * k / 3 }`;
}

describe("an enum whose values are computed", () => {
    const mode = "enum Mode: Small { off = base(), on, last = base() + STEP as u8 * 2 }\ntype Small = u8\n";
    const base = "const STEP = 5\nfn base() -> u8 { 3 }\n";

    test("calls functions and names constants above it", () => {
        for (const [name, value] of [
            ["off", 3n],
            ["on", 4n],
            ["last", 13n],
        ] as const) {
            expect(constantOf("u8", `Mode.${name} as u8`, base + mode), name).toBe(value);
        }
    });

    test("is known wherever a type is, and to the constants below it", () => {
        const text = `${base}${mode}struct Cell { mode: State }
type State = Mode
const LAST = Mode.last
fn next(m: Mode) -> Mode { if m == LAST { Mode.off } else { LAST } }
kernel k(cells: mut Cell[n], modes: Mode[n]) over i in n { cells[i].mode = next(modes[i]) }
`;
        expect(codes(text)).toEqual([]);
    });

    test.each([
        ["a circle through a function", "enum E { a = f() }\nfn f() -> i32 { E.a as i32 }\n", "E0210"],
        ["a constant below", "enum E { a = f(N) }\nconst N = 2\nfn f(x: i32) -> i32 { x }\n", "E0210"],
        ["a function of the enum", "enum E { a = f(), b }\nfn f() -> E { 1 as E }\n", "E0312"],
        ["a value out of range", "enum E: u8 { a = f(), b }\nfn f() -> u8 { 255 }\n", "E0403"],
        ["a function that stops", "enum E { a = f(0) }\nfn f(x: i32) -> i32 { 1 / x }\n", "E0407"],
        ["a constant above of its type", "const A = E.a\nenum E { a = f() }\nfn f() -> i32 { 1 }\n", "E0210"],
    ])("%s is one mistake", (_, text, code) => {
        expect(codes(text)).toEqual([code]);
    });
});
