// What generic functions are called with, and what values of generic structures are made of. What `f::<…>` doesn't say
// comes from the arguments whose declared types name a parameter, then from the place's demand, then from defaults.

import { genericArguments, notInferred } from "../diagnostics/catalogue/generics.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type {
    BodyContext,
    FunctionRecord,
    FunctionTemplate,
    GenericParameter,
    GenericValue,
    ModuleScope,
} from "./context.js";
import { checkExpr } from "./expressions.js";
import { appliedStructure } from "./generic-structures.js";
import { constantValue, explicitValues, fallbackOf, instanceScope, meets } from "./generics.js";
import { flexibility, literalType } from "./literals.js";
import type { Expr } from "./program.js";
import { isValue, showType, typeNamed, viewOfArray } from "./scalars.js";
import { namedIn } from "./type-names.js";
import type { ScalarType, Type } from "./types.js";

/** Arguments that were checked already. */
export type Checked = ReadonlyMap<ast.Expr, Expr>;

export interface InstanceCall {
    readonly record: FunctionRecord;
    readonly checked: Checked;
}

/** What has generic parameters, and how its arguments are declared. */
export interface Generic {
    readonly name: string;
    readonly parameters: readonly GenericParameter[];
    readonly module: ModuleScope;
    /** For each argument; undefined for one too many. */
    readonly declared: readonly (ast.TypeExpr | undefined)[];
    readonly result: ast.TypeExpr | null;
}

/** The instance that a call means; null where there is none, which was reported. */
export function inferInstance(
    ctx: BodyContext,
    call: ast.Expr,
    template: FunctionTemplate,
    explicit: readonly ast.Argument[],
    args: readonly ast.Expr[],
    want: Type | null,
    early: Checked = new Map(),
): InstanceCall | null {
    const { item, parameters, module } = template;
    const declared = item.params.map(({ type }) => type);
    const generic = { name: item.name.text, parameters, module, declared, result: item.result };
    const inferred = inferValues(ctx, call.span, generic, explicit, args, want, early);
    if (inferred === null) return null;
    const record = ctx.instantiate(template, inferred.values, call.span);
    return record === null ? null : { record, checked: inferred.checked };
}

/** A value for each parameter; null where one is missing, which was reported. */
export function inferValues(
    ctx: BodyContext,
    span: Span,
    generic: Generic,
    explicit: readonly ast.Argument[],
    args: readonly ast.Expr[],
    want: Type | null,
    early: Checked = new Map(),
): { readonly values: readonly GenericValue[]; readonly checked: Checked } | null {
    const { name: owner, parameters, module, declared, result } = generic;
    const values = explicitValues(ctx, owner, parameters, explicit);
    if (values === null) return null;
    const at = new Map(parameters.map(({ name }, i) => [name, i]));
    const checked = new Map(early);
    for (const [i, arg] of args.entries()) {
        const type = declared[i];
        if (type === undefined || flexibility(ctx, arg) !== null) continue;
        const known = type.extents === null ? knownType(ctx, type, module, parameters, values) : null;
        const value = early.get(arg) ?? checkExpr(ctx, arg, known);
        if (value.type.kind === "error") return null;
        checked.set(arg, value);
        const place = type.args === null ? at.get(type.name.text) : undefined;
        if (place !== undefined && parameters[place]?.kind === "type" && !hasScalars(value.type)) {
            const what = `\`${parameters[place].name}\` of \`${owner}\` is a scalar type, which ${showType(value.type)} is not`;
            const help = `pass its scalars, or write a function for ${showType(value.type)}`;
            ctx.report(diagnose(genericArguments, arg.span, { what, help }));
            return null;
        }
        for (const [place, found] of valuesIn(type, value.type, at, module)) {
            const parameter = parameters[place] as GenericParameter;
            if (values[place] !== null || !isSameKind(parameter, found)) continue;
            if (parameter.kind === "type" && found.kind === "type") {
                if (!meets(parameter, found.type, owner, arg, ctx.report)) return null;
            }
            values[place] = found;
        }
        inferExtents(type, value.type, parameters, values, at);
    }
    if (result !== null && want !== null && (result.args !== null || isArrayOf(result, want))) {
        for (const [place, found] of valuesIn(result, want, at, module)) {
            const parameter = parameters[place] as GenericParameter;
            if (isSameKind(parameter, found) && allows(parameter, found)) values[place] ??= found;
        }
        inferExtents(result, want, parameters, values, at);
    }
    for (const [i, parameter] of parameters.entries()) {
        if (parameter.kind === "type") values[i] ??= typeOfLiterals(ctx, generic, parameter, args, want);
        values[i] ??= fallbackOf(parameter);
        if (values[i] !== null) continue;
        ctx.report(diagnose(notInferred, span, { parameter: parameter.name, owner, kind: parameter.kind }));
        return null;
    }
    return { values: values as GenericValue[], checked };
}

