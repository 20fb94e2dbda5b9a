// The manifest of a program: what its code object says of each kernel.

import {
    type ArgumentManifest,
    type KernelManifest,
    type LaunchManifest,
    MANIFEST_VERSION,
    type Manifest,
    type ManifestDim,
    type ManifestType,
    type ParameterManifest,
    type ProductManifest,
    REPORTS_ARGUMENT,
    type SharedManifest,
} from "../../codeobject/manifest.js";
import type { ModuleContents } from "../ir/contents.js";
import type { IrFunction } from "../ir/module.js";
import { reservedAtLaunch } from "../ir/shared.js";
import { bytesOf, isBuffer, isScalar } from "../ir/types.js";
import type { Kernel, Program } from "../sema/program.js";
import { isValue } from "../sema/scalars.js";
import type { DimExpr, ValueType } from "../sema/types.js";
import type { Target } from "../targets/targets.js";
import { fieldOffsets, layoutOf } from "./layout.js";
import { argumentsOf, workgroupOf } from "./signature.js";
import { sitesOf } from "./sites.js";
import { groupsOf } from "./workgroup.js";

const ADDRESS_BYTES = 8;

/**
 * @param contents of the program's functions, as they are emitted
 * @param products how each kernel multiplies, by its symbol
 */
export function manifestOf(
    program: Program,
    contents: ModuleContents,
    target: Target,
    compiler: string,
    products: ReadonlyMap<string, readonly ProductManifest[]> = new Map(),
): Manifest {
    const { reports, reporting } = sitesOf(contents);
    const functions = new Map([...contents.keys()].map((fn) => [fn.name, fn]));
    const kernels = kernelsOf(program, reporting).map((kernel) => {
        const fn = functions.get(kernel.symbol);
        const made = fn ? withReserved(withElements(kernel, fn), fn, target) : kernel;
        return made.tiles ? { ...made, tiles: { ...made.tiles, products: products.get(kernel.symbol) ?? [] } } : made;
    });
    const { networks } = program;
    return {
        version: MANIFEST_VERSION,
        compiler,
        target: target.name,
        kernels,
        reports,
        ...(networks.length > 0 && { networks }),
    };
}

/**
 * What each kernel takes and how it is launched, which is the same for every target.
 * @param reporting the kernels that take a report buffer beside what the source says
 */
export function kernelsOf(program: Program, reporting: ReadonlySet<string> = new Set()): KernelManifest[] {
    return program.kernels.map((kernel) => kernelManifest(kernel, reporting.has(kernel.name)));
}

/** How the kernel is launched after the passes, by which each work-item may compute several elements. */
function withElements(kernel: KernelManifest, fn: IrFunction): KernelManifest {
    const elements = fn.kernel?.elements ?? 1;
    const { launch } = kernel;
    return elements === 1 || launch.kind !== "over" ? kernel : { ...kernel, launch: { ...launch, elements } };
}

/** With the declared arrays that the launch reserves on this target; they come before those that it sizes. */
function withReserved(kernel: KernelManifest, fn: IrFunction, { limits }: Target): KernelManifest {
    const reserved = reservedAtLaunch(fn, limits).map(({ name, size }): SharedManifest => {
        return { name, element: "u8", dims: [size] };
    });
    return reserved.length === 0 ? kernel : { ...kernel, shared: [...reserved, ...(kernel.shared ?? [])] };
}

function kernelManifest(kernel: Kernel, reports: boolean): KernelManifest {
    return {
        name: kernel.name,
        symbol: kernel.name,
        doc: kernel.doc,
        parameters: kernel.params.map(parameterManifest),
        dims: [...kernel.dims],
        ...argumentBuffer(kernel, reports),
        launch: launchManifest(kernel),
        ...sharedArrays(kernel),
        ...tilesOf(kernel),
        ...(kernel.tune.length > 0 && { tune: kernel.tune }),
    };
}

/** Without its products, which the target decides. */
function tilesOf({ launch }: Kernel): Pick<KernelManifest, "tiles"> {
    if (launch.kind !== "tiles") return {};
    const domain = launch.domain.map(({ extent, step }) => ({ extent: manifestDim(extent), step: step ?? 1 }));
    return { tiles: { domain, products: [] } };
}

