// Items: heads, documentation, launch clauses, and what a mistake in one item leaves of the others.

import { describe, expect, test } from "vitest";
import { parse } from "../../compiler/syntax/parse.js";

function read(text: string) {
    return parse({ path: "test.soma", text });
}

describe("heads", () => {
    test("may go over several lines", () => {
        const { module, diagnostics } = read(
            "kernel k(\n    x: f32[m, n],\n    y: mut f32[n]\n)\n    over (i in m,\n          j in n)\n{\n    y[j] = x[i, j]\n}\n",
        );
        expect(diagnostics).toEqual([]);
        const [item] = module.items;
        expect(item).toMatchObject({ kind: "kernel", launch: { kind: "over", domain: [{}, {}] } });
    });

    test("may stand behind attributes on their line", () => {
        const { module, diagnostics } = read("#fast #wave(64) struct S {\n    a: P<f16>\n    b: f32\n}\n");
        expect(diagnostics.map(({ code }) => code)).toEqual([]);
        expect(module.items).toMatchObject([{ kind: "struct", fields: [{}, {}] }]);
    });

    test("groups take one size, or a list in parentheses", () => {
        const { module } = read(
            "kernel a() groups g workgroup(64) {}\nkernel b() groups (m / 16, n) workgroup(8, 8) {}\nkernel c() groups (m + 15) / 16 workgroup(16) {}\n",
        );
        expect(module.items.map((item) => item.kind === "kernel" && item.launch)).toMatchObject([
            { groups: [{ kind: "name", text: "g" }], workgroup: [{ value: 64n }] },
            { groups: [{ kind: "binary" }, { kind: "name" }], workgroup: [{}, {}] },
            { groups: [{ kind: "binary", op: "/" }], workgroup: [{ value: 16n }] },
        ]);
    });

    test("an import may go over several lines", () => {
        const { module, diagnostics } = read("import std.math {\n    exp,\n    sqrt\n}\n");
        expect(diagnostics).toEqual([]);
        expect(module.imports[0]).toMatchObject({
            module: { text: "std.math" },
            names: [{ text: "exp" }, { text: "sqrt" }],
        });
    });
});

describe("documentation", () => {
    test("is the `///` lines above an item", () => {
        const { module } = read(
            "// not this\n/// Adds.\n///   Twice.\npub fn f() {}\n\n/// Of g.\n\n// in between\nfn g() {\n    /// inside\n    return\n}\nfn h() {}\n//// four slashes\nfn k() {}\n",
        );
        expect(module.items.map(({ doc }) => doc)).toEqual(["Adds.\n  Twice.", "Of g.", "", ""]);
    });
});

describe("recovery", () => {
    test("two mistakes in one body are two errors", () => {
        const { diagnostics } = read("fn f() {\n    a = \n    b = 1\n    = c\n}\n");
        expect(diagnostics).toHaveLength(2);
    });

    test("a mistake in a nested block leaves its block", () => {
        const { diagnostics, module } = read(
            "fn f() {\n    if a {\n        b = *\n        c = 1\n    }\n    d = 2\n}\n",
        );
        expect(diagnostics).toHaveLength(1);
        const [item] = module.items;
        expect(item?.kind === "function" && item.body.statements.map(({ kind }) => kind)).toEqual(["expr", "assign"]);
    });

    test("a broken item is marked, and only it", () => {
        const { module } = read("fn f() { a = }\nfn g() {}\n");
        expect(module.items.map(({ broken }) => broken)).toEqual([true, false]);
        expect(module.broken).toBe(false);
    });

    test("a head with a mistake takes its body along", () => {
        const { module, diagnostics } = read("kernel k(x f32[n]) over i in n {\n    x[i] = 1.0\n}\nfn g() {}\n");
        expect(diagnostics).toHaveLength(1);
        expect(module.items.map(({ name }) => name.text)).toEqual(["g"]);
        expect(module.broken).toBe(true);
    });

    test("an unclosed brace doesn't swallow the next kernel", () => {
        const { module, diagnostics } = read("fn f() {\n    if a {\n        b = 1\n}\n\nfn g() {}\n");
        expect(diagnostics.map(({ code, span }) => [code, span.start])).toEqual([["E0105", 18]]);
        expect(module.items.map(({ name }) => name.text)).toEqual(["f", "g"]);
    });
});
