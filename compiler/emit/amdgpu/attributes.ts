// LLVM's function attributes on AMDGPU: what Soma promises about every kernel.

import { AXIS_NAMES, type IrFunction, type Operation } from "../../ir/module.js";
import type { OpName } from "../../ir/ops.js";
import type { CodeOptions } from "../../sema/program.js";
import type { Target } from "../../targets/targets.js";
import { COMMON_ATTRIBUTES } from "../attributes.js";

/**
 * Nothing here needs what the runtime would pass beside the arguments: sizes are constants or come from the launch
 * clause's own arithmetic. So a kernel's argument buffer holds what the manifest says and no more.
 */
const NO_HIDDEN = [
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
const WHOLE_REGISTERS = "-real-true16";

/**
 * Without IEEE mode, which gfx12 no longer has, V_MIN and V_MAX do what `min` and `max` are to do with every NaN. With it they
 * make a quiet NaN of a signalling one, so that LLVM puts an instruction before them that quiets each operand first.
 */
const NO_IEEE_MODE = '"amdgpu-ieee"="false"';

const EVERY_FUNCTION = [COMMON_ATTRIBUTES, NO_IEEE_MODE, ...NO_HIDDEN].join(" ");

/** The size of waves is a feature of the target to LLVM, which only targets with a choice have. */
function features({ wave }: CodeOptions, { waveSize, waveSizes }: Target): string {
    const list = [WHOLE_REGISTERS];
    if (wave !== undefined && wave !== waveSize) {
        list.push(...waveSizes.map((size) => `${size === wave ? "+" : "-"}wavefrontsize${size}`));
    }
    return `"target-features"="${list.join(",")}"`;
}

/**
 * @param ids its operations that ask for ids
 * @param reports whether it tells the host which work-item it is
 */
export function kernelAttributes(fn: IrFunction, ids: readonly Operation[], target: Target, reports: boolean): string {
    const [x, y, z] = fn.kernel?.workgroup ?? [1, 1, 1];
    const size = `"amdgpu-flat-work-group-size"="${x * y * z},${x * y * z}"`;
    const { wavesPerEu } = fn.options;
    const waves = wavesPerEu === undefined ? "" : ` "amdgpu-waves-per-eu"="${wavesPerEu}"`;
    const own = `${features(fn.options, target)} ${size}${waves} "uniform-work-group-size"="true"`;
    return `${EVERY_FUNCTION} ${own}${reports ? "" : absentIds(ids)}`;
}

/** That it asks for no ids but these, and for the launch's packet only where it asks how many there are, with a space before each attribute. */
function absentIds(ids: readonly Operation[]): string {
    let text = "";
    for (const [axis, name] of AXIS_NAMES.entries()) {
        const isAbsent = (id: OpName) => !ids.some(({ op, attributes }) => op === id && attributes.axis === axis);
        if (isAbsent("group_id")) text += ` "amdgpu-no-workgroup-id-${name}"`;
        if (isAbsent("local_id")) text += ` "amdgpu-no-workitem-id-${name}"`;
    }
    const counts = ids.some(({ op }) => op === "group_count");
    return counts ? text : `${text} "amdgpu-no-dispatch-ptr"`;
}

const NO_IDS = absentIds([]);

/** Of a function that is no kernel: it is handed ids, unless it reports. */
export function functionAttributes(options: CodeOptions, target: Target, reports: boolean): string {
    return `${EVERY_FUNCTION} ${features(options, target)}${reports ? "" : NO_IDS}`;
}
