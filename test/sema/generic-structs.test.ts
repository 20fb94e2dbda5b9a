// Generic structures: which instances there are and what they are called; what is inferred through them.

import { describe, expect, test } from "vitest";
import { check } from "./programs.js";

const PAIR = `struct Pair<T: Number> {
    a: T, b: T
    fn sum(self) -> T { self.a + self.b }
    fn swapped(self) -> Pair<T> { Pair(a: self.b, b: self.a) }
    fn of(x: T) -> Pair<T> { Pair(x, x) }
    fn as_type<U: Number>(self) -> Pair<U> { Pair(self.a as U, self.b as U) }
}
struct Block<T: Number, const N: index = 4> { items: T[N] }
fn first<T: Number>(p: Pair<T>) -> T { p.a }
fn last<T: Number, const N: index>(b: Block<T, N>[m]) -> T { b[0].items[N - 1] }
fn zero<T: Number>() -> Pair<T> { Pair(0, 0) }
`;

/** Not what is never used. */
function messages(text: string): string[] {
    return check(text).diagnostics.flatMap(({ severity, message }) => (severity === "error" ? [message] : []));
}

/** The functions that a kernel reaches whose body is this. */
function symbols(body: string, params = ""): string[] {
    const text = `${PAIR}kernel k(x: f32[n], y: mut f32[n], v: Block<i8, 9>[n]${params}) over i in n { ${body} }\n`;
    expect(messages(text)).toEqual([]);
    return check(text).program?.functions.map(({ symbol }) => symbol) ?? [];
}

describe("what a value of a generic structure is", () => {
    test.each([
        ["its fields say", "y[i] = Pair(a: x[i], b: 1).sum()", ["Pair$f32.sum"]],
        ["literals say", "y[i] = Pair(1, 2).sum() as f32", ["Pair$i32.sum"]],
        ["a literal with a point says", "y[i] = Pair(a: 1, b: 2.5).sum()", ["Pair$f32.sum"]],
        ["its arguments say", "y[i] = Pair::<f64>(1, 2).sum() as f32", ["Pair$f64.sum"]],
        ["its place says", "let p: Pair<u8> = Pair(1, 2); y[i] = p.sum() as f32", ["Pair$u8.sum"]],
        ["a function's result says", "y[i] = first(zero::<f16>()) as f32", ["zero$f16", "first$f16"]],
        ["the place of a call says", "let p: Pair<u8> = zero(); y[i] = p.b as f32", ["zero$u8"]],
        ["a method's argument says", "y[i] = Pair.of(x[i]).a", ["Pair$f32.of"]],
        ["the arguments before a method say", "y[i] = Pair::<i64>.of(1).a as f32", ["Pair$i64.of"]],
    ])("%s", (_how, body, expected) => {
        expect(symbols(body)).toEqual(expected);
    });
});

test("functions take their parameters from structures, also in views", () => {
    expect(symbols("y[i] = last(v) as f32")).toEqual(["last$i8$9"]);
    expect(symbols("y[i] = last(w) as f32", ", w: Block<u16>[n]")).toEqual(["last$u16$4"]);
});

test("methods have parameters of their own", () => {
    expect(symbols("y[i] = Pair(x[i], 0).as_type::<f64>().swapped().a as f32")).toEqual([
        "Pair$f32.as_type$f64",
        "Pair$f64.swapped",
    ]);
});

test("an instance is made once, whatever it is called", () => {
    const text = `${PAIR}type Floats = Pair<f32>
struct Holder { p: Floats }
fn f(h: Holder, q: Pair<T: f32>) -> Pair<f32> {
    var p = h.p
    p = q
    p = Floats(1, 2)
    p
}
`;
    expect(messages(text)).toEqual([]);
    expect(messages(`${PAIR}fn f(p: Pair<f32>) -> Pair<f64> { p }\n`)).toEqual(["expected Pair<f64>, found Pair<f32>"]);
});

test("a kernel's parameters stand in its views' types", () => {
    const text = `${PAIR}kernel k<T: Number = f16>(x: mut Pair<T>[n]) over i in n { x[i] = x[i].swapped() }
instance k_bytes = k<u8>
`;
    expect(messages(text)).toEqual([]);
    expect(check(text).program?.functions.map(({ symbol }) => symbol)).toEqual(["Pair$f16.swapped", "Pair$u8.swapped"]);
});

test("a method is wrong at its definition, once, though several instances are used", () => {
    const text = `struct P<T: Number> { a: T
    fn f(self) -> T { self.c }
}
fn g(p: P<f32>, q: P<u8>) -> f32 { p.f() + (q.f() as f32) }
`;
    expect(messages(text)).toEqual(["`P<i8>` has no field `c`, where `T` = i8"]);
});

test("structures may follow those that use them, and instances without end are refused", () => {
    expect(messages("struct A { p: P<f32> }\nstruct P<T> { b: B, a: T }\nstruct B { x: u8 }\n")).toEqual([]);
    const text = `struct P<const N: index> { a: f32
    fn f(self) -> f32 { P::<(N + 1)>(self.a).f() }
}
fn g(p: P<1>) -> f32 { p.f() }
`;
    expect(messages(text)[0]).toBe("functions can't call themselves: f → f");
});
