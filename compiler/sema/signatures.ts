// Parameters and launch clauses: which dimension names there are, and what binds them.

import { badExtent, unboundDimension } from "../diagnostics/catalogue/constants.js";
import { kernelParameter } from "../diagnostics/catalogue/functions.js";
import { tooManyDimensions, workgroupRank, workgroupSize } from "../diagnostics/catalogue/kernels.js";
import { duplicate } from "../diagnostics/catalogue/names.js";
import { elsewhere } from "../diagnostics/catalogue/syntax.js";
import { notInMatrix } from "../diagnostics/catalogue/tiles.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { Report } from "./context.js";
import { dimExpr } from "./dims.js";
import type { Launch, Local, TileDomain } from "./program.js";
import { ERROR, INDEX } from "./scalars.js";
import { parameterType, type TypeNames } from "./type-names.js";
import type { DimExpr, Type } from "./types.js";

export interface Signature {
    readonly params: readonly Local[];
    /** In order of first appearance. */
    readonly dims: readonly string[];
    /** Parameters that stand in the place of a dimension, which was reported. */
    readonly refused: ReadonlySet<string>;
}

/** The value of an integer constant of the module. */
export type ConstantOf = (name: string) => bigint | undefined;

/** The value of a launch's size, or of a part of one; null where it has none, which was reported. `what` it is. */
type LaunchSize = (expr: ast.Expr, what: string) => bigint | null;

const MAX_WORKGROUP = 1024n;

export function checkParams(
    params: readonly ast.Param[],
    constantOf: ConstantOf,
    types: TypeNames,
    report: Report,
): Signature {
    const refused = new Set<string>();
    const names = dimensionNames(new Set(params.map(({ name }) => name.text)), refused, constantOf, report);
    const bound = new Set<string>();
    const locals: Local[] = [];
    const seen = new Set<string>();
    for (const { name, type, isShared } of params) {
        if (seen.has(name.text)) {
            const first = params.find((param) => param.name.text === name.text)?.name ?? name;
            const labels = [{ span: first.span, message: "first here" }];
            report(diagnose(duplicate, name.span, { name: name.text, what: "a parameter" }, { labels }));
        }
        seen.add(name.text);
        const { text, span } = name;
        if (isShared) {
            const array = sharedArray(type, constantOf, types, report);
            locals.push({ name: text, type: array, mutable: true, space: "shared", span });
            continue;
        }
        for (const extent of type.extents ?? []) if (extent.kind === "name") bound.add(extent.text);
        const resolved = parameterType(type, names.resolve, types, report);
        locals.push({ name: text, type: resolved, mutable: false, space: "private", span });
    }
    for (const [name, span] of names.found) {
        if (!bound.has(name)) report(diagnose(unboundDimension, span, { name }));
    }
    return { params: locals, dims: [...names.found.keys()], refused };
}

/** The type of a parameter that takes a shared array: its extents are constants. */
function sharedArray(type: ast.TypeExpr, constantOf: ConstantOf, types: TypeNames, report: Report): Type {
    const constant = (name: string, span: Span): DimExpr | null => {
        const value = constantOf(name);
        if (value !== undefined) return { kind: "const", value: Number(value) };
        report(
            diagnose(badExtent, span, { what: `an extent of a shared array is a constant, which \`${name}\` is not` }),
        );
        return null;
    };
    const resolved = parameterType(type, constant, types, report);
    if (resolved.kind === "error") return resolved;
    if (resolved.kind !== "view" || resolved.mutable) {
        const help = "write `shared name: type[extent]`: a shared array may be written as it is";
        report(diagnose(kernelParameter, type.span, { what: "a `shared` parameter is an array", help }));
        return ERROR;
    }
    const extents = resolved.dims.map((dim) => (dim.kind === "const" ? dim.value : 0));
    return { kind: "array", element: resolved.element, extents };
}

/** Resolves names in extents, and collects the dimensions among them with their first place. */
function dimensionNames(params: ReadonlySet<string>, refused: Set<string>, constantOf: ConstantOf, report: Report) {
    const found = new Map<string, Span>();
    const resolve = (name: string, span: Span): DimExpr | null => {
        const value = constantOf(name);
        if (params.has(name)) {
            if (!refused.has(name)) {
                const help = `remove the parameter \`${name}\`: dimensions are bound from the arguments' shapes`;
                report(diagnose(kernelParameter, span, { what: `\`${name}\` is a parameter, not a dimension`, help }));
            }
            refused.add(name);
            return null;
        }
        if (value !== undefined) return { kind: "const", value: Number(value) };
        if (!found.has(name)) found.set(name, span);
        return { kind: "dim", name };
    };
    return { found, resolve };
}

export interface CheckedLaunch {
    readonly launch: Launch;
    /** The kernel's dimensions: those of its parameters, then those that only the launch names. */
    readonly dims: readonly string[];
}

