// The quick way of a launch: a function, written once for each kernel, that checks the arguments and writes the launch into
// the command buffer, without making an object. It takes what is plainly right (row-major tensors, numbers, no overlaps) and
// leaves the rest, mistakes among it, to the general way (arguments.ts, grid.ts), which both must agree with.
// Names of the manifest get into the text as string literals only, numbers as numbers: a code object can't bring code.

import {
    type ArgumentManifest,
    type KernelManifest,
    MAX_LARGE_VIEW_BYTES,
    MAX_VIEW_BYTES,
    type ManifestDim,
    type ManifestScalar,
} from "../codeobject/manifest.js";
import type { ViewParameter } from "../codeobject/manifest-format.js";
import { COMMAND, type CommandBuffer, LAUNCH_HEADER_BYTES, LAUNCH_WORD } from "./commands.js";
import { boundDims } from "./dims.js";
import type { LaunchLimits } from "./grid.js";
import { halfFromNumber } from "./half.js";
import type { Lane, Uses } from "./lanes.js";
import { Tensor } from "./tensor.js";

/** Where a launch is written, and who says on which stream. */
export interface LaunchTarget {
    readonly commands: CommandBuffer;
    begin(): void;
    reads(uses: Uses): void;
    writes(uses: Uses): void;
    choose(named: Lane | undefined): Lane;
}

/** Of one kernel. Neither function writes anything where a launch must go the general way. */
export interface Encoder {
    /**
     * Writes a launch as the target's last command.
     * @returns its lane; undefined where it must go the general way
     */
    launch(args: unknown, named: Lane | undefined, target: LaunchTarget): Lane | undefined;
    /** Writes a launch for a graph, on no stream. @returns false where it must go the general way */
    capture(args: unknown, commands: CommandBuffer): boolean;
}

const NEVER: Encoder = { launch: () => undefined, capture: () => false };

/**
 * @param owner whose tensors the kernel takes
 * @param resident of a persistent kernel: how many of its workgroups the device holds at once
 */
export function makeEncoder(
    kernel: KernelManifest,
    kernelSlot: number,
    owner: object,
    limits: LaunchLimits,
    resident?: number,
): Encoder {
    const text = encoderText(kernel, kernelSlot, limits, resident);
    if (text === undefined) return NEVER;
    try {
        const make = new Function("Tensor", "owner", "half", "exact", text) as (...free: unknown[]) => Encoder;
        return make(Tensor, owner, halfFromNumber, exact);
    } catch (error) {
        // Node was told not to make code from strings.
        if (error instanceof EvalError) return NEVER;
        throw error;
    }
}

/** The integer, or NaN where a double may not hold the exact result. */
function exact(value: number): number {
    return Number.isSafeInteger(value) ? value : Number.NaN;
}

const MOST_F32 = 3.4028235677973366e38;
const MOST_WORK_ITEMS = 2 ** 32 - 1;
const TWO_32 = 4294967296;

