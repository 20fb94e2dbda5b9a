// `index` arithmetic in 32 bits where ranges prove that nothing is lost: 64-bit integers take two registers and several
// instructions each on every AMDGPU target. A narrowed value is computed as u32 (or i32 where it can be negative) and
// converted back for whoever still needs it wide; dead code goes later. Elements of global memory need but the low half
// of their index (see demand.ts): after this pass such an index reads `convert` of a u32, or that plus a constant,
// which is what becomes a scalar base with a 32-bit offset.
//
// What it buys, in instructions of the code for gfx1100 at -O3 (without s_delay_alu), with `--disable narrow` beside:
// saxpy 17 (24), three-point stencil 20 (30), sobel 96 (168), matmul_naive 41 (67), transpose 70 (97).

import type { Definitions } from "../ir/definitions.js";
import {
    type Attributes,
    altered,
    attribute,
    type IrFunction,
    type Operation,
    type OpId,
    operation,
    type Range,
    type RegionId,
    region,
    scalarOf,
    typeOf,
    type ValueId,
    walk,
} from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import { type IrScalar, type IrType, isFloat } from "../ir/types.js";
import type { Target } from "../targets/targets.js";
import type { Analyses } from "./analyses.js";
import {
    countersByOne,
    type Element,
    globalAccess,
    isWide,
    lowHalvesNeeded,
    madeOfNarrow,
    splitElement,
} from "./demand.js";
import type { Pass } from "./pass.js";
import { rangeOfType, within } from "./range.js";
import type { Ranges } from "./range-analysis.js";
import { greatestStep } from "./steps.js";

export const narrow: Pass = {
    name: "narrow",
    run: (fn, { target, known }) => {
        if (!fn.values.some(({ type }) => isWide(type))) return false;
        new Narrowing(fn, target, known).run();
        return true;
    },
};

type Narrow = "u32" | "i32";
/** The narrow types of what a region hands on; null for what stays as it is. */
type Handed = readonly (Narrow | null)[];

/** With exact operands and an exact result, these give the same in 32 bits as in 64. */
const ARITHMETIC: ReadonlySet<OpName> = new Set<OpName>([
    "add",
    "sub",
    "mul",
    "div",
    "rem",
    "neg",
    "abs",
    "min",
    "max",
    "and",
    "or",
    "xor",
    "shl",
    "shr",
    "select",
]);
const COMPARISONS: ReadonlySet<OpName> = new Set<OpName>(["eq", "ne", "lt", "le", "gt", "ge"]);

class Narrowing {
    readonly #definitions: Definitions;
    readonly #ranges: Ranges;
    readonly #elements = new Map<OpId, Element>();
    readonly #needed: ReadonlySet<ValueId>;
    /** Values in 32 bits: exact ones, and low halves. */
    readonly #narrow = new Map<ValueId, ValueId>();
    readonly #low = new Map<ValueId, ValueId>();
    /** Conversions and constants that stand in this region or around it, and in the order in which they were made. */
    readonly #made = new Map<string | number, ValueId>();
    readonly #order: (string | number)[] = [];
    readonly #jumps = new Map<OpId, Handed>();
    #out: OpId[] = [];

    constructor(
        readonly fn: IrFunction,
        { addressing }: Target,
        { definitions, ranges }: Analyses,
    ) {
        this.#definitions = definitions;
        this.#ranges = ranges;
        // Addresses that a loop counts up are pointers, where the target has room for constants beside those.
        this.#findElements(addressing === "pointer" ? countersByOne(fn, this.#definitions) : new Set());
        this.#needed = lowHalvesNeeded(fn, this.#elements, this.#definitions);
    }

