// LLVM's function and parameter attributes: what Soma promises about every kernel.

import { type IrFunction, type IrModule, type Parameter, walk } from "../ir/module.js";
import { isBuffer } from "../ir/types.js";
import type { Usage } from "./usage.js";

/**
 * Nothing here needs what the runtime would pass beside the arguments: sizes are constants or come from the launch
 * clause's own arithmetic. So a kernel's argument buffer holds what the manifest says and no more.
 */
const NO_HIDDEN = [
    "dispatch-ptr",
    "queue-ptr",
    "implicitarg-ptr",
    "dispatch-id",
    "hostcall-ptr",
    "heap-ptr",
    "multigrid-sync-arg",
    "default-queue",
    "completion-action",
    "lds-kernel-id",
].map((name) => `"amdgpu-no-${name}"`);

/**
 * gfx11 and later have 16-bit registers, as halves of the 32-bit ones. LLVM 22.1.8 loses values when it uses them: a
 * `llvm.copysign.f16` becomes a 32-bit v_bfi whose operand the register coalescer overwrites (test/fuzz/regressions.test.ts).
 * Without the feature it keeps one 16-bit value to a register. Targets that never had it ignore this.
 */
const WHOLE_REGISTERS = `"target-features"="-real-true16"`;

/** Denormals are kept, as IEEE 754 has it, and no exception is looked at. */
const COMMON = ["nounwind", `"denormal-fp-math"="ieee,ieee"`, WHOLE_REGISTERS, ...NO_HIDDEN];

const AXES = ["x", "y", "z"] as const;

export function kernelAttributes(fn: IrFunction): string {
    const [x, y, z] = fn.kernel?.workgroup ?? [1, 1, 1];
    const used = new Set<string>();
    walk(fn, fn.body, (op) => {
        if (op.op === "local_id" || op.op === "group_id") used.add(`${op.op}-${op.attributes.axis}`);
    });
    const absent = AXES.flatMap((name, axis) => [
        ...(used.has(`group_id-${axis}`) ? [] : [`"amdgpu-no-workgroup-id-${name}"`]),
        ...(used.has(`local_id-${axis}`) ? [] : [`"amdgpu-no-workitem-id-${name}"`]),
    ]);
    const size = `"amdgpu-flat-work-group-size"="${x * y * z},${x * y * z}"`;
    return [...COMMON, size, `"uniform-work-group-size"="true"`, ...absent].join(" ");
}

export function functionAttributes(inlined: boolean): string {
    const absent = AXES.flatMap((name) => [`"amdgpu-no-workgroup-id-${name}"`, `"amdgpu-no-workitem-id-${name}"`]);
    return [...COMMON, ...absent, ...(inlined ? ["alwaysinline"] : [])].join(" ");
}

/**
 * Of a buffer parameter. A kernel's mutable views overlap no other view (checked at launch), so none of its views
 * aliases what is written through another; a function's may.
 */
export function parameterAttributes(fn: IrFunction, { value }: Parameter, usage: Usage): string {
    if (!isBuffer(fn.values[value]?.type ?? "bool")) return "";
    const reads = usage.reads.has(value);
    const writes = usage.writes.has(value);
    const access = reads && writes ? "" : writes ? " writeonly" : reads ? " readonly" : " readnone";
    return `${fn.kernel ? " noalias" : ""} captures(none)${access}`;
}

/** Beyond this many operations, with all it calls, a function is left to LLVM's own judgement. */
const INLINE_LIMIT = 20_000;

/**
 * The functions that are always inlined: all of ordinary size. Calls cost a GPU its registers, but functions that call
 * functions that call functions must not multiply without end.
 */
export function inlinedFunctions(module: IrModule): ReadonlySet<string> {
    const sizes = new Map<string, number>();
    for (const fn of module.functions) {
        let size = 0;
        walk(fn, fn.body, ({ attributes }) => {
            const { callee } = attributes;
            size += 1 + (callee === undefined ? 0 : (sizes.get(callee) ?? 0));
        });
        sizes.set(fn.name, size);
    }
    return new Set([...sizes].filter(([, size]) => size <= INLINE_LIMIT).map(([name]) => name));
}
