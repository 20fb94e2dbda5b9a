// Loops and branches that carry tiles: each tile becomes the values of its registers.

import type { FunctionBuilder } from "../ir/builder.js";
import {
    type Operation,
    type OpId,
    operation,
    type RegionId,
    region,
    typeOf,
    type ValueId,
    walk,
} from "../ir/module.js";
import { bytesOf, type IrType, isTile, type TileType } from "../ir/types.js";
import { inLayout } from "./convert.js";
import { tileTypeOf } from "./elements.js";
import type { Layout } from "./layout.js";
import type { Lowering } from "./lower.js";
import { isLoadedInWords } from "./memory.js";
import { type Prefetch, prefetches } from "./pipeline.js";
import { fragmentOf, type Side } from "./products.js";
import { type Held, isPacked, type Registers, scalarsOf, type Tile, wordsAt } from "./tile.js";
import type { Work } from "./work.js";

/** How a value is handed on: itself, or a tile in a layout. */
type Carrier =
    | { readonly kind: "scalar"; readonly type: IrType }
    | { readonly kind: "tile"; readonly type: TileType; readonly layout: Layout; readonly isWords: boolean };

export class Control {
    readonly #lowering: Lowering;
    /** Loops around, with what they carry and what they have become. */
    readonly #loops = new Map<OpId, { readonly id: OpId; readonly carriers: readonly Carrier[] }>();
    readonly #holders: Carrier[][] = [];
    readonly #prefetched = new Map<Operation, Held>();
    readonly #fragments = new Map<Operation, { readonly left?: Held; readonly right?: Held }>();
    /** What loops around carry beside the source's values: the loads of the next round. */
    readonly #further: (readonly ValueId[])[] = [];

    constructor(lowering: Lowering) {
        this.#lowering = lowering;
    }

