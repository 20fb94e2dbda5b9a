// Operands of products that lie in LDS one round before they are multiplied, in the half that the round before does not read: in
// pipelines of three rounds and more they are written there from registers, where `direct` finds that they can be, they are
// loaded to there. A round begins with its one barrier: behind it all have written what it reads, and have read what it writes over.

import { type Operation, operation, type RegionId, region, typeOf, type ValueId, walk } from "../ir/module.js";
import { isTile, type TileType } from "../ir/types.js";
import { type Stored, storedBytes } from "./convert.js";
import { type Direct, directOf } from "./direct.js";
import type { Layout } from "./layout.js";
import type { Part } from "./lds.js";
import type { Lowering } from "./lower.js";
import type { Loading } from "./memory.js";
import { dependents, isLinear, operandsFirst, type Prefetch } from "./pipeline.js";
import { halfOf, MOST_ALTERNATING, operandStorage, type Side, stageIn } from "./products.js";
import type { Held } from "./tile.js";

/** An operand of a product. */
interface Operand {
    readonly dot: Operation;
    readonly side: Side;
    readonly value: ValueId;
}

/** How a load goes straight to where its operand lies. */
interface Way extends Direct {
    readonly operand: Operand;
}

export class Ahead {
    readonly #parts = new Map<Operand, Omit<Stored, "move"> & { readonly part: Part }>();
    /** Of loads that go straight to LDS: all of the loop, or none. */
    readonly #ways = new Map<Operation, Way>();
    /** What waves add to where loads go, the same in all lanes. */
    #wave: ValueId | null = null;

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

