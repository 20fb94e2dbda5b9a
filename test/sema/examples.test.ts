// The catalogue and the documentation: every entry's example has that mistake and no other, every program of the
// specification and of the samples is right, and the built-ins agree with the standard library.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CATALOGUE, ENTRIES } from "../../compiler/diagnostics/catalogue/index.js";
import { BUILTINS } from "../../compiler/sema/builtins.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { STANDARD_MODULES } from "../../compiler/sema/standard-modules.js";
import type { ScalarName } from "../../compiler/sema/types.js";
import { EXAMPLES } from "./documents.js";
import { check, codes } from "./programs.js";

const ROOT = new URL("../../", import.meta.url);

function read(path: string): string {
    return readFileSync(new URL(path, ROOT), "utf8");
}

describe("the catalogue", () => {
    test("has each code once, and its severity in it", () => {
        expect(CATALOGUE.size).toBe(ENTRIES.length);
        for (const { code, severity } of ENTRIES) expect(code).toMatch(severity === "error" ? /^E\d{4}$/ : /^W\d{4}$/);
    });

    // Codes from 1000 are the code generator's: other tests show them.
    const shown = ENTRIES.filter(({ code, example }) => example !== "" && Number(code.slice(1)) < 1000);
    test.each(shown.map(({ code, example }) => [code, example] as const))("%s's example has it", (code, example) => {
        expect(codes(example)).toEqual([code]);
    });
});

describe("programs that are right", () => {
    const samples = ["samples/aura/", "samples/matrix/"].flatMap((folder) =>
        readdirSync(new URL(folder, ROOT))
            .filter((name) => name.endsWith(".soma"))
            .map((name) => folder + name),
    );
    test.each(samples)("%s", (path) => {
        expect(check(read(path)).diagnostics).toEqual([]);
    });

    const modules = readdirSync(new URL("stdlib/", ROOT), { recursive: true, encoding: "utf8" }).filter((name) =>
        name.endsWith(".soma"),
    );
    test.each(modules)("the standard library's %s", (name) => {
        const diagnostics = check(read(`stdlib/${name}`)).diagnostics.map(({ message }) => message);
        expect(diagnostics).toEqual([]);
    });

    test("the list of the standard library's modules is the folder", () => {
        const names = modules.filter((name) => !name.includes("/")).map((name) => `std.${name.replace(".soma", "")}`);
        expect([...STANDARD_MODULES].sort()).toEqual(names.sort());
    });

    test("the documents have examples", () => {
        expect(EXAMPLES.length).toBeGreaterThan(20);
        expect(EXAMPLES.filter(({ document }) => document === "README.md").length).toBeGreaterThan(1);
    });

    test.each(EXAMPLES)("$document: $text", ({ text, expected, load }) => {
        expect(codes(text, load)).toEqual(expected);
    });
});

describe("built-ins", () => {
    const specification = read("spec/language.md");
    test.each([...BUILTINS.keys()])("%s is in the specification", (name) => {
        expect(specification).toContain(`\`${name}`);
    });

    const library = [...BUILTINS.values()].flatMap(({ name, params, types }) =>
        (Object.entries(types) as [ScalarName, string][])
            .filter(([, realisation]) => realisation === "library")
            .map(([type]) => [`${name}_${type}`, name, params.length, type] as const),
    );
    test.each(library)("the standard library has a right %s", (_symbol, name, count, type) => {
        const params = Array.from({ length: count }, (_, i) => `a${i}`);
        const list = params.map((param) => `${param}: ${type}`).join(", ");
        const { diagnostics, program } = check(
            `kernel k(${list}, y: mut ${type}[n]) over i in n { y[i] = ${name}(${params.join(", ")}) }\n`,
        );
        expect(diagnostics).toEqual([]);
        expect(program?.functions.at(-1)?.symbol).toMatch(
            new RegExp(`^std\\.math\\.[a-z_]+_${type}\\.${name}_${type}$`),
        );
    });

    test("of a missing library function the error names module and function", () => {
        const empty = (name: string) => ({ path: name, text: "" });
        const text = "kernel k(y: mut f32[n]) over i in n { y[i] = exp(y[i]) }\n";
        const { diagnostics } = checkProgram({ path: "test.soma", text }, empty);
        expect(diagnostics.map(({ message }) => message)).toEqual([
            "module `std.math.exponential_f32` has no usable function `exp_f32`",
        ]);
    });
});
