// The plugin for bundlers: an imported source file becomes a JavaScript module that carries a code object for each target.
// One implementation for all of them, through unplugin; `vite.ts`, `rollup.ts` and the others are its faces.

import { resolve } from "node:path";
import { createUnplugin, type UnpluginContext, type UnpluginMessage } from "unplugin";
import { CompileError, LoadError } from "../../runtime/errors.js";
import { loadCachedCodegen } from "../cache/index.js";
import { UserError } from "../cli/errors.js";
import type { Bounds, OptimisationLevel } from "../codegen.js";
import { type Diagnostic, isNowhere } from "../diagnostics/diagnostic.js";
import { renderDiagnostic, renderDiagnostics } from "../diagnostics/render.js";
import { positionOf } from "../diagnostics/text.js";
import { compile, type ModuleLoader } from "../driver.js";
import { CodegenUnavailableError } from "../shell/codegen.js";
import { loadModule } from "../shell/modules.js";
import type { CodeObjectVersion } from "../targets/targets.js";
import { writeDeclarations } from "./declaration-file.js";
import { javascriptModule } from "./javascript.js";
import { readSourceModule } from "./source-module.js";

export interface SomaPluginOptions {
    /** The gfx targets to compile for. Default: `gfx1100` alone, which the virtual GPU is. */
    readonly targets?: readonly string[];
    /** Default 3. */
    readonly optimisation?: OptimisationLevel;
    /** Whether kernels stop at an access out of bounds. Default `checked` at 0, else `unchecked`. */
    readonly bounds?: Bounds;
    /** Of AMD's code objects. Default 5; 6 for generic targets. */
    readonly codeObjectVersion?: CodeObjectVersion;
    /** Writes `saxpy.d.soma.ts` beside each `saxpy.soma` that is imported. Default true. */
    readonly types?: boolean;
}

const SOURCE = /\.soma(\?|$)/;
/** The runtime finds its native parts beside itself, so it stays where it is installed. */
const PACKAGE = /^soma-lang\//;

export const soma = createUnplugin<SomaPluginOptions | undefined>((options = {}, { framework }) => ({
    name: "soma",
    enforce: "pre",
    load: {
        filter: { id: SOURCE },
        async handler(id) {
            const path = id.replace(/\?.*$/s, "");
            this.addWatchFile(path);
            try {
                const { code, warnings } = await build(
                    path,
                    options,
                    watching((file) => this.addWatchFile(file)),
                );
                for (const warning of warnings) this.warn(messageOf(path, [warning]));
                return { code, map: null };
            } catch (error) {
                reportMistake(this, path, error);
                // Bundlers that collect errors want a module nevertheless.
                return { code: "", map: null };
            }
        },
    },
    // How a package is left out of the bundle: Vite and webpack have settings of their own. An `import()` works in every
    // kind of webpack's outputs.
    resolveId:
        framework === "vite" ? undefined : { filter: { id: PACKAGE }, handler: (id) => ({ id, external: true }) },
    vite: { config: () => ({ ssr: { external: ["soma-lang"] } }) },
    webpack: (compiler) => new compiler.webpack.ExternalsPlugin("import", PACKAGE).apply(compiler),
    rspack: (compiler) => new compiler.rspack.ExternalsPlugin("import", PACKAGE).apply(compiler),
}));

interface Built {
    readonly code: string;
    readonly warnings: readonly Diagnostic[];
}

/** @throws CompileError, LoadError, UserError for mistakes of the user */
async function build(path: string, options: SomaPluginOptions, load: ModuleLoader): Promise<Built> {
    const { targets = ["gfx1100"], types = true } = options;
    const module = await readSourceModule(path, load);
    if (types) await writeDeclarations(path, module.kernels);
    const warnings = new Map<string, Diagnostic>();
    const codeObjects = new Map<string, Uint8Array>();
    for (const target of targets) {
        const { optimisation = 3, bounds, codeObjectVersion } = options;
        const compileOptions = { target, optimisation, bounds, codeObjectVersion };
        const { output, diagnostics } = await compile(module.source, load, loadCachedCodegen(), compileOptions);
        if (output === null) throw new CompileError(renderDiagnostics(diagnostics), diagnostics);
        codeObjects.set(target, output);
        for (const diagnostic of diagnostics) warnings.set(renderDiagnostic(diagnostic), diagnostic);
    }
    const code = javascriptModule(module.kernels, { path: module.source.path, codeObjects });
    return { code, warnings: [...warnings.values()] };
}

/** Tells of every file that is imported: a change of one is a change of the importing file. */
function watching(onFile: (path: string) => void): ModuleLoader {
    return (name, importer) => {
        const module = loadModule(name, importer);
        if (module?.path.endsWith(".soma")) onFile(resolve(module.path));
        return module;
    };
}

/** Reports it in the bundler's way, with its place; anything that is not the user's mistake is thrown on. */
function reportMistake(context: UnpluginContext, path: string, error: unknown): void {
    if (error instanceof CompileError) {
        context.error(messageOf(path, error.diagnostics));
    } else if (error instanceof LoadError || error instanceof UserError || error instanceof CodegenUnavailableError) {
        context.error(withoutStack({ id: path, message: error.message }));
    } else {
        throw error;
    }
}

/** Where it is in our code is of no use to whoever wrote the source, so the message stands for the stack. */
function withoutStack(message: UnpluginMessage): UnpluginMessage {
    return { ...message, stack: message.message };
}

/** All of them as text, at the place of the first error. Bundlers count lines from 1 and columns from 0. */
function messageOf(path: string, diagnostics: readonly Diagnostic[]): UnpluginMessage {
    const message = renderDiagnostics(diagnostics).trimEnd();
    const first = diagnostics.find(({ severity }) => severity === "error") ?? diagnostics[0];
    if (first === undefined || isNowhere(first.span)) return withoutStack({ id: path, message });
    const { line, column } = positionOf(first.span.file, first.span.start);
    const loc = { file: resolve(first.span.file.path), line, column: column - 1 };
    return withoutStack({ id: path, message, loc });
}
