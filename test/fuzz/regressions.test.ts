// Programs on which the interpreter and the device once differed, reduced.

import { expect, test } from "vitest";
import { run, view } from "../run/harness.js";

test("a negative LDS address that its offset brings back is in bounds", async () => {
    const source = `kernel k(x: i64[n], y: mut i64[n]) groups 1 workgroup(32) {
        shared buf: i64[32]
        buf[local_id()] = x[local_id()]
        barrier()
        let r = (x[0] as index) % 32
        y[local_id()] = buf[if r < 0 { r + 32 } else { r }]
    }`;
    const x = Array.from({ length: 32 }, (_, at) => BigInt(at === 0 ? -2 : at));
    const { y } = await run(source, { x: view("i64", [32], x), y: view("i64", [32]) }, { optimisation: 0 });
    expect([...y]).toEqual(new Array(32).fill(30n));
});

test("the magnitude of an f16 survives beside other halves of registers", async () => {
    // LLVM 22.1.8 with 16-bit registers selects a v_bfi_b32 of one register with itself here.
    const source = `fn wrap_index(i: index, n: index) -> index {
        let r = i % n
        if r < 0 { r + n } else { r }
    }
    fn with_sign(x: f16, s: f16) -> f16 { copysign(x, if is_nan(s) { 1.0 } else { s }) }
    kernel k(a: f16[n], b: f64[n], c: mut f64[n], d: mut f16[n]) over i in n {
        d[i] *= 65504.0
        c[i] = sqrt(b[wrap_index(d[i] as index, n)] * (i as f64) - b[wrap_index(i, n)])
        d[i] = with_sign(
            -a[wrap_index(3074457345618258602, n)],
            clamp(d[i] * (c[i] as f16) - (c[i] as f16), a[wrap_index(c[i] as index, n)], a[wrap_index(i, n)])
        )
    }`;
    // 3074457345618258602 modulo 4 is 2: every result has the magnitude of a[2], and all signs are positive.
    const args = {
        a: view("f16", [4], [0.5, 0.25, 1, 0.5]),
        b: view("f64", [4], [0, 1, 2, 3]),
        c: view("f64", [4]),
        d: view("f16", [4], [0, 100, 3, 1]),
    };
    const { d } = await run(source, args, { optimisation: 3 });
    expect([...d]).toEqual([1, 1, 1, 1]);
});

test("a quotient and a remainder of the same narrow integers are code at -O0", async () => {
    const source = `kernel k(x: u8[n], y: mut u8[n], z: mut u8[n]) over i in n {
        let v = x[i]
        y[i] = 85 / v
        z[i] = 85 % v
    }`;
    const args = { x: view("u8", [3], [2, 10, 85]), y: view("u8", [3]), z: view("u8", [3]) };
    const { y, z } = await run(source, args, { optimisation: 0 });
    expect([[...y], [...z]]).toEqual([
        [42, 8, 1],
        [1, 5, 0],
    ]);
});

test("a half that is all ones is stored as such", async () => {
    // LLVM 22.1.8 takes the other operand's upper half for it.
    const source = `kernel k(x: u32[n], t: u64[n], y: mut u64[n], z: mut u64[n]) over i in n {
        y[i] = t[i] | ~((31 as u64) ^ (x[i] as u64))
        z[i] = t[i] | ((x[i] as u64) << 32 ^ 4294967295)
    }`;
    const x = [1, 0xffffffff];
    const t = [0x5555555500000000n, 3n];
    const args = { x: view("u32", [2], x), t: view("u64", [2], t), y: view("u64", [2]), z: view("u64", [2]) };
    for (const optimisation of [0, 3] as const) {
        const { y, z } = await run(source, args, { optimisation });
        expect([...y]).toEqual([0xffffffff_ffffffe1n, 0xffffffff_0000001fn]);
        expect([...z]).toEqual([0x55555555_ffffffffn | (1n << 32n), 0xffffffff_ffffffffn]);
    }
});

