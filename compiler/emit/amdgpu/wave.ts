// The operations of a wave. Reductions and scans run over all lanes in whole-wave mode, where a lane that isn't active
// has a value that changes nothing; the order is the op table's, for every target the same.

import { attribute, type Combine, type Operation, type ValueId } from "../../ir/module.js";
import { bitsOf, type IrScalar, isSigned } from "../../ir/types.js";
import { combination, neutralWords } from "../combine.js";
import { llvmType } from "../text.js";
import { fromWords, laneType, throughWords, toWords } from "../words.js";
import type { FunctionWriter } from "../writer.js";
import * as lanes from "./lanes.js";
import { dpp, rows } from "./lanes.js";
import { readOne, shuffle } from "./shuffle.js";

/** Emits an operation of a wave; false where it is of another family. */
export function emitWave(writer: FunctionWriter, op: Operation): boolean {
    const [result] = op.results;
    const emit = EMITTERS[op.op];
    if (!emit || result === undefined) return false;
    writer.define(result, emit(writer, op, writer.scalarOf(result), writer.uses(op.operands)));
    return true;
}

type Emit = (writer: FunctionWriter, op: Operation, type: IrScalar, operands: readonly string[]) => string;

const EMITTERS: Partial<Record<Operation["op"], Emit>> = {
    lane_id: (writer) => writer.assign(`zext i32 ${lanes.laneId(writer)} to i64`),
    wave_size: (writer) => String(writer.waveSize),
    wave_reduce: (writer, op, type, [x = ""]) => combined(writer, attribute(op, "combine"), type, x, reduce),
    wave_inclusive: (writer, op, type, [x = ""]) => combined(writer, attribute(op, "combine"), type, x, inclusive),
    wave_exclusive: (writer, op, type, [x = ""]) =>
        combined(writer, attribute(op, "combine"), type, x, (wide) => fromBelow(wide, inclusive(wide))),
    wave_shuffle: (writer, op, type, [x = "", operand = ""]) =>
        shuffle(writer, attribute(op, "from"), type, x, operand, constantOf(writer, op.operands[1])),
    wave_broadcast: (writer, _op, type, [x = "", lane = ""]) => broadcast(writer, type, x, lane),
    wave_first: (writer, _op, type, [x = ""]) =>
        throughWords(writer, x, type, (word) => lanes.readFirstLane(writer, word)),
    wave_ballot: (writer, _op, _type, [condition = ""]) => {
        const bits = lanes.ballot(writer, condition);
        return writer.waveSize === 64 ? bits : writer.assign(`zext i32 ${bits} to i64`);
    },
};

function constantOf(writer: FunctionWriter, id: ValueId | undefined): bigint | null {
    const value = id === undefined ? undefined : writer.definitions.get(id)?.attributes.value;
    return typeof value === "bigint" ? value : null;
}

/** A value in whole-wave mode. */
interface Wide {
    readonly writer: FunctionWriter;
    readonly type: IrScalar;
    readonly words: readonly string[];
    /** The words of what changes no value. */
    readonly neutral: readonly string[];
    readonly combine: (a: readonly string[], b: readonly string[]) => readonly string[];
}

function combined(
    writer: FunctionWriter,
    kind: Combine,
    type: IrScalar,
    value: string,
    compute: (wide: Wide) => readonly string[],
): string {
    const wideType = laneType(type);
    const widened =
        wideType === type || bitsOf(type) >= 32
            ? value
            : writer.assign(`${isSigned(type) ? "sext" : "zext"} ${llvmType(type)} ${value} to i32`);
    const identity = neutralWords(kind, type);
    const words = toWords(writer, widened, wideType).map((word, at) => lanes.whole(writer, word, identity[at] ?? ""));
    const combine: Wide["combine"] = (a, b) => {
        const [left, right] = [fromWords(writer, a, wideType), fromWords(writer, b, wideType)];
        return toWords(writer, combination(writer, kind, wideType, left, right), wideType);
    };
    const result = compute({ writer, type: wideType, words, neutral: identity, combine });
    const back = fromWords(
        writer,
        result.map((word) => lanes.active(writer, word)),
        wideType,
    );
    if (bitsOf(wideType) === bitsOf(type)) return back;
    return writer.assign(`trunc i32 ${back} to ${llvmType(type)}`);
}

