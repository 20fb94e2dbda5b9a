// Instructions that few kernels have, against what the ISA documents say of them, computed here anew.

import { describe, expect, it } from "vitest";
import { compile, launch, type Probe, probe, random } from "./lab.js";
import { decode, type Format, type Value } from "./softfloat.js";

const numberOf = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0] as number;
const bitsOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0] as number;

/** 2/π's first bits after the point, by Machin's formula. */
function twoOverPi(bits: number): bigint {
    const one = 1n << BigInt(bits + 64);
    const inverseTangent = (x: bigint) => {
        let term = one / x;
        let sum = term;
        for (let n = 3n, sign = -1n; term !== 0n; n += 2n, sign = -sign) {
            term /= x * x;
            sum += sign * (term / n);
        }
        return sum;
    };
    const pi = 4n * (4n * inverseTangent(5n) - inverseTangent(239n));
    return ((2n * one * one) / pi) >> 64n;
}

describe("vector instructions", () => {
    it.each(["gfx90a", "gfx1100", "gfx1201"])("sum differences of bytes over four windows, on %s", async (target) => {
        const [row, reference, addends] = [random(128, 1), random(64, 2), random(256, 3)];
        reference.forEach((word, i) => {
            if (i % 3 === 0) reference[i] = word & 0xff00ff00;
        });
        const pairs = addends.subarray(0, 128);
        const probes: Probe[] = [
            { name: "qsad", assembly: "v_qsad_pk_u16_u8 %0, %1, %2, %3", inputs: [2, 1, 2], output: 2 },
            { name: "mqsad", assembly: "v_mqsad_pk_u16_u8 %0, %1, %2, %3", inputs: [2, 1, 2], output: 2 },
            { name: "wide", assembly: "v_mqsad_u32_u8 %0, %1, %2, %3", inputs: [2, 1, 4], output: 4 },
        ];
        const results = await probe(target, probes, ({ output }) => [row, reference, output === 4 ? addends : pairs]);
        for (let i = 0; i < 64; i += 1) {
            const bytes = new Uint8Array(row.buffer, 8 * i, 8);
            const against = new Uint8Array(reference.buffer, 4 * i, 4);
            const sum = (window: number, masked: boolean) =>
                [0, 1, 2, 3].reduce((all, k) => {
                    const [x, y] = [bytes[window + k] as number, against[k] as number];
                    return all + (masked && y === 0 ? 0 : Math.abs(x - y));
                }, 0);
            for (let window = 0; window < 4; window += 1) {
                const before = new Uint16Array(addends.buffer, 8 * i, 4)[window] as number;
                const halves = (name: string) =>
                    new Uint16Array((results.get(name) as Uint32Array).buffer, 8 * i, 4)[window];
                expect(halves("qsad")).toBe((before + sum(window, false)) & 0xffff);
                expect(halves("mqsad")).toBe((before + sum(window, true)) & 0xffff);
                const wide = (results.get("wide") as Uint32Array)[4 * i + window];
                expect(wide).toBe(((addends[4 * i + window] as number) + sum(window, true)) >>> 0);
            }
        }
    });

    it.each(["gfx90a", "gfx1100"])("order signalling NaNs as MODE's IEEE bit says, on %s", async (target) => {
        const [signalling, quieted, quiet, one, two] = [0x7fa00000, 0x7fe00000, 0x7fc00000, 0x3f800000, 0x40000000];
        const cleared = "s_setreg_imm32_b32 hwreg(HW_REG_MODE, 9, 1), 0\\n";
        const forms = [
            { name: "min", assembly: "v_min_f32 %0, %1, %2", inputs: [1, 1] },
            { name: "max", assembly: "v_max_f32 %0, %1, %2", inputs: [1, 1] },
            { name: "max3", assembly: "v_max3_f32 %0, %1, %2, %1", inputs: [1, 1] },
            { name: "med3", assembly: "v_med3_f32 %0, %1, %2, %2", inputs: [1, 1] },
        ];
        const probes: Probe[] = forms.flatMap(({ name, assembly, inputs }) => [
            { name, assembly, inputs, output: 1 },
            { name: `${name}_cleared`, assembly: cleared + assembly, inputs, output: 1 },
        ]);
        const pairs = [
            [signalling, one],
            [quiet, one],
            [one, two],
        ] as const;
        const column = (side: 0 | 1) => Uint32Array.from({ length: 64 }, (_, i) => pairs[i % 3]?.[side] as number);
        const results = await probe(target, probes, () => [column(0), column(1)]);
        const found = (name: string) => Array.from((results.get(name) as Uint32Array).subarray(0, 3));
        expect(found("min")).toEqual([quieted, one, one]);
        expect(found("min_cleared")).toEqual([one, one, one]);
        expect(found("max")).toEqual([quieted, one, two]);
        expect(found("max_cleared")).toEqual([one, one, two]);
        expect(found("max3_cleared")).toEqual([one, one, two]);
        expect(found("med3_cleared")).toEqual([one, one, two]);
    });

    it("cut 2/π into segments of 53 bits", async () => {
        const exponents = [1023, 1077, 1100, 1500, 1967, 1968, 2040];
        const values = Uint32Array.from({ length: 128 }, (_, k) =>
            k % 2 === 0 ? 0 : ((exponents[(k >> 1) % exponents.length] as number) << 20) >>> 0,
        );
        const segments = Uint32Array.from({ length: 64 }, (_, i) => Math.floor(i / 7) % 3);
        const one: Probe = { name: "trig", assembly: "v_trig_preop_f64 %0, %1, %2", inputs: [2, 1], output: 2 };
        const words = (await probe("gfx1100", [one], () => [values, segments])).get("trig") as Uint32Array;
        const digits = twoOverPi(1201);
        for (let i = 0; i < 64; i += 1) {
            const exponent = exponents[i % exponents.length] as number;
            const first = (segments[i] as number) * 53 + Math.max(exponent - 1077, 0);
            const window = (digits << 200n) >> BigInt(1201 + 200 - first - 53);
            const right = Number(window & ((1n << 53n) - 1n)) * 2 ** (-53 - first + (exponent >= 1968 ? 128 : 0));
            expect(new Float64Array(words.buffer, 8 * i, 1)[0]).toBe(right);
        }
    });

    it("take scalars of gfx12 as halves", async () => {
        const halves = random(64, 4).map((word) => (word & 0x3ff) | 0x3c00);
        const one: Probe = {
            name: "root",
            assembly: "v_s_sqrt_f16 %0, %1",
            inputs: [1],
            output: 1,
            scalar: [1],
            scalarResult: true,
        };
        const words = (await probe("gfx1201", [one], () => [halves])).get("root") as Uint32Array;
        const value = 1 + ((halves[0] as number) & 0x3ff) / 1024;
        const bits = words[0] as number;
        expect(Math.abs((bits & 0x3ff) / 1024 + 1 - Math.sqrt(value))).toBeLessThanOrEqual(2 ** -11);
    });
});

