// Which block of its domain a workgroup does: every block is done once, whatever the grid, and blocks that are done together
// on a die share what they load.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { expectElements, run, view } from "../run/harness.js";

/** A block that is done twice is counted twice, one that is left out not at all. */
const SOURCE = `
matrix kernel blocks(a: f16[m, k], b: f16[k, n], c: mut f32[m, n]) over (i in m by 16, j in n by 16) {
    var acc: tile f32[16, 16] = 0.0
    for p in k by 16 { acc += a[i, p] @ b[p, j] }
    c[i, j] = c[i, j] + acc
}

#persistent
matrix kernel blocks_in_turn(a: f16[m, k], b: f16[k, n], c: mut f32[m, n]) over (i in m by 16, j in n by 16) {
    var acc: tile f32[16, 16] = 0.0
    for p in k by 16 { acc += a[i, p] @ b[p, j] }
    c[i, j] = c[i, j] + acc
}

matrix kernel heads(a: f16[h, m, 16], b: f16[h, 16, 16], c: mut f32[h, m, 16]) over (head in h, i in m by 16) {
    c[head, i, :] = c[head, i, :] + a[head, i, :] @ b[head, :, :]
}

matrix kernel batches(a: f16[h, m, 16], b: f16[16, n], c: mut f32[h, m, n])
    over (head in h, i in m by 16, j in n by 16) {
    c[head, i, j] = c[head, i, j] + a[head, i, :] @ b[:, j]
}
`;

const ones = (...shape: number[]) =>
    view("f16", shape, new Array<number>(shape.reduce((size, extent) => size * extent)).fill(1));

describe.each(["gfx1100", "gfx942"])("every block once on %s", (target) => {
    const device = `vgpu:${target}`;
    const expectOnce = (c: Float32Array) => expectElements(c, new Float32Array(c.length).fill(16));

    test.each([
        [1, 1],
        [6, 5],
        [33, 1],
        [1, 41],
        [11, 3],
        [9, 9],
        [7, 13],
        [17, 19],
    ])("of a grid of %i by %i blocks", async (rows, columns) => {
        const [m, n] = [16 * rows - 5, 16 * columns - 3];
        const args = { a: ones(m, 16), b: ones(16, n), c: view("f32", [m, n]) };
        expectOnce((await run(SOURCE, args, { kernel: "blocks", device })).c);
    });

    test("of heads, and of a batch", async () => {
        const [h, m, n] = [5, 16 * 9 + 1, 16 * 7 - 1];
        const heads = { a: ones(h, m, 16), b: ones(h, 16, 16), c: view("f32", [h, m, 16]) };
        expectOnce((await run(SOURCE, heads, { kernel: "heads", device })).c);
        const batches = { a: ones(h, m, 16), b: ones(16, n), c: view("f32", [h, m, n]) };
        expectOnce((await run(SOURCE, batches, { kernel: "batches", device })).c);
    });
});

/** Of each workgroup, or turn of a persistent kernel, in the order in which hardware begins them, the row and column of its block: by the IR itself. */
async function order(
    target: string,
    rows: number,
    columns: number,
    name = "blocks",
): Promise<readonly (readonly [number, number])[]> {
    const file = { path: "test.soma", text: SOURCE };
    const { output } = await compile(file, loadModule, loadCodegen(), { target, emit: "ir" });
    const text = new TextDecoder().decode(output ?? new Uint8Array());
    const kernel = text.slice(text.indexOf(`kernel @${name}(`));
    const named = (name: string) => new RegExp(`(%\\d+): index [^%]*"${name}"`).exec(kernel)?.[1] ?? "";
    const lines = kernel.slice(0, kernel.indexOf("yield")).split("\n");
    const [, turn = ""] = /body\((%\d+): index\)/.exec(kernel) ?? [];
    const last = /yield (%\d+), (%\d+)/.exec(kernel) ?? [];
    const operators: Readonly<Record<string, (a: number, b: number) => number>> = {
        add: (a, b) => a + b,
        sub: (a, b) => a - b,
        mul: (a, b) => a * b,
        div: (a, b) => Math.floor(a / b),
        rem: (a, b) => a % b,
        and: (a, b) => a & b,
        shr: (a, b) => a >>> b,
        min: Math.min,
        gt: (a, b) => Number(a > b),
        convert: (a) => a,
    };
    return Array.from({ length: rows * columns }, (_, workgroup) => {
        const values = new Map([
            [named("m"), 16 * rows],
            [named("n"), 16 * columns],
            [turn, workgroup],
        ]);
        for (const line of lines) {
            const [, result = "", op = "", rest = ""] = /^\s*(%\d+): \w+ = (\w+) ?(.*)$/.exec(line) ?? [];
            const operands = rest.split(", ").map((operand) => values.get(operand) ?? Number(operand));
            if (op === "const") values.set(result, Number(rest));
            else if (op === "group_id")
                values.set(result, rest === "0" ? workgroup % columns : Math.floor(workgroup / columns));
            else if (op in operators) values.set(result, operators[op]?.(operands[0] ?? 0, operands[1] ?? 0) ?? 0);
        }
        return [values.get(last[2] ?? "") ?? -1, values.get(last[1] ?? "") ?? -1];
    });
}

describe("blocks that are done together share what they load", () => {
    /** Rows of one operand and columns of the other. */
    const panels = (blocks: readonly (readonly [number, number])[]) =>
        new Set(blocks.map(([row]) => row)).size + new Set(blocks.map(([, column]) => column)).size;

    test("by rows of eight on gfx1100", async () => {
        // An RX 7900 XTX has 48 workgroup processors: 8 rows and 6 columns rather than 2 rows and 33 columns.
        expect(panels((await order("gfx1100", 33, 33)).slice(0, 48))).toBe(8 + 6);
    });

    test("on each die of gfx942", async () => {
        // An MI300X has 8 dies of 38 compute units, to which workgroups are dealt in turn.
        const all = await order("gfx942", 33, 33);
        for (let die = 0; die < 8; die++) {
            const own = all.filter((_, workgroup) => workgroup % 8 === die).slice(0, 38);
            expect(panels(own)).toBeLessThanOrEqual(8 + Math.ceil(38 / 8) + 2);
        }
        const [byRows] = [Array.from({ length: 38 }, (_, at) => [Math.floor((8 * at) / 33), (8 * at) % 33] as const)];
        expect(panels(byRows)).toBeGreaterThan(40);
    });

    test("in the same order by a persistent kernel, whose workgroups go on by as many turns as there are of them", async () => {
        for (const target of ["gfx1100", "gfx942"]) {
            expect(await order(target, 33, 31, "blocks_in_turn")).toEqual(await order(target, 33, 31));
        }
    });

    test.each([
        ["gfx1100", 34, 3],
        ["gfx942", 34, 3],
        ["gfx942", 5, 27],
        ["gfx942", 30, 31],
    ])("each once on %s of %i by %i", async (target, rows, columns) => {
        const all = await order(target, rows, columns);
        expect(new Set(all.map(([row, column]) => row * columns + column)).size).toBe(rows * columns);
        expect(all.every(([row, column]) => row >= 0 && row < rows && column >= 0 && column < columns)).toBe(true);
    });
});
