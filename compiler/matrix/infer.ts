// Which layout each tile of a kernel has: products have their instruction's, loads what makes accesses wide, and
// everything else the layout of what it is made of. Values that can be computed in any layout, such as constants, have
// none. Loops carry a tile in the layout that their body gives it, so this repeats until nothing changes.

import {
    attribute,
    type IrFunction,
    type Operation,
    operation,
    type RegionId,
    region,
    typeOf,
    type ValueId,
    walk,
} from "../ir/module.js";
import { bytesOf, isTile, type TileType } from "../ir/types.js";
import type { Target } from "../targets/targets.js";
import { planOf, teamOf, vectorOf } from "./choose.js";
import { type Plan, resultLayout } from "./fragments.js";
import {
    blocked,
    distinct,
    elementAt,
    type Layout,
    partOf,
    reshaped,
    sameLayout,
    sizeOf,
    type Team,
    transposed,
    without,
} from "./layout.js";
import { operandLayout } from "./products.js";
import { hasTurnedLoads, SQUARE, turned } from "./turned.js";

export interface Layouts {
    /** Null for what can be computed in any. */
    readonly of: (value: ValueId) => Layout | null;
    /** How a product is done; null for one without matrix instructions. */
    readonly plan: (dot: Operation) => Plan | null;
}

export function inferLayouts(fn: IrFunction, target: Target): Layouts {
    const inference = new Inference(fn, target);
    inference.run();
    return {
        of: (value) => inference.found.get(value) ?? null,
        plan: (dot) => inference.plans.get(dot) ?? null,
    };
}

class Inference {
    readonly found = new Map<ValueId, Layout>();
    readonly plans = new Map<Operation, Plan>();
    readonly #team: Team;
    /** Operands of products, and whether their rows are what is summed over. */
    readonly #operands = new Map<ValueId, "rows" | "columns" | "turned">();
    readonly #loops = new Map<Operation, ValueId[]>();
    #changed = false;

    constructor(
        readonly fn: IrFunction,
        readonly target: Target,
    ) {
        this.#team = teamOf(fn, target);
    }

    run(): void {
        const { fn } = this;
        walk(fn, fn.body, (op) => {
            if (op.op === "tile_dot") {
                const plan = planOf(fn, op, this.target, this.#team);
                if (plan) this.plans.set(op, plan);
            }
        });
        this.#findOperands();
        const settle = () => {
            do {
                this.#changed = false;
                this.#region(fn.body);
            } while (this.#changed);
        };
        settle();
        // What a loop or branch hands on must be somewhere: of what is left, the first gets a layout, and so on.
        for (;;) {
            const open = this.#undetermined();
            if (open === null) return;
            this.#set(open, this.#plain(open));
            settle();
        }
    }

    /** Loads that products take as they are, through masks and transpositions: what is summed over decides their order. */
    #findOperands(): void {
        const definitions = new Map<ValueId, Operation>();
        walk(this.fn, this.fn.body, (op) => {
            for (const result of op.results) definitions.set(result, op);
        });
        walk(this.fn, this.fn.body, (op) => {
            if (op.op !== "tile_dot") return;
            const plan = this.plans.get(op);
            op.operands.slice(0, 2).forEach((operand, side) => {
                let summed: "rows" | "columns" = side === 0 ? "columns" : "rows";
                let value = operand;
                for (let from = definitions.get(value); from !== undefined; from = definitions.get(value)) {
                    if (from.op === "tile_transpose") summed = summed === "rows" ? "columns" : "rows";
                    else if (from.op !== "tile_mask") break;
                    value = from.operands[0] as ValueId;
                }
                if (definitions.get(value)?.op !== "tile_load") return;
                const layout = plan && operandLayout(plan, side === 0 ? "left" : "right");
                const isTurned =
                    summed === "rows" && layout && turned(this.target, layout, this.#type(operand)) !== null;
                this.#operands.set(value, isTurned ? "turned" : summed);
            });
        });
    }

    #undetermined(): ValueId | null {
        for (const values of this.#loops.values()) {
            const open = values.find((value) => !this.found.has(value));
            if (open !== undefined) return open;
        }
        return null;
    }

    #type(value: ValueId): TileType {
        const type = typeOf(this.fn, value);
        if (!isTile(type)) throw new Error(`%${value} is no tile`);
        return type;
    }

    #plain(value: ValueId): Layout {
        const type = this.#type(value);
        return blocked(type.shape, this.#team, vectorOf(type, bytesOf(type.tile), this.#team));
    }

