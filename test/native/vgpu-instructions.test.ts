// Instructions against references that know nothing of the virtual GPU: exact rational arithmetic on the values that IEEE 754
// and OCP's and AMD's descriptions of the formats give to bits.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { open } from "../../runtime/index.js";
import { FIXTURES, inFolder, pack } from "./hip-support.js";

function build(target: string): Uint8Array {
    return inFolder((folder) => {
        const output = join(folder, "instructions.hsaco");
        const flags = ["-x", "cl", "-cl-std=CL2.0", "-Xclang", "-finclude-default-header", "-nogpulib", "-w", "-O2"];
        const device = ["-target", "amdgcn-amd-amdhsa", `-mcpu=${target}`];
        execFileSync(llvmTool("clang"), [...flags, ...device, join(FIXTURES, "instructions.cl"), "-o", output]);
        return readFileSync(output);
    });
}

/** Runs a kernel over the inputs' elements, 64 a workgroup; gives `perItem` words for each. */
async function run(target: string, kernel: string, inputs: readonly Uint32Array[], items: number, perItem: number) {
    using gpu = await open(`vgpu:${target}`);
    using output = gpu.tensor("u32", [items * perItem]);
    const tensors = inputs.map((input) => gpu.tensor("u32", [input.length], input));
    const module = await gpu.device.loadModule(build(target));
    const stream = gpu.device.createStream();
    try {
        await gpu.synchronize();
        await stream.launch(module.kernel(kernel), {
            grid: [Math.ceil(items / 64), 1, 1],
            block: [64, 1, 1],
            arguments: pack(output.address, ...tensors.map(({ address }) => address)),
        });
        return (await output.read()) as Uint32Array;
    } finally {
        stream.dispose();
        module.dispose();
        for (const tensor of tensors) tensor.dispose();
    }
}

/** A small floating-point format; `special` says how it codes what is no number. */
interface Format {
    readonly exponent: number;
    readonly fraction: number;
    readonly bias: number;
    readonly special: "ieee" | "allOnes" | "minusZero";
}
const HALF: Format = { exponent: 5, fraction: 10, bias: 15, special: "ieee" };
const FP8: Format = { exponent: 4, fraction: 3, bias: 7, special: "allOnes" };
const BF8: Format = { exponent: 5, fraction: 2, bias: 15, special: "ieee" };
const FP8_FNUZ: Format = { exponent: 4, fraction: 3, bias: 8, special: "minusZero" };
const BF8_FNUZ: Format = { exponent: 5, fraction: 2, bias: 16, special: "minusZero" };

function numberOf(format: Format, code: number): number {
    const { exponent, fraction, bias, special } = format;
    const sign = (code >> (exponent + fraction)) & 1;
    const field = (code >> fraction) & ((1 << exponent) - 1);
    const low = code & ((1 << fraction) - 1);
    const all = (1 << exponent) - 1;
    if (special === "minusZero" && sign === 1 && field === 0 && low === 0) return Number.NaN;
    if (special === "allOnes" && field === all && low === (1 << fraction) - 1) return Number.NaN;
    if (special === "ieee" && field === all) return low !== 0 ? Number.NaN : sign ? -Infinity : Infinity;
    const magnitude = (field === 0 ? low : low + (1 << fraction)) * 2 ** (Math.max(field, 1) - bias - fraction);
    return sign ? -magnitude : magnitude;
}

/** Positive codes of numbers in the order of their values. */
function magnitudes(format: Format): number[] {
    const codes = Array.from({ length: 1 << (format.exponent + format.fraction) }, (_, code) => code);
    return codes.filter((code) => Number.isFinite(numberOf(format, code)));
}

/** Values times 2^SCALE are integers. */
const SCALE = 160n;
function exact(value: number): bigint {
    let scaled = value;
    let power = SCALE;
    while (!Number.isInteger(scaled)) {
        scaled *= 2;
        power -= 1n;
    }
    return BigInt(scaled) << power;
}

/** The code nearest to an exact value, ties to even codes; what is beyond half a step above the greatest is `overflow`. */
function nearest(
    format: Format,
    codes: readonly number[],
    exacts: readonly bigint[],
    value: bigint,
): number | "overflow" {
    const size = value < 0n ? -value : value;
    const top = exacts.length - 1;
    const [last, before] = [exacts[top] as bigint, exacts[top - 1] as bigint];
    if (2n * size >= 2n * last + (last - before)) return "overflow";
    let low = 0;
    let high = top;
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((exacts[middle] as bigint) <= size) low = middle;
        else high = middle - 1;
    }
    if (low < top) {
        const below = size - (exacts[low] as bigint);
        const above = (exacts[low + 1] as bigint) - size;
        if (above < below || (above === below && (codes[low] as number) % 2 === 1)) low += 1;
    }
    return (codes[low] as number) | (value < 0n ? 1 << (format.exponent + format.fraction) : 0);
}

