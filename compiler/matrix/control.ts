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
import { Ahead } from "./ahead.js";
import { inLayout, type Stored } from "./convert.js";
import { Fetching } from "./fetch.js";
import type { Layout } from "./layout.js";
import type { Lowering } from "./lower.js";
import { isPowerOf2, multipliesAlone, operandsFirst, type Prefetch, prefetches } from "./pipeline.js";
import { fragmentOf, type Side, stage } from "./products.js";
import { type Held, isPacked, scalarsOf, type Tile, wordsAt } from "./tile.js";
import type { Work } from "./work.js";

/** How a value is handed on: itself, or a tile in a layout. */
type Carrier =
    | { readonly kind: "scalar"; readonly type: IrType }
    | { readonly kind: "tile"; readonly type: TileType; readonly layout: Layout; readonly isWords: boolean };

/** Of a region that was begun: what is left to lower, and what it hands on beside its own values. */
interface Begun {
    readonly rest: readonly Operation[];
    readonly further: readonly ValueId[];
}

/** A loop, and what its rounds hand on beside its own values. */
interface Rounds {
    readonly loop: Operation;
    readonly attributes: Operation["attributes"];
    readonly carriers: readonly Carrier[];
    readonly fetching: Fetching | null;
    readonly ahead: Ahead | null;
    readonly bounds: readonly ValueId[];
}

export class Control {
    readonly #lowering: Lowering;
    /** Loops around, with what they carry and what they have become. */
    readonly #loops = new Map<OpId, { readonly id: OpId; readonly carriers: readonly Carrier[] }>();
    readonly #holders: Carrier[][] = [];
    readonly #prefetched = new Map<Operation, Held>();
    readonly #fragments = new Map<Operation, { readonly left?: Held; readonly right?: Held }>();
    readonly #staged = new Map<Operation, { readonly left?: Stored; readonly right?: Stored }>();
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

    /** An operand of a product that lies in LDS already; null for none. */
    staged(dot: Operation, side: Side): Stored | null {
        return this.#staged.get(dot)?.[side] ?? null;
    }

    /** Operands from outside of a loop are made fragments before it, once: they don't stay in LDS. */
    #makeFragments(loop: Operation): void {
        const work = this.#work;
        const { mark } = work.lds;
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
        if (work.round === null) work.lds.giveBack(mark);
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

