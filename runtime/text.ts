// Values as text: as short as they can be while they still read back to the same value in their type.

import { isSmallFloat, type SmallFloat } from "../codeobject/small-floats.js";
import { type ElementValue, roundElement, type ScalarType } from "./elements.js";

export type FloatType = Extract<ScalarType, "f16" | "f32" | "f64" | SmallFloat>;

export function isFloat(type: ScalarType): type is FloatType {
    return type === "f16" || type === "f32" || type === "f64" || isSmallFloat(type);
}

/** The fewest significant digits that tell all values of the type apart: 5 for f16, 9 for f32 (IEEE 754, 5.12.2). */
const MOST_DIGITS = { f16: 5, f32: 9 } as const;

/** The shortest decimal that rounds to `value`, which is a value of the type; of small floats that rounds to it in f32. */
export function formatFloat(value: number, type: FloatType): string {
    if (Number.isNaN(value)) {
        return "nan";
    }
    if (!Number.isFinite(value)) {
        return value < 0 ? "-inf" : "inf";
    }
    if (Object.is(value, -0)) {
        return "-0";
    }
    if (isSmallFloat(type)) {
        return formatFloat(value, "f32");
    }
    if (type !== "f64") {
        for (let digits = 1; digits <= MOST_DIGITS[type]; digits++) {
            const candidate = Number(value.toPrecision(digits));
            if (roundElement(type, candidate) === value) {
                return String(candidate);
            }
        }
    }
    return String(value);
}

/** A value of a type; a bool may be a number. */
export function formatElement(value: ElementValue, type: ScalarType): string {
    if (isFloat(type)) {
        return formatFloat(Number(value), type);
    }
    return type === "bool" ? String(Boolean(value)) : String(value);
}
