// A module for chosen values: constants and constant parameters of kernels take other values, and dimensions become
// constants. It is done to the syntax tree, before anything is checked, so that all that is said of a value that stands in
// the source holds for one that is given: a dimension becomes a constant parameter of each kernel that names it.

import { badSpecialisation } from "../diagnostics/catalogue/codegen.js";
import { NOWHERE, type Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import type { Report } from "./context.js";

/** What to compile a module for, by names; see `specialise`. */
export interface Specialisation {
    /** Values of the module's constants, and of the constant parameters of its kernels, imported ones and instances among them. */
    readonly const?: Readonly<Record<string, number | bigint | boolean>>;
    /** Extents of dimensions, in all of its kernels: a launch with others is refused. */
    readonly dims?: Readonly<Record<string, number>>;
}

/** Values of constants, by name. */
export type ChosenValues = ReadonlyMap<string, number | bigint | boolean>;

/**
 * The module with these values in it, and the values of constants, which instances and `imported` kernels take where they are
 * instantiated. A name that neither has is reported.
 */
export function specialise(
    module: ast.Module,
    imported: readonly ast.KernelItem[],
    specialisation: Specialisation,
    report: Report,
): { readonly module: ast.Module; readonly values: ChosenValues } {
    const constants = Object.entries(specialisation.const ?? {});
    const dims = Object.entries(specialisation.dims ?? {});
    const values = new Map<string, number | bigint | boolean>();
    if (constants.length + dims.length === 0) return { module, values };
    const refuse = (what: string, name = "", known: Iterable<string> = []) =>
        report(diagnose(badSpecialisation, NOWHERE, { what, similar: nearest(name, known) ?? null }));
    const kernels = module.items.filter((item) => item.kind === "kernel");
    const knownConstants = new Set([
        ...module.items.flatMap((item) => (item.kind === "constant" ? [item.name.text] : [])),
        ...[...kernels, ...imported].flatMap(({ generics }) =>
            generics.flatMap((each) => (each.kind === "const" ? [each.name.text] : [])),
        ),
    ]);
    for (const [name, value] of constants) {
        if (!knownConstants.has(name)) {
            refuse(`no constant and no constant parameter of a kernel is named \`${name}\``, name, knownConstants);
        } else if (typeof value === "number" && !Number.isFinite(value)) {
            refuse(`the constant \`${name}\` is a finite number, not ${value}`);
        } else values.set(name, value);
    }
    const knownDims = new Set(kernels.flatMap((kernel) => [...dimensionsOf(kernel)]));
    const extents = new Map<string, number>();
    for (const [name, value] of dims) {
        if (!knownDims.has(name)) {
            refuse(`no kernel of the module has a dimension \`${name}\``, name, knownDims);
        } else if (!Number.isSafeInteger(value) || value < 0) {
            refuse(`the dimension \`${name}\` is an integer from 0, not ${value}`);
        } else extents.set(name, value);
    }
    const items = module.items.map((item): ast.Item => {
        if (item.kind === "constant") {
            const value = values.get(item.name.text);
            return value === undefined ? item : { ...item, value: literal(value, item.value.span) };
        }
        return item.kind === "kernel" ? specialiseKernel(item, values, extents) : item;
    });
    return { module: { ...module, items }, values };
}

function specialiseKernel(
    kernel: ast.KernelItem,
    values: ChosenValues,
    extents: ReadonlyMap<string, number>,
): ast.KernelItem {
    const generics = kernel.generics.map((param): ast.GenericParam => {
        const value = param.kind === "const" ? values.get(param.name.text) : undefined;
        return value === undefined ? param : { ...param, fallback: literal(value, param.span) };
    });
    const { span } = kernel.name;
    const named = dimensionsOf(kernel);
    const dims = [...extents].flatMap(([name, extent]): ast.GenericParam[] =>
        named.has(name)
            ? [
                  {
                      kind: "const",
                      type: null,
                      choices: [],
                      span,
                      name: { text: name, span },
                      fallback: literal(extent, span),
                  },
              ]
            : [],
    );
    return { ...kernel, generics: [...generics, ...dims] };
}

/** The names in extents that are neither parameters nor constants of the kernel. */
function dimensionsOf({ params, launch, generics }: ast.KernelItem): ReadonlySet<string> {
    const taken = new Set([...params, ...generics].map(({ name }) => name.text));
    const names = new Set<string>();
    const visit = (expr: ast.Expr): void => {
        if (expr.kind === "name" && !taken.has(expr.text)) names.add(expr.text);
        if (expr.kind === "binary") {
            visit(expr.left);
            visit(expr.right);
        }
    };
    for (const { type } of params) for (const extent of type.extents ?? []) visit(extent);
    const sizes = launch.kind === "over" ? launch.domain.map(({ extent }) => extent) : launch.groups;
    for (const size of sizes) visit(size);
    return names;
}

/** A value as it could stand in the source. */
export function literal(value: number | bigint | boolean, span: Span): ast.Expr {
    if (typeof value === "boolean") return { kind: "bool", span, height: 1, value };
    if (value < 0 || Object.is(value, -0)) {
        return { kind: "unary", span, height: 2, op: "-", operand: literal(-value, span) };
    }
    if (typeof value === "bigint" || Number.isInteger(value)) {
        return { kind: "integer", span, height: 1, value: BigInt(value) };
    }
    return { kind: "float", span, height: 1, value };
}
