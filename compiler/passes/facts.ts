// What is known to be so at a place in a function: inequalities between integers, as sums of values. A value is known by
// its number: two operations that compute the same from the same have one number. Sums, differences and multiples are
// taken apart where ranges show that they can't wrap, so all arithmetic here is that of unbounded integers.

import type { Definitions } from "../ir/definitions.js";
import {
    type IrFunction,
    type Operation,
    type OpId,
    type Range,
    scalarOf,
    typeOf,
    type ValueId,
} from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import { isInteger } from "../ir/types.js";
import type { Analyses } from "./analyses.js";
import { Numbers } from "./numbers.js";
import { exactly, rangeOfType, within } from "./range.js";
import type { Ranges } from "./range-analysis.js";

/** A sum of numbered values, each times a factor that is not 0, and a constant. */
export interface Sum {
    readonly terms: ReadonlyMap<number, bigint>;
    readonly constant: bigint;
}

/** The sum of these terms is at most `most`. */
interface Fact {
    readonly terms: Sum["terms"];
    readonly most: bigint;
}

/** More facts than this are not looked at: the last ones are the nearest. */
const MOST_FACTS = 32;
/** How many facts are put together for a proof. */
const HELP = 3;
/** Longer sums are a value of their own. */
const MOST_TERMS = 8;

export class Facts {
    readonly definitions: Definitions;
    readonly ranges: Ranges;
    readonly #numbers: Numbers;
    /** By number: what the value can be wherever it exists. */
    readonly #ranges: (Range | undefined)[] = [];
    readonly #sums = new Map<ValueId, Sum>();
    readonly #facts: Fact[] = [];

    constructor(
        readonly fn: IrFunction,
        { definitions, ranges }: Analyses,
    ) {
        this.definitions = definitions;
        this.ranges = ranges;
        this.#numbers = new Numbers(fn, this.definitions);
    }

    /** To be forgotten up to here. */
    get mark(): number {
        return this.#facts.length;
    }

    forget(mark: number): void {
        this.#facts.length = mark;
    }

    /** Two values that are the same, of which the second is not known yet. */
    equate(value: ValueId, same: ValueId): void {
        this.#numbers.equate(value, same);
        this.#sums.set(same, this.sum(value));
    }

    /** `left` is at most `right` plus a constant. */
    learn(left: ValueId, right: ValueId, plus: bigint): void {
        if (this.#isInteger(left) && this.#isInteger(right))
            this.#learn(difference(this.sum(left), this.sum(right)), plus);
    }

    /** `value` is at least the constant. */
    learnLeast(value: ValueId, least: bigint): void {
        this.#learn(difference(NOTHING, this.sum(value)), -least);
    }

    /** Whether `left` is at most `right` plus a constant for certain. */
    proves(left: ValueId, right: ValueId, plus: bigint): boolean {
        const [greater, lesser] = [this.#operandsOf("max", left), this.#operandsOf("min", right)];
        if (greater) return greater.every((operand) => this.proves(operand, right, plus));
        if (lesser) return lesser.every((operand) => this.proves(left, operand, plus));
        return this.#proves(difference(this.sum(left), this.sum(right)), plus, HELP);
    }

    /** Whether `value` is at least the constant for certain. */
    provesLeast(value: ValueId, least: bigint): boolean {
        const lesser = this.#operandsOf("min", value);
        if (lesser) return lesser.every((operand) => this.provesLeast(operand, least));
        return this.#proves(difference(NOTHING, this.sum(value)), -least, HELP);
    }

    #operandsOf(op: OpName, value: ValueId): readonly ValueId[] | null {
        const definition = this.definitions.get(value);
        return definition?.op === op && this.#isInteger(value) ? definition.operands : null;
    }

    #learn({ terms, constant }: Sum, most: bigint): void {
        if (terms.size > 0) this.#facts.push({ terms, most: most - constant });
    }