/** Floats of a few bits without infinities: E2M1 ("fp4"), E2M3 ("fp6"), E3M2 ("bf6"); codes in the order of their values. */
const SMALL = {
    fp4: { bits: 4, fraction: 1, bias: 1 },
    fp6: { bits: 6, fraction: 3, bias: 1 },
    bf6: { bits: 6, fraction: 2, bias: 3 },
} as const;
type Small = keyof typeof SMALL;
function smallValue(kind: Small, code: number): number {
    const { bits, fraction, bias } = SMALL[kind];
    const field = (code & (2 ** (bits - 1) - 1)) >> fraction;
    const low = code & (2 ** fraction - 1);
    const magnitude = (field === 0 ? low : low + 2 ** fraction) * 2 ** (Math.max(field, 1) - bias - fraction);
    return code >> (bits - 1) ? -magnitude : magnitude;
}
/** Nearest, ties to even codes; what is too large becomes the greatest. */
function smallCode(kind: Small, value: number): number {
    const half = 2 ** (SMALL[kind].bits - 1);
    const size = Math.abs(value);
    let best = 0;
    for (let code = 1; code < half; code += 1) {
        const [before, now] = [Math.abs(smallValue(kind, best) - size), Math.abs(smallValue(kind, code) - size)];
        if (now < before || (now === before && code % 2 === 0)) best = code;
    }
    return best | (value < 0 || Object.is(value, -0) ? half : 0);
}

