// Generic structures: each instance is a type of its own, made once for the values of its parameters. Its fields are
// resolved in a scope that has these values; that they are right for whatever the bounds allow is found where the
// structure is declared.

import { genericArguments } from "../diagnostics/catalogue/generics.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext, GenericParameter, GenericValue, ModuleScope, StructTemplate } from "./context.js";
import {
    definitionProblems,
    explicitValues,
    fallbackOf,
    genericParameters,
    impossibleInstance,
    showValue,
} from "./generics.js";
import { ERROR } from "./scalars.js";
import { structFields } from "./structures.js";
import type { StructType, Type } from "./types.js";

/** Null where the declaration has a mistake, which was reported. */
export function declareTemplate(item: ast.StructItem, module: ModuleScope, ctx: BodyContext): StructTemplate | null {
    const parameters = genericParameters(item.generics, ctx);
    if (parameters === null) return null;
    const template: StructTemplate = { item, module, parameters, instances: new Map() };
    const { span } = item.name;
    const found = definitionProblems(parameters, (values) => ctx.structure(template, values, span)?.problems ?? []);
    for (const diagnostic of found) ctx.report(diagnostic);
    if (found.some(({ severity }) => severity === "error")) return null;
    return [...template.instances.values()].some(({ type }) => type !== null) ? template : null;
}

/** The type that an instance is; null where its fields are impossible. `methods` is asked when somebody needs them. */
export function structureType(
    ctx: BodyContext,
    instance: NonNullable<StructType["instance"]>,
    methods: () => StructType["methods"],
): StructType | null {
    const { item, module } = instance.template;
    const name = `${item.name.text}<${instance.values.map(showValue).join(", ")}>`;
    const fields = structFields(item, name, ctx);
    if (fields === null) return null;
    let declared: StructType["methods"] | null = null;
    return {
        kind: "struct",
        name,
        fields,
        get methods() {
            declared ??= methods();
            return declared;
        },
        instance,
        id: `${module.prefix}${name}`,
    };
}

/** `Pair<f32>` where a type stands: all parameters are written, or have defaults. */
export function appliedStructure(ctx: BodyContext, { name, args }: Applied): Type | undefined {
    const symbol = ctx.module.symbols.get(name.text);
    if (symbol?.kind !== "structure") return undefined;
    const { parameters } = symbol.template;
    const given = explicitValues(ctx, name.text, parameters, args ?? []);
    if (given === null) return ERROR;
    const values = parameters.map((parameter, i) => given[i] ?? fallbackOf(parameter));
    const missing = parameters.find((_, i) => values[i] === null);
    if (missing !== undefined) {
        const what = `nothing says what \`${missing.name}\` of \`${name.text}\` is`;
        const help = `write \`${name.text}<${parameters.map(exampleOf).join(", ")}>\``;
        ctx.report(diagnose(genericArguments, name.span, { what, help }));
        return ERROR;
    }
    return structureAt(ctx, symbol.template, values as GenericValue[], name.span) ?? ERROR;
}

interface Applied {
    readonly name: ast.Name;
    readonly args: readonly ast.Argument[] | null;
}

function exampleOf(parameter: GenericParameter): string {
    if (parameter.kind === "const") return "4";
    return parameter.types.includes("f32") ? "f32" : "i32";
}

/** The instance that a place asks for; null where there is none, which was reported. */
export function structureAt(
    ctx: BodyContext,
    template: StructTemplate,
    values: readonly GenericValue[],
    span: Span,
): StructType | null {
    const made = ctx.structure(template, values, span);
    if (made === null) return null;
    if (made.type === null) {
        for (const each of impossibleInstance(template, values, span, made.problems)) ctx.report(each);
    }
    return made.type;
}
