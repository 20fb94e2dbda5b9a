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
});
