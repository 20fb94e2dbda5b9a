// Loops of few rounds become straight code, so that what their counters are is known in it: constants in indices become
// constants of accesses, conditions on counters disappear, and neighbours' accesses become wide ones. The number of rounds
// follows from ranges: a loop from a work-item's id to 32 by 8 has four, wherever in 0 .. 8 the id is.
//
// Only loops that nothing leaves before their end, and no place of the program that the host is told of is doubled.
//
// Of a loop of any number of rounds in which all work-items read the same elements, one behind the other, LLVM is asked to
// make four rounds one: it then reads several by one scalar load, and counts once for all.

import { cloneOperation, type Renaming } from "../ir/clone.js";
import type { Definitions } from "../ir/definitions.js";
import {
    altered,
    type IrFunction,
    type Operation,
    type OpId,
    operation,
    type RegionId,
    region,
    typeOf,
    type ValueId,
    walk,
} from "../ir/module.js";
import { OPS, type OpName } from "../ir/ops.js";
import { isBuffer } from "../ir/types.js";
import type { Analyses } from "./analyses.js";
import type { Pass } from "./pass.js";
import type { Ranges } from "./range-analysis.js";

/** Operations of all rounds together. LLVM would unroll up to a few hundred instructions itself. */
const MOST_OPERATIONS = 300;
const MOST_ROUNDS = 32;
/** Of a loop that reads elements for all work-items: rounds that become one, and operations of each at most. */
const READ_TOGETHER = 4;
const MOST_READING = 48;

export const unroll: Pass = {
    name: "unroll",
    optimises: true,
    run: (fn, { known }) => {
        if (known.count("for") === 0) return false;
        const unrolling = new Unrolling(fn, known);
        unrolling.region(fn.body);
        return unrolling.changed;
    },
};

/** What a place of the program has once: arrays, and reports to the host. */
const ONCE: ReadonlySet<OpName> = new Set<OpName>(["alloc", "alloc_sized", "zero", "check", "print", "fail"]);

class Unrolling {
    readonly #definitions: Definitions;
    /** Results of loops that are no more, and what gives them now. */
    readonly #same = new Map<ValueId, ValueId>();
    #out: OpId[] = [];
    readonly #ranges: Ranges;
    changed = false;

    constructor(
        readonly fn: IrFunction,
        { definitions, ranges }: Analyses,
    ) {
        this.#definitions = definitions;
        this.#ranges = ranges;
    }

    /** Gives how many operations there are in the region now. */
    region(id: RegionId): number {
        const { parameters, operations } = region(this.fn, id);
        const outer = this.#out;
        this.#out = [];
        let count = 0;
        for (const opId of operations) count += this.#operation(opId);
        this.fn.regions[id] = { parameters, operations: this.#out };
        this.#out = outer;
        return count;
    }

    #operation(id: OpId): number {
        const op = this.#renamed(id);
        // Asked before what is within changes.
        const rounds = op.op === "for" ? this.#rounds(id, op) : null;
        let within = 0;
        for (const inner of op.regions) within += this.region(inner);
        if (rounds === null || rounds * within > MOST_OPERATIONS) {
            if (op.attributes.unroll === undefined && within <= MOST_READING && this.#readsForAll(id, op)) {
                this.fn.operations[id] = altered(op, { attributes: { ...op.attributes, unroll: READ_TOGETHER } });
                this.changed = true;
            }
            this.#out.push(id);
            return within + 1;
        }
        this.#unroll(op, rounds);
        return rounds * within;
    }

