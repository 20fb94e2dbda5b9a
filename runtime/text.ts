// Values as text: as short as they can be while they still read back to the same value in their type.

import { type ElementValue, type ScalarType, storeElement } from "./elements.js";
import { numberFromHalf } from "./half.js";

export type FloatType = Extract<ScalarType, "f16" | "f32" | "f64">;

export function isFloat(type: ScalarType): type is FloatType {
    return type === "f16" || type === "f32" || type === "f64";
}

/** The nearest value of a float type. */
export function roundFloat(value: number, type: FloatType): number {
    switch (type) {
        case "f16":
            return numberFromHalf(Number(storeElement(type, value, () => "")));
        case "f32":
            return Math.fround(value);
        case "f64":
            return value;
    }
}

/** The fewest significant digits that tell all values of the type apart: 5 for f16, 9 for f32 (IEEE 754, 5.12.2). */
const MOST_DIGITS = { f16: 5, f32: 9 } as const;

/** The shortest decimal that rounds to `value`, which is a value of the type. */
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
    if (type !== "f64") {
        for (let digits = 1; digits <= MOST_DIGITS[type]; digits++) {
            const candidate = Number(value.toPrecision(digits));
            if (roundFloat(candidate, type) === value) {
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
