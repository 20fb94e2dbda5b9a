// A C++ header with a module's kernels as typed functions: it carries the code object, checks shapes as the JavaScript side
// does, and launches by HIP alone.

import { sizeOf, typeText } from "../../../codeobject/layout.js";
import {
    type ArgumentManifest,
    type KernelManifest,
    MAX_LARGE_VIEW_BYTES,
    MAX_VIEW_BYTES,
    type Manifest,
    type ManifestDim,
    type ManifestType,
    type ParameterManifest,
    type ReportManifest,
} from "../../../codeobject/manifest.js";
import { formatDim, formatView, type ViewParameter } from "../../../codeobject/manifest-format.js";
import { SCALAR_SIZES } from "../../../codeobject/scalar-sizes.js";
import { lanesOf } from "../../../codeobject/vectors.js";
import { elementType, identifier, structsOf, structText } from "../c-types.js";
import { callerDims } from "../caller-dims.js";
import { CPP_RUNTIME } from "./runtime.js";

const WORKGROUP_AXES = [0, 1, 2] as const;

/**
 * @param name the source file's without its extension: the namespace
 * @param codeObject for the device, or a bundle for several
 */
export function cppHeader(manifest: Manifest, name: string, codeObject: Uint8Array): string {
    const { compiler, target, kernels, reports } = manifest;
    const space = identifier(/^\d/.test(name) ? `_${name}` : name);
    const reporting = kernels.some((kernel) => reportsAt(kernel) !== undefined);
    return `// Made by ${compiler} for ${target}. Do not edit.
#pragma once

${CPP_RUNTIME}
namespace ${space} {

${structsOf(kernels, "parameters").map(structText).join("\n")}
alignas(16) inline const unsigned char code_object[] = {
${byteLines(codeObject)}
};
${reporting ? placesText(reports) : ""}
/// The kernels, loaded on the device that is current when this is made. Launches are queued on a stream, the default one if none
/// is named; what is wrong with the arguments is a soma::shape_error, what HIP says a soma::hip_error.
class kernels {
public:
    kernels() : module_(code_object)${kernels.map((kernel) => `, ${functionMember(kernel)}(module_.function("${kernel.symbol}"))`).join("")} {}

${kernels.map(methodText).join("\n")}
private:
    soma::module module_;
${kernels.map((kernel) => `    hipFunction_t ${functionMember(kernel)};`).join("\n")}
};

}  // namespace ${space}
`;
}

function functionMember({ name }: KernelManifest): string {
    return `soma_function_${name.replace(/\W/g, "_")}`;
}

function methodName(name: string): string {
    const plain = identifier(name);
    return plain === "kernels" ? "kernels_" : plain;
}

function methodText(kernel: KernelManifest): string {
    const { name, parameters, argumentSize } = kernel;
    const views = parameters.filter((parameter) => parameter.kind === "view");
    const free = callerDims(kernel);
    const signature = [
        ...parameters.map((parameter) => `${parameterType(parameter)} ${identifier(parameter.name)}`),
        ...free.map((dim) => `std::int64_t ${identifier(dim)}`),
        "hipStream_t soma_stream = nullptr",
    ];
    const at = reportsAt(kernel);
    const member = functionMember(kernel);
    const run =
        at === undefined
            ? `soma_launch.run(${member}, soma_stream, ${argumentSize});`
            : `soma_launch.run_reporting(${member}, soma_stream, ${argumentSize}, ${at}, soma_places);`;
    const body = [
        `soma::launch soma_launch("${name}");`,
        ...bindText(views),
        ...disjointText(views),
        ...gridText(kernel),
        ...(kernel.shared ?? []).map(({ name: array, element, dims }) => {
            const size = dims
                .map(extentText)
                .reduce((product, dim) => `${product} * ${dim}`, `soma::extent(${sizeOf(element)})`);
            return `soma_launch.shared(${size});  // ${array}`;
        }),
        ...putText(kernel),
        run,
    ];
    return `${documentation(kernel)}
    void ${methodName(name)}(${signature.join(", ")}) const {
${body.map((line) => `        ${line}`).join("\n")}
    }
`;
}

function documentation({ doc, parameters }: KernelManifest): string {
    const lines = [
        ...doc.split("\n").filter((line) => line !== ""),
        ...parameters.map((each) => `${each.name}: ${each.kind === "view" ? formatView(each) : typeText(each.type)}`),
    ];
    return lines.map((line) => `    /// ${line}`).join("\n");
}

function parameterType(parameter: ParameterManifest): string {
    if (parameter.kind === "scalar") return valueType(parameter.type);
    const { element, dims, mutable, strided } = parameter;
    return `soma::${strided ? "strided_view" : "view"}<${mutable ? "" : "const "}${valueType(element)}, ${dims.length}>`;
}

/** Formats without a type in C++ are passed as their bits, vectors as arrays. */
function valueType(type: ManifestType): string {
    if (type === "bool") return "bool";
    if (typeof type === "string" && lanesOf(type).lanes > 1)
        return `std::array<${elementType(type)}, ${lanesOf(type).lanes}>`;
    return elementType(type).replace(/^struct /, "");
}