describe("scaled conversions of gfx950", () => {
    /** Numbers about the formats' range, times the scale's power of two. */
    const scales = Uint32Array.from({ length: 64 }, (_, i) => ((120 + (i % 15)) << 23) | 0x1234);
    const powerOf = (lane: number) => 2 ** (120 + (lane % 15) - 127);
    const values = (count: number, seed: number) =>
        Uint32Array.from(random(64 * count, seed), (word, i) => {
            const lane = Math.floor(i / count);
            return bitsOf(((word % 4096) / 256 - 8) * powerOf(lane));
        });

    it("pack pairs of four bits, and take them apart", async () => {
        const [a, b] = [values(1, 1), values(1, 2)];
        const codes = random(64, 3);
        const probes: Probe[] = [
            {
                name: "pack",
                assembly: "v_cvt_scalef32_pk_fp4_f32 %0, %1, %2, %3 op_sel:[0,0,1,0]",
                inputs: [1, 1, 1],
                output: 1,
                before: 0x11223344,
            },
            {
                name: "split",
                assembly: "v_cvt_scalef32_pk_f32_fp4 %0, %1, %2 op_sel:[1,1,0]",
                inputs: [1, 1],
                output: 2,
            },
        ];
        const results = await probe("gfx950", probes, ({ name }) =>
            name === "pack" ? [a, b, scales] : [codes, scales],
        );
        for (let i = 0; i < 64; i += 1) {
            const code = (bits: number) => smallCode("fp4", numberOf(bits) / powerOf(i));
            const byte = code(a[i] as number) | (code(b[i] as number) << 4);
            expect((results.get("pack") as Uint32Array)[i]).toBe(0x11220044 | (byte << 8));
            const top = (codes[i] as number) >>> 24;
            const split = results.get("split") as Uint32Array;
            expect(numberOf(split[2 * i] as number)).toBe(smallValue("fp4", top & 15) * powerOf(i));
            expect(numberOf(split[2 * i + 1] as number)).toBe(smallValue("fp4", top >> 4) * powerOf(i));
        }
    });

    it.each(["fp6", "bf6"] as const)("pack 32 of %s, and take them apart", async (kind) => {
        const [even, odd] = [values(16, 4), values(16, 5)];
        const codes = random(64 * 6, 6);
        // Vectors of six words lie eight words apart in memory.
        const spread = new Uint32Array(64 * 8);
        for (let i = 0; i < 64; i += 1) spread.set(codes.subarray(6 * i, 6 * i + 6), 8 * i);
        const object = compile(
            "gfx950",
            `typedef uint w6 __attribute__((ext_vector_type(6)));
             typedef uint w32 __attribute__((ext_vector_type(32)));
             typedef float f16v __attribute__((ext_vector_type(16)));
             kernel void pack(global uint *out, global const f16v *a, global const f16v *b, global const float *s) {
                 uint i = __builtin_amdgcn_workitem_id_x();
                 w6 r = __builtin_amdgcn_cvt_scalef32_2xpk16_${kind}_f32(a[i], b[i], s[i]);
                 for (int k = 0; k < 6; ++k) out[6 * i + k] = r[k];
             }
             kernel void split(global float *out, global const uint *in, global const float *s) {
                 uint i = __builtin_amdgcn_workitem_id_x();
                 w6 v;
                 for (int k = 0; k < 6; ++k) v[k] = in[8 * i + k];
                 float __attribute__((ext_vector_type(32))) r = __builtin_amdgcn_cvt_scalef32_pk32_f32_${kind}(v, s[i]);
                 for (int k = 0; k < 32; ++k) out[32 * i + k] = r[k];
             }`,
            "cl",
            "-O1",
        );
        const [packed, split] = (await launch(
            "gfx950",
            object,
            [
                { name: "pack", words: 64 * 6, inputs: [even, odd, scales] },
                { name: "split", words: 64 * 32, inputs: [spread, scales] },
            ],
            1,
        )) as [Uint32Array, Uint32Array];
        const element = (words: Uint32Array, lane: number, at: number) => {
            let code = 0;
            for (let bit = 0; bit < 6; bit += 1) {
                const place = at * 6 + bit;
                code |= (((words[6 * lane + (place >> 5)] as number) >>> (place & 31)) & 1) << bit;
            }
            return code;
        };
        for (let i = 0; i < 64; i += 1) {
            for (let at = 0; at < 32; at += 1) {
                const source = (at % 2 === 0 ? even : odd)[16 * i + (at >> 1)] as number;
                expect(element(packed, i, at)).toBe(smallCode(kind, numberOf(source) / powerOf(i)));
                expect(numberOf(split[32 * i + at] as number)).toBe(
                    smallValue(kind, element(codes, i, at)) * powerOf(i),
                );
            }
        }
    });

    it("round stochastically: by the noise's share of the last place", async () => {
        const numbers = random(64, 7).map((word) => (word & 0x807fffff) | 0x3f800000);
        const noise = random(64, 8);
        const probes: Probe[] = ["bf16", "f16"].map((type) => ({
            name: type,
            assembly: `v_cvt_sr_${type}_f32 %0, %1, %2`,
            inputs: [1, 1],
            output: 1,
            before: 0,
        }));
        const results = await probe("gfx950", probes, () => [numbers, noise]);
        for (let i = 0; i < 64; i += 1) {
            const bits = numbers[i] as number;
            const sum = (drop: number) => ((bits & 0x7fffff) + ((noise[i] as number) >>> (32 - drop))) >>> drop;
            const brain = ((bits & 0x80000000) >>> 16) | (0x3f80 + sum(16));
            const half = ((bits & 0x80000000) >>> 16) | (0x3c00 + sum(13));
            expect(((results.get("bf16") as Uint32Array)[i] as number) & 0xffff).toBe(brain);
            expect(((results.get("f16") as Uint32Array)[i] as number) & 0xffff).toBe(half);
        }
    });

    it("keep floats of eight bits finite with FP16_OVFL", async () => {
        const large = Uint32Array.from({ length: 64 }, (_, i) => bitsOf(i % 2 === 0 ? 1e6 : -1e6));
        const probes: Probe[] = [true, false].map((saturates) => ({
            name: saturates ? "greatest" : "none",
            assembly: "v_cvt_pk_fp8_f32 %0, %1, %1",
            inputs: [1],
            output: 1,
            before: 0,
            saturates,
        }));
        const results = await probe("gfx950", probes, () => [large]);
        expect((results.get("greatest") as Uint32Array).slice(0, 2)).toEqual(Uint32Array.of(0x7e7e, 0xfefe));
        expect((results.get("none") as Uint32Array).slice(0, 2)).toEqual(Uint32Array.of(0x7f7f, 0xffff));
    });
});

