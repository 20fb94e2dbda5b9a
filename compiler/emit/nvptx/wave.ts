// The operations of a wave, which NVIDIA calls a warp (PTX ISA, "shfl.sync", "vote.sync", "redux.sync").
//
// Reductions and scans combine in the order of the op table, as on every target. Where all 32 lanes are active they go by
// the distances 1, 2, 4, 8 and 16. Where some aren't, nobody holds what those would hand on: each lane then reads all
// values it needs, with the neutral one for lanes that aren't active, and combines them itself in the same order.

import { attribute, type Combine, type Operation } from "../../ir/module.js";
import { bitsOf, type IrScalar, isFloat, isSigned } from "../../ir/types.js";
import { combination, neutralWords } from "../combine.js";
import { llvmType } from "../text.js";
import { fromWords, laneType, throughWords, toWords } from "../words.js";
import type { FunctionWriter } from "../writer.js";
import { ballot, LANES } from "./lanes.js";

/** Lanes of a row in the op table's order of scans. */
const ROW = 16;
/** The last operand of shuffles: lanes of a segment, here all or a row, and the lane at which they stop. */
const SEGMENT = { all: 0x1f, allFromBelow: 0, rowFromBelow: 0x1000 } as const;
/** The first compute capability with `redux.sync`. */
const REDUX = 80;

type Words = readonly string[];

/** Emits an operation of a wave; false where it is of another family. */
export function emitWave(writer: FunctionWriter, op: Operation): boolean {
    const [result] = op.results;
    const emit = EMITTERS[op.op];
    if (!emit || result === undefined) return false;
    writer.define(result, emit(writer, op, writer.scalarOf(result), writer.uses(op.operands)));
    return true;
}

type Emit = (writer: FunctionWriter, op: Operation, type: IrScalar, operands: Words) => string;

const EMITTERS: Partial<Record<Operation["op"], Emit>> = {
    lane_id: (writer) => writer.assign(`zext i32 ${laneId(writer)} to i64`),
    wave_size: () => String(LANES),
    wave_reduce: (writer, op, type, [x = ""]) => combined(writer, attribute(op, "combine"), type, x, reduce),
    wave_inclusive: (writer, op, type, [x = ""]) => combined(writer, attribute(op, "combine"), type, x, inclusive),
    wave_exclusive: (writer, op, type, [x = ""]) => combined(writer, attribute(op, "combine"), type, x, exclusive),
    wave_shuffle: emitShuffle,
    wave_broadcast(writer, _op, type, [x = "", lane = ""]) {
        const mask = activeLanes(writer);
        const own = writer.assign(`and i32 ${writer.assign(`trunc i64 ${lane} to i32`)}, ${LANES - 1}`);
        const named = readLane(writer, mask, own, firstOf(writer, mask));
        return fromLane(writer, mask, type, x, named);
    },
    wave_first(writer, _op, type, [x = ""]) {
        const mask = activeLanes(writer);
        const first = firstOf(writer, mask);
        return throughWords(writer, x, type, (word) => readLane(writer, mask, word, first));
    },
    wave_ballot: (writer, _op, _type, [condition = ""]) =>
        writer.assign(`zext i32 ${ballot(writer, activeLanes(writer), condition)} to i64`),
};

function laneId(writer: FunctionWriter): string {
    return writer.intrinsic("nvvm.read.ptx.sreg.laneid", "i32", [], `range(i32 0, ${LANES})`);
}

/** A bit for each lane that is at this place. */
function activeLanes({ lanes, fn }: FunctionWriter): string {
    if (lanes === null) throw new Error(`lanes meet in ${fn.name} at a place of which they aren't known`);
    return lanes;
}

function firstOf(writer: FunctionWriter, mask: string): string {
    return writer.intrinsic("cttz.i32", "i32", [
        ["i32", mask],
        ["i1", "true"],
    ]);
}

function shuffle(
    writer: FunctionWriter,
    mask: string,
    how: "idx" | "bfly" | "up",
    word: string,
    operand: string | number,
    segment: number = SEGMENT.all,
): string {
    return writer.intrinsic(`nvvm.shfl.sync.${how}.i32`, "i32", [
        ["i32", mask],
        ["i32", word],
        ["i32", String(operand)],
        ["i32", String(segment)],
    ]);
}

/** A word of a lane that is active; of another lane it is anything. */
function readLane(writer: FunctionWriter, mask: string, word: string, lane: string): string {
    return shuffle(writer, mask, "idx", word, lane);
}

