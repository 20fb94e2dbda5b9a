// The specification's tables of attributes and of facts about the target are those that the checker works from.
// SOMA_BLESS=1 rewrites them.

import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ATTRIBUTES } from "../../compiler/sema/attributes.js";
import { FACTS } from "../../compiler/targets/facts.js";

const FILE = new URL("../../spec/language.md", import.meta.url);

function attributes(): string {
    const rows = Object.entries(ATTRIBUTES).map(
        ([name, { before, takes, doc }]) => `| \`#${name}\` | ${before.join(" or ")} | ${takes ?? ""} | ${doc} |`,
    );
    return `\n| attribute | before | takes | meaning |\n|---|---|---|---|\n${rows.join("\n")}\n\n`;
}

/** The families and the targets are named once for all. */
function facts(): string {
    const rows = Object.entries(FACTS)
        .filter(([name]) => !name.startsWith("is_"))
        .map(([name, { doc }]) => `| \`target.${name}\` | ${doc} |`);
    const names = Object.keys(FACTS).filter((name) => name.startsWith("is_"));
    return `\n| fact | meaning |\n|---|---|\n${rows.join("\n")}\n| ${names.map((name) => `\`${name}\``).join(" ")} | Whether the target is of that family, or that one. |\n\n`;
}

test.each([
    ["compiler/sema/attributes.ts", attributes],
    ["compiler/targets/facts.ts", facts],
] as const)("the table of %s", (file, render) => {
    const text = readFileSync(FILE, "utf8");
    const table = new RegExp(`(?<=<!-- generated from ${file}: [^\n]* -->\n).*?(?=<!-- end -->)`, "s");
    expect(text).toMatch(table);
    if (process.env.SOMA_BLESS === "1")
        writeFileSync(
            FILE,
            text.replace(table, () => render()),
        );
    else expect(table.exec(text)?.[0]).toBe(render());
});
