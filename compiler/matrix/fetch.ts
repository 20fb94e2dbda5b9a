// What a pipelined loop carries of its next round: the tiles that were loaded for it and where those of the round after lie.
// Nearly always all of a round's tiles are inside of their views, so that is one comparison of the counter with a limit, and
// places that grow by as much in every round are moved by that.

import { type Operation, type RegionId, region, type ValueId } from "../ir/module.js";
import type { IrType } from "../ir/types.js";
import type { Ahead } from "./ahead.js";
import type { Lowering } from "./lower.js";
import type { Loading } from "./memory.js";
import { dependents, isLinear, isPowerOf2, type Prefetch } from "./pipeline.js";
import type { Held } from "./tile.js";
import type { Work } from "./work.js";

interface Moving {
    /** By what a load's offset grows from round to round; null where it is computed anew. */
    readonly step: ValueId | null;
    /** The offset in the first round that is loaded within the loop. */
    readonly first: ValueId;
}

export class Fetching {
    readonly #work: Work;
    readonly #parameter: ValueId;
    /** Operations of the loop's body whose results change with its counter. */
    readonly #changing: ReadonlySet<ValueId>;
    /** Counters below it have all of all tiles inside; null where that takes more than a comparison. */
    readonly #limit: ValueId | null;
    /** What must hold beside that. */
    readonly #aligned: readonly ValueId[];
    readonly #moving: readonly Moving[];
    readonly #loads: readonly Loading[];
    /** Offsets of work-items that the loop hands on: otherwise LLVM adds bases to them in 64 bits. */
    readonly #offsets: readonly ValueId[];

