// Checks the bodies of kernels and functions: sets up what is visible in them, and reports what is not used.

import { kernelParameter } from "../diagnostics/catalogue/functions.js";
import { needsGroups } from "../diagnostics/catalogue/kernels.js";
import { unusedVariable } from "../diagnostics/catalogue/names.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import { codeOptions } from "./attributes.js";
import type {
    BodyContext,
    Call,
    FunctionRecord,
    GenericParameter,
    GenericValue,
    KernelInstance,
    ModuleScope,
    Owner,
    Report,
    TileFunction,
} from "./context.js";
import { constantInteger } from "./declarations.js";
import { instanceScope } from "./generics.js";
import { constantsOf } from "./items.js";
import { hasErrors, type Modules } from "./modules.js";
import type { Expr, Kernel, Launch, Local, Tunable } from "./program.js";
import { reach } from "./reach.js";
import { isValue, VOID } from "./scalars.js";
import { type LocalRole, Scope } from "./scope.js";
import { checkLaunch, checkParams } from "./signatures.js";
import { checkBody, statementBlock } from "./statements.js";
import { bodyContext, expand, parameterOf } from "./tile-functions.js";
import { domainVariable, workgroupFor } from "./tile-launch.js";
import { typesOf } from "./type-names.js";
import type { DimExpr, ValueType, VoidType } from "./types.js";
import { checkBarriers } from "./uniformity.js";

export interface CheckedKernel {
    /** Null where its signature or launch clause has a mistake. */
    readonly kernel: Kernel | null;
    readonly calls: readonly Call[];
    readonly diagnostics: readonly Diagnostic[];
}

export function checkKernel(instance: KernelInstance, modules: Modules): CheckedKernel {
    const { template, values, head } = instance;
    const { item } = template;
    const module = instanceScope(template, values);
    const diagnostics: Diagnostic[] = [];
    const report = (diagnostic: Diagnostic) => diagnostics.push(diagnostic);
    const constants = constantsOf(module);
    const outside = makeContext(module, modules, { kind: "constant" }, VOID, diagnostics);
    const signature = checkParams(item.params, constants, typesOf(outside), report);
    for (const { isShared, span } of item.params) {
        if (!isShared) continue;
        const help = "declare it in the body: `shared name: type[extent]`";
        report(diagnose(kernelParameter, span, { what: "a kernel has no `shared` parameters", help }));
    }
    declareDims(outside, signature.dims);
    declareLocals(outside, signature.params, "parameter");
    const options = codeOptions(outside, item.attributes, "a kernel", item.isMatrix);
    const waveSize = options.wave ?? modules.target.waveSize;
    const inHead: BodyContext = { ...outside, owner: { kind: "constant", waveSize } };
    const size = (expr: ast.Expr, what: string) => constantInteger(inHead, expr, what);
    const tile = item.isMatrix
        ? (variable: ast.DomainVariable, extent: DimExpr) => domainVariable(inHead, variable, extent)
        : null;
    const checked = checkLaunch(item.launch, signature, constants, size, tile, report);
    if (checked === null) return { kernel: null, calls: outside.calls, diagnostics };

    const { launch, dims } = checked;
    const variables = launch.kind === "groups" ? [] : launch.domain.map(({ variable }) => variable);
    const owner = ownerOf(launch, variables, waveSize);
    const ctx = makeContext(module, modules, owner, VOID, diagnostics);
    declareDims(ctx, dims);
    declareLocals(ctx, signature.params, "parameter");
    ctx.scope.enter();
    declareLocals(ctx, variables, "domain variable");
    const body = statementBlock(ctx, item.body);
    if (!hasErrors(diagnostics)) {
        reportUnused(ctx);
        checkCallees(ctx.calls, modules);
        if (owner.kind !== "groups") for (const { callee, span } of ctx.calls) refuseMeeting(callee, span, report);
        else for (const diagnostic of checkBarriers(body)) report(diagnostic);
    }
    const { text: name, span } = head.name;
    const sized =
        launch.kind === "tiles" ? { ...launch, workgroup: workgroupFor(body, modules.target, waveSize) } : launch;
    const tune = tunables(template.parameters, values);
    const { params } = signature;
    const kernel: Kernel = { name, options, doc: head.doc, span, params, dims, launch: sized, tune, body };
    return { kernel, calls: [...outside.calls, ...ctx.calls], diagnostics };
}

/** What tuning can set: a specialisation's values reach kernels and their instances alike. */
function tunables(parameters: readonly GenericParameter[], values: readonly GenericValue[]): readonly Tunable[] {
    return parameters.flatMap((parameter, at) => {
        const value = values[at];
        if (parameter.kind === "type" || parameter.choices.length === 0 || value?.kind !== "constant") return [];
        return [{ name: parameter.name, choices: parameter.choices.map(Number), value: Number(value.constant.value) }];
    });
}

function ownerOf(launch: Launch, variables: readonly Local[], waveSize: number): Owner {
    if (launch.kind === "over") return { kind: "over", variables, waveSize };
    if (launch.kind === "tiles") return { kind: "matrix", waveSize };
    return { kind: "groups", rank: launch.groups.length, waveSize };
}