/** Kernels that only the general way launches give undefined. */
function encoderText(
    kernel: KernelManifest,
    kernelSlot: number,
    limits: LaunchLimits,
    resident: number | undefined,
): string | undefined {
    const { launch } = kernel;
    const block = [0, 1, 2].map((axis) => launch.workgroup[axis] ?? 1);
    const simple =
        (kernel.shared ?? []).length === 0 &&
        block.every((size, axis) => size <= (limits.maxWorkgroup[axis] as number)) &&
        block.reduce((product, size) => product * size, 1) <= limits.maxWorkgroupSize &&
        kernel.arguments.every(isSimple) &&
        kernel.parameters.every((each) => typeof (each.kind === "view" ? each.element : each.type) === "string") &&
        kernel.parameters.every(
            (each) => each.kind === "view" || scalarCheck(each.type as ManifestScalar, "") !== undefined,
        );
    if (!simple) return undefined;

    const views = kernel.parameters.filter((each) => each.kind === "view");
    const bound = boundDims(kernel);
    const free = kernel.dims.filter((dim) => !bound.has(dim));
    const names = new Names(kernel);
    const checks = [
        ...countChecks(kernel.parameters.length + free.length),
        ...kernel.parameters.flatMap((parameter) => parameterLines(parameter, names)),
        ...free.flatMap((dim) => [
            `const ${names.dim(dim)} = args[${JSON.stringify(dim)}];`,
            `if (!Number.isSafeInteger(${names.dim(dim)})) return undefined;`,
        ]),
        ...dimChecks(views, free, names),
        ...overlapChecks(views, names),
        ...gridLines(kernel, block, limits, resident, names),
    ];
    const written = new Set(views.filter((view) => view.mutable).map((view) => view.name));
    const usesOf = ({ name }: ViewParameter): string => `${names.of(name)}.storage.uses`;
    const launches = [
        "target.begin();",
        ...views.map((view) => `target.${written.has(view.name) ? "writes" : "reads"}(${usesOf(view)});`),
        "const lane = target.choose(named);",
        "const commands = target.commands;",
        ...commandLines(kernel, kernelSlot, block, "lane.slot", names),
        "lane.submitted++;",
        ...views.map((view) => `${usesOf(view)}.did${written.has(view.name) ? "Write" : "Read"}(lane);`),
        "return lane;",
    ];
    const captures = [...commandLines(kernel, kernelSlot, block, "0", names), "return true;"];
    const text = (lines: readonly string[]): string => lines.join("\n");
    return `"use strict";
return {
launch: function (args, named, target) {\n${text([...checks, ...launches])}\n},
capture: function (args, commands) {\n${text([...checks, ...captures]).replaceAll("return undefined;", "return false;")}\n},
};`;
}

function countChecks(count: number): string[] {
    return [
        "if (typeof args !== 'object' || args === null) return undefined;",
        "let given = 0;",
        "for (const _ in args) given++;",
        `if (given !== ${count}) return undefined;`,
    ];
}

function parameterLines(parameter: KernelManifest["parameters"][number], names: Names): string[] {
    const name = names.of(parameter.name);
    return [
        `const ${name} = args[${JSON.stringify(parameter.name)}];`,
        ...(parameter.kind === "view"
            ? viewChecks(parameter, name)
            : (scalarCheck(parameter.type as ManifestScalar, name) as string[])),
    ];
}

/** The command behind what is in the buffer `commands`. */
function commandLines(
    kernel: KernelManifest,
    kernelSlot: number,
    block: readonly number[],
    stream: string,
    names: Names,
): string[] {
    const padded = Math.ceil(kernel.argumentSize / 8) * 8;
    const bytes = LAUNCH_HEADER_BYTES + padded;
    const word = (index: number, value: string | number): string => `u32[w + ${index}] = ${value};`;
    // Padding is zero: words that are not wholly an argument's are cleared first.
    const whole = new Set(kernel.arguments.flatMap((each) => (sizeOfArgument(each) < 4 ? [] : wordsOf(each))));
    const cleared = Array.from({ length: padded / 4 }, (_, index) => index).filter((index) => !whole.has(index));
    return [
        `const at = commands.reserve(${bytes});`,
        "const u32 = commands.u32;",
        "const w = at >>> 2;",
        word(LAUNCH_WORD.bytes, bytes),
        word(LAUNCH_WORD.kind, COMMAND.launch),
        word(LAUNCH_WORD.stream, stream),
        word(LAUNCH_WORD.kernel, kernelSlot),
        word(LAUNCH_WORD.ticket, 0),
        word(LAUNCH_WORD.heard, 0),
        ...[0, 1, 2].flatMap((axis) => [
            word(LAUNCH_WORD.grid + axis, `g${axis}`),
            word(LAUNCH_WORD.block + axis, block[axis] as number),
        ]),
        word(LAUNCH_WORD.shared, 0),
        word(LAUNCH_WORD.argumentBytes, kernel.argumentSize),
        word(LAUNCH_WORD.cooperative, 0),
        word(LAUNCH_WORD.offsets, 0),
        ...cleared.map((index) => word(LAUNCH_HEADER_BYTES / 4 + index, 0)),
        ...kernel.arguments.flatMap((argument) => argumentLines(argument, kernel, names)),
    ];
}

/** JavaScript's names for the manifest's. */
class Names {
    private readonly parameters: readonly string[];
    private readonly dims: readonly string[];

