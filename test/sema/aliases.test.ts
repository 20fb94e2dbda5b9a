// Type aliases: where they may stand, and in which order.

import { describe, expect, test } from "vitest";
import { checkProgram } from "../../compiler/sema/check.js";
import { check, codes, programOf } from "./programs.js";

describe("an alias", () => {
    test("stands for its type wherever a type is written", () => {
        const program = programOf(`const HALF: Real = 0.5
type Real = Precise
type Precise = f64
type Count = index
fn f(x: Real) -> Precise { x * HALF }
fn g<T: Float = Real, const N: Count = 4>(x: T) -> T { x * (N as T) }
kernel k(x: Real[n], y: mut Precise[n]) over i in n {
    var a: Real[8]
    let j: Count = i % 8
    a[j] = f(x[i])
    y[i] = a[j] + g::<Real>(1 as Real) + g(2.0)
}
`);
        const [kernel] = program.kernels;
        expect(kernel?.params.map(({ type }) => type)).toMatchObject([
            { element: { name: "f64" } },
            { element: { name: "f64" }, mutable: true },
        ]);
        expect(program.functions.map(({ symbol }) => symbol).sort()).toEqual(["f", "g$f64$4"]);
    });

    test("is imported where it is public", () => {
        const check = (alias: string) => {
            const text = "import a { Real }\nkernel k(y: mut Real[n]) over i in n { y[i] = 1 }\n";
            const { diagnostics } = checkProgram({ path: "main", text }, (name) => ({ path: name, text: alias }));
            return diagnostics.map(({ code }) => code);
        };
        expect(check("pub type Real = f16\n")).toEqual([]);
        expect(check("type Real = f16\n")).toEqual(["E0207"]);
    });

    test("is hidden by a type parameter of its name", () => {
        const text =
            "type T = f32\nfn f<T: Int>(x: T) -> T { x }\nkernel k(y: mut u8[n]) over i in n { y[i] = f(y[i]) }\n";
        expect(codes(text)).toEqual([]);
    });

    test("`type` stays a name elsewhere", () => {
        expect(check("fn f(type: f32) -> f32 {\n    let kind = type\n    kind\n}\n").diagnostics).toEqual([]);
    });

    test("circles of any length are one error", () => {
        expect(codes("type A = A\n")).toEqual(["E0317"]);
        const ring = Array.from({ length: 1000 }, (_, i) => `type A${i} = A${(i + 1) % 1000}\n`).join("");
        expect(codes(`${ring}fn f(x: A3) -> A7 { x }\n`)).toEqual(["E0317"]);
    });

    test("of an array is that array: a view as a parameter, more dimensions with extents of its own", () => {
        const program = programOf(`type Row = f32[WIDTH]
type Grid = Row[2]
const WIDTH = 2 * two()
fn two() -> index { 2 }
struct Line { row: Row, weight: f32 }
fn twice(r: Row) -> Row { [2.0 * r[0], 2.0 * r[1], 2.0 * r[2], 2.0 * r[3]] }
fn first<T: Number>(r: T[n]) -> T { r[0] }
kernel k(x: Row[n], y: mut Row, lines: Line[n]) groups n / 64 workgroup(64) {
    shared row: Row
    let r: Row = lines[0].row
    var g: Grid
    g = [r, twice(r)]
    row[0] = x[0, 3] + first(r)
    y[0] = g[1, 3] + row[0]
}
`);
        const shapes = program.kernels[0]?.params.map(({ type }) => (type.kind === "view" ? type.dims : type.kind));
        const four = { kind: "const", value: 4 };
        expect(shapes).toEqual([[{ kind: "dim", name: "n" }, four], [four], [{ kind: "dim", name: "n" }]]);
    });

    test.each([
        ["type Row = f32[n]\n", "E0201"],
        ["type Row = f32[0]\n", "E0406"],
        ["type Row = mut f32[4]\n", "E0312"],
        ["type Row = f32[4096]\ntype Grid = Row[4096]\ntype All = Grid[2]\n", "E0406"],
        ["type Row = f32[4]\nfn f(x: i32) -> f32 { (x as Row)[0] }\n", "E0306"],
        ["type Row = f32[N]\nconst N = 4\nconst FIRST: Row = [1.0, 2.0, 3.0, 4.0]\n", "E0312"],
        ["type Row = Row[4]\n", "E0317"],
    ])("%j is one mistake", (text, code) => {
        expect(codes(text)).toEqual([code]);
    });
});
