// The table of built-in functions in the specification is the table that the checker works from. SOMA_BLESS=1 rewrites it.

import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BUILTINS, type Builtin } from "../../compiler/sema/builtins.js";

const FILE = new URL("../../spec/language.md", import.meta.url);
const TABLE = /(?<=<!-- generated from compiler\/sema\/builtins\.ts: .* -->\n).*?(?=<!-- end -->)/s;

const FAMILIES: readonly (readonly [string, readonly string[]])[] = [
    ["floats", ["f16", "f32", "f64"]],
    ["signed integers", ["i8", "i16", "i32", "i64", "index"]],
    ["unsigned integers", ["u8", "u16", "u32", "u64"]],
];

function typesOf({ types, kind }: Builtin): string {
    if (kind === "index" || kind === "barrier" || kind === "fence" || kind === "report") return "";
    const left = new Set(Object.keys(types));
    const families = FAMILIES.filter(([, names]) => names.every((name) => left.has(name)));
    for (const [, names] of families) for (const name of names) left.delete(name);
    return [...families.map(([family]) => family), ...left].join(", ");
}

function signature({ name, params, result, kind }: Builtin): string {
    const named = params.map(([param, type]) =>
        type === "T" || type === "text" || kind === "index" ? param : `${param}: ${type}`,
    );
    const list = [...named, ...(kind === "report" ? ["…"] : [])].join(", ");
    const shown = result === "T" ? "T" : result;
    return `\`${name}(${kind === "index" ? `[${list}]` : list})\`${shown === null ? "" : ` → ${shown}`}`;
}

function render(): string {
    const rows = [...BUILTINS.values()].map((builtin) => {
        const library = Object.values(builtin.types).includes("library") ? " *" : "";
        return `| ${signature(builtin)} | ${typesOf(builtin)} | ${builtin.doc.replaceAll("|", "\\|")}${library} |`;
    });
    return `\n| function | T | meaning |\n|---|---|---|\n${rows.join("\n")}\n\n\\* in \`std.math\`, for some types\n\n`;
}

test("the specification's table of built-ins is the compiler's", () => {
    const text = readFileSync(FILE, "utf8");
    expect(text).toMatch(TABLE);
    if (process.env.SOMA_BLESS === "1")
        writeFileSync(
            FILE,
            text.replace(TABLE, () => render()),
        );
    else expect(TABLE.exec(text)?.[0]).toBe(render());
});
