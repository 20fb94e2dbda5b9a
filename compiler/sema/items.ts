// What a module's items declare, each for itself: functions, methods, constants, and the instances of what is generic,
// which are made once for each combination of values.

import { genericArguments, tooManyInstances } from "../diagnostics/catalogue/generics.js";
import { duplicate } from "../diagnostics/catalogue/names.js";
import { type Diagnostic, NOWHERE, type SourceFile, type Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import type { Target } from "../targets/targets.js";
import type { ConstantCalls } from "./constant-calls.js";
import type {
    BodyContext,
    Call,
    FunctionRecord,
    FunctionTemplate,
    GenericParameter,
    GenericValue,
    GlobalSymbol,
    KernelInstance,
    MethodSymbol,
    ModuleScope,
    Report,
    StructInstance,
    StructTemplate,
} from "./context.js";
import { arrayOrScalar, checkConstant } from "./declarations.js";
import { structureType } from "./generic-structures.js";
import { chosenValue, explicitValues, fallbackOf, genericParameters, instanceScope, showValue } from "./generics.js";
import { isValue, VOID } from "./scalars.js";
import { Scope } from "./scope.js";
import { type ConstantOf, checkParams } from "./signatures.js";
import type { ChosenValues } from "./specialise.js";
import { extentParameters } from "./tile-functions.js";
import { typesOf } from "./type-names.js";
import type { StructType } from "./types.js";

/** Instances of generic functions in one compile. */
const MAX_INSTANCES = 4096;

/** What a function is a method of. `owner` stands before its name in symbols. */
interface MethodOwner {
    readonly owner: string;
    /** Of a generic structure. */
    readonly instance: NonNullable<StructType["instance"]> | null;
}

const NO_OWNER: MethodOwner = { owner: "", instance: null };

/** The items of all modules of one compile. */
export abstract class Items {
    private instances = 0;
    /** In constants and signatures of all modules. */
    readonly calls: Call[] = [];
    /** Of the program as a whole. */
    readonly problems: Diagnostic[] = [];
    /** Of each file that was read, in source order. */
    readonly itemsOf = new Map<SourceFile, readonly ast.Item[]>();

    constructor(
        readonly target: Target,
        readonly constantCalls: ConstantCalls | null,
    ) {}

    /** What a module of the standard library declares. */
    abstract library(module: string, name: string, importer: SourceFile): GlobalSymbol | undefined;

    /** `of`: a method's structure. */
    protected declareFunction(
        item: ast.FunctionItem,
        scope: ModuleScope,
        report: Report,
        of: MethodOwner = NO_OWNER,
    ): MethodSymbol {
        const { isPublic } = item;
        if (item.generics.length === 0) {
            if (of.instance === null) {
                return { kind: "function", record: this.functionRecord(item, scope, report, null, of.owner), isPublic };
            }
            const problems: Diagnostic[] = [];
            const record = this.functionRecord(item, scope, (d) => problems.push(d), null, of.owner);
            return { kind: "function", record: { ...record, instance: of.instance, problems }, isPublic };
        }
        const structure = of.instance?.template ?? null;
        const template = {
            ...this.generics(item, scope, report),
            item,
            owner: of.owner,
            structure,
            instances: new Map(),
        };
        return { kind: "generic", template, isPublic };
    }

    /** A function that takes or gives tiles. */
    protected tileFunction(item: ast.FunctionItem, scope: ModuleScope, report: Report): GlobalSymbol {
        const { parameters, ...rest } = this.generics(item, scope, report);
        const all = [...parameters, ...extentParameters(item, scope)];
        const template = { ...rest, item, parameters: all, wrong: false };
        return { kind: "tile-function", template, isPublic: item.isPublic };
    }

    protected declareMethods(
        item: ast.StructItem,
        scope: ModuleScope,
        report: Report,
        of: MethodOwner,
    ): Map<string, MethodSymbol> {
        const methods = new Map<string, MethodSymbol>();
        for (const method of item.methods) {
            const { text: name, span } = method.name;
            if (methods.has(name) || item.fields.some((field) => field.name.text === name)) {
                report(diagnose(duplicate, span, { name, what: `a field or method of \`${item.name.text}\`` }));
            } else methods.set(name, this.declareFunction(method, scope, report, of));
        }
        return methods;
    }

    /** The instance of a generic structure for these values; null where there are too many, which is reported once. */
    structure(template: StructTemplate, values: readonly GenericValue[], span: Span): StructInstance | null {
        const suffix = values.map(showValue).join("$");
        const known = template.instances.get(suffix);
        if (known !== undefined) return known;
        if (!this.mayInstantiate(span)) return null;
        const { item } = template;
        const problems: Diagnostic[] = [];
        const ctx = this.outside(instanceScope(template, values), (diagnostic) => problems.push(diagnostic));
        const instance = { template, values };
        const type = structureType(ctx, instance, () => {
            // Later, as methods may name what isn't known yet when the structure is.
            const of = { owner: `${item.name.text}$${suffix}.`, instance };
            return this.declareMethods(item, instanceScope(template, values), ctx.report, of);
        });
        const made = { type, problems };
        template.instances.set(suffix, made);
        return made;
    }

    private mayInstantiate(span: Span): boolean {
        if (this.instances === MAX_INSTANCES) {
            if (this.problems.length === 0) {
                this.problems.push(diagnose(tooManyInstances, span, { limit: MAX_INSTANCES }));
            }
            return false;
        }
        this.instances++;
        return true;
    }

    protected generics(item: ast.FunctionItem | ast.KernelItem, module: ModuleScope, report: Report) {
        const parameters = item.broken ? null : genericParameters(item.generics, this.outside(module, report));
        return { module, parameters: parameters ?? [], broken: parameters === null };
    }

    /** A kernel without generic parameters, or with values for all: it is emitted under its own name. */
    protected defaultInstance(
        symbol: GlobalSymbol | undefined,
        chosen: ChosenValues,
        scope: ModuleScope,
        report: Report,
    ): KernelInstance | null {
        if (symbol?.kind !== "kernel" || symbol.template.broken) return null;
        const { template } = symbol;
        const ctx = this.outside(scope, report);
        const values = template.parameters.map((each) => chosenValue(ctx, each, chosen, NOWHERE) ?? fallbackOf(each));
        if (values.includes(null)) return null;
        return { template, values: values as GenericValue[], head: template.item };
    }

    /** The instance that a declaration asks for; null where it was reported. */
    protected kernelInstance(
        item: ast.InstanceItem,
        chosen: ChosenValues,
        scope: ModuleScope,
        report: Report,
    ): KernelInstance | null {
        const { text: name, span } = item.kernel;
        const symbol = scope.symbols.get(name);
        if (symbol?.kind === "broken") return null;
        if (symbol?.kind !== "kernel") {
            const what = `\`${name}\` is no kernel of this module`;
            const similar = nearest(
                name,
                scope.kernels.map((kernel) => kernel.item.name.text),
            );
            const help =
                similar === undefined ? "an instance is made of a generic kernel" : `did you mean \`${similar}\`?`;
            report(diagnose(genericArguments, span, { what, help }));
            return null;
        }
        const { template } = symbol;
        if (template.broken) return null;
        const ctx = this.outside(scope, report);
        const given = explicitValues(ctx, name, template.parameters, item.args);
        const values = given?.map((value, i) => {
            const parameter = template.parameters[i] as GenericParameter;
            return chosenValue(ctx, parameter, chosen, item.name.span) ?? value ?? fallbackOf(parameter);
        });
        if (values === undefined) return null;
        const missing = template.parameters.find((_, i) => values[i] === null);
        if (missing !== undefined) {
            const what = `nothing says what \`${missing.name}\` of \`${name}\` is`;
            report(diagnose(genericArguments, item.name.span, { what, help: "write it between `<` and `>`" }));
            return null;
        }
        const head = { name: item.name, doc: item.doc === "" ? template.item.doc : item.doc };
        return { template, values: values as GenericValue[], head };
    }

    /** The instance of a generic function for these values; null where there are too many, which is reported once. */
    instantiate(template: FunctionTemplate, values: readonly GenericValue[], span: Span): FunctionRecord | null {
        const suffix = values.map(showValue).join("$");
        const known = template.instances.get(suffix);
        if (known !== undefined) return known;
        if (!this.mayInstantiate(span)) return null;
        const problems: Diagnostic[] = [];
        const scope = instanceScope(template, values);
        const record: FunctionRecord = {
            ...this.functionRecord(template.item, scope, (d) => problems.push(d), suffix, template.owner),
            instance: { template, values },
            problems,
        };
        template.instances.set(suffix, record);
        return record;
    }

    /** Where constants and types stand outside of all bodies. */
    protected outside(module: ModuleScope, report: Report): BodyContext {
        return {
            module,
            target: this.target,
            owner: { kind: "constant" },
            scope: new Scope(),
            result: VOID,
            report,
            calls: this.calls,
            barriers: [],
            verdict: { isRight: true },
            constantCalls: this.constantCalls,
            library: (name, fn) => this.library(name, fn, module.source),
            instantiate: (template, values, span) => this.instantiate(template, values, span),
            structure: (template, values, span) => this.structure(template, values, span),
            tileDepths: new Map(),
            expansion: null,
            unknown: new Map(),
            loops: 0,
        };
    }

    protected constant(item: ast.ConstantItem, scope: ModuleScope, report: Report): GlobalSymbol {
        if (item.broken) return { kind: "broken" };
        const ctx = this.outside(scope, report);
        const constant = checkConstant(ctx, item.name.text, item.type, item.value);
        return constant === null ? { kind: "broken" } : { kind: "constant", constant, isPublic: item.isPublic };
    }

    /** `suffix` tells instances of one generic function apart. */
    private functionRecord(
        item: ast.FunctionItem,
        module: ModuleScope,
        report: Report,
        suffix: string | null = null,
        owner = "",
    ): FunctionRecord {
        const reported: Diagnostic[] = [];
        const collect: Report = (diagnostic) => reported.push(diagnostic);
        const outside = this.outside(module, collect);
        const types = typesOf(outside);
        const { params, dims } = checkParams(item.params, constantsOf(module), types, collect);
        const result = item.result === null ? VOID : arrayOrScalar(outside, item.result);
        if (!item.broken) for (const diagnostic of reported) report(diagnostic);
        const { text: name, span } = item.name;
        return {
            item,
            module,
            instance: null,
            problems: [],
            fn: {
                symbol: `${module.prefix}${owner}${name}${suffix === null ? "" : `$${suffix}`}`,
                name,
                span,
                params,
                dims,
                result: isValue(result) ? result : VOID,
                options: {},
                meets: null,
                body: { span: item.body.span, statements: [], value: null },
            },
            broken: item.broken || reported.length > 0,
            checked: null,
        };
    }
}

/** The integer constants of a module, as extents see them. */
export function constantsOf(module: ModuleScope): ConstantOf {
    return (name) => {
        const symbol = module.symbols.get(name);
        if (symbol?.kind !== "constant") return undefined;
        const { value } = symbol.constant;
        return typeof value === "bigint" ? value : undefined;
    };
}