    /** With the help of so many facts at most, one after the other. */
    #proves(sum: Sum, most: bigint, help: number): boolean {
        const highest = this.#highest(sum);
        if (highest !== null && highest <= most) return true;
        if (help === 0) return false;
        return this.#facts.slice(-MOST_FACTS).some((fact) => {
            // A fact that takes nothing away does not help.
            const helps = [...fact.terms].some(([number, factor]) => (sum.terms.get(number) ?? 0n) * factor > 0n);
            if (!helps) return false;
            const rest = difference(sum, { terms: fact.terms, constant: 0n });
            return this.#proves(rest, most - fact.most, help - 1);
        });
    }

    /** By the ranges of the values alone. */
    #highest({ terms, constant }: Sum): bigint | null {
        let sum = constant;
        for (const [number, factor] of terms) {
            const range = this.#ranges[number];
            if (!range) return null;
            sum += factor * (factor > 0n ? range.max : range.min);
        }
        return sum;
    }

    sum(value: ValueId): Sum {
        const known = this.#sums.get(value);
        if (known) return known;
        const sum = this.#takeApart(value) ?? { terms: new Map([[this.#number(value), 1n]]), constant: 0n };
        this.#sums.set(value, sum);
        return sum;
    }

    #takeApart(value: ValueId): Sum | null {
        const op = this.definitions.get(value);
        if (!op) return null;
        const constant = op.attributes.value;
        if (typeof constant === "bigint") return { terms: new Map(), constant };
        const [a, b] = op.operands;
        if (a === undefined || !this.#isInteger(value) || !this.#isInteger(a) || !this.#isExact(op, value)) return null;
        const combined = this.#combined(op.op, a, b);
        return combined && combined.terms.size <= MOST_TERMS ? combined : null;
    }

    #combined(op: OpName, a: ValueId, b: ValueId | undefined): Sum | null {
        if (op === "convert") return this.sum(a);
        if (op === "neg") return scaled(this.sum(a), -1n);
        if (b === undefined) return null;
        const [left, right] = [this.sum(a), this.sum(b)];
        if (op === "add") return difference(left, scaled(right, -1n));
        if (op === "sub") return difference(left, right);
        if (op !== "mul") return null;
        if (right.terms.size === 0) return scaled(left, right.constant);
        return left.terms.size === 0 ? scaled(right, left.constant) : null;
    }

    /** Whether the operation gives what it would give in unbounded integers. */
    #isExact({ op, operands }: Operation, result: ValueId): boolean {
        const type = rangeOfType(scalarOf(this.fn, result));
        const [a, b] = operands.map((operand) => this.ranges.of(operand));
        if (!a) return false;
        if (op === "convert") return within(a, type);
        if (op === "neg") return within({ min: -a.max, max: -a.min }, type);
        if (!b) return false;
        if (op === "add") return within({ min: a.min + b.min, max: a.max + b.max }, type);
        if (op === "sub") return within({ min: a.min - b.max, max: a.max - b.min }, type);
        if (op !== "mul") return false;
        const products = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max];
        return products.every((product) => within(exactly(product), type));
    }

    #number(value: ValueId): number {
        const number = this.#numbers.of(value);
        this.#ranges[number] ??= this.ranges.of(value) ?? rangeOfType(scalarOf(this.fn, value));
        return number;
    }

    #isInteger(value: ValueId): boolean {
        return isInteger(typeOf(this.fn, value));
    }
}

const NOTHING: Sum = { terms: new Map(), constant: 0n };

function difference(a: Sum, b: Sum): Sum {
    const terms = new Map(a.terms);
    for (const [number, factor] of b.terms) {
        const left = (terms.get(number) ?? 0n) - factor;
        if (left === 0n) terms.delete(number);
        else terms.set(number, left);
    }
    return { terms, constant: a.constant - b.constant };
}

function scaled({ terms, constant }: Sum, factor: bigint): Sum {
    if (factor === 0n) return NOTHING;
    return { terms: new Map([...terms].map(([number, each]) => [number, each * factor])), constant: constant * factor };
}

/** What an operation's own meaning says of its result. */
export function learnOfResult(facts: Facts, id: OpId, { op, operands, results }: Operation): void {
    const [result] = results;
    const [a, b] = operands;
    if (result === undefined || a === undefined || b === undefined || !isInteger(typeOf(facts.fn, result))) return;
    if (op === "min" || op === "max") {
        for (const operand of [a, b]) {
            if (op === "min") facts.learn(result, operand, 0n);
            else facts.learn(operand, result, 0n);
        }
    }
    const divisor = facts.ranges.at(id, b);
    if (op === "rem" && divisor && divisor.min >= 1n) facts.learn(result, b, -1n);
}