    #findElements(counted: ReadonlySet<ValueId>): void {
        const made = madeOfNarrow(this.fn, this.#ranges, counted);
        walk(this.fn, this.fn.body, (op, id) => {
            const type = globalAccess(this.fn, op);
            const index = op.operands[1];
            if (!type || index === undefined) return;
            const element = splitElement(index, type, this.#definitions, this.#ranges);
            if (element.terms.every((term) => made.has(term))) this.#elements.set(id, element);
        });
    }

    run(): void {
        this.#region(this.fn.body, []);
    }

    /** `begin` writes what belongs at the region's start. */
    #region(id: RegionId, yields: Handed, begin: () => void = () => undefined): void {
        const { parameters, operations } = region(this.fn, id);
        const outer = this.#out;
        const before = this.#order.length;
        this.#out = [];
        begin();
        for (const opId of operations) this.#operation(opId, operation(this.fn, opId), yields);
        this.fn.regions[id] = { parameters, operations: this.#out };
        this.#out = outer;
        for (const key of this.#order.splice(before)) this.#made.delete(key);
    }

    #operation(id: OpId, op: Operation, yields: Handed): void {
        switch (op.op) {
            case "if":
                this.#if(id, op);
                break;
            case "for":
                this.#for(id, op);
                break;
            case "while":
                this.#while(id, op);
                break;
            case "yield":
                if (op.operands.length === 0) this.#keep(id, op);
                else this.#keep(id, altered(op, { operands: this.#hand(op, op.operands, yields) }));
                break;
            case "break":
            case "continue": {
                const handed = this.#jumps.get(attribute(op, "target")) ?? [];
                this.#keep(id, altered(op, { operands: this.#hand(op, op.operands, handed) }));
                break;
            }
            case "convert":
                this.#convert(id, op);
                break;
            default:
                if (ARITHMETIC.has(op.op)) this.#arithmetic(id, op);
                else if (COMPARISONS.has(op.op) || op.op === "check") this.#comparison(id, op);
                else this.#keep(id, this.#elements.has(id) ? this.#access(id, op) : op);
        }
    }

    #arithmetic(id: OpId, op: Operation): void {
        const [result] = op.results;
        if (result === undefined || !isWide(typeOf(this.fn, result))) {
            this.#keep(id, op);
            return;
        }
        const wide = op.operands.filter((operand) => isWide(typeOf(this.fn, operand)));
        const type = this.#fit([this.#ranges.of(result), ...wide.map((operand) => this.#ranges.at(id, operand))]);
        if (type && this.#shiftsLess(id, op)) {
            const operands = op.operands.map((operand) =>
                isWide(typeOf(this.fn, operand)) ? this.#narrowed(operand, type, op) : operand,
            );
            this.#replace(id, op, result, this.#emit(op.op, operands, type, op));
            return;
        }
        this.#keep(id, op);
        if (!this.#needed.has(result)) return;
        const halves = op.operands.map((operand) => this.#lowHalf(operand, op));
        this.#low.set(result, this.#emit(op.op, halves, "u32", op));
    }

    /** A shift's count is modulo the width, so it must mean the same in both. */
    #shiftsLess(id: OpId, { op, operands }: Operation): boolean {
        if (op !== "shl" && op !== "shr") return true;
        const range = operands[1] === undefined ? undefined : this.#ranges.at(id, operands[1]);
        return range !== undefined && within(range, { min: 0n, max: 31n });
    }

    #comparison(id: OpId, op: Operation): void {
        const type = op.operands.every((operand) => isWide(typeOf(this.fn, operand)))
            ? this.#fit(op.operands.map((operand) => this.#ranges.at(id, operand)))
            : null;
        if (type === null) this.#keep(id, op);
        else this.#keep(id, altered(op, { operands: op.operands.map((operand) => this.#narrowed(operand, type, op)) }));
    }

