// Which elements of shared arrays are known to be a work-item's own. The results: differential.test.ts.

import { describe, expect, test } from "vitest";
import { typeOf } from "../../compiler/ir/module.js";
import { isBuffer } from "../../compiler/ir/types.js";
import { common } from "../../compiler/passes/common.js";
import { fold } from "../../compiler/passes/fold.js";
import { own } from "../../compiler/passes/own.js";
import { runOver } from "../../compiler/passes/pipeline.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { lowered, operationsOf } from "./programs.js";

/** How many loads there are of each kind of array, behind the pass. */
function loads(body: string, workgroup = "64"): Record<string, number> {
    const groups = workgroup.includes(",") ? "(1, g)" : "g";
    const module = lowered(
        `kernel k(x: f32[n], y: mut f32[n], m: index, z: f32[g]) groups ${groups} workgroup(${workgroup}) {\n${body}\n}`,
    );
    const kernel = module.functions.at(-1);
    if (!kernel) throw new Error("there is no kernel");
    runOver(kernel, [fold, common, own], DEFAULT_TARGET);
    const counts: Record<string, number> = { shared: 0, private: 0 };
    for (const { op, operands } of operationsOf(module)) {
        const type = op === "load" && operands[0] !== undefined ? typeOf(kernel, operands[0]) : "bool";
        if (isBuffer(type) && type.space !== "global") counts[type.space] = (counts[type.space] ?? 0) + 1;
    }
    return counts;
}

describe("reads back without LDS", () => {
    test.each([
        ["its id", "shared b: f32[64]\nb[local_id()] = x[0]\nbarrier()\ny[0] = b[local_id()] + b[m]", "64"],
        [
            "a multiple, further on",
            "shared b: f32[256]\nb[local_id() * 3 + 1] = x[0]\ny[0] = b[local_id() * 3 + 1] + b[m]",
            "64",
        ],
        [
            "its place in a plane",
            "shared b: f32[16, 17]\nb[local_id(0), local_id(1)] = x[0]\nbarrier()\ny[0] = b[local_id(0), local_id(1)] + b[0, 0]",
            "16, 16",
        ],
        [
            "what is written in rounds",
            "shared b: f32[64]\nb[local_id()] = x[0]\nfor i in 0 .. m { b[local_id()] += b[i]\nbarrier() }",
            "64",
        ],
    ])("%s", (_what, body, workgroup) => {
        expect(loads(body, workgroup)).toEqual({ shared: 1, private: 1 });
    });
});

describe("reads LDS", () => {
    test.each([
        ["where others write as well", "shared b: f32[64]\nb[local_id()] = x[0]\nb[0] = 1.0\ny[0] = b[local_id()]"],
        [
            "where two work-items have one element",
            "shared b: f32[64]\nb[local_id() / 2] = x[0]\ny[0] = b[local_id() / 2]",
        ],
        ["where all have one", "shared b: f32[64]\nb[3] = x[0]\ny[0] = b[3]"],
        [
            "where the element changes from round to round",
            "shared b: f32[512]\nfor i in 0 .. 4 { b[i * 64 + local_id()] = x[i]\ny[i] = b[i * 64 + local_id()] }",
        ],
        ["where it depends on data", "shared b: f32[64]\nlet i = x[local_id()] as index\nb[i] = 1.0\ny[0] = b[i]"],
        [
            "where it is also changed atomically",
            "shared b: f32[64]\nb[local_id()] = x[0]\natomic_add(b[m], 1.0)\ny[0] = b[local_id()]",
        ],
        ["of a plane in one column", "shared b: f32[64]\nb[local_id(0)] = x[0]\ny[0] = b[local_id(0)]", "8, 8"],
        [
            "of a plane whose rows overlap",
            "shared b: f32[256]\nb[local_id(0) * 15 + local_id(1)] = x[0]\ny[0] = b[local_id(0) * 15 + local_id(1)]",
            "16, 16",
        ],
        ["of the neighbour", "shared b: f32[65]\nb[local_id()] = x[0]\nbarrier()\ny[0] = b[local_id() + 1]"],
    ])("%s", (_what, body, workgroup = "64") => {
        expect(loads(body, workgroup)).toEqual({ shared: 1, private: 0 });
    });
});
