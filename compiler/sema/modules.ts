// Modules: their imports, and in which order their items are declared. Modules of the standard library are kept for the whole process,
// by their text, with the bodies checked so far: most compiles use the same few functions.

import {
    brokenModule,
    duplicate,
    importCycle,
    notInModule,
    notPublic,
    unknownModule,
} from "../diagnostics/catalogue/names.js";
import type { Diagnostic, Label, SourceFile, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type { ModuleLoader } from "../driver.js";
import type * as ast from "../syntax/ast.js";
import { parse } from "../syntax/parse.js";
import type { Target } from "../targets/targets.js";
import { refuseTypeName, resolveAliases } from "./aliases.js";
import { refuseAttributes } from "./attributes.js";
import { BUILTINS, MATH_MODULE } from "./builtins.js";
import type { ConstantCalls } from "./constant-calls.js";
import type {
    FunctionRecord,
    FunctionTemplate,
    GlobalSymbol,
    KernelInstance,
    KernelTemplate,
    MethodSymbol,
    ModuleScope,
    Report,
    StructTemplate,
    TileFunction,
} from "./context.js";
import { declareTemplate } from "./generic-structures.js";
import { Items } from "./items.js";
import { type NetworkOfModule, resolveModel, resolveNetwork } from "./networks.js";
import { isPlainEnum, isSettled, PENDING, pendingFunction } from "./pending.js";
import { typeNamed } from "./scalars.js";
import { type Specialisation, specialise } from "./specialise.js";
import { STANDARD_MODULES } from "./standard-modules.js";
import { resolveEnum, resolveStructures } from "./structures.js";
import { isTileFunction } from "./tile-functions.js";
import { reportUnusedNames } from "./unused.js";

const BROKEN: GlobalSymbol = { kind: "broken" };

/** A network before it is looked at; networks within networks are looked at first. */
const UNBUILT: GlobalSymbol = { kind: "pending" };

const STANDARD = /^std\./;

/** By target and name: what the last text that was loaded under it declares. */
const standardModules = new Map<string, ModuleScope>();

/** The modules of one compile. */
export class Modules extends Items {
    /** By the paths of their texts. */
    private readonly loaded = new Map<string, ModuleScope>();
    /** Those whose imports are being read, outermost first. */
    private readonly loading = new Set<string>();
    private readonly prefixes = new Set<string>();

    /** The texts of networks' kernels. */
    readonly generated = new Set<SourceFile>();
    constructor(
        private readonly load: ModuleLoader,
        target: Target,
        constantCalls: ConstantCalls | null,
    ) {
        super(target, constantCalls);
    }

    root(source: SourceFile, specialisation: Specialisation = {}): ModuleScope {
        this.loading.add(source.path);
        const scope = this.build(source, "", specialisation);
        this.loading.delete(source.path);
        return scope;
    }

    /** What a module of the standard library declares. */
    library(module: string, name: string, importer: SourceFile): GlobalSymbol | undefined {
        const found = this.find(module, importer);
        return found === null || typeof found === "string" ? undefined : found.symbols.get(name);
    }

    /** A module; null where there is none, or the cycle that it closes in words. */
    private find(name: string, importer: SourceFile): ModuleScope | string | null {
        const source = this.load(name, importer);
        if (source === undefined) return null;
        const { path } = source;
        const known = this.loaded.get(path);
        if (known !== undefined) return known;
        if (this.loading.has(path)) {
            const open = [...this.loading];
            return [...open.slice(open.indexOf(path)), path].join(" → ");
        }
        const kept = standardModules.get(`${this.target.name} ${name}`);
        const scope = kept !== undefined && this.isCurrent(kept, source) ? kept : this.read(name, source);
        this.loaded.set(path, scope);
        return scope;
    }

    /** Whether this text, and all that it imports, is what a module was made of. */
    private isCurrent(kept: ModuleScope, source: SourceFile): boolean {
        if (kept.source.text !== source.text) return false;
        return [...kept.imports].every(([name, scope]) => this.find(name, source) === scope);
    }

    private read(name: string, source: SourceFile): ModuleScope {
        this.loading.add(source.path);
        const scope = this.build(source, this.prefixOf(name));
        this.loading.delete(source.path);
        // What is wrong with a file is said in the file; the standard library is not the user's to mend.
        if (isPath(name)) for (const diagnostic of scope.diagnostics) this.problems.push(diagnostic);
        if (STANDARD.test(name) && !hasErrors(scope.diagnostics))
            standardModules.set(`${this.target.name} ${name}`, scope);
        return scope;
    }

    /** `std.math.` of `std.math`, `shapes.` of `../lib/shapes.soma`, `shapes2.` of the next of that name. */
    private prefixOf(name: string): string {
        if (!isPath(name)) return `${name}.`;
        const stem = name
            .replace(/^.*\//, "")
            .replace(/\.soma$/, "")
            .replace(/\W/g, "_");
        let prefix = `${stem}.`;
        for (let i = 2; this.prefixes.has(prefix); i++) prefix = `${stem}${i}.`;
        this.prefixes.add(prefix);
        return prefix;
    }

    private build(source: SourceFile, prefix: string, specialisation: Specialisation = {}): ModuleScope {
        const { module: parsed, diagnostics: ofText } = parse(source);
        const diagnostics: Diagnostic[] = [...ofText];
        const report: Report = (diagnostic) => diagnostics.push(diagnostic);
        const symbols = new Map<string, GlobalSymbol>();
        const kernels: KernelTemplate[] = [];
        const kernelInstances: KernelInstance[] = [];
        const networks: NetworkOfModule[] = [];
        const functions: FunctionRecord[] = [];
        const templates: FunctionTemplate[] = [];
        const tileFunctions: TileFunction[] = [];
        const structures: StructTemplate[] = [];
        const imports = new Map<string, ModuleScope>();
        const scope: ModuleScope = {
            source,
            prefix,
            symbols,
            kernels,
            kernelInstances,
            networks,
            functions,
            templates,
            tileFunctions,
            structures,
            imports,
            diagnostics,
        };
        if (parsed.broken) return scope;

        for (const item of parsed.imports) this.bindImport(item, source, symbols, imports, report);
        const imported = [...symbols.values()].flatMap((symbol) =>
            symbol.kind === "kernel" ? [symbol.template.item] : [],
        );
        const { module, values } = specialise(parsed, imported, specialisation, report);
        this.itemsOf.set(source, module.items);
        const items = module.items.filter((item) => {
            const taken = symbols.has(item.name.text);
            const { text: name, span } = item.name;
            if (taken) {
                const overload =
                    item.kind === "function" &&
                    module.items.some(
                        (other) => other !== item && other.kind === "function" && other.name.text === name,
                    );
                const args = { name, what: "declared or imported in this module", overload };
                report(diagnose(duplicate, span, args, { labels: firstPlace(module, name, span) }));
            } else {
                symbols.set(name, unresolved(item, scope));
            }
            return !taken;
        });
        for (const item of items) {
            if (item.kind !== "kernel" && item.kind !== "function") refuseAttributes({ report }, item.attributes);
        }
        const outside = this.outside(scope, report);
        for (const item of items) {
            if ((item.kind === "struct" || item.kind === "enum") && typeNamed(item.name.text) !== undefined) {
                refuseTypeName(item.name, report);
            }
            const { text: name } = item.name;
            if (item.kind === "enum" && isPlainEnum(item)) symbols.set(name, resolveEnum(item, outside, prefix));
        }
        const aliases = resolveAliases(items, symbols, outside);
        for (const item of items) {
            if (item.kind !== "function") continue;
            const declare = (): GlobalSymbol =>
                isTileFunction(item)
                    ? this.tileFunction(item, scope, report)
                    : this.declareFunction(item, scope, report);
            symbols.set(item.name.text, pendingFunction(item, symbols, declare));
        }
        const structs = items.filter((item) => item.kind === "struct");
        const declared = [...structs, ...aliases];
        const methods = new Map(structs.map((item) => [item, new Map<string, MethodSymbol>()]));
        const methodsOf = (item: ast.StructItem) => methods.get(item) as Map<string, MethodSymbol>;
        const templateOf = (item: ast.StructItem) => declareTemplate(item, scope, outside);
        const resolve = () => resolveStructures(declared, symbols, outside, methodsOf, templateOf, prefix);
        const settled = declared.every((item) => isSettled(item, symbols));
        if (settled) resolve();
        else for (const { name } of declared) symbols.set(name.text, PENDING);
        for (const item of items) {
            const { text: name } = item.name;
            if (item.kind === "constant") symbols.set(name, this.constant(item, scope, report));
            if (item.kind === "enum" && !isPlainEnum(item)) symbols.set(name, resolveEnum(item, outside, prefix));
        }
        for (const item of items) {
            if (item.kind === "neuron" || item.kind === "synapse" || item.kind === "plasticity") {
                symbols.set(item.name.text, resolveModel(item, symbols, report));
            }
        }
        if (!settled) {
            for (const { name } of declared) symbols.set(name.text, BROKEN);
            resolve();
        }
        for (const item of items) {
            if (item.kind === "function") {
                const symbol = symbols.get(item.name.text);
                if (symbol?.kind === "pending") symbol.demand?.(report, item.name.span);
            }
            if (item.kind === "kernel") {
                const template = { ...this.generics(item, scope, report), item };
                symbols.set(item.name.text, { kind: "kernel", template, isPublic: item.isPublic });
                if (!template.broken) kernels.push(template);
            }
        }
        for (const item of items) {
            if (item.kind === "network") this.network(item, items, symbols, scope, report);
        }
        if (!hasErrors(diagnostics)) reportUnusedNames(module, symbols, report);
        for (const item of structs) {
            if (symbols.get(item.name.text)?.kind !== "type") continue;
            const declared = this.declareMethods(item, scope, report, { owner: `${item.name.text}.`, instance: null });
            for (const [name, method] of declared) {
                methodsOf(item).set(name, method);
                if (method.kind === "function") functions.push(method.record);
                else templates.push(method.template);
            }
        }
        for (const symbol of symbols.values()) {
            if (symbol.kind === "function" && symbol.record.module === scope) functions.push(symbol.record);
            if (symbol.kind === "generic" && symbol.template.module === scope) templates.push(symbol.template);
            if (symbol.kind === "tile-function" && symbol.template.module === scope)
                tileFunctions.push(symbol.template);
            if (symbol.kind === "structure" && symbol.template.module === scope) structures.push(symbol.template);
        }
        for (const symbol of symbols.values()) {
            if (symbol.kind !== "network") continue;
            networks.push(symbol.network);
            kernelInstances.push(...symbol.network.scope.kernelInstances);
        }
        // An imported kernel becomes part of the code object, as if it were declared here.
        for (const symbol of symbols.values()) {
            if (symbol.kind !== "kernel" || symbol.template.module === scope) continue;
            const instance = this.defaultInstance(symbol, values, scope, report);
            if (instance !== null) kernelInstances.push(instance);
        }
        for (const item of items) {
            const instance =
                item.kind === "kernel"
                    ? this.defaultInstance(symbols.get(item.name.text), values, scope, report)
                    : item.kind === "instance" && !item.broken
                      ? this.kernelInstance(item, values, scope, report)
                      : null;
            if (instance !== null) kernelInstances.push(instance);
        }
        return scope;
    }

    /** A network, whose kernels are a module of their own; those that it contains come first. */
    private network(
        item: ast.NetworkItem,
        items: readonly ast.Item[],
        symbols: Map<string, GlobalSymbol>,
        scope: ModuleScope,
        report: Report,
    ): void {
        const { text: name } = item.name;
        if (symbols.get(name) !== UNBUILT) return;
        symbols.set(name, PENDING);
        const library = (module: string, each: string) => this.library(module, each, scope.source);
        const demand = (each: string): GlobalSymbol | undefined => {
            const other = items.find((one) => one.kind === "network" && one.name.text === each);
            if (other?.kind === "network") this.network(other, items, symbols, scope, report);
            const symbol = symbols.get(each);
            return symbol === PENDING ? undefined : symbol;
        };
        const generated = resolveNetwork(item, symbols, library, demand, this.target, report);
        if (generated === null) {
            symbols.set(name, { kind: "broken" });
            return;
        }
        const { manifest, source: text, checked } = generated;
        const source = { path: `${scope.source.path}.${manifest.name}.generated`, text };
        this.generated.add(source);
        const kernels = this.build(source, `${scope.prefix}${manifest.name}.`);
        requireSound(kernels.diagnostics);
        symbols.set(name, { kind: "network", network: { manifest, checked, scope: kernels }, isPublic: item.isPublic });
    }

    private bindImport(
        item: ast.Import,
        source: SourceFile,
        symbols: Map<string, GlobalSymbol>,
        imports: Map<string, ModuleScope>,
        report: Report,
    ): void {
        const { text: module, span } = item.module;
        const found = this.find(module, source);
        if (found !== null && typeof found !== "string") imports.set(module, found);
        if (found === null) report(diagnose(unknownModule, span, unknown(module)));
        else if (typeof found === "string") report(diagnose(importCycle, span, { cycle: found }));
        // What is wrong with a file is said in the file, and that is enough: one mistake is one error.
        else if (!isPath(module) && hasErrors(found.diagnostics))
            report(diagnose(brokenModule, span, { name: module }));
        const usable = found !== null && typeof found !== "string" && !hasErrors(found.diagnostics);
        for (const name of item.names) {
            if (symbols.has(name.text)) {
                report(diagnose(duplicate, name.span, { name: name.text, what: "imported" }));
            } else {
                symbols.set(name.text, usable ? importedSymbol(name, module, found, report) : { kind: "broken" });
            }
        }
    }
}

/** What an item's name is to what is resolved before it. A kernel is no value or type whatever it turns out to be. */
function unresolved(item: ast.Item, module: ModuleScope): GlobalSymbol {
    if (item.kind === "struct" || item.kind === "alias") return BROKEN;
    if (item.kind !== "kernel") return item.kind === "network" ? UNBUILT : PENDING;
    return { kind: "kernel", template: { item, module, parameters: [], broken: true }, isPublic: item.isPublic };
}

/** A label where a name was declared or imported first. */
function firstPlace({ imports, items }: ast.Module, name: string, { start }: Span): Label[] {
    const names = [...imports.flatMap((item) => item.names), ...items.map((item) => item.name)];
    const first = names.find(({ text, span }) => text === name && span.start < start);
    return first === undefined ? [] : [{ span: first.span, message: "first here" }];
}

function unknown(name: string) {
    return { name, similar: nearest(name, STANDARD_MODULES), standard: STANDARD_MODULES };
}

/** Whether a module is named by a file's path, be it beside the importing file or in a package. */
function isPath(name: string): boolean {
    return name.endsWith(".soma");
}

function importedSymbol(name: ast.Name, module: string, scope: ModuleScope, report: Report): GlobalSymbol {
    const builtin = module === MATH_MODULE ? BUILTINS.get(name.text) : undefined;
    if (builtin?.kind === "math") return { kind: "builtin", builtin };
    const symbol = scope.symbols.get(name.text);
    if (symbol === undefined) {
        const known = [...(module === MATH_MODULE ? BUILTINS.keys() : []), ...scope.symbols.keys()];
        const ofType = known.find((each) => each.startsWith(`${name.text}_`));
        const args = { name: name.text, module, similar: ofType ?? nearest(name.text, known) };
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

/** Generated source has no mistakes of the user's: an error in it is a bug of the compiler's. */
export function requireSound(diagnostics: readonly Diagnostic[]): void {
    const error = diagnostics.find(({ severity }) => severity === "error");
    if (error === undefined) return;
    const { file, start } = error.span;
    throw new Error(`generated source: ${error.message} at ${file.text.slice(start - 60, start + 60)}`);
}