    /** To a wide type: from the value in 32 bits. From a wide type: from its narrow form, which is cheaper to floats. */
    #convert(id: OpId, op: Operation): void {
        const [operand] = op.operands;
        const [result] = op.results;
        if (operand === undefined || result === undefined || isFloat(typeOf(this.fn, operand))) {
            this.#keep(id, op);
            return;
        }
        const toWide = isWide(typeOf(this.fn, result));
        const range = this.#ranges.at(id, operand);
        const type = this.#fit(toWide ? [range, this.#ranges.of(result)] : [range]);
        const from = scalarOf(this.fn, operand);
        if (!type || (!toWide && !isWide(from))) this.#keep(id, op);
        else if (!toWide) this.#keep(id, altered(op, { operands: [this.#narrowed(operand, type, op)] }));
        else if (from === type) {
            this.#narrow.set(result, operand);
            this.#keep(id, op);
        } else this.#replace(id, op, result, this.#narrowed(operand, type, op));
    }

    #access(id: OpId, op: Operation): Operation {
        const element = this.#elements.get(id);
        const [buffer, index, ...rest] = op.operands;
        if (!element || buffer === undefined || index === undefined) return op;
        const { terms, offset } = element;
        if (offset === 0n && (this.#narrow.has(index) || !this.#low.has(index))) return op;
        const halves = terms.map((term) => this.#lowHalf(term, op));
        const core = halves.reduce((sum, half) => this.#emit("add", [sum, half], "u32", op));
        const whole = this.#emit("convert", [core], "index", op);
        const sum =
            offset === 0n ? whole : this.#emit("add", [whole, this.#constant(offset, "index", op)], "index", op);
        return altered(op, { operands: [buffer, sum, ...rest] });
    }

    #if(id: OpId, op: Operation): void {
        const handed = op.results.map((result) => this.#fitWide([result]));
        for (const inner of op.regions) this.#region(inner, handed);
        this.#finish(id, op, op.operands, handed);
    }

    #for(id: OpId, op: Operation): void {
        const bounds = op.operands.slice(0, 3);
        const initial = op.operands.slice(3);
        const [body] = op.regions;
        if (body === undefined) throw new Error("a for without a body");
        const [counter, ...carried] = region(this.fn, body).parameters;
        if (counter === undefined) throw new Error("a for without a counter");
        const counts = isWide(typeOf(this.fn, counter))
            ? this.#fit([this.#ranges.of(counter), ...bounds.map((bound) => this.#ranges.at(id, bound))])
            : null;
        const handed = carried.map((value, at) => this.#fitWide([value, op.results[at]]));
        const counting = this.#hand(op, bounds, [counts, counts, counts]);
        const nowrap = this.#keepInType(id, op, counting);
        const operands = [...counting, ...this.#hand(op, initial, handed)];
        this.#jumps.set(id, handed);
        this.#narrowRegion(body, [counts, ...handed], handed, op);
        this.#finish(id, nowrap ? altered(op, { attributes: { ...op.attributes, nowrap } }) : op, operands, handed);
    }

    /** Whether the counter stays in its type, if need be by cutting the step, which is the last of `counting`. */
    #keepInType(id: OpId, op: Operation, counting: ValueId[]): true | undefined {
        const [start, end, step] = op.operands.slice(0, 3).map((bound) => this.#ranges.at(id, bound));
        const by = counting[2];
        if (by === undefined || !start || !end || !step) return undefined;
        const type = scalarOf(this.fn, by);
        const greatest = greatestStep(type, start, end, step);
        if (greatest === null) return undefined;
        if (step.max > greatest) counting[2] = this.#emit("min", [by, this.#constant(greatest, type, op)], type, op);
        return true;
    }

    #while(id: OpId, op: Operation): void {
        const [test, body] = op.regions;
        if (test === undefined || body === undefined) throw new Error("an incomplete while");
        const [tested, carried] = [region(this.fn, test).parameters, region(this.fn, body).parameters];
        const handed = tested.map((value, at) => this.#fitWide([value, carried[at], op.results[at]]));
        const operands = this.#hand(op, op.operands, handed);
        this.#jumps.set(id, handed);
        this.#narrowRegion(test, handed, [null, ...handed], op);
        this.#narrowRegion(body, handed, handed, op);
        this.#finish(id, op, operands, handed);
    }

    /** Gives a region parameters of narrow types; its operations find the wide ones converted at its start. */
    #narrowRegion(id: RegionId, types: Handed, yields: Handed, op: Operation): void {
        const { parameters, operations } = region(this.fn, id);
        const given = parameters.map((value, at) => {
            const type = types[at];
            return type ? this.#newValue(type, op) : value;
        });
        this.fn.regions[id] = { parameters: given, operations };
        this.#region(id, yields, () => this.#widen(parameters, given, op));
    }

    /** Puts an `if` or loop with narrow results in place; what follows finds the wide ones converted. */
    #finish(id: OpId, op: Operation, operands: readonly ValueId[], handed: Handed): void {
        const results = op.results.map((result, at) => {
            const type = handed[at];
            return type ? this.#newValue(type, op) : result;
        });
        this.#keep(id, altered(op, { operands, results }));
        this.#widen(op.results, results, op);
    }

    #widen(wide: readonly ValueId[], narrow: readonly ValueId[], { span }: Operation): void {
        wide.forEach((value, at) => {
            const from = narrow[at];
            if (from === undefined || from === value) return;
            this.#append({ op: "convert", operands: [from], results: [value], attributes: {}, regions: [], span });
            this.#narrow.set(value, from);
        });
    }

    #hand(op: Operation, values: readonly ValueId[], types: Handed): ValueId[] {
        return values.map((value, at) => {
            const type = types[at];
            return type ? this.#narrowed(value, type, op) : value;
        });
    }

    /** The type that holds all the ranges. */
    #fit(ranges: readonly (Range | undefined)[]): Narrow | null {
        return fits(ranges, "u32") ? "u32" : fits(ranges, "i32") ? "i32" : null;
    }

    #fitWide(values: readonly (ValueId | undefined)[]): Narrow | null {
        const known = values.filter((value) => value !== undefined);
        if (known.length < values.length || !known.every((value) => isWide(typeOf(this.fn, value)))) return null;
        return this.#fit(known.map((value) => this.#ranges.of(value)));
    }

    /** A value that is known to be in a narrow type, in that type. */
    #narrowed(value: ValueId, type: Narrow, op: Operation): ValueId {
        const constant = this.#definitions.get(value)?.attributes.value;
        if (typeof constant === "bigint") return this.#constant(constant, type, op);
        return this.#converted(this.#narrow.get(value) ?? value, type, op);
    }

    #lowHalf(value: ValueId, op: Operation): ValueId {
        const constant = this.#definitions.get(value)?.attributes.value;
        if (typeof constant === "bigint") return this.#constant(BigInt.asUintN(32, constant), "u32", op);
        return this.#converted(this.#narrow.get(value) ?? this.#low.get(value) ?? value, "u32", op);
    }

    #converted(value: ValueId, type: Narrow, op: Operation): ValueId {
        if (typeOf(this.fn, value) === type) return value;
        const key = type === "u32" ? 2 * value : 2 * value + 1;
        const known = this.#made.get(key);
        return known ?? this.#note(key, this.#emit("convert", [value], type, op));
    }

    #constant(value: bigint, type: IrScalar, op: Operation): ValueId {
        const key = `${type} ${value}`;
        const known = this.#made.get(key);
        return known ?? this.#note(key, this.#emit("const", [], type, op, { value }));
    }

    #note(key: string | number, value: ValueId): ValueId {
        this.#made.set(key, value);
        this.#order.push(key);
        return value;
    }

    #replace(id: OpId, op: Operation, result: ValueId, from: ValueId): void {
        this.#narrow.set(result, from);
        this.#keep(id, {
            op: "convert",
            operands: [from],
            results: [result],
            attributes: {},
            regions: [],
            span: op.span,
        });
    }

    #keep(id: OpId, op: Operation): void {
        this.fn.operations[id] = op;
        this.#out.push(id);
    }

    #emit(op: OpName, operands: readonly ValueId[], type: IrType, { span }: Operation, attributes: Attributes = {}) {
        const result = this.#newValue(type, { span });
        this.#append({ op, operands, results: [result], attributes, regions: [], span });
        return result;
    }

    #append(op: Operation): void {
        this.#out.push((this.fn.operations.push(op) - 1) as OpId);
    }

    #newValue(type: IrType, { span }: Pick<Operation, "span">): ValueId {
        return (this.fn.values.push({ type, span }) - 1) as ValueId;
    }
}

function fits(ranges: readonly (Range | undefined)[], type: Narrow): boolean {
    const all = rangeOfType(type);
    return ranges.every((range) => range !== undefined && within(range, all));
}
