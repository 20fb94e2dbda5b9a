// A Python module with a module's kernels as typed functions: it carries the code object and the manifest, and launches by
// ctypes and HIP alone.

import { typeText } from "../../../codeobject/layout.js";
import type { KernelManifest, Manifest, ManifestType, ParameterManifest } from "../../../codeobject/manifest.js";
import { formatView } from "../../../codeobject/manifest-format.js";
import { lanesOf } from "../../../codeobject/vectors.js";
import { callerDims } from "../caller-dims.js";
import { PYTHON_HIP } from "./hip.js";
import { PYTHON_LAUNCH } from "./launch.js";
import { PYTHON_VIEWS } from "./views.js";

const RUNTIME = [PYTHON_HIP, PYTHON_VIEWS, PYTHON_LAUNCH].join("\n\n");

/** Python's keywords, and the soft ones that it is best not to name functions by. */
const KEYWORDS = new Set(
    (
        "False None True and as assert async await break class continue def del elif else except finally for from global if " +
        "import in is lambda nonlocal not or pass raise return try while with yield match case type"
    ).split(" "),
);

/** What the module's own text defines or uses at its top. */
const TAKEN = new Set([
    ...Array.from(RUNTIME.matchAll(/^(?:class|def|import) (\w+)/gm), ([, name = ""]) => name),
    ...Array.from(RUNTIME.matchAll(/^(\w+)(?:, (\w+))? =/gm), ([, first = "", second = ""]) => [first, second]).flat(),
    ...(/^from typing import (.*)$/m.exec(RUNTIME)?.[1] ?? "").split(", "),
    ...[
        "_KERNELS",
        "_REPORTS",
        "_CODE",
        "annotations",
        "getattr",
        "map",
        "zip",
        "list",
        "dict",
        "tuple",
        "range",
        "any",
    ],
    ...["all", "abs", "len", "int", "str", "bool", "bytes", "bytearray", "float", "enumerate", "filter", "isinstance"],
    ...["max", "hasattr", "type", "super", "property"],
]);

/** @param codeObject for the device, or a bundle for several */
export function pythonModule(manifest: Manifest, codeObject: Uint8Array): string {
    const { compiler, target, kernels, reports } = manifest;
    return `# Made by ${compiler} for ${target}. Do not edit.
"""Kernels as functions of arrays, over HIP. Arguments are checked as they are declared; what is wrong with them is a TypeError or
a ShapeError, what HIP says a HipError."""

from __future__ import annotations

${RUNTIME}
_KERNELS: Mapping[str, Mapping[str, Any]] = {kernel["name"]: kernel for kernel in json.loads(
    ${pythonText(JSON.stringify(kernels))}
)}
_REPORTS: Sequence[Mapping[str, Any]] = json.loads(${pythonText(JSON.stringify(reports))})
_CODE: bytes = base64.b64decode(
${lines(base64(codeObject))}
)

${kernels.map(functionText).join("\n\n")}`;
}

function functionText(kernel: KernelManifest): string {
    const { name, doc, parameters } = kernel;
    const dims = callerDims(kernel);
    const taken = [
        ...parameters.map((parameter) => ({ name: parameter.name, type: annotation(parameter) })),
        ...dims.map((dim) => ({ name: dim, type: "int" })),
    ].map((each) => ({ ...each, python: identifier(each.name, "stream") }));
    const signature = [...taken.map(({ python, type }) => `${python}: ${type}`), "stream: int = 0"];
    const documentation = [
        ...doc.split("\n"),
        ...parameters.map((each) => `${identifier(each.name, "stream")}: ${described(each)}`),
        ...dims.map((dim) => `${identifier(dim, "stream")}: a dimension`),
        "stream: a hipStream_t; arrays of the host are there again when the function returns",
    ];
    const given = taken.map((each) => `${pythonText(each.name)}: ${each.python}`).join(", ");
    return `
def ${functionName(name)}(*, ${signature.join(", ")}) -> None:
    """${documentation.map(quoted).join("\n    ")}"""
    _launch(${pythonText(name)}, {${given}}, stream)
`;
}

function functionName(name: string): string {
    const plain = identifier(name, "");
    return TAKEN.has(plain) ? `${plain}_` : plain;
}

/** A name of the source as one of Python's. */
function identifier(name: string, other: string): string {
    return KEYWORDS.has(name) || name === other ? `${name}_` : name;
}

function described(parameter: ParameterManifest): string {
    return parameter.kind === "view" ? formatView(parameter) : typeText(parameter.type);
}

function annotation(parameter: ParameterManifest): string {
    return parameter.kind === "view" ? "Array" : typeOf(parameter.type);
}

function typeOf(type: ManifestType): string {
    if (typeof type !== "string") return "array" in type ? "Sequence[Any]" : "Any";
    const { scalar, lanes } = lanesOf(type);
    const plain = scalar === "bool" ? "bool" : /^(f16|bf16|f32|f64)$/.test(scalar) ? "float" : "int";
    return lanes === 1 ? plain : `Sequence[${plain}]`;
}

/** Text within three quotes. */
function quoted(line: string): string {
    return line.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}

/** A string of Python: JSON's escapes are among Python's. */
function pythonText(text: string): string {
    return JSON.stringify(text);
}

function lines(text: string): string {
    return (text.match(/.{1,116}/g) ?? [""]).map((line) => `    "${line}"`).join("\n");
}

function base64(bytes: Uint8Array): string {
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
