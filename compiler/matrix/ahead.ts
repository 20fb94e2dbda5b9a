// Pipelines of three rounds and more: operands of products are written to LDS one round before they are multiplied, to the
// half that the round before does not read. A round begins with its one barrier: behind it all have written what it reads,
// and have read what it writes over.

import { type Operation, operation, type RegionId, region, typeOf, type ValueId, walk } from "../ir/module.js";
import { isTile } from "../ir/types.js";
import { type Stored, storedBytes } from "./convert.js";
import type { Part } from "./lds.js";
import type { Lowering } from "./lower.js";
import { operandsFirst, type Prefetch } from "./pipeline.js";
import { halfOf, operandStorage, type Side, stageIn } from "./products.js";
import type { Held } from "./tile.js";

/** An operand of a product. */
interface Operand {
    readonly dot: Operation;
    readonly side: Side;
    readonly value: ValueId;
}

export class Ahead {
    readonly #parts = new Map<Operand, Omit<Stored, "move"> & { readonly part: Part }>();

    private constructor(
        readonly lowering: Lowering,
        readonly loop: Operation,
        /** The loads and what turns them into operands. */
        readonly early: readonly Operation[],
        readonly operands: readonly Operand[],
    ) {}

    /** Null for a loop that needs what it loads for more than products of its own. */
    static of(lowering: Lowering, loop: Operation, list: readonly Prefetch[]): Ahead | null {
        const { source, work } = lowering;
        const body = loop.regions[0] as RegionId;
        const all = region(source, body).operations.map((id) => operation(source, id));
        const { early } = operandsFirst(all, list);
        const tiles = new Set(early.flatMap(({ results }) => results).filter((value) => isTile(typeOf(source, value))));
        const operands: Operand[] = [];
        let isMore = false;
        walk(source, body, (op) => {
            if (early.includes(op)) return;
            const isProduct = op.op === "tile_dot" && all.includes(op) && work.layouts.plan(op) !== null;
            for (const [at, value] of op.operands.entries()) {
                if (!tiles.has(value)) continue;
                if (isProduct && at < 2) operands.push({ dot: op, side: at === 0 ? "left" : "right", value });
                else isMore = true;
            }
        });
        return isMore || operands.length === 0 ? null : new Ahead(lowering, loop, early, operands);
    }

    /** What a round still has to do of its own. */
    rest(list: readonly Operation[]): readonly Operation[] {
        const { source } = this.lowering;
        const isShaped = ({ results }: Operation) => results.some((value) => isTile(typeOf(source, value)));
        return list.filter((op) => !(this.early.includes(op) && isShaped(op)));
    }

    /** Writes the operands of the round with that counter to the half of that number. */
    write(counter: ValueId, half: ValueId, tiles: ReadonlyMap<Operation, Held>): void {
        const { source, work } = this.lowering;
        const [parameter] = region(source, this.loop.regions[0] as RegionId).parameters as [ValueId];
        const known = [parameter, ...this.early.flatMap(({ results }) => results)].map(
            (value) => [value, work.scalars.get(value)] as const,
        );
        work.scalars.set(parameter, counter);
        for (const op of this.early) {
            const tile = tiles.get(op);
            if (tile) work.tiles.set(op.results[0] as ValueId, tile);
            else this.lowering.operations([op]);
        }
        for (const operand of this.operands) this.#write(operand, half);
        for (const [value, scalar] of known) if (scalar !== undefined) work.scalars.set(value, scalar);
    }

    #write(operand: Operand, half: ValueId): void {
        const { work } = this.lowering;
        const tile = work.tiles.get(operand.value);
        const plan = work.layouts.plan(operand.dot);
        if (!tile?.layout || !plan) throw new Error("no operand to write ahead");
        const placed = operandStorage(work.target, plan, operand.side, tile.type, tile.layout);
        const part = this.#parts.get(operand)?.part ?? {
            ...work.lds.takeAlternating(storedBytes(tile)),
            isAhead: true as const,
        };
        this.#parts.set(operand, { type: tile.type, ...placed, part });
        stageIn(work, tile, placed.storage, part, half);
    }

    /** Where the operands lie that a round reads from the half of that number. */
    *staged(half: ValueId): Generator<readonly [dot: Operation, side: Side, stored: Stored]> {
        for (const [{ dot, side }, placed] of this.#parts) {
            yield [dot, side, { ...placed, move: halfOf(this.lowering.work, placed.part, half) }];
        }
    }
}
