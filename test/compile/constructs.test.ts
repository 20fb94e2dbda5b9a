// Every construct through the whole compiler, with LLVM's verifier behind it: on gfx1100 without and with optimisation,
// and on one target of every family.

import { describe, expect, test } from "vitest";
import type { SourceFile } from "../../compiler/diagnostics/diagnostic.js";
import { type CompileOptions, compile } from "../../compiler/driver.js";
import { FAMILIES, OPS } from "../../compiler/ir/ops.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { CONSTRUCTS } from "./constructs.js";

const TARGETS = ["gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1151", "gfx1200", "gfx1201", "gfx1250"];

async function build(text: string, options: CompileOptions): Promise<Uint8Array> {
    const source: SourceFile = { path: "construct.soma", text };
    const { output, diagnostics } = await compile(source, loadModule, loadCodegen(), { verify: true, ...options });
    if (output === null)
        throw new Error(diagnostics.map(({ message, span }) => `${span.start}: ${message}`).join("\n"));
    return output;
}

describe.each(Object.entries(CONSTRUCTS))("%s", (_name, text) => {
    test.each([0, 1, 2, 3] as const)("builds for gfx1100 at -O%d", async (optimisation) => {
        const object = await build(text, { target: "gfx1100", optimisation });
        expect(Buffer.from(object.subarray(0, 4)).toString("latin1")).toBe("\x7fELF");
    });

    test.each(TARGETS)("builds for %s", async (target) => {
        for (const optimisation of [0, 3] as const) {
            expect((await build(text, { target, optimisation })).length).toBeGreaterThan(1000);
        }
    });

    test("gives the same bytes twice", async () => {
        const [first, second] = await Promise.all([1, 2].map(() => build(text, { target: "gfx1100" })));
        expect(Buffer.compare(first ?? Buffer.of(), second ?? Buffer.of())).toBe(0);
    });
});

test("the constructs use every operation of the IR", async () => {
    const texts = await Promise.all(
        Object.values(CONSTRUCTS).map((text) => build(text, { target: "gfx1100", emit: "ir", bounds: "checked" })),
    );
    const words = new Set(texts.flatMap((text) => Buffer.from(text).toString().split(/\s+/)));
    // `select` is for passes: the lowering branches. Matrix kernels, with `group_count` in persistent ones, have tests of their own
    // (test/matrix).
    const others = new Set([
        "select",
        "group_count",
        ...Object.keys(FAMILIES.Tiles),
        ...Object.keys(FAMILIES["Matrix instructions"]),
    ]);
    expect(Object.keys(OPS).filter((op) => !words.has(op) && !others.has(op))).toEqual([]);
});