describe("registers that are picked at run time", () => {
    it.each(["gfx90a", "gfx942", "gfx1100", "gfx1201"])("hold a vector's elements on %s", async (target) => {
        const object = compile(
            target,
            `kernel void pick(global uint *out, global const uint16 *in, global const uint *index) {
                 uint i = __builtin_amdgcn_workitem_id_x();
                 uint16 v = in[i];
                 uint uniform = __builtin_amdgcn_readfirstlane(index[0] & 15);
                 uint own = index[i] & 15;
                 uint first = v[uniform];
                 v[uniform] = 7;
                 v[own] += v[(own + 1) & 15];
                 uint sum = first;
                 for (int k = 0; k < 16; ++k) sum = sum * 31 + v[k];
                 out[i] = sum;
             }`,
            "cl",
            "-O2",
        );
        const [vectors, indices] = [random(1024, 1), random(64, 2)];
        const [out] = (await launch(target, object, [{ name: "pick", words: 64, inputs: [vectors, indices] }], 1)) as [
            Uint32Array,
        ];
        for (let i = 0; i < 64; i += 1) {
            const v = vectors.slice(16 * i, 16 * i + 16);
            const uniform = (indices[0] as number) & 15;
            const own = (indices[i] as number) & 15;
            let sum = v[uniform] as number;
            v[uniform] = 7;
            v[own] = (v[own] as number) + (v[(own + 1) & 15] as number);
            for (const word of v) sum = (Math.imul(sum, 31) + word) >>> 0;
            expect(out[i]).toBe(sum);
        }
    });
});

