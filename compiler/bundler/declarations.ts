// A source file's declaration file, `saxpy.d.soma.ts` beside `saxpy.soma`: what TypeScript, with
// `allowArbitraryExtensions`, takes for the types of `import … from "./saxpy.soma"`
// (https://www.typescriptlang.org/tsconfig/#allowArbitraryExtensions).

import type { KernelManifest, ManifestScalar, ParameterManifest } from "../../codeobject/manifest.js";
import { formatView } from "../../codeobject/manifest-format.js";
import { lanesOf } from "../../codeobject/vectors.js";
import { boundDims } from "../../runtime/dims.js";
import { exportNames } from "./javascript.js";

/** `saxpy.d.soma.ts` for `saxpy.soma`. */
export function declarationPath(path: string): string {
    return path.replace(/\.soma$/, ".d.soma.ts");
}

/**
 * The declarations of a file's kernels, with their documentation.
 * @param path of the source file, as an error names it
 * @throws LoadError for a kernel that can't be exported under its name
 */
export function declarations(kernels: readonly KernelManifest[], path: string): string {
    const names = exportNames(kernels, path);
    const types = kernels.some(({ parameters }) => parameters.some(({ kind }) => kind === "view"))
        ? "Kernel, Tensor"
        : "Kernel";
    return [
        "// Written by `soma types` and the bundler plugins; changes are lost.",
        "",
        `import type { ${types} } from "soma-lang/runtime";`,
        "",
        ...kernels.flatMap((kernel, index) => [...declaration(kernel, `kernel${index}`), ""]),
        `export { ${names.map((name, index) => `kernel${index} as ${name}`).join(", ")} };`,
        "",
    ].join("\n");
}

function declaration(kernel: KernelManifest, name: string): string[] {
    const bound = boundDims(kernel);
    const free = kernel.dims.filter((dim) => !bound.has(dim));
    return [
        ...comment(kernel.doc, ""),
        `declare const ${name}: Kernel<{`,
        ...kernel.parameters.flatMap((parameter) => property(parameter.name, describe(parameter), typeOf(parameter))),
        ...free.flatMap((dim) => property(dim, "A dimension that no view binds.", SCALARS.index)),
        "}>;",
    ];
}

function property(name: string, doc: string, type: string): string[] {
    return [...comment(doc, "    "), `    readonly ${name}: ${type};`];
}

function describe(parameter: ParameterManifest): string {
    return `\`${parameter.kind === "view" ? formatView(parameter) : parameter.type}\``;
}

function typeOf(parameter: ParameterManifest): string {
    if (parameter.kind === "view") return `Tensor<${JSON.stringify(parameter.element)}>`;
    const { scalar, lanes } = lanesOf(parameter.type);
    return lanes === 1 ? SCALARS[scalar] : `ArrayLike<${SCALARS[scalar]}>`;
}

const SCALARS: Readonly<Record<ManifestScalar, string>> = {
    bool: "boolean",
    i8: "number",
    i16: "number",
    i32: "number",
    i64: "number | bigint",
    u8: "number",
    u16: "number",
    u32: "number",
    u64: "number | bigint",
    index: "number | bigint",
    f16: "number",
    f32: "number",
    f64: "number",
};

/** A documentation comment; nothing for an empty text. */
function comment(text: string, indent: string): string[] {
    if (text.trim() === "") return [];
    const lines = text.trim().replaceAll("*/", "*\u200b/").split("\n");
    if (lines.length === 1) return [`${indent}/** ${lines[0]} */`];
    return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}
