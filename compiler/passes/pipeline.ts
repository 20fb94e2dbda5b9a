// The passes over the IR, in order.

import type { IrModule } from "../ir/module.js";
import type { Target } from "../targets/targets.js";
import { bounds } from "./bounds.js";
import { coarsen } from "./coarsen.js";
import { common } from "./common.js";
import { deadCode } from "./dead-code.js";
import { flatten } from "./flatten.js";
import { fold } from "./fold.js";
import { guards } from "./guards.js";
import { narrow } from "./narrow.js";
import { pad } from "./pad.js";
import type { Pass } from "./pass.js";
import { saturate } from "./saturate.js";
import { unroll } from "./unroll.js";

export const PIPELINE: readonly Pass[] = [
    fold,
    bounds,
    coarsen,
    unroll,
    fold,
    flatten,
    common,
    guards,
    pad,
    saturate,
    narrow,
    deadCode,
];

/** Names of the passes that are left out at -O0. */
export const OPTIMISING: readonly string[] = PIPELINE.filter(({ optimises }) => optimises).map(({ name }) => name);

/** Runs the passes but the disabled ones, by name; `after` sees the module after each of them. */
export function runPasses(
    module: IrModule,
    target: Target,
    after: (pass: Pass) => void = () => undefined,
    disabled: readonly string[] = [],
): void {
    const functions = new Map(module.functions.map((fn) => [fn.name, fn]));
    for (const pass of PIPELINE) {
        if (disabled.includes(pass.name)) continue;
        for (const fn of module.functions) pass.run(fn, { target, functions });
        after(pass);
    }
}