/** Makes a variable of a matrix kernel's domain; null where it was reported. */
export type TileVariable = (variable: ast.DomainVariable, extent: DimExpr) => TileDomain | null;

/** Null where it was reported. `tile` is there for a matrix kernel. */
export function checkLaunch(
    clause: ast.LaunchClause,
    signature: Signature,
    constantOf: ConstantOf,
    size: LaunchSize,
    tile: TileVariable | null,
    report: Report,
): CheckedLaunch | null {
    const params = new Set(signature.params.map(({ name }) => name));
    const names = dimensionNames(params, new Set(signature.refused), constantOf, report);
    const extents = clause.kind === "over" ? clause.domain.map(({ extent }) => extent) : clause.groups;
    if (extents.length > 3) {
        report(diagnose(tooManyDimensions, clause.span, { found: extents.length }));
        return null;
    }
    const constant = (expr: ast.Expr) => size(expr, "a call in a launch's size");
    const sizes = extents.map((extent) => {
        const dim = dimExpr(extent, names.resolve, report, constant);
        if (dim?.kind !== "const" || dim.value >= 0) return dim;
        report(diagnose(badExtent, extent.span, { what: `a launch can't have ${dim.value} elements` }));
        return null;
    });
    const dims = [...new Set([...signature.dims, ...names.found.keys()])];
    if (clause.kind === "over") {
        if (tile !== null) {
            const domain = tileDomain(clause, new Set([...params, ...dims]), sizes, tile, report);
            return domain === null ? null : { launch: { kind: "tiles", domain, workgroup: 0 }, dims };
        }
        const domain = domainVariables(clause, new Set([...params, ...dims]), sizes, report);
        return domain === null ? null : { launch: { kind: "over", domain }, dims };
    }
    if (tile !== null) {
        const help = "write `over (i in m by 64, j in n by 64)`";
        report(diagnose(notInMatrix, clause.span, { what: "`groups` belongs", help }));
        return null;
    }
    if (clause.workgroup.length !== extents.length && !sizes.includes(null)) {
        const args = { groups: extents.length, workgroup: clause.workgroup.length };
        report(diagnose(workgroupRank, clause.span, args));
        return null;
    }
    const workgroup = workgroupSizes(clause, size, report);
    if (workgroup === null || sizes.includes(null)) return null;
    return { launch: { kind: "groups", groups: sizes as DimExpr[], workgroup }, dims };
}

function domainVariables(
    clause: Extract<ast.LaunchClause, { kind: "over" }>,
    taken: Set<string>,
    extents: readonly (DimExpr | null)[],
    report: Report,
): { variable: Local; extent: DimExpr }[] | null {
    const domain: { variable: Local; extent: DimExpr }[] = [];
    for (const [axis, { name, step }] of clause.domain.entries()) {
        if (step !== null) {
            const help = "a work-item for each element: write `i in n`";
            report(
                diagnose(elsewhere, step.span, { what: "a step in the domain belongs", where: "matrix kernels", help }),
            );
        }
        if (taken.has(name.text)) {
            report(
                diagnose(duplicate, name.span, { name: name.text, what: "a parameter, dimension or domain variable" }),
            );
            return null;
        }
        taken.add(name.text);
        const variable: Local = { name: name.text, type: INDEX, mutable: false, space: "private", span: name.span };
        const extent = extents[axis];
        if (extent) domain.push({ variable, extent });
    }
    return domain.length === clause.domain.length ? domain : null;
}

function tileDomain(
    clause: Extract<ast.LaunchClause, { kind: "over" }>,
    taken: Set<string>,
    extents: readonly (DimExpr | null)[],
    tile: TileVariable,
    report: Report,
): TileDomain[] | null {
    const domain = clause.domain.map((variable, axis) => {
        const { text, span } = variable.name;
        const extent = extents[axis];
        if (!taken.has(text)) {
            taken.add(text);
            return extent ? tile(variable, extent) : null;
        }
        report(diagnose(duplicate, span, { name: text, what: "a parameter, dimension or domain variable" }));
        return null;
    });
    return domain.includes(null) ? null : (domain as TileDomain[]);
}

function workgroupSizes(
    clause: Extract<ast.LaunchClause, { kind: "groups" }>,
    size: LaunchSize,
    report: Report,
): number[] | null {
    const sizes: number[] = [];
    let total = 1n;
    for (const expr of clause.workgroup) {
        const value = size(expr, "a workgroup's size");
        if (value === null) return null;
        total *= value;
        if (value < 1n || total > MAX_WORKGROUP) {
            const what = `a workgroup can't have ${value < 1n ? value : total} work-items: at least 1, at most ${MAX_WORKGROUP}`;
            report(diagnose(workgroupSize, expr.span, { what }));
            return null;
        }
        sizes.push(Number(value));
    }
    return sizes;
}
