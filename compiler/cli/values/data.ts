// The elements that a VALUE stands for, in the element type of a kernel's view.

import { philoxWords } from "../../../codeobject/philox.js";
import {
    arrayOfBytes,
    type ElementArrays,
    elementSize,
    roundElement,
    type ScalarType,
    storeElement,
} from "../../../runtime/elements.js";
import { isFloat } from "../../../runtime/text.js";
import { UserError } from "../errors.js";
import { scalarIn } from "./number.js";
import type { Value } from "./value.js";

/** The forms that make elements from nothing but themselves. */
export type Generated = Extract<Value, { kind: "list" | "fill" | "range" | "random" }>;

export type Elements = ElementArrays[ScalarType];

function allocate(type: ScalarType, shape: readonly number[]): Elements {
    const bytes = shape.reduce((product, extent) => product * extent, elementSize(type));
    try {
        return arrayOfBytes(type, new ArrayBuffer(bytes));
    } catch (error) {
        if (error instanceof RangeError) {
            throw new UserError(`${bytes} bytes for ${shape.join("x")} elements of ${type} are not to be had`);
        }
        throw error;
    }
}

/** Sets every element; `at` gives what the array of this type stores: a bigint for 64-bit integers, else a number. */
function setEach(elements: Elements, at: (position: number) => number | bigint): void {
    for (let position = 0; position < elements.length; position++) {
        // Which of the two the array takes depends on the type alone, as does what `at` gives.
        elements[position] = at(position) as never;
    }
}

/** The elements in row-major order. A UserError where the type cannot hold them; `what` names the argument to the runtime's own checks. */
export function generate(value: Generated, type: ScalarType, what: string): Elements {
    switch (value.kind) {
        case "list":
            return list(value.texts, value.shape, type, what);
        case "fill":
            return fill(value.text, value.shape, type, what);
        case "range":
            return range(value.shape, type, what);
        case "random":
            return random(value.shape, value.seed, type);
    }
}

/** What the type's array stores for a number as it is written. */
function elementOf(text: string, type: ScalarType, what: string): number | bigint {
    const value = scalarIn(text, type);
    return isFloat(type) ? roundElement(type, Number(value)) : storeElement(type, value, () => what);
}

function list(texts: readonly string[], shape: readonly number[], type: ScalarType, what: string): Elements {
    const elements = allocate(type, shape);
    setEach(elements, (position) => elementOf(texts[position] ?? "", type, what));
    return elements;
}

function fill(text: string, shape: readonly number[], type: ScalarType, what: string): Elements {
    const element = elementOf(text, type, what);
    const elements = allocate(type, shape);
    elements.fill(element as never);
    return elements;
}

function range(shape: readonly number[], type: ScalarType, what: string): Elements {
    const count = shape.reduce((product, extent) => product * extent, 1);
    if (type === "bool") {
        throw new UserError("bool does not count", "fill(true, …) and random(…) give bools");
    }
    if (count > 0 && isFloat(type) && !Number.isFinite(roundElement(type, count - 1))) {
        throw new UserError(`${count - 1} is beyond the largest ${type}`);
    }
    if (count > 0 && !isFloat(type)) {
        // The last is the largest: if it fits, all do.
        storeElement(type, count - 1, () => `${what}[${count - 1}]`);
    }
    const elements = allocate(type, shape);
    const isBigint = elements instanceof BigInt64Array || elements instanceof BigUint64Array;
    setEach(elements, isBigint ? BigInt : (position) => roundElement(type, position));
    return elements;
}

/**
 * Floats are uniform in [0, 1), integers over all values of their type, bools fair.
 * An element takes the next word of Philox4x32-10 under `seed`, or the next two, low word first, if it has 64 bits. A
 * float is its word's leading bits (11 for f16, 24 for f32, 53 for f64, 8 for bf16, 4 for e4m3, 3 for e5m2) as a fraction, so that none is rounded; an
 * integer is its word's trailing bits.
 */
function random(shape: readonly number[], seed: bigint, type: ScalarType): Elements {
    const word = philoxWords(seed);
    const elements = allocate(type, shape);
    switch (type) {
        case "bool":
            setEach(elements, () => word() & 1);
            break;
        case "f16":
            setEach(elements, () => (word() >>> 21) * 2 ** -11);
            break;
        case "bf16":
            setEach(elements, () => (word() >>> 24) * 2 ** -8);
            break;
        case "f8e4m3":
        case "f8e4m3fnuz":
            setEach(elements, () => (word() >>> 28) * 2 ** -4);
            break;
        case "f8e5m2":
        case "f8e5m2fnuz":
            setEach(elements, () => (word() >>> 29) * 2 ** -3);
            break;
        case "f32":
            setEach(elements, () => (word() >>> 8) * 2 ** -24);
            break;
        case "f64":
            setEach(elements, () => {
                const low = word();
                return word() * 2 ** -32 + (low >>> 11) * 2 ** -53;
            });
            break;
        case "i64":
        case "u64":
        case "index":
            setEach(elements, () => {
                const low = BigInt(word());
                return low | (BigInt(word()) << 32n);
            });
            break;
        default:
            // The typed array keeps the trailing bits.
            setEach(elements, word);
    }
    return elements;
}
