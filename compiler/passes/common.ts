// Common subexpressions and what doesn't change in a loop: a pure operation is done once, where its value is needed first,
// and before the loop or branch that it stands in where that costs nothing: a loop whose rounds would all do it, a branch
// behind which it is done as well, or of which both sides do it; or where several branches do it, one behind the other,
// each of which may not be taken, if it is little. So indices of accesses in and behind branches are one
// value, which LLVM then keeps as the offset that it is.

import type { Definitions } from "../ir/definitions.js";
import {
    altered,
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
    run: (fn, { known }) => new Common(fn, known.definitions).run(),
};

/** Operations of few instructions: better done in vain once than in each of several branches. */
const CHEAP: ReadonlySet<OpName> = new Set<OpName>([
    "local_id",
    "group_id",
    "group_count",
    "add",
    "sub",
    "mul",
    "and",
    "or",
    "xor",
    "shl",
    "shr",
    "convert",
]);

/** A region that is being gone through. */
interface Level {
    /** The region's operations as they were, and as they will be. */
    readonly operations: readonly OpId[];
    readonly out: OpId[];
    /** By number, where in the region the last operation with it stands. Found when it is asked for. */
    last: ReadonlyMap<number, number> | null;
    /** By number, the last branch that has it. Found when it is asked for. */
    branches: ReadonlyMap<number, number> | null;
    /** Numbers that can be used up to the region's end. */
    readonly defined: number[];
    /** Of the operation that is gone through, in which the next level is. */
    at: number;
    holder: OpName | null;
    /** That operation's regions, as they were. */
    sides: readonly (readonly OpId[])[];
    /** Numbers that all of those have. Found when they are asked for. */
    shared: ReadonlySet<number> | null;
}

class Common {
    readonly #numbers: Numbers;
    /** Values that can be used, by number. */
    readonly #available: (ValueId | undefined)[] = [];
    /** By value: of results of operations that are no more, what they are now. */
    readonly #same: (ValueId | undefined)[];
    /** By value: how deep the region of its definition lies; absent is 0, the function's own. */
    readonly #depths: (number | undefined)[];
    readonly #levels: Level[] = [];
    #changed = false;

    constructor(
        readonly fn: IrFunction,
        definitions: Definitions,
    ) {
        this.#numbers = new Numbers(fn, definitions);
        this.#same = new Array(fn.values.length);
        this.#depths = new Array(fn.values.length);
    }

    /** Gives whether anything changed. */
    run(): boolean {
        this.#region(this.fn.body);
        return this.#changed;
    }

    #region(id: RegionId): void {
        const { operations, parameters } = region(this.fn, id);
        const depth = this.#levels.length;
        for (const parameter of parameters) this.#depths[parameter] = depth;
        const out: OpId[] = [];
        this.#levels.push({
            operations,
            out,
            last: null,
            branches: null,
            defined: [],
            at: 0,
            holder: null,
            sides: [],
            shared: null,
        });
        for (let at = 0; at < operations.length; at++) this.#operation(operations[at] as OpId, at, depth);
        const level = this.#levels.pop();
        for (const number of level?.defined ?? []) this.#available[number] = undefined;
        this.fn.regions[id] = { parameters, operations: out };
    }

    #lastOf(operations: readonly OpId[]): Map<number, number> {
        const last = new Map<number, number>();
        operations.forEach((opId, at) => {
            const number = this.#numberOf(operation(this.fn, opId));
            if (number !== null) last.set(number, at);
        });
        return last;
    }

    #numberOf(op: Operation): number | null {
        const [result] = op.results;
        return result === undefined || !isNumbered(op) ? null : this.#numbers.of(result);
    }

    #operation(id: OpId, at: number, depth: number): void {
        const op = this.#renamed(id);
        const level = this.#levels[depth];
        const [result] = op.results;
        const number = this.#numberOf(op);
        if (level === undefined) throw new Error("an operation in no region");
        if (number === null || result === undefined) {
            for (const each of op.results) this.#depths[each] = depth;
            if (op.regions.length > 0) {
                level.at = at;
                level.holder = op.op;
                level.sides = op.regions.map((inner) => region(this.fn, inner).operations);
                level.shared = null;
            }
            for (const inner of op.regions) this.#region(inner);
            level.out.push(id);
            return;
        }
        const known = this.#available[number];
        if (known !== undefined) {
            this.#same[result] = known;
            this.#changed = true;
            return;
        }
        const outer = this.#outermost(op, number, depth);
        if (outer !== depth) this.#changed = true;
        this.#levels[outer]?.out.push(id);
        this.#levels[outer]?.defined.push(number);
        this.#available[number] = result;
        this.#depths[result] = outer;
    }

    #renamed(id: OpId): Operation {
        const op = operation(this.fn, id);
        for (const operand of op.operands) {
            if (this.#same[operand] === undefined) continue;
            const renamed = altered(op, { operands: op.operands.map((each) => this.#same[each] ?? each) });
            this.fn.operations[id] = renamed;
            return renamed;
        }
        return op;
    }

    /** How deep the region lies at whose present end an operation may as well stand. */
    #outermost(op: Operation, number: number, depth: number): number {
        // Constants cost nothing anywhere, and what is computed with them may stand wherever its other operands do.
        if (op.op === "const") return 0;
        let needed = 0;
        for (const operand of op.operands) needed = Math.max(needed, this.#depths[operand] ?? 0);
        let place = depth;
        while (place > needed) {
            const around = this.#levels[place - 1];
            if (around === undefined) break;
            const everyRound = around.holder === "for" || around.holder === "while";
            if (!everyRound && !this.#comesLater(around, number) && !this.#isShared(around, number)) {
                if (!CHEAP.has(op.op) || !this.#inAnotherBranch(around, number)) break;
            }
            place -= 1;
        }
        return place;
    }

    #comesLater(around: Level, number: number): boolean {
        around.last ??= this.#lastOf(around.operations);
        return (around.last.get(number) ?? -1) > around.at;
    }

    /** Whether a branch further behind, at the same level, has it as well. */
    #inAnotherBranch(around: Level, number: number): boolean {
        if (around.holder !== "if") return false;
        around.branches ??= this.#branchesOf(around.operations);
        return (around.branches.get(number) ?? -1) > around.at;
    }

    /** By number, where in a list the last branch stands in which an operation with it is, not deeper. */
    #branchesOf(operations: readonly OpId[]): Map<number, number> {
        const last = new Map<number, number>();
        operations.forEach((opId, at) => {
            const op = operation(this.fn, opId);
            if (op.op !== "if") return;
            for (const inner of op.regions) {
                for (const number of this.#lastOf(region(this.fn, inner).operations).keys()) last.set(number, at);
            }
        });
        return last;
    }

    /** Whether both sides of the branch have it. */
    #isShared(around: Level, number: number): boolean {
        if (around.holder !== "if") return false;
        if (around.shared === null) {
            const [first, ...others] = around.sides.map((side) => this.#lastOf(side));
            around.shared = new Set(
                [...(first?.keys() ?? [])].filter((each) => others.every((side) => side.has(each))),
            );
        }
        return around.shared.has(number);
    }
}
