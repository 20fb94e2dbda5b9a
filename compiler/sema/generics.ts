// Generic functions and kernels. An instance is the item checked anew in a scope in which its parameters have values, so
// the typed program knows concrete types only. That a body is right for whatever its bounds allow is found where it is
// defined, by checking it for each of those types (there are few); a call then fails only for a constant that is
// impossible, such as an array of size 0.

import { badInstance, boundNotMet, genericArguments, unknownBound } from "../diagnostics/catalogue/generics.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import { count } from "../diagnostics/words.js";
import type * as ast from "../syntax/ast.js";
import { refuseTypeName } from "./aliases.js";
import { type ConstantValue, evaluate } from "./constants.js";
import type { BodyContext, GenericParameter, GenericValue, GlobalSymbol, ModuleScope, Report } from "./context.js";
import { demand } from "./expressions.js";
import { isBool, isFloat, isInteger, isNumber, scalar, scalarNamed, showType, typeNamed } from "./scalars.js";
import { type ChosenValues, literal } from "./specialise.js";
import { MATRIX_INPUTS } from "./tile-products.js";
import { namedIn, plainType, typesOf } from "./type-names.js";
import { SCALARS, type ScalarName, type ScalarType } from "./types.js";

function scalarsWhere(holds: (type: ScalarType) => boolean): readonly ScalarName[] {
    return SCALARS.filter((name) => holds(scalar(name)));
}

/** The types that each bound allows. */
export const BOUNDS: ReadonlyMap<string, readonly ScalarName[]> = new Map([
    ["Number", scalarsWhere(isNumber)],
    ["Float", scalarsWhere(isFloat)],
    ["Int", scalarsWhere(isInteger)],
    ["MatrixInput", MATRIX_INPUTS],
]);

/** The parameters of a generic item; null where they have a mistake, which was reported. */
export function genericParameters(
    generics: readonly ast.GenericParam[],
    ctx: BodyContext,
): readonly GenericParameter[] | null {
    let mistakes = 0;
    const counting: BodyContext = {
        ...ctx,
        report: (diagnostic) => {
            mistakes++;
            ctx.report(diagnostic);
        },
    };
    const seen = new Set<string>();
    const parameters = generics.flatMap((param) => {
        if (seen.has(param.name.text)) {
            const what = `\`${param.name.text}\` is a generic parameter already`;
            counting.report(diagnose(genericArguments, param.name.span, { what }));
        }
        if (scalarNamed(param.name.text) !== undefined) refuseTypeName(param.name, counting.report);
        seen.add(param.name.text);
        return genericParameter(param, counting) ?? [];
    });
    return mistakes > 0 ? null : parameters;
}

function genericParameter(param: ast.GenericParam, ctx: BodyContext): GenericParameter | null {
    const name = param.name.text;
    if (param.kind === "const") {
        const type =
            param.type === null
                ? scalar("index")
                : plainType(param.type, "a generic parameter", typesOf(ctx), ctx.report);
        if (type.kind !== "scalar") return null;
        if (!isInteger(type) && !isBool(type)) {
            const what = `a constant parameter is an integer or a bool, not ${showType(type)}`;
            ctx.report(diagnose(genericArguments, param.type?.span ?? param.span, { what }));
            return null;
        }
        const choices = param.choices.map((choice) => constantArgument(ctx, choice, type));
        if (choices.includes(null)) return null;
        const fallback = param.fallback === null ? (choices[0] ?? null) : constantArgument(ctx, param.fallback, type);
        return { kind: "const", name, type, fallback, choices: choices as ConstantValue[] };
    }
    const [choice] = param.choices;
    if (choice !== undefined) {
        const what = `\`${name}\` is a type: only a constant has values to choose from`;
        ctx.report(diagnose(genericArguments, choice.span, { what, help: "write `const` before it" }));
        return null;
    }
    const bound = param.bound?.name.text ?? "scalar";
    const known = param.bound === null ? SCALARS : BOUNDS.get(bound);
    const plain = param.bound === null || (param.bound.mut === null && param.bound.extents === null);
    if (param.bound !== null && (known === undefined || !plain)) {
        ctx.report(diagnose(unknownBound, param.bound.span, { name: bound, similar: nearest(bound, BOUNDS.keys()) }));
        return null;
    }
    const parameter = { kind: "type", name, bound, types: known as readonly ScalarName[], fallback: null } as const;
    if (param.fallback === null) return parameter;
    const fallback = typeArgument(ctx, param.fallback, name);
    if (fallback === null || !meets(parameter, fallback, name, param.fallback, ctx.report)) return null;
    return { ...parameter, fallback };
}

