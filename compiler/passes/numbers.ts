// Numbers of values: two pure operations that compute the same from the same have one number, whether or not either can
// be used where the other stands.

import type { Definitions } from "../ir/definitions.js";
import { attribute, type ConstantValue, type IrFunction, type Operation, typeOf, type ValueId } from "../ir/module.js";
import { OPS, type OpName } from "../ir/ops.js";
import { typeText } from "../ir/types.js";

const COMMUTATIVE: ReadonlySet<OpName> = new Set<OpName>(["add", "mul", "and", "or", "xor", "eq", "ne"]);

/** Operations and types of scalars and buffers have fewer names. */
const CODES = 2 ** 9;
/** The names' codes, from 0. */
const NAMES = new Map<string, number>();
/** Pairs of numbers up to this are whole numbers of a double. */
const MOST_NUMBERS = 2 ** 26;

export class Numbers {
    readonly #numbers: (number | undefined)[];
    /** Of pairs of what has numbers: an operation with its type, that with its first operand, and so on. */
    readonly #pairs = new Map<number, number>();
    readonly #constants = new Map<ConstantValue | "-0", number>();
    /** Numbers are given out in order, so that tables by them are short. */
    #count = 0;

    constructor(
        readonly fn: IrFunction,
        readonly definitions: Definitions,
    ) {
        this.#numbers = new Array(fn.values.length);
    }

    of(value: ValueId): number {
        const known = this.#numbers[value];
        if (known !== undefined) return known;
        const op = this.definitions.get(value);
        if (op === undefined || !isNumbered(op)) return this.#define(value, this.#count++);
        return this.#define(value, this.#numberOf(op, value));
    }

    /** Two values that are the same, of which the second has no number yet. */
    equate(value: ValueId, same: ValueId): void {
        this.#define(same, this.of(value));
    }

    #define(value: ValueId, number: number): number {
        this.#numbers[value] = number;
        return number;
    }

    #numberOf(operation: Operation, result: ValueId): number {
        const { op, operands, attributes } = operation;
        // Below all numbers, so that it is none of them.
        let number = -1 - (codeOf(op) * CODES + codeOf(typeText(typeOf(this.fn, result))));
        if (op === "const") return this.#pair(number, this.#constant(attribute(operation, "value")));
        if (OPS[op].attributes.length > 0) {
            const { axis, align, format } = attributes;
            if (axis !== undefined) number = this.#pair(number, axis);
            if (align !== undefined) number = this.#pair(number, align);
            if (format !== undefined) number = this.#pair(number, codeOf(format));
        }
        const [a, b] = operands;
        if (a !== undefined && b !== undefined && COMMUTATIVE.has(op)) {
            const [left, right] = [this.of(a), this.of(b)];
            return this.#pair(this.#pair(number, Math.min(left, right)), Math.max(left, right));
        }
        for (const operand of operands) number = this.#pair(number, this.of(operand));
        return number;
    }

    #pair(first: number, second: number): number {
        const key = first * MOST_NUMBERS + second;
        const known = this.#pairs.get(key);
        if (known !== undefined) return known;
        this.#pairs.set(key, this.#count);
        return this.#count++;
    }

    #constant(value: ConstantValue): number {
        // -0.0 is not 0.0.
        const key = Object.is(value, -0) ? "-0" : value;
        const known = this.#constants.get(key);
        if (known !== undefined) return known;
        this.#constants.set(key, this.#count);
        return this.#count++;
    }
}

/** The number of an operation's or a type's name: less than those of values. */
function codeOf(name: string): number {
    const known = NAMES.get(name);
    if (known !== undefined) return known;
    NAMES.set(name, NAMES.size);
    return NAMES.size - 1;
}

/** Whether an operation's result is known by what it is computed from. */
export function isNumbered({ op, results, regions }: Operation): boolean {
    return OPS[op].effects === "pure" && results.length === 1 && regions.length === 0;
}
