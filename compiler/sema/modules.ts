// Modules: their imports, constants and signatures. Modules of the standard library are kept for the whole process,
// by their text, with the bodies checked so far: most compiles use the same few functions.

import {
    brokenModule,
    duplicate,
    importCycle,
    notInModule,
    notPublic,
    unknownModule,
} from "../diagnostics/catalogue/names.js";
import type { Diagnostic, SourceFile } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type { ModuleLoader } from "../driver.js";
import type * as ast from "../syntax/ast.js";
import { parse } from "../syntax/parse.js";
import { BUILTINS, MATH_MODULE } from "./builtins.js";
import type { BodyContext, FunctionRecord, GlobalSymbol, ModuleScope, Report } from "./context.js";
import { checkConstant } from "./declarations.js";
import { VOID } from "./scalars.js";
import { Scope } from "./scope.js";
import { type ConstantOf, checkParams } from "./signatures.js";
import { nearest } from "./suggestions.js";
import { scalarType } from "./type-names.js";

const STANDARD = /^std\./;

/** By name: the last text that was loaded under it. */
const standardModules = new Map<string, { readonly text: string; readonly scope: ModuleScope }>();

/** The modules of one compile. */
export class Modules {
    private readonly loaded = new Map<string, ModuleScope>();
    private readonly loading = new Set<string>();

    constructor(private readonly load: ModuleLoader) {}

    root(source: SourceFile): ModuleScope {
        return this.build(source, "");
    }

    /** A function of the standard library that realises a built-in. */
    library(module: string, name: string, importer: SourceFile): FunctionRecord | null {
        const found = this.find(module, importer);
        const symbol = typeof found === "string" ? undefined : found.symbols.get(name);
        return symbol?.kind === "function" ? symbol.record : null;
    }

    private find(name: string, importer: SourceFile): ModuleScope | "unknown" | "cycle" {
        const known = this.loaded.get(name);
        if (known !== undefined) return known;
        if (this.loading.has(name)) return "cycle";
        const source = this.load(name, importer);
        if (source === undefined) return "unknown";
        const kept = standardModules.get(name);
        const scope = kept?.text === source.text ? kept.scope : this.read(name, source);
        this.loaded.set(name, scope);
        return scope;
    }

    private read(name: string, source: SourceFile): ModuleScope {
        this.loading.add(name);
        const scope = this.build(source, `${name}.`);
        this.loading.delete(name);
        if (STANDARD.test(name) && scope.imports === 0) standardModules.set(name, { text: source.text, scope });
        return scope;
    }

    private build(source: SourceFile, prefix: string): ModuleScope {
        const { module, diagnostics: ofText } = parse(source);
        const diagnostics: Diagnostic[] = [...ofText];
        const report: Report = (diagnostic) => diagnostics.push(diagnostic);
        const symbols = new Map<string, GlobalSymbol>();
        const kernels: ast.KernelItem[] = [];
        const functions: FunctionRecord[] = [];
        const imports = module.imports.length;
        const scope: ModuleScope = { source, prefix, symbols, kernels, functions, imports, diagnostics };
        if (module.broken) return scope;

        for (const item of module.imports) this.bindImport(item, source, symbols, report);
        const items = module.items.filter((item) => {
            const taken = symbols.has(item.name.text);
            const { text: name, span } = item.name;
            if (taken) report(diagnose(duplicate, span, { name, what: "declared or imported in this module" }));
            else
                symbols.set(name, {
                    kind: item.kind === "constant" ? "pending" : item.kind === "kernel" ? "kernel" : "broken",
                });
            return !taken;
        });
        for (const item of items) {
            if (item.kind === "constant") symbols.set(item.name.text, this.constant(item, scope, report));
            else if (item.kind === "kernel" && !item.broken) kernels.push(item);
        }
        for (const item of items) {
            if (item.kind !== "function") continue;
            const record = this.functionRecord(item, scope, report);
            symbols.set(item.name.text, { kind: "function", record, isPublic: item.isPublic });
            functions.push(record);
        }
        return scope;
    }

    private bindImport(item: ast.Import, source: SourceFile, symbols: Map<string, GlobalSymbol>, report: Report): void {
        const { text: module, span } = item.module;
        const found = this.find(module, source);
        if (found === "unknown") report(diagnose(unknownModule, span, { name: module }));
        else if (found === "cycle") report(diagnose(importCycle, span, { name: module }));
        else if (hasErrors(found.diagnostics)) report(diagnose(brokenModule, span, { name: module }));
        const usable = typeof found !== "string" && !hasErrors(found.diagnostics);
        for (const name of item.names) {
            if (symbols.has(name.text)) {
                report(diagnose(duplicate, name.span, { name: name.text, what: "imported" }));
            } else {
                symbols.set(name.text, usable ? importedSymbol(name, module, found, report) : { kind: "broken" });
            }
        }
    }

    private constant(item: ast.ConstantItem, scope: ModuleScope, report: Report): GlobalSymbol {
        if (item.broken) return { kind: "broken" };
        const ctx: BodyContext = {
            module: scope,
            owner: { kind: "constant" },
            scope: new Scope(),
            result: VOID,
            report,
            calls: [],
            library: () => null,
            loops: 0,
        };
        const constant = checkConstant(ctx, item.name.text, item.type, item.value);
        return constant === null ? { kind: "broken" } : { kind: "constant", constant, isPublic: item.isPublic };
    }

    private functionRecord(item: ast.FunctionItem, module: ModuleScope, report: Report): FunctionRecord {
        const reported: Diagnostic[] = [];
        const { params, dims } = checkParams(item.params, constantsOf(module), (diagnostic) =>
            reported.push(diagnostic),
        );
        const result = item.result === null ? VOID : scalarType(item.result, "a function", (d) => reported.push(d));
        if (!item.broken) for (const diagnostic of reported) report(diagnostic);
        const { text: name, span } = item.name;
        return {
            item,
            module,
            fn: {
                symbol: `${module.prefix}${name}`,
                name,
                span,
                params,
                dims,
                result: result.kind === "scalar" ? result : VOID,
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

function importedSymbol(name: ast.Name, module: string, scope: ModuleScope, report: Report): GlobalSymbol {
    const builtin = module === MATH_MODULE ? BUILTINS.get(name.text) : undefined;
    if (builtin?.kind === "math") return { kind: "builtin", builtin };
    const symbol = scope.symbols.get(name.text);
    if (symbol === undefined) {
        const candidates =
            module === MATH_MODULE ? [...BUILTINS.keys(), ...scope.symbols.keys()] : scope.symbols.keys();
        const args = { name: name.text, module, similar: nearest(name.text, candidates) };
        report(diagnose(notInModule, name.span, args));
        return { kind: "broken" };
    }
    if ("isPublic" in symbol && !symbol.isPublic) {
        report(diagnose(notPublic, name.span, { name: name.text, module }));
        return { kind: "broken" };
    }
    return symbol;
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
    return diagnostics.some(({ severity }) => severity === "error");
}