/** What an argument is declared as, as far as that is known already. */
function knownType(
    ctx: BodyContext,
    type: ast.TypeExpr,
    module: ModuleScope,
    parameters: readonly GenericParameter[],
    values: readonly (GenericValue | null)[],
): Type | null {
    if (type.args !== null) {
        if (values.includes(null)) return null;
        const scope = instanceScope({ module, parameters }, values as GenericValue[]);
        return appliedStructure({ ...ctx, module: scope }, type) ?? null;
    }
    const place = parameters.findIndex(({ name }) => name === type.name.text);
    if (place >= 0) {
        const value = values[place];
        return value?.kind === "type" ? value.type : null;
    }
    const named = namedIn(module.symbols, type.name.text) ?? typeNamed(type.name.text);
    return named !== undefined && isValue(named) ? named : null;
}

/** What a type says of the parameters that its declaration names: `T` is f16 where `Pair<T>[n]` is a `Pair<f16>[8]`. */
function* valuesIn(
    declared: ast.TypeExpr,
    given: Type,
    at: ReadonlyMap<string, number>,
    module: ModuleScope,
): Iterable<readonly [number, GenericValue]> {
    const holds = given.kind === "view" || given.kind === "array" || given.kind === "tile";
    const element = holds ? given.element : given;
    if (declared.args === null) {
        const place = at.get(declared.name.text);
        if (place !== undefined && element.kind === "scalar") yield [place, typeValue(element)];
        return;
    }
    const symbol = module.symbols.get(declared.name.text);
    const instance = element.kind === "struct" ? element.instance : null;
    if (instance === null || symbol?.kind !== "structure" || symbol.template !== instance.template) return;
    const { parameters } = instance.template;
    for (const [i, { label, value }] of declared.args.entries()) {
        const place = value.kind === "name" ? at.get(value.text) : undefined;
        const slot = label === null ? i : parameters.findIndex(({ name }) => name === label.text);
        const found = instance.values[slot];
        if (place !== undefined && found !== undefined) yield [place, found];
    }
}

function isArrayOf({ extents }: ast.TypeExpr, type: Type): boolean {
    return type.kind === "array" && type.extents.length === extents?.length;
}

/** Whether a generic parameter can stand for what it is, or has as elements. */
function hasScalars(type: Type): boolean {
    const holds = type.kind === "view" || type.kind === "array" || type.kind === "tile";
    return (holds ? type.element : type).kind === "scalar";
}

function typeValue(type: ScalarType): GenericValue {
    return { kind: "type", type, isPublic: false };
}

function isSameKind(parameter: GenericParameter, value: GenericValue): boolean {
    if (parameter.kind === "type" || value.kind === "type") return parameter.kind === value.kind;
    return value.constant.type?.kind === "scalar" && value.constant.type.name === parameter.type.name;
}

function allows(parameter: GenericParameter, value: GenericValue): boolean {
    return parameter.kind === "const" || (value.kind === "type" && parameter.types.includes(value.type.name));
}

/** `x: f32[N]` says what `N` is, if the argument's extent is known. */
function inferExtents(
    declared: ast.TypeExpr,
    given: Type,
    parameters: readonly GenericParameter[],
    values: (GenericValue | null)[],
    at: ReadonlyMap<string, number>,
): void {
    const view = given.kind === "array" ? viewOfArray(given) : given;
    const sizes =
        view.kind === "tile"
            ? view.extents.map(({ size }) => size)
            : view.kind === "view"
              ? view.dims.map((dim) => (dim.kind === "const" ? dim.value : null))
              : [];
    for (const [axis, extent] of (declared.extents ?? []).entries()) {
        const place = extent.kind === "name" ? at.get(extent.text) : undefined;
        const parameter = place === undefined ? undefined : parameters[place];
        const size = sizes[axis];
        if (place === undefined || parameter?.kind !== "const" || size == null) continue;
        values[place] ??= constantValue(parameter, BigInt(size));
    }
}

/** A type that only literals stand for: what the call's place demands, or what the literals are by themselves. */
function typeOfLiterals(
    ctx: BodyContext,
    { declared, result }: Generic,
    parameter: Extract<GenericParameter, { kind: "type" }>,
    args: readonly ast.Expr[],
    want: Type | null,
): GenericValue | null {
    const isResult = result !== null && result.extents === null && result.name.text === parameter.name;
    const demanded = isResult && want?.kind === "scalar" && parameter.types.includes(want.name) ? want : null;
    const kinds = args
        .filter((_, i) => declared[i]?.name.text === parameter.name && declared[i]?.extents === null)
        .map((arg) => flexibility(ctx, arg));
    if (kinds.length === 0) return demanded === null ? null : typeValue(demanded);
    if (demanded === null && parameter.fallback !== null) return null;
    const kind = kinds.includes("float") || !parameter.types.includes("i32") ? "float" : "integer";
    const type = literalType(kind, demanded);
    return parameter.types.includes(type.name) ? typeValue(type) : null;
}
