// Matrix products. Operands are brought to LDS, where rows lie along what is summed over, and read as the fragments that
// the instruction takes; without an instruction every work-item multiplies its rows and columns by itself.

import type { Operation, ValueId } from "../ir/module.js";
import { attribute } from "../ir/module.js";
import { bytesOf, type IrScalar, type TileType } from "../ir/types.js";
import { convertScalar } from "../lower/small-floats.js";
import type { Target } from "../targets/targets.js";
import { widestWithoutConflicts, withoutConflicts } from "./banks.js";
import {
    accessBy,
    inLayout,
    inRegisters,
    readStored,
    readTurned,
    type Storage,
    type Stored,
    storageOf,
    store,
    storedBytes,
} from "./convert.js";
import { formatsOf } from "./formats.js";
import {
    heldAlongK,
    leftBlocks,
    leftLayout,
    orderAlongK,
    type Plan,
    resultLayout,
    rightLayout,
    togetherAlongK,
} from "./fragments.js";
import { coordinates, elementAt, type Layout, log2, registerElements, sizeOf, transposed } from "./layout.js";
import type { Part } from "./lds.js";
import { type Held, type Tile, wordsAt } from "./tile.js";
import { hasNeighbours, TURNED_BYTES, turned } from "./turned.js";
import type { Work } from "./work.js";

export type Side = "left" | "right";

/** The layout in which a product takes an operand, as a tile of the operand's own shape. */
export function operandLayout(plan: Plan, side: Side): Layout {
    return side === "left" ? leftLayout(plan) : transposed(rightLayout(plan));
}

/**
 * How an operand lies in LDS: what a lane reads of a row at once, below it that of the next rows, and then what is further
 * along the sum. So lanes read neighbours, and all that a work-item reads is at constants from its own place. `from` is the
 * layout that writes it.
 */
export function operandStorage(
    target: Target,
    plan: Plan,
    side: Side,
    type: TileType,
    from: Layout | null,
): Pick<Stored, "storage" | "isTurned"> {
    const { tile, shape } = type;
    const size = bytesOf(tile);
    const columnBits = log2(shape.at(-1) ?? 1);
    const [alongBits, acrossBits] = [log2(plan.k), log2(side === "left" ? plan.m : plan.n)];
    /** Of a bit of an element's number: null above those of one matrix. */
    const placeOf = (bit: number) => {
        if (bit >= alongBits + acrossBits) return null;
        const isAlong = side === "left" ? bit < columnBits : bit >= columnBits;
        return { isAlong, place: bit < columnBits ? bit : bit - columnBits };
    };
    const bits = Array.from({ length: log2(sizeOf(shape)) }, (_, bit) => bit);
    const by = turned(target, operandLayout(plan, side), type);
    if (by && from && hasNeighbours(from, by, size)) {
        const storage = bits.map((bit) => {
            const { isAlong, place } = placeOf(bit) ?? { isAlong: false, place: bit };
            return size * 2 ** (isAlong ? place + acrossBits : place);
        });
        const write = accessBy(storage, from, size, false);
        const read = { lanes: by.lanes, bytes: TURNED_BYTES, isRead: true };
        const widest = Math.max(write.bytes, TURNED_BYTES);
        return { storage: withoutConflicts(target, storage, widest, [read, write]), isTurned: true };
    }
    const order = orderAlongK(plan);
    const { lanes } = operandLayout(plan, side);
    const place = (granule: number) => {
        const together = log2(granule / size);
        const storage = bits.map((bit) => {
            const at = placeOf(bit);
            if (at === null) return size * 2 ** bit;
            if (!at.isAlong) return granule * 2 ** at.place;
            const place = order.indexOf(at.place);
            return place < together ? size * 2 ** place : size * 2 ** (place + acrossBits);
        });
        const writes = from === null ? [] : [accessBy(storage, from, size, false)];
        return { storage, accesses: [{ lanes, bytes: granule, isRead: true }, ...writes] };
    };
    return { storage: widestWithoutConflicts(target, Math.max(4, togetherAlongK(plan) * size), place) };
}

