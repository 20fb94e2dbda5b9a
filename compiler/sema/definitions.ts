// Generic items where they are defined, and what goes wrong in their instances: said once at the definition if it is
// wrong there, else at the call or the declaration that asks for the instance.

import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Name } from "../syntax/ast.js";
import { checkFunction, checkKernel, checkTileFunction } from "./bodies.js";
import type {
    Call,
    FunctionRecord,
    FunctionTemplate,
    KernelInstance,
    KernelTemplate,
    MethodSymbol,
    ModuleScope,
    StructTemplate,
} from "./context.js";
import { definitionProblems, impossibleInstance } from "./generics.js";
import { hasErrors, type Modules } from "./modules.js";

type Template = FunctionTemplate | KernelTemplate | StructTemplate;

export interface Definitions {
    readonly diagnostics: readonly Diagnostic[];
    /** Items whose mistakes are reported at their definition. */
    readonly wrong: ReadonlySet<Template>;
    /** An instance of each generic function, so that what it calls is judged though nobody calls it. */
    readonly samples: readonly Call[];
}

export function checkDefinitions(root: ModuleScope, modules: Modules): Definitions {
    const diagnostics: Diagnostic[] = [];
    const wrong = new Set<Template>();
    const samples: Call[] = [];
    const judge = (template: Template, found: readonly Diagnostic[]) => {
        diagnostics.push(...found);
        if (hasErrors(found)) wrong.add(template);
    };
    /** The first instance of each that is right goes into `right`. */
    const ofTemplate = (template: FunctionTemplate, right: FunctionRecord[]) => {
        let found: FunctionRecord | null = null;
        const problems = definitionProblems(template.parameters, (values) => {
            const record = modules.instantiate(template, values, template.item.name.span);
            if (record === null) return [];
            const { diagnostics } = checkFunction(record, modules);
            if (!hasErrors(diagnostics)) found ??= record;
            return diagnostics;
        });
        if (found !== null) right.push(found);
        return problems;
    };
    const ofMethod = (method: MethodSymbol, right: FunctionRecord[]) => {
        if (method.kind === "generic") return method.template.broken ? [] : ofTemplate(method.template, right);
        right.push(method.record);
        return checkFunction(method.record, modules).diagnostics;
    };
    const sample = (records: readonly FunctionRecord[], { span }: Name) => {
        for (const callee of records) samples.push({ callee, span });
    };
    for (const template of root.templates) {
        if (template.broken) continue;
        const right: FunctionRecord[] = [];
        judge(template, ofTemplate(template, right));
        sample(right, template.item.name);
    }
    for (const template of root.tileFunctions) {
        if (template.broken) continue;
        const { parameters } = template;
        const found = definitionProblems(parameters, (values) => checkTileFunction(template, values, modules));
        diagnostics.push(...found);
        template.wrong = hasErrors(found);
    }
    for (const template of root.structures) {
        const { name } = template.item;
        let right: readonly FunctionRecord[] | null = null;
        const found = definitionProblems(template.parameters, (values) => {
            const instance = modules.structure(template, values, name.span);
            const records: FunctionRecord[] = [];
            const ofMethods = [...(instance?.type?.methods.values() ?? [])].flatMap((each) => ofMethod(each, records));
            const problems = [...(instance?.problems ?? []), ...ofMethods];
            if (!hasErrors(problems)) right ??= records;
            return problems;
        });
        judge(template, found);
        sample(right ?? [], name);
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
    return wrong.has(template) ? [] : impossibleInstance(template, values, head.name.span, found);
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
    const isWrong =
        wrong.has(template) ||
        ("structure" in template && template.structure !== null && wrong.has(template.structure));
    if (isWrong || !hasErrors(found)) return [];
    const call = calls.find(({ callee }) => callee === record);
    return impossibleInstance(template, values, call?.span ?? record.fn.span, found);
}
