// Goes through a function with what holds at each place of it (facts.ts): the conditions of the branches and loops around
// it, those of branches that left before it, and what operations before it mean.

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
import type { Analyses } from "./analyses.js";
import { Facts, learnOfResult } from "./facts.js";

const OPPOSITE: Partial<Record<OpName, OpName>> = { lt: "ge", ge: "lt", gt: "le", le: "gt", ne: "eq" };

export abstract class FactWalk {
    protected readonly facts: Facts;
    /** How many operations were left out. */
    removed = 0;

    constructor(
        readonly fn: IrFunction,
        known: Analyses,
    ) {
        this.facts = new Facts(fn, known);
    }

    /** Whether an operation stays where it is; it may be changed and tell facts. Those before it have been visited. */
    protected abstract keeps(id: OpId, op: Operation): boolean;

    /** Whether control comes to the region's end. `begin` says what holds in it. */
    region(id: RegionId, begin: () => void = () => undefined): boolean {
        const { mark } = this.facts;
        begin();
        const { parameters, operations } = region(this.fn, id);
        const kept = operations.filter((opId) => this.#visit(opId, operation(this.fn, opId)));
        if (kept.length < operations.length) {
            this.removed += operations.length - kept.length;
            this.fn.regions[id] = { parameters, operations: kept };
        }
        this.facts.forget(mark);
        const last = kept.at(-1);
        return last !== undefined && operation(this.fn, last).op === "yield";
    }

    #visit(id: OpId, op: Operation): boolean {
        switch (op.op) {
            case "if":
                this.#if(op);
                return true;
            case "for":
                this.#for(id, op);
                return true;
            case "while":
                this.#while(op);
                return true;
            default: {
                const keeps = this.keeps(id, op);
                if (keeps) learnOfResult(this.facts, id, op);
                return keeps;
            }
        }
    }

    #if(op: Operation): void {
        const [condition] = op.operands;
        const [then, otherwise] = op.regions;
        if (condition === undefined || then === undefined || otherwise === undefined) return;
        const continues = [
            this.region(then, () => this.#assume(condition, true)),
            this.region(otherwise, () => this.#assume(condition, false)),
        ];
        // Where only one branch goes on, what follows knows which.
        if (continues[0] !== continues[1]) this.#assume(condition, continues[0] === true);
    }

    #for(id: OpId, op: Operation): void {
        const [start, end, step] = op.operands;
        const [body] = op.regions;
        if (start === undefined || end === undefined || step === undefined || body === undefined) return;
        const [counter] = region(this.fn, body).parameters;
        const range = this.facts.ranges.at(id, step);
        this.region(body, () => {
            if (counter === undefined || !range) return;
            // A step of 0 runs no round.
            if (range.min >= 0n) {
                this.facts.learn(counter, end, -1n);
                this.facts.learn(start, counter, 0n);
            } else if (range.max <= 0n) {
                this.facts.learn(end, counter, -1n);
                this.facts.learn(counter, start, 0n);
            }
        });
    }

    /** In the body the test holds, for the values that it yielded, which are the body's parameters. */
    #while(op: Operation): void {
        const [test, body] = op.regions;
        if (test === undefined || body === undefined) return;
        this.region(test);
        const last = region(this.fn, test).operations.at(-1);
        const exit = last === undefined ? null : operation(this.fn, last);
        const [condition, ...yielded] = exit?.op === "yield" ? exit.operands : [];
        this.region(body, () => {
            if (condition === undefined) return;
            region(this.fn, body).parameters.forEach((parameter, at) => {
                const value = yielded[at];
                if (value !== undefined) this.facts.equate(value, parameter);
            });
            this.#assume(condition, true);
        });
    }

    #assume(condition: ValueId, holds: boolean): void {
        const op = this.facts.definitions.get(condition);
        const [a, b] = op?.operands ?? [];
        if (!op || a === undefined) return;
        if (op.op === "not") this.#assume(a, !holds);
        if (op.op === "if") this.#assumeJoined(op, op.results.indexOf(condition), holds);
        if (b === undefined) return;
        if (op.op === (holds ? "and" : "or")) {
            this.#assume(a, holds);
            this.#assume(b, holds);
            return;
        }
        switch (holds ? op.op : OPPOSITE[op.op]) {
            case "lt":
                this.facts.learn(a, b, -1n);
                break;
            case "le":
                this.facts.learn(a, b, 0n);
                break;
            case "gt":
                this.facts.learn(b, a, -1n);
                break;
            case "ge":
                this.facts.learn(b, a, 0n);
                break;
            case "eq":
                this.facts.learn(a, b, 0n);
                this.facts.learn(b, a, 0n);
                break;
            default:
        }
    }

    /** `a && b` and `a || b` are branches of which one gives a constant: where it isn't the outcome, the other was taken. */
    #assumeJoined(op: Operation, at: number, holds: boolean): void {
        const [condition] = op.operands;
        const yielded = op.regions.map((id) => {
            const last = region(this.fn, id).operations.at(-1);
            return last === undefined ? undefined : operation(this.fn, last).operands[at];
        });
        yielded.forEach((value, branch) => {
            const other = yielded[1 - branch];
            const constant = other === undefined ? undefined : this.facts.definitions.get(other)?.attributes.value;
            if (condition === undefined || value === undefined || constant !== !holds) return;
            this.#assume(condition, branch === 0);
            this.#assume(value, holds);
        });
    }
}
