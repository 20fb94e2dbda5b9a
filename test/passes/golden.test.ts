// What each pass makes of IR that is written down, and what it leaves alone: golden/PASS.txt, by hand from what the pass is
// for. Cases begin with `== what it is`; behind `-- after` is what comes out, unless all stays as it is. A case without a
// kernel of its own is the body of the one at the top of its file. What a pass no longer needs is left for `dead-code`,
// which runs behind it. Both sides of each case do the same in the interpreter, on numbers drawn by chance.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { interpret } from "../../compiler/ir/interpret/interpret.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import type { ConstantValue, IrModule } from "../../compiler/ir/module.js";
import { parseModule } from "../../compiler/ir/parse.js";
import { printModule } from "../../compiler/ir/print.js";
import { type IrScalar, isBuffer, isFloat, isScalar } from "../../compiler/ir/types.js";
import { verifyModule } from "../../compiler/ir/verify/verify.js";
import { deadCode } from "../../compiler/passes/dead-code.js";
import { PIPELINE, runOver } from "../../compiler/passes/pipeline.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";

const FOLDER = join(packageRoot(), "test", "passes", "golden");
const PASSES = [...new Map(PIPELINE.map((pass) => [pass.name, pass])).values()];
/** Elements of each view, and what every dimension is. */
const ELEMENTS = 4096;
const EXTENT = 40n;
/** Of 8 work-items along an axis and more: enough for the extents. */
const GROUPS = [5, 5, 1] as const;

interface Case {
    readonly what: string;
    readonly before: string;
    /** Null where nothing is to change. */
    readonly after: string | null;
}

function casesOf(pass: string): Case[] {
    const [head = "", ...cases] = readFileSync(join(FOLDER, `${pass}.txt`), "utf8").split(/^== /m);
    const whole = (text: string) => (/^(kernel|fn) /m.test(text) ? text : `${head.trim()}\n${text}\n}`);
    return cases.map((text) => {
        const end = text.indexOf("\n");
        const [before = "", after] = text.slice(end + 1).split("-- after\n");
        return { what: text.slice(0, end), before: whole(before), after: after === undefined ? null : whole(after) };
    });
}

function parsed(text: string): IrModule {
    const { module, error } = parseModule({ path: "golden.ir", text });
    if (!module) throw new Error(`${error.line}:${error.column}: ${error.message}\n${text}`);
    expect(verifyModule(module)).toEqual([]);
    return module;
}

/** Numbers from 0 up to 2³², from a seed (Numerical Recipes' generator). */
function randomNumbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state;
    };
}

function randomValue(type: IrScalar, next: () => number): ConstantValue {
    const value = (next() >>> 8) % 61;
    if (type === "bool") return value > 30;
    if (isFloat(type)) return (value - 30) * 0.5;
    return BigInt(type.startsWith("u") ? value : value - 30);
}

/** What is in the views after the kernel, which is the last function. */
function results(module: IrModule, seed: number): unknown {
    const kernel = module.functions.at(-1);
    if (!kernel?.kernel) throw new Error("a case without a kernel");
    const next = randomNumbers(seed);
    const memories: Memory[] = [];
    const args = kernel.parameters.map(({ value, name }) => {
        const type = kernel.values[value]?.type;
        if (type !== undefined && isScalar(type)) return type === "index" ? EXTENT : randomValue(type, next);
        if (type === undefined || !isBuffer(type) || type.element === "bytes") throw new Error(`what is ${name}?`);
        const { element } = type;
        const values = Array.from({ length: ELEMENTS }, () => randomValue(element, next));
        const memory = { name, element, values };
        memories.push(memory);
        return memory;
    });
    const { fault } = interpret(module, { kernel: kernel.name, groups: GROUPS, args });
    expect(fault).toBeNull();
    return memories.map(({ values }) => values);
}

describe.each(PASSES)("$name", (pass) => {
    const cases = casesOf(pass.name);

    test("has three cases and one that stays", () => {
        expect(cases.filter(({ after }) => after !== null).length).toBeGreaterThanOrEqual(3);
        expect(cases.filter(({ after }) => after === null).length).toBeGreaterThanOrEqual(1);
    });

    test.each(cases)("$what", ({ before, after }) => {
        const module = parsed(before);
        for (const fn of module.functions) runOver(fn, [pass, deadCode], DEFAULT_TARGET);
        expect(verifyModule(module)).toEqual([]);
        expect(printModule(module)).toBe(printModule(parsed(after ?? before)));
        for (const seed of [1, 2, 3]) expect(results(module, seed)).toEqual(results(parsed(before), seed));
    });
});

test("there is a file for each pass, and none besides", () => {
    expect(readdirSync(FOLDER).sort()).toEqual(PASSES.map(({ name }) => `${name}.txt`).sort());
});