    #region(
        id: RegionId,
        carriers: readonly Carrier[],
        begin: (list: readonly Operation[]) => Begun = (rest) => ({ rest, further: [] }),
        isAround = false,
    ): void {
        const { source } = this.#work;
        this.#holders.push([...carriers]);
        this.#work.enter();
        const { rest, further } = begin(region(source, id).operations.map((each) => operation(source, each)));
        this.#further.push(further);
        if (isAround) this.#work.anew(() => this.#lowering.operations(rest));
        else this.#lowering.operations(rest);
        this.#further.pop();
        this.#work.leave();
        this.#holders.pop();
    }

    /**
     * What a round does with the tiles that were fetched for it, before those of the next are fetched to the same registers:
     * operands of products are written to LDS. Gives the operations that are left.
     */
    #stageFetched(list: readonly Operation[], fetched: readonly Prefetch[]): readonly Operation[] {
        const work = this.#work;
        const { early, rest } = operandsFirst(list, fetched);
        this.#lowering.operations(early);
        for (const dot of rest) {
            const plan = dot.op === "tile_dot" ? work.layouts.plan(dot) : null;
            if (!plan) continue;
            for (const [at, side] of SIDES.entries()) {
                const operand = dot.operands[at] as ValueId;
                const tile = early.some(({ results }) => results[0] === operand) ? work.tiles.get(operand) : undefined;
                if (!tile?.layout) continue;
                const stored = stage(work, plan, side, tile, work.round);
                this.#staged.set(dot, { ...this.#staged.get(dot), [side]: stored });
            }
        }
        return rest;
    }

    /** The half of LDS that the round before used; null where operands do not lie in halves. */
    #otherHalf(list: readonly Operation[]): Work["spare"] {
        const work = this.#work;
        const all = list.flatMap((dot) => SIDES.flatMap((side) => this.#staged.get(dot)?.[side] ?? []));
        const [largest] = all.filter(({ part }) => part.alternates).sort((a, b) => b.part.bytes - a.part.bytes);
        if (!largest || work.round === null) return null;
        const bytes = largest.part.bytes / 2;
        const other = work.op("xor", [work.round, work.word(1)]);
        return { start: largest.part.start, move: work.op("mul", [other, work.word(bytes)]), bytes };
    }

    #loop(op: Operation, first: number): void {
        const { source } = this.#work;
        const carriers = op.results.map((result) => this.carrierOf(result));
        this.#makeFragments(op);
        const bounds = op.operands.slice(0, first).map((operand) => this.#lowering.scalar(operand));
        const { stages, direct: isAsked, ...attributes } = op.attributes;
        const list = op.op === "for" && stages !== 1 ? prefetches(source, op, this.#lowering.written) : [];
        if (stages !== undefined && stages > 1 && list.length === 0) this.#work.refused.push(op);
        const mark = this.#work.lds.mark;
        const ahead = list.length > 0 ? this.#aheadOf(op, list, bounds) : null;
        const depth = (stages ?? 2) - (ahead ? 2 : 1);
        const direct = ahead?.isDirect ? ahead : null;
        if (isAsked && !direct) this.#work.indirect.push(op);
        const fetching =
            list.length > 0 ? new Fetching(this.#lowering, op, bounds, list, depth, ahead ? 1 : 0, direct) : null;
        if (fetching && direct) {
            this.#work.lds.settle();
            fetching.beginDirect();
        } else if (fetching && ahead) {
            const tiles = fetching.begin();
            this.#work.lds.settle();
            ahead.write(bounds[0] as ValueId, this.#work.word(0), tiles);
        }
        const begun = fetching?.first() ?? [];
        const initial = [...this.handOn(op.operands.slice(first), carriers), ...begun];
        // Its rounds write in turn without looking at what was there before.
        if (fetching) this.#work.lds.settle();
        const around = { round: this.#work.round, isPipelined: this.#work.isPipelined };
        this.#work.round = null;
        this.#work.isPipelined = fetching !== null && stages !== undefined;
        const rounds: Rounds = { loop: op, attributes, carriers, fetching, ahead, bounds };
        const results = this.#allRounds(rounds, initial);
        if (this.#work.isPipelined) this.#work.pipelines.push({ loop: op, bytes: this.#work.lds.mark - mark });
        this.#work.round = around.round;
        this.#work.isPipelined = around.isPipelined;
        this.#work.lds.enterLoop();
        this.#work.lds.giveBack(mark);
        this.bind(op.results, carriers, results);
    }

    /** Of a loop that only multiplies what it loads, those whose successors' tiles are inside as a whole are a loop without branches. */
    #allRounds(rounds: Rounds, initial: readonly ValueId[]): readonly ValueId[] {
        const { loop, fetching, bounds } = rounds;
        const { source, layouts } = this.#work;
        const isAlone = fetching !== null && multipliesAlone(source, loop, (dot) => layouts.plan(dot) !== null);
        const until = isAlone ? fetching.wholeUntil() : null;
        if (until === null) return this.#rounds(rounds, bounds, initial, false);
        const [start, end, step] = bounds as [ValueId, ValueId, ValueId];
        const mark = this.#work.lds.mark;
        const whole = this.#rounds(rounds, [start, until, step], initial, true);
        this.#work.lds.giveBack(mark);
        return this.#rounds(rounds, [until, end, step], whole, false);
    }

    /** `isWhole`: in which all tiles that are begun to load are inside as a whole. */
    #rounds(
        rounds: Rounds,
        bounds: readonly ValueId[],
        initial: readonly ValueId[],
        isWhole: boolean,
    ): readonly ValueId[] {
        const { loop, carriers, fetching, ahead, attributes } = rounds;
        const { source } = this.#work;
        const builder = this.#builder;
        const further = fetching?.types ?? [];
        const types = [...carriers.flatMap((carrier) => this.#typesOf(carrier)), ...further];
        const id = builder.reserve();
        this.#loops.set(source.operations.indexOf(loop) as OpId, { id, carriers });
        const made = loop.regions.map((body, at) => {
            const { parameters } = region(source, body);
            const counters = loop.op === "for" ? 1 : 0;
            const open = builder.begin([
                ...parameters.slice(0, counters).map((value) => ({ type: typeOf(source, value), span: loop.span })),
                ...types.map((type) => ({ type, span: loop.span })),
            ]);
            parameters.slice(0, counters).forEach((value, which) => {
                this.#work.scalars.set(value, open.parameters[which] as ValueId);
            });
            this.bind(parameters.slice(counters), carriers, open.parameters.slice(counters));
            this.#work.lds.enterLoop();
            const condition: readonly Carrier[] =
                loop.op === "while" && at === 0 ? [{ kind: "scalar", type: "bool" }] : [];
            const [counter] = open.parameters;
            const old = open.parameters.slice(open.parameters.length - further.length);
            this.#region(
                body,
                [...condition, ...carriers],
                (list) => {
                    if (fetching === null) return { rest: list, further: [] };
                    this.#work.round = this.#parity(counter as ValueId, rounds.bounds);
                    if (ahead) return this.#roundAhead(ahead, fetching, counter as ValueId, list, old, isWhole);
                    for (const [load, tile] of fetching.tiles(old)) this.#prefetched.set(load, tile);
                    const rest = this.#stageFetched(list, fetching.list);
                    this.#work.spare = this.#otherHalf(rest);
                    const next = fetching.next(counter as ValueId, old, null, isWhole);
                    this.#work.spare = null;
                    return { rest, further: next };
                },
                fetching === null && this.#isAround(body),
            );
            return builder.end(open);
        });
        const operands = [...bounds, ...initial];
        return builder.structured(loop.op as "for" | "while", operands, types, made, loop.span, id, attributes);
    }

    /** Whether there are loops in a loop's body, and none in these. */
    #isAround(body: RegionId): boolean {
        const { source } = this.#work;
        const isLoop = ({ op }: Operation) => op === "for" || op === "while";
        const within = (id: RegionId) => {
            const loops: Operation[] = [];
            walk(source, id, (op) => {
                if (isLoop(op)) loops.push(op);
            });
            return loops;
        };
        const inner = within(body);
        return inner.length > 0 && inner.every(({ regions }) => regions.every((id) => within(id).length === 0));
    }

    /** Null for a loop whose rounds write their own operands to LDS. */
    #aheadOf(loop: Operation, list: readonly Prefetch[], bounds: readonly ValueId[]): Ahead | null {
        const { stages = 2 } = loop.attributes;
        if (stages > 2) return Ahead.of(this.#lowering, loop, list);
        const step = this.#work.known(bounds[2] as ValueId);
        return isPowerOf2(step) ? Ahead.direct(this.#lowering, loop, list, bounds[0] as ValueId) : null;
    }

    /** The operands of the next round are written while this one reads its own. */
    #roundAhead(
        ahead: Ahead,
        fetching: Fetching,
        counter: ValueId,
        list: readonly Operation[],
        old: readonly ValueId[],
        isWhole: boolean,
    ): Begun {
        const work = this.#work;
        const half = work.round as ValueId;
        if (ahead.isDirect) work.builder.effect("wait_to_lds", [], work.span);
        work.lds.barrier();
        for (const [dot, side, stored] of ahead.staged(half)) {
            this.#staged.set(dot, { ...this.#staged.get(dot), [side]: stored });
        }
        const other = work.op("xor", [half, work.word(1)]);
        if (!ahead.isDirect) ahead.write(fetching.later(counter, 1), other, fetching.tiles(old));
        return { rest: ahead.rest(list), further: fetching.next(counter, old, other, isWhole) };
    }

    /** 0 and 1 from round to round, a u32: which half of LDS is written. */
    #parity(counter: ValueId, [start, , step]: readonly ValueId[]): ValueId | null {
        const work = this.#work;
        const known = work.known(step as ValueId);
        if (!isPowerOf2(known)) return null;
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
