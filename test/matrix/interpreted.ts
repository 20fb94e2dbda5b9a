// A matrix kernel in the IR's interpreter, whole tiles at a time: what every target's lowering is held against.

import { encodeSmallFloat, isSmallFloat } from "../../codeobject/small-floats.js";
import { interpret } from "../../compiler/ir/interpret/interpret.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import type { ConstantValue } from "../../compiler/ir/module.js";
import type { IrScalar } from "../../compiler/ir/types.js";
import { storedAs } from "../../compiler/lower/layout.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { checkProgram } from "../../compiler/sema/check.js";
import type { DimExpr, ScalarName } from "../../compiler/sema/types.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { View } from "../run/harness.js";

type Value = View<"f32"> | number | bigint;

/** What its views hold after the launch, as numbers; of small floats their bits. */
export function interpreted(
    source: string,
    kernelName: string,
    args: Readonly<Record<string, unknown>>,
): Readonly<Record<string, readonly number[]>> {
    const { program, diagnostics } = checkProgram({ path: "test.soma", text: source }, loadModule);
    const kernel = program?.kernels.find(({ name }) => name === kernelName);
    if (!program || kernel?.launch.kind !== "tiles") throw new Error(diagnostics.map((d) => d.message).join("\n"));
    const dims = new Map<string, number>();
    const memories: Memory[] = [];
    const values = kernel.params.map(({ name, type }) => {
        const given = args[name] as Value;
        if (!(given instanceof View)) {
            const isInteger = type.kind === "scalar" && !type.name.startsWith("f");
            return isInteger ? BigInt(given) : Number(given);
        }
        if (type.kind !== "view" || type.element.kind !== "scalar") throw new Error(`${name} is no view`);
        for (const [axis, dim] of type.dims.entries()) {
            if (dim.kind === "dim") dims.set(dim.name, given.shape[axis] ?? 0);
        }
        const memory = memoryOf(name, type.element.name, given);
        memories.push(memory);
        return memory;
    });
    const sizes = kernel.launch.domain.map(({ extent, step }) => Math.ceil(extentOf(extent, dims) / (step ?? 1)));
    const [x = 1, y = 1, z = 1] = sizes.reverse();
    const { fault } = interpret(lowerProgram(program), {
        kernel: kernelName,
        groups: [x, y, z],
        args: [...values, ...kernel.dims.map((name) => BigInt(dims.get(name) ?? 0))],
        limit: 1e9,
    });
    if (fault) throw new Error(fault.message);
    return Object.fromEntries(memories.map(({ name, values: held }) => [name, held.map(Number)]));
}

function memoryOf(name: string, type: ScalarName, { shape, data }: View<"f32">): Memory {
    const element: IrScalar = storedAs(type);
    const count = shape.reduce((product, extent) => product * extent, 1);
    const values = Array.from({ length: count }, (_, at): ConstantValue => {
        const value = Number(data?.[at] ?? 0);
        if (isSmallFloat(type)) return BigInt(encodeSmallFloat(type, value));
        return element.startsWith("f") ? value : BigInt(value);
    });
    return { name, element, values };
}

function extentOf(dim: DimExpr, dims: ReadonlyMap<string, number>): number {
    if (dim.kind === "const") return dim.value;
    if (dim.kind === "dim") return dims.get(dim.name) ?? 0;
    throw new Error("a domain of plain dimensions was expected");
}
