// Tiles -> scalars: makes of a kernel with tile operations one in which every work-item computes its part, with matrix
// instructions, LDS and barriers. Runs before all other passes, which see only what work-items do.

import { noDirectLoads, noPipeline, pipelineBeyondLds } from "../diagnostics/catalogue/pipelines.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import {
    attribute,
    type IrFunction,
    type IrModule,
    type Operation,
    operation,
    type RegionId,
    region,
    typeOf,
    type ValueId,
    walk,
} from "../ir/module.js";
import { bytesOf, isTile, type TileType } from "../ir/types.js";
import { targetsThat } from "../targets/having.js";
import type { Target } from "../targets/targets.js";
import { placeOf } from "./accesses.js";
import { vectorOf } from "./choose.js";
import { Control } from "./control.js";
import { inLayout } from "./convert.js";
import { hasDirectLoads } from "./direct.js";
import { indices, map, mask, part, reduce, reshape, scan, tileTypeOf, transpose, yielded } from "./elements.js";
import { gather } from "./gather.js";
import { Grid } from "./grid.js";
import { inferLayouts } from "./infer.js";
import { blocked, type Layout } from "./layout.js";
import { Loading, load, readAndWritten, store, when } from "./memory.js";
import { hindrance } from "./pipeline.js";
import { product, type Side } from "./products.js";
import { reportOf, type TileReport } from "./report.js";
import type { Tile } from "./tile.js";
import { Work } from "./work.js";

export interface LoweredTiles {
    readonly reports: readonly TileReport[];
    /** Pipelines that the source asks for and that can't be. */
    readonly diagnostics: readonly Diagnostic[];
}

/** Replaces the kernels of a module that have tiles, and tells how each is done. */
export function lowerTiles(module: IrModule, target: Target): LoweredTiles {
    const diagnostics: Diagnostic[] = [];
    const reports = [...module.functions.entries()].flatMap(([at, fn]) => {
        const isOfTiles =
            fn.values.some(({ type }) => isTile(type)) || fn.operations.some(({ op }) => op === "block_id");
        if (!isOfTiles) return [];
        const lowering = new Lowering(fn, target);
        module.functions[at] = lowering.run();
        diagnostics.push(...lowering.refusals());
        return [reportOf(fn, lowering.work.layouts)];
    });
    return { reports, diagnostics };
}

export class Lowering {
    readonly work: Work;
    readonly #control: Control;
    readonly #grid: Grid;
    /** Buffers of which something written is read again: after each write all wait. */
    readonly #shared: ReadonlySet<ValueId>;
    /** Buffers that the kernel writes. */
    readonly written: ReadonlySet<ValueId>;
    /** Where tiles were defined. */
    readonly #scopes = new Map<ValueId, object | undefined>();