function isActive(writer: FunctionWriter, mask: string, lane: string): string {
    return writer.assign(`trunc i32 ${writer.assign(`lshr i32 ${mask}, ${lane}`)} to i1`);
}

/** A value of a lane below 32; zero where that isn't active. */
function fromLane(writer: FunctionWriter, mask: string, type: IrScalar, value: string, lane: string): string {
    const active = isActive(writer, mask, lane);
    return throughWords(writer, value, type, (word) =>
        writer.assign(`select i1 ${active}, i32 ${readLane(writer, mask, word, lane)}, i32 0`),
    );
}

function emitShuffle(writer: FunctionWriter, op: Operation, type: IrScalar, [x = "", operand = ""]: Words): string {
    const from = attribute(op, "from");
    const mask = activeLanes(writer);
    const low = writer.assign(`trunc i64 ${operand} to i32`);
    const wrapped = (lane: string) => fromLane(writer, mask, type, x, writer.assign(`and i32 ${lane}, ${LANES - 1}`));
    if (from === "lane") return wrapped(low);
    if (from === "xor") return wrapped(writer.assign(`xor i32 ${laneId(writer)}, ${low}`));
    const own = writer.assign(`zext i32 ${laneId(writer)} to i64`);
    const lane = writer.assign(`${from === "up" ? "sub" : "add"} i64 ${own}, ${operand}`);
    const exists = writer.assign(`icmp ult i64 ${lane}, ${LANES}`);
    const kept = writer.assign(`select i1 ${exists}, i64 ${lane}, i64 ${own}`);
    return fromLane(writer, mask, type, x, writer.assign(`trunc i64 ${kept} to i32`));
}

/** What lanes are to combine. */
interface Lanes {
    readonly writer: FunctionWriter;
    readonly mask: string;
    readonly kind: Combine;
    readonly type: IrScalar;
    readonly words: Words;
    /** The words of what changes no value. */
    readonly neutral: Words;
    readonly combine: (a: Words, b: Words) => Words;
}

interface Ways {
    readonly whenAllActive: (lanes: Lanes) => Words;
    readonly otherwise: (lanes: Lanes) => Words;
}

function combined(writer: FunctionWriter, kind: Combine, type: IrScalar, value: string, ways: Ways): string {
    const wide = laneType(type);
    const widens = bitsOf(wide) > bitsOf(type);
    const widened = widens
        ? writer.assign(`${isSigned(type) ? "sext" : "zext"} ${llvmType(type)} ${value} to ${llvmType(wide)}`)
        : value;
    const words = toWords(writer, widened, wide);
    const combine: Lanes["combine"] = (a, b) => {
        const [left, right] = [fromWords(writer, a, wide), fromWords(writer, b, wide)];
        return toWords(writer, combination(writer, kind, wide, left, right), wide);
    };
    const mask = activeLanes(writer);
    const lanes = { writer, mask, kind, type: wide, words, neutral: neutralWords(kind, type), combine };

    const [all, some, done] = [writer.block("all"), writer.block("some"), writer.block("combined")];
    const results = words.map(() => writer.phi(done, "i32"));
    const full = writer.assign(`icmp eq i32 ${mask}, -1`);
    writer.line(`br i1 ${full}, label %${all.label}, label %${some.label}`);
    writer.place(all);
    writer.jump(done, ways.whenAllActive({ ...lanes, mask: "-1" }));
    writer.place(some);
    writer.jump(done, ways.otherwise(lanes));
    writer.place(done);

    const result = fromWords(writer, results, wide);
    return widens ? writer.assign(`trunc ${llvmType(wide)} ${result} to ${llvmType(type)}`) : result;
}

const reduce: Ways = {
    whenAllActive(lanes) {
        const { writer, mask, words, combine } = lanes;
        const reduced = reduceAtOnce(lanes);
        if (reduced !== null) return [reduced];
        return [1, 2, 4, 8, 16].reduce<Words>((held, distance) => {
            const moved = held.map((word) => shuffle(writer, mask, "bfly", word, distance));
            return combine(held, moved);
        }, words);
    },
    otherwise(lanes) {
        return tree(
            lanes,
            Array.from({ length: LANES }, (_, lane) => valueIn(lanes, String(lane), null)),
        );
    },
};

