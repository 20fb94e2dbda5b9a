// Whether a value lies in an interval, as one comparison without signs: `x >= a && x < b` is `x - a < b - a`, where what is
// below a becomes large, and `x < a || x >= b` its opposite. That holds where the interval is not turned around, a <= b, or
// where x lies between a - 1 and b anyway, as in `i > 0 && i < n - 1` of an i below n (Warren, "Hacker's Delight", 4-1).

import {
    altered,
    type ConstantValue,
    type IrFunction,
    type Operation,
    type OpId,
    type RegionId,
    scalarOf,
    type ValueId,
    walk,
} from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import type { IrScalar } from "../ir/types.js";
import type { Analyses } from "./analyses.js";
import { FactWalk } from "./fact-walk.js";
import { Numbers } from "./numbers.js";
import type { Pass } from "./pass.js";
import { NOTHING, rewrite } from "./rewrite.js";

export const interval: Pass = {
    name: "interval",
    optimises: true,
    run: (fn, { known }) => {
        if (known.count("and") + known.count("or") === 0) return false;
        const pairs = new Pairs(fn, known);
        if (!pairs.found()) return false;
        const intervals = new Intervals(fn, known, pairs);
        intervals.region(fn.body);
        if (intervals.made.size > 0) insert(fn, fn.body, intervals.made);
        return intervals.made.size > 0;
    },
};

type Joint = "and" | "or";
/** One side of an interval: `value >= least`, or `value < end`. In an `or` they are asked for not to hold. */
type Side =
    | { readonly kind: "least"; readonly value: ValueId; readonly least: bigint }
    | { readonly kind: "end"; readonly value: ValueId; readonly end: ValueId };
/** Both sides, and the comparisons of them. */
interface Pair {
    readonly value: ValueId;
    readonly least: bigint;
    readonly end: ValueId;
    readonly parts: readonly [ValueId, ValueId];
}

/** The comparisons of order: what they say where they don't hold, and of their operands the other way around. */
const OPPOSITE: Partial<Record<OpName, OpName>> = { lt: "ge", ge: "lt", gt: "le", le: "gt" };
const TURNED: Partial<Record<OpName, OpName>> = { lt: "gt", ge: "le", gt: "lt", le: "ge" };

/** The sides of intervals that conditions are made of. */
class Pairs {
    readonly #numbers: Numbers;
    /** By the result of an `and` or `or`: what is joined, however it is nested. */
    readonly #parts = new Map<ValueId, { readonly joint: Joint; readonly parts: readonly ValueId[] }>();

    constructor(
        readonly fn: IrFunction,
        readonly known: Analyses,
    ) {
        this.#numbers = new Numbers(fn, known.definitions);
    }

    /** Whether there is any pair. */
    found(): boolean {
        let found = false;
        walk(this.fn, this.fn.body, (op) => {
            const parts = this.note(op);
            if (parts !== null && !found) found = this.within(op.op as Joint, parts) !== null;
        });
        this.#parts.clear();
        return found;
    }

    /** What a condition joins; null for other operations. Those before it have been noted. */
    note({ op, operands, results: [result] }: Operation): readonly ValueId[] | null {
        if ((op !== "and" && op !== "or") || result === undefined || scalarOf(this.fn, result) !== "bool") return null;
        const parts: ValueId[] = [];
        for (const operand of operands) {
            const inner = this.#parts.get(operand);
            if (inner?.joint === op) parts.push(...inner.parts);
            else parts.push(operand);
        }
        this.set(result, op, parts);
        return parts;
    }

    set(result: ValueId, joint: Joint, parts: readonly ValueId[]): void {
        this.#parts.set(result, { joint, parts });
    }

