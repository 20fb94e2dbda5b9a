// Reading the Soma manifest. A manifest is input like any other: it may be damaged or made by hand, and what the runtime
// takes from it (offsets, sizes, names) is checked here once, so that a launch can rely on it:
// every argument lies inside the buffer and overlaps no other; every name it mentions is declared; none is declared twice.

import type { Bytes } from "./bytes.js";
import { CodeObjectError } from "./error.js";
import { Field } from "./field.js";
import { scalarAt, sizeOf } from "./layout.js";
import {
    type ArgumentManifest,
    type KernelManifest,
    type LaunchManifest,
    MANIFEST_VERSION,
    type Manifest,
    type ManifestDim,
    type ManifestElement,
    type ManifestScalar,
    type ManifestType,
    type ParameterManifest,
    REPORTS_ARGUMENT,
    type ReportManifest,
} from "./manifest.js";
import { readNetwork } from "./network/manifest-reader.js";
import { SCALAR_SIZES } from "./scalar-sizes.js";
import { lanesOfText } from "./vectors.js";

const SCALARS = Object.keys(SCALAR_SIZES) as ManifestScalar[];
const OPERATORS = ["+", "-", "*", "/", "%"] as const;
const VIEW_ARGUMENT_SIZE = 8;
/** The largest argument buffer AMD's runtimes take is far below this. */
const MAX_ARGUMENT_SIZE = 1 << 20;
/** Of a domain, computed by one work-item. */
const MAX_ELEMENTS = 64;
const MAX_WORKGROUP = 1024;
const MAX_EXPRESSION_DEPTH = 64;
const MAX_TYPE_DEPTH = 64;

/** @throws CodeObjectError that names the field at fault, or says that the manifest is of a newer Soma. */
export function readManifest(description: Bytes): Manifest {
    const root = new Field(parseJson(description), "the Soma manifest", "");
    const version = root.get("version").integer(1, Number.MAX_SAFE_INTEGER);
    if (version !== MANIFEST_VERSION) {
        throw new CodeObjectError(
            `the code object's Soma manifest has version ${version}, and this runtime reads version ${MANIFEST_VERSION}: compile the kernel again with this Soma, or use the runtime of the Soma that compiled it`,
        );
    }
    const kernels = root.get("kernels");
    const manifest = {
        version,
        compiler: root.get("compiler").string(),
        target: root.get("target").string(),
        kernels: kernels.array().map(readKernel),
        // Manifests of kernels that can't report may go without.
        reports: root.get("reports").optional((reports) => reports.array().map(readReport)) ?? [],
        ...root.get("networks").optional((networks) => ({ networks: networks.array().map(readNetwork) })),
    };
    requireDistinct(kernels, manifest.kernels);
    return manifest;
}

function parseJson(description: Bytes): unknown {
    // Padding to the note's alignment, or the end of a C string.
    const text = description.utf8("the Soma manifest").replace(/\0+$/, "");
    try {
        return JSON.parse(text);
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new CodeObjectError(`the code object is damaged: its Soma manifest is not valid JSON (${reason})`);
    }
}

function readKernel(kernel: Field): KernelManifest {
    const dims = kernel
        .get("dims")
        .array()
        .map((dim) => dim.string());
    const parametersField = kernel.get("parameters");
    const parameters = parametersField.array().map((parameter) => readParameter(parameter, dims));
    requireDistinct(parametersField, [...parameters, ...dims.map((name) => ({ name }))]);
    const argumentSize = kernel.get("argumentSize").integer(0, MAX_ARGUMENT_SIZE);
    return {
        name: kernel.get("name").string(),
        symbol: kernel.get("symbol").string(),
        doc: kernel.get("doc").string(),
        parameters,
        dims,
        arguments: readArguments(kernel.get("arguments"), { parameters, dims, argumentSize }),
        argumentSize,
        launch: readLaunch(kernel.get("launch"), dims),
        ...readShared(kernel.get("shared"), dims),
        ...readTiles(kernel.get("tiles"), dims),
        ...readTune(kernel.get("tune")),
    };
}

function readTune(field: Field): Pick<KernelManifest, "tune"> {
    const tune = field.optional((all) =>
        all.array().map((each) => ({
            name: each.get("name").string(),
            choices: each
                .get("choices")
                .array()
                .map((choice) => choice.number()),
            value: each.get("value").number(),
        })),
    );
    return tune === undefined ? {} : { tune };
}

const MAX_TILE = 65536;

function readTiles(field: Field, dims: readonly string[]): Pick<KernelManifest, "tiles"> {
    const tiles = field.optional((all) => ({
        domain: all
            .get("domain")
            .array()
            .map((each) => ({
                extent: readDim(each.get("extent"), dims),
                step: each.get("step").integer(1, MAX_TILE),
            })),
        products: all
            .get("products")
            .array()
            .map((product) => ({
                operands: readPair(product.get("operands")),
                shape: readShape(product.get("shape")),
                instruction: readName(product.get("instruction")),
            })),
    }));
    return tiles === undefined ? {} : { tiles };
}

