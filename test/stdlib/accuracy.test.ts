// The mathematical functions over their whole range: every f16, and a sample of all f32 that `npm run test:math` makes as
// dense as one likes. Their bounds are OpenCL's at most (OpenCL C 3.0 specification, section 7.4, full profile).

import { describe, expect, it } from "vitest";
import { DEVICE, testGpu } from "../run/harness.js";
import { measureBinary, measureUnary } from "./accuracy.js";
import { BINARY, UNARY } from "./functions.js";
import { statedBounds } from "./reference.js";

/** The table there, in ULP, for f32 as for f64. */
const OPENCL: Readonly<Record<string, number>> = {
    acos: 4,
    acosh: 4,
    asin: 4,
    asinh: 4,
    atan: 5,
    atanh: 5,
    atan2: 6,
    cbrt: 2,
    cos: 4,
    cosh: 4,
    cospi: 4,
    erf: 16,
    erfc: 16,
    exp: 3,
    exp10: 3,
    exp2: 3,
    expm1: 3,
    fmod: 0,
    hypot: 4,
    log: 3,
    log10: 3,
    log1p: 2,
    log2: 3,
    pow: 16,
    rsqrt: 2,
    sin: 4,
    sinh: 4,
    sinpi: 4,
    tan: 5,
    tanh: 5,
};

const bounds = statedBounds(DEVICE);
const names = [...Object.keys(UNARY), ...Object.keys(BINARY)];

it.each(names)("%s states a bound that is OpenCL's or better", (name) => {
    for (const type of ["f32", "f64"]) {
        expect(bounds.get(`${name}_${type}`)).toBeLessThanOrEqual(OPENCL[name] as number);
    }
});

describe.each(Object.keys(UNARY))("%s", (name) => {
    it("is within 1 ULP for every f16", async () => {
        const { error, at } = await measureUnary(await testGpu(), "f16", name, 1);
        expect(error, at).toBeLessThanOrEqual(1);
    });

    it("is within its bound over f32's range", async () => {
        const { error, at } = await measureUnary(await testGpu(), "f32", name, 100_003);
        expect(error, at).toBeLessThanOrEqual(bounds.get(`${name}_f32`) as number);
    });
});

it.each(Object.keys(BINARY))("%s is within its bound for pairs of f32", async (name) => {
    const { error, at } = await measureBinary(await testGpu(), name, 40_000);
    expect(error, at).toBeLessThanOrEqual(bounds.get(`${name}_f32`) as number);
});
