// spec/library.md is made of the documentation in stdlib/: the comment at the head of each module, and the `///` lines of
// its public items. SOMA_BLESS=1 rewrites it. Its examples are programs that are right.

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BUILTINS, libraryHome, MATH_MODULE } from "../../compiler/sema/builtins.js";
import { STANDARD_MODULES } from "../../compiler/sema/standard-modules.js";
import type { Item, StructItem } from "../../compiler/syntax/ast.js";
import { parse } from "../../compiler/syntax/parse.js";
import { check } from "../sema/programs.js";

const FILE = new URL("../../spec/library.md", import.meta.url);
const MEASURED = new URL("../stdlib/measured.csv", import.meta.url);
const LIBRARY = new URL("../../stdlib/", import.meta.url);

interface Documentation {
    readonly head: string;
    readonly items: readonly { readonly name: string; readonly signature: string; readonly doc: string }[];
}

/** @param module such as `std.math` */
function documentationOf(module: string): Documentation {
    const path = `${module.split(".").slice(1).join("/")}.soma`;
    const text = readFileSync(new URL(path, LIBRARY), "utf8");
    const head = /^(?:\/\/(?!\/).*\n)+/.exec(text)?.[0] ?? "";
    const { items } = parse({ path, text }).module;
    return {
        head: head.replace(/^\/\/ ?/gm, "").trim(),
        items: items
            .filter(({ isPublic }) => isPublic)
            .flatMap((item) => [documented(item, text), ...(item.kind === "struct" ? methodsOf(item, text) : [])]),
    };
}

function documented(item: Item, text: string) {
    return { name: item.name.text, signature: signatureOf(item, text), doc: item.doc };
}

/** A structure's methods, by their full names. */
function methodsOf({ name, methods }: StructItem, text: string) {
    return methods.map((method) => {
        const { name: own, signature, doc } = documented(method, text);
        return {
            name: `${name.text}.${own}`,
            signature: signature.replace(`fn ${own}`, `fn ${name.text}.${own}`),
            doc,
        };
    });
}

/** As it is written, without the body; of a structure the fields. */
function signatureOf(item: Item, text: string): string {
    if (item.kind === "struct") {
        const fields = item.fields.map(({ span }) => text.slice(span.start, span.end));
        return `struct ${item.name.text} { ${fields.join(", ")} }`;
    }
    const end = "body" in item ? item.body.span.start : item.span.end;
    return text.slice(item.span.start, end).trim().replace(/^pub /m, "");
}

/** What the documentation of a function's code for a type says of its error, in ULP; 0 for exact results. */
function boundOf(doc: string): string {
    return /[Aa]t most ([\d.]+) ULP/.exec(doc)?.[1] ?? "0";
}

/** What `npm run test:math` and `npm run test:math:whole` found: the largest error of a function of f32, in ULP, and over how many arguments. */
function measured(): ReadonlyMap<string, readonly [error: string, tried: number]> {
    const lines = readFileSync(MEASURED, "utf8").trim().split("\n").slice(1);
    return new Map(
        lines.map((line) => {
            const [name = "", error = "", tried] = line.split(",");
            return [name, [error, Number(tried)]];
        }),
    );
}

function mathematics(): string[] {
    const found = measured();
    const rows = [...BUILTINS.values()].flatMap((builtin) => {
        if (!Object.values(builtin.types).includes("library")) return [];
        const bounds = (["f32", "f64"] as const).map((type) => {
            if (builtin.types[type] !== "library") return "1";
            const { module, fn } = libraryHome(builtin, type);
            const found = documentationOf(module).items.find(({ name }) => name === fn);
            return found === undefined ? "?" : boundOf(found.doc);
        });
        const names = builtin.params.map(([name]) => name).join(", ");
        const [error = "", tried = 0] = found.get(builtin.name) ?? [];
        expect(Number(error), builtin.name).toBeLessThanOrEqual(Number(bounds[0]));
        const many = tried === 2 ** 32 ? "all" : `${Math.round(tried / 1e6)} million`;
        return [
            `| \`${builtin.name}(${names})\` | ${builtin.doc} | ${bounds[0]} | ${error} in ${many} | ${bounds[1]} |`,
        ];
    });
    const head = ["| function | meaning | f32 | f32, measured | f64 |", "|---|---|---|---|---|"];
    const note =
        "Errors are in units in the last place. The columns of the types are the bounds that the tests hold; `fmod` is exact. Measured on the\n" +
        "virtual GPU against double precision: so much at most for so many arguments, all 2³² or spread evenly over them (pairs of them, and\n" +
        "pairs of moderate size, for functions of two arguments). In f16 every function is at most 1 ULP from the exact value, which is measured\n" +
        "for every number: it is computed in f32 and rounded. `exp2` and `log2` of f32 are AMD's hardware's; on NVIDIA's GPUs `exp2`, also\n" +
        "the hardware's, is within 3 ULP. Every bound is that of OpenCL's full\n" +
        "profile (OpenCL C specification, section 7.4) or better.";
    return [...head, ...rows, "", note];
}

function render(): string {
    const parts = [
        "# The standard library",
        "",
        "Made from the documentation in `stdlib/`; `npm run bless` brings this file up to date.",
    ];
    for (const module of STANDARD_MODULES) {
        const { head, items } = documentationOf(module);
        parts.push("", `## ${module}`, "", head);
        if (module === MATH_MODULE) parts.push("", ...mathematics());
        for (const { signature, doc } of items) parts.push("", "```text", signature, "```", "", doc);
    }
    return `${parts.join("\n")}\n`;
}

test("the page is what the modules say", () => {
    if (process.env.SOMA_BLESS === "1") writeFileSync(FILE, render());
    expect(readFileSync(FILE, "utf8")).toBe(render());
});

describe.each(STANDARD_MODULES)("%s", (module) => {
    const { head, items } = documentationOf(module);

    test("documents itself and every public item", () => {
        expect(head).not.toBe("");
        for (const { name, doc } of items) expect(doc, name).not.toBe("");
    });

    const examples = [head, ...items.map(({ doc }) => doc)].flatMap((text) =>
        [...text.matchAll(/^```soma\n(.*?)^```/gms)].map(([, example]) => example as string),
    );
    test.skipIf(module === MATH_MODULE)("has an example", () => expect(examples.length).toBeGreaterThan(0));
    test.each(examples)("example %#", (example) => {
        expect(check(example).diagnostics.map(({ message }) => message)).toEqual([]);
    });
});
