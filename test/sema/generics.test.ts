// Generic functions and kernels: what is inferred, which instances there are, and where mistakes are reported.

import { describe, expect, test } from "vitest";
import { checkProgram } from "../../compiler/sema/check.js";
import { check, codes } from "./programs.js";

const LERP = "fn lerp<T: Float>(a: T, b: T, t: T) -> T { a + (b - a) * t }\n";

function symbols(text: string): string[] {
    const { diagnostics, program } = check(text);
    expect(diagnostics.map(({ message }) => message)).toEqual([]);
    return program?.functions.map(({ symbol }) => symbol) ?? [];
}

function messages(text: string): string[] {
    return check(text).diagnostics.map(({ message }) => message);
}

describe("a type parameter", () => {
    test.each([
        ["lerp(x[i], 0.5, 1)", "f16", "lerp$f16"],
        ["lerp(0, x[i], 0.25)", "f64", "lerp$f64"],
        ["lerp(0.0, 1.0, 0.5)", "f16", "lerp$f16"],
        ["lerp(0, 1, 0) as f64", "f64", "lerp$f32"],
        ["lerp::<f64>(0, 1, 0.5)", "f64", "lerp$f64"],
        ["lerp::<T: f16>(0, 1, 0.5) as f64", "f64", "lerp$f16"],
    ])("of %s is inferred", (call, type, symbol) => {
        expect(symbols(`${LERP}kernel k(x: ${type}[n], y: mut ${type}[n]) over i in n { y[i] = ${call} }\n`)).toEqual([
            symbol,
        ]);
    });

    test("is inferred from a view's elements", () => {
        const text =
            "fn first<T>(x: T[n]) -> T { x[0] }\nkernel k(x: u8[n], y: mut u8[n]) over i in n { y[i] = first(x) }\n";
        expect(symbols(text)).toEqual(["first$u8"]);
    });

    test("is inferred from the array that a call's place demands", () => {
        const text = `fn zeros<T: Number, const N: index>() -> T[N] {
    var a: T[N]
    a
}
kernel k(y: mut f64[n]) over i in n {
    let a: f64[3] = zeros()
    y[i] = a[2]
}
`;
        expect(symbols(text)).toEqual(["zeros$f64$3"]);
    });

    test("gives one instance for each type", () => {
        const text = `${LERP}fn mid<T: Float>(a: T, b: T) -> T { lerp(a, b, 0.5) }
kernel k(x: f32[n], z: f64[n], y: mut f32[n]) over i in n {
    y[i] = mid(x[i], 1) + lerp(x[i], 2, 0.5) + (mid(z[i], 0) as f32)
}
`;
        expect(symbols(text).sort()).toEqual(["lerp$f32", "lerp$f64", "mid$f32", "mid$f64"]);
    });
});

describe("a constant parameter", () => {
    const FILL = `fn power<const N: index>(x: f32) -> f32 {
    var a: f32 = 1.0
    for _i in 0 .. N { a *= x }
    a
}
`;
    test("is given or has a default", () => {
        const kernel = (call: string) => `kernel k(y: mut f32[n]) over i in n { y[i] = ${call} }\n`;
        expect(symbols(FILL + kernel("power::<3>(y[i])"))).toEqual(["power$3"]);
        expect(symbols(FILL.replace("index>", "index = 2>") + kernel("power(y[i])"))).toEqual(["power$2"]);
        expect(symbols(`const M = 4\n${FILL}${kernel("power::<(M * 2)>(y[i])")}`)).toEqual(["power$8"]);
    });

    test("is inferred from an extent", () => {
        const text = `fn sum<const N: index>(x: f32[N]) -> f32 {
    var s: f32 = 0.0
    for i in 0 .. N { s += x[i] }
    s
}
kernel k(x: f32[8], y: mut f32[n]) over i in n { y[i] = sum(x) }
`;
        expect(symbols(text)).toEqual(["sum$8"]);
    });
});

