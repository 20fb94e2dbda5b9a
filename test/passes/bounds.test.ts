// The pass that removes checks of bounds: what it proves, and what it must not.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { walk } from "../../compiler/ir/module.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { bounds } from "../../compiler/passes/bounds.js";
import { fold } from "../../compiler/passes/fold.js";
import { runOver } from "../../compiler/passes/pipeline.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { programOf } from "../sema/programs.js";

/** The names of views whose checks remain. */
function remaining(text: string): string[] {
    const module = lowerProgram(programOf(text), "checked");
    const names: string[] = [];
    for (const fn of module.functions) {
        runOver(fn, [fold, bounds], DEFAULT_TARGET);
        walk(fn, fn.body, ({ op, attributes }) => {
            if (op === "check") names.push(attributes.name ?? "");
        });
    }
    return names;
}

const over = (body: string) => `kernel f(x: f32[n], k: index, y: mut f32[n]) over i in n {\n${body}\n}\n`;

describe("proves", () => {
    test.each([
        ["the domain", over("y[i] = x[i] + (k as f32)")],
        ["a condition", over("if i > 0 && i + 1 < n { y[i] = x[i - 1] + x[i + 1] + (k as f32) }")],
        ["the other branch of a condition", over("if k < 0 || k >= n { return }\n y[i] = x[k]")],
        ["a loop's counter", over("for j in k .. n { if k >= 0 { y[i] += x[j] } }")],
        ["a loop downwards", over("for j in n - 1 .. -1 by -1 { y[i] += x[j] * (k as f32) }")],
        ["a step that is not known", over("if k < 0 { return }\n for j in i .. n by k { y[i] += x[j] }")],
        ["a while's condition", over("var j: index = i\n while j < n { y[i] += x[j] * (k as f32)\n j += 1 }")],
        ["min and max", over("y[i] = x[max(min(k, n - 1), 0)]")],
        ["a remainder", over("y[i] = x[(i + 3) % n] + (k as f32)")],
        ["three inequalities", over("if k >= 0 { for j in 0 .. i { if k <= j { y[i] += x[k] } } }")],
        ["an assertion", over("assert(k >= 0 && k < n)\n y[i] = x[k]")],
    ])("%s", (_what, text) => {
        expect(remaining(text)).toEqual([]);
    });

    test("arrays of constant size by ranges", () => {
        const text = `kernel f(y: mut f32[g]) groups g workgroup(64) {
            shared buf: f32[64]
            var own: f32[8]
            own[local_id() % 8] = 1.0
            buf[local_id()] = own[local_id() / 8]
            barrier()
            var s: index = 32
            while s > 0 {
                if local_id() < s { buf[local_id()] += buf[local_id() + s] }
                barrier()
                s /= 2
            }
            if group_id() < g { y[group_id()] = buf[0] }
        }`;
        expect(remaining(text)).toEqual([]);
    });

    test("nearly all of the samples", () => {
        const folder = join(packageRoot(), "samples", "aura");
        const files = readdirSync(folder).filter((file) => file.endsWith(".soma"));
        const none = ["saxpy.soma", "vector_add.soma", "transpose.soma", "matmul.soma", "histogram.soma"];
        expect(files).toEqual(expect.arrayContaining(none));
        for (const file of none) expect(remaining(readFileSync(join(folder, file), "utf8"))).toEqual([]);
    });
});

describe("leaves", () => {
    test.each([
        ["an index from nowhere", over("y[i] = x[k]"), ["x"]],
        ["the second of two equal ones to the first", over("y[i] = x[k] + x[k]"), ["x"]],
        ["what is one too far", over("y[i] = x[i + 1] + (k as f32)"), ["x"]],
        ["what is one too low", over("y[i] = x[i - 1] + (k as f32)"), ["x"]],
        ["what held before a loop changed it", over("var j = i\n while k > j { y[j] = x[i]\n j += 1 }"), ["y"]],
        ["what only one branch checks", over("if k > 3 { y[i] = x[k] }\n y[i] += x[k]"), ["x", "x"]],
        [
            "a sum that may wrap",
            over("if k + 9223372036854775807 < n && k >= 0 { y[i] = x[k + 9223372036854775807] }"),
            ["x"],
        ],
        [
            "a counter beyond a loop that counts down",
            over("for j in n .. 0 by -1 { y[i] += x[j] * (k as f32) }"),
            ["x"],
        ],
        ["a remainder of what may be 0", "kernel f(x: f32[m], y: mut f32[n]) over i in n { y[i] = x[i % m] }", ["x"]],
        ["a negative remainder", over("y[i] = x[k % n]"), ["x"]],
    ])("%s", (_what, text, names) => {
        expect(remaining(text)).toEqual(names);
    });
});