/** Numbers between 0 and 2^32, the same each time (xorshift). */
function random(count: number, seed: number): Uint32Array {
    let state = seed;
    return Uint32Array.from({ length: count }, () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state >>> 0;
    });
}

const FLOAT = new DataView(new ArrayBuffer(4));
function floatOf(bits: number): number {
    FLOAT.setUint32(0, bits);
    return FLOAT.getFloat32(0);
}

describe("half precision", () => {
    const codes = magnitudes(HALF);
    /// Times 2^(2·SCALE), as products are.
    const shifted = codes.map((code) => exact(numberOf(HALF, code)) << SCALE);

    it.each(["gfx1100", "gfx942"])(
        "adds, multiplies and fuses as exact arithmetic rounds, on %s",
        async (target) => {
            // Every half as a, with others at random; some near each other in size, so that sums cancel.
            const items = 65536;
            const a = Uint32Array.from({ length: items }, (_, i) => i);
            const b = random(items, 1).map((bits) => bits & 0xffff);
            const c = random(items, 2).map((bits, i) => (i % 2 === 0 ? bits & 0xffff : 0x8000 ^ (i & 0xffff)));
            const out = await run(target, "halves", [a, b, c], items, 4);
            const wrong: string[] = [];
            for (let i = 0; i < items; i += 1) {
                const [x, y, z] = [a, b, c].map((from) => numberOf(HALF, from[i] as number)) as [
                    number,
                    number,
                    number,
                ];
                expect(floatOf(out[4 * i + 3] as number)).toBe(x);
                if (![x, y, z].every(Number.isFinite)) continue;
                const results = [
                    exact(x) * exact(y) + (exact(z) << SCALE),
                    (exact(x) + exact(y)) << SCALE,
                    exact(x) * exact(y),
                ];
                results.forEach((value, k) => {
                    const got = out[4 * i + k] as number;
                    // An exact zero's sign follows from the operands': what rounds to zero keeps its own.
                    if (value === 0n) {
                        if ((got & 0x7fff) !== 0) wrong.push(`zero ${i} ${k}`);
                        return;
                    }
                    const code = nearest(HALF, codes, shifted, value);
                    const wanted = code === "overflow" ? (value < 0n ? 0xfc00 : 0x7c00) : code;
                    const signed = wanted === 0 && value < 0n ? 0x8000 : wanted;
                    if (got !== signed) wrong.push(`${i} ${k}: ${got.toString(16)} for ${signed.toString(16)}`);
                });
            }
            expect(wrong.slice(0, 5)).toEqual([]);
        },
        120_000,
    );
});

