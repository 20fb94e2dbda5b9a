// Loops, branches and what they carry, divergent among work-items, against the same program in JavaScript.

import { describe, expect, test } from "vitest";
import { run, view } from "./harness.js";

const LEVELS = [0, 3] as const;
const HIGHEST_U32 = 2n ** 32n - 1n;

/** The rounds of `for i in a .. b by s`, by its definition in exact integers. */
function rounds(a: bigint, b: bigint, s: bigint): bigint[] {
    const result: bigint[] = [];
    if (s > 0n) for (let i = a; i < b; i += s) result.push(i);
    if (s < 0n) for (let i = a; i > b; i += s) result.push(i);
    return result;
}

const HIGHEST = 2n ** 63n - 1n;
const LOWEST = -(2n ** 63n);
const BOUNDS: readonly [bigint, bigint, bigint][] = [
    [0n, 10n, 1n],
    [0n, 10n, 3n],
    [0n, 9n, 3n],
    [5n, 5n, 1n],
    [6n, 5n, 1n],
    [10n, 0n, -1n],
    [10n, 0n, -3n],
    [9n, -1n, -2n],
    [0n, 10n, -1n],
    [10n, 0n, 1n],
    [0n, 10n, 0n],
    [HIGHEST - 4n, HIGHEST, 2n],
    [HIGHEST - 5n, HIGHEST, 2n],
    [HIGHEST - 2n, HIGHEST, 1n],
    [LOWEST + 4n, LOWEST, -2n],
    [LOWEST + 5n, LOWEST, -2n],
    [LOWEST, HIGHEST, HIGHEST],
    [HIGHEST, LOWEST, LOWEST],
    [LOWEST, HIGHEST, 2n ** 62n],
];

const UNSIGNED_BOUNDS: readonly [bigint, bigint, bigint][] = [
    [0n, 10n, 3n],
    [5n, 5n, 1n],
    [0n, 10n, 0n],
    [HIGHEST_U32 - 4n, HIGHEST_U32, 2n],
    [HIGHEST_U32 - 5n, HIGHEST_U32, 2n],
    [HIGHEST_U32 - 5n, HIGHEST_U32, HIGHEST_U32],
    [0n, HIGHEST_U32, 2n ** 31n],
    [0n, HIGHEST_U32, HIGHEST_U32],
    [HIGHEST_U32, HIGHEST_U32, 1n],
];