/** Text, or null. */
function readName(field: Field): string | null {
    return field.shape() === "string" ? field.string() : null;
}

function readPair(field: Field): readonly [ManifestScalar, ManifestScalar] {
    const [left, right, more] = field.array().map((each) => each.oneOf(SCALARS));
    if (left === undefined || right === undefined || more !== undefined) throw field.error("is not a pair");
    return [left, right];
}

function readShape(field: Field): readonly [number, number, number] {
    const [m, n, k, more] = field.array().map((each) => each.integer(1, MAX_TILE));
    if (m === undefined || n === undefined || k === undefined || more !== undefined)
        throw field.error("is not m, n, k");
    return [m, n, k];
}

function readShared(field: Field, dims: readonly string[]): Pick<KernelManifest, "shared"> {
    const shared = field.optional((all) =>
        all.array().map((array) => ({
            name: array.get("name").string(),
            element: readElement(array.get("element")),
            dims: array
                .get("dims")
                .array()
                .map((dim) => readDim(dim, dims)),
        })),
    );
    return shared === undefined ? {} : { shared };
}

function readParameter(parameter: Field, dims: readonly string[]): ParameterManifest {
    const name = parameter.get("name").string();
    return parameter.get("kind").oneOf(["scalar", "view"]) === "scalar"
        ? { kind: "scalar", name, type: readElement(parameter.get("type")) }
        : {
              kind: "view",
              name,
              element: readElement(parameter.get("element")),
              dims: parameter
                  .get("dims")
                  .array()
                  .map((dim) => readDim(dim, dims)),
              mutable: parameter.get("mutable").boolean(),
              ...readFlag(parameter, "strided"),
              ...readFlag(parameter, "large"),
              ...readFlag(parameter, "alias"),
          };
}

function readFlag<K extends string>(parameter: Field, key: K): { readonly [key in K]?: boolean } {
    const set = parameter.get(key).optional((flag) => flag.boolean()) ?? false;
    return (set ? { [key]: true } : {}) as { readonly [key in K]?: boolean };
}

/** A type; `depth` is how many structures and arrays are around it. */
function readElement(field: Field, depth = 0): ManifestType {
    if (depth > MAX_TYPE_DEPTH) throw field.error(`must be nested at most ${MAX_TYPE_DEPTH} deep`);
    if (field.shape() === "string") {
        const type = field.string();
        if (lanesOfText(type, SCALARS) !== undefined) return type as ManifestElement;
    }
    if (field.shape() !== "other") {
        throw field.error(`must be one of ${SCALARS.join(", ")}, a vector such as f32x4, a structure or an array`);
    }
    const array = field.get("array").optional((element) => readElement(element, depth + 1));
    if (array !== undefined) {
        const extents = field.get("extents");
        return { array, extents: extents.array().map((extent) => extent.integer(1, MAX_ARGUMENT_SIZE)) };
    }
    const size = field.get("size").integer(1, MAX_ARGUMENT_SIZE);
    let end = 0;
    const fields = field
        .get("fields")
        .array()
        .map((each) => {
            const type = readElement(each.get("type"), depth + 1);
            const offset = each.get("offset").integer(end, size);
            end = offset + sizeOf(type);
            if (end > size) throw each.get("offset").error("must leave its field inside the structure");
            return { name: each.get("name").string(), type, offset };
        });
    requireDistinct(field.get("fields"), fields);
    return { struct: field.get("struct").string(), size, fields };
}

const MAX_VALUES = 16;

function readReport(report: Field): ReportManifest {
    const file = report.get("file").string();
    const line = report.get("line").integer(1, Number.MAX_SAFE_INTEGER);
    const kind = report.get("kind").oneOf(["print", "assert", "bounds"]);
    if (kind === "bounds") {
        const access = report.get("access").oneOf(["element", "end", "start"]);
        const dimension = report.get("dimension").integer(0, Number.MAX_SAFE_INTEGER);
        return { kind, file, line, access, name: report.get("name").string(), dimension };
    }
    const values = report.get("values").array();
    const pieces = report.get("pieces").array();
    if (values.length > MAX_VALUES || pieces.length !== values.length + 1) {
        throw report.get("pieces").error(`must be one more than the values, of which there are at most ${MAX_VALUES}`);
    }
    return {
        kind,
        file,
        line,
        pieces: pieces.map((piece) => piece.string()),
        values: values.map((value) => value.oneOf(SCALARS)),
    };
}

