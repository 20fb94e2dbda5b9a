// Products of integers of 4 bits, two to a byte along what is summed over, against integer arithmetic: to the bit, on the
// matrix cores that multiply them, on those that take their halves as bytes, and without matrix cores.

import { describe, expect, test } from "vitest";
import { readCodeObject } from "../../codeobject/codeobject.js";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { run, view } from "../run/harness.js";
import { MATRIX_DEVICES } from "./reference.js";

const SOURCE = `
import std.int4 { high, low, pair }

matrix kernel product(a: i4x2[m, k], b: i4x2[k, n], c: mut i32[m, n]) over (i in m by 32, j in n by 32) {
    var acc: tile i32[32, 32] = 0
    for p in k by 32 { acc += a[i, p] @ b[p, j] }
    c[i, j] = acc
}

matrix kernel by_rows(a: i4x2[m, k], b: i4x2[n, k], c: mut i32[m, n]) over (i in m by 64, j in n by 32) {
    var acc: tile i32[64, 32] = 0
    for p in k by 16 { acc += a[i, p] @ b[j, p].T }
    c[i, j] = acc
}

matrix kernel few(a: i4x2[m, k], b: i4x2[n, k], c: mut i32[m, n]) over (i in m by 8, j in n by 8) {
    var acc: tile i32[8, 8] = 0
    for p in k by 8 { acc += a[i, p] @ b[j, p].T }
    c[i, j] = acc
}

/// Weights of 4 bits, activations of 16: x has the neighbours that a pair multiplies in its last dimension.
matrix kernel dequantised(x: f16[m, k, 2], w: i4x2[n, k], scale: f32, y: mut f32[m, n]) over (i in m by 32, j in n by 32) {
    var acc: tile f32[32, 32] = 0.0
    for p in k by 16 {
        let pairs = w[j, p]
        acc += x[i, p, 0] @ (low(pairs) as f16).T + x[i, p, 1] @ (high(pairs) as f16).T
    }
    y[i, j] = acc * scale
}

matrix kernel exchanged(x: i4x2[m, n], y: mut i4x2[n, m]) over (i in m by 32, j in n by 32) {
    let pairs = x[i, j]
    y[j, i] = pair(high(pairs), low(pairs)).T
}
`;

/** Bytes of all values, in no order. */
const bytes = (count: number, seed: number) => Array.from({ length: count }, (_, at) => ((at + seed) * 40503) % 251);
const halves = (byte: number) => [(byte << 28) >> 28, (byte << 24) >> 28] as const;

/** Row i of a by row j of b, where rows lie `step` apart from element to element. */
function dot(a: readonly number[], b: readonly number[], firsts: readonly [number, number], step: number, k: number) {
    let sum = 0;
    for (let p = 0; p < k; p++) {
        const [[x, u], [y, v]] = [halves(a[firsts[0] + p] ?? 0), halves(b[firsts[1] + p * step] ?? 0)];
        sum += x * y + u * v;
    }
    return sum;
}

describe.each(MATRIX_DEVICES)("on $target", ({ device }) => {
    test.each(["product", "by_rows", "few"])(
        "%s is exact for shapes that are no multiple of anything",
        async (kernel) => {
            const [m, n, k] = [67, 45, 77];
            const isByRows = kernel !== "product";
            const [a, b] = [bytes(m * k, 3), bytes(k * n, 11)];
            const args = {
                a: view("i4x2", [m, k], a),
                b: view("i4x2", isByRows ? [n, k] : [k, n], b),
                c: view("i32", [m, n]),
            };
            const { c } = await run(SOURCE, args, { kernel, device });
            const expected = Array.from({ length: m * n }, (_, at) => {
                const [i, j] = [Math.floor(at / n), at % n];
                return dot(a, b, [i * k, isByRows ? j * k : j], isByRows ? 1 : n, k);
            });
            expect(Array.from(c)).toEqual(expected);
        },
    );

    test("the least times the least, as often as goes", async () => {
        const [m, n, k] = [32, 32, 4096];
        const all = (count: number) => new Array<number>(count).fill(0x88);
        const args = {
            a: view("i4x2", [m, k], all(m * k)),
            b: view("i4x2", [n, k], all(n * k)),
            c: view("i32", [m, n]),
        };
        const { c } = await run(SOURCE, args, { kernel: "by_rows", device });
        expect(new Set(c)).toEqual(new Set([2 * 64 * k]));
    });

    test("halves are loaded, converted, exchanged and stored", async () => {
        const [m, n, k] = [33, 37, 21];
        const w = bytes(n * k, 5);
        const x = Array.from({ length: m * k * 2 }, (_, at) => ((at * 7919) % 33) - 16);
        const args = {
            x: view("f16", [m, k, 2], x),
            w: view("i4x2", [n, k], w),
            scale: 0.5,
            y: view("f32", [m, n]),
        };
        const { y } = await run(SOURCE, args, { kernel: "dequantised", device });
        const expected = Array.from({ length: m * n }, (_, at) => {
            const [i, j] = [Math.floor(at / n), at % n];
            let sum = 0;
            for (let p = 0; p < k; p++) {
                const [first, second] = halves(w[j * k + p] ?? 0);
                sum += first * (x[2 * (i * k + p)] ?? 0) + second * (x[2 * (i * k + p) + 1] ?? 0);
            }
            return 0.5 * sum;
        });
        expect(Array.from(y)).toEqual(expected);

        const pairs = bytes(m * n, 9);
        const turned = { x: view("i4x2", [m, n], pairs), y: view("i4x2", [n, m]) };
        const { y: back } = await run(SOURCE, turned, { kernel: "exchanged", device });
        const swapped = Array.from({ length: m * n }, (_, at) => {
            const byte = pairs[(at % m) * n + Math.floor(at / m)] ?? 0;
            return ((byte << 4) & 0xff) | (byte >> 4);
        });
        expect(Array.from(back)).toEqual(swapped);
    });
});

test.each([
    ["gfx1100", "wmma.i32.16x16x16.iu4.v8i32.v2i32"],
    ["gfx1201", "wmma.i32.16x16x32.iu4.v8i32.v2i32"],
    ["gfx90a", "mfma.i32.16x16x16i8"],
    ["gfx942", "mfma.i32.16x16x32.i8"],
    ["gfx950", "mfma.i32.16x16x32.i8"],
    ["gfx1030", null],
])("the manifest says what %s multiplies pairs with", async (target, instruction) => {
    const file = { path: "test.soma", text: SOURCE };
    const { output } = await compile(file, loadModule, loadCodegen(), { target });
    const { manifest } = readCodeObject(output ?? new Uint8Array());
    const kernel = manifest?.kernels.find(({ name }) => name === "product");
    expect(kernel?.tiles?.products).toEqual([{ operands: ["i4x2", "i4x2"], shape: [32, 32, 32], instruction }]);
});