// LLVM 22.1.8's division of small operands by a reciprocal.
test("the lowest value of a small type divided by -1 in a wider one is its negation", async () => {
    const source = `kernel k(x: i8[n], z: i8[n], y: mut i32[n], r: mut i32[n]) over i in n {
        y[i] = (x[i] as i32) / (z[i] as i32)
        r[i] = (x[i] as i32) % (z[i] as i32)
    }`;
    const args = {
        x: view("i8", [4], [-128, -128, 127, -5]),
        z: view("i8", [4], [-1, 1, -1, 2]),
        y: view("i32", [4]),
        r: view("i32", [4]),
    };
    for (const optimisation of [0, 1, 3] as const) {
        const { y, r } = await run(source, args, { optimisation });
        expect([...y]).toEqual([128, -128, -127, -2]);
        expect([...r]).toEqual([0, 0, 0, -1]);
    }
});

test("a large number without a sign is not taken for a small one with", async () => {
    const source = `kernel k(x: u32[n], y: mut u32[n], r: mut u32[n]) over i in n {
        y[i] = ~(i as u32 & 31) / count_ones(x[i])
        r[i] = ~(i as u32 & 31) % count_ones(x[i])
    }`;
    const args = { x: view("u32", [3], [1, 0x7f, 0xffffffff]), y: view("u32", [3]), r: view("u32", [3]) };
    for (const optimisation of [0, 3] as const) {
        const { y, r } = await run(source, args, { optimisation });
        expect([...y]).toEqual([0xffffffff, Math.floor(0xfffffffe / 7), Math.floor(0xfffffffd / 32)]);
        expect([...r]).toEqual([0, 0xfffffffe % 7, 0xfffffffd % 32]);
    }
});

test("zero minus zero is zero, not its negation", async () => {
    // LLVM 22.1.8 folds `0.0 - x` into what uses it, as `-x`.
    const source = `kernel k(x: f32[n], s: mut f32[n], m: mut f32[n]) over i in n {
        s[i] = (0.0 - x[i]) + -0.0 * abs(x[i])
        m[i] = max(0.0 - x[i], -1.0 * abs(x[i]))
    }`;
    const args = { x: view("f32", [3], [0, -0, 2]), s: view("f32", [3]), m: view("f32", [3]) };
    for (const optimisation of [0, 3] as const) {
        const { s, m } = await run(source, args, { optimisation });
        expect([...s]).toEqual([0, 0, -2]);
        expect([...m]).toEqual([0, 0, -2]);
    }
});

test("a product that becomes a half keeps the sign of its zero", async () => {
    // LLVM 22.1.8 makes it a fused operation with the addend +0.
    const source = `kernel k(x: f32[n], h: mut f16[n], v: mut f16x2[n]) over i in n {
        h[i] = (x[i] * -1.0) as f16
        v[i] = (f32x2(x[i], x[i]) * f32x2(-2.0, 2.0)) as f16x2
    }`;
    const args = { x: view("f32", [3], [0, -0, 2]), h: view("f16", [3]), v: view("f16x2", [3]) };
    for (const optimisation of [0, 3] as const) {
        const { h, v } = await run(source, args, { optimisation });
        expect([...h]).toEqual([-0, 0, -2]);
        expect([...v]).toEqual([-0, 0, 0, -0, -4, 4]);
    }
});

// LLVM 22.1.8's masks of lanes in loops, where they are spilled.
test("work-items that leave a loop early are not taken for ones that fail a check in it", async () => {
    const source = `fn wrap_index(i: index, n: index) -> index {
        let r = i % n
        if r < 0 { r + n } else { r }
    }
    kernel k(x: u32[n], y: mut u32[n]) over i in n {
        for s in -9223372036854775808 + wrap_index(min((if true { i } else { i }), ~i) / i, 6) ..
            -9223372036854775808 by -2 {
            var p: u32[2]
            p[wrap_index(clamp(s, x[wrap_index(i, n)] as index, i), 2)] =
                ~(if true { x[wrap_index(i, n)] } else { x[wrap_index(i, n)] })
            p[wrap_index(i, 2)] = x[wrap_index(i, n)]
            y[i] = p[wrap_index(i, 2)]
        }
    }`;
    const x = [1, 2, 3, 4, 5];
    const { y } = await run(source, { x: view("u32", [5], x), y: view("u32", [5]) }, { optimisation: 0 });
    expect([...y]).toEqual(x);
});

