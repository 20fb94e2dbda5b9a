// Written types to types: scalars, arrays of constant size, views over dimension names.

import { arraySize } from "../diagnostics/catalogue/constants.js";
import { genericArguments } from "../diagnostics/catalogue/generics.js";
import { unknownType } from "../diagnostics/catalogue/names.js";
import { elsewhere } from "../diagnostics/catalogue/syntax.js";
import { misplacedType } from "../diagnostics/catalogue/types.js";
import { diagnose } from "../diagnostics/entry.js";
import { insteadOf, typeMeant } from "../diagnostics/habits.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext, GlobalSymbol, Report } from "./context.js";
import { dimExpr, type ResolveDim } from "./dims.js";
import { appliedStructure } from "./generic-structures.js";
import { PENDING } from "./pending.js";
import { arrayOf, ERROR, isValue, typeNamed } from "./scalars.js";
import { type DimExpr, SCALARS, type Type, type ValueType } from "./types.js";

/** The types of values with units. */
const UNIT_TYPES = /^(time|voltage|current|conductance|capacitance)$/;

/** Elements of one array: what fits LDS or scratch memory is far less. */
const MAX_ARRAY = 1 << 24;

/** The types that have names where a type is written, beside the scalars; `error` for one that was reported. */
export interface TypeNames {
    readonly named: (name: string) => Type | undefined;
    /** Whether a type waits for the values of constants. */
    readonly waits: (name: string) => boolean;
    /** `Pair<f32>`, or `Pair` with defaults; undefined where the name is no generic structure's. */
    readonly applied: (type: ast.TypeExpr) => Type | undefined;
}

/** The types of a module, or of an instance's scope, as they may be written at a place. */
export function typesOf(ctx: BodyContext): TypeNames {
    const named = (name: string) => namedIn(ctx.module.symbols, name);
    const waits = (name: string) => ctx.module.symbols.get(name) === PENDING;
    return { named, waits, applied: (type) => appliedStructure(ctx, type) };
}

export function namedIn(symbols: ReadonlyMap<string, GlobalSymbol>, name: string): Type | undefined {
    const symbol = symbols.get(name);
    if (symbol?.kind === "broken") return ERROR;
    return symbol?.kind === "type" ? symbol.type : undefined;
}

/** The type that the name is of, whatever the extents behind it: a name may be an array's. Null where it was reported. */
export function elementType(type: ast.TypeExpr, types: TypeNames, report: Report): ValueType | null {
    const { text: name, span } = type.name;
    if (type.tile !== null) {
        report(diagnose(elsewhere, type.tile, { what: "tiles belong", where: "matrix kernels" }));
        return null;
    }
    const found = types.applied(type) ?? types.named(name) ?? typeNamed(name);
    if (found !== undefined) {
        if (type.args === null || found.kind === "error" || (found.kind === "struct" && found.instance !== null)) {
            return isValue(found) ? found : null;
        }
        report(
            diagnose(genericArguments, span, { what: `\`${name}\` has no generic parameters`, help: "remove `<…>`" }),
        );
        return null;
    }
    if (types.waits(name)) {
        const what = `\`${name}\` isn't known yet where a constant needs it`;
        const help =
            "a type that constants make (an array's extent, an enum's value) is known behind them: move the constant down, or write numbers";
        report(diagnose(misplacedType, span, { what, help }));
    } else if (UNIT_TYPES.test(name)) {
        const args = { what: `the type \`${name}\` belongs`, where: "neuron models and networks", help: "write `f32`" };
        report(diagnose(elsewhere, span, args));
    } else {
        const help = insteadOf(name);
        const similar = typeMeant(name) ?? (help === undefined ? nearest(name, SCALARS) : undefined);
        report(diagnose(unknownType, span, { name, similar }, { help }));
    }
    return null;
}

function refuseModifiers({ modifiers: [modifier] }: ast.TypeExpr, report: Report): void {
    if (modifier === undefined) return;
    const what = `\`${modifier.text}\` belongs to view parameters`;
    report(diagnose(misplacedType, modifier.span, { what, help: `remove \`${modifier.text}\`` }));
}

/** A result or the target of a conversion: a type of values. */
export function plainType(type: ast.TypeExpr, place: string, types: TypeNames, report: Report): Type {
    const element = elementType(type, types, report);
    refuseModifiers(type, report);
    if (type.mut !== null) {
        report(diagnose(misplacedType, type.mut, { what: `${place} is never \`mut\``, help: "remove `mut`" }));
    } else if (type.extents !== null) {
        const what = `${place} gives a value, not an array or a view`;
        const help = place === "a function" ? "write into a `mut` view parameter instead" : "remove the extents";
        report(diagnose(misplacedType, type.span, { what, help }));
        return ERROR;
    }
    return element ?? ERROR;
}

/** A variable's type: a scalar, or an array of constant size. `extent` evaluates one; null was reported. */
export function variableType(
    type: ast.TypeExpr,
    extent: (expr: ast.Expr) => bigint | null,
    types: TypeNames,
    report: Report,
): Type {
    const element = elementType(type, types, report);
    refuseModifiers(type, report);
    if (type.mut !== null) {
        const help = "write `var` for a variable that changes";
        report(diagnose(misplacedType, type.mut, { what: "`mut` belongs to view parameters", help }));
        return ERROR;
    }
    if (type.extents === null) return element ?? ERROR;
    const extents: number[] = [];
    let size = element?.kind === "array" ? BigInt(element.extents.reduce((product, each) => product * each, 1)) : 1n;
    for (const expr of type.extents) {
        const value = extent(expr);
        if (value === null) return ERROR;
        size *= value;
        if (value < 1n || size > BigInt(MAX_ARRAY)) {
            report(diagnose(arraySize, expr.span, { size: String(value < 1n ? value : size), limit: MAX_ARRAY }));
            return ERROR;
        }
        extents.push(Number(value));
    }
    return element === null ? ERROR : arrayOf(element, extents);
}

/** A parameter's type: a scalar or a view. */
export function parameterType(type: ast.TypeExpr, resolve: ResolveDim, types: TypeNames, report: Report): Type {
    const element = elementType(type, types, report);
    if (type.extents === null && element?.kind !== "array") {
        refuseModifiers(type, report);
        if (type.mut === null) return element ?? ERROR;
        const help = "a scalar is passed by value: copy it into a `var` to change it";
        report(diagnose(misplacedType, type.mut, { what: "only views can be `mut`", help }));
        return ERROR;
    }
    const dims: DimExpr[] = [];
    for (const extent of type.extents ?? []) {
        const dim = dimExpr(extent, resolve, report);
        if (dim !== null) dims.push(dim);
    }
    if (element === null || dims.length < (type.extents?.length ?? 0)) return ERROR;
    if (element.kind === "array") dims.push(...element.extents.map((value): DimExpr => ({ kind: "const", value })));
    const has = (word: string) => type.modifiers.some(({ text }) => text === word);
    return {
        kind: "view",
        element: element.kind === "array" ? element.element : element,
        dims,
        mutable: type.mut !== null,
        ...(has("strided") && { strided: true }),
        ...(has("large") && { large: true }),
        ...(has("alias") && { alias: true }),
    };
}