    #renamed(id: OpId): Operation {
        const op = operation(this.fn, id);
        if (this.#same.size === 0 || !op.operands.some((operand) => this.#same.has(operand))) return op;
        const renamed = altered(op, { operands: op.operands.map((operand) => this.#same.get(operand) ?? operand) });
        this.fn.operations[id] = renamed;
        return renamed;
    }

    /** How many rounds a loop has, where that is known and few, and it can be unrolled; else null. */
    #rounds(id: OpId, { operands, attributes, regions: [body] }: Operation): number | null {
        const [start, end, step] = operands;
        const { unroll: wanted = "all" } = attributes;
        if (start === undefined || end === undefined || step === undefined || body === undefined) return null;
        const by = this.#constant(step);
        if (wanted !== "all" || by === null || by <= 0n || !this.#isPlain(id, body)) return null;
        const [from, to] = [this.#ranges.at(id, start), this.#ranges.at(id, end)];
        if (!from || !to) return null;
        const least = roundsBetween(from.max, to.min, by);
        const most = roundsBetween(from.min, to.max, by);
        return least === most && most <= BigInt(MOST_ROUNDS) ? Number(most) : null;
    }

    #constant(value: ValueId): bigint | null {
        const constant = this.#definitions.get(value)?.attributes.value;
        return typeof constant === "bigint" ? constant : null;
    }

    /** Whether every round goes to its end, and the body may stand there several times. */
    #isPlain(loop: OpId, body: RegionId): boolean {
        const last = region(this.fn, body).operations.at(-1);
        let plain = last !== undefined && operation(this.fn, last).op === "yield";
        walk(this.fn, body, ({ op, attributes }) => {
            if (ONCE.has(op) || op === "return" || op === "unreachable" || attributes.target === loop) plain = false;
        });
        return plain;
    }

    /** Whether a loop by ones does nothing to memory, and reads elements that are the same for all work-items. */
    #readsForAll(id: OpId, { op, operands, regions: [body] }: Operation): boolean {
        const [start, end, step] = operands;
        if (op !== "for" || start === undefined || end === undefined || step === undefined || body === undefined)
            return false;
        const [counter] = region(this.fn, body).parameters;
        if (counter === undefined || this.#constant(step) !== 1n || !this.#isPlain(id, body)) return false;
        if (![start, end].every((bound) => this.#isUniform(bound, null))) return false;
        let plain = true;
        let reads = false;
        walk(this.fn, body, (inner) => {
            const [buffer, index] = inner.operands;
            const { effects } = OPS[inner.op];
            if (inner.regions.length > 0 || !(effects === "pure" || effects === "read" || inner.op === "yield"))
                plain = false;
            if (inner.op !== "load" || buffer === undefined || index === undefined) return;
            const type = typeOf(this.fn, buffer);
            if (isBuffer(type) && type.space === "global" && this.#isUniform(index, counter)) reads = true;
        });
        return plain && reads;
    }

    /** Whether a value is the same for all work-items of a workgroup in one round of the loop that counts so. */
    #isUniform(value: ValueId, counter: ValueId | null): boolean {
        if (value === counter) return true;
        const op = this.#definitions.get(value);
        if (op === undefined) return this.fn.kernel !== null && this.fn.parameters.some((each) => each.value === value);
        if (op.op === "local_id" || op.op === "lane_id" || OPS[op.op].effects !== "pure") return false;
        return op.operands.every((operand) => this.#isUniform(operand, counter));
    }

    #unroll(op: Operation, rounds: number): void {
        const { fn } = this;
        this.changed = true;
        const [start, , step, ...initial] = op.operands;
        const [body] = op.regions;
        if (start === undefined || step === undefined || body === undefined) throw new Error("an incomplete for");
        const { parameters, operations } = region(fn, body);
        const [counter, ...carried] = parameters;
        if (counter === undefined) throw new Error("a for without a counter");
        const by = this.#constant(step) ?? 0n;
        let values: readonly ValueId[] = initial;
        for (let round = 0; round < rounds; round++) {
            const renaming: Renaming = new Map([[counter, this.#counterOf(op, start, BigInt(round) * by)]]);
            carried.forEach((value, at) => {
                const now = values[at];
                if (now !== undefined) renaming.set(value, now);
            });
            for (const each of operations.slice(0, -1)) this.#out.push(cloneOperation(fn, each, renaming));
            const exit = operation(fn, operations.at(-1) as OpId);
            values = exit.operands.map((operand) => renaming.get(operand) ?? operand);
        }
        op.results.forEach((result, at) => {
            const value = values[at];
            if (value !== undefined) this.#same.set(result, value);
        });
    }

    /** So far behind the start. */
    #counterOf({ span }: Operation, start: ValueId, distance: bigint): ValueId {
        const first = this.#constant(start);
        const append = (op: OpName, operands: readonly ValueId[], value?: bigint) => {
            const result = (this.fn.values.push({ type: typeOf(this.fn, start), span }) - 1) as ValueId;
            const attributes = value === undefined ? {} : { value };
            const made = { op, operands, results: [result], attributes, regions: [], span };
            this.#out.push((this.fn.operations.push(made) - 1) as OpId);
            return result;
        };
        if (first !== null) return append("const", [], first + distance);
        return distance === 0n ? start : append("add", [start, append("const", [], distance)]);
    }
}

/** Of a loop from `start` to below `end`. */
function roundsBetween(start: bigint, end: bigint, step: bigint): bigint {
    return end <= start ? 0n : (end - start + step - 1n) / step;
}
