// Conversion between IEEE 754 binary16 bits and numbers (IEEE 754-2019, sections 3.4 and 4.3.1: round to nearest, ties to
// even). A number is rounded once, straight from binary64: a step through binary32 would round twice.

const EXPONENT_BIAS = 15;
const MIN_EXPONENT = -14;
const FRACTION_BITS = 10;
/** Half a unit above the largest finite value, 65504: from here on the nearest is infinity. */
const OVERFLOW = 65520;
const INFINITY = 0x7c00;
const QUIET_NAN = 0x7e00;
/** Adding and subtracting it rounds a double below 2^52 to an integer, ties to even. */
const ROUND_TO_INTEGER = 2 ** 52;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The bits of the binary16 nearest to `value`. */
export function halfFromNumber(value: number): number {
    double[0] = value;
    const high = words[1] as number;
    const sign = (high >>> 16) & 0x8000;
    const magnitude = Math.abs(value);
    if (Number.isNaN(value)) {
        return sign | QUIET_NAN;
    }
    if (magnitude >= OVERFLOW) {
        return sign | INFINITY;
    }
    const exponent = Math.max(((high >>> 20) & 0x7ff) - 1023, MIN_EXPONENT);
    // The significand counted in units of the last place; scaling by a power of two is exact.
    const significand = magnitude * 2 ** (FRACTION_BITS - exponent) + ROUND_TO_INTEGER - ROUND_TO_INTEGER;
    // Adding lets a carry out of the significand run on into the exponent, and makes 0 the exponent of subnormals.
    return sign | (((exponent - MIN_EXPONENT) << FRACTION_BITS) + significand);
}

/** The value of a binary16, exactly. */
export function numberFromHalf(bits: number): number {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >>> FRACTION_BITS) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f) {
        return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    }
    const significand = exponent === 0 ? fraction : fraction + (1 << FRACTION_BITS);
    return sign * significand * 2 ** (Math.max(exponent, 1) - EXPONENT_BIAS - FRACTION_BITS);
}
