// Space between the rows of shared arrays whose columns lanes access: a column of 32 floats in rows of 32 lies in one bank
// of LDS, which then serves one lane after the other; in rows of 33 it lies in all banks. Which accesses conflict is
// computed for the lanes of a wave from how far apart their indices are; rows are as long as those are. Only where every
// access of the array is known to stay within its row, so that each finds what others wrote.
//
// Banks: AMD's RDNA3 and CDNA3 ISA documents, "Local Data Share"; the virtual GPU counts conflicts by the same rule.

import type { Definitions } from "../ir/definitions.js";
import {
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
} from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import { sharedBytes } from "../ir/shared.js";
import { bytesOf, isBuffer } from "../ir/types.js";
import type { Target } from "../targets/targets.js";
import type { Analyses } from "./analyses.js";
import type { Pass } from "./pass.js";
import type { Ranges } from "./range-analysis.js";
import { NOTHING, rewrite } from "./rewrite.js";

export const pad: Pass = {
    name: "pad",
    optimises: true,
    run: (fn, { target, known }) => {
        if (fn.kernel === null || known.count("alloc") === 0 || sharedBytes(fn) === 0) return false;
        return new Padding(fn, target, fn.kernel.workgroup, known).run();
    },
};

const WORD = 4;
/** Lanes that LDS serves together, of accesses of a word. */
const LANES = 32;
/** What a loop holds counts as often as this, for each loop around it. */
const ROUNDS = 8;
/** Rows shorter than this would be padded by too much. */
const SMALLEST_ROW = 8n;
/** So many workgroups on a compute unit are enough, whatever LDS would allow without padding. */
const ENOUGH_WORKGROUPS = 8;
const ACCESSES: ReadonlySet<OpName> = new Set<OpName>([
    "load",
    "store",
    "atomic_rmw",
    "atomic_cas",
    "atomic_load",
    "atomic_store",
]);

/** An access's index: `Σ terms`, each a value times a factor, and a constant. */
interface Index {
    readonly terms: readonly { readonly value: ValueId; readonly factor: bigint }[];
    readonly constant: bigint;
}

interface Access {
    readonly id: OpId;
    readonly index: Index;
    /** How often it happens, beside others. */
    readonly weight: number;
}

/** Elements of a row, and of the space behind it. */
interface Rows {
    readonly row: bigint;
    readonly space: bigint;
}

/** How far an index moves from a work-item to the next along x and y. */
type Strides = readonly [x: bigint, y: bigint];

class Padding {
    readonly #definitions: Definitions;
    readonly #ranges: Ranges;
    /** The counters of loops, with their starts. */
    readonly #starts = new Map<ValueId, ValueId>();

    constructor(
        readonly fn: IrFunction,
        readonly target: Target,
        readonly workgroup: readonly [number, number, number],
        { definitions, ranges }: Analyses,
    ) {
        this.#definitions = definitions;
        this.#ranges = ranges;
    }

    /** Gives whether anything changed. */
    run(): boolean {
        const { fn } = this;
        const arrays = new Map<ValueId, OpId>();
        const accesses = new Map<ValueId, Access[]>();
        const others = new Set<ValueId>();
        this.#walk(fn.body, 1, (op, id, weight) => {
            const [buffer, index] = op.operands;
            const [result] = op.results;
            if (op.op === "alloc" && result !== undefined) {
                const type = typeOf(fn, result);
                if (isBuffer(type) && type.space === "shared" && type.element !== "bytes") arrays.set(result, id);
                return;
            }
            if (!ACCESSES.has(op.op) || buffer === undefined || index === undefined) {
                for (const operand of op.operands) others.add(operand);
                return;
            }
            const list = accesses.get(buffer) ?? [];
            accesses.set(buffer, list);
            list.push({ id, index: this.#indexOf(index), weight });
        });
        const padded = new Map<OpId, readonly [Index, Rows]>();
        for (const [array, id] of arrays) {
            const list = accesses.get(array) ?? [];
            const rows = others.has(array) ? null : this.#padded(id, list);
            if (rows !== null) for (const access of list) padded.set(access.id, [access.index, rows]);
        }
        if (padded.size > 0) this.#rewrite(fn.body, padded);
        return padded.size > 0;
    }

