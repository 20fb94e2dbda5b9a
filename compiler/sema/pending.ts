// What a module's constants find before all is declared. Constants call functions, and signatures name constants, so a
// function is declared where a constant first asks for it, or behind the module's constants.

import { usedBeforeDefinition } from "../diagnostics/catalogue/names.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { GlobalSymbol, Report } from "./context.js";
import { scalarNamed, typeNamed } from "./scalars.js";

/** What is not resolved yet, but for functions. */
export const PENDING: GlobalSymbol = { kind: "pending" };

/** Whether an enum can be resolved before all else: its type is the language's own and its values are numbers. */
export function isPlainEnum({ base, members }: ast.EnumItem): boolean {
    if (base !== null && typeNamed(base.name.text) === undefined) return false;
    return members.every(({ value }) => value === null || isArithmetic(value));
}

function isArithmetic(expr: ast.Expr): boolean {
    if (expr.kind === "unary") return isArithmetic(expr.operand);
    if (expr.kind === "binary") return isArithmetic(expr.left) && isArithmetic(expr.right);
    return expr.kind === "integer";
}

/** Whether a structure or an alias can be resolved before the constants: no size in it names one, and no enum waits. */
export function isSettled(item: ast.StructItem | ast.AliasItem, symbols: ReadonlyMap<string, GlobalSymbol>): boolean {
    const types = item.kind === "alias" ? [item.type] : item.fields.map(({ type }) => type);
    if (types.some(({ name }) => symbols.get(name.text)?.kind === "pending")) return false;
    if (item.kind === "alias") return isSettledType(item.type, new Set());
    const own = new Set(item.generics.map(({ name }) => name.text));
    const defaults = item.generics.flatMap(({ fallback }) => fallback ?? []);
    return defaults.every((value) => isSize(value, own)) && types.every((type) => isSettledType(type, own));
}

function isSettledType({ extents, args }: ast.TypeExpr, own: ReadonlySet<string>): boolean {
    return [...(extents ?? []), ...(args ?? []).map(({ value }) => value)].every((value) => isSize(value, own));
}

/** A number, a scalar type, or one of the structure's own parameters. */
function isSize(expr: ast.Expr, own: ReadonlySet<string>): boolean {
    if (expr.kind !== "name") return expr.kind === "integer" || expr.kind === "bool";
    return own.has(expr.text) || scalarNamed(expr.text) !== undefined;
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