test("work-items that don't exist load nothing for the waves of those that do", async () => {
    // LLVM 22.1.8 counts the loads before it to a sum of 64 bits in whole-wave mode.
    const source = `fn wrap_index(i: index, n: index) -> index {
        let r = i % n
        if r < 0 { r + n } else { r }
    }
    kernel k(a: mut f16x3[n], b: mut index[n]) over i in n {
        let first = wave_exclusive_sum(-5 as i16)
        a[i].yx -= a[i].yx + wave_first((first as f16) * -1.0 + a[i].y)
        let start = wave_exclusive_sum(if wave_any(is_nan(a[i].y)) { 1 } else { wave_broadcast(a[i].x as index, b[i]) })
        for _k in wrap_index(start, 6) .. wrap_index(a[i].x as index, 6) by wrap_index(wave_inclusive_sum(-100 & 3), 6) - 2 {
            a[i].yx *= a[i].yx * a[i].yx
        }
    }`;
    // One work-item: y and x lose themselves and y, which is 2. The loop goes from 0 to 4 by -2: no round.
    const { a } = await run(source, { a: view("f16x3", [1], [1, 2, 3]), b: view("index", [1]) }, { optimisation: 3 });
    expect([...a]).toEqual([-2, -2, 3]);
});

test("a scan leaves the values of work-items that take no part in it as they are", async () => {
    // LLVM 22.1.8 keeps a zero of the scan's in the register of the index's upper half.
    const source = `kernel k(x: index[n], y: mut index[n]) over i in n {
        y[i] = if wave_shuffle_up(true, x[i]) { wave_inclusive_max(0 as index) } else { i }
    }`;
    // Twenty lanes further there is none that is on, and `false` comes from it.
    const x = Array.from({ length: 10 }, (_, i) => (i % 2 ? 0 : -20));
    for (const optimisation of [0, 3] as const) {
        const { y } = await run(source, { x: view("index", [10], x), y: view("index", [10]) }, { optimisation });
        expect([...y].map(Number)).toEqual(x.map((distance, i) => (distance === 0 ? 0 : i)));
    }
});

test("a ballot of all is of the work-items that are there, also between operations of the whole wave", async () => {
    // LLVM 22.1.8 copies the mask of lanes while all of them are on for the sum.
    const source = `kernel k(y: mut u64[n]) over i in n {
        y[i] = wave_inclusive_sum(wave_ballot(true))
    }`;
    for (const optimisation of [0, 3] as const) {
        const { y } = await run(source, { y: view("u64", [5]) }, { optimisation });
        expect([...y].map(Number)).toEqual([31, 62, 93, 124, 155]);
    }
});

test.each(["vgpu:gfx1100", "vgpu:gfx90a"])(
    "constants of packed integers that look like floats are single precision on %s",
    async (device) => {
        // 0x4000 in both halves is 2.0 by its upper half, as LLVM encodes it.
        const source = "kernel k(x: mut i16x4[n]) over i in n { x[i] = max(x[i], i16x4(16384 as i16)) }";
        const { x } = await run(source, { x: view("i16x4", [1], [5, -3, 32767, -32768]) }, { device, optimisation: 3 });
        expect([...x]).toEqual([16384, 16384, 32767, 16384]);
    },
);

test("a half of -0 beside another that is no constant keeps its sign", async () => {
    // LLVM 22.1.8 clears the upper half of a pair for it.
    const source = `kernel k(c: u32[n], x: mut f16x4[n]) over i in n {
        x[i] = if c[i] & 7 != 0 { x[i] } else { f16x4(x[i].y, x[i].x, x[i].y, -0.0 as f16) }
    }`;
    for (const optimisation of [0, 3] as const) {
        const args = { c: view("u32", [2], [8, 9]), x: view("f16x4", [2], [1, 2, 3, 4, 5, 6, 7, 8]) };
        const { x } = await run(source, args, { optimisation });
        expect([...x]).toEqual([2, 1, 2, -0, 5, 6, 7, 8]);
    }
});

test("the lowest value of 8 bits is divided by -1 in 16 bits", async () => {
    // LLVM 22.1.8 makes the division one of 16 bits, and wraps the quotient to 8.
    const source = `kernel k(x: i8[n], d: i8[n], y: mut i16[n], r: mut i16[n]) over i in n {
        y[i] = (x[i] as i16) / (d[i] as i16)
        r[i] = (x[i] as i16) % (d[i] as i16)
    }`;
    const [x, d] = [view("i8", [4], [-128, -128, 127, -127]), view("i8", [4], [-1, -2, -1, -1])];
    for (const optimisation of [0, 3] as const) {
        const args = { x, d, y: view("i16", [4]), r: view("i16", [4]) };
        const { y, r } = await run(source, args, { optimisation });
        expect([...y]).toEqual([128, 64, -127, 127]);
        expect([...r].map(Math.abs)).toEqual([0, 0, 0, 0]);
    }
});

