// A source file's declaration file, `saxpy.d.soma.ts` beside `saxpy.soma`: what TypeScript, with
// `allowArbitraryExtensions`, takes for the types of `import … from "./saxpy.soma"`
// (https://www.typescriptlang.org/tsconfig/#allowArbitraryExtensions).

import { typeText } from "../../codeobject/layout.js";
import type {
    KernelManifest,
    ManifestDim,
    ManifestScalar,
    ManifestType,
    ParameterManifest,
} from "../../codeobject/manifest.js";
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
    const views = kernels.flatMap(({ parameters }) => parameters.filter((each) => each.kind === "view"));
    const types = [
        "Kernel",
        ...(views.some(({ element }) => typeof element !== "string") ? ["StructType"] : []),
        ...(views.length > 0 ? ["Tensor"] : []),
    ].join(", ");
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
        ...kernel.parameters.flatMap((parameter) =>
            property(parameter.name, describe(parameter), typeOf(parameter), canBeLeftOut(kernel, parameter, free)),
        ),
        ...free.flatMap((dim) => property(dim, "A dimension that no view binds.", SCALARS.index)),
        "}>;",
    ];
}

function property(name: string, doc: string, type: string, optional = false): string[] {
    return [
        ...comment(doc, "    "),
        `    readonly ${name}${optional ? "?" : ""}: ${type}${optional ? " | undefined" : ""};`,
    ];
}

/** Whether a launch makes the tensor where none is given: its extents follow from what has to be given (runtime/outputs.ts). */
function canBeLeftOut({ parameters }: KernelManifest, parameter: ParameterManifest, free: readonly string[]): boolean {
    if (parameter.kind !== "view" || !parameter.mutable) return false;
    const given = parameters.flatMap((each) => (each.kind === "view" && !each.mutable ? each.dims : []));
    const known = new Set<unknown>([...free, ...given]);
    const follows = (dim: ManifestDim): boolean =>
        typeof dim === "object"
            ? dim.slice(1).every((part) => follows(part as ManifestDim))
            : typeof dim === "number" || known.has(dim);
    return parameter.dims.every(follows);
}

function describe(parameter: ParameterManifest): string {
    return `\`${parameter.kind === "view" ? formatView(parameter) : typeText(parameter.type)}\``;
}

function typeOf(parameter: ParameterManifest): string {
    if (parameter.kind === "scalar") return valueType(parameter.type);
    return typeof parameter.element === "string"
        ? `Tensor<${JSON.stringify(parameter.element)}>`
        : "Tensor<StructType>";
}

function valueType(type: ManifestType): string {
    if (typeof type === "string") {
        const { scalar, lanes } = lanesOf(type);
        return lanes === 1 ? SCALARS[scalar] : `ArrayLike<${SCALARS[scalar]}>`;
    }
    if ("array" in type) return `readonly (${valueType(type.array)})[]`;
    const fields = type.fields.map((field) => `readonly ${field.name}: ${valueType(field.type)}`);
    return `{ ${fields.join("; ")} }`;
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
    bf16: "number",
    f8e4m3: "number",
    f8e5m2: "number",
    f8e4m3fnuz: "number",
    f8e5m2fnuz: "number",
    i4x2: "number",
};

/** A documentation comment; nothing for an empty text. */
function comment(text: string, indent: string): string[] {
    if (text.trim() === "") return [];
    const lines = text.trim().replaceAll("*/", "*\u200b/").split("\n");
    if (lines.length === 1) return [`${indent}/** ${lines[0]} */`];
    return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}