    #walk(id: RegionId, weight: number, visit: (op: Operation, id: OpId, weight: number) => void): void {
        for (const opId of region(this.fn, id).operations) {
            const op = operation(this.fn, opId);
            const loops = op.op === "for" || op.op === "while";
            if (op.op === "for" && op.operands[0] !== undefined) {
                const [counter] = region(this.fn, op.regions[0] as RegionId).parameters;
                if (counter !== undefined) this.#starts.set(counter, op.operands[0]);
            }
            visit(op, opId, weight);
            for (const inner of op.regions) this.#walk(inner, loops ? weight * ROUNDS : weight, visit);
        }
    }

    #constant(value: ValueId | undefined): bigint | null {
        const constant = value === undefined ? undefined : this.#definitions.get(value)?.attributes.value;
        return typeof constant === "bigint" ? constant : null;
    }

    #indexOf(value: ValueId, factor = 1n): Index {
        const op = this.#definitions.get(value);
        const [a, b] = op?.operands ?? [];
        const constant = this.#constant(value);
        if (constant !== null) return { terms: [], constant: constant * factor };
        if (op?.op === "add" && a !== undefined && b !== undefined) {
            const [left, right] = [this.#indexOf(a, factor), this.#indexOf(b, factor)];
            return { terms: [...left.terms, ...right.terms], constant: left.constant + right.constant };
        }
        if (op?.op === "mul" && a !== undefined && b !== undefined) {
            const [left, right] = [this.#constant(a), this.#constant(b)];
            if (right !== null) return this.#indexOf(a, factor * right);
            if (left !== null) return this.#indexOf(b, factor * left);
        }
        return { terms: [{ value, factor }], constant: 0n };
    }

    /** Makes the array as long as it is with space behind its rows; null where nothing is gained by that. */
    #padded(alloc: OpId, accesses: readonly Access[]): Rows | null {
        const op = operation(this.fn, alloc);
        const [array] = op.results;
        const type = array === undefined ? undefined : typeOf(this.fn, array);
        if (!type || !isBuffer(type) || type.element === "bytes") return null;
        const bytes = bytesOf(type.element);
        const count = BigInt(attribute(op, "count"));
        const space = BigInt(Math.max(1, WORD / bytes));
        const factors = new Set(accesses.flatMap(({ index }) => index.terms.map(({ factor }) => factor)));
        let best: Rows | null = null;
        let least = this.#cycles(accesses, bytes, null);
        for (const row of factors) {
            const rows = { row, space };
            if (row < SMALLEST_ROW || !accesses.every(({ index }) => this.#staysInRow(index, row))) continue;
            const more = Number(lengthOf(count, rows) - count) * bytes;
            const cycles = this.#cycles(accesses, bytes, rows);
            if (cycles >= least || !this.#affords(more)) continue;
            [best, least] = [rows, cycles];
        }
        if (best === null) return null;
        const longer = { ...op.attributes, count: Number(lengthOf(count, best)) };
        this.fn.operations[alloc] = altered(op, { attributes: longer });
        return best;
    }

    /** Whether so many bytes more keep a workgroup within LDS, and as many on a compute unit. */
    #affords(more: number): boolean {
        const { limits } = this.target;
        const bytes = sharedBytes(this.fn);
        if (bytes + more > limits.ldsPerWorkgroup) return false;
        if (!("ldsPerUnit" in limits)) return bytes > limits.ldsDeclared || bytes + more <= limits.ldsDeclared;
        const fitting = (each: number) => Math.floor(limits.ldsPerUnit / each);
        return fitting(bytes + more) >= Math.min(fitting(bytes), ENOUGH_WORKGROUPS);
    }

    /** Whether what is not a multiple of the row is a place in it. */
    #staysInRow({ terms, constant }: Index, row: bigint): boolean {
        let [min, max] = [modulo(constant, row), modulo(constant, row)];
        for (const { value, factor } of terms) {
            if (factor % row === 0n) continue;
            const range = this.#ranges.of(value);
            if (!range || factor < 0n) return false;
            min += range.min * factor;
            max += range.max * factor;
        }
        return min >= 0n && max < row;
    }

    /** Cycles that LDS takes for the first lanes of a workgroup to do all accesses, as far as is known. */
    #cycles(accesses: readonly Access[], bytes: number, rows: Rows | null): number {
        return accesses.reduce((sum, { index, weight }) => {
            let [x, y] = [0n, 0n];
            for (const { value, factor } of index.terms) {
                const strides = this.#strides(value);
                if (strides === null) return sum;
                const by = rows === null ? factor : moved(factor, rows);
                x += strides[0] * by;
                y += strides[1] * by;
            }
            return sum + weight * this.#busiest(Number(x) * bytes, Number(y) * bytes, bytes);
        }, 0);
    }

    /** Words that the busiest bank has to give, where addresses are so many bytes apart along x and y. */
    #busiest(x: number, y: number, bytes: number): number {
        const words = Math.max(1, bytes / WORD);
        const { ldsBanks } = this.target.limits;
        const wanted = new Set<number>();
        const banks = new Uint8Array(ldsBanks);
        let most = 0;
        for (let lane = 0; lane < LANES / words; lane++) {
            const [column, line] = [lane % this.workgroup[0], Math.floor(lane / this.workgroup[0])];
            const first = Math.floor((column * x + line * y) / WORD);
            for (let word = first; word < first + words; word++) {
                // Lanes that want the same word get it together.
                if (wanted.has(word)) continue;
                wanted.add(word);
                const bank = ((word % ldsBanks) + ldsBanks) % ldsBanks;
                banks[bank] = (banks[bank] ?? 0) + 1;
                most = Math.max(most, banks[bank] ?? 0);
            }
        }
        return most;
    }

    /** How far a value moves from a work-item to the next along x and y; null where that isn't the same everywhere. */
    #strides(value: ValueId): Strides | null {
        const start = this.#starts.get(value);
        if (start !== undefined) return this.#strides(start);
        const op = this.#definitions.get(value);
        if (op === undefined) return this.fn.parameters.some((each) => each.value === value) ? [0n, 0n] : null;
        if (op.op === "const" || op.op === "group_id") return [0n, 0n];
        if (op.op === "local_id")
            return op.attributes.axis === 0 ? [1n, 0n] : op.attributes.axis === 1 ? [0n, 1n] : [0n, 0n];
        const [a, b] = op.operands;
        if (op.op === "convert" && a !== undefined) return this.#strides(a);
        if ((op.op !== "add" && op.op !== "sub" && op.op !== "mul") || a === undefined || b === undefined) return null;
        const [left, right] = [this.#strides(a), this.#strides(b)];
        if (left === null || right === null) return null;
        if (op.op === "add") return [left[0] + right[0], left[1] + right[1]];
        if (op.op === "sub") return [left[0] - right[0], left[1] - right[1]];
        const factor = this.#constant(b);
        if (factor !== null) return [left[0] * factor, left[1] * factor];
        return [...left, ...right].every((each) => each === 0n) ? [0n, 0n] : null;
    }

    #rewrite(id: RegionId, accesses: ReadonlyMap<OpId, readonly [Index, Rows]>): void {
        rewrite(this.fn, id, (op, opId) => {
            for (const inner of op.regions) this.#rewrite(inner, accesses);
            const padded = accesses.get(opId);
            if (padded === undefined) return NOTHING;
            const [buffer, , ...rest] = op.operands;
            if (buffer === undefined) throw new Error("an access without a buffer");
            const made: OpId[] = [];
            const index = this.#indexWith(op, ...padded, made);
            this.fn.operations[opId] = altered(op, { operands: [buffer, index, ...rest] });
            return made;
        });
    }

    /** The index with the space between rows; the operations that make it are appended to `out`. */
    #indexWith({ span }: Operation, { terms, constant }: Index, rows: Rows, out: OpId[]): ValueId {
        const append = (op: OpName, operands: readonly ValueId[], value?: bigint): ValueId => {
            const result = (this.fn.values.push({ type: "index", span }) - 1) as ValueId;
            const attributes = value === undefined ? {} : { value };
            const made = { op, operands, results: [result], attributes, regions: [], span };
            out.push((this.fn.operations.push(made) - 1) as OpId);
            return result;
        };
        const scaled = terms.map(({ value, factor }) => {
            const by = moved(factor, rows);
            return by === 1n ? value : append("mul", [value, append("const", [], by)]);
        });
        const place = modulo(constant, rows.row);
        const fixed = moved(constant - place, rows) + place;
        const all = fixed === 0n && scaled.length > 0 ? scaled : [...scaled, append("const", [], fixed)];
        return all.reduce((sum, term) => append("add", [sum, term]));
    }
}

/** A factor of whole rows, with the space behind each; any other stays. */
function moved(factor: bigint, { row, space }: Rows): bigint {
    return factor % row === 0n ? (factor / row) * (row + space) : factor;
}

function lengthOf(count: bigint, { row, space }: Rows): bigint {
    return ((count + row - 1n) / row) * (row + space);
}

function modulo(value: bigint, by: bigint): bigint {
    return ((value % by) + by) % by;
}
