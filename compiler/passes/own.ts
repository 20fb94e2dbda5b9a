// Elements of shared arrays that are one work-item's own: where all that is written to an array is written at one index that
// differs between the work-items, as in `buf[local_id()] = x`, nobody else changes a work-item's element. What it holds is
// then what the work-item wrote last, which is kept in an array of its own, a register to LLVM: reading it back takes no
// access to LDS. Others read the shared array as before.

import {
    type Attributes,
    altered,
    attribute,
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
import type { OpName } from "../ir/ops.js";
import { bitsOf, type IrScalar, type IrType, isBuffer, isInteger, isScalar } from "../ir/types.js";
import type { Analyses } from "./analyses.js";
import { Numbers } from "./numbers.js";
import type { Pass } from "./pass.js";

export const own: Pass = {
    name: "own",
    optimises: true,
    run: (fn, { known }) => {
        if (fn.kernel === null || known.count("alloc") === 0 || known.count("load") === 0) return false;
        return new Ownership(fn, fn.kernel.workgroup, known).run();
    },
};

/** Sums stay below this, so that no type of 32 bits and more wraps. */
const MOST = 2n ** 31n;

/** A shared array that is only loaded from and stored to. */
interface SharedArray {
    readonly alloc: OpId;
    readonly element: IrScalar;
    readonly loads: OpId[];
    readonly stores: OpId[];
}

/** `Σ factors · local_id + constant`, none of which is negative. */
interface Linear {
    readonly factors: readonly [bigint, bigint, bigint];
    readonly constant: bigint;
}

class Ownership {
    readonly #numbers: Numbers;
    /** By shared array and by operation: the array of the work-item's own that stands for it. */
    readonly #made = new Map<
        OpId,
        { readonly array: ValueId; readonly zero: ValueId; readonly ops: readonly OpId[] }
    >();
    readonly #owned = new Map<OpId, OpId>();

    constructor(
        readonly fn: IrFunction,
        readonly workgroup: readonly [number, number, number],
        readonly known: Analyses,
    ) {
        this.#numbers = new Numbers(fn, known.definitions);
    }

    /** Gives whether anything changed. */
    run(): boolean {
        for (const array of this.#arrays()) {
            const own = this.#ownAccesses(array);
            if (own.length === 0) continue;
            this.#make(array);
            for (const each of own) this.#owned.set(each, array.alloc);
        }
        if (this.#made.size > 0) this.#rewrite(this.fn.body);
        return this.#made.size > 0;
    }

    #arrays(): readonly SharedArray[] {
        const arrays = new Map<ValueId, SharedArray>();
        walk(this.fn, this.fn.body, (op, id) => {
            const [buffer, ...rest] = op.operands;
            const [result] = op.results;
            if (op.op === "alloc" && result !== undefined) {
                const element = sharedElement(typeOf(this.fn, result));
                if (element !== null) arrays.set(result, { alloc: id, element, loads: [], stores: [] });
                return;
            }
            const array = buffer === undefined ? undefined : arrays.get(buffer);
            if (op.op === "load") array?.loads.push(id);
            else if (op.op === "store") array?.stores.push(id);
            else if (buffer !== undefined) arrays.delete(buffer);
            for (const operand of rest) arrays.delete(operand);
        });
        return [...arrays.values()];
    }

    /** Loads and stores of each work-item's own element, if it has one and reads it. */
    #ownAccesses({ loads, stores }: SharedArray): readonly OpId[] {
        const [first, ...others] = stores.map((id) => this.#indexOf(id));
        if (first === undefined || !this.#differs(first)) return [];
        const number = this.#numbers.of(first);
        const isOwn = (index: ValueId) => this.#numbers.of(index) === number;
        if (!others.every(isOwn)) return [];
        const reads = loads.filter((id) => isOwn(this.#indexOf(id)));
        return reads.length === 0 ? [] : [...reads, ...stores];
    }

    #indexOf(access: OpId): ValueId {
        const [, index] = operation(this.fn, access).operands;
        if (index === undefined) throw new Error("an access without an index");
        return index;
    }

    /** Whether a value is another one for each work-item of a workgroup, and always the same for each. */
    #differs(value: ValueId): boolean {
        const linear = this.#linear(value);
        if (linear === null) return false;
        const axes = this.workgroup
            .map((size, axis) => ({ size: BigInt(size), factor: linear.factors[axis] ?? 0n }))
            .filter(({ size }) => size > 1n)
            .sort((a, b) => (a.factor < b.factor ? -1 : 1));
        let reach = 0n;
        return axes.every(({ size, factor }) => {
            const free = factor > reach;
            reach += factor * (size - 1n);
            return free;
        });
    }

    #linear(value: ValueId): Linear | null {
        const type = typeOf(this.fn, value);
        const op = this.known.definitions.get(value);
        if (op === undefined || !isInteger(type) || !isScalar(type) || bitsOf(type) < 32) return null;
        const linear = this.#combined(op);
        if (linear === null || linear.constant < 0n || linear.factors.some((factor) => factor < 0n)) return null;
        const highest = this.workgroup.reduce(
            (sum, size, axis) => sum + (linear.factors[axis] ?? 0n) * BigInt(size - 1),
            linear.constant,
        );
        return highest < MOST ? linear : null;
    }

    #combined({ op, operands: [a, b], attributes: { axis, value } }: Operation): Linear | null {
        if (op === "local_id") return { factors: [unit(axis, 0), unit(axis, 1), unit(axis, 2)], constant: 0n };
        if (typeof value === "bigint") return { factors: [0n, 0n, 0n], constant: value };
        if (a === undefined) return null;
        if (op === "convert") return this.#linear(a);
        if (b === undefined || (op !== "add" && op !== "mul")) return null;
        const [left, right] = [this.#linear(a), this.#linear(b)];
        if (left === null || right === null) return null;
        if (op === "add") return sum(left, right);
        if (right.factors.every((factor) => factor === 0n)) return scaled(left, right.constant);
        return left.factors.every((factor) => factor === 0n) ? scaled(right, left.constant) : null;
    }

    /** An array of one element, and the index of it. */
    #make({ alloc, element }: SharedArray): void {
        const op = operation(this.fn, alloc);
        const append = (name: OpName, attributes: Attributes, type: IrType): [ValueId, OpId] => {
            const result = (this.fn.values.push({ type, span: op.span }) - 1) as ValueId;
            const made = { op: name, operands: [], results: [result], attributes, regions: [], span: op.span };
            return [result, (this.fn.operations.push(made) - 1) as OpId];
        };
        const attributes = { count: 1, name: attribute(op, "name") };
        const [array, first] = append("alloc", attributes, { space: "private", element });
        const [zero, second] = append("const", { value: 0n }, "index");
        this.#made.set(alloc, { array, zero, ops: [first, second] });
    }

    #rewrite(id: RegionId): void {
        const { parameters, operations } = region(this.fn, id);
        const out = operations.flatMap((opId) => {
            const op = operation(this.fn, opId);
            for (const inner of op.regions) this.#rewrite(inner);
            const made = this.#made.get(opId);
            if (made !== undefined) return [opId, ...made.ops];
            const own = this.#made.get(this.#owned.get(opId) ?? (-1 as OpId));
            if (own === undefined) return [opId];
            const [, , ...stored] = op.operands;
            // How the shared array is aligned says nothing of this one.
            const access = altered(op, { operands: [own.array, own.zero, ...stored], attributes: {} });
            if (op.op === "store") return [opId, (this.fn.operations.push(access) - 1) as OpId];
            this.fn.operations[opId] = access;
            return [opId];
        });
        this.fn.regions[id] = { parameters, operations: out };
    }
}

/** What a shared array of the function's own has; null for any other value. */
function sharedElement(type: IrType): IrScalar | null {
    return isBuffer(type) && type.space === "shared" && type.element !== "bytes" ? type.element : null;
}

function unit(axis: number | undefined, at: number): bigint {
    return axis === at ? 1n : 0n;
}

function sum(a: Linear, b: Linear): Linear {
    const [x, y, z] = a.factors;
    return {
        factors: [x + b.factors[0], y + b.factors[1], z + b.factors[2]],
        constant: a.constant + b.constant,
    };
}

function scaled({ factors: [x, y, z], constant }: Linear, by: bigint): Linear {
    return { factors: [x * by, y * by, z * by], constant: constant * by };
}
