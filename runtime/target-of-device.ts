// What a device's kernels are compiled for, where its own target is newer than the compiler's table.

import { runsOn } from "../codeobject/runs-on.js";
import { findTarget, TARGETS } from "../compiler/targets/targets.js";

/**
 * What to compile for, to run on a device: its own target, or for an NVIDIA GPU that is not in the table the latest one
 * whose PTX it takes. Otherwise its own all the same, which the compiler then says it doesn't know.
 */
export function targetOfDevice(device: string): string {
    if (findTarget(device)) return device;
    const fitting = TARGETS.filter(({ name, backend }) => backend === "nvptx" && runsOn(name, device));
    return fitting.at(-1)?.name ?? device;
}
