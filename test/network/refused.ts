// What tests of wrong models and networks share: a program is refused, with an error in it.

import { expect } from "vitest";
import { computeCall } from "../../compiler/constant-calls.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";

/** A wrong source, the code of an error that it gives, and what its message begins with. */
export type Case = readonly [source: string, code: string, message: string];

const IMPORTS = `import std.neuro { adex, exponential, izhikevich, lif, lif_conductance, stdp_dopamine }
`;

/** That there is no program, that the error is among those that there are, and that all of them are within the source. */
export function refused([source, code, message]: Case): void {
    const text = IMPORTS + source;
    const found = checkProgram({ path: "wrong.soma", text }, loadModule, DEFAULT_TARGET, computeCall);
    const errors = found.diagnostics.filter(({ severity }) => severity === "error");
    expect(found.program, source).toBeNull();
    expect(errors.map((each) => `${each.code} ${each.message}`).join("; "), source).toContain(`${code} ${message}`);
    for (const { span } of errors) {
        expect(span.start, source).toBeGreaterThanOrEqual(IMPORTS.length);
        expect(span.end, source).toBeLessThanOrEqual(text.length);
    }
}
