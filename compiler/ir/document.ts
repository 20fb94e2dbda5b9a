// The op table as the specification shows it.

import type { OpSpec } from "./ops/define.js";
import { FAMILIES } from "./ops.js";

/** Markdown: one table for each family of operations. */
export function documentOps(): string {
    return Object.entries(FAMILIES)
        .map(([family, ops]) => {
            const rows = Object.entries<OpSpec>(ops).map(([name, spec]) => row(name, spec));
            return [
                `### ${family}`,
                "",
                "| operation | form | effects | meaning |",
                "|---|---|---|---|",
                ...rows,
                "",
            ].join("\n");
        })
        .join("\n");
}

function row(name: string, spec: OpSpec): string {
    const attributes = spec.attributes.map((attribute) => ` *${attribute}*`).join("");
    return `| \`${name}\`${attributes} | ${form(spec)} | ${spec.terminator ? "terminator" : spec.effects} | ${spec.doc} |`;
}

function form({ operands, result, where }: OpSpec): string {
    if (operands === "variadic") return "see meaning";
    const classes = Object.entries(where).map(([variable, wanted]) => `, ${variable}: ${wanted}`);
    return `(${operands.join(", ")}) → ${result ?? "()"}${classes.join("")}`;
}
