// The syntax of matrix kernels: ranges, tiles, slices. What is checked here is shape, not meaning.

import { describe, expect, test } from "vitest";
import { parse } from "../../compiler/syntax/parse.js";
import { messagesOf, statementsOf, treeOf } from "./trees.js";

test("a matrix kernel binds ranges", () => {
    const { module, diagnostics } = parse({
        path: "test.soma",
        text: "matrix kernel f<T: MatrixInput = f16>(a: T[m, k]) over (i in m by 2 * 8, j in k) {}\n",
    });
    expect(diagnostics).toEqual([]);
    expect(module.items[0]).toMatchObject({
        kind: "kernel",
        isMatrix: true,
        generics: [{ bound: { name: { text: "MatrixInput" } } }],
        launch: {
            domain: [
                { name: { text: "i" }, extent: { text: "m" }, step: { kind: "binary", op: "*" } },
                { name: { text: "j" }, step: null },
            ],
        },
    });
});

test("loops go over a whole dimension by blocks", () => {
    expect(statementsOf("for p in k by BK { f(p) }")).toEqual(["(for p k BK {(call f p)})"]);
    expect(statementsOf("for p in 0 .. k by BK {}")).toEqual(["(for p 0 k BK {})"]);
});

describe("slices", () => {
    test.each([
        ["q[head, i, :]", "(at q head i (slice))"],
        ["sum[:, none]", "(at sum (slice) none)"],
        ["x[a + 1 .. b, :][0]", "(at (at x (slice (+ a 1) b) (slice)) 0)"],
        ["qi @ k[head, j, :].T * scale", "(* (@ qi (member (at k head j (slice)) T)) scale)"],
        ["reduce_max(w, axis: 1)", "(call reduce_max w 1)"],
    ])("%s", (text, tree) => expect(treeOf(text)).toBe(tree));

    test("stand in brackets only", () => {
        expect(messagesOf("fn f() { g(:) }\n")).toEqual(["expected `)`, found `:`"]);
        expect(messagesOf("fn f() { g(1 .. 2) }\n")).toHaveLength(1);
    });
});

describe("tile types", () => {
    test("have an element type and extents", () => {
        const { module } = parse({ path: "t", text: "fn f() { var acc: tile f32[BM, BN] = 0.0\nlet n = x as f16 }\n" });
        const [item] = module.items;
        expect(item?.kind === "function" && item.body.statements).toMatchObject([
            { type: { name: { text: "f32" }, tile: { start: 18, end: 22 }, extents: [{}, {}] } },
            { value: { type: { tile: null } } },
        ]);
    });

    test("leave `tile` a name elsewhere", () => {
        expect(treeOf("tile[local_id(0)] + tile")).toBe("(+ (at tile (call local_id 0)) tile)");
        expect(statementsOf("let tile: tile = tile as tile")).toEqual(["(let tile tile (as tile tile))"]);
        expect(statementsOf("for i in a as tile .. b as tile by 2 {}")).toEqual([
            "(for i (as a tile) (as b tile) 2 {})",
        ]);
    });
});