    /** Two sides of one interval among what is joined. */
    within(joint: Joint, parts: readonly ValueId[]): Pair | null {
        const sides = parts.map((part) => this.#side(part, joint === "and"));
        for (const [at, low] of sides.entries()) {
            if (low?.kind !== "least") continue;
            for (const [other, high] of sides.entries()) {
                if (high?.kind !== "end" || this.#numbers.of(high.value) !== this.#numbers.of(low.value)) continue;
                const [first, second] = [parts[at], parts[other]];
                if (first === undefined || second === undefined) continue;
                return { value: low.value, least: low.least, end: high.end, parts: [first, second] };
            }
        }
        return null;
    }

    #side(part: ValueId, holds: boolean): Side | null {
        const op = this.known.definitions.get(part);
        const [a, b] = op?.operands ?? [];
        const opposite = op && OPPOSITE[op.op];
        const name = holds && opposite !== undefined ? op?.op : opposite;
        if (name === undefined || a === undefined || b === undefined) return null;
        const type = scalarOf(this.fn, a);
        if (type !== "u32" && type !== "i32") return null;
        const [left, right] = [this.#constant(a), this.#constant(b)];
        if (typeof right === "bigint") return left === undefined ? leastOf(name, a, right) : null;
        if (typeof left === "bigint") return leastOf(TURNED[name], b, left);
        if (name === "lt") return { kind: "end", value: a, end: b };
        return name === "gt" ? { kind: "end", value: b, end: a } : null;
    }

    #constant(value: ValueId): ConstantValue | undefined {
        return this.known.definitions.get(value)?.attributes.value;
    }
}

function leastOf(name: OpName | undefined, value: ValueId, constant: bigint): Side | null {
    if (name === "ge") return { kind: "least", value, least: constant };
    return name === "gt" ? { kind: "least", value, least: constant + 1n } : null;
}

class Intervals extends FactWalk {
    /** By conditions that were changed: what comes before them. */
    readonly made = new Map<OpId, OpId[]>();

    constructor(
        fn: IrFunction,
        known: Analyses,
        readonly pairs: Pairs,
    ) {
        super(fn, known);
    }

    protected keeps(id: OpId, op: Operation): boolean {
        let parts = this.pairs.note(op);
        const [result] = op.results;
        if (parts === null || result === undefined) return true;
        const joint = op.op as Joint;
        const before: OpId[] = [];
        for (let pair = this.pairs.within(joint, parts); pair !== null; pair = this.pairs.within(joint, parts)) {
            if (!this.#isUsable(id, pair)) break;
            const { parts: both } = pair;
            const asked = this.#asked(op, pair, joint === "and" ? "lt" : "ge", before);
            parts = [...parts.filter((part) => !both.includes(part)), asked];
        }
        if (before.length === 0) return true;
        this.pairs.set(result, joint, parts);
        this.made.set(id, before);
        this.fn.operations[id] = this.#joined(op, parts, before);
        return true;
    }

    /** Whether the sides are the right way around, or the value is where that doesn't matter. */
    #isUsable(id: OpId, { value, least, end }: Pair): boolean {
        const range = this.facts.ranges.at(id, value);
        const ends = this.facts.ranges.at(id, end);
        if ((ends && ends.min >= least) || this.facts.provesLeast(end, least)) return true;
        const above = (range && range.min >= least - 1n) || this.facts.provesLeast(value, least - 1n);
        return above && this.facts.proves(value, end, 0n);
    }

    #asked(op: Operation, { value, least, end }: Pair, name: "lt" | "ge", before: OpId[]): ValueId {
        const unsigned = (from: ValueId) =>
            scalarOf(this.fn, from) === "u32" ? from : this.#append(op, "convert", [from], "u32", before);
        const by = least === 0n ? null : this.#append(op, "const", [], "u32", before, BigInt.asUintN(32, least));
        const [distance, length] = [value, end].map((each) => {
            return by === null ? unsigned(each) : this.#append(op, "sub", [unsigned(each), by], "u32", before);
        }) as [ValueId, ValueId];
        return this.#append(op, name, [distance, length], "bool", before);
    }

    /** The operation that joins the parts, of which the last is new. */
    #joined(op: Operation, parts: readonly ValueId[], before: OpId[]): Operation {
        const [first, ...others] = parts;
        const last = others.pop();
        if (first === undefined) throw new Error("a condition of nothing");
        // Of one part alone the condition is twice that.
        const left = others.reduce((all, part) => this.#append(op, op.op as Joint, [all, part], "bool", before), first);
        return altered(op, { operands: [left, last ?? first] });
    }

    #append(
        { span }: Operation,
        op: OpName,
        operands: readonly ValueId[],
        type: IrScalar,
        before: OpId[],
        value?: bigint,
    ): ValueId {
        const result = (this.fn.values.push({ type, span }) - 1) as ValueId;
        const attributes = value === undefined ? {} : { value };
        const made = { op, operands, results: [result], attributes, regions: [], span };
        before.push((this.fn.operations.push(made) - 1) as OpId);
        return result;
    }
}

function insert(fn: IrFunction, id: RegionId, made: ReadonlyMap<OpId, readonly OpId[]>): void {
    rewrite(fn, id, (op, opId) => {
        for (const inner of op.regions) insert(fn, inner, made);
        return made.get(opId) ?? NOTHING;
    });
}