/** Whether a type is one that the parameter takes; else it is reported. */
export function meets(
    { name, bound, types }: Extract<GenericParameter, { kind: "type" }>,
    type: ScalarType,
    owner: string,
    at: { readonly span: ast.Expr["span"] },
    report: Report,
): boolean {
    if (types.includes(type.name)) return true;
    report(diagnose(boundNotMet, at.span, { parameter: name, owner, bound, found: showType(type) }));
    return false;
}

function typeArgument(ctx: BodyContext, expr: ast.Expr, parameter: string): ScalarType | null {
    const name = expr.kind === "name" ? expr.text : null;
    const named = name === null ? undefined : (namedIn(ctx.module.symbols, name) ?? typeNamed(name));
    if (named?.kind === "scalar") return named;
    if (named?.kind === "error") return null;
    const isType = named !== undefined || (name !== null && ctx.module.symbols.get(name)?.kind === "structure");
    const what = `\`${parameter}\` is a ${isType ? "scalar " : ""}type, which this is not`;
    ctx.report(diagnose(genericArguments, expr.span, { what, help: "write the name of a scalar type, such as `f32`" }));
    return null;
}

function constantArgument(ctx: BodyContext, expr: ast.Expr, type: ScalarType): ConstantValue | null {
    return evaluate(ctx, demand(ctx, expr, type), "a generic argument");
}

/** The values that `<…>` gives, one for each parameter, null where it says nothing; null was reported. */
export function explicitValues(
    ctx: BodyContext,
    owner: string,
    parameters: readonly GenericParameter[],
    args: readonly ast.Argument[],
): (GenericValue | null)[] | null {
    const values: (GenericValue | null)[] = parameters.map(() => null);
    for (const [i, { label, value }] of args.entries()) {
        const at = label === null ? i : parameters.findIndex(({ name }) => name === label.text);
        const parameter = parameters[at];
        if (parameter === undefined) {
            const names = parameters.map(({ name }) => name).join(", ");
            const none = `\`${owner}\` has no generic parameters`;
            const what =
                parameters.length === 0
                    ? none
                    : label === null
                      ? `\`${owner}\` has ${count(parameters.length, "generic parameter")} (${names}), not ${args.length}`
                      : `\`${owner}\` has no generic parameter \`${label.text}\``;
            const similar =
                label === null
                    ? undefined
                    : nearest(
                          label.text,
                          parameters.map(({ name }) => name),
                      );
            const help = similar === undefined ? undefined : `did you mean \`${similar}\`?`;
            ctx.report(diagnose(genericArguments, (label ?? value).span, { what, help }));
            return null;
        }
        if (values[at] !== null) {
            ctx.report(diagnose(genericArguments, value.span, { what: `\`${parameter.name}\` is given twice` }));
            return null;
        }
        const found = explicitValue(ctx, owner, parameter, value);
        if (found === null) return null;
        values[at] = found;
    }
    return values;
}

function explicitValue(
    ctx: BodyContext,
    owner: string,
    parameter: GenericParameter,
    expr: ast.Expr,
): GenericValue | null {
    if (parameter.kind === "type") {
        const type = typeArgument(ctx, expr, parameter.name);
        return type !== null && meets(parameter, type, owner, expr, ctx.report)
            ? { kind: "type", type, isPublic: false }
            : null;
    }
    const value = constantArgument(ctx, expr, parameter.type);
    return value === null ? null : constantValue(parameter, value);
}

export function constantValue(
    { name, type }: Extract<GenericParameter, { kind: "const" }>,
    value: ConstantValue,
): GenericValue {
    return { kind: "constant", constant: { name, type, value }, isPublic: false };
}

/** What a parameter is where nothing says otherwise. */
export function fallbackOf(parameter: GenericParameter): GenericValue | null {
    if (parameter.kind === "type") {
        return parameter.fallback === null ? null : { kind: "type", type: parameter.fallback, isPublic: false };
    }
    return parameter.fallback === null ? null : constantValue(parameter, parameter.fallback);
}

/** The value that was chosen for a kernel's parameter, whatever its instance says; null where there is none. */
export function chosenValue(
    ctx: BodyContext,
    parameter: GenericParameter,
    chosen: ChosenValues,
    span: Span,
): GenericValue | null {
    const value = chosen.get(parameter.name);
    if (value === undefined || parameter.kind === "type") return null;
    const found = constantArgument(ctx, literal(value, span), parameter.type);
    return found === null ? null : constantValue(parameter, found);
}

