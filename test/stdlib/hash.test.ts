// std.hash against the values that the functions' authors and their specifications publish.

import { describe, expect, it } from "vitest";
import { run, view, WAVE_DEVICES } from "../run/harness.js";

const BYTES = `import std.hash { fnv1a_32, fnv1a_64, murmur3_32, xxhash32, xxhash64 }
kernel hashes(data: u8[n], first: index, length: index, seed: u64, narrow: mut u32[3], wide: mut u64[2]) over _i in 1 {
    narrow[0] = fnv1a_32(data, first, length)
    narrow[1] = murmur3_32(data, first, length, seed as u32)
    narrow[2] = xxhash32(data, first, length, seed as u32)
    wide[0] = fnv1a_64(data, first, length)
    wide[1] = xxhash64(data, first, length, seed)
}
`;

const WORDS = `import std.hash { mix_u32, mix_u64, splitmix64 }
kernel mixed(x: u32[3], a: mut u32[3], b: mut u64[3], c: mut u64[3]) over i in 3 {
    a[i] = mix_u32(x[i])
    b[i] = mix_u64(x[i] as u64)
    c[i] = splitmix64(x[i] as u64)
}
`;

/** The bytes lie within others, at an odd place. */
async function hashes(text: string, seed: number, device: string) {
    const bytes = [...new TextEncoder().encode(`#${text}#`)];
    const { narrow, wide } = await run(
        BYTES,
        {
            data: view("u8", [bytes.length], bytes),
            first: 1,
            length: bytes.length - 2,
            seed,
            narrow: view("u32", [3]),
            wide: view("u64", [2]),
        },
        { device },
    );
    const [fnv32, murmur, xx32] = narrow;
    const [fnv64, xx64] = wide;
    return { fnv32, fnv64, murmur, xx32, xx64 };
}

describe.each(WAVE_DEVICES)("on %s", (device) => {
    it.each([
        // The reference implementations' test vectors.
        [
            "",
            0,
            { fnv32: 0x811c9dc5, fnv64: 0xcbf29ce484222325n, murmur: 0, xx32: 0x02cc5d05, xx64: 0xef46db3751d8e999n },
        ],
        ["a", 0, { fnv32: 0xe40c292c, fnv64: 0xaf63dc4c8601ec8cn, xx32: 0x550d7456, xx64: 0xd24ec4f1a98c6e5bn }],
        ["abc", 0, { murmur: 0xb3dd93fa, xx32: 0x32d153ff, xx64: 0x44bc2cf5ad770999n }],
        ["foobar", 0, { fnv32: 0xbf9cf968, fnv64: 0x85944171f73967e8n }],
        ["test", 0, { murmur: 0xba6bd213 }],
        ["Hello, world!", 0x9747b28c, { murmur: 0x24884cba }],
        ["The quick brown fox jumps over the lazy dog", 0x9747b28c, { murmur: 0x2fa826cd }],
        ["Nobody inspects the spammish repetition", 0, { xx32: 0xe2293b2f, xx64: 0xfbcea83c8a378bf1n }],
    ])("the hashes of %j with seed %i are the published ones", async (text, seed, expected) => {
        expect(await hashes(text, seed, device)).toMatchObject(expected);
    });

    it("integers are mixed as published", async () => {
        const args = { x: view("u32", [3], [0, 1, 2]), a: view("u32", [3]), b: view("u64", [3]), c: view("u64", [3]) };
        const { a, b, c } = await run(WORDS, args, { device });
        // MurmurHash3 of no bytes is its finaliser of the seed: the reference implementation's value for seed 1.
        expect(Array.from(a).slice(0, 2)).toEqual([0, 0x514e28b7]);
        expect(Array.from(b).slice(0, 2)).toEqual([0n, 0xb456bcfc34c2cb2cn]);
        // The first number of the sequence from state 0 (S. Vigna's splitmix64.c).
        expect(c[0]).toBe(0xe220a8397b1dcdafn);
    });
});
