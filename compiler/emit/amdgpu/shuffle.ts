// Shuffles: a value from any lane, by the cheapest move that the target has.

import type { ShuffleFrom } from "../../ir/module.js";
import type { IrScalar } from "../../ir/types.js";
import { throughWords } from "../words.js";
import type { FunctionWriter } from "../writer.js";
import * as lanes from "./lanes.js";
import { dpp } from "./lanes.js";

/** `operand` is an i64; `constant` is its value where the compiler knows it. */
export function shuffle(
    writer: FunctionWriter,
    from: ShuffleFrom,
    type: IrScalar,
    value: string,
    operand: string,
    constant: bigint | null,
): string {
    const size = writer.waveSize;
    const low = () => writer.assign(`trunc i64 ${operand} to i32`);
    const wrapped = (lane: string) => writer.assign(`and i32 ${lane}, ${size - 1}`);
    const through = (move: (word: string) => string) => throughWords(writer, value, type, move);
    switch (from) {
        case "lane": {
            const lane = wrapped(low());
            return through(constant === null ? gather(writer, lane) : readOne(writer, lane));
        }
        case "xor": {
            if (constant !== null) {
                const move = flip(writer, Number(BigInt.asUintN(64, constant) % BigInt(size)));
                if (move !== null) return through(move);
            }
            const lane = wrapped(writer.assign(`xor i32 ${lanes.laneId(writer)}, ${low()}`));
            return through(gather(writer, lane));
        }
        case "up":
        case "down": {
            const own = writer.assign(`zext i32 ${lanes.laneId(writer)} to i64`);
            const lane = writer.assign(`${from === "up" ? "sub" : "add"} i64 ${own}, ${operand}`);
            const exists = writer.assign(`icmp ult i64 ${lane}, ${size}`);
            const kept = writer.assign(`select i1 ${exists}, i64 ${lane}, i64 ${own}`);
            return through(gather(writer, writer.assign(`trunc i64 ${kept} to i32`)));
        }
    }
}

/** A word of one lane for all of them, `lane` being the same i32 in all; zero where that isn't active. */
export function readOne(writer: FunctionWriter, lane: string): (word: string) => string {
    const bits = `i${writer.waveSize}`;
    const count = bits === "i32" ? lane : writer.assign(`zext i32 ${lane} to i64`);
    const isActive = writer.assign(
        `trunc ${bits} ${writer.assign(`lshr ${bits} ${lanes.ballot(writer, "true")}, ${count}`)} to i1`,
    );
    return (word) => writer.assign(`select i1 ${isActive}, i32 ${lanes.readLane(writer, word, lane)}, i32 0`);
}

/** A lane's value from the lane whose number differs in the bits of `mask`; null where no move of the target does that. */
function flip(writer: FunctionWriter, mask: number): ((word: string) => string) | null {
    if (mask === 0) return (word) => word;
    const move = (control: number) => (word: string) => lanes.moveDpp(writer, null, word, control);
    const laneMoves = lanes.laneMovesOf(writer);
    if (mask < 4) return move(dpp.quad([0, 1, 2, 3].map((lane) => lane ^ mask)));
    if (mask === 7) return move(dpp.rowHalfMirror);
    if (mask === 8) return move(dpp.rowRor(8));
    if (mask === 15) return move(dpp.rowMirror);
    if (mask < 16 && laneMoves !== "dpp9") return move(dpp.rowXor(mask));
    if (mask < 32) return (word) => lanes.swizzleXor(writer, word, mask);
    return null;
}

/** A word from the lane that each lane names, below the wave's size; zero where that isn't active. */
function gather(writer: FunctionWriter, lane: string): (word: string) => string {
    const laneMoves = lanes.laneMovesOf(writer);
    if (writer.waveSize === 32 || laneMoves === "dpp9") return (word) => lanes.permute(writer, word, lane);
    return gatherByHalves(writer, lane);
}

/** Waves of 64 where the crossbar reaches 32 lanes: both halves are asked, with all lanes on, as either may be needed. */
function gatherByHalves(writer: FunctionWriter, lane: string): (word: string) => string {
    const differing = writer.assign(`xor i32 ${lanes.laneId(writer)}, ${lane}`);
    const isOther = writer.assign(`icmp ugt i32 ${differing}, 31`);
    return (word) => {
        const all = lanes.whole(writer, word, "0");
        const asked = lanes.whole(writer, lane, "0");
        const own = lanes.active(writer, lanes.permute(writer, all, asked));
        const other = lanes.active(writer, lanes.permute(writer, lanes.otherHalf(writer, all), asked));
        return writer.assign(`select i1 ${isOther}, i32 ${other}, i32 ${own}`);
    };
}