function readArguments(
    field: Field,
    kernel: Pick<KernelManifest, "parameters" | "dims" | "argumentSize">,
): ArgumentManifest[] {
    let end = 0;
    const place = (argument: Field, size: number): number => {
        const offset = argument.get("offset").integer(0, MAX_ARGUMENT_SIZE);
        if (offset < end || offset % size !== 0 || offset + size > kernel.argumentSize) {
            throw argument
                .get("offset")
                .error(`must be a multiple of ${size} in ${end} … ${kernel.argumentSize - size}`);
        }
        end = offset + size;
        return offset;
    };
    const result = field.array().map((argument): ArgumentManifest => {
        const kind = argument.get("kind").oneOf(["scalar", "view", "dim", "stride", "reports"]);
        if (kind === "reports") {
            return { kind, name: REPORTS_ARGUMENT, offset: place(argument, VIEW_ARGUMENT_SIZE) };
        }
        const name = argument.get("name").string();
        if (kind === "dim") {
            argument.get("name").oneOf(kernel.dims);
            return { kind, name, offset: place(argument, SCALAR_SIZES.index) };
        }
        if (kind === "stride") {
            const view = argument.get("view").string();
            const owner = kernel.parameters.find((candidate) => candidate.name === view);
            if (owner?.kind !== "view" || !owner.strided) {
                throw argument.get("view").error("must be the name of a strided view parameter");
            }
            const dimension = argument.get("dimension").integer(0, owner.dims.length - 1);
            return { kind, name, view, dimension, offset: place(argument, SCALAR_SIZES.index) };
        }
        const parameter = kernel.parameters.find((candidate) => candidate.name === name);
        if (kind === "view") {
            if (parameter?.kind !== "view") {
                throw argument.get("name").error("must be the name of a view parameter");
            }
            return { kind, name, offset: place(argument, VIEW_ARGUMENT_SIZE) };
        }
        const type = argument.get("type").oneOf(SCALARS);
        if (parameter?.kind !== "scalar") throw argument.get("name").error("must be the name of a value parameter");
        const at = argument.get("at").optional((field) => field.integer(0, MAX_ARGUMENT_SIZE)) ?? 0;
        if (scalarAt(parameter.type, at) !== type) {
            throw argument.get(at === 0 ? "name" : "at").error(`must be where a parameter has a ${type}`);
        }
        const offset = place(argument, SCALAR_SIZES[type]);
        return at === 0 ? { kind, name, type, offset } : { kind, name, type, at, offset };
    });
    // A value of several scalars has a piece for each.
    requireDistinct(
        field,
        result.map((each) => ({ name: "at" in each ? `${each.name}+${each.at}` : each.name })),
    );
    return result;
}

function readLaunch(launch: Field, dims: readonly string[]): LaunchManifest {
    const workgroupField = launch.get("workgroup");
    const workgroup = workgroupField.array().map((size) => size.integer(1, MAX_WORKGROUP));
    if (workgroup.length < 1 || workgroup.length > 3 || workgroup.reduce((a, b) => a * b, 1) > MAX_WORKGROUP) {
        throw workgroupField.error(`must be one to three sizes of at most ${MAX_WORKGROUP} work-items in all`);
    }
    const readSizes = (sizes: Field): ManifestDim[] => {
        const result = sizes.array().map((size) => readDim(size, dims));
        if (result.length < 1 || result.length > 3) {
            throw sizes.error("must be one to three sizes; an axis without one has 1");
        }
        return result;
    };
    if (launch.get("kind").oneOf(["over", "groups"]) === "groups") {
        const groups = readSizes(launch.get("groups"));
        const persistent = readFlag(launch, "persistent");
        if (persistent.persistent && groups.length > 1) {
            throw launch.get("groups").error("must be one size of a persistent kernel");
        }
        return { kind: "groups", groups, workgroup, ...persistent };
    }
    const elements = launch.get("elements").optional((count) => count.integer(1, MAX_ELEMENTS));
    return { kind: "over", extents: readSizes(launch.get("extents")), ...(elements && { elements }), workgroup };
}

function readDim(dim: Field, dims: readonly string[], depth = 0): ManifestDim {
    if (depth > MAX_EXPRESSION_DEPTH) {
        throw dim.error(`must be nested at most ${MAX_EXPRESSION_DEPTH} deep`);
    }
    switch (dim.shape()) {
        case "number":
            return dim.integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
        case "string":
            return dim.oneOf(dims);
        case "array": {
            const [operator, left, right, ...rest] = dim.array();
            if (operator === undefined || left === undefined || right === undefined || rest.length > 0) {
                throw dim.error("must be [operator, left, right]");
            }
            return [operator.oneOf(OPERATORS), readDim(left, dims, depth + 1), readDim(right, dims, depth + 1)];
        }
        case "other":
            throw dim.error("must be an integer, the name of a dimension, or [operator, left, right]");
    }
}

function requireDistinct(field: Field, items: readonly { readonly name: string }[]): void {
    const seen = new Set<string>();
    for (const { name } of items) {
        if (seen.has(name)) {
            throw field.error(`must declare ${JSON.stringify(name)} once`);
        }
        seen.add(name);
    }
}