test.each(["vgpu:gfx1100", "vgpu:gfx942"])(
    "a shuffle from one lane is that lane's also where the first one takes no part, on %s",
    async (device) => {
        // LLVM 22.1.8 takes what all lanes shuffle alike for the same in those that are off, and reads lane 0.
        const source = `kernel k(from: index, y: mut i32[n]) over i in n {
            if i > 0 {
                y[i] = (if wave_broadcast(wave_shuffle(true, 2), 2) { 1 } else { 0 }) +
                    (if wave_broadcast(wave_shuffle(true, from), 2) { 10 } else { 0 }) +
                    (if wave_shuffle(true, 0) { 100 } else { 0 })
            }
        }`;
        for (const optimisation of [0, 3] as const) {
            const { y } = await run(source, { from: 2n, y: view("i32", [4]) }, { device, optimisation });
            expect([...y]).toEqual([0, 11, 11, 11]);
        }
    },
);

test("a value that costs nothing comes only from the path that takes it", async () => {
    // LLVM 22.1.8 gives the work-items that take the branch by the second condition what the others have.
    const source = `kernel k(a: bool[m, n], b: mut u32[m, n], y: mut index[m, n]) over (i in m, j in n) {
        y[i, j] = if 2 < (if a[i, j] { 31 } else { b[i, j] }) { b[i, j] = b[i, j] + 1; j } else { -5 }
    }`;
    for (const optimisation of [0, 3] as const) {
        const args = {
            a: view("bool", [4, 1], [0, 1, 0, 1]),
            b: view("u32", [4, 1], [7, 0, 1, 3]),
            y: view("index", [4, 1]),
        };
        const { y } = await run(source, args, { optimisation });
        expect([...y].map(Number)).toEqual([0, 0, -5, 0]);
    }
});

test("powers of two beyond all numbers multiply one after the other", async () => {
    // LLVM 22.1.8 adds the exponents, whose sum wraps.
    const source = `kernel k(x: f64[n], y: mut f64[n], z: mut f32[n], w: mut f32[n], v: mut f32[n]) over i in n {
        y[i] = ldexp(ldexp(x[i], 1431655764), 2147483647)
        z[i] = ldexp(ldexp(x[i] as f32, -2147483647), -1431655764)
        w[i] = ldexp(-ldexp(x[i] as f32, 1431655764), 2147483647)
        var twice = x[i] as f32
        for _ in 0 .. 2 { twice = ldexp(twice, 1431655764) }
        v[i] = twice
    }`;
    for (const optimisation of [0, 3] as const) {
        const out = { y: view("f64", [3]), z: view("f32", [3]), w: view("f32", [3]), v: view("f32", [3]) };
        const { y, z, w, v } = await run(source, { x: view("f64", [3], [1, 0, -2]), ...out }, { optimisation });
        expect([...y]).toEqual([Number.POSITIVE_INFINITY, 0, Number.NEGATIVE_INFINITY]);
        expect([...z]).toEqual([0, 0, -0]);
        expect([...w]).toEqual([Number.NEGATIVE_INFINITY, -0, Number.POSITIVE_INFINITY]);
        expect([...v]).toEqual([Number.POSITIVE_INFINITY, 0, Number.NEGATIVE_INFINITY]);
    }
});

test("powers of two of one value for all lanes multiply one after the other within a loop", async () => {
    // LLVM 22.1.8 found no instruction for the copy that its fence between the two needed.
    const source = `kernel k(y: mut f64[n]) over i in n {
        var round: i32 = 0
        while round < 4 && wave_broadcast(true, i) {
            round += 1
            y[i] += ldexp(ldexp(10.0, round), round)
        }
    }`;
    for (const optimisation of [0, 3] as const) {
        const { y } = await run(source, { y: view("f64", [3]) }, { optimisation });
        expect([...y]).toEqual([3400, 3400, 3400]);
    }
});

