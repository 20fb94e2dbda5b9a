// What a module's constants find before all is declared. Constants call functions, and signatures name constants, so a
// function is declared where a constant first asks for it, or behind the module's constants.

import { notConstant } from "../diagnostics/catalogue/constants.js";
import { usedBeforeDefinition } from "../diagnostics/catalogue/names.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { GlobalSymbol, Report } from "./context.js";

/** What is not resolved yet, but for functions. */
export const PENDING: GlobalSymbol = { kind: "pending" };

/** A function before types are known: enums come first. */
export const unavailable: GlobalSymbol = {
    kind: "pending",
    demand: (report, call) => {
        report(diagnose(notConstant, call, { what: "an enum's value" }));
        return { kind: "broken" };
    },
};

/** Whether a structure can be resolved before the constants: its arrays' extents are numbers. */
export function isSettled({ fields }: ast.StructItem): boolean {
    return fields.every(({ type }) => (type.extents ?? []).every(({ kind }) => kind === "integer"));
}

/** Stands for a function until it is asked for; `declare` gives what it is. */
export function pendingFunction(
    item: ast.FunctionItem,
    symbols: Map<string, GlobalSymbol>,
    declare: () => GlobalSymbol,
): GlobalSymbol {
    const name = item.name.text;
    const demand = (report: Report): GlobalSymbol => {
        const known = symbols.get(name);
        // An instance of a generic function has a copy of the symbols as they were.
        if (known !== undefined && (known.kind !== "pending" || known.demand === undefined)) return known;
        const missing = pendingConstant(item, symbols);
        if (missing !== null) {
            report(diagnose(usedBeforeDefinition, missing.span, { name: missing.text }));
            return { kind: "broken" };
        }
        // Its own signature can't ask for it.
        symbols.set(name, PENDING);
        const symbol = declare();
        symbols.set(name, symbol);
        return symbol;
    };
    return { kind: "pending", demand };
}

/** The first name in its extents that is a constant without a value: it would be taken for a dimension. */
function pendingConstant({ params }: ast.FunctionItem, symbols: ReadonlyMap<string, GlobalSymbol>): ast.Name | null {
    const open = params.flatMap(({ type }) => type.extents ?? []);
    for (let expr = open.shift(); expr !== undefined; expr = open.shift()) {
        if (expr.kind === "binary") open.unshift(expr.left, expr.right);
        if (expr.kind !== "name") continue;
        const symbol = symbols.get(expr.text);
        if (symbol?.kind === "pending" && symbol.demand === undefined) return expr;
    }
    return null;
}