    constructor(kernel: KernelManifest) {
        this.parameters = kernel.parameters.map(({ name }) => name);
        this.dims = kernel.dims;
    }

    of(parameter: string): string {
        return `p${this.parameters.indexOf(parameter)}`;
    }

    dim(name: string): string {
        return `d${this.dims.indexOf(name)}`;
    }
}

function isSimple(argument: ArgumentManifest): boolean {
    return argument.kind !== "reports" && argument.offset % Math.min(4, sizeOfArgument(argument)) === 0;
}

function sizeOfArgument(argument: ArgumentManifest): number {
    return argument.kind === "scalar" ? (STORES[argument.type]?.size ?? 0) : 8;
}

function wordsOf(argument: ArgumentManifest): number[] {
    const first = Math.floor(argument.offset / 4);
    return sizeOfArgument(argument) === 8 ? [first, first + 1] : [first];
}

function viewChecks(view: ViewParameter, name: string): string[] {
    const most = view.large ? MAX_LARGE_VIEW_BYTES : MAX_VIEW_BYTES;
    return [
        `if (!(${name} instanceof Tensor) || ${name}.owner !== owner || !${name}.storage.isUsable) return undefined;`,
        `if (${name}.type !== ${JSON.stringify(view.element)} || ${name}.shape.length !== ${view.dims.length}) return undefined;`,
        `if (!${name}.isRowMajor || ${name}.size === 0 || ${name}.byteLength > ${most}) return undefined;`,
        `const a${name} = ${name}.numericAddress;`,
        `if (!(a${name} > 0)) return undefined;`,
    ];
}

/** What a scalar must be to be stored as it is; undefined for types that the general way stores. */
function scalarCheck(type: ManifestScalar, name: string): string[] | undefined {
    const check = STORES[type]?.check(name);
    return check === undefined ? undefined : [`if (!(${check})) return undefined;`];
}

interface Store {
    readonly size: number;
    check(name: string): string;
    /** @param offset in bytes from the command's start, which is a multiple of 8 */
    write(name: string, offset: number): string[];
}

const word = (offset: number): string => `u32[w + ${offset / 4}]`;

function bits(size: number, least: number, most: number): Store {
    const view = size === 1 ? "u8" : "u16";
    return {
        size,
        check: (name) => `Number.isInteger(${name}) && ${name} >= ${least} && ${name} <= ${most}`,
        write: (name, offset) => [
            size === 4 ? `${word(offset)} = ${name};` : `commands.${view}[(at + ${offset}) / ${size}] = ${name};`,
        ],
    };
}

function words(least: string): Store {
    return {
        size: 8,
        check: (name) => `Number.isSafeInteger(${name})${least}`.replaceAll("NAME", name),
        write: (name, offset) => [
            `${word(offset)} = ${name};`,
            `${word(offset + 4)} = Math.floor(${name} / ${TWO_32});`,
        ],
    };
}

const STORES: Readonly<Partial<Record<ManifestScalar, Store>>> = {
    bool: {
        size: 1,
        check: (name) => `${name} === true || ${name} === false`,
        write: (name, offset) => [`commands.u8[at + ${offset}] = ${name} ? 1 : 0;`],
    },
    i8: bits(1, -(2 ** 7), 2 ** 7 - 1),
    u8: bits(1, 0, 2 ** 8 - 1),
    i16: bits(2, -(2 ** 15), 2 ** 15 - 1),
    u16: bits(2, 0, 2 ** 16 - 1),
    i32: bits(4, -(2 ** 31), 2 ** 31 - 1),
    u32: bits(4, 0, 2 ** 32 - 1),
    i64: words(""),
    index: words(""),
    u64: words(" && NAME >= 0"),
    f16: {
        size: 2,
        check: (name) => `typeof ${name} === "number" && !(Math.abs(${name}) >= 65520 && Math.abs(${name}) < Infinity)`,
        write: (name, offset) => [`commands.u16[(at + ${offset}) / 2] = half(${name});`],
    },
    f32: {
        size: 4,
        check: (name) =>
            `typeof ${name} === "number" && !(Math.abs(${name}) >= ${MOST_F32} && Math.abs(${name}) < Infinity)`,
        write: (name, offset) => [`commands.f32[w + ${offset / 4}] = ${name};`],
    },
    f64: {
        size: 8,
        check: (name) => `typeof ${name} === "number"`,
        write: (name, offset) =>
            offset % 8 === 0
                ? [`commands.f64[(at + ${offset}) / 8] = ${name};`]
                : [`new DataView(u32.buffer).setFloat64(at + ${offset}, ${name}, true);`],
    },
};

