// The mathematical functions in double precision, as JavaScript's own library and closed forms give them.

import { erf, erfc, sinOfHalfTurns } from "./reference.js";

/** Exact enough to measure f32. */
export const UNARY: Readonly<Record<string, (x: number) => number>> = {
    acos: Math.acos,
    acosh: Math.acosh,
    asin: Math.asin,
    // V8's cancels between 1e-8 and 1e-4; the first terms of the series are exact enough there.
    asinh: (x) => (Math.abs(x) < 2 ** -10 ? x * (1 - (x * x) / 6) : Math.asinh(x)),
    atan: Math.atan,
    atanh: Math.atanh,
    cbrt: Math.cbrt,
    cos: Math.cos,
    cosh: Math.cosh,
    cospi: (x) => sinOfHalfTurns(Math.abs(x), 1),
    erf,
    erfc,
    exp: Math.exp,
    exp10: (x) => 10 ** x,
    exp2: (x) => 2 ** x,
    expm1: Math.expm1,
    log: Math.log,
    log10: Math.log10,
    log1p: Math.log1p,
    log2: Math.log2,
    rsqrt: (x) => 1 / Math.sqrt(x),
    sin: Math.sin,
    sinh: Math.sinh,
    sinpi: (x) => (Number.isInteger(x) ? x * 0 : Math.sign(x) * sinOfHalfTurns(Math.abs(x), 0)),
    tan: Math.tan,
    tanh: Math.tanh,
};
export const BINARY: Readonly<Record<string, (x: number, y: number) => number>> = {
    atan2: Math.atan2,
    fmod: (x, y) => x % y,
    // By C, an infinity wins over NaN; in f32 the squares don't overflow.
    hypot: (x, y) => (Number.isFinite(x) && Number.isFinite(y) ? Math.sqrt(x * x + y * y) : Math.hypot(x, y)),
    // By C, unlike in JavaScript, 1 to any power is 1, and so is −1 to an infinite one.
    pow: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y),
};
