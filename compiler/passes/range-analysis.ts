// Which values each integer can have. Sparse in values and aware of conditions: within `if i < n`, i is below n. Loops
// are run over until nothing grows, with widening, so the analysis ends after a few rounds whatever the program does.
//
// It starts from what a launch is checked for: the ranges of parameters, and how many workgroups there can be.

import type { Definitions } from "../ir/definitions.js";
import {
    attribute,
    type IrFunction,
    type Operation,
    type OpId,
    operation,
    type Range,
    type RegionId,
    region,
    typeOf,
    type ValueId,
} from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import { type IrScalar, isFloat, isScalar } from "../ir/types.js";
import { exactly, join, meet, rangeOfType, resultRange, widen, within } from "./range.js";

export interface Ranges {
    /** Everywhere the value exists. Floats and buffers have none. */
    readonly of: (value: ValueId) => Range | undefined;
    /** What an operation's operand can be where the operation stands, which conditions around it may narrow. */
    readonly at: (op: OpId, operand: ValueId) => Range | undefined;
}

export function analyseRanges(fn: IrFunction, definitions: Definitions): Ranges {
    const analysis = new Analysis(fn, definitions);
    analysis.run();
    const { ranges, refined } = analysis;
    return {
        of: (value) => ranges[value],
        at: (op, operand) => refined.get(op)?.get(operand) ?? ranges[operand],
    };
}

/** After so many rounds a loop's values take their type's whole range. */
const PATIENCE = 6;
/** Loops within loops multiply their rounds; beyond this depth nothing is assumed of what a loop carries. */
const DEPTH = 3;
const MAX_WAVE = 64;
const OPPOSITE: Partial<Record<OpName, OpName>> = { lt: "ge", ge: "lt", gt: "le", le: "gt", eq: "ne", ne: "eq" };

interface LoopState {
    /** Joined over the `break`s, or the ends of the rounds: null until one is reached. */
    breaks: Outcome;
    continues: Outcome;
}

/** What conditions said before, to be said again when their branch ends. */
type Undo = (readonly [ValueId, Range | undefined])[];

type Outcome = readonly (Range | undefined)[] | null;

class Analysis {
    /** By value. */
    readonly ranges: (Range | undefined)[];
    /** Where conditions say more of an operand than its definition. */
    readonly refined = new Map<OpId, Map<ValueId, Range>>();
    readonly #conditions = new Map<ValueId, Range>();
    readonly #loops = new Map<OpId, LoopState>();
    #depth = 0;

    constructor(
        readonly fn: IrFunction,
        readonly definitions: Definitions,
    ) {
        this.ranges = new Array(fn.values.length);
    }

    run(): void {
        for (const { value, range } of this.fn.parameters) {
            const type = this.#integer(value);
            if (type) this.ranges[value] = range ?? rangeOfType(type);
        }
        this.#region(this.fn.body);
    }

