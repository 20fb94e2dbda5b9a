// The passes over the IR, in order.

import type { IrModule } from "../ir/module.js";
import { deadCode } from "./dead-code.js";
import { fold } from "./fold.js";
import type { Pass } from "./pass.js";

export const PIPELINE: readonly Pass[] = [fold, deadCode];

/** Runs the passes; `after` sees the module after each of them. */
export function runPasses(module: IrModule, after: (pass: Pass) => void = () => undefined): void {
    for (const pass of PIPELINE) {
        for (const fn of module.functions) pass.run(fn);
        after(pass);
    }
}
