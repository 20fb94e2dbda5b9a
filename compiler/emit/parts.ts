// Which kernels LLVM compiles together. Kernels share nothing but the functions that they call, so a module of many becomes
// parts that are compiled at the same time. The parts follow from the IR alone: the same input gives the same bytes on any
// number of processors.

import type { ModuleContents } from "../ir/contents.js";
import type { IrFunction } from "../ir/module.js";

/** A part has at least so many operations, where there are that many: 30 ms of LLVM's time, of which 2 are its start. */
const PART = 300;

/**
 * The functions of each part, in the module's order: kernels, and what they call. A function that is not inlined would be
 * compiled in every part that calls it, so a module with such a function is one part.
 *
 * @param contents the module's
 * @param sizes operations of each function, with all that it calls
 * @param tiled kernels that share a part with no others
 */
export function partsOf(
    contents: ModuleContents,
    sizes: ReadonlyMap<string, number>,
    inlined: ReadonlySet<string>,
    tiled: ReadonlySet<string> = new Set(),
): readonly (readonly IrFunction[])[] {
    const functions = [...contents.keys()];
    const groups: IrFunction[][] = [[]];
    let room = PART;
    for (const fn of functions) {
        if (fn.kernel === null && !inlined.has(fn.name)) return [functions];
        if (fn.kernel === null) continue;
        const [first] = groups.at(-1) ?? [];
        if (room <= 0 || (first && tiled.has(first.name) !== tiled.has(fn.name))) {
            groups.push([]);
            room = PART;
        }
        groups.at(-1)?.push(fn);
        room -= sizes.get(fn.name) ?? 0;
    }
    if (groups.length < 2) return [functions];
    const callees = new Map([...contents].map(([{ name }, each]) => [name, each.callees]));
    return groups.map((group) => {
        const wanted = new Set<string>();
        const want = (name: string): void => {
            if (wanted.has(name)) return;
            wanted.add(name);
            for (const callee of callees.get(name) ?? []) want(callee);
        };
        for (const { name } of group) want(name);
        return functions.filter(({ name }) => wanted.has(name));
    });
}
