// Modules that import each other's names.

import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { checkProgram } from "../../compiler/sema/check.js";

/** Checks the module `main` of a set of modules. */
function check(modules: Record<string, string>) {
    return checkProgram({ path: "main", text: modules.main ?? "" }, (name) => {
        const text = modules[name];
        return text === undefined ? undefined : { path: name, text };
    });
}

/** Checks main.soma, beside other files. */
function checkFiles(text: string, files: Readonly<Record<string, string>>) {
    const main = { path: "main.soma", text };
    const all = new Map(Object.entries({ ...files, "main.soma": text }));
    return checkProgram(main, (name, importer) => {
        const path = posix.join(posix.dirname(importer.path), name);
        const found = all.get(path);
        return found === undefined ? undefined : { path, text: found };
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

    test("of files are by path, and each file has names of its own", () => {
        const files = {
            "lib/a.soma":
                'import "../b/util.soma" { g }\nimport "./util.soma" { h }\npub fn f(x: f32) -> f32 { g(h(x)) }\n',
            "lib/util.soma": "pub fn h(x: f32) -> f32 { s(x) }\nfn s(x: f32) -> f32 { x }\n",
            "b/util.soma": "pub fn g(x: f32) -> f32 { s(x) }\nfn s(x: f32) -> f32 { 2.0 * x }\n",
        };
        const { diagnostics, program } = checkFiles(`import "./lib/a.soma" { f }\n${KERNEL}`, files);
        expect(diagnostics).toEqual([]);
        expect(program?.functions.map(({ symbol }) => symbol).sort()).toEqual(
            ["a.f", "util.g", "util.s", "util2.h", "util2.s"].sort(),
        );
    });

    test("of a file by two ways are one module", () => {
        const files = {
            "a.soma": 'import "./c.soma" { c }\npub fn f(x: f32) -> f32 { c(x) }\n',
            "c.soma": "pub fn c(x: f32) -> f32 { x }\n",
        };
        const text = `import "./a.soma" { f }\nimport "./c.soma" { c }\n${KERNEL.replace("f(y[i])", "f(c(y[i]))")}`;
        const { program } = checkFiles(text, files);
        expect(program?.functions.map(({ symbol }) => symbol)).toEqual(["c.c", "a.f"]);
    });

    test("of files in a circle name the way", () => {
        const files = {
            "a.soma": 'import "./b.soma" { g }\npub fn f(x: f32) -> f32 { g(x) }\n',
            "b.soma": 'import "./main.soma" { k }\npub fn g(x: f32) -> f32 { x }\n',
        };
        const { diagnostics } = checkFiles(`import "./a.soma" { f }\n${KERNEL}`, files);
        const cycle = diagnostics.find(({ code }) => code === "E0209");
        expect(cycle?.message).toBe("modules import each other: main.soma → a.soma → b.soma → main.soma");
    });

    test("what is wrong in an imported file is said in the file", () => {
        const files = { "a.soma": "pub fn f(x: f33) -> f32 { 1.0 }\n" };
        const { diagnostics } = checkFiles(`import "./a.soma" { f }\n${KERNEL}`, files);
        expect(diagnostics.map(({ code, span }) => [code, span.file.path]).sort()).toEqual([
            ["E0203", "a.soma"],
            ["E0208", "main.soma"],
        ]);
    });

    test("generic functions and kernels are imported", () => {
        const files = {
            "a.soma":
                "pub fn twice<T: Float>(x: T) -> T { 2.0 * x }\npub kernel fill<T: Number>(y: mut T[n]) over i in n { y[i] = 1 }\n",
        };
        const text = `import "./a.soma" { twice, fill }\n${KERNEL.replace("f(y[i])", "twice(y[i])")}instance ones = fill<u8>\n`;
        const { diagnostics, program } = checkFiles(text, files);
        expect(diagnostics).toEqual([]);
        expect(program?.functions.map(({ symbol }) => symbol)).toEqual(["a.twice$f32"]);
        expect(program?.kernels.map(({ name }) => name)).toEqual(["k", "ones"]);
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
