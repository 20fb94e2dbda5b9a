// std.int4 over every byte and every pair of integers: two's complement of 4 bits, the first in the low half.

import { expect, test } from "vitest";
import { run, view } from "../run/harness.js";

test("all 256 bytes are taken apart and put together", async () => {
    const source = `import std.int4 { high, low, pair }
    kernel k(x: i4x2[n], first: mut i8[n], second: mut i8[n], back: mut i4x2[n]) over i in n {
        first[i] = low(x[i])
        second[i] = high(x[i])
        back[i] = pair(first[i], second[i])
    }`;
    const bytes = Array.from({ length: 256 }, (_, byte) => byte);
    const args = { x: view("i4x2", [256], bytes), first: view("i8", [256]), second: view("i8", [256]) };
    const { first, second, back } = await run(source, { ...args, back: view("i4x2", [256]) });
    const signed = (bits: number) => (bits < 8 ? bits : bits - 16);
    expect(Array.from(first)).toEqual(bytes.map((byte) => signed(byte % 16)));
    expect(Array.from(second)).toEqual(bytes.map((byte) => signed(Math.floor(byte / 16))));
    expect(Array.from(back)).toEqual(bytes);
});

test("what doesn't fit wraps, or becomes the nearest that does", async () => {
    const source = `import std.int4 { high, low, pair, saturated_pair }
    kernel k(x: i32[n], wrapped: mut i8[n], most: mut i8[n]) over i in n {
        wrapped[i] = low(pair(x[i] as i8, 5))
        let both = saturated_pair(3, x[i])
        most[i] = if low(both) == 3 { high(both) } else { 99 }
    }`;
    const numbers = [-2147483648, -100, -9, -8, -1, 0, 7, 8, 23, 2147483647];
    const args = { x: view("i32", [10], numbers), wrapped: view("i8", [10]), most: view("i8", [10]) };
    const { wrapped, most } = await run(source, args);
    expect(Array.from(wrapped)).toEqual([0, -4, 7, -8, -1, 0, 7, -8, 7, -1]);
    expect(Array.from(most)).toEqual([-8, -8, -8, -8, -1, 0, 7, 7, 7, 7]);
});