/** An operand from LDS as fragments. */
function readOperand(work: Work, plan: Plan, side: Side, stored: Stored): Held {
    const layout = operandLayout(plan, side);
    const by = stored.isTurned ? turned(work.target, layout, stored.type) : null;
    return by ? readTurned(work, stored, layout, by) : readStored(work, stored, layout);
}

/** An operand as fragments, by way of LDS, unless it can be computed as such. */
export function fragmentOf(work: Work, plan: Plan, side: Side, tile: Tile, round: ValueId | null): Held {
    const layout = operandLayout(plan, side);
    if (tile.layout === null) return inLayout(work, tile, layout);
    return readOperand(work, plan, side, stage(work, plan, side, tile, round));
}

/** LDS that a pipelined loop may take twice, so that a round writes what no other still reads. */
export const MOST_ALTERNATING = 32 * 1024;

/** Writes an operand to LDS; where a loop says in which round it is, to one half and the other in turn. */
export function stage(work: Work, plan: Plan, side: Side, tile: Held, round: ValueId | null): Stored {
    const placed = operandStorage(work.target, plan, side, tile.type, tile.layout);
    const bytes = storedBytes(tile);
    const fits = work.isPipelined || work.lds.mark + 2 * bytes <= MOST_ALTERNATING;
    if (round === null || !fits) return { ...store(work, tile, placed.storage), ...placed };
    return { ...stageIn(work, tile, placed.storage, work.lds.takeAlternating(bytes), round), ...placed };
}

/** Writes an operand to the half of a part that a round uses. */
export function stageIn(work: Work, tile: Held, storage: Storage, part: Part, round: ValueId): Stored {
    return store(work, tile, storage, { part, move: halfOf(work, part, round) });
}

/** Where the half of a round begins, from the part's start. */
export function halfOf(work: Work, part: Part, round: ValueId): ValueId {
    return work.op("mul", [round, work.word(part.bytes / 2)]);
}

/** Sums one product after the other onto the accumulator, along k outermost. */
export function multiply(work: Work, plan: Plan, left: Held, right: Held, sum: Held): Held {
    const { instruction, m, n, k, batch } = plan;
    const { builder, span } = work;
    const steps = k / instruction.k;
    const held = heldAlongK(instruction);
    const rows = m / instruction.m / (1 << plan.waveRowBits);
    const columns = n / instruction.n / (1 << plan.waveColumnBits);
    const each = (instruction.m * instruction.n) / (1 << plan.team.laneBits);
    const values = sum.registers.form === "scalars" ? [...sum.registers.values] : [];
    const blocks = leftBlocks(instruction);
    const operand = (tile: Held, first: number, count: number, step: number) =>
        Array.from({ length: count }, (_, block) =>
            wordsAt(
                work,
                tile,
                Array.from({ length: held }, (_, at) => ((first + block) * steps + step) * held + at),
            ),
        ).flat();
    const parts: readonly ((words: readonly ValueId[]) => readonly ValueId[])[] = plan.isWidened
        ? [0, 4].map((shift) => (words) => words.map((word) => widened(work, word, shift)))
        : [(words) => words];
    const rounds = Array.from({ length: sizeOf(batch) * steps }, (_, round) =>
        parts.map((part) => ({ matrix: Math.floor(round / steps), step: round % steps, part })),
    ).flat();
    for (const { matrix, step, part } of rounds) {
        const b = Array.from({ length: columns }, (_, column) =>
            part(operand(right, matrix * columns + column, 1, step)),
        );
        for (let row = 0; row < rows; row++) {
            const a = part(operand(left, (matrix * rows + row) * blocks, blocks, step));
            for (let column = 0; column < columns; column++) {
                const at = ((matrix * rows + row) * columns + column) * each;
                const c = values.slice(at, at + each);
                const types = new Array<IrScalar>(each).fill(sum.type.tile);
                const factors = [a, b[column] ?? []];
                if (plan.isExchanged) factors.reverse();
                const d = builder.values("mma", [...factors.flat(), ...c], types, span, {
                    format: instruction.name,
                });
                values.splice(at, each, ...d);
            }
        }
    }
    return { type: sum.type, layout: resultLayout(plan), registers: { form: "scalars", values } };
}

