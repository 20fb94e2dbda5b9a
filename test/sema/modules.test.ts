// Modules that import each other's names.

import { describe, expect, test } from "vitest";
import { checkProgram } from "../../compiler/sema/check.js";

/** Checks the module `main` of a set of modules. */
function check(modules: Record<string, string>) {
    return checkProgram({ path: "main", text: modules.main ?? "" }, (name) => {
        const text = modules[name];
        return text === undefined ? undefined : { path: name, text };
    });
}

const KERNEL = "kernel k(y: mut f32[n]) over i in n { y[i] = f(y[i]) }\n";

describe("imports", () => {
    test("bring functions and constants, with those that they need", () => {
        const { diagnostics, program } = check({
            main: `import tools.shapes { f, N }\n${KERNEL}kernel j(y: mut f32[N]) over i in N { y[i] = 1.0 }\n`,
            "tools.shapes": "pub const N = 8\npub fn f(x: f32) -> f32 { g(x) }\nfn g(x: f32) -> f32 { x }\n",
        });
        expect(diagnostics).toEqual([]);
        expect(program?.functions.map(({ symbol }) => symbol)).toEqual(["tools.shapes.g", "tools.shapes.f"]);
        expect(program?.kernels.map(({ name }) => name)).toEqual(["k", "j"]);
    });

    test("of private names are refused", () => {
        const { diagnostics } = check({ main: `import a { f }\n${KERNEL}`, a: "fn f(x: f32) -> f32 { x }\n" });
        expect(diagnostics.map(({ code }) => code)).toEqual(["E0207"]);
    });

    test("of a module with errors are one error", () => {
        const { diagnostics } = check({ main: `import a { f }\n${KERNEL}`, a: "pub fn f(x: f32 -> f32 { x }\n" });
        expect(diagnostics.map(({ code, span }) => [code, span.file.path])).toEqual([["E0208", "main"]]);
    });

    test("in a circle are refused", () => {
        const { diagnostics } = check({
            main: `import a { f }\n${KERNEL}`,
            a: "import b { g }\npub fn f(x: f32) -> f32 { g(x) }\n",
            b: "import a { f }\npub fn g(x: f32) -> f32 { f(x) }\n",
        });
        expect(diagnostics.map(({ code }) => code)).toEqual(["E0208"]);
    });

    test("an error in an imported function's body is reported in its file", () => {
        const { diagnostics } = check({
            main: `import a { f }\n${KERNEL}`,
            a: "pub fn f(x: f32) -> f32 { x + true }\n",
        });
        expect(diagnostics.map(({ code, span }) => [code, span.file.path])).toEqual([["E0302", "a"]]);
    });

    test("name clashes are refused", () => {
        const clash = {
            main: `import a { f }\nfn f(x: f32) -> f32 { x }\n${KERNEL}`,
            a: "pub fn f(x: f32) -> f32 { x }\n",
        };
        expect(check(clash).diagnostics.map(({ code }) => code)).toEqual(["E0204"]);
    });
});

test("the standard library is checked once for each text", () => {
    const main = "kernel k(y: mut f32[n]) over i in n { y[i] = exp(y[i]) }\n";
    const first = check({ main, "std.math": "pub fn exp_f32(x: f32) -> f32 { x }\n" });
    const again = check({ main, "std.math": "pub fn exp_f32(x: f32) -> f32 { x }\n" });
    const other = check({ main, "std.math": "pub fn exp_f32(x: f32) -> f32 { x + 1 }\n" });
    expect(again.program?.functions[0]).toBe(first.program?.functions[0]);
    expect(other.program?.functions[0]).not.toBe(first.program?.functions[0]);
});

test("checking a text twice gives equal programs", () => {
    const text = { main: `fn f(x: f32) -> f32 { x * 2 }\n${KERNEL}` };
    expect(check(text).program?.kernels[0]?.body.statements).toEqual(check(text).program?.kernels[0]?.body.statements);
});
