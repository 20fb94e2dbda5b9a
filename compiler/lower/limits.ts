// What a target's limits refuse of a checked program, by the layouts that the lowering gives its kernels: shared arrays,
// the axes of workgroups, and arguments. What attributes and single private arrays ask for is refused where they stand.

import { beyondLimit, tooMuchShared } from "../diagnostics/catalogue/codegen.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type { Kernel, Program } from "../sema/program.js";
import { targetsThat } from "../targets/having.js";
import type { Target } from "../targets/targets.js";
import { layoutOf } from "./layout.js";
import { kernelsOf } from "./manifest.js";
import { workgroupOf } from "./signature.js";

/** Errors, in the order of the kernels. */
export function reportLimits(program: Program, target: Target): readonly Diagnostic[] {
    const manifests = kernelsOf(program);
    return program.kernels.flatMap((kernel, at) => [
        ...sharedBeyond(kernel, target),
        ...workgroupBeyond(kernel, target),
        ...argumentsBeyond(kernel, manifests[at]?.argumentSize ?? 0, target),
    ]);
}

/** Where the array stands that is too much; those that the launch sizes are checked there. */
function sharedBeyond({ name: kernel, body }: Kernel, { name: target, limits }: Target): Diagnostic[] {
    const limit = limits.ldsPerWorkgroup;
    let bytes = 0;
    let place: Diagnostic["span"] | null = null;
    for (const statement of body.statements) {
        if (statement.kind !== "declare" || statement.local.space !== "shared") continue;
        const { type, span } = statement.local;
        if (type.kind === "array") bytes += layoutOf(type).size;
        if (bytes > limit) place ??= span;
    }
    if (place === null) return [];
    const having = targetsThat((each) => bytes <= each.limits.ldsPerWorkgroup);
    return [diagnose(tooMuchShared, place, { kernel, bytes, limit, target, having })];
}

const AXES = ["x", "y", "z"] as const;

function workgroupBeyond(kernel: Kernel, { name: target, limits }: Target): Diagnostic[] {
    const sizes = workgroupOf(kernel);
    return AXES.flatMap((axis, at) => {
        const size = sizes[at] ?? 1;
        const most = limits.maxWorkgroupAxes[at] ?? 1;
        if (size <= most) return [];
        const what = `a workgroup of \`${kernel.name}\` has ${size} work-items along ${axis}`;
        const limit = `one on ${target} has at most ${most} there`;
        const remedy = "make another dimension the long one: the last that is written is x";
        const having = targetsThat((each) => size <= (each.limits.maxWorkgroupAxes[at] ?? 1));
        return [diagnose(beyondLimit, kernel.span, { what, limit, remedy, having })];
    });
}

function argumentsBeyond(kernel: Kernel, bytes: number, target: Target): Diagnostic[] {
    const most = (each: Target) =>
        "argumentBytes" in each.limits ? each.limits.argumentBytes : Number.POSITIVE_INFINITY;
    if (bytes <= most(target)) return [];
    const what = `the arguments of \`${kernel.name}\` take ${bytes} bytes`;
    const limit = `a kernel on ${target.name} takes at most ${most(target)}`;
    const remedy = "pass large values in views";
    const having = targetsThat((each) => bytes <= most(each));
    return [diagnose(beyondLimit, kernel.span, { what, limit, remedy, having })];
}
