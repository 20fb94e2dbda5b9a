// The bits of floats, as IEEE 754 lays them out, and back. NaNs have one look here: quiet, positive, no payload.

import type { IrScalar } from "./types.js";

const view = new DataView(new ArrayBuffer(8));

/** The bits of a number that is exactly of the float type. */
export function bitsOfFloat(value: number, type: IrScalar): bigint {
    if (type === "f16") return BigInt(halfBits(value));
    // A NaN of JavaScript may have any payload, so it is written anew.
    const number = Number.isNaN(value) ? Number.NaN : value;
    if (type === "f32") {
        view.setFloat32(0, number);
        return BigInt(view.getUint32(0));
    }
    view.setFloat64(0, number);
    return view.getBigUint64(0);
}

/** The float of a type that has these bits. */
export function floatOfBits(bits: bigint, type: IrScalar): number {
    if (type === "f16") return floatOfHalf(Number(BigInt.asUintN(16, bits)));
    if (type === "f32") {
        view.setUint32(0, Number(BigInt.asUintN(32, bits)));
        return view.getFloat32(0);
    }
    view.setBigUint64(0, BigInt.asUintN(64, bits));
    return view.getFloat64(0);
}

/** The two halves of the bits of an f64, the higher first: without bigints, which emission would make for every constant. */
export function doubleWords(value: number): readonly [high: number, low: number] {
    view.setFloat64(0, Number.isNaN(value) ? Number.NaN : value);
    return [view.getUint32(0), view.getUint32(4)];
}

/** The bits of a number that is exactly of the type f16. */
export function halfBits(value: number): number {
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    const magnitude = Math.abs(value);
    if (Number.isNaN(value)) return 0x7e00;
    if (magnitude === Infinity) return sign | 0x7c00;
    if (magnitude < 2 ** -14) return sign | (magnitude * 2 ** 24);
    const exponent = Math.floor(Math.log2(magnitude));
    return sign | ((exponent + 15) << 10) | (magnitude * 2 ** (10 - exponent) - 1024);
}

function floatOfHalf(bits: number): number {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
    return sign * (exponent === 0 ? fraction : fraction + 1024) * 2 ** (Math.max(exponent, 1) - 25);
}