/** Dimensions get their values by the views' extents; all others must be as declared. */
function bindText(views: readonly ViewParameter[]): string[] {
    const binders = new Map<string, ViewParameter>();
    const axes = views.flatMap((view) => view.dims.map((dim, axis) => ({ view, dim, axis })));
    const descriptions = views.map(
        (view) =>
            `const auto ${described(view)} = [&] { return soma::launch::describe("${view.name}", "${formatView(view)}", ${identifier(view.name)}); };`,
    );
    const binds = axes.flatMap(({ view, dim, axis }) => {
        if (typeof dim !== "string") return [];
        const found = `${identifier(view.name)}.extents[${axis}]`;
        const binder = binders.get(dim);
        if (binder === undefined) {
            binders.set(dim, view);
            return `const std::int64_t ${identifier(dim)} = soma_launch.first(${found}, ${described(view)});`;
        }
        return `soma_launch.same("${dim}", ${identifier(dim)}, ${described(binder)}, ${found}, ${described(view)});`;
    });
    const expectations = axes.flatMap(({ view, dim, axis }) =>
        typeof dim === "string"
            ? []
            : `soma_launch.expect("${formatDim(dim)}", ${extentText(dim)}, ${identifier(view.name)}.extents[${axis}], ${described(view)}, ${axis});`,
    );
    const limits = views.map(
        (view) =>
            `soma_launch.limit(${identifier(view.name)}, ${sizeOf(view.element)}, INT64_C(${view.large ? MAX_LARGE_VIEW_BYTES : MAX_VIEW_BYTES}), ${described(view)});`,
    );
    return [...descriptions, ...binds, ...expectations, ...limits];
}

function described({ name }: ViewParameter): string {
    return `soma_view_${identifier(name)}`;
}

/** Strided views may lie between each other: the caller sees to those. */
function disjointText(views: readonly ViewParameter[]): string[] {
    return views.flatMap((a, at) =>
        views.slice(0, at).flatMap((b) => {
            const free = a.alias || a.strided || b.alias || b.strided || !(a.mutable || b.mutable);
            if (free) return [];
            const [first, second] = [a, b].map(
                (view) => `"${view.name}", ${identifier(view.name)}, ${sizeOf(view.element)}`,
            );
            return `soma_launch.disjoint(${first}, ${second});`;
        }),
    );
}

function gridText({ launch }: KernelManifest): string[] {
    const sizes = launch.kind === "over" ? launch.extents : launch.groups;
    return WORKGROUP_AXES.map((axis) => {
        const size = sizes[axis] ?? 1;
        const over = launch.kind === "over" && sizes[axis] !== undefined;
        const elements = over ? (axis === 0 && launch.elements) || 1 : 0;
        return `soma_launch.grid(${axis}, ${extentText(size)}, ${launch.workgroup[axis] ?? 1}, ${elements}, "${formatDim(size)}");`;
    });
}

function putText({ arguments: pieces, parameters }: KernelManifest): string[] {
    const put = (piece: ArgumentManifest): string[] => {
        const { offset } = piece;
        switch (piece.kind) {
            case "view":
                return [`soma_launch.put(${offset}, ${identifier(piece.name)}.data);`];
            case "dim":
                return [`soma_launch.put(${offset}, ${identifier(piece.name)});`];
            case "stride":
                return [`soma_launch.put(${offset}, ${identifier(piece.view)}.strides[${piece.dimension}]);`];
            case "reports":
                return [];
            case "scalar": {
                const parameter = parameters.find(({ name }) => name === piece.name);
                const size = SCALAR_SIZES[piece.type];
                const isWhole = parameter?.kind === "scalar" && sizeOf(parameter.type) === size;
                const name = identifier(piece.name);
                return [
                    isWhole
                        ? `soma_launch.put(${offset}, ${name});`
                        : `soma_launch.put(${offset}, &${name}, ${piece.at ?? 0}, ${size});`,
                ];
            }
        }
    };
    return pieces.flatMap(put);
}

function reportsAt({ arguments: pieces }: KernelManifest): number | undefined {
    return pieces.find(({ kind }) => kind === "reports")?.offset;
}

function placesText(reports: readonly ReportManifest[]): string {
    const places = reports.map((report) => {
        const what = report.kind === "bounds" ? `access out of bounds of ${report.name}` : assertion(report.pieces);
        return `    {${JSON.stringify(what)}, ${JSON.stringify(`${report.file}:${report.line}`)}},`;
    });
    return `
inline const soma::report_place soma_places[] = {
${places.join("\n")}
};
`;
}

/** Its text where that has no values, which only the device knows. */
function assertion(pieces: readonly string[]): string {
    return pieces.length === 1 ? `assertion failed: ${pieces[0]}` : "assertion failed";
}

function extentText(dim: ManifestDim): string {
    if (typeof dim === "number") return `soma::extent(INT64_C(${dim}))`;
    if (typeof dim === "string") return `soma::extent(${identifier(dim)})`;
    const [operator, left, right] = dim;
    return `(${extentText(left)} ${operator} ${extentText(right)})`;
}

function byteLines(bytes: Uint8Array): string {
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += 32) {
        lines.push(`    ${Array.from(bytes.subarray(at, at + 32), String).join(",")},`);
    }
    return lines.join("\n");
}
