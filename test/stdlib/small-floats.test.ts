// std.half and std.fp8 over every bit pattern. The references are the formats' definitions: sign, exponent and fraction
// put together as IEEE 754, OFP8 and the CDNA 3 manual say.

import { expect, test } from "vitest";
import { run, view } from "../run/harness.js";

interface Format {
    readonly exponent: number;
    readonly fraction: number;
    readonly bias: number;
    /** Whether the greatest exponent means infinity and NaN. */
    readonly ieee: boolean;
    /** Which magnitudes are NaN where it doesn't; -1 is negative zero's bits. */
    readonly nan: number;
    readonly greatest: number;
}

const FORMATS: Readonly<Record<string, Format>> = {
    f16: { exponent: 5, fraction: 10, bias: 15, ieee: true, nan: 0, greatest: 65504 },
    bf16: { exponent: 8, fraction: 7, bias: 127, ieee: true, nan: 0, greatest: (2 - 2 ** -7) * 2 ** 127 },
    e4m3: { exponent: 4, fraction: 3, bias: 7, ieee: false, nan: 0x7f, greatest: 448 },
    e5m2: { exponent: 5, fraction: 2, bias: 15, ieee: true, nan: 0, greatest: 57344 },
    e4m3fnuz: { exponent: 4, fraction: 3, bias: 8, ieee: false, nan: -1, greatest: 240 },
    e5m2fnuz: { exponent: 5, fraction: 2, bias: 16, ieee: false, nan: -1, greatest: 57344 },
};

function valueOfBits({ exponent, fraction, bias, ieee, nan }: Format, bits: number): number {
    const sign = bits >> (exponent + fraction) === 1 ? -1 : 1;
    const magnitude = bits & (2 ** (exponent + fraction) - 1);
    const field = magnitude >> fraction;
    const part = (magnitude & (2 ** fraction - 1)) / 2 ** fraction;
    if (ieee && field === 2 ** exponent - 1) return part === 0 ? sign * Infinity : Number.NaN;
    if (!ieee && (nan === -1 ? sign === -1 && magnitude === 0 : magnitude === nan)) return Number.NaN;
    return sign * (field === 0 ? part * 2 ** (1 - bias) : (1 + part) * 2 ** (field - bias));
}

/** What a value is after it was saturated: itself, or the greatest of its sign. */
const saturated = ({ greatest }: Format, value: number) => Math.min(Math.max(value, -greatest), greatest);

test.each(["f16", "bf16"] as const)("all 65536 %s are unpacked, packed and saturated", async (name) => {
    const format = FORMATS[name] as Format;
    const source = `import std.half { pack_${name}, saturated_${name}, unpack_${name} }
    kernel k(words: u32[n], low: mut f32[n], high: mut f32[n], back: mut u32[n], most: mut f32[n]) over i in n {
        let v = unpack_${name}(words[i])
        low[i] = v.x as f32
        high[i] = v.y as f32
        back[i] = pack_${name}(v)
        most[i] = saturated_${name}(2 * (v.x as f32)) as f32
    }`;
    const words = Array.from({ length: 65536 }, (_, low) => low + (65535 - low) * 65536);
    const f32 = () => view("f32", [65536]);
    const args = {
        words: view("u32", [65536], words),
        low: f32(),
        high: f32(),
        back: view("u32", [65536]),
        most: f32(),
    };
    const { low, high, back, most } = await run(source, args);
    const values = Array.from({ length: 65536 }, (_, bits) => valueOfBits(format, bits));
    expect([...low]).toEqual(values);
    expect([...high]).toEqual([...values].reverse());
    // A NaN may come back as another.
    const isNumber = (_: number, at: number) => !Number.isNaN(values[at]) && !Number.isNaN(values[65535 - at]);
    expect([...back].filter(isNumber)).toEqual(words.filter(isNumber));
    // Twice a number is exact, but beyond the range.
    expect([...most]).toEqual(values.map((value) => saturated(format, 2 * value)));
});

test.each(["e4m3", "e5m2", "e4m3fnuz", "e5m2fnuz"] as const)("all 256 of %s, in all bytes", async (name) => {
    const format = FORMATS[name] as Format;
    const source = `import std.fp8 { pack_${name}, saturated_${name}, unpack_${name} }
    kernel k(words: u32[n], v: mut f32x4[n], back: mut u32[n], most: mut f32[n]) over i in n {
        v[i] = unpack_${name}(words[i])
        back[i] = pack_${name}(v[i])
        most[i] = saturated_${name}(16 * v[i].x) as f32
    }`;
    const bytes = Array.from({ length: 256 }, (_, at) => [at, (at + 1) % 256, 255 - at, at ^ 85] as const);
    const words = bytes.map(([a, b, c, d]) => a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24);
    const args = {
        words: view("u32", [256], words),
        v: view("f32x4", [256]),
        back: view("u32", [256]),
        most: view("f32", [256]),
    };
    const { v, back, most } = await run(source, args);
    expect([...v]).toEqual(bytes.flat().map((bits) => valueOfBits(format, bits)));
    // Every finite value comes back; infinities become the greatest, NaN the format's own.
    const finite = bytes.map((four) => four.every((bits) => Number.isFinite(valueOfBits(format, bits))));
    expect([...back].filter((_, at) => finite[at])).toEqual(words.filter((_, at) => finite[at]));
    const wanted = bytes.map(([a]) => {
        const value = 16 * valueOfBits(format, a);
        // Sixteen times a subnormal number is exact as well.
        return saturated(format, value);
    });
    // The types without a negative zero have none to give.
    const unsigned = name.endsWith("fnuz") ? wanted.map((value) => value + 0) : wanted;
    expect([...most]).toEqual(unsigned);
});