describe("memory", () => {
    it.each(["gfx90a", "gfx1030", "gfx1100", "gfx1201"])("counts active lanes in LDS on %s", async (target) => {
        const object = compile(
            target,
            `kernel void count(global uint *out) {
                 local uint counter;
                 uint i = __builtin_amdgcn_workitem_id_x();
                 if (i == 0) counter = 100;
                 __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
                 __builtin_amdgcn_s_barrier();
                 __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
                 uint before = 0;
                 if (i % 4 == 1) before = __builtin_amdgcn_ds_append((local int *)&counter);
                 if (i % 4 == 2) before = __builtin_amdgcn_ds_consume((local int *)&counter);
                 out[i] = before;
             }`,
            "cl",
            "-O2",
            "-Xclang",
            "-finclude-default-header",
        );
        const [out] = (await launch(target, object, [{ name: "count", words: 64, inputs: [] }], 1)) as [Uint32Array];
        // Waves of 32 or 64 lanes, a quarter of each: the sum after all is what it was before.
        const lanes = target === "gfx90a" ? 16 : 8;
        expect(out[1]).toBe(100);
        expect(out[2]).toBe(100 + lanes);
        expect(out[0]).toBe(0);
    });

    it.each(["gfx1201"])("is read transposed for matrix instructions on %s", async (target) => {
        const object = compile(
            target,
            `typedef short s8 __attribute__((ext_vector_type(8)));
             typedef int i2 __attribute__((ext_vector_type(2)));
             kernel void words(global short *out, global short *in) {
                 uint i = __builtin_amdgcn_workitem_id_x();
                 // Lane i reads a row (k) of eight columns (m).
                 global short *at = in + (i % 8 + i / 16 * 8) * 16 + i / 8 % 2 * 8;
                 s8 v = __builtin_amdgcn_global_load_tr_b128_v8i16((global s8 *)at);
                 for (int e = 0; e < 8; ++e) out[8 * i + e] = v[e];
             }
             kernel void bytes(global i2 *out, global char *in) {
                 uint i = __builtin_amdgcn_workitem_id_x();
                 global char *at = in + (i % 8 + i / 16 * 8) * 16 + i / 8 % 2 * 8;
                 out[i] = __builtin_amdgcn_global_load_tr_b64_v2i32((global i2 *)at);
             }`,
            "cl",
            "-O2",
        );
        const matrix = Uint16Array.from({ length: 256 }, (_, i) => i);
        const small = Uint8Array.from({ length: 256 }, (_, i) => i);
        const [words, bytes] = (await launch(
            target,
            object,
            [
                { name: "words", words: 128, inputs: [new Uint32Array(matrix.buffer)] },
                { name: "bytes", words: 64, inputs: [new Uint32Array(small.buffer)] },
            ],
            1,
            { block: 32 },
        )) as [Uint32Array, Uint32Array];
        // A fragment of A in WMMA's layout: lane l holds row m = l mod 16, and k from 8·(l / 16) on.
        for (let lane = 0; lane < 32; lane += 1) {
            for (let e = 0; e < 8; e += 1) {
                const k = Math.floor(lane / 16) * 8 + e;
                expect(new Uint16Array(words.buffer)[8 * lane + e]).toBe(k * 16 + (lane % 16));
                expect(new Uint8Array(bytes.buffer)[8 * lane + e]).toBe(k * 16 + (lane % 16));
            }
        }
    });

    it("is swizzled by buffer descriptors", async () => {
        // Stride 16, index stride 8, elements of 4 bytes: word 3's bits 22:21 are 0; gfx9 enables the swizzle by bit 31 of
        // word 1, gfx11 by its element's size in bits 31:30.
        const source = (swizzle: string, flags: string, load: string) =>
            `kernel void swizzled(global uint *out, global uint *in, global uint *index) {
                 uint i = __builtin_amdgcn_workitem_id_x();
                 ulong base = (ulong)in;
                 typedef uint u2 __attribute__((ext_vector_type(2)));
                 u2 at = { index[i] & 31, (index[i] >> 8 & 3) * 4 };
                 uint r;
                 __asm volatile("v_readfirstlane_b32 s20, %2\\n v_readfirstlane_b32 s21, %3\\n"
                                "s_mov_b32 s22, 24\\n s_mov_b32 s23, ${flags}\\n s_nop 4\\n ${load}"
                                : "=v"(r)
                                : "v"(at), "v"((uint)base), "v"((uint)(base >> 32) & 0xffff | 16 << 16 | ${swizzle})
                                : "memory", "s20", "s21", "s22", "s23");
                 out[i] = r;
             }`;
        const memory = random(256, 1);
        const index = random(64, 2);
        for (const [target, swizzle, flags, load] of [
            [
                "gfx90a",
                "0x80000000u",
                "0x20000",
                "buffer_load_dword %0, %1, s[20:23], 0 idxen offen\\n s_waitcnt vmcnt(0)",
            ],
            [
                "gfx1100",
                "0x40000000u",
                "0x31016000",
                "buffer_load_b32 %0, %1, s[20:23], 0 idxen offen\\n s_waitcnt vmcnt(0)",
            ],
        ] as const) {
            const object = compile(target, source(swizzle, flags, load), "cl", "-O1");
            const [out] = (await launch(
                target,
                object,
                [{ name: "swizzled", words: 64, inputs: [memory, index] }],
                1,
            )) as [Uint32Array];
            for (let i = 0; i < 64; i += 1) {
                const record = (index[i] as number) & 31;
                const offset = (((index[i] as number) >>> 8) & 3) * 4;
                const place = (Math.floor(record / 8) * 16 + offset) * 8 + (record % 8) * 4;
                expect(out[i]).toBe(record < 24 ? memory[place / 4] : 0);
            }
        }
    });

    it("is stored to and updated by gfx9's scalar instructions", async () => {
        const object = compile(
            "gfx90a",
            `kernel void scalar(global uint *out) {
                 uint old;
                 __asm volatile("v_readfirstlane_b32 s20, %1\\n v_readfirstlane_b32 s21, %2\\n s_mov_b32 s22, 5\\n"
                                "s_store_dword s22, s[20:21], 0x4\\n s_mov_b32 s23, 37\\n"
                                "s_atomic_add s23, s[20:21], 0x4 glc\\n s_waitcnt lgkmcnt(0)\\n v_mov_b32 %0, s23"
                                : "=v"(old)
                                : "v"((uint)(ulong)out), "v"((uint)((ulong)out >> 32))
                                : "memory", "s20", "s21", "s22", "s23");
                 out[0] = old;
             }`,
            "cl",
            "-O1",
        );
        const [out] = (await launch("gfx90a", object, [{ name: "scalar", words: 2, inputs: [] }], 1, { block: 1 })) as [
            Uint32Array,
        ];
        expect([...out]).toEqual([5, 42]);
    });
});