    constructor(
        readonly source: IrFunction,
        target: Target,
    ) {
        this.work = new Work(source, target, inferLayouts(source, target));
        this.#control = new Control(this);
        const operations: Operation[] = [];
        walk(source, source.body, (op) => operations.push(op));
        this.#grid = new Grid(
            this.work,
            operations.some(({ op }) => op === "tile_dot"),
        );
        this.#shared = readAndWritten(operations);
        const stores = operations.filter(({ op }) => op === "tile_store" || op === "store");
        this.written = new Set(stores.map(({ operands }) => operands[0] as ValueId));
    }

    run(): IrFunction {
        const { lds, builder } = this.work;
        lds.begin();
        this.operations(region(this.source, this.source.body).operations.map((id) => operation(this.source, id)));
        lds.finish();
        return builder.function;
    }

    /** Of pipelines that the source asks for. */
    refusals(): readonly Diagnostic[] {
        const { work, source } = this;
        const { name, limits } = work.target;
        const limit = limits.ldsPerWorkgroup;
        const having = targetsThat(hasDirectLoads);
        const refused = [
            ...work.refused.map((loop) =>
                diagnose(noPipeline, loop.span, { why: hindrance(source, loop, this.written) }),
            ),
            ...work.indirect.map((loop) => diagnose(noDirectLoads, loop.span, { target: name, having })),
        ];
        if (work.lds.most <= limit) return refused;
        const [largest] = [...work.pipelines].sort((a, b) => b.bytes - a.bytes);
        if (!largest) return refused;
        const stages = largest.loop.attributes.stages ?? 1;
        const { bytes } = largest;
        return [
            ...refused,
            diagnose(pipelineBeyondLds, largest.loop.span, { stages, bytes, all: work.lds.most, limit, target: name }),
        ];
    }

    operations(list: readonly Operation[]): void {
        for (const op of list) {
            this.work.span = op.span;
            if (!this.#tile(op) && !this.#control.lower(op)) this.#scalar(op);
        }
    }

    tile(value: ValueId | undefined): Tile {
        const tile = value === undefined ? undefined : this.work.tiles.get(value);
        if (!tile) throw new Error(`%${value} is no tile here`);
        return tile;
    }

    scalar(value: ValueId | undefined): ValueId {
        const scalar = value === undefined ? undefined : this.work.scalars.get(value);
        if (scalar === undefined) throw new Error(`%${value} is no scalar here`);
        return scalar;
    }

    /** A layout for a tile that nothing else gives one. */
    plain(type: TileType): Layout {
        const { team } = this.work;
        return blocked(type.shape, team, vectorOf(type, bytesOf(type.tile), team));
    }

    layoutOf(value: ValueId): Layout | null {
        return this.work.layouts.of(value);
    }

    /** A region's operations in place, its parameters being these. */
    inline(id: RegionId, operands: readonly ValueId[]): readonly ValueId[] {
        const { source, work } = this;
        const { parameters, operations } = region(source, id);
        for (const [at, parameter] of parameters.entries()) work.scalars.set(parameter, operands[at] as ValueId);
        this.operations(operations.slice(0, -1).map((op) => operation(source, op)));
        return yielded(work, id).operands.map((operand) => this.scalar(operand));
    }

    /** A `tile_load` where its operands have been lowered to, or from another offset, or in another layout. */
    loading(op: Operation, offset?: ValueId, asked?: Layout): Loading {
        const [result] = op.results;
        const operands = op.operands.map((operand) => this.scalar(operand));
        if (offset !== undefined) operands[1] = offset;
        const type = tileTypeOf(this.work, result as ValueId);
        const layout = asked ?? this.layoutOf(result as ValueId) ?? this.plain(type);
        return new Loading(this.work, type, layout, placeOf(operands, 2));
    }

    /** False for an operation that is not of tiles. */
    #tile(op: Operation): boolean {
        const { work } = this;
        const [result] = op.results;
        const [first, second, third] = op.operands;
        const define = (tile: Tile) => {
            if (result === undefined) return true;
            work.tiles.set(result, tile);
            this.#scopes.set(result, work.scope);
            return true;
        };
        switch (op.op) {
            case "block_id": {
                const [columns, rows, column, row] = op.operands.map((operand) => this.scalar(operand));
                const dealt = this.#grid.block(op, columns as ValueId, rows as ValueId, [
                    column as ValueId,
                    row as ValueId,
                ]);
                work.scalars.set(result as ValueId, dealt);
                return true;
            }
            case "tile_load":
                return define(this.#control.prefetched(op) ?? load(this.loading(op)));
            case "tile_store": {
                const tile = this.tile(third);
                const place = placeOf(
                    [...op.operands.slice(0, 2), ...op.operands.slice(3)].map((operand) => this.scalar(operand)),
                    2,
                );
                const own = tile.layout && !tile.layout.isFragment ? tile.layout : this.plain(tile.type);
                store(work, tile, own, place);
                if (first !== undefined && this.#shared.has(first)) work.lds.wholeBarrier();
                return true;
            }
            case "tile_map":
                return define(
                    map(
                        work,
                        op,
                        tileTypeOf(work, result as ValueId),
                        this.layoutOf(result as ValueId),
                        (id, operands) => this.inline(id, operands),
                    ),
                );
            case "tile_mask": {
                const tile = this.tile(first);
                const [count, scalar] = [this.scalar(second), this.scalar(third)];
                const axis = attribute(op, "axis");
                if (this.isMaskedAlready(op)) return define(tile);
                const masked = mask(work, tile, axis, count, scalar);
                if (masked.layout !== null) this.#replace(first, masked);
                return define(masked);
            }
            case "tile_dot": {
                const type = tileTypeOf(work, result as ValueId);
                const layout = this.layoutOf(result as ValueId) ?? this.plain(type);
                const tiles = [this.tile(first), this.tile(second), this.tile(third)] as const;
                const ready = {
                    fragment: (side: Side) => this.#control.fragment(op, side),
                    staged: (side: Side) => this.#control.staged(op, side),
                };
                return define(product(work, op, tiles, layout, ready));
            }
            case "tile_reduce": {
                const reduced = reduce(work, op, this.tile(first), (type) => this.plain(type));
                if (typeof reduced !== "number") return define(reduced);
                work.scalars.set(result as ValueId, reduced);
                return true;
            }
            case "tile_scan":
                return define(scan(work, op, this.tile(first), this.layoutOf(result as ValueId) as Layout));
            case "tile_gather": {
                const type = tileTypeOf(work, result as ValueId);
                const layout = this.layoutOf(result as ValueId) ?? this.plain(type);
                const operands = [...op.operands.slice(0, 2), ...op.operands.slice(3)];
                const place = placeOf(
                    operands.map((operand) => this.scalar(operand)),
                    2,
                );
                return define(gather(work, type, layout, attribute(op, "axis"), this.tile(third), place));
            }
            case "tile_part": {
                const type = tileTypeOf(work, result as ValueId);
                const layout = this.layoutOf(result as ValueId);
                return define(
                    part(work, this.tile(first), type, attribute(op, "axis"), attribute(op, "offset"), layout),
                );
            }
            case "tile_layout":
                return define(inLayout(work, this.tile(first), this.layoutOf(result as ValueId) as Layout));
            case "tile_reshape":
                return define(reshape(this.tile(first), tileTypeOf(work, result as ValueId)));
            case "tile_transpose":
                return define(transpose(this.tile(first), tileTypeOf(work, result as ValueId)));
            case "tile_indices":
                return define(indices(work, tileTypeOf(work, result as ValueId), this.scalar(first)));
            default:
                return false;
        }
    }

    /** Whether a `tile_mask` changes nothing. */
    isMaskedAlready({ operands: [tile, count, scalar], attributes: { axis = 0 } }: Operation): boolean {
        return this.#isZeroThere(tile, axis, this.scalar(count), this.scalar(scalar));
    }

    /** Whether a mask writes zeros where a load has put them: in what memory has, or another one has masked. */
    #isZeroThere(value: ValueId | undefined, axis: number, count: ValueId, scalar: ValueId): boolean {
        const zero = this.work.known(scalar);
        if (zero !== 0n && !Object.is(zero, 0)) return false;
        const found = this.#definition(value);
        if (found?.op === "tile_transpose") {
            const rank = tileTypeOf(this.work, value as ValueId).shape.length;
            const other = axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis;
            return this.#isZeroThere(found.operands[0], other, count, scalar);
        }
        if (found?.op === "tile_mask" && this.#isZeroThere(found.operands[0], axis, count, scalar)) return true;
        return found?.op === "tile_load" && this.scalar(found.operands[2 + 2 * axis + 1]) === count;
    }

    /**
     * Of a tile that was computed nobody asks what is beyond the end, so from here on it is the masked one: two of them would take
     * twice the registers, and copies. Beyond the end of what was loaded are zeros, which products take as they are.
     */
    #replace(value: ValueId | undefined, masked: Tile): void {
        const { work } = this;
        const found = this.#definition(value);
        if (value === undefined || found === undefined || !REPLACEABLE.has(found.op)) return;
        if (this.#scopes.get(value) !== work.scope) return;
        work.tiles.set(value, masked);
        if (found.op === "tile_mask") this.#replace(found.operands[0], masked);
    }

    #definition(value: ValueId | undefined): Operation | undefined {
        return this.source.operations.find(({ results }) => value !== undefined && results[0] === value);
    }

    /** An operation that every work-item does alike; what it writes is written once. */
    #scalar(op: Operation): void {
        const { work } = this;
        const operands = op.operands.map((operand) => this.scalar(operand));
        if (op.op === "const") {
            const [result] = op.results;
            const type = typeOf(this.source, result as ValueId);
            work.scalars.set(result as ValueId, work.constant(attribute(op, "value"), type as "f32"));
        } else if (op.op === "store") {
            when(work, [work.op("eq", [work.item, work.word(0)], "bool")], () => {
                work.builder.effect("store", operands, op.span, op.attributes);
            });
            if (op.operands[0] !== undefined && this.#shared.has(op.operands[0])) work.lds.wholeBarrier();
        } else if (op.results.length === 1 && isPure(op)) {
            const [result] = op.results as [ValueId];
            work.scalars.set(result, work.op(op.op, operands, typeOf(this.source, result), op.attributes));
        } else {
            const types = op.results.map((result) => typeOf(this.source, result));
            const results = work.builder.values(op.op, operands, types, op.span, op.attributes);
            for (const [at, result] of op.results.entries()) work.scalars.set(result, results[at] as ValueId);
        }
    }

    /** The tile in a layout, where the region hands it on. */
    inLayout(tile: Tile, layout: Layout): readonly ValueId[] {
        const held = inLayout(this.work, tile, layout);
        return held.registers.form === "scalars" ? held.registers.values : held.registers.words;
    }
}

/** What makes tiles of which the places beyond the end may be anything. */
const REPLACEABLE: ReadonlySet<string> = new Set(["tile_map", "tile_dot", "tile_mask"]);

const WITH_EFFECTS: ReadonlySet<string> = new Set([
    "load",
    "call",
    "alloc",
    "alloc_sized",
    "zero",
    "check",
    "fail",
    "print",
]);

function isPure({ op, regions }: Operation): boolean {
    return regions.length === 0 && !WITH_EFFECTS.has(op) && !op.startsWith("atomic") && !op.startsWith("wave_");
}