/** Of four pairs in a word the integers of one half, as four bytes with their sign. */
function widened(work: Work, word: ValueId, shift: number): ValueId {
    const on = (op: "and" | "xor" | "sub" | "shr", value: ValueId, by: number) => work.op(op, [value, work.word(by)]);
    const half = on("and", shift === 0 ? word : on("shr", word, shift), 0x0f0f0f0f);
    // Exchanging the sign bit's meaning, n ^ 8 - 8, with a bit above that no byte borrows beyond.
    return on("xor", on("sub", on("xor", half, 0x88888888), 0x08080808), 0x80808080);
}

/** What there is already of a product's operands: their fragments, or where they lie in LDS. */
export interface Ready {
    readonly fragment: (side: Side) => Held | null;
    readonly staged: (side: Side) => Stored | null;
}

/** A product on the matrix cores, or without them. */
export function product(
    work: Work,
    dot: Operation,
    [left, right, sum]: readonly [Tile, Tile, Tile],
    layout: Layout,
    ready: Ready,
): Held {
    const plan = work.layouts.plan(dot);
    const start = inLayout(work, sum, layout);
    if (!plan) return multiplyAlone(work, dot, left, right, start);
    // Both are written before either is read, so that all wait once.
    const operands = [left, right].map((tile, at) => {
        const side = at === 0 ? "left" : "right";
        const found = ready.fragment(side);
        if (found) return () => found;
        const held = tile.layout === null ? null : inRegisters(work, tile, operandLayout(plan, side));
        if (held) return () => held;
        if (tile.layout === null) return () => fragmentOf(work, plan, side, tile, null);
        const stored = ready.staged(side) ?? stage(work, plan, side, tile, work.round);
        return () => readOperand(work, plan, side, stored);
    });
    const [a, b] = operands.map((read) => read()) as [Held, Held];
    return multiply(work, plan, a, b, start);
}