    /** Of a loop that begins at `start`, where each of its loads goes straight to LDS; null where one can't. */
    static direct(lowering: Lowering, loop: Operation, list: readonly Prefetch[], start: ValueId): Ahead | null {
        const ahead = Ahead.of(lowering, loop, list);
        if (ahead === null || ahead.operands.length !== list.length) return null;
        const { source, work } = lowering;
        const [counter] = region(source, loop.regions[0] as RegionId).parameters as [ValueId];
        const changing = dependents(list, counter);
        const ways = ahead.#as(start, () => {
            lowering.operations(
                ahead.early.filter(({ results }) => !results.some((value) => isTile(typeOf(source, value)))),
            );
            return ahead.operands.flatMap((operand) => ahead.#wayOf(operand));
        });
        const isEach = list.every(
            ({ load, place }) =>
                ways.filter((way) => way.load === load).length === 1 &&
                isLinear(load.operands[1] as ValueId, place, changing),
        );
        const types = ahead.operands.map(({ value }) => typeOf(source, value) as TileType);
        const bytes = types.reduce((sum, type) => sum + storedBytes({ type }), 0);
        const { stages, direct } = loop.attributes;
        const fits = stages !== undefined || direct || work.lds.mark + 2 * bytes <= MOST_ALTERNATING;
        if (!isEach || !fits) return null;
        for (const { load, way } of ways) {
            const type = typeOf(source, way.operand.value) as TileType;
            ahead.#ways.set(load, way);
            ahead.#parts.set(way.operand, { type, ...way.stored, part: ahead.#take(type) });
        }
        const wave = work.op("shr", [work.item, work.word(work.team.laneBits)]);
        ahead.#wave = work.builder.value("wave_first", [wave], work.span);
        return ahead;
    }

    get isDirect(): boolean {
        return this.#ways.size > 0;
    }

    /** How a load's work-items share it, where it goes straight to LDS. */
    layoutOf(load: Operation): Layout | undefined {
        return this.#ways.get(load)?.layout;
    }

    /** Bytes of which addresses of a load must be multiples. */
    alignmentOf(load: Operation): number {
        return this.#ways.get(load)?.bytes ?? 1;
    }

    #take(type: TileType): Part {
        return { ...this.lowering.work.lds.takeAlternating(storedBytes({ type })), isAhead: true };
    }

    /** Through what turns a load round, and masks that it has no need of. */
    #wayOf(operand: Operand): { readonly load: Operation; readonly way: Way }[] {
        const { lowering, early } = this;
        const { work } = lowering;
        const plan = work.layouts.plan(operand.dot);
        const isAsked = this.loop.attributes.direct === true;
        let isTransposed = false;
        let value = operand.value;
        for (;;) {
            const op = early.find(({ results }) => results[0] === value);
            if (op?.op === "tile_load") {
                const type = typeOf(work.source, operand.value) as TileType;
                const direct = plan && directOf(work.target, plan, operand.side, type, isTransposed, isAsked);
                return direct ? [{ load: op, way: { ...direct, operand } }] : [];
            }
            if (op?.op === "tile_transpose") isTransposed = !isTransposed;
            else if (op?.op !== "tile_mask" || !lowering.isMaskedAlready(op)) return [];
            value = op.operands[0] as ValueId;
        }
    }

    /** What a round still has to do of its own. */
    rest(list: readonly Operation[]): readonly Operation[] {
        const { source } = this.lowering;
        const isShaped = ({ results }: Operation) => results.some((value) => isTile(typeOf(source, value)));
        return list.filter((op) => !(this.early.includes(op) && isShaped(op)));
    }

    /**
     * Begins to load operands that are inside as a whole to the half of that number. Reads of LDS stay behind: LLVM counts such loads with
     * them, so it would wait too short a time for reads that were begun before (llvm-project#179305).
     */
    load(half: ValueId, loads: ReadonlyMap<Operation, Loading>): void {
        const { work } = this.lowering;
        for (const [load, loading] of loads) {
            const way = this.#ways.get(load);
            const part = way && this.#parts.get(way.operand)?.part;
            if (!way || !part) throw new Error("no load to LDS");
            const lane = way.bytes << work.team.laneBits;
            const own = work.op("mul", [this.#wave as ValueId, work.word(lane)]);
            const start = work.op("add", [own, work.op("add", [halfOf(work, part, half), work.word(part.start)])]);
            loading.direct(way.bytes, start);
        }
        work.builder.effect("order_to_lds", [], work.span);
    }

    /** Brings operands that are not inside as a whole to the half of that number, one element after the other where need be. */
    loadPartly(counter: ValueId, half: ValueId, loads: ReadonlyMap<Operation, Loading>): void {
        const { work } = this.lowering;
        const tiles = new Map<Operation, Held>();
        for (const [load, loading] of loads) {
            const way = this.#ways.get(load);
            const part = way && this.#parts.get(way.operand)?.part;
            if (!part) throw new Error("no load to LDS");
            work.spare = { start: part.start, move: halfOf(work, part, half), bytes: part.bytes / 2 };
            tiles.set(load, loading.held(loading.partly()));
        }
        work.spare = null;
        this.write(counter, half, tiles);
    }

    /** Writes the operands of the round with that counter to the half of that number. */
    write(counter: ValueId, half: ValueId, tiles: ReadonlyMap<Operation, Held>): void {
        const { work } = this.lowering;
        this.#as(counter, () => {
            for (const op of this.early) {
                const tile = tiles.get(op);
                if (tile) work.tiles.set(op.results[0] as ValueId, tile);
                else this.lowering.operations([op]);
            }
            for (const operand of this.operands) this.#write(operand, half);
        });
    }

    /** Does something as in the round with that counter. */
    #as<T>(counter: ValueId, act: () => T): T {
        const { source, work } = this.lowering;
        const [parameter] = region(source, this.loop.regions[0] as RegionId).parameters as [ValueId];
        const known = [parameter, ...this.early.flatMap(({ results }) => results)].map(
            (value) => [value, work.scalars.get(value)] as const,
        );
        work.scalars.set(parameter, counter);
        const done = act();
        for (const [value, scalar] of known) if (scalar !== undefined) work.scalars.set(value, scalar);
        return done;
    }

    #write(operand: Operand, half: ValueId): void {
        const { work } = this.lowering;
        const tile = work.tiles.get(operand.value);
        const plan = work.layouts.plan(operand.dot);
        if (!tile?.layout || !plan) throw new Error("no operand to write ahead");
        const stored = this.#parts.get(operand) ?? {
            type: tile.type,
            ...operandStorage(work.target, plan, operand.side, tile.type, tile.layout),
            part: this.#take(tile.type),
        };
        this.#parts.set(operand, stored);
        stageIn(work, tile, stored.storage, stored.part, half);
    }

    /** Where the operands lie that a round reads from the half of that number. */
    *staged(half: ValueId): Generator<readonly [dot: Operation, side: Side, stored: Stored]> {
        for (const [{ dot, side }, placed] of this.#parts) {
            yield [dot, side, { ...placed, move: halfOf(this.lowering.work, placed.part, half) }];
        }
    }
}
