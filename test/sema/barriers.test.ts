// Which barriers are refused, doubted and accepted.

import { describe, expect, test } from "vitest";
import { codes } from "./programs.js";

function barriers(body: string): string[] {
    return codes(
        `kernel k(x: f32[n], y: mut f32[g], s: i32) groups g workgroup(64) {\n    shared b: f32[64]\n    b[local_id()] = x[0]\n${body}\n    y[group_id()] = b[0]\n}\n`,
    );
}

describe("accepted", () => {
    const accepted: [string, string][] = [
        ["plain", "barrier()"],
        ["in a loop over a dimension", "for i in 0 .. n { barrier() }"],
        ["in a loop over the workgroup's id", "for i in group_id() .. n by group_count() { barrier() }"],
        ["under a condition on an argument", "if s > 0 { barrier() }"],
        ["under a condition on a view that nobody writes", "if x[group_id()] > 0.0 { barrier() }"],
        [
            "in a loop whose count is a variable of the workgroup's",
            "var t: index = 32\nwhile t > 0 {\n    barrier()\n    t /= 2\n}",
        ],
        ["behind an `if` that only some take", "if local_id() == 0 { b[0] = 1.0 }\nbarrier()"],
        ["behind a loop that some leave early", "for i in 0 .. 4 {\n    if local_id() == i { break }\n}\nbarrier()"],
        ["behind a return that all take", "if s > 0 { return }\nbarrier()"],
        [
            "before a divergent `continue`",
            "for i in 0 .. 4 {\n    barrier()\n    if local_id() == i { continue }\n    b[local_id()] += 1.0\n}",
        ],
    ];
    test.each(accepted)("%s", (_, body) => {
        expect(barriers(body)).toEqual([]);
    });
});

describe("refused", () => {
    const refused: [string, string][] = [
        ["in an `if` on the id", "if local_id() < 8 { barrier() }"],
        ["in the `else` of one", "if local_id() < 8 { b[0] = 1.0 } else { barrier() }"],
        ["deep inside", "if local_id() < 8 {\n    for i in 0 .. 4 {\n        if s > 0 { barrier() }\n    }\n}"],
        ["through a `let`", "let i = global_id() * 2\nif i < n { barrier() }"],
        [
            "through a variable assigned in an `if` on the id",
            "var t = 0\nif local_id() == 0 { t = 1 }\nif t > 0 { barrier() }",
        ],
        [
            "through a loop's round",
            "var t: index = 0\nfor i in 0 .. 4 {\n    if t > 0 { barrier() }\n    t = local_id()\n}",
        ],
        ["through the element at an id", "if b[local_id()] > 0.0 { barrier() }"],
        ["through a private array", "var a: f32[2]\na[0] = x[local_id()]\nif a[0] > 0.0 { barrier() }"],
        ["through an atomic's old value", "var t: u32 = 0\nt = to_bits(atomic_add(b[0], 1.0))\nif t > 0 { barrier() }"],
        ["behind a return on the id", "if global_id() >= n { return }\nbarrier()"],
        ["behind a return in a loop", "for i in 0 .. 4 {\n    if local_id() == i { return }\n}\nbarrier()"],
        [
            "before a break on the id, in the next round",
            "for i in 0 .. 4 {\n    barrier()\n    if local_id() == i { break }\n}",
        ],
        ["behind a continue on the id", "for i in 0 .. 4 {\n    if local_id() == i { continue }\n    barrier()\n}"],
        ["in a loop to the id", "for i in 0 .. local_id() { barrier() }"],
        ["in a condition's block", "if (if local_id() > 3 { barrier(); true } else { false }) { b[0] = 1.0 }"],
    ];
    test.each(refused)("%s", (_, body) => {
        expect(barriers(body)).toEqual(["E0510"]);
    });
});

describe("doubted", () => {
    const doubted: [string, string][] = [
        ["under a condition on shared memory", "barrier()\nif b[0] > 0.0 { barrier() }"],
        ["in a loop until shared memory says stop", "while b[0] > 0.0 {\n    b[local_id()] -= 1.0\n    barrier()\n}"],
        ["under a condition on a view that is written", "if y[0] > 0.0 { barrier() }"],
    ];
    test.each(doubted)("%s", (_, body) => {
        expect(barriers(body)).toEqual(["W0501"]);
    });
});
