// Which values move with a work-item's element, and how far: the factor of the point of the domain in each, where it is
// a sum. An access whose index has the factor 1 is of neighbours in neighbouring work-items.

import { type IrFunction, type Operation, typeOf, type ValueId } from "../ir/module.js";
import { OPS } from "../ir/ops.js";
import { isBuffer, isInteger } from "../ir/types.js";

export class Affine {
    readonly #factors = new Map<ValueId, bigint | null>();
    readonly #constants = new Map<ValueId, bigint>();

    constructor(
        readonly fn: IrFunction,
        point: ValueId,
    ) {
        this.#factors.set(point, 1n);
    }

    /** How far a value moves where the point moves by one; null where that isn't the same everywhere. */
    factor(value: ValueId): bigint | null {
        const known = this.#factors.get(value);
        // What no noted operation gives comes from before, where the point is not known.
        return known === undefined ? 0n : known;
    }

    /** Takes in an operation; those before it have been. */
    note(op: Operation): void {
        const [result] = op.results;
        if (result === undefined) return;
        const { value } = op.attributes;
        if (typeof value === "bigint") this.#constants.set(result, value);
        for (const each of op.results) this.#factors.set(each, null);
        if (op.results.length === 1) this.#factors.set(result, this.#resultFactor(op, result));
    }

    #resultFactor({ op, operands }: Operation, result: ValueId): bigint | null {
        const [a, b] = operands;
        const factors = operands.map((operand) => (isBuffer(typeOf(this.fn, operand)) ? null : this.factor(operand)));
        if (OPS[op].effects !== "pure" || op === "local_id" || op === "group_id") return null;
        if (factors.every((factor) => factor === 0n)) return 0n;
        const [left, right] = factors;
        if (left === undefined || left === null || !isInteger(typeOf(this.fn, result))) return null;
        if (op === "convert") return left;
        if (right === undefined || right === null || a === undefined || b === undefined) return null;
        if (op === "add") return left + right;
        if (op === "sub") return left - right;
        if (op !== "mul") return null;
        const [first, second] = [this.#constants.get(a), this.#constants.get(b)];
        if (second !== undefined) return left * second;
        return first === undefined ? null : right * first;
    }
}
