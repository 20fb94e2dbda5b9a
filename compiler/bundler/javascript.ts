// A source file as a JavaScript module: each kernel is an exported function.

import type { KernelManifest } from "../../codeobject/manifest.js";
import { LoadError } from "../../runtime/errors.js";

/** What the module loads on a GPU: code objects by target, or the source, to be compiled when it is first needed. */
export type ModuleContents =
    | { readonly path: string; readonly codeObjects: ReadonlyMap<string, Uint8Array> }
    | { readonly path: string; readonly source: string };

/** What the module imports, unless it is told otherwise. */
export const EMBEDDED = "soma-lang/embedded";

/**
 * The text of the module.
 * @param embedded the module specifier of runtime/embedded
 * @throws LoadError for a kernel that can't be exported under its name
 */
export function javascriptModule(
    kernels: readonly KernelManifest[],
    contents: ModuleContents,
    embedded: string = EMBEDDED,
): string {
    const names = exportNames(kernels, contents.path);
    return [
        `import { embed } from ${JSON.stringify(embedded)};`,
        `const kernel = /* @__PURE__ */ embed(${JSON.stringify(embeddedData(contents))});`,
        ...names.map((name, index) => `const kernel${index} = /* @__PURE__ */ kernel(${JSON.stringify(name)});`),
        `export { ${names.map((name, index) => `kernel${index} as ${name}`).join(", ")} };`,
        "",
    ].join("\n");
}

/**
 * The names under which kernels are exported: their own. Any word may be one, even a reserved one.
 * @throws LoadError for `then`, which would make the module a promise to `import()`
 */
export function exportNames(kernels: readonly KernelManifest[], path: string): string[] {
    const names = kernels.map(({ name }) => name);
    if (names.includes("then")) {
        throw new LoadError(
            `${path}: a kernel named \`then\` can't be imported, because import() would take its module for a promise: rename it, or load the file with gpu.load`,
        );
    }
    return names;
}

function embeddedData(contents: ModuleContents): object {
    if ("source" in contents) return contents;
    const { path, codeObjects } = contents;
    const encoded = [...codeObjects].map(([target, bytes]) => [target, Buffer.from(bytes).toString("base64")]);
    return { path, codeObjects: Object.fromEntries(encoded) };
}
