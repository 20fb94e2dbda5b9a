// The kernels behind the functions of this folder: instances of the standard library's, compiled for the GPU of the
// tensors they are called with when they are first needed there, and kept.

import type { ElementType } from "../elements.js";
import { embed } from "../embedded.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { Kernel } from "../kernel.js";
import type { Tensor } from "../tensor.js";

const modules = new Map<string, (name: string) => Kernel>();

/**
 * The kernels of a module of the standard library, instantiated.
 * @param module such as `std.scan`
 * @param instances by the names of the kernels: what stands between `<` and `>`; null for a kernel that isn't generic
 */
export function kernelsOf<N extends string>(
    module: string,
    instances: Readonly<Record<N, string | null>>,
): Readonly<Record<N, Kernel>> {
    const entries = Object.entries<string | null>(instances) as [N, string | null][];
    const source = [
        `import ${module} { ${entries.map(([kernel]) => kernel).join(", ")} }`,
        ...entries.flatMap(([kernel, values]) =>
            values === null ? [] : [`instance made_${kernel} = ${kernel}<${values}>`],
        ),
    ].join("\n");
    const named = modules.get(source) ?? embed({ path: `${module}.instances.soma`, source: `${source}\n` });
    modules.set(source, named);
    return Object.fromEntries(
        entries.map(([kernel, values]) => [kernel, named(values === null ? kernel : `made_${kernel}`)]),
    ) as Record<N, Kernel>;
}

/** Refuses what is not one of these types. */
export function requireType(what: string, { type }: Tensor, types: readonly ElementType[]): void {
    if (types.includes(type)) return;
    throw new ArgumentError(`${what} takes elements of type ${types.join(", ")}, not ${type}`);
}

/** Refuses tensors that are not of one dimension and of equal length. */
export function requireLength(what: string, first: Tensor, ...others: readonly Tensor[]): number {
    for (const { shape } of [first, ...others]) {
        if (shape.length === 1 && shape[0] === first.shape[0]) continue;
        throw new ShapeError(
            `${what} takes tensors of one dimension and equal length, not of the shapes ${[first, ...others].map((tensor) => `[${tensor.shape.join(", ")}]`).join(" and ")}`,
        );
    }
    return first.size;
}
