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
        expect(diagnostics.map(({ code, span }) => [code, span.file.path])).toEqual([["E0203", "a.soma"]]);
    });

    test.each([
        ["an item", "const HALF: f32 = 0.5\nkernel k(y: mut f32[n]) over i in n { y[i] = HAFL }\n", "E0201"],
        [
            "an import",
            'import "./a.soma" { half }\nkernel k(y: mut f32[n]) over i in n { y[i] = haf(y[i]) }\n',
            "E0202",
        ],
    ])("the name of %s that is misspelt where it is used is one mistake", (_what, text, wanted) => {
        const { diagnostics } = checkFiles(text, { "a.soma": "pub fn half(x: f32) -> f32 { 0.5 * x }\n" });
        expect(diagnostics.map(({ code }) => code)).toEqual([wanted]);
    });

    test.each([
        ["a mistake in its text", "pub fn f(x: f32) -> f32 { x + }\n", "E0104"],
        ["a bracket too many", "pub fn f(x: f32) -> f32 { x }\n}\n", "E0106"],
        ["a misspelt word", "pub fun f(x: f32) -> f32 { x }\n", "E0104"],
        ["a mistake in a body", "pub fn f(x: f32) -> f32 { y }\n", "E0201"],
        ["a mistake in another item", "pub fn f(x: f32) -> f32 { x }\npub const n: f33 = 1\n", "E0203"],
    ])("a file with %s gives one error, from wherever it is imported", (_what, text, code) => {
        const files = { "a.soma": text, "b.soma": 'import "./a.soma" { f }\npub fn g(x: f32) -> f32 { f(x) }\n' };
        const uses = KERNEL.replace("f(y[i])", "f(g(y[i]))");
        const checked = checkFiles(`import "./a.soma" { f }\nimport "./b.soma" { g }\n${uses}`, files);
        expect(checked.diagnostics.map((each) => [each.code, each.span.file.path])).toEqual([[code, "a.soma"]]);
        expect(checked.program).toBeNull();
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

describe("modules of the standard library", () => {
    const main = "kernel k(y: mut f32[n]) over i in n { y[i] = exp(y[i]) }\n";
    const exponential = "import std.math.tail { tail }\npub fn exp_f32(x: f32) -> f32 { tail(x) }\n";
    const made = (tail: string, text = exponential) =>
        check({ main, "std.math.exponential_f32": text, "std.math.tail": tail }).program?.functions;

    test("are checked once for each text", () => {
        const first = made("pub fn tail(x: f32) -> f32 { x }\n");
        const again = made("pub fn tail(x: f32) -> f32 { x }\n");
        expect(first).toHaveLength(2);
        for (const [i, fn] of (first ?? []).entries()) expect(again?.[i]).toBe(fn);
    });

    test("are checked anew when they change, or what they import", () => {
        const tail = "pub fn tail(x: f32) -> f32 { x + 1 }\n";
        const [first, other, own] = [
            made("pub fn tail(x: f32) -> f32 { x }\n"),
            made(tail),
            made(tail, `${exponential}\n`),
        ];
        expect(other?.[0]).not.toBe(first?.[0]);
        expect(other?.[1]).not.toBe(first?.[1]);
        expect(own?.[0]).toBe(other?.[0]);
        expect(own?.[1]).not.toBe(other?.[1]);
    });
});

describe("imported kernels", () => {
    const library =
        "pub kernel zero(y: mut f32[n]) over i in n { y[i] = 0.0 }\n" +
        "pub kernel fill<T: Number, const V: i32 = 1>(y: mut T[n]) over i in n { y[i] = V as T }\n" +
        "pub kernel ones<T: Number = f32>(y: mut T[n]) over i in n { y[i] = 1 }\n" +
        "kernel hidden(y: mut f32[n]) over i in n { y[i] = 2.0 }\n";

    test("are part of the code object where they have all their values, others by an instance", () => {
        const text = 'import "./a.soma" { zero, fill, ones }\ninstance threes = fill<f32, 3>\n';
        const { diagnostics, program } = checkFiles(text, { "a.soma": library });
        expect(diagnostics).toEqual([]);
        expect(program?.kernels.map(({ name }) => name)).toEqual(["zero", "ones", "threes"]);
    });

    test("of a module that only an imported module imports are not", () => {
        const files = { "a.soma": library, "b.soma": 'import "./a.soma" { zero }\npub fn f(x: f32) -> f32 { x }\n' };
        const { program } = checkFiles(`import "./b.soma" { f }\n${KERNEL}`, files);
        expect(program?.kernels.map(({ name }) => name)).toEqual(["k"]);
    });

    test("that are private, or of a name that is taken, are refused", () => {
        const codes = (text: string) => checkFiles(text, { "a.soma": library }).diagnostics.map(({ code }) => code);
        expect(codes('import "./a.soma" { hidden }\n')).toEqual(["E0207"]);
        expect(codes('import "./a.soma" { zero }\nkernel zero(y: mut f32[n]) over i in n { y[i] = 0.0 }\n')).toEqual([
            "E0204",
        ]);
    });

    test("report their mistakes in their own file", () => {
        const files = { "a.soma": "pub kernel k(y: mut f32[n]) over i in n { y[i] = 1 + true }\n" };
        const { diagnostics } = checkFiles('import "./a.soma" { k }\n', files);
        expect(diagnostics.map(({ span }) => span.file.path)).toEqual(["a.soma"]);
    });
});

test("checking a text twice gives equal programs", () => {
    const text = { main: `fn f(x: f32) -> f32 { x * 2 }\n${KERNEL}` };
    expect(check(text).program?.kernels[0]?.body.statements).toEqual(check(text).program?.kernels[0]?.body.statements);
});
