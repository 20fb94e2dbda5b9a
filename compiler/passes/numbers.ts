// Numbers of values: two pure operations that compute the same from the same have one number, whether or not either can
// be used where the other stands.

import type { Definitions } from "../ir/definitions.js";
import { type IrFunction, type Operation, typeOf, type ValueId } from "../ir/module.js";
import { OPS, type OpName } from "../ir/ops.js";
import { typeText } from "../ir/types.js";

const COMMUTATIVE: ReadonlySet<OpName> = new Set<OpName>(["add", "mul", "and", "or", "xor", "eq", "ne"]);

export class Numbers {
    readonly #numbers: (number | undefined)[] = [];
    readonly #known = new Map<string, number>();
    #count = 0;

    constructor(
        readonly fn: IrFunction,
        readonly definitions: Definitions,
    ) {}

    of(value: ValueId): number {
        const known = this.#numbers[value];
        if (known !== undefined) return known;
        const op = this.definitions.get(value);
        if (op === undefined || !isNumbered(op)) return this.#define(value, this.#count++);
        const key = this.#key(op, value);
        const number = this.#known.get(key) ?? this.#count++;
        this.#known.set(key, number);
        return this.#define(value, number);
    }

    /** Two values that are the same, of which the second has no number yet. */
    equate(value: ValueId, same: ValueId): void {
        this.#define(same, this.of(value));
    }

    #define(value: ValueId, number: number): number {
        this.#numbers[value] = number;
        return number;
    }

    #key({ op, operands, attributes }: Operation, result: ValueId): string {
        const inputs = operands.map((operand) => this.of(operand));
        if (COMMUTATIVE.has(op)) inputs.sort((a, b) => a - b);
        const { value, axis, align } = attributes;
        // -0.0 is not 0.0.
        const constant = Object.is(value, -0) ? "-0" : String(value);
        return `${op} ${typeText(typeOf(this.fn, result))} ${inputs.join(" ")} ${constant} ${axis} ${align}`;
    }
}

/** Whether an operation's result is known by what it is computed from. */
export function isNumbered({ op, results, regions }: Operation): boolean {
    return OPS[op].effects === "pure" && results.length === 1 && regions.length === 0;
}