/** Binds the dimensions and checks every extent, in the numbers that a double holds exactly. */
function dimChecks(views: readonly ViewParameter[], free: readonly string[], names: Names): string[] {
    const lines: string[] = [];
    const known = new Set(free);
    const later: string[] = [];
    for (const view of views) {
        view.dims.forEach((dim, axis) => {
            const extent = `${names.of(view.name)}.shape[${axis}]`;
            if (typeof dim === "string" && !known.has(dim)) {
                known.add(dim);
                lines.push(`const ${names.dim(dim)} = ${extent};`);
            } else {
                later.push(`if (${extent} !== ${dimText(dim, names)}) return undefined;`);
            }
        });
    }
    return [...lines, ...later];
}

/** NaN where a step is not exact, which is equal to no extent and no good size. */
function dimText(dim: ManifestDim, names: Names): string {
    if (typeof dim === "number") return String(dim);
    if (typeof dim === "string") return names.dim(dim);
    const [operator, left, right] = dim;
    const [a, b] = [dimText(left, names), dimText(right, names)];
    const value = operator === "/" ? `Math.trunc(${a} / ${b})` : `(${a} ${operator} ${b})`;
    return `exact(${value})`;
}

/** The quick way takes memory that overlaps in no byte; whether lattices meet is for the general way to say. */
function overlapChecks(views: readonly ViewParameter[], names: Names): string[] {
    return views.flatMap((view, index) =>
        views
            .slice(0, index)
            .filter((other) => (other.mutable || view.mutable) && !(other.alias || view.alias))
            .map((other) => {
                const [a, b] = [names.of(view.name), names.of(other.name)];
                return `if (a${a} < a${b} + ${b}.byteLength && a${b} < a${a} + ${a}.byteLength) return undefined;`;
            }),
    );
}

function gridLines(
    { launch }: KernelManifest,
    block: readonly number[],
    limits: LaunchLimits,
    resident: number | undefined,
    names: Names,
): string[] {
    const sizes = launch.kind === "over" ? launch.extents : launch.groups;
    return [0, 1, 2].flatMap((axis) => {
        const size = sizes[axis];
        if (size === undefined) return [`const g${axis} = 1;`];
        const workgroup = block[axis] as number;
        const value = dimText(size, names);
        const count = launch.kind === "over" ? `Math.ceil(${value} / ${workgroup})` : value;
        const most = Math.min(limits.maxGrid[axis] as number, Math.floor(MOST_WORK_ITEMS / workgroup));
        const elements = launch.kind === "over" && axis === 0 ? (launch.elements ?? 1) : 1;
        return [
            `const n${axis} = ${count};`,
            `if (!(n${axis} >= 1 && n${axis} <= ${most})) return undefined;`,
            resident === undefined
                ? `const g${axis} = Math.ceil(n${axis} / ${elements});`
                : `const g${axis} = Math.min(n${axis}, ${resident});`,
        ];
    });
}

function argumentLines(argument: ArgumentManifest, kernel: KernelManifest, names: Names): string[] {
    const offset = LAUNCH_HEADER_BYTES + argument.offset;
    const integer = words("");
    switch (argument.kind) {
        case "view":
            return integer.write(`a${names.of(argument.name)}`, offset);
        case "dim":
            return kernel.dims.includes(argument.name) ? integer.write(names.dim(argument.name), offset) : [];
        case "stride":
            return integer.write(`${names.of(argument.view)}.strides[${argument.dimension}]`, offset);
        case "scalar":
            return STORES[argument.type]?.write(names.of(argument.name), offset) ?? [];
        case "reports":
            return [];
    }
}