/** Work-items of an `over` kernel don't meet, in functions no more than in the kernel. */
function refuseMeeting({ fn }: FunctionRecord, span: Call["span"], report: Report): void {
    if (fn.meets) report(diagnose(needsGroups, span, { what: `\`${fn.name}\`, which has a barrier,` }));
}

/** Whether a barrier is behind a call shows in the functions' bodies: finds it out for all that are called. */
function checkCallees(calls: readonly Call[], modules: Modules): void {
    const unseen = calls.filter(({ callee }) => callee.fn.meets === null);
    if (unseen.length === 0) return;
    const callsOf = (record: FunctionRecord) => (record.fn.meets === null ? checkFunction(record, modules).calls : []);
    // Callees come before callers; what calls itself is refused.
    for (const record of reach(unseen, callsOf).functions) {
        const { barriers, calls: further } = checkFunction(record, modules);
        record.fn.meets ??= barriers.length > 0 || further.some(({ callee }) => callee.fn.meets);
    }
}

/** Checks a function's body once; the record keeps what was found. */
export function checkFunction(record: FunctionRecord, modules: Modules): NonNullable<FunctionRecord["checked"]> {
    if (record.checked !== null) return record.checked;
    const diagnostics: Diagnostic[] = [...record.problems];
    const { fn, item, module } = record;
    const ctx = makeContext(module, modules, { kind: "function" }, fn.result, diagnostics);
    record.checked = { calls: ctx.calls, barriers: ctx.barriers, diagnostics, isRight: false };
    if (record.broken) return record.checked;
    fn.options = codeOptions(ctx, item.attributes, "a function");
    declareDims(ctx, fn.dims);
    declareLocals(ctx, fn.params, "parameter");
    ctx.scope.enter();
    fn.body = checkBody(ctx, item.body, item.name);
    if (!hasErrors(diagnostics)) reportUnused(ctx, fn.params);
    record.checked.isRight = ctx.verdict.isRight && !hasErrors(diagnostics);
    return record.checked;
}

/** What is wrong with a function of tiles for these values of its parameters, by itself. */
export function checkTileFunction(
    template: TileFunction,
    values: readonly GenericValue[],
    modules: Modules,
): readonly Diagnostic[] {
    const diagnostics: Diagnostic[] = [];
    const { item, module } = template;
    const owner: Owner = { kind: "matrix", waveSize: modules.target.waveSize };
    const ctx = makeContext(module, modules, owner, VOID, diagnostics);
    const inner = bodyContext(ctx, template, values, ctx.report);
    const args = item.params.map((param): Expr => {
        const type = parameterOf(inner, param);
        const local: Local = { name: param.name.text, type, mutable: false, space: "private", span: param.span };
        return { kind: "local", span: param.span, type, local };
    });
    if (args.some(({ type }) => type.kind === "error")) return diagnostics;
    expand(inner, template, args, item.name.span);
    if (!hasErrors(diagnostics)) reportUnused(inner);
    return diagnostics;
}

function makeContext(
    module: ModuleScope,
    modules: Modules,
    owner: Owner,
    result: ValueType | VoidType,
    diagnostics: Diagnostic[],
): BodyContext {
    const report: Report = (diagnostic) => diagnostics.push(diagnostic);
    return {
        module,
        target: modules.target,
        owner,
        scope: new Scope(),
        result,
        report,
        calls: [],
        barriers: [],
        verdict: { isRight: true },
        constantCalls: modules.constantCalls,
        instantiate: (template, values, span) => modules.instantiate(template, values, span),
        structure: (template, values, span) => modules.structure(template, values, span),
        library: (name, fn) => modules.library(name, fn, module.source),
        tileDepths: new Map(),
        expansion: null,
        unknown: new Map(),
        loops: 0,
    };
}

function declareDims(ctx: BodyContext, dims: readonly string[]): void {
    for (const name of dims) ctx.scope.declare(name, { kind: "dim", name });
}

function declareLocals(ctx: BodyContext, locals: readonly Local[], what: LocalRole): void {
    for (const local of locals) {
        if (local.type.kind === "error") ctx.scope.declare(local.name, { kind: "broken" });
        else ctx.scope.declare(local.name, { kind: "local", local, what, read: false });
    }
}

/** Only for a body without errors: the missing use may be among them. A view may be there for its extents. */
function reportUnused(ctx: BodyContext, params: readonly Local[] = []): void {
    for (const { name, span, type } of params) {
        const symbol = ctx.scope.find(name);
        const isUnread = symbol?.kind === "local" && !symbol.read && isValue(type);
        if (isUnread && name !== "self" && !name.startsWith("_")) ctx.report(diagnose(unusedVariable, span, { name }));
    }
    for (const { name, span, symbol } of ctx.scope.declared) {
        if (!symbol.read && !name.startsWith("_")) ctx.report(diagnose(unusedVariable, span, { name }));
    }
}
