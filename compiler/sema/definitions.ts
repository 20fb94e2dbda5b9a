// Generic items where they are defined, and what goes wrong in their instances: said once at the definition if it is
// wrong there, else at the call or the declaration that asks for the instance.

import { badInstance } from "../diagnostics/catalogue/generics.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { checkFunction, checkKernel } from "./bodies.js";
import type {
    Call,
    FunctionRecord,
    FunctionTemplate,
    GenericParameter,
    GenericValue,
    KernelInstance,
    KernelTemplate,
    ModuleScope,
} from "./context.js";
import { definitionProblems, showValues } from "./generics.js";
import { hasErrors, type Modules } from "./modules.js";

export interface Definitions {
    readonly diagnostics: readonly Diagnostic[];
    /** Items whose mistakes are reported at their definition. */
    readonly wrong: ReadonlySet<FunctionTemplate | KernelTemplate>;
    /** An instance of each generic function, so that what it calls is judged though nobody calls it. */
    readonly samples: readonly Call[];
}

export function checkDefinitions(root: ModuleScope, modules: Modules): Definitions {
    const diagnostics: Diagnostic[] = [];
    const wrong = new Set<FunctionTemplate | KernelTemplate>();
    const samples: Call[] = [];
    const judge = (template: FunctionTemplate | KernelTemplate, found: readonly Diagnostic[]) => {
        diagnostics.push(...found);
        if (hasErrors(found)) wrong.add(template);
    };
    for (const template of root.templates) {
        if (template.broken) continue;
        const { span } = template.item.name;
        let right: FunctionRecord | null = null;
        const found = definitionProblems(template.parameters, (values) => {
            const record = modules.instantiate(template, values, span);
            if (record === null) return [];
            const problems = checkFunction(record, modules).diagnostics;
            if (!hasErrors(problems)) right ??= record;
            return problems;
        });
        judge(template, found);
        if (right !== null) samples.push({ callee: right, span });
    }
    for (const template of root.kernels) {
        if (template.parameters.length === 0) continue;
        const { item } = template;
        const found = definitionProblems(
            template.parameters,
            (values) => checkKernel({ template, values, head: item }, modules).diagnostics,
        );
        judge(template, found);
    }
    return { diagnostics, wrong, samples };
}

/** What to report of a kernel that code is made for. */
export function ofKernel(
    { template, values, head }: KernelInstance,
    found: readonly Diagnostic[],
    { wrong }: Definitions,
): readonly Diagnostic[] {
    if (template.parameters.length === 0) return found;
    return wrong.has(template) ? [] : atInstance(template, values, head.name.span, found);
}

/** What to report of a function; for an instance, at the first call of it. */
export function ofFunction(
    record: FunctionRecord,
    found: readonly Diagnostic[],
    calls: readonly Call[],
    { wrong }: Definitions,
): readonly Diagnostic[] {
    if (record.instance === null) return found;
    const { template, values } = record.instance;
    if (wrong.has(template) || !hasErrors(found)) return [];
    const call = calls.find(({ callee }) => callee === record);
    return atInstance(template, values, call?.span ?? record.fn.span, found);
}

/** The first error of an instance, in terms of who asked for it. */
function atInstance(
    {
        item,
        parameters,
    }: { readonly item: { readonly name: { text: string } }; parameters: readonly GenericParameter[] },
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