    /** The type of a value that has a range. */
    #integer(id: ValueId): IrScalar | null {
        const type = typeOf(this.fn, id);
        return !isScalar(type) || isFloat(type) ? null : type;
    }

    #now(id: ValueId): Range | undefined {
        return this.#conditions.get(id) ?? this.ranges[id];
    }

    /** What the region's `yield` gives; null where it ends otherwise. */
    #region(id: RegionId): Outcome {
        const undo: Undo = [];
        let outcome: Outcome = null;
        for (const opId of region(this.fn, id).operations) {
            const op = operation(this.fn, opId);
            this.#note(opId, op);
            if (op.op === "yield") outcome = this.#values(op.operands);
            else this.#operation(opId, op, undo);
        }
        this.#forget(undo);
        return outcome;
    }

    #values(ids: readonly ValueId[]): Outcome {
        return ids.map((id) => this.#now(id));
    }

    #note(opId: OpId, { operands }: Operation): void {
        if (this.#conditions.size === 0 && this.refined.size === 0) return;
        let told: Map<ValueId, Range> | null = null;
        for (const operand of operands) {
            const range = this.#conditions.get(operand);
            if (range) told = (told ?? new Map<ValueId, Range>()).set(operand, range);
        }
        if (told) this.refined.set(opId, told);
        else this.refined.delete(opId);
    }

    #operation(opId: OpId, op: Operation, undo: Undo): void {
        switch (op.op) {
            case "if":
                this.#if(op, undo);
                break;
            case "for":
                this.#for(opId, op);
                break;
            case "while":
                this.#while(opId, op);
                break;
            case "check":
                this.#assumeChecked(op, undo);
                break;
            case "break":
            case "continue": {
                const loop = this.#loops.get(attribute(op, "target"));
                const values = this.#values(op.operands);
                if (loop && op.op === "break") loop.breaks = merge(loop.breaks, values);
                else if (loop) loop.continues = merge(loop.continues, values);
                break;
            }
            default:
                this.#scalar(op);
        }
    }

    #scalar(op: Operation): void {
        const [result] = op.results;
        const type = result === undefined ? null : this.#integer(result);
        if (result === undefined || !type) return;
        const { value } = op.attributes;
        if (value !== undefined) {
            this.ranges[result] = exactly(value);
        } else if (op.op === "lane_id" || op.op === "wave_size") {
            const size = BigInt(MAX_WAVE);
            this.ranges[result] = op.op === "lane_id" ? { min: 0n, max: size - 1n } : { min: 32n, max: size };
        } else if (op.op === "local_id" || op.op === "group_id") {
            const { workgroup, mostGroups } = this.fn.kernel ?? {};
            const most = (op.op === "local_id" ? workgroup : mostGroups)?.[attribute(op, "axis")] ?? 1;
            this.ranges[result] = { min: 0n, max: BigInt(most) - 1n };
        } else if (op.op === "group_count") {
            this.ranges[result] = { min: 1n, max: BigInt(this.fn.kernel?.mostGroups[attribute(op, "axis")] ?? 1) };
        } else {
            const operands: Range[] = [];
            // A select's bool is an operand like the others; floats leave nothing to know.
            for (const operand of op.operands) {
                const range = this.#now(operand);
                if (range === undefined) break;
                operands.push(range);
            }
            const known = operands.length === op.operands.length;
            this.ranges[result] = known ? resultRange(op.op, operands, type) : rangeOfType(type);
        }
    }

    /** Behind a `check` its first operand is from 0 and below the second. */
    #assumeChecked({ operands: [a, b] }: Operation, undo: Undo): void {
        const [left, right] = [a, b].map((operand) => (operand === undefined ? undefined : this.#now(operand)));
        if (a === undefined || b === undefined || !left || !right) return;
        this.#learn(a, { min: 0n, max: right.max - 1n }, undo);
        this.#learn(b, { min: left.min < 0n ? 1n : left.min + 1n, max: right.max }, undo);
    }

    #if(op: Operation, undo: Undo): void {
        const [condition] = op.operands;
        const [then, otherwise] = op.regions;
        if (condition === undefined || then === undefined || otherwise === undefined) return;
        const outcomes = [
            { body: then, holds: true },
            { body: otherwise, holds: false },
        ].map(({ body, holds }) => {
            const inner: Undo = [];
            this.#assume(condition, holds, inner);
            const outcome = this.#region(body);
            this.#forget(inner);
            return outcome;
        });
        this.#settle(op.results, merge(outcomes[0] ?? null, outcomes[1] ?? null));
        // Where only one branch goes on, what follows knows which.
        if (outcomes[0] === null && outcomes[1] !== null) this.#assume(condition, false, undo);
        if (outcomes[1] === null && outcomes[0] !== null) this.#assume(condition, true, undo);
    }

    #for(opId: OpId, op: Operation): void {
        const [start, end, step, ...initial] = op.operands;
        const [body] = op.regions;
        if (start === undefined || end === undefined || step === undefined || body === undefined) return;
        const [counter, ...carried] = region(this.fn, body).parameters;
        const [from, to, by] = [this.#now(start), this.#now(end), this.#now(step)];
        const type = counter === undefined ? null : this.#integer(counter);
        if (counter !== undefined && type && from && to && by) {
            const all = rangeOfType(type);
            const up = by.max > 0n && from.min < to.max ? { min: from.min, max: to.max - 1n } : null;
            const down = by.min < 0n && to.min < from.max ? { min: to.min + 1n, max: from.max } : null;
            this.ranges[counter] = up && down ? join(up, down) : (up ?? down ?? all);
        }
        const state = this.#rounds(opId, carried, initial, (state) => merge(this.#region(body), state.continues));
        this.#settle(
            op.results,
            merge(
                state.breaks,
                carried.map((value) => this.ranges[value]),
            ),
        );
    }

    #while(opId: OpId, op: Operation): void {
        const [test, body] = op.regions;
        if (test === undefined || body === undefined) return;
        const { parameters } = region(this.fn, test);
        let left: Outcome = null;
        const state = this.#rounds(opId, parameters, op.operands, (state) => {
            const tested = this.#region(test);
            left = tested?.slice(1) ?? null;
            this.#settle(region(this.fn, body).parameters, left);
            const inner: Undo = [];
            this.#assumeTest(test, region(this.fn, body).parameters, inner);
            const outcome = this.#region(body);
            this.#forget(inner);
            return merge(outcome, state.continues);
        });
        this.#settle(op.results, merge(state.breaks, left));
    }

    /** In a `while`'s body its test holds, for the values that it yielded, which are the body's parameters. */
    #assumeTest(test: RegionId, parameters: readonly ValueId[], undo: Undo): void {
        const last = region(this.fn, test).operations.at(-1);
        const [condition, ...yielded] = last === undefined ? [] : operation(this.fn, last).operands;
        if (condition === undefined) return;
        const inner: Undo = [];
        this.#assume(condition, true, inner);
        const known = yielded.map((value) => this.#conditions.get(value));
        this.#forget(inner);
        parameters.forEach((parameter, at) => {
            const range = known[at];
            if (range) this.#learn(parameter, range, undo);
        });
    }

    /** Runs over a loop's body until what it carries stays within what was assumed. */
    #rounds(
        opId: OpId,
        carried: readonly ValueId[],
        initial: readonly ValueId[],
        round: (state: LoopState) => Outcome,
    ): LoopState {
        carried.forEach((value, at) => {
            const type = this.#integer(value);
            const from = initial[at];
            const range = from === undefined ? undefined : this.#now(from);
            if (type) this.ranges[value] = range && this.#depth < DEPTH ? range : rangeOfType(type);
        });
        this.#depth += 1;
        for (let count = 0; ; count++) {
            const state: LoopState = { breaks: null, continues: null };
            this.#loops.set(opId, state);
            const outcome = round(state);
            let stable = true;
            carried.forEach((value, at) => {
                const type = this.#integer(value);
                const before = this.ranges[value];
                if (!type || !before || outcome === null) return;
                const now = outcome[at] ?? rangeOfType(type);
                if (within(now, before)) return;
                stable = false;
                this.ranges[value] = count < PATIENCE ? widen(before, join(before, now), type) : rangeOfType(type);
            });
            if (!stable) continue;
            this.#depth -= 1;
            return state;
        }
    }

    #settle(values: readonly ValueId[], outcome: Outcome): void {
        values.forEach((value, at) => {
            const type = this.#integer(value);
            if (type) this.ranges[value] = outcome?.[at] ?? rangeOfType(type);
        });
    }

    /** Narrows what a condition speaks of, until `#forget`. */
    #assume(condition: ValueId, holds: boolean, undo: Undo): void {
        const op = this.definitions.get(condition);
        const [a, b] = op?.operands ?? [];
        if (!op || a === undefined) return;
        if (op.op === "not") this.#assume(a, !holds, undo);
        if (op.op === "if") this.#assumeJoined(op, op.results.indexOf(condition), holds, undo);
        if (b === undefined) return;
        if (op.op === (holds ? "and" : "or")) {
            this.#assume(a, holds, undo);
            this.#assume(b, holds, undo);
            return;
        }
        const relation = holds ? op.op : OPPOSITE[op.op];
        const [left, right] = [this.#now(a), this.#now(b)];
        if (!relation || !left || !right) return;
        const [below, above] = BOUNDS[relation] ?? [];
        if (below !== undefined) {
            this.#learn(a, { min: left.min, max: right.max - below }, undo);
            this.#learn(b, { min: left.min + below, max: right.max }, undo);
        }
        if (above !== undefined) {
            this.#learn(a, { min: right.min + above, max: left.max }, undo);
            this.#learn(b, { min: right.min, max: left.max - above }, undo);
        }
    }

    /** `a && b` and `a || b` are branches of which one gives a constant: where it isn't the outcome, the other was taken. */
    #assumeJoined(op: Operation, at: number, holds: boolean, undo: Undo): void {
        const [condition] = op.operands;
        const yielded = op.regions.map((id) => {
            const last = region(this.fn, id).operations.at(-1);
            return last === undefined ? undefined : operation(this.fn, last).operands[at];
        });
        yielded.forEach((value, branch) => {
            const other = yielded[1 - branch];
            const constant = other === undefined ? undefined : this.definitions.get(other)?.attributes.value;
            if (condition === undefined || value === undefined || constant !== !holds) return;
            this.#assume(condition, branch === 0, undo);
            this.#assume(value, holds, undo);
        });
    }

    #learn(value: ValueId, range: Range, undo: Undo): void {
        const known = this.#now(value);
        if (!known) return;
        undo.push([value, this.#conditions.get(value)]);
        this.#conditions.set(value, range.min <= range.max ? meet(known, range) : known);
    }

    #forget(undo: Undo): void {
        for (const [value, range] of undo.splice(0).reverse()) {
            if (range) this.#conditions.set(value, range);
            else this.#conditions.delete(value);
        }
    }
}

/** For `a R b`: how far a is at least below b, and above it. */
const BOUNDS: Partial<Record<OpName, readonly [below: bigint | undefined, above: bigint | undefined]>> = {
    lt: [1n, undefined],
    le: [0n, undefined],
    gt: [undefined, 1n],
    ge: [undefined, 0n],
    eq: [0n, 0n],
};

function merge(a: Outcome, b: Outcome): Outcome {
    if (a === null || b === null) return a ?? b;
    return a.map((range, at) => {
        const other = b[at];
        return range && other ? join(range, other) : undefined;
    });
}
