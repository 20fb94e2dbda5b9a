// LLVM's parameter attributes, and which functions are inlined: what Soma promises and wants on every target.

import type { ModuleContents } from "../ir/contents.js";
import type { IrFunction, Parameter, Range } from "../ir/module.js";
import { bitsOf, type IrScalar, isBuffer, isScalar } from "../ir/types.js";
import { llvmType } from "./text.js";
import type { Usage } from "./usage.js";

/** Denormals are kept, as IEEE 754 has it, and no exception is looked at. */
export const COMMON_ATTRIBUTES = `nounwind "denormal-fp-math"="ieee,ieee"`;

/**
 * Of an integer what launches see to. Of a buffer how it is used: a kernel's mutable views overlap no other view (checked at launch) unless one of the two is
 * declared `alias`, so none of its other views aliases what is written through another; a function's may.
 */
export function parameterAttributes(fn: IrFunction, parameter: Parameter, usage: Usage): string {
    const { value, range } = parameter;
    const type = fn.values[value]?.type ?? "bool";
    if (!isBuffer(type)) return range && isScalar(type) ? rangeAttribute(type, range) : "";
    const reads = usage.reads.has(value);
    const writes = usage.writes.has(value);
    const access = reads && writes ? "" : writes ? " writeonly" : reads ? " readonly" : " readnone";
    return `${isAlone(fn, parameter) ? " noalias" : ""} captures(none)${access}`;
}

/** LLVM's upper bound is not included. */
function rangeAttribute(type: IrScalar, { min, max }: Range): string {
    return ` range(${llvmType(type)} ${min}, ${BigInt.asIntN(bitsOf(type), max + 1n)})`;
}

/** Whether what is written through it or another is never accessed through both. */
function isAlone({ kernel, parameters, values }: IrFunction, { value, alias, mutable }: Parameter): boolean {
    if (!kernel) return false;
    const others = parameters.filter((each) => each.value !== value && isBuffer(values[each.value]?.type ?? "bool"));
    return !others.some((other) => (mutable || other.mutable) && (alias || other.alias));
}

/** Beyond this many operations, with all it calls, a function is left to LLVM's own judgement. */
const INLINE_LIMIT = 20_000;

/** How many operations each function has, with those of all that it calls. */
export function wholeSizes(contents: ModuleContents): ReadonlyMap<string, number> {
    const sizes = new Map<string, number>();
    for (const [{ name }, { size, callees }] of contents) {
        sizes.set(
            name,
            callees.reduce((sum, callee) => sum + (sizes.get(callee) ?? 0), size),
        );
    }
    return sizes;
}

/**
 * The functions that are always inlined: all of ordinary size, and those that say so. Calls cost a GPU its registers, but functions that call
 * functions that call functions must not multiply without end.
 */
export function inlinedFunctions(contents: ModuleContents, sizes: ReadonlyMap<string, number>): ReadonlySet<string> {
    const inlined = [...contents.keys()].filter(
        ({ name, options }) => options.inline || (sizes.get(name) ?? 0) <= INLINE_LIMIT,
    );
    return new Set(inlined.map(({ name }) => name));
}
