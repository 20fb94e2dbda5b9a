// Comparisons that need 64 bits only because a product could be large, as in `group_id() * 1024 + local_id() < n` where
// there can be any number of workgroups. What it is compared with fits 32 bits, so beyond that the product may as well stop
// growing: with `min(group_id(), k) * 1024`, k just large enough, the sum is the same as before, or too large as before.

import {
    altered,
    type IrFunction,
    type Operation,
    type OpId,
    type Range,
    type RegionId,
    typeOf,
    type ValueId,
} from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import type { Analyses } from "./analyses.js";
import { isWide } from "./demand.js";
import type { Pass } from "./pass.js";
import { rangeOfType, within } from "./range.js";
import { NOTHING, rewrite } from "./rewrite.js";

export const saturate: Pass = {
    name: "saturate",
    optimises: true,
    run: (fn, { known }) => {
        if (!fn.values.some(({ type }) => isWide(type))) return false;
        const saturation = new Saturation(fn, known);
        saturation.region(fn.body);
        return saturation.changed;
    },
};

/** Comparisons that only ask on which side of a limit a sum is. */
const COMPARISONS: ReadonlySet<OpName> = new Set<OpName>(["lt", "le", "gt", "ge"]);
const U32 = rangeOfType("u32");
/** Longer sums are left as they are. */
const MOST_TERMS = 8;

/** `value · factor`, of which the product doesn't fit 32 bits. */
interface Product {
    readonly value: ValueId;
    readonly factor: bigint;
}

class Saturation {
    changed = false;

    constructor(
        readonly fn: IrFunction,
        readonly known: Analyses,
    ) {}

    region(id: RegionId): void {
        rewrite(this.fn, id, (op, opId) => {
            for (const inner of op.regions) this.region(inner);
            return COMPARISONS.has(op.op) ? this.#compared(opId, op) : NOTHING;
        });
    }

    /**
     * Of two operands the one that is too large for 32 bits, if it is a sum with one product to blame, becomes another sum,
     * of the operations that are given.
     */
    #compared(id: OpId, op: Operation): readonly OpId[] {
        if (!op.operands.some((operand) => isWide(typeOf(this.fn, operand)))) return NOTHING;
        const { ranges } = this.known;
        const made: OpId[] = [];
        const operands = op.operands.map((sum, at) => {
            const other = op.operands[1 - at];
            const limit = other === undefined ? undefined : ranges.at(id, other);
            if (!isWide(typeOf(this.fn, sum)) || !limit || !within(limit, U32)) return sum;
            const range = ranges.at(id, sum);
            return !range || within(range, U32) ? sum : (this.#saturated(op, sum, limit.max, made) ?? sum);
        });
        if (made.length === 0) return NOTHING;
        this.fn.operations[id] = altered(op, { operands });
        this.changed = true;
        return made;
    }

    /** A sum that is the same up to `limit`, and above it where it was; null where it can't be had in 32 bits. */
    #saturated(op: Operation, sum: ValueId, limit: bigint, out: OpId[]): ValueId | null {
        const terms: ValueId[] = [];
        const products: Product[] = [];
        let rest: Range = { min: 0n, max: 0n };
        const pending = [sum];
        for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
            const definition = this.known.definitions.get(value);
            const range = this.known.ranges.of(value);
            if (!range || terms.length + products.length + pending.length > MOST_TERMS) return null;
            if (definition?.op === "add") {
                pending.push(...definition.operands.slice().reverse());
                continue;
            }
            const product = within(range, U32) ? null : this.#product(definition);
            if (product !== null) products.push(product);
            else {
                terms.push(value);
                rest = { min: rest.min + range.min, max: rest.max + range.max };
            }
        }
        const [product, ...others] = products;
        if (product === undefined || others.length > 0 || rest.min < 0n) return null;
        const most = limit / product.factor + 1n;
        return most * product.factor + rest.max > U32.max ? null : this.#sumOf(op, product, most, terms, out);
    }

    /** The product that an operation is, of a value that is not negative and a constant. */
    #product(op: Operation | undefined): Product | null {
        const [a, b] = op?.operands ?? [];
        if (op?.op !== "mul" || a === undefined || b === undefined) return null;
        for (const [value, by] of [
            [a, b],
            [b, a],
        ] as const) {
            const factor = this.known.definitions.get(by)?.attributes.value;
            const range = this.known.ranges.of(value);
            if (typeof factor === "bigint" && factor > 0n && range && range.min >= 0n) return { value, factor };
        }
        return null;
    }

    #sumOf(op: Operation, { value, factor }: Product, most: bigint, terms: readonly ValueId[], out: OpId[]): ValueId {
        const type = typeOf(this.fn, value);
        const append = (name: OpName, operands: readonly ValueId[], constant?: bigint): ValueId => {
            const result = (this.fn.values.push({ type, span: op.span }) - 1) as ValueId;
            const attributes = constant === undefined ? {} : { value: constant };
            const made = { op: name, operands, results: [result], attributes, regions: [], span: op.span };
            out.push((this.fn.operations.push(made) - 1) as OpId);
            return result;
        };
        const least = append("min", [value, append("const", [], most)]);
        const product = append("mul", [least, append("const", [], factor)]);
        return terms.reduce((sum, term) => append("add", [sum, term]), product);
    }
}
