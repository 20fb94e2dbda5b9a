// A kernel's arguments from the values of the command line: each typed by the parameter it is for. Names that the kernel
// does not have, and those that are missing, are left to the runtime, which says what the kernel takes.

import { typeText } from "../../../codeobject/layout.js";
import type { KernelManifest, ManifestType } from "../../../codeobject/manifest.js";
import { formatView, type ViewParameter } from "../../../codeobject/manifest-format.js";
import { isSmallFloat } from "../../../codeobject/small-floats.js";
import { lanesOf } from "../../../codeobject/vectors.js";
import { formatShape } from "../../../runtime/dims.js";
import { arrayOfBytes } from "../../../runtime/elements.js";
import type { Gpu, KernelArgument, Tensor } from "../../../runtime/index.js";
import { UserError } from "../errors.js";
import { readBinary } from "../files.js";
import { type NpyArray, npyTypeOf, readNpy } from "../npy.js";
import { type Generated, generate } from "./data.js";
import { scalarIn } from "./number.js";
import type { Value } from "./value.js";

export interface Arguments {
    readonly all: Readonly<Record<string, KernelArgument>>;
    /** The tensor of a view that a value was given for. */
    view(name: string): Tensor;
}

export async function makeArguments(
    gpu: Gpu,
    kernel: KernelManifest,
    values: ReadonlyMap<string, Value>,
): Promise<Arguments> {
    const all = new Map<string, KernelArgument>();
    const views = new Map<string, Tensor>();
    for (const [name, value] of values) {
        const parameter = kernel.parameters.find((each) => each.name === name);
        if (parameter?.kind === "view") {
            const tensor = await makeView(gpu, parameter, value);
            views.set(name, tensor);
            all.set(name, tensor);
        } else {
            all.set(name, makeScalar(name, parameter?.type ?? "index", value));
        }
    }
    return {
        all: Object.fromEntries(all),
        view(name) {
            const view = views.get(name);
            if (view === undefined) {
                throw new Error(`the kernel ran without its view ${name}`);
            }
            return view;
        },
    };
}

function makeScalar(name: string, type: ManifestType, value: Value): KernelArgument {
    if (typeof type !== "string") throw noStructures(name, type);
    const { scalar, lanes } = lanesOf(type);
    if (lanes > 1) {
        const parts = value.kind === "list" && value.shape.length === 1 ? value.texts : [];
        if (parts.length !== lanes) {
            const example = Array.from({ length: lanes }, (_, at) => at + 1).join(",");
            throw new UserError(
                `--arg ${name}: ${name} is a vector of type ${type}`,
                `give its ${lanes} values, such as --arg '${name}=[${example}]'`,
            );
        }
        return inArgument(name, () => parts.map((part) => scalarIn(part, scalar)));
    }
    if (value.kind !== "scalar") {
        throw new UserError(
            `--arg ${name}: ${name} is a scalar of type ${type}`,
            `give one value, such as --arg ${name}=2`,
        );
    }
    return inArgument(name, () => scalarIn(value.text, scalar));
}

async function makeView(gpu: Gpu, parameter: ViewParameter, value: Value): Promise<Tensor> {
    const { name, element } = parameter;
    if (typeof element !== "string") throw noStructures(name, element);
    const { scalar, lanes } = lanesOf(element);
    switch (value.kind) {
        case "scalar":
            throw new UserError(
                `--arg ${name}: ${name} is a view, ${formatView(parameter)}`,
                `give its elements, such as --arg '${name}=fill(${value.text}, SHAPE)'`,
            );
        case "list":
            return gpu.tensor(
                element,
                outerShape(parameter, value.shape, lanes, "the list"),
                inArgument(name, () => generate(value, scalar, `--arg ${name}`)),
            );
        case "zeros":
            return gpu.tensor(element, value.shape);
        case "npy": {
            const array = await readArray(name, value.path);
            if (isSmallFloat(scalar) || array.type !== npyTypeOf(scalar)) {
                throw new UserError(
                    `--arg ${name}: ${value.path} holds ${array.type}, and ${name} is ${formatView(parameter)}`,
                    "convert it with numpy's astype",
                );
            }
            const shape = outerShape(parameter, array.shape, lanes, value.path);
            // A copy, because the elements need not be aligned within the file.
            return gpu.tensor(element, shape, arrayOfBytes(element, Uint8Array.from(array.bytes).buffer));
        }
        default:
            return gpu.tensor(
                element,
                value.shape,
                inArgument(name, () => generate(withLanes(value, lanes), scalar, `--arg ${name}`)),
            );
    }
}

/** The shape that a tensor of vectors has whose lanes are the last axis of `shape`. */
function outerShape(
    parameter: ViewParameter,
    shape: readonly number[],
    lanes: number,
    what: string,
): readonly number[] {
    if (lanes === 1) return shape;
    if (shape.length < 2 || shape.at(-1) !== lanes) {
        throw new UserError(
            `--arg ${parameter.name}: ${what} has the shape ${formatShape(shape)}, and ${parameter.name} is ${formatView(parameter)}`,
            `its last axis holds the ${lanes} lanes of a vector`,
        );
    }
    return shape.slice(0, -1);
}

function noStructures(name: string, type: ManifestType): UserError {
    return new UserError(
        `--arg ${name}: ${name} is of the structure ${typeText(type)}, which the command line has no values for`,
        "launch the kernel from a program, with objects for its values (spec/embedding.md)",
    );
}

/** A vector's lanes are one more axis. */
function withLanes(value: Generated, lanes: number): Generated {
    return lanes === 1 ? value : { ...value, shape: [...value.shape, lanes] };
}

async function readArray(name: string, path: string): Promise<NpyArray> {
    const bytes = await readBinary(path);
    return inArgument(name, () => readNpy(bytes), `${path}: `);
}

/** Says which argument a mistake is in. */
function inArgument<T>(name: string, work: () => T, prefix = ""): T {
    try {
        return work();
    } catch (error) {
        if (error instanceof UserError) {
            throw new UserError(`--arg ${name}: ${prefix}${error.message}`, error.help);
        }
        throw error;
    }
}