    /**
     * In front of the loop, which carries the tiles of `depth` rounds: of those that follow the one it is at, or, where
     * `skipped` is one, the next one.
     */
    constructor(
        readonly lowering: Lowering,
        readonly loop: Operation,
        readonly bounds: readonly ValueId[],
        readonly list: readonly Prefetch[],
        readonly depth: number,
        readonly skipped: 0 | 1,
        /** What takes the loads straight to LDS, so that no tiles are carried; null where they go to registers. */
        readonly direct: Ahead | null,
    ) {
        this.#work = lowering.work;
        const [parameter] = region(lowering.source, loop.regions[0] as RegionId).parameters;
        this.#parameter = parameter as ValueId;
        this.#changing = dependents(list, this.#parameter);
        const [start] = bounds as [ValueId];
        const offsets = (round: number) =>
            this.#at(this.later(start, round), []).map(({ accesses }) => accesses.place.offset);
        const [first, second, later] = [offsets(0), offsets(1), offsets(this.lead)];
        this.#loads = this.#at(start, []);
        this.#moving = list.map(({ load, place }, at) => {
            const isMoved = isLinear(load.operands[1] as ValueId, place, this.#changing);
            const step = () => this.#work.op("sub", [second[at] as ValueId, first[at] as ValueId]);
            return { step: isMoved ? step() : null, first: later[at] as ValueId };
        });
        this.#aligned = direct ? this.#alignedFor(direct) : [];
        this.#limit = this.#limitOf();
        this.#offsets = [...new Set(this.#loads.flatMap(({ accesses }) => accesses.offsets))];
    }

    /** By how many rounds loads are begun before the round that takes them. */
    get lead(): number {
        return this.depth + this.skipped;
    }

    /** The counter so many rounds later. */
    later(counter: ValueId, rounds: number): ValueId {
        const work = this.#work;
        const step = this.bounds[2] as ValueId;
        if (rounds === 0) return counter;
        return work.op("add", [counter, rounds === 1 ? step : work.op("mul", [step, work.index(rounds)])]);
    }

    /** Of what the loop carries: the tiles' values, where tiles are, and offsets of work-items from there. */
    get types(): readonly IrType[] {
        const places = this.#moving.map(() => "index" as const);
        const tiles = Array.from({ length: this.depth }, () => this.#tileTypes).flat();
        return [...tiles, ...places, ...this.#offsets.map(() => "u32" as const)];
    }

    get #tileTypes(): readonly IrType[] {
        return this.direct ? [] : this.#loads.flatMap(({ types }) => types);
    }

    /** The tiles of the loop's first round. */
    begin(): ReadonlyMap<Operation, Held> {
        return this.tiles(this.#loadedAt(0));
    }

    /** Those of the loop's first round, straight to the first half of LDS. */
    beginDirect(): void {
        this.#loaded(this.#loads, this.bounds[0] as ValueId, this.#work.word(0));
    }

    /** What the first round begins with. */
    first(): readonly ValueId[] {
        const tiles = Array.from({ length: this.depth }, (_, round) => this.#loadedAt(this.skipped + round)).flat();
        return [...tiles, ...this.#moving.map(({ first }) => first), ...this.#offsets];
    }

    #loadedAt(round: number): readonly ValueId[] {
        const counter = this.later(this.bounds[0] as ValueId, round);
        return this.#loaded(this.#at(counter, []), counter);
    }

    /**
     * The counter before which all rounds begin to load tiles that are inside as a whole, at most the one behind the last; null where
     * that takes more than a comparison, or division.
     */
    wholeUntil(): ValueId | null {
        const work = this.#work;
        const [start, , step] = this.bounds as [ValueId, ValueId, ValueId];
        const known = work.known(step);
        if (this.#limit === null || !isPowerOf2(known)) return null;
        const led = work.op("sub", [this.#limit, work.index(Number(known) * this.lead)]);
        const span = work.op("max", [work.op("sub", [led, start]), work.index(0)]);
        const up = work.op("add", [span, work.index(Number(known) - 1)]);
        return work.op("add", [start, work.op("and", [up, work.index(-Number(known))])]);
    }

    /**
     * What a round, of which the counter is given, hands to the next one, from what it was handed; what goes straight to LDS goes to the
     * half of that number. `isWhole` says that what it begins to load is inside as a whole.
     */
    next(own: ValueId, carried: readonly ValueId[], half: ValueId | null, isWhole: boolean): readonly ValueId[] {
        const counter = this.later(own, this.lead);
        const each = this.#tileTypes.length;
        const count = each * this.depth;
        const offsets = carried.slice(count, count + this.#moving.length);
        const parts = carried.slice(count + this.#moving.length).map((offset) => this.#work.op("opaque", [offset]));
        const held = new Map(this.#offsets.map((offset, at) => [offset, parts[at] as ValueId]));
        const loads = this.#at(
            counter,
            this.#moving.map(({ step }, at) => (step === null ? undefined : offsets[at])),
        );
        for (const { accesses } of loads) accesses.held = held;
        const moved = this.#moving.map(({ step }, at) =>
            step === null ? (offsets[at] as ValueId) : this.#work.op("add", [offsets[at] as ValueId, step]),
        );
        const loaded = isWhole ? this.#whole(loads, half) : this.#loaded(loads, counter, half);
        return [...carried.slice(each, count), ...loaded, ...moved, ...parts];
    }

    /** The first tiles that a round was handed, by their loads. */
    tiles(carried: readonly ValueId[]): ReadonlyMap<Operation, Held> {
        let at = 0;
        return new Map(
            this.#loads.map((loading, which) => {
                const first = at;
                at += loading.types.length;
                return [(this.list[which] as Prefetch).load, loading.held(carried.slice(first, at))];
            }),
        );
    }

    /** The loads for a counter, some of them from an offset that is known. */
    #at(counter: ValueId, offsets: readonly (ValueId | undefined)[]): Loading[] {
        const { scalars } = this.#work;
        const values = this.list.flatMap(({ place }) => place.flatMap(({ results }) => results));
        const before = [this.#parameter, ...values].map((value) => [value, scalars.get(value)] as const);
        scalars.set(this.#parameter, counter);
        for (const { place } of this.list) this.lowering.operations(place);
        const loads = this.list.map(({ load }, at) =>
            this.lowering.loading(load, offsets[at], this.direct?.layoutOf(load)),
        );
        // What the round itself is at stays as it was.
        for (const [value, scalar] of before) if (scalar !== undefined) scalars.set(value, scalar);
        return loads;
    }

    #whole(loads: readonly Loading[], half: ValueId | null): readonly ValueId[] {
        if (!this.direct || half === null) return loads.flatMap((each) => each.whole());
        this.direct.load(half, this.#byLoad(loads));
        return [];
    }

    #byLoad(loads: readonly Loading[]): ReadonlyMap<Operation, Loading> {
        return new Map(loads.map((loading, at) => [(this.list[at] as Prefetch).load, loading]));
    }

    #loaded(loads: readonly Loading[], counter: ValueId, half: ValueId | null = null): readonly ValueId[] {
        const work = this.#work;
        const types = this.#tileTypes;
        const isThere = () => work.op("lt", [counter, this.bounds[1] as ValueId], "bool");
        const isWhole = (each: Loading) => each.accesses.partial.length === 0;
        const all =
            this.#limit === null
                ? loads
                      .flatMap(({ accesses }) =>
                          accesses.partial.length > 0 ? [accesses.whole(accesses.partial)] : [],
                      )
                      .concat(this.#aligned)
                      .reduce((whole, one) => work.op("and", [whole, one]), isThere())
                : work.op("lt", [counter, this.#limit], "bool");
        if (this.direct && half !== null) return this.#direct(this.direct, loads, counter, half, all, isThere);
        const beyond = () => types.map((type) => work.zero(type));
        const whole = () => this.#whole(loads, null);
        const partly = () => loads.flatMap((each) => (isWhole(each) ? each.whole() : each.partly()));
        return work.choose(all, types, whole, () =>
            loads.every(isWhole) ? beyond() : work.choose(isThere(), types, partly, beyond),
        );
    }

    #direct(
        direct: Ahead,
        list: readonly Loading[],
        counter: ValueId,
        half: ValueId,
        all: ValueId,
        isThere: () => ValueId,
    ): readonly ValueId[] {
        const work = this.#work;
        const loads = this.#byLoad(list);
        const done = (act: () => void) => () => {
            act();
            return [];
        };
        const whole = done(() => direct.load(half, loads));
        const partly = done(() => direct.loadPartly(counter, half, loads));
        return work.choose(all, [], whole, () => work.choose(isThere(), [], partly, () => []));
    }

    /** Whether all addresses of all rounds are such multiples as loads straight to LDS need. */
    #alignedFor(direct: Ahead): ValueId[] {
        const work = this.#work;
        return this.#loads.flatMap(({ accesses }, at) => {
            const { place, size } = accesses;
            const { load } = this.list[at] as Prefetch;
            const bytes = direct.alignmentOf(load);
            const base = work.op("offset", [place.buffer, place.offset], work.typeOf(place.buffer));
            const isBase = work.op("at_multiple", [base], "bool", { align: bytes });
            const steps = [(this.#moving[at] as Moving).step, ...place.strides.slice(0, -1)];
            const low = steps
                .map((step) => work.convert(step as ValueId, "u32"))
                .reduce((bits, step) => work.op("or", [bits, step]));
            const rest = work.op("and", [low, work.word(bytes / size - 1)]);
            return [isBase, work.op("eq", [rest, work.word(0)], "bool")];
        });
    }

    /** Counts that change may say only how much is left of the loop's range. */
    #limitOf(): ValueId | null {
        const work = this.#work;
        const [start, end] = this.bounds as [ValueId, ValueId];
        let most = 1;
        const fixed = [...this.#aligned];
        for (const [at, { accesses }] of this.#loads.entries()) {
            const { load, place } = this.list[at] as Prefetch;
            for (const axis of accesses.partial) {
                const count = load.operands[2 + 2 * axis + 1] as ValueId;
                if (!this.#changing.has(count)) {
                    fixed.push(accesses.whole([axis]));
                    continue;
                }
                const left = place.find(({ results }) => results[0] === count);
                const isRest = left?.op === "sub" && left.operands[0] === this.loop.operands[1];
                if (!isRest || left.operands[1] !== this.#parameter) return null;
                most = Math.max(most, accesses.type.shape[axis] ?? 1);
            }
        }
        // Never below the start, where no counter is: numbers without a sign are compared by one instruction.
        const limit = work.op("max", [start, work.op("sub", [end, work.index(most - 1)])]);
        if (fixed.length === 0) return limit;
        const all = fixed.reduce((whole, one) => work.op("and", [whole, one]));
        return work.op("select", [all, limit, start]);
    }
}