/** One instruction for integers of 32 bits, where the target has it; order doesn't matter to them. */
function reduceAtOnce({ writer, mask, kind, type, words: [word = ""] }: Lanes): string | null {
    const { target } = writer.module;
    const has = target.backend === "nvptx" && target.capability >= REDUX;
    if (!has || isFloat(type) || bitsOf(type) !== 32) return null;
    const unsigned = (kind === "min" || kind === "max") && !isSigned(type);
    return writer.intrinsic(`nvvm.redux.sync.${unsigned ? "u" : ""}${kind}`, "i32", [
        ["i32", word],
        ["i32", mask],
    ]);
}

const inclusive: Ways = {
    whenAllActive(lanes) {
        const { writer, mask, words, neutral, combine } = lanes;
        const lane = laneId(writer);
        const inRow = writer.assign(`and i32 ${lane}, ${ROW - 1}`);
        const kept = (condition: string, moved: Words) =>
            moved.map((word, at) => writer.assign(`select i1 ${condition}, i32 ${word}, i32 ${neutral[at]}`));
        const inRows = [1, 2, 4, 8].reduce<Words>((held, distance) => {
            const moved = held.map((word) => shuffle(writer, mask, "up", word, distance, SEGMENT.rowFromBelow));
            return combine(kept(writer.assign(`icmp uge i32 ${inRow}, ${distance}`), moved), held);
        }, words);
        const last = inRows.map((word) => readLane(writer, mask, word, String(ROW - 1)));
        return combine(kept(writer.assign(`icmp uge i32 ${lane}, ${ROW}`), last), inRows);
    },
    otherwise: (lanes) => upTo(lanes, laneId(lanes.writer)),
};

const exclusive: Ways = {
    whenAllActive(lanes) {
        const { writer, mask, neutral } = lanes;
        const isLowest = writer.assign(`icmp eq i32 ${laneId(writer)}, 0`);
        return inclusive.whenAllActive(lanes).map((word, at) => {
            const moved = shuffle(writer, mask, "up", word, 1, SEGMENT.allFromBelow);
            return writer.assign(`select i1 ${isLowest}, i32 ${neutral[at]}, i32 ${moved}`);
        });
    },
    otherwise: (lanes) => upTo(lanes, lanes.writer.assign(`sub i32 ${laneId(lanes.writer)}, 1`)),
};

/** The values up to a lane, which may be -1: those of its row, and before them, for the upper row, those of the lower. */
function upTo(lanes: Lanes, lane: string): Words {
    const { writer, combine } = lanes;
    const distances = Array.from({ length: ROW }, (_, distance) => distance);
    // Of lane -1 there is nothing: all that would be of its row lies below 0.
    const row = writer.intrinsic("smax.i32", "i32", [
        ["i32", writer.assign(`and i32 ${lane}, ${-ROW}`)],
        ["i32", "0"],
    ]);
    const own = distances.map((distance) => {
        const from = writer.assign(`sub i32 ${lane}, ${distance}`);
        return valueIn(lanes, from, writer.assign(`icmp sge i32 ${from}, ${row}`));
    });
    const isUpper = writer.assign(`icmp sge i32 ${lane}, ${ROW}`);
    const below = distances.map((distance) => valueIn(lanes, String(ROW - 1 - distance), isUpper));
    return combine(tree(lanes, below), tree(lanes, own));
}

/** The value of a lane; the neutral one where that isn't active, isn't below 32, or `exists` doesn't hold. */
function valueIn({ writer, mask, words, neutral }: Lanes, lane: string, exists: string | null): Words {
    const wrapped = /^\d+$/.test(lane) ? lane : writer.assign(`and i32 ${lane}, ${LANES - 1}`);
    const active = isActive(writer, mask, wrapped);
    const condition = exists === null ? active : writer.assign(`and i1 ${active}, ${exists}`);
    return words.map((word, at) =>
        writer.assign(`select i1 ${condition}, i32 ${readLane(writer, mask, word, wrapped)}, i32 ${neutral[at]}`),
    );
}

/** Neighbours combined, then pairs of them, and so on; the later of two is what lies below. */
function tree({ combine }: Lanes, values: readonly Words[]): Words {
    let level = values;
    while (level.length > 1) {
        level = Array.from({ length: level.length / 2 }, (_, at) =>
            combine(level[2 * at + 1] as Words, level[2 * at] as Words),
        );
    }
    return level[0] as Words;
}