describe("barriers of gfx12", () => {
    it("that have numbers let their members wait for each other", async () => {
        // Two of four waves pass a value by LDS; the others never come.
        const object = compile(
            "gfx1201",
            `kernel void pass(global uint *out) {
                 local volatile uint shared;
                 uint i = __builtin_amdgcn_workitem_id_x();
                 uint wave = __builtin_amdgcn_readfirstlane(i / 32);
                 if (wave == 0) __asm volatile("s_mov_b32 m0, 0x20003\\n s_barrier_init m0" ::: "m0");
                 __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
                 __builtin_amdgcn_s_barrier();
                 __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
                 uint result = 1;
                 if (wave == 1 || wave == 3) {
                     __asm volatile("s_barrier_join 3");
                     if (wave == 3) shared = 77;
                     __asm volatile("s_wait_dscnt 0\\n s_barrier_signal 3\\n s_barrier_wait 3" ::: "memory");
                     if (wave == 1) result = shared;
                 }
                 out[i] = result;
             }`,
            "cl",
            "-O1",
        );
        const [out] = (await launch("gfx1201", object, [{ name: "pass", words: 128, inputs: [] }], 1, {
            block: 128,
        })) as [Uint32Array];
        expect([out[0], out[32], out[63], out[64], out[96]]).toEqual([1, 77, 77, 1, 1]);
    });
});

describe("dot products of gfx12", () => {
    it("of floats of eight bits are fused one after the other", async () => {
        const fp8: Format = { exponentBits: 4, fractionBits: 3 };
        const [a, b] = [random(64, 1), random(64, 2)].map((words) => words.map((word) => word & 0xb7b7b7b7)) as [
            Uint32Array,
            Uint32Array,
        ];
        const c = random(64, 3).map((word) => (word & 0x807fffff) | 0x3f800000);
        const one: Probe = { name: "dot", assembly: "v_dot4_f32_fp8_fp8 %0, %1, %2, %3", inputs: [1, 1, 1], output: 1 };
        const words = (await probe("gfx1201", [one], () => [a, b, c])).get("dot") as Uint32Array;
        for (let i = 0; i < 64; i += 1) {
            let sum = numberOf(c[i] as number);
            for (let k = 0; k < 4; k += 1) {
                const value = (from: Uint32Array) => {
                    const v = decode(fp8, BigInt(((from[i] as number) >>> (8 * k)) & 0xff)) as Value & {
                        kind: "finite";
                    };
                    return (v.negative ? -1 : 1) * Number(v.m) * 2 ** v.e;
                };
                // Exact in double, and rounded to single once: products have 8 bits.
                sum = Math.fround(sum + value(a) * value(b));
            }
            expect(numberOf(words[i] as number)).toBe(sum);
        }
    });
});