describe("floats of 8 bits", () => {
    it.each([
        ["gfx942", FP8_FNUZ, BF8_FNUZ],
        ["gfx950", FP8, BF8],
        ["gfx1201", FP8, BF8],
    ] as const)(
        "on %s are encoded and decoded as their formats say",
        async (target, fp8, bf8) => {
            // All values that bfloat16 has, whose lower halves are at random or make ties.
            const noise = random(65536, 3);
            const bits = Uint32Array.from(
                { length: 65536 },
                (_, i) => ((i << 16) | (i % 3 === 0 ? 0 : (noise[i] as number & 0xffff))) >>> 0,
            );
            const codes = Uint32Array.from({ length: 65536 }, (_, i) => i & 0xff);
            const out = await run(target, "bytes", [bits, codes], 65536, 8);
            const wrong: string[] = [];
            const tables = [fp8, bf8].map((format) => {
                const all = magnitudes(format);
                return { format, codes: all, exacts: all.map((code) => exact(numberOf(format, code))) };
            });
            for (let i = 0; i < 65536; i += 1) {
                const value = floatOf(bits[i] as number);
                tables.forEach(({ format, codes: all, exacts }, k) => {
                    const word = out[8 * i + k] as number;
                    const pair = k === 0 ? word >>> 16 : word & 0xffff;
                    const kept = k === 0 ? word & 0xffff : word >>> 16;
                    if (kept !== 0xaaaa) wrong.push(`${i}: the other half is ${kept.toString(16)}`);
                    [value, -value].forEach((number, position) => {
                        const got = (pair >> (8 * position)) & 0xff;
                        const decoded = numberOf(format, got);
                        if (Number.isNaN(number)) {
                            if (!Number.isNaN(decoded)) wrong.push(`NaN gives ${got.toString(16)}`);
                            return;
                        }
                        const code = Number.isFinite(number) ? nearest(format, all, exacts, exact(number)) : "overflow";
                        const infinite = format.special === "ieee" ? Math.sign(number) * Infinity : Number.NaN;
                        const wanted = code === "overflow" ? infinite : numberOf(format, code);
                        // FNUZ has no minus zero: it would be NaN.
                        const same =
                            wanted === 0 || (Number.isNaN(wanted) && code === 0x80)
                                ? decoded === 0
                                : Object.is(decoded, wanted);
                        if (!same) wrong.push(`${number} gives ${got.toString(16)}, not ${wanted}`);
                    });
                });
                // Without noise stochastic rounding goes towards zero; with all of it, away from zero where anything is lost.
                if (Number.isFinite(value)) {
                    const down = numberOf(fp8, ((out[8 * i + 2] as number) >>> 16) & 0xff);
                    if (Number.isFinite(down) && Math.abs(down) > Math.abs(value))
                        wrong.push(`${value} rounds down to ${down}`);
                    if (((out[8 * i + 2] as number) & 0xff00ffff) >>> 0 !== 0x55005555) wrong.push("the other bytes");
                }
                const decoded = [4, 5, 6, 7].map((at) => floatOf(out[8 * i + at] as number));
                const wanted = [fp8, bf8, fp8, bf8].map((format) => numberOf(format, codes[i] as number));
                decoded.forEach((number, k) => {
                    if (!Object.is(number, wanted[k])) wrong.push(`code ${codes[i]} is ${number}, not ${wanted[k]}`);
                });
            }
            expect([...new Set(wrong)].slice(0, 5)).toEqual([]);
        },
        120_000,
    );
});

describe("CDNA's own", () => {
    it("bit operations, swaps and packed shifts of gfx950", async () => {
        const [a, b] = [random(64, 4), random(64, 5)];
        const c = random(64, 6).map((bits) => bits & 31);
        const out = await run("gfx950", "bitwise", [a, b, c], 64, 8);
        for (let i = 0; i < 64; i += 1) {
            const [x, y, z] = [a[i] as number, b[i] as number, c[i] as number];
            const clamp = (value: number) => Math.max(-128, Math.min(127, value >> z)) & 0xff;
            const row = (i >> 4) & 1;
            expect([...out.subarray(8 * i, 8 * i + 4)]).toEqual([
                ((x & y) | (x & z) | (y & z)) >>> 0,
                ((x & y) | (~x & z)) >>> 0,
                ((x << 1) ^ (x >>> 31 === 1 ? 0xc5 : 0)) >>> 0,
                clamp(x | 0) | (clamp(y | 0) << 8),
            ]);
            // Odd rows of the first change places with even rows of the second.
            expect(out[8 * i + 4]).toBe(row === 1 ? b[i - 16] : x);
            expect(out[8 * i + 5]).toBe(row === 0 ? a[i + 16] : y);
            expect(out[8 * i + 6]).toBe(i >= 32 ? b[i - 32] : x);
            expect(out[8 * i + 7]).toBe(i < 32 ? a[i + 32] : y);
        }
    });

    it("transposing loads of gfx950", async () => {
        const out = new Uint16Array((await run("gfx950", "transposed", [], 64, 2)).buffer);
        for (let lane = 0; lane < 64; lane += 1) {
            const block = (lane >> 4) * 64;
            const column = [0, 1, 2, 3].map((row) => block + row * 16 + (lane & 15));
            expect([...out.subarray(4 * lane, 4 * lane + 4)]).toEqual(column);
        }
    });

    it.each(["gfx90a", "gfx942", "gfx950"])("loads to LDS without registers on %s", async (target) => {
        const input = random(96, 7);
        const out = await run(target, "direct", [input], 64, 2);
        for (let i = 0; i < 64; i += 1) {
            expect(out[2 * i]).toBe(input[63 - i]);
            // The offset, 128 bytes, counts on both sides.
            expect(out[2 * i + 1]).toBe(input[32 + i]);
        }
    });
});