describe("mistakes", () => {
    test("are at the definition where they hold for a type that the bound allows", () => {
        const text = "fn f<T: Number>(a: T) -> T { -a }\nkernel k(y: mut f32[n]) over i in n { y[i] = f(y[i]) }\n";
        expect(messages(text)).toEqual(["`-` takes signed numbers, not u8, where `T` = u8"]);
    });

    test("are at the call where only the constant is impossible", () => {
        const text = `fn f<const N: index>(a: f32) -> f32 {
    var t: f32[N]
    t[0] = a
    t[0]
}
kernel k(y: mut f32[n]) over i in n { y[i] = f::<0>(y[i]) + f::<2>(y[i]) }
`;
        const { diagnostics } = check(text);
        expect(diagnostics.map(({ code, span }) => [code, text.slice(span.start, span.end)])).toEqual([
            ["E0705", "f::<0>"],
        ]);
    });

    test("of an imported generic function are at the call", () => {
        const library = "pub fn half<const N: index>(a: f32) -> f32 { a / ((8 / N) as f32) }\n";
        const text = "import a { half }\nkernel k(y: mut f32[n]) over i in n { y[i] = half::<0>(y[i]) }\n";
        const { diagnostics } = checkProgram({ path: "main", text }, (name) => ({ path: name, text: library }));
        expect(diagnostics.map(({ code, span, labels }) => [code, span.file.path, labels[0]?.span.file.path])).toEqual([
            ["E0705", "main", "a"],
        ]);
    });

    test("an instance that calls another of its function is recursion", () => {
        const text = "fn f<const N: index>(a: f32) -> f32 { f::<(N + 1)>(a) }\n";
        expect(codes(text)).toEqual(["E0604"]);
    });

    test("instances are bounded", () => {
        const chain = Array.from(
            { length: 20 },
            (_, i) =>
                `fn f${i}<const N: index>(a: f32) -> f32 { f${i + 1}::<(2 * N)>(a) + f${i + 1}::<(2 * N + 1)>(a) }\n`,
        );
        const text = `${chain.join("")}fn f20<const N: index>(a: f32) -> f32 { a * (N as f32) }\n`;
        expect(codes(text)).toEqual(["E0706"]);
    });
});

describe("kernels", () => {
    const SCALE = `/// Scales.
kernel scale<T: Float = f32, const F: i32 = 2>(x: mut T[n]) over i in n { x[i] *= F as T }
`;
    test("with defaults are emitted under their name, instances under theirs", () => {
        const { program, diagnostics } = check(
            `${SCALE}instance scale_half = scale<f16>\n/// By ten.\ninstance tenfold = scale<F: 10>\n`,
        );
        expect(diagnostics).toEqual([]);
        expect(program?.kernels.map(({ name, doc, params }) => [name, doc, params[0]?.type])).toMatchObject([
            ["scale", "Scales.", { element: { name: "f32" } }],
            ["scale_half", "Scales.", { element: { name: "f16" } }],
            ["tenfold", "By ten.", { element: { name: "f32" } }],
        ]);
    });

    test("without defaults are checked, and emitted where an instance asks", () => {
        const text = SCALE.replace(" = f32", "");
        expect(check(text).program?.kernels).toEqual([]);
        expect(check(`${text}instance s = scale<f64>\n`).program?.kernels.map(({ name }) => name)).toEqual(["s"]);
        expect(codes(text)).toEqual(["W0204"]);
        expect(codes(text.replace("kernel", "pub kernel"))).toEqual([]);
        expect(codes(text.replace("kernel", "pub kernel").replace("x[i] *=", "x[i] %="))).toEqual(["E0303"]);
        expect(codes(`${text}instance s = scale<F: 3>\n`)).toEqual(["E0704"]);
    });
});

describe("`if const`", () => {
    test("compiles one branch only", () => {
        const text = `fn f<T: Number>(a: T, const_is_float: T) -> T { a + const_is_float }
fn g<const N: index>(a: f32) -> f32 {
    if const N == 0 { a } else {
        var t: f32[N]
        t[N - 1] = a
        t[N - 1]
    }
}
kernel k(y: mut f32[n]) over i in n { y[i] = f(g::<0>(y[i]), g::<2>(y[i])) }
`;
        expect(symbols(text).sort()).toEqual(["f$f32", "g$0", "g$2"]);
    });

    test("needs a constant", () => {
        expect(codes("fn f(a: f32) -> f32 { if const a > 0.0 { a } else { 0.0 } }\n")).toEqual(["E0401"]);
    });

    test("counts the uses of names in the branch that is left out", () => {
        const text = `const DEBUG = 0
kernel k(y: mut f32[n]) over i in n {
    let a: f32 = 2.0
    if const DEBUG == 1 { y[i] = a } else if const DEBUG == 2 { y[i] = a * a } else { y[i] = 0.0 }
}
`;
        expect(symbols(text)).toEqual([]);
    });
});
