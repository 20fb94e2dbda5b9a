// The float formats that neither JavaScript nor the targets compute in: bfloat16, the 8-bit formats of the Open Compute
// Project ("OCP 8-bit Floating Point Specification (OFP8)", revision 1.0) and those of AMD's CDNA 3 ("CDNA3 Instruction
// Set Architecture", 8-bit floats; "FNUZ": finite, with a NaN, without negative zero, exponents biased by one more).
// Numbers round to nearest, ties to even, once. What is too large becomes infinite, and NaN in the formats without
// infinity: OFP8's conversion that does not saturate.

export const SMALL_FLOATS = ["bf16", "f8e4m3", "f8e5m2", "f8e4m3fnuz", "f8e5m2fnuz"] as const;
export type SmallFloat = (typeof SMALL_FLOATS)[number];

export interface SmallFormat {
    /** All bits: sign, exponent, fraction. */
    readonly bits: 8 | 16;
    readonly fractionBits: number;
    /** Of normal numbers, the exponent field less this is the exponent. */
    readonly bias: number;
    /** The magnitude bits (all but the sign) behind the greatest finite value's: infinity, or the only NaN there is. */
    readonly beyond: number;
    /** The bits of the NaN that conversions give; it has no sign, or is one by itself. */
    readonly nan: number;
    /** Without a negative zero, whose bits are the NaN. */
    readonly isUnsignedZero: boolean;
}

export const SMALL_FORMATS: Readonly<Record<SmallFloat, SmallFormat>> = {
    bf16: { bits: 16, fractionBits: 7, bias: 127, beyond: 0x7f80, nan: 0x7fc0, isUnsignedZero: false },
    f8e4m3: { bits: 8, fractionBits: 3, bias: 7, beyond: 0x7f, nan: 0x7f, isUnsignedZero: false },
    f8e5m2: { bits: 8, fractionBits: 2, bias: 15, beyond: 0x7c, nan: 0x7e, isUnsignedZero: false },
    f8e4m3fnuz: { bits: 8, fractionBits: 3, bias: 8, beyond: 0x80, nan: 0x80, isUnsignedZero: true },
    f8e5m2fnuz: { bits: 8, fractionBits: 2, bias: 16, beyond: 0x80, nan: 0x80, isUnsignedZero: true },
};

export function isSmallFloat(type: string): type is SmallFloat {
    return Object.hasOwn(SMALL_FORMATS, type);
}

/** Adding and subtracting it rounds a double below 2^52 to an integer, ties to even. */
const ROUND_TO_INTEGER = 2 ** 52;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The bits of the value nearest to a number. */
export function encodeSmallFloat(type: SmallFloat, value: number): number {
    const { bits, fractionBits, bias, beyond, nan, isUnsignedZero } = SMALL_FORMATS[type];
    if (Number.isNaN(value)) return nan;
    double[0] = value;
    const high = words[1] as number;
    const magnitude = Math.abs(value);
    const exponent = Math.max(((high >>> 20) & 0x7ff) - 1023, 1 - bias);
    // The significand counted in units of the last place; scaling by a power of two is exact.
    // A carry runs on into the exponent, and 0 becomes the exponent of subnormals.
    const scaled = magnitude * 2 ** (fractionBits - exponent);
    const significand = scaled + ROUND_TO_INTEGER - ROUND_TO_INTEGER;
    const coded = (exponent - 1 + bias) * 2 ** fractionBits + significand;
    if (!(coded < beyond)) return beyond === nan ? nan : ((high >>> 31) * 2 ** (bits - 1)) | beyond;
    return isUnsignedZero && coded === 0 ? 0 : ((high >>> 31) * 2 ** (bits - 1)) | coded;
}

/** The value of such bits, exactly. */
export function decodeSmallFloat(type: SmallFloat, code: number): number {
    const { bits, fractionBits, bias, beyond, nan, isUnsignedZero } = SMALL_FORMATS[type];
    const signBit = 2 ** (bits - 1);
    const sign = code & signBit ? -1 : 1;
    const magnitude = code & (signBit - 1);
    if (isUnsignedZero ? code === nan : magnitude > beyond || (magnitude === beyond && beyond === nan))
        return Number.NaN;
    if (magnitude === beyond) return sign * Number.POSITIVE_INFINITY;
    const field = magnitude >> fractionBits;
    const fraction = magnitude & (2 ** fractionBits - 1);
    const significand = field === 0 ? fraction : fraction + 2 ** fractionBits;
    return sign * significand * 2 ** (Math.max(field, 1) - bias - fractionBits);
}
