// Common subexpressions and what doesn't change in a loop: a pure operation is done once, where its value is needed first,
// and before the loop or branch that it stands in where that costs nothing: a loop whose rounds would all do it, a branch
// behind which it is done as well, or of which both sides do it. So indices of accesses in and behind branches are one
// value, which LLVM then keeps as the offset that it is.

import { definitionsOf } from "../ir/definitions.js";
import {
    type IrFunction,
    type Operation,
    type OpId,
    operation,
    type RegionId,
    region,
    type ValueId,
} from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import { isNumbered, Numbers } from "./numbers.js";
import type { Pass } from "./pass.js";

export const common: Pass = {
    name: "common",
    optimises: true,
    run: (fn) => new Common(fn).run(),
};

/** A region that is being gone through. */
interface Level {
    readonly out: OpId[];
    /** By number, where in the region the last operation with it stands. */
    readonly last: ReadonlyMap<number, number>;
    /** Numbers that can be used up to the region's end. */
    readonly defined: number[];
    /** Of the operation that is gone through, in which the next level is. */
    at: number;
    holder: OpName | null;
    /** Numbers that all regions of that operation have. */
    shared: ReadonlySet<number>;
}

class Common {
    readonly #numbers: Numbers;
    /** Values that can be used, by number. */
    readonly #available = new Map<number, ValueId>();
    /** Results of operations that are no more. */
    readonly #same = new Map<ValueId, ValueId>();
    /** How deep the region of a value's definition lies; absent is 0, the function's own. */
    readonly #depths = new Map<ValueId, number>();
    readonly #levels: Level[] = [];

    constructor(readonly fn: IrFunction) {
        this.#numbers = new Numbers(fn, definitionsOf(fn));
    }

    run(): void {
        this.#region(this.fn.body);
    }

    #region(id: RegionId): void {
        const { operations, parameters } = region(this.fn, id);
        const depth = this.#levels.length;
        for (const parameter of parameters) this.#depths.set(parameter, depth);
        const level: Level = { out: [], last: this.#lastOf(id), defined: [], at: 0, holder: null, shared: new Set() };
        this.#levels.push(level);
        operations.splice(0).forEach((opId, at) => {
            level.at = at;
            this.#operation(opId, depth);
        });
        this.#levels.pop();
        for (const number of level.defined) this.#available.delete(number);
        operations.push(...level.out);
    }

    #lastOf(id: RegionId): Map<number, number> {
        const last = new Map<number, number>();
        region(this.fn, id).operations.forEach((opId, at) => {
            const number = this.#numberOf(operation(this.fn, opId));
            if (number !== null) last.set(number, at);
        });
        return last;
    }

    #numberOf(op: Operation): number | null {
        const [result] = op.results;
        return result === undefined || !isNumbered(op) ? null : this.#numbers.of(result);
    }

    #operation(id: OpId, depth: number): void {
        const op = this.#renamed(operation(this.fn, id));
        this.fn.operations[id] = op;
        const level = this.#levels[depth];
        const [result] = op.results;
        const number = this.#numberOf(op);
        if (level === undefined) throw new Error("an operation in no region");
        if (number === null || result === undefined) {
            for (const each of op.results) this.#depths.set(each, depth);
            level.holder = op.op;
            level.shared = op.op === "if" ? this.#sharedBy(op.regions) : new Set();
            for (const inner of op.regions) this.#region(inner);
            level.out.push(id);
            return;
        }
        const known = this.#available.get(number);
        if (known !== undefined) {
            this.#same.set(result, known);
            return;
        }
        const outer = this.#outermost(op, number, depth);
        this.#levels[outer]?.out.push(id);
        this.#levels[outer]?.defined.push(number);
        this.#available.set(number, result);
        this.#depths.set(result, outer);
    }

    #renamed(op: Operation): Operation {
        if (!op.operands.some((operand) => this.#same.has(operand))) return op;
        return { ...op, operands: op.operands.map((operand) => this.#same.get(operand) ?? operand) };
    }

    #sharedBy(regions: readonly RegionId[]): Set<number> {
        const [first = new Map<number, number>(), ...others] = regions.map((id) => this.#lastOf(id));
        return new Set([...first.keys()].filter((number) => others.every((other) => other.has(number))));
    }

    /** How deep the region lies at whose present end an operation may as well stand. */
    #outermost(op: Operation, number: number, depth: number): number {
        // Constants cost nothing where they are used.
        if (op.op === "const") return depth;
        const needed = Math.max(0, ...op.operands.map((operand) => this.#depths.get(operand) ?? 0));
        let place = depth;
        while (place > needed) {
            const around = this.#levels[place - 1];
            if (around === undefined) break;
            const everyRound = around.holder === "for" || around.holder === "while";
            const later = (around.last.get(number) ?? -1) > around.at;
            if (!everyRound && !later && !around.shared.has(number)) break;
            place -= 1;
        }
        return place;
    }
}