test("the lanes that are on are a value of each lane beside sums of a wave", async () => {
    // In the place of the copy of LLVM's mask of lanes stood a comparison into a vector register.
    const source = `kernel k(lanes: mut u64[n], sums: mut i32[n]) over i in n {
        var round: i32 = 0
        while round < 2 && wave_first(true) {
            round += 1
            sums[i] += wave_sum(1)
            atomic_min(lanes[wrap(wave_sum(0 as index))], wave_shuffle_down(wave_ballot(true), i))
        }
    }
    fn wrap(i: index) -> index { if i < 0 { -i } else { i } }`;
    for (const optimisation of [0, 3] as const) {
        const args = { lanes: view("u64", [32], Array(32).fill(2 ** 40)), sums: view("i32", [32]) };
        const { lanes, sums } = await run(source, args, { optimisation });
        expect([...sums]).toEqual(Array(32).fill(64));
        expect([...lanes].map(Number)).toEqual([2 ** 32 - 1, ...Array(31).fill(2 ** 40)]);
    }
});

test("what fills the lanes that are off in a sum is no value of those that took another path", async () => {
    // -0.0, which sums of floats begin with, and the number 2147483648 were one register, which a scan then overwrote.
    const source = `fn first_alone() -> u32 {
        if wave_is_first() { return 2147483648 }
        for k in 0 .. wave_inclusive_sum(0) by 0 - 2 {}
        0
    }
    kernel k(x: mut f32[m, n], y: mut u32[m, n]) over (i in m, j in n) {
        x[i, j] = wave_sum(0.25)
        y[i, j] = first_alone()
    }`;
    for (const optimisation of [0, 3] as const) {
        const args = { x: view("f32", [3, 5]), y: view("u32", [3, 5]) };
        const { x, y } = await run(source, args, { optimisation });
        expect([...x]).toEqual(Array(15).fill(1.25));
        const row = [2 ** 31, 0, 0, 0, 0];
        expect([...y]).toEqual([...row, ...row, ...row]);
    }
});

test("the lowest value of 32 bits divided by -1 in 64 bits is a number of 33 bits", async () => {
    const source = `kernel k(x: i32[n], d: bool[n], y: mut i64[n], z: mut i64[n]) over i in n {
        y[i] = (x[i] as i64) / ~(d[i] as i64)
        z[i] = (x[i] as i64) % ~(d[i] as i64)
    }`;
    for (const optimisation of [0, 3] as const) {
        const x = [-(2 ** 31), -(2 ** 31), -(2 ** 31) + 1, 7];
        const args = {
            x: view("i32", [4], x),
            d: view("bool", [4], [0, 1, 0, 1]),
            y: view("i64", [4]),
            z: view("i64", [4]),
        };
        const { y, z } = await run(source, args, { optimisation });
        expect([...y].map(Number)).toEqual([2 ** 31, 2 ** 30, 2 ** 31 - 1, -3]);
        expect([...z].map(Number)).toEqual([0, 0, 0, 1]);
    }
});

test("a half of ones that comes from another lane stays one in an or", async () => {
    const source = `kernel k(x: index[g, 32], y: mut index[g, 32]) groups g workgroup(32) {
        y[group_id(), local_id()] = (wave_first(~global_id()) | x[group_id(), local_id()]) % 6
    }`;
    for (const optimisation of [0, 3] as const) {
        const args = { x: view("index", [2, 32]), y: view("index", [2, 32]) };
        const { y } = await run(source, args, { optimisation });
        expect([...y].map(Number)).toEqual([...Array(32).fill(-1), ...Array(32).fill(-33 % 6)]);
    }
});

test("constants of 64 bits reach scalar registers whole where lanes part on a way not taken", async () => {
    // LLVM 22.1.8 moved 3.25 by an instruction with room for 32 bits.
    const source = `kernel k(y: mut f64x2[n], t: bool[n], w: mut i32[n]) over i in n {
        y[i] = if false { if t[i] { w[i] = 1 } else { w[i] = 2 }
            f64x2(1.0, y[i].x) } else { f64x2(3.25) }
    }`;
    for (const optimisation of [0, 3] as const) {
        const args = { y: view("f64x2", [3]), t: view("bool", [3]), w: view("i32", [3]) };
        const { y } = await run(source, args, { optimisation });
        expect([...y]).toEqual(Array(6).fill(3.25));
    }
});