const moved = ({ writer, neutral }: Wide, control: number, mask: number, from: readonly string[]) =>
    from.map((word, at) => lanes.moveDpp(writer, neutral[at] ?? "", word, control, mask));

/**
 * Pairs at distances 1, 2, 4 and 8, then across rows; all lanes of a row have its result by then, so mirrors serve gfx9
 * for the distances of 4 and 8. One lane's result is read for all of them, which makes it uniform.
 */
function reduce(wide: Wide): readonly string[] {
    const { writer } = wide;
    const laneMoves = lanes.laneMovesOf(writer);
    const step = (words: readonly string[], from: readonly string[]) => wide.combine(words, from);
    const within =
        laneMoves === "dpp9"
            ? [dpp.quad([1, 0, 3, 2]), dpp.quad([2, 3, 0, 1]), dpp.rowHalfMirror, dpp.rowMirror]
            : [dpp.rowXor(1), dpp.rowXor(2), dpp.rowXor(4), dpp.rowXor(8)];
    let words = within.reduce<readonly string[]>(
        (all, control) =>
            step(
                all,
                all.map((word) => lanes.moveDpp(writer, null, word, control)),
            ),
        wide.words,
    );
    const readAll = (from: readonly string[], lane: number) => from.map((word) => lanes.readLane(writer, word, lane));
    if (laneMoves === "dpp9") {
        words = step(words, moved(wide, dpp.broadcast15, rows.odd, words));
        words = step(words, moved(wide, dpp.broadcast31, rows.upperHalf, words));
        return readAll(words, 63);
    }
    words = step(
        words,
        words.map((word) => lanes.otherRow(writer, word, [0, 0])),
    );
    if (writer.waveSize === 32) return readAll(words, 0);
    return step(readAll(words, 0), readAll(words, 32));
}

function inclusive(wide: Wide): readonly string[] {
    const { writer } = wide;
    let words = wide.words;
    for (const by of [1, 2, 4, 8]) words = wide.combine(moved(wide, dpp.rowShr(by), rows.all, words), words);
    if (lanes.laneMovesOf(writer) === "dpp9") {
        words = wide.combine(moved(wide, dpp.broadcast15, rows.odd, words), words);
        return wide.combine(moved(wide, dpp.broadcast31, rows.upperHalf, words), words);
    }
    const lastOfOther = words.map((word) => lanes.otherRow(writer, word, [-1, -1]));
    words = wide.combine(moved(wide, dpp.own, rows.odd, lastOfOther), words);
    if (writer.waveSize === 32) return words;
    const lane31 = words.map((word) => lanes.readLane(writer, word, 31));
    return wide.combine(moved(wide, dpp.own, rows.upperHalf, lane31), words);
}

/** What each lane's lower neighbour has, and in lane 0 what changes nothing. */
function fromBelow(wide: Wide, words: readonly string[]): readonly string[] {
    const { writer } = wide;
    if (lanes.laneMovesOf(writer) === "dpp9") return moved(wide, dpp.waveShr1, rows.all, words);
    const shifted = moved(wide, dpp.rowShr(1), rows.all, words);
    const starts = Array.from({ length: writer.waveSize / lanes.ROW - 1 }, (_, row) => lanes.ROW * (row + 1));
    return starts.reduce<readonly string[]>(
        (all, lane) =>
            all.map((word, at) =>
                lanes.writeLane(writer, lanes.readLane(writer, words[at] ?? "", lane - 1), lane, word),
            ),
        shifted,
    );
}

function broadcast(writer: FunctionWriter, type: IrScalar, value: string, from: string): string {
    const lane = writer.assign(`and i32 ${writer.assign(`trunc i64 ${from} to i32`)}, ${writer.waveSize - 1}`);
    return throughWords(writer, value, type, readOne(writer, lanes.readFirstLane(writer, lane)));
}