    get #work(): Work {
        return this.#lowering.work;
    }

    get #builder(): FunctionBuilder {
        return this.#lowering.work.builder;
    }

    /** A load that was begun in the round before; null for none. */
    prefetched(load: Operation): Tile | null {
        return this.#prefetched.get(load) ?? null;
    }

    /** An operand of a product that a loop around it has as fragments already; null for none. */
    fragment(dot: Operation, side: Side): Held | null {
        return this.#fragments.get(dot)?.[side] ?? null;
    }

    /** Operands from outside of a loop are made fragments before it, once. */
    #makeFragments(loop: Operation): void {
        const work = this.#work;
        for (const id of loop.regions) {
            walk(work.source, id, (dot) => {
                const plan = dot.op === "tile_dot" ? work.layouts.plan(dot) : null;
                if (!plan) return;
                const made: { left?: Held; right?: Held } = { ...this.#fragments.get(dot) };
                for (const [at, side] of SIDES.entries()) {
                    const tile = work.tiles.get(dot.operands[at] as ValueId);
                    if (tile?.layout && !made[side]) made[side] = fragmentOf(work, plan, side, tile, null);
                }
                this.#fragments.set(dot, made);
            });
        }
    }

    /** The tiles of loads for a counter, as values that a loop carries; nothing is read beyond the loop's end. */
    #prefetch(
        list: readonly Prefetch[],
        loop: Operation,
        counter: ValueId,
        end: ValueId,
        types: readonly IrType[],
    ): readonly ValueId[] {
        const work = this.#work;
        const [parameter] = region(work.source, loop.regions[0] as RegionId).parameters;
        const load = () => {
            work.scalars.set(parameter as ValueId, counter);
            for (const { place } of list) this.#lowering.operations(place);
            return list.flatMap((each) => this.#lowering.load(each.load).registers).flatMap(valuesOf);
        };
        const zeros = () => types.map((type) => work.zero(type));
        return work.choose(work.op("lt", [counter, end], "bool"), types, load, zeros);
    }

    /** Binds loads to what the loop carries of them. */
    #bindFetched(list: readonly Prefetch[], values: readonly ValueId[]): void {
        let at = 0;
        for (const { load } of list) {
            const { type, layout, isWords } = this.#loaded(load);
            const count = this.#typesOf({ kind: "tile", type, layout, isWords }).length;
            const own = values.slice(at, at + count);
            at += count;
            const registers = isWords
                ? ({ form: "words", words: own } as const)
                : ({ form: "scalars", values: own } as const);
            this.#prefetched.set(load, { type, layout, registers });
        }
    }

    #loaded(load: Operation) {
        const [result] = load.results;
        const type = tileTypeOf(this.#work, result as ValueId);
        const layout = this.#lowering.layoutOf(result as ValueId) ?? this.#lowering.plain(type);
        return { type, layout, isWords: isLoadedInWords(this.#work, load, type, layout) };
    }

    /** False for what is no control flow. */
    lower(op: Operation): boolean {
        switch (op.op) {
            case "for":
                this.#loop(op, 3);
                return true;
            case "while":
                this.#loop(op, 0);
                return true;
            case "if":
                this.#branch(op);
                return true;
            case "yield":
                this.#builder.terminate("yield", this.#yielded(op), op.span);
                return true;
            case "break":
            case "continue": {
                const loop = this.#loops.get(op.attributes.target as OpId);
                if (!loop) throw new Error(`${op.op} outside of its loop`);
                this.#builder.terminate(op.op, this.handOn(op.operands, loop.carriers), op.span, { target: loop.id });
                return true;
            }
            case "return":
            case "unreachable":
                this.#builder.terminate(op.op, [], op.span);
                return true;
            default:
                return false;
        }
    }

    carrierOf(value: ValueId): Carrier {
        const type = typeOf(this.#work.source, value);
        if (!isTile(type)) return { kind: "scalar", type };
        const layout = this.#lowering.layoutOf(value) ?? this.#lowering.plain(type);
        const isWords = isPacked(type.tile) && bytesOf(type.tile) << layout.registers.length >= 4;
        return { kind: "tile", type, layout, isWords };
    }

    #typesOf(carrier: Carrier): readonly IrType[] {
        if (carrier.kind === "scalar") return [carrier.type];
        const { type, layout, isWords } = carrier;
        const count = 1 << layout.registers.length;
        return isWords
            ? new Array<IrType>((count * bytesOf(type.tile)) / 4).fill("u32")
            : new Array<IrType>(count).fill(type.tile);
    }

    /** The values that stand for what is handed on. */
    handOn(values: readonly ValueId[], carriers: readonly Carrier[]): ValueId[] {
        return carriers.flatMap((carrier, at) => {
            const value = values[at] as ValueId;
            if (carrier.kind === "scalar") return [this.#lowering.scalar(value)];
            const held = inLayout(this.#work, this.#lowering.tile(value), carrier.layout);
            if (!carrier.isWords) return scalarsOf(this.#work, held);
            const all = Array.from({ length: 1 << carrier.layout.registers.length }, (_, register) => register);
            return wordsAt(this.#work, held, all);
        });
    }

    /** Binds the old function's values to what was handed on. */
    bind(values: readonly ValueId[], carriers: readonly Carrier[], given: readonly ValueId[]): void {
        let at = 0;
        carriers.forEach((carrier, which) => {
            const count = this.#typesOf(carrier).length;
            const own = given.slice(at, at + count);
            at += count;
            const value = values[which] as ValueId;
            if (carrier.kind === "scalar") this.#work.scalars.set(value, own[0] as ValueId);
            else {
                const { type, layout, isWords } = carrier;
                const registers = isWords
                    ? ({ form: "words", words: own } as const)
                    : ({ form: "scalars", values: own } as const);
                this.#work.tiles.set(value, { type, layout, registers });
            }
        });
    }

    #yielded(op: Operation): ValueId[] {
        const carriers = this.#holders.at(-1) ?? [];
        return [...this.handOn(op.operands, carriers), ...(this.#further.at(-1) ?? [])];
    }

    #region(id: RegionId, carriers: readonly Carrier[], further: () => readonly ValueId[] = () => []): void {
        const { source } = this.#work;
        this.#holders.push([...carriers]);
        this.#work.enter();
        this.#further.push(further());
        this.#lowering.operations(region(source, id).operations.map((each) => operation(source, each)));
        this.#further.pop();
        this.#work.leave();
        this.#holders.pop();
    }

    #loop(op: Operation, first: number): void {
        const { source } = this.#work;
        const builder = this.#builder;
        const regions = op.regions.map((id) => region(source, id));
        const carriers = op.results.map((result) => this.carrierOf(result));
        this.#makeFragments(op);
        const fetched = op.op === "for" ? prefetches(source, op, this.#lowering.written) : [];
        const further = fetched.flatMap(({ load }) => this.#typesOf({ kind: "tile", ...this.#loaded(load) }));
        const types = [...carriers.flatMap((carrier) => this.#typesOf(carrier)), ...further];
        const bounds = op.operands.slice(0, first).map((operand) => this.#lowering.scalar(operand));
        const begun =
            fetched.length === 0
                ? []
                : this.#prefetch(fetched, op, bounds[0] as ValueId, bounds[1] as ValueId, further);
        const initial = [...this.handOn(op.operands.slice(first), carriers), ...begun];
        // Its rounds write in turn without looking at what was there before.
        if (fetched.length > 0) this.#work.lds.settle();
        const id = builder.reserve();
        const own = source.operations.indexOf(op) as OpId;
        this.#loops.set(own, { id, carriers });
        const mark = this.#work.lds.mark;
        this.#work.loops++;
        const made = regions.map(({ parameters }, at) => {
            const counters = op.op === "for" ? 1 : 0;
            const open = builder.begin([
                ...parameters.slice(0, counters).map((value) => ({ type: typeOf(source, value), span: op.span })),
                ...types.map((type) => ({ type, span: op.span })),
            ]);
            parameters.slice(0, counters).forEach((value, which) => {
                this.#work.scalars.set(value, open.parameters[which] as ValueId);
            });
            this.bind(parameters.slice(counters), carriers, open.parameters.slice(counters));
            this.#work.lds.enterLoop();
            const condition: readonly Carrier[] =
                op.op === "while" && at === 0 ? [{ kind: "scalar", type: "bool" }] : [];
            const [counter] = open.parameters;
            this.#bindFetched(fetched, open.parameters.slice(open.parameters.length - further.length));
            this.#region(op.regions[at] as RegionId, [...condition, ...carriers], () => {
                if (fetched.length === 0) return [];
                const next = this.#work.op("add", [counter as ValueId, bounds[2] as ValueId]);
                const values = this.#prefetch(fetched, op, next, bounds[1] as ValueId, further);
                this.#work.scalars.set(parameters[0] as ValueId, counter as ValueId);
                this.#work.round = this.#parity(counter as ValueId, bounds);
                return values;
            });
            this.#work.round = null;
            return builder.end(open);
        });
        this.#work.loops--;
        this.#work.lds.enterLoop();
        this.#work.lds.giveBack(mark);
        const results = builder.structured(
            op.op as "for" | "while",
            [...bounds, ...initial],
            types,
            made,
            op.span,
            id,
            op.attributes,
        );
        this.bind(op.results, carriers, results);
    }

    /** 0 and 1 from round to round, a u32: which half of LDS is written. */
    #parity(counter: ValueId, [start, , step]: readonly ValueId[]): ValueId | null {
        const work = this.#work;
        const known = work.known(step as ValueId);
        if (typeof known !== "bigint" || (known & (known - 1n)) !== 0n) return null;
        const distance = work.convert(work.op("sub", [counter, start as ValueId]), "u32");
        const round = work.op("shr", [distance, work.word(Math.log2(Number(known)))]);
        return work.op("and", [round, work.word(1)]);
    }

    #branch(op: Operation): void {
        const builder = this.#builder;
        const carriers = op.results.map((result) => this.carrierOf(result));
        const types = carriers.flatMap((carrier) => this.#typesOf(carrier));
        const condition = this.#lowering.scalar(op.operands[0]);
        const regions = op.regions.map((id) => {
            const open = builder.begin([]);
            this.#region(id, carriers);
            return builder.end(open);
        });
        this.#work.lds.enterLoop();
        const results = builder.structured("if", [condition], types, regions, op.span);
        this.bind(op.results, carriers, results);
    }
}

const SIDES = ["left", "right"] as const;

function valuesOf(registers: Registers): readonly ValueId[] {
    return registers.form === "scalars" ? registers.values : registers.words;
}
