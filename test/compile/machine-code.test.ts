// What the machine code of small kernels has, and has not: what is the same for a wave is loaded and computed by scalar
// instructions, what a loop divides by what only the launch knows takes its reciprocal before it, views that may be
// written don't stand in each other's way, and small arrays of a work-item's own are registers.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";

const TARGETS = ["gfx1100", "gfx1201", "gfx90a", "gfx942"] as const;

interface Block {
    readonly label: string;
    readonly instructions: string[];
}

/** The basic blocks of the kernel `k`, from its label to its end, without operands of hints. */
async function blocksOf(text: string, target: string): Promise<Block[]> {
    const source = { path: "k.soma", text };
    const { output, diagnostics } = await compile(source, loadModule, loadCodegen(), { target, emit: "asm" });
    if (output === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    const lines = Buffer.from(output).toString().split("\n");
    const blocks: Block[] = [];
    for (const line of lines.slice(lines.findIndex((each) => each.startsWith("k:")))) {
        if (line.startsWith(".Lfunc_end") || line.trim().startsWith(".section")) break;
        const label = /^(k|\.LBB\w+):/.exec(line)?.[1];
        if (label !== undefined) blocks.push({ label, instructions: [] });
        const instruction = /^\s+([sv]_|global_|flat_|scratch_|buffer_|ds_).*/.exec(line)?.[0];
        if (instruction !== undefined) blocks.at(-1)?.instructions.push(instruction.trim());
    }
    return blocks;
}

const named = (blocks: readonly Block[], name: RegExp) =>
    blocks.flatMap(({ instructions }) => instructions).filter((each) => name.test(each));

/** The blocks between a label and the last branch back to it, of all loops. */
function inLoops(blocks: readonly Block[]): Block[] {
    return blocks.filter((_, at) => {
        return blocks.some(({ label }, from) => {
            if (from > at) return false;
            return blocks.slice(at).some(({ instructions }) => {
                return instructions.some((each) => each.startsWith("s_cbranch") && each.endsWith(label));
            });
        });
    });
}

describe.each(TARGETS)("on %s", (target) => {
    test("what all work-items read comes by scalar loads", async () => {
        const blocks = await blocksOf(
            "kernel k(x: f32[n], t: f32[m], at: index, y: mut f32[n]) groups 1 workgroup(64) {\n" +
                "let i = local_id()\nif i < n { y[i] = x[i] * t[at] + t[at + 1] + t[group_id()] }\n}",
            target,
        );
        expect(named(blocks, /^global_load/)).toHaveLength(1);
        expect(named(blocks, /^s_load/).length).toBeGreaterThanOrEqual(3);
    });

    test.each([
        ["u32", "/"],
        ["u32", "%"],
        ["i32", "/"],
        ["i32", "%"],
        ["i16", "/"],
        ["u64", "/"],
        ["i64", "/"],
        ["index", "%"],
    ])("%s %s what the launch says takes no reciprocal in a loop", async (type, operator) => {
        const blocks = await blocksOf(
            `kernel k(x: ${type}[n], d: ${type}, y: mut ${type}[64]) groups 1 workgroup(64) {
                var sum: ${type} = 0
                for j in 0 .. n { sum += (x[local_id()] ^ j as ${type}) ${operator} d }
                y[local_id()] = sum
            }`,
            target,
        );
        expect(named(blocks, /^v_(s_)?rcp/).length).toBeGreaterThan(0);
        expect(inLoops(blocks).length).toBeGreaterThan(0);
        expect(named(inLoops(blocks), /^v_(s_)?rcp/)).toEqual([]);
    });

    test.each(["", "#fast "])(
        "%sexp2 is scaled for results below the smallest normal number unless it is fast",
        async (attribute) => {
            const source = "kernel k(x: f32[n], y: mut f32[n]) over i in n { y[i] = exp2(x[i]) }";
            const blocks = await blocksOf(attribute + source, target);
            expect(named(blocks, /^v_exp_f32/).length).toBeGreaterThan(0);
            expect(named(blocks, /^v_ldexp_f32/).length > 0).toBe(attribute === "");
        },
    );

    test("a dimension divides indices in 32 bits, once", async () => {
        const blocks = await blocksOf(
            `kernel k(x: f32[m, n], y: mut f32[n, m]) over p in m * n {
                y[p % n, p / n] = x[p / n, p % n]
            }`,
            target,
        );
        expect(named(blocks, /^v_rcp/)).toHaveLength(1);
    });

    test("constants divide by products", async () => {
        const text = "kernel k(x: u32[n], y: mut u32[n]) over i in n { y[i] = x[i] / 7 + x[i] % 10 }";
        const blocks = await blocksOf(text, target);
        expect(named(blocks, /^v_rcp/)).toEqual([]);
        expect(named(blocks, /^v_mul_hi_u32/).length).toBeGreaterThan(0);
    });

    test("views don't stand in each other's way, unless they may overlap", async () => {
        const kernel = (alias: string) => `kernel k(x: ${alias}f32[n], y: mut ${alias}f32[n], z: mut ${alias}f32[n])
            groups 1 workgroup(64) {
            let i = local_id()
            if i < n { y[i] = x[i] * 2.0\n z[i] = x[i] }
        }`;
        expect(named(await blocksOf(kernel(""), target), /^(global|flat)_load/)).toHaveLength(1);
        expect(named(await blocksOf(kernel("alias "), target), /^(global|flat)_load/)).toHaveLength(2);
    });

    test("small arrays are registers", async () => {
        const blocks = await blocksOf(
            `kernel k(x: mut f32[n]) groups 1 workgroup(64) {
                var a: f32[4]
                for j in 0 .. 4 { a[j] = x[local_id() + j * 64] }
                for j in 0 .. 4 { x[local_id() + j * 64] = a[3 - j] }
            }`,
            target,
        );
        expect(named(blocks, /^(scratch_|buffer_(load|store))/)).toEqual([]);
    });
});