/** Every work-item its own elements: for each place along k, the rows' elements times the columns'. */
function multiplyAlone(work: Work, dot: Operation, left: Tile, right: Tile, sum: Held): Held {
    const { builder, span } = work;
    const formats = formatsOf(attribute(dot, "format"));
    const k = left.type.shape.at(-1) ?? 1;
    const stored = [left, right].map((tile, side) => {
        const held = tile.layout === null ? inLayout(work, tile, sumless(work, tile.type)) : tile;
        return store(work, held, storageOf(tile.type.tile, tile.type.shape, 16, side === 0));
    }) as [Stored, Stored];
    for (const { part } of stored) work.lds.beforeReading({ ...part, owner: null });
    const own = sum.type.shape.map((_, axis) => work.placeAlong(sum.layout, axis));
    const values = sum.registers.form === "scalars" ? sum.registers.values : [];
    const type = sum.type.tile;
    const counter = { type: "index" as const, span };
    const round = builder.begin([counter, ...values.map(() => ({ type, span }))]);
    const [at, ...carried] = round.parameters;
    work.enter();
    const step = work.convert(at as ValueId, "u32");
    const made = new Map<string, readonly ValueId[]>();
    /** The numbers of an element of one side, in a batch's matrix and at a row or column from the work-item's own. */
    const element = (side: 0 | 1, matrix: readonly number[], place: number) => {
        const key = [side, ...matrix, place].join();
        const known = made.get(key);
        if (known !== undefined) return known;
        const { type: of, storage, part } = stored[side];
        const size = bytesOf(of.tile);
        const at = (axis: number, more: number) => work.op("add", [own[axis] as ValueId, work.word(more)]);
        const batch = matrix.map((more, axis) => at(axis, more));
        const across = at(matrix.length + side, place);
        const places = side === 0 ? [across, step] : [step, across];
        const address = addressOf(work, storage, of.shape, [...batch, ...places]);
        const bytes = work.op("add", [address, work.word(part.start)]);
        const index = size === 1 ? bytes : work.op("shr", [bytes, work.word(log2(size))]);
        const loaded = builder.value("load", [work.lds.array, work.convert(index, "index")], span, {}, of.tile);
        const values =
            formats[side] === "i4x2"
                ? bothOf(work, loaded)
                : [convertScalar({ builder }, loaded, formats[side], type as "f32", span)];
        made.set(key, values);
        return values;
    };
    const sums = registerElements(sum.layout).map((register, which) => {
        const places = coordinates(sum.type.shape, register);
        const [row = 0, column = 0] = places.slice(-2);
        const matrix = places.slice(0, -2);
        const [a, b] = [element(0, matrix, row), element(1, matrix, column)];
        return a.reduce((sum, each, part) => {
            const factors = [each, b[part] as ValueId];
            if (type.startsWith("f")) return builder.value("fma", [...factors, sum], span);
            return builder.value("add", [builder.value("mul", factors, span), sum], span);
        }, carried[which] as ValueId);
    });
    builder.terminate("yield", sums, span);
    work.leave();
    const body = builder.end(round);
    const bounds = [work.index(0), work.index(k), work.index(1)];
    const results = builder.structured(
        "for",
        [...bounds, ...values],
        values.map(() => type),
        [body],
        span,
    );
    return { ...sum, registers: { form: "scalars", values: results } };
}

/** Both integers of a pair. */
function bothOf(work: Work, pair: ValueId): readonly ValueId[] {
    const word = work.convert(pair, "i32");
    const places = work.constant(28n, "i32");
    return [28n, 24n].map((left) =>
        work.op("shr", [work.op("shl", [word, work.constant(left, "i32")], "i32"), places], "i32"),
    );
}

function sumless(work: Work, { shape }: TileType): Layout {
    const bits = Array.from({ length: log2(sizeOf(shape)) }, (_, bit) => 2 ** bit);
    const { laneBits, waveBits } = work.team;
    const pad = (list: readonly number[], count: number) => [
        ...list,
        ...new Array<number>(count - list.length).fill(0),
    ];
    const rest = bits.slice(laneBits);
    const waves = rest.slice(Math.max(0, rest.length - waveBits));
    return {
        shape,
        lanes: pad(bits.slice(0, laneBits), laneBits),
        waves: pad(waves, waveBits),
        registers: rest.slice(0, rest.length - waves.length),
        isFragment: false,
    };
}

/** The byte of an element of which the places are known at run time only. */
function addressOf(work: Work, storage: Storage, shape: readonly number[], places: readonly ValueId[]): ValueId {
    const { builder, span } = work;
    let address: ValueId | null = null;
    for (const [axis, place] of places.entries()) {
        const bits = log2(shape[axis] ?? 1);
        const first = log2(
            elementAt(
                shape,
                shape.map((_, at) => (at === axis ? 1 : 0)),
            ),
        );
        for (let bit = 0; bit < bits; ) {
            const basis = storage[first + bit] ?? 0;
            let run = 1;
            while (bit + run < bits && storage[first + bit + run] === basis * 2 ** run && Number.isInteger(log2(basis)))
                run++;
            const shifted = bit === 0 ? place : builder.value("shr", [place, work.word(bit)], span);
            const field = builder.value("and", [shifted, work.word(2 ** run - 1)], span);
            const part = builder.value("mul", [field, work.word(basis)], span);
            address = address === null ? part : builder.value("xor", [address, part], span);
            bit += run;
        }
    }
    return address ?? work.word(0);
}