    #set(value: ValueId, layout: Layout | null): void {
        if (layout === null) return;
        const known = this.found.get(value);
        if (known && sameLayout(known, layout)) return;
        // A fragment's layout is not given up again: that would go round for ever.
        if (known?.isFragment && this.#handed.has(value)) return;
        if (known && this.#handed.has(value) && !layout.isFragment) return;
        this.found.set(value, layout);
        this.#changed = true;
    }

    /** Parameters and results of loops and branches. */
    readonly #handed = new Set<ValueId>();

    #layout(value: ValueId | undefined): Layout | null {
        return value === undefined ? null : (this.found.get(value) ?? null);
    }

    #region(id: RegionId): void {
        for (const opId of region(this.fn, id).operations) this.#operation(operation(this.fn, opId));
    }

    #operation(op: Operation): void {
        const [result] = op.results;
        const [operand] = op.operands;
        if (op.op === "for" || op.op === "while" || op.op === "if") {
            this.#control(op);
            return;
        }
        if (result === undefined || !isTile(typeOf(this.fn, result))) return;
        const from = this.#layout(operand);
        switch (op.op) {
            case "tile_load":
                this.#set(result, this.#loaded(result));
                break;
            case "tile_map":
                this.#set(result, this.#common(op, this.#type(result)));
                break;
            case "tile_dot": {
                const plan = this.plans.get(op);
                this.#set(result, plan ? resultLayout(plan) : this.#outer(result));
                break;
            }
            case "tile_reduce":
                this.#set(result, from && distinct(without(from, attribute(op, "axis"))));
                break;
            case "tile_scan":
                this.#set(result, this.#scanned(result, attribute(op, "axis")));
                break;
            case "tile_reshape":
                this.#set(result, from && reshaped(from, this.#type(result).shape));
                break;
            case "tile_transpose":
                this.#set(result, from && transposed(from));
                break;
            case "tile_part": {
                const { shape } = this.#type(result);
                this.#set(result, from && (partOf(from, shape, attribute(op, "axis")) ?? this.#plain(result)));
                break;
            }
            case "tile_gather":
                this.#set(result, this.#plain(result));
                break;
            case "tile_layout":
                this.#set(result, this.#asked(result, attribute(op, "format")));
                break;
            case "tile_mask":
                this.#set(result, from);
                break;
            default:
        }
    }

    /** Where a product's rows of memory are not what it sums over, a work-item has parts of several, to turn them round. */
    #loaded(value: ValueId): Layout {
        const type = this.#type(value);
        const size = bytesOf(type.tile);
        const vector = vectorOf(type, size, this.#team);
        const plain = blocked(type.shape, this.#team, vector);
        const summed = this.#operands.get(value);
        // In LDS what neighbouring rows have of the same places lies side by side.
        if (summed === "columns") return downFirst(plain, LINE / Math.max(4, vector * size));
        if (summed !== "rows" || size > 2) return plain;
        const each = sizeOf(type.shape) >> (this.#team.laneBits + this.#team.waveBits);
        if (hasTurnedLoads(this.target, this.#team, type) && each >= SQUARE) {
            const outer = type.shape.slice(0, -2).map(() => 1);
            return this.#asked(value, [...outer, SQUARE, 1].join(" "));
        }
        // As many accesses of one kind as of the other: along rows from memory, down columns to LDS.
        const columns = Math.min(16 / size, 2 ** Math.floor(Math.log2(each) / 2));
        const rows = Math.min(16 / size, each / columns);
        return downFirst(blocked(type.shape, this.#team, columns, rows), 2);
    }

    /** So many neighbours along each dimension to a work-item, then more of it by lanes, registers and waves. */
    #asked(value: ValueId, format: string): Layout {
        const { shape } = this.#type(value);
        const block = format.split(" ").map(Number);
        const own = shape.flatMap((_, axis) => {
            const at = (place: number) =>
                elementAt(
                    shape,
                    shape.map((_, each) => (each === axis ? place : 0)),
                );
            return Array.from({ length: Math.log2(block[axis] ?? 1) }, (_, bit) => at(2 ** bit));
        });
        const bits = Array.from({ length: Math.log2(sizeOf(shape)) }, (_, bit) => 2 ** bit);
        const rest = blockedBits(
            bits.filter((basis) => !own.includes(basis)),
            this.#team,
        );
        const registers = [...own.sort((a, b) => a - b), ...rest.registers];
        return { shape, ...rest, registers, isFragment: false };
    }

    /** Without matrix instructions: a part of the result that is as square as can be. */
    #outer(value: ValueId): Layout {
        const { shape } = this.#type(value);
        const each = sizeOf(shape) >> (this.#team.laneBits + this.#team.waveBits);
        const columns = Math.min(4, Math.max(1, each));
        return blocked(shape, this.#team, columns, Math.min(4, Math.max(1, each / columns)));
    }

    /** A scan goes through registers: a work-item has all of the axis. */
    #scanned(value: ValueId, axis: number): Layout {
        const { shape } = this.#type(value);
        const below = sizeOf(shape.slice(axis + 1));
        const extent = shape[axis] ?? 1;
        const bits = Array.from({ length: Math.log2(sizeOf(shape)) }, (_, bit) => 2 ** bit);
        const own = bits.filter((basis) => basis >= below && basis < below * extent);
        const rest = blockedBits(
            bits.filter((basis) => !own.includes(basis)),
            this.#team,
        );
        return { shape, ...rest, registers: [...own, ...rest.registers], isFragment: false };
    }

    /** An element-wise operation is done where its largest operand is, in the layout of a product if one is of it. */
    #common(op: Operation, { shape }: TileType): Layout | null {
        let best: Layout | null = null;
        for (const operand of op.operands) {
            const type = typeOf(this.fn, operand);
            const layout = this.#layout(operand);
            if (!layout || !isTile(type) || type.shape.join() !== shape.join()) continue;
            if (best === null || (layout.isFragment && !best.isFragment)) best = layout;
        }
        if (best !== null) return best;
        const some = op.operands.some((operand) => this.#layout(operand) !== null);
        const isOpen = op.operands.some((operand) => {
            const type = typeOf(this.fn, operand);
            return isTile(type) && type.shape.join() === shape.join() && this.#handed.has(operand);
        });
        const [result] = op.results;
        return some && !isOpen && result !== undefined ? this.#plain(result) : null;
    }

    #control(op: Operation): void {
        const isLoop = op.op !== "if";
        const first = op.op === "for" ? 3 : op.op === "if" ? 1 : 0;
        const initial = op.operands.slice(first);
        const handed: ValueId[] = [];
        const regions = op.regions.map((id) => region(this.fn, id));
        const carried = regions.map(({ parameters }) => (op.op === "for" ? parameters.slice(1) : parameters));
        op.results.forEach((result, at) => {
            if (!isTile(typeOf(this.fn, result))) return;
            const all = [result, ...(isLoop ? carried.map((values) => values[at] as ValueId) : [])];
            for (const value of all) this.#handed.add(value);
            handed.push(result);
            const known = all.map((value) => this.found.get(value)).find((layout) => layout !== undefined);
            const given = isLoop ? this.#layout(initial[at]) : null;
            for (const value of all) this.#set(value, known ?? given);
        });
        this.#loops.set(op, handed);
        for (const [at, id] of op.regions.entries()) {
            this.#region(id);
            this.#handedOn(op, id, at, carried);
        }
    }

    /** What `yield`, and in loops `break` and `continue`, give is what the loop carries. */
    #handedOn(op: Operation, id: RegionId, at: number, carried: readonly (readonly ValueId[])[]): void {
        const last = region(this.fn, id).operations.at(-1);
        const end = last === undefined ? undefined : operation(this.fn, last);
        if (end?.op !== "yield") return;
        const values = op.op === "while" && at === 0 ? end.operands.slice(1) : end.operands;
        op.results.forEach((result, which) => {
            if (!isTile(typeOf(this.fn, result))) return;
            const layout = this.#layout(values[which]);
            this.#set(result, layout);
            if (op.op !== "if") for (const list of carried) this.#set(list[which] as ValueId, layout);
        });
    }
}

/** Bytes that LDS serves at once. */
const LINE = 128;

/** So many neighbouring lanes take what is below each other, so that what they write fills whole lines of LDS. */
function downFirst(layout: Layout, count: number): Layout {
    const { shape, lanes, waves } = layout;
    const all = [...lanes, ...waves];
    const columns = shape.at(-1) ?? 1;
    const matrix = columns * (shape.at(-2) ?? 1);
    const down = all.filter((basis) => basis >= columns && basis < matrix).slice(0, Math.log2(count));
    const moved = [...down, ...all.filter((basis) => !down.includes(basis) || basis === 0)];
    return { ...layout, lanes: moved.slice(0, lanes.length), waves: moved.slice(lanes.length) };
}

/** Bases dealt to lanes, then registers, then waves. */
function blockedBits(bases: readonly number[], team: Team): Pick<Layout, "registers" | "lanes" | "waves"> {
    const lanes = bases.slice(0, team.laneBits);
    const rest = bases.slice(team.laneBits);
    const waves = rest.slice(Math.max(0, rest.length - team.waveBits));
    const zeros = (list: readonly number[], count: number) => [
        ...list,
        ...new Array<number>(count - list.length).fill(0),
    ];
    return {
        lanes: zeros(lanes, team.laneBits),
        waves: zeros(waves, team.waveBits),
        registers: rest.slice(0, rest.length - waves.length),
    };
}
