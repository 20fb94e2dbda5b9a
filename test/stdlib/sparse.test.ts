// Products with sparse matrices against dense ones in double precision.

import { describe, expect, it } from "vitest";
import { run, view, WAVE_DEVICES } from "../run/harness.js";
import { floats, words } from "./data.js";

const SOURCE = "import std.sparse { spmv, spmv_rows, spmm }\n";
const [ROWS, WIDTH, K] = [133, 90, 5];

/** Rows of 0 to 89 elements; the values are small integers, so that every sum is exact. */
function matrix() {
    const offsets = [0];
    const columns: number[] = [];
    const values: number[] = [];
    const dense = Array.from({ length: ROWS }, () => new Float64Array(WIDTH));
    const random = words(ROWS * WIDTH, 12);
    for (const [row, cells] of dense.entries()) {
        for (let column = 0; column < WIDTH; column++) {
            const word = random[row * WIDTH + column] as number;
            // Row r has a share of r/ROWS of its columns; row 0 none.
            if (word % ROWS >= row) continue;
            columns.push(column);
            values.push(((word >>> 8) % 17) - 8);
            cells[column] = values.at(-1) as number;
        }
        offsets.push(columns.length);
    }
    return { offsets, columns, values, dense };
}

const { offsets, columns, values, dense } = matrix();
const args = {
    offsets: view("u32", [ROWS + 1], offsets),
    columns: view("u32", [columns.length], columns),
    values: view("f32", [values.length], values),
};
const b = floats(WIDTH * K, 13, -8, 8).map(Math.round);

describe.each(WAVE_DEVICES)("on %s", (device) => {
    it.each(["spmv", "spmv_rows"])("%s is the dense product", async (kernel) => {
        const x = b.subarray(0, WIDTH);
        const vectors = { x: view("f32", [WIDTH], x), y: view("f32", [ROWS]) };
        const { y } = await run(SOURCE, { ...args, ...vectors }, { device, kernel });
        expect(Array.from(y)).toEqual(dense.map((row) => row.reduce((sum, a, j) => sum + a * (x[j] as number), 0)));
    });

    it("spmm is the dense product", async () => {
        const matrices = { b: view("f32", [WIDTH, K], b), c: view("f32", [ROWS, K]) };
        const { c } = await run(SOURCE, { ...args, ...matrices }, { device, kernel: "spmm" });
        const expected = dense.flatMap((row) =>
            Array.from({ length: K }, (_, k) => row.reduce((sum, a, j) => sum + a * (b[j * K + k] as number), 0)),
        );
        expect(Array.from(c)).toEqual(expected);
    });
});
