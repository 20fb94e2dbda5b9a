// Numbers as written on the command line, and what they are in each scalar type. The text is kept until the type is
// known, so that 64-bit integers keep every bit. Whether an integer fits its type is for the runtime to say.

import type { ElementValue, ScalarType } from "../../../runtime/elements.js";
import { roundElement } from "../../../runtime/elements.js";
import { type FloatType, isFloat } from "../../../runtime/text.js";
import { UserError } from "../errors.js";

const INTEGER_TEXT = /^([+-]?)(0x[0-9a-f]+|0b[01]+|\d+)$/i;
const FLOAT_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const SPECIAL_TEXT = /^([+-]?)(inf|nan)$/i;

/** Whether this is a number or `true` or `false` in any type. */
export function isScalarText(text: string): boolean {
    const isWord = text === "true" || text === "false" || SPECIAL_TEXT.test(text);
    return isWord || INTEGER_TEXT.test(text) || FLOAT_TEXT.test(text);
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

function parseSpecial(text: string): number | undefined {
    const match = SPECIAL_TEXT.exec(text);
    if (!match) {
        return undefined;
    }
    const magnitude = match[2]?.toLowerCase() === "nan" ? Number.NaN : Number.POSITIVE_INFINITY;
    return match[1] === "-" ? -magnitude : magnitude;
}

function floatIn(text: string, type: FloatType): number {
    const special = parseSpecial(text);
    if (special !== undefined) {
        return special;
    }
    const integer = parseInteger(text);
    if (integer === undefined && !FLOAT_TEXT.test(text)) {
        throw new UserError(`\`${text}\` is not a number, as ${type} needs`, "write a number, inf or nan");
    }
    const value = integer === undefined ? Number(text) : Number(integer);
    if (!Number.isFinite(roundElement(type, value))) {
        throw new UserError(`${text} is beyond the largest ${type}`, "write inf where infinity is meant");
    }
    return value;
}

/** The value of `text` in `type`: a boolean, a bigint for every integer type, or a number not yet rounded. */
export function scalarIn(text: string, type: ScalarType): ElementValue {
    if (type === "bool") {
        if (text !== "true" && text !== "false") {
            throw new UserError(`\`${text}\` is not a bool`, "write true or false");
        }
        return text === "true";
    }
    if (isFloat(type)) {
        return floatIn(text, type);
    }
    const value = parseInteger(text);
    if (value === undefined) {
        throw new UserError(`\`${text}\` is not an integer, as ${type} needs`, "write it in decimal or as 0x…");
    }
    return value;
}