/** The module's scope with an instance's parameters in it. */
export function instanceScope(
    { module, parameters }: { readonly module: ModuleScope; readonly parameters: readonly GenericParameter[] },
    values: readonly GenericValue[],
): ModuleScope {
    if (parameters.length === 0) return module;
    const symbols = new Map<string, GlobalSymbol>(module.symbols);
    for (const [i, { name }] of parameters.entries()) symbols.set(name, values[i] as GenericValue);
    return { ...module, symbols };
}

/** A value as it stands in an instance's symbol. */
export function showValue(value: GenericValue): string {
    return value.kind === "type" ? value.type.name : String(value.constant.value);
}

/** Values in a sentence: "`T` = f16, `N` = 4". */
export function showValues(parameters: readonly GenericParameter[], values: readonly GenericValue[]): string {
    return parameters.map(({ name }, i) => `\`${name}\` = ${showValue(values[i] as GenericValue)}`).join(", ");
}

/** The first error of an instance, in terms of who asked for it. */
export function impossibleInstance(
    { item, parameters }: GenericItem,
    values: readonly GenericValue[],
    span: Diagnostic["span"],
    found: readonly Diagnostic[],
): Diagnostic[] {
    const error = found.find(({ severity }) => severity === "error");
    if (error === undefined) return [];
    const instance = `\`${item.name.text}\` with ${showValues(parameters, values)}`;
    const labels = [{ span: error.span, message: "here" }];
    return [diagnose(badInstance, span, { instance, message: error.message }, { labels, help: error.help })];
}

interface GenericItem {
    readonly item: { readonly name: ast.Name };
    readonly parameters: readonly GenericParameter[];
}

/** Constants that a definition is tried with: one of them must make sense. */
const SAMPLES = [1n, 2n, 3n, 4n, 8n, 16n, 32n, 64n, 256n];

/** Combinations of types that a definition is checked for. */
const MAX_COMBINATIONS = 64;

/**
 * What is wrong with a generic item whatever it is called with. `check` gives the diagnostics of one instance. Types are
 * all tried, and must all be right; of constants one must be.
 */
export function definitionProblems(
    parameters: readonly GenericParameter[],
    check: (values: readonly GenericValue[]) => readonly Diagnostic[],
): readonly Diagnostic[] {
    const isError = ({ severity }: Diagnostic) => severity === "error";
    let warnings: readonly Diagnostic[] | null = null;
    for (const types of typeCombinations(parameters)) {
        let first: readonly Diagnostic[] | null = null;
        for (const sample of SAMPLES) {
            const values = parameters.map((p) => types.get(p) ?? fallbackOf(p) ?? sampleOf(p, sample));
            const found = check(values);
            const named = parameters.map((p, i) => [p, values[i]] as const).filter(([{ kind }]) => kind === "type");
            const where = showValues(
                named.map(([p]) => p),
                named.map(([, value]) => value as GenericValue),
            );
            const open = named.find(([p]) => p.kind === "type" && p.bound === "scalar")?.[0].name;
            // A name that isn't there has nothing to do with the types.
            first ??= found.map((d) =>
                where === "" || d.code.startsWith("E02")
                    ? d
                    : {
                          ...d,
                          message: `${d.message}, where ${where}`,
                          ...(open !== undefined && {
                              help: d.help ?? `say which types \`${open}\` takes: \`${open}: Number\``,
                          }),
                      },
            );
            if (!found.some(isError)) {
                warnings ??= found;
                first = null;
                break;
            }
            if (parameters.every((p) => p.kind === "type" || p.fallback !== null)) break;
        }
        if (first !== null) return first;
    }
    return warnings ?? [];
}

function sampleOf(parameter: GenericParameter, sample: bigint): GenericValue {
    if (parameter.kind === "type") throw new Error("types are not sampled");
    return constantValue(parameter, isBool(parameter.type) ? sample % 2n === 0n : sample);
}

/** Every combination of the types that the bounds allow; where those are too many, each type once for each parameter. */
function* typeCombinations(
    parameters: readonly GenericParameter[],
): Iterable<ReadonlyMap<GenericParameter, GenericValue>> {
    const open = parameters.filter((parameter) => parameter.kind === "type");
    const count = open.reduce((product, { types }) => product * types.length, 1);
    const longest = Math.max(1, ...open.map(({ types }) => types.length));
    for (let i = 0; i < (count > MAX_COMBINATIONS ? longest : count); i++) {
        let rest = i;
        yield new Map(
            open.map((parameter) => {
                const { length } = parameter.types;
                const name = parameter.types[rest % length] as ScalarName;
                if (count <= MAX_COMBINATIONS) rest = Math.floor(rest / length);
                return [parameter, { kind: "type", type: scalar(name), isPublic: false }];
            }),
        );
    }
}