describe.each(LEVELS)("at -O%d", (optimisation) => {
    test("a loop of numbers without a sign never wraps either", async () => {
        const text = `kernel loops(a: u32[n], b: u32[n], s: u32[n], count: mut i32[n], last: mut u32[n]) over k in n {
    var c: i32 = 0
    var l: u32 = 0
    for i in a[k] as index .. b[k] as index by s[k] as index {
        c += 1
        l = i as u32
    }
    count[k] = c
    last[k] = l
}
`;
        const n = UNSIGNED_BOUNDS.length;
        const column = (at: 0 | 1 | 2) =>
            view(
                "u32",
                [n],
                UNSIGNED_BOUNDS.map((bounds) => Number(bounds[at])),
            );
        const args = { a: column(0), b: column(1), s: column(2), count: view("i32", [n]), last: view("u32", [n]) };
        const result = await run(text, args, { optimisation });
        const expected = UNSIGNED_BOUNDS.map(([a, b, s]) => rounds(a, b, s));
        expect([...result.count]).toEqual(expected.map((all) => all.length));
        expect([...result.last]).toEqual(expected.map((all) => Number(all.at(-1) ?? 0n)));
    });

    test("a loop runs its rounds and never wraps", async () => {
        const text = `kernel loops(a: index[n], b: index[n], s: index[n], count: mut i32[n], sum: mut i64[n], last: mut i64[n]) over k in n {
    var c: i32 = 0
    var t: i64 = 0
    var l: i64 = 0
    for i in a[k] .. b[k] by s[k] {
        c += 1
        t += i as i64
        l = i as i64
    }
    count[k] = c
    sum[k] = t
    last[k] = l
}
`;
        const n = BOUNDS.length;
        const column = (at: 0 | 1 | 2) =>
            view(
                "index",
                [n],
                BOUNDS.map((bounds) => bounds[at]),
            );
        const result = await run(
            text,
            {
                a: column(0),
                b: column(1),
                s: column(2),
                count: view("i32", [n]),
                sum: view("i64", [n]),
                last: view("i64", [n]),
            },
            { optimisation },
        );
        const expected = BOUNDS.map(([a, b, s]) => rounds(a, b, s));
        expect([...result.count]).toEqual(expected.map((each) => each.length));
        expect([...result.sum]).toEqual(
            expected.map((each) =>
                BigInt.asIntN(
                    64,
                    each.reduce((sum, i) => sum + i, 0n),
                ),
            ),
        );
        expect([...result.last]).toEqual(expected.map((each) => each.at(-1) ?? 0n));
    });

    test.each([1n, 2n, 7n, -1n, -2n, -5n])("a loop by the constant %d ends at the edges of the type", async (step) => {
        const text = `kernel loops(a: index[n], b: index[n], count: mut i32[n], last: mut i64[n]) over k in n {
    var c: i32 = 0
    var l: i64 = 0
    for i in a[k] .. b[k] by ${step} { c += 1; l = i as i64 }
    count[k] = c
    last[k] = l
}
`;
        const distance = (a: bigint, b: bigint) => (a > b ? a - b : b - a);
        const near = BOUNDS.filter(([a, b]) => distance(a, b) < 1000n);
        const n = near.length;
        const result = await run(
            text,
            {
                a: view(
                    "index",
                    [n],
                    near.map(([a]) => a),
                ),
                b: view(
                    "index",
                    [n],
                    near.map(([, b]) => b),
                ),
                count: view("i32", [n]),
                last: view("i64", [n]),
            },
            { optimisation },
        );
        const expected = near.map(([a, b]) => rounds(a, b, step));
        expect([...result.count]).toEqual(expected.map((each) => each.length));
        expect([...result.last]).toEqual(expected.map((each) => each.at(-1) ?? 0n));
    });

    test("nested divergent loops with break, continue and early return", async () => {
        const text = `kernel search(x: i32[n], limit: i32, found: mut i32[n], steps: mut i32[n]) over i in n {
    var best: i32 = -1
    var count: i32 = 0
    if x[i] < 0 {
        found[i] = -2
        return
    }
    for j in 0 .. n by 1 {
        count += 1
        if x[j] < 0 { continue }
        var t = x[j]
        while t > 0 {
            count += 1
            if t == x[i] && j != i { best = j as i32; break }
            if t % 5 == 0 {
                t -= 3
                continue
            }
            t -= 1
            if count > limit {
                found[i] = -3
                steps[i] = count
                return
            }
        }
        if best >= 0 { break }
    }
    found[i] = best
    steps[i] = count
}
`;
        const n = 300;
        const limit = 400;
        const x = Int32Array.from({ length: n }, (_, i) => ((i * 7919) % 61) - 8);
        const found = new Int32Array(n);
        const steps = new Int32Array(n);
        for (let i = 0; i < n; i++) [found[i], steps[i]] = search(x, limit, i);
        const result = await run(
            text,
            { x: view("i32", [n], x), limit, found: view("i32", [n]), steps: view("i32", [n]) },
            { optimisation },
        );
        expect(result.found).toEqual(found);
        expect(result.steps).toEqual(steps);
        expect(new Set(found).size).toBeGreaterThan(3);
    });

    test("functions return early, from loops too", async () => {
        const text = `fn collatz(start: u32) -> u32 {
    var x = start
    var steps: u32 = 0
    while x != 1 {
        if steps >= 100 { return 1000 + steps }
        if x % 2 == 0 { x /= 2 } else { x = 3 * x + 1 }
        steps += 1
    }
    steps
}

kernel lengths(out: mut u32[n]) over i in n {
    out[i] = collatz(i as u32 + 1)
}
`;
        const expected = Uint32Array.from({ length: 100 }, (_, i) => {
            let [x, steps] = [i + 1, 0];
            while (x !== 1) {
                if (steps >= 100) return 1000 + steps;
                x = x % 2 === 0 ? x / 2 : 3 * x + 1;
                steps++;
            }
            return steps;
        });
        const { out } = await run(text, { out: view("u32", [100]) }, { optimisation });
        expect(out).toEqual(expected);
    });

    test("&& and || evaluate only what they need", async () => {
        const text = `fn note(log: mut i32[m], bit: i32, result: bool) -> bool {
    atomic_or(log[0], bit)
    result
}

kernel logic(log: mut i32[m], out: mut bool[4]) groups 1 workgroup(1) {
    out[0] = note(log, 1, false) && note(log, 2, true)
    out[1] = note(log, 4, true) || note(log, 8, false)
    out[2] = note(log, 16, true) && note(log, 32, true) && note(log, 64, false) && note(log, 128, true)
    out[3] = note(log, 256, false) || note(log, 512, true) || note(log, 1024, true)
}
`;
        const result = await run(text, { log: view("i32", [1]), out: view("bool", [4]) }, { optimisation });
        expect(result.log[0]).toBe(1 + 4 + 16 + 32 + 64 + 256 + 512);
        expect([...result.out]).toEqual([0, 1, 0, 1]);
    });

    test("if and blocks are expressions, and what they assign stays assigned", async () => {
        const text = `kernel blocks(x: i32[n], y: mut i32[n]) over i in n {
    var sum: i32 = 0
    let sign = if x[i] < 0 { sum += 1; -1 } else if x[i] == 0 { 0 } else { sum += 2; 1 }
    let square = { let t = x[i] * x[i]; sum += 10; t }
    while { sum += 100; sum < 500 } { sum += 1 }
    y[i] = sign * square + sum
}
`;
        const x = [-3, -1, 0, 1, 4];
        const expected = x.map((value) => {
            let sum = value < 0 ? 1 : value === 0 ? 0 : 2;
            sum += 10;
            for (;;) {
                sum += 100;
                if (sum >= 500) break;
                sum += 1;
            }
            return Math.sign(value) * value * value + sum;
        });
        const result = await run(text, { x: view("i32", [5], x), y: view("i32", [5]) }, { optimisation });
        expect([...result.y]).toEqual(expected);
    });

    test("a stencil reads its neighbours and keeps its edges", async () => {
        const text = `kernel stencil(x: f32[n], y: mut f32[n]) over i in n {
    let left = if i == 0 { x[0] } else { x[i - 1] }
    let right = if i == n - 1 { x[n - 1] } else { x[i + 1] }
    y[i] = 0.25 * left + 0.5 * x[i] + 0.25 * right
}
`;
        // Multiples of 16, so that every result is exact however it is rounded.
        const x = Float32Array.from({ length: 1000 }, (_, i) => 16 * ((i * 37) % 101));
        const at = (i: number) => x[Math.min(999, Math.max(0, i))] as number;
        const expected = x.map((value, i) => 0.25 * at(i - 1) + 0.5 * value + 0.25 * at(i + 1));
        const { y } = await run(text, { x: view("f32", [1000], x), y: view("f32", [1000]) }, { optimisation });
        expect(y).toEqual(expected);
    });

    test("a work-item's own arrays start at zero each time they are declared", async () => {
        const text = `kernel arrays(out: mut i32[n, 4]) over i in n {
    for round in 0 .. 3 {
        var bins: i32[4]
        for k in 0 .. i { bins[(k * 7 + round) % 4] += 1 }
        for b in 0 .. 4 { out[i, b] += bins[b] * (round as i32 + 1) }
    }
}
`;
        const n = 40;
        const expected = new Int32Array(4 * n);
        for (let i = 0; i < n; i++) {
            for (let round = 0; round < 3; round++) {
                for (let k = 0; k < i; k++) {
                    const at = 4 * i + ((k * 7 + round) % 4);
                    expected[at] = (expected[at] as number) + round + 1;
                }
            }
        }
        const { out } = await run(text, { out: view("i32", [n, 4]) }, { optimisation });
        expect(out).toEqual(expected);
    });
});

function search(x: Int32Array, limit: number, i: number): [number, number] {
    const own = x[i] as number;
    let [best, count] = [-1, 0];
    if (own < 0) return [-2, 0];
    for (let j = 0; j < x.length; j++) {
        count++;
        let t = x[j] as number;
        if (t < 0) continue;
        while (t > 0) {
            count++;
            if (t === own && j !== i) {
                best = j;
                break;
            }
            if (t % 5 === 0) {
                t -= 3;
                continue;
            }
            t -= 1;
            if (count > limit) return [-3, count];
        }
        if (best >= 0) break;
    }
    return [best, count];
}
