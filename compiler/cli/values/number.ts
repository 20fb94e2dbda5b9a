// Numbers as written on the command line, and what they are in each scalar type. The text is kept until the type is
// known, so that 64-bit integers keep every bit.

import type { ManifestScalar } from "../../../codeobject/manifest.js";
import { UserError } from "../errors.js";

/** A scalar as the host holds it: integers of 64 bits as bigint, other numbers as number, `bool` as boolean. */
export type HostScalar = number | bigint | boolean;

interface IntegerRange {
    readonly least: bigint;
    readonly most: bigint;
}

function signed(bits: number): IntegerRange {
    const half = 1n << BigInt(bits - 1);
    return { least: -half, most: half - 1n };
}

function unsigned(bits: number): IntegerRange {
    return { least: 0n, most: (1n << BigInt(bits)) - 1n };
}

/** The integer types and what they hold; a type that is not here is a float or `bool`. */
const INTEGERS: Partial<Record<ManifestScalar, IntegerRange>> = {
    i8: signed(8),
    i16: signed(16),
    i32: signed(32),
    i64: signed(64),
    index: signed(64),
    u8: unsigned(8),
    u16: unsigned(16),
    u32: unsigned(32),
    u64: unsigned(64),
};

/** The largest finite value of each float type (IEEE 754), before rounding overflows to infinity. */
const FLOAT_OVERFLOW: Partial<Record<ManifestScalar, number>> = {
    // The midpoint between the largest finite value and the next power of two, which round-to-even takes upward.
    f16: 65520,
    f32: 2 ** 128 - 2 ** 103,
};

const INTEGER_TEXT = /^([+-]?)(0x[0-9a-f]+|0b[01]+|\d+)$/i;
const FLOAT_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const SPECIAL_TEXT = /^([+-]?)(inf|nan)$/i;

/** Whether this is a number or `true` or `false` in any type. */
export function isScalarText(text: string): boolean {
    return (
        text === "true" ||
        text === "false" ||
        INTEGER_TEXT.test(text) ||
        FLOAT_TEXT.test(text) ||
        SPECIAL_TEXT.test(text)
    );
}

/** The integer that `text` writes, or undefined. */
export function parseInteger(text: string): bigint | undefined {
    const match = INTEGER_TEXT.exec(text);
    if (!match) {
        return undefined;
    }
    const magnitude = BigInt(match[2] ?? "0");
    return match[1] === "-" ? -magnitude : magnitude;
}

function parseFloatText(text: string): number | undefined {
    const special = SPECIAL_TEXT.exec(text);
    if (special) {
        const magnitude = special[2]?.toLowerCase() === "nan" ? Number.NaN : Number.POSITIVE_INFINITY;
        return special[1] === "-" ? -magnitude : magnitude;
    }
    if (FLOAT_TEXT.test(text)) {
        return Number(text);
    }
    const integer = parseInteger(text);
    return integer === undefined ? undefined : Number(integer);
}

/** An integer as the host holds it in `type`; a UserError where the type cannot hold it. */
export function integerIn(value: bigint, type: ManifestScalar): number | bigint {
    const range = INTEGERS[type];
    if (range === undefined) {
        throw new Error(`${type} is no integer type`);
    }
    if (value < range.least || value > range.most) {
        throw new UserError(`${value} does not fit in ${type}, which holds ${range.least} to ${range.most}`);
    }
    return range.most > 0xffff_ffffn ? value : Number(value);
}

/** Whether `type` is an integer type, `index` included and `bool` not. */
export function isIntegerType(type: ManifestScalar): boolean {
    return type in INTEGERS;
}

/** The value of `text` in `type`; a UserError says why where it has none. Floats are rounded later, when stored. */
export function scalarIn(text: string, type: ManifestScalar): HostScalar {
    if (type === "bool") {
        if (text !== "true" && text !== "false") {
            throw new UserError(`\`${text}\` is not a bool`, "write true or false");
        }
        return text === "true";
    }
    if (isIntegerType(type)) {
        const value = parseInteger(text);
        if (value === undefined) {
            throw new UserError(`\`${text}\` is not an integer, as ${type} needs`, "write it in decimal or as 0x…");
        }
        return integerIn(value, type);
    }
    const value = parseFloatText(text);
    if (value === undefined) {
        throw new UserError(`\`${text}\` is not a number, as ${type} needs`, "write a number, inf or nan");
    }
    const written = !SPECIAL_TEXT.test(text);
    if (written && Math.abs(value) >= (FLOAT_OVERFLOW[type] ?? Number.POSITIVE_INFINITY)) {
        throw new UserError(`${text} is beyond the largest ${type}`, "write inf where infinity is meant");
    }
    return value;
}