/** Those that the launch sizes: they are declared at the top level of the body. */
function sharedArrays({ body }: Kernel): Pick<KernelManifest, "shared"> {
    const shared = body.statements.flatMap((statement) => {
        if (statement.kind !== "declare" || statement.local.space !== "shared") return [];
        const { name, type } = statement.local;
        return type.kind === "view"
            ? [{ name, element: manifestElement(type.element), dims: type.dims.map(manifestDim) }]
            : [];
    });
    return shared.length === 0 ? {} : { shared };
}

function parameterManifest({ name, type }: Kernel["params"][number]): ParameterManifest {
    if (isValue(type)) return { kind: "scalar", name, type: manifestElement(type) };
    if (type.kind !== "view") throw new Error(`parameter ${name} is of kind ${type.kind}`);
    const { element, dims, mutable, strided, large, alias } = type;
    const view = {
        kind: "view",
        name,
        element: manifestElement(element),
        dims: dims.map(manifestDim),
        mutable,
    } as const;
    return { ...view, ...(strided && { strided }), ...(large && { large }), ...(alias && { alias }) };
}

function manifestElement(type: ValueType): ManifestType {
    switch (type.kind) {
        case "scalar":
            return type.name;
        case "vector":
            return `${type.element.name}x${type.length}`;
        case "enum":
            return type.base.name;
        case "tile":
            throw new Error("a tile is no parameter");
        case "array":
            return { array: manifestElement(type.element), extents: type.extents };
        case "struct": {
            const offsets = fieldOffsets(type);
            const fields = type.fields.map((field, at) => ({
                name: field.name,
                type: manifestElement(field.type),
                offset: offsets[at] ?? 0,
            }));
            return { struct: type.name, size: layoutOf(type).size, fields };
        }
    }
}

/** Every piece at the next multiple of its size, as LLVM lays out a kernel's arguments. */
function argumentBuffer(kernel: Kernel, reports: boolean): Pick<KernelManifest, "arguments" | "argumentSize"> {
    let end = 0;
    const place = (bytes: number) => {
        const offset = Math.ceil(end / bytes) * bytes;
        end = offset + bytes;
        return offset;
    };
    const pieces = argumentsOf(kernel).map((argument): ArgumentManifest => {
        const { name, type } = argument;
        const offset = place(isScalar(type) ? bytesOf(type) : ADDRESS_BYTES);
        if (isBuffer(type)) return { kind: "view", name, offset };
        if (argument.kind === "stride") {
            return { kind: "stride", name, view: argument.local.name, dimension: argument.dimension, offset };
        }
        if (argument.kind !== "scalar") return { kind: "dim", name, offset };
        const { local, scalar, at } = argument;
        const piece = { kind: "scalar", name: local.name, type: scalar } as const;
        return at === 0 ? { ...piece, offset } : { ...piece, at, offset };
    });
    if (reports) pieces.push({ kind: "reports", name: REPORTS_ARGUMENT, offset: place(ADDRESS_BYTES) });
    return { arguments: pieces, argumentSize: end };
}

function launchManifest(kernel: Kernel): LaunchManifest {
    const { launch, options } = kernel;
    const workgroup = [...workgroupOf(kernel)];
    if (launch.kind === "over")
        return { kind: "over", extents: inGridOrder(launch.domain.map(({ extent }) => extent)), workgroup };
    const groups = inGridOrder(groupsOf({ launch, options }));
    return { kind: "groups", groups, workgroup, ...(options.persistent && { persistent: true }) };
}

function inGridOrder(written: readonly DimExpr[]): ManifestDim[] {
    return [...written].reverse().map(manifestDim);
}

function manifestDim(dim: DimExpr): ManifestDim {
    switch (dim.kind) {
        case "const":
            return dim.value;
        case "dim":
            return dim.name;
        case "slice":
            throw new Error(`the extent ${dim.text} belongs to no parameter`);
        case "binary":
            return [dim.op, manifestDim(dim.left), manifestDim(dim.right)];
    }
}
