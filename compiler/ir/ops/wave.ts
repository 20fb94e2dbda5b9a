// Operations of a wave: its active lanes are the work-items of the wave that are at the operation together, in the same
// call and the same round of every loop around it. What they compute is the interpreter's wave.ts, lane by lane.

import { type OpSpec, op } from "./define.js";

const meeting = (described: Pick<OpSpec, "operands" | "result" | "doc"> & Partial<OpSpec>) =>
    op({ effects: "wave", ...described });

export const WAVE = {
    lane_id: op({ operands: [], result: "index", doc: "The work-item's lane in its wave, from 0." }),
    wave_size: op({
        operands: [],
        result: "index",
        doc: "Lanes of a wave: what the function says, or the target's default.",
    }),
    wave_reduce: meeting({
        operands: ["T"],
        result: "T",
        where: { T: "number" },
        attributes: ["combine"],
        doc:
            "The active lanes' values combined, the same for all of them. Floats add up as a balanced tree: pairs of lanes " +
            "that differ in bit 0 of their number, then in bit 1, and so on; a lane that isn't active is left out.",
    }),
    wave_inclusive: meeting({
        operands: ["T"],
        result: "T",
        where: { T: "number" },
        attributes: ["combine"],
        doc:
            "The values of the active lanes up to this one combined. In each row of 16 lanes a lane takes in the one 1 below, " +
            "then 2, 4 and 8 below; then odd rows the last lane of the row below; then the upper 32 lanes lane 31.",
    }),
    wave_exclusive: meeting({
        operands: ["T"],
        result: "T",
        where: { T: "number" },
        attributes: ["combine"],
        doc:
            "What `wave_inclusive` gives for the lane below; in lane 0 what changes nothing: 0 (-0.0 of floats), all ones " +
            "for `and`, and for `min` and `max` the type's greatest and least (NaN of floats).",
    }),
    wave_shuffle: meeting({
        operands: ["T", "index"],
        result: "T",
        where: { T: "scalar" },
        attributes: ["from"],
        doc:
            "The value in another lane: `lane` the second operand, modulo the wave's size; `xor` this one's number with the " +
            "second's bits flipped, as well; `up` and `down` that many below or above, the own value where there is no " +
            "such lane. Zero where that lane isn't active.",
    }),
    wave_broadcast: meeting({
        operands: ["T", "index"],
        result: "T",
        where: { T: "scalar" },
        doc: "As `wave_shuffle lane`, for all lanes from the one that the first active lane names.",
    }),
    wave_first: meeting({
        operands: ["T"],
        result: "T",
        where: { T: "scalar" },
        doc: "The value in the first active lane.",
    }),
    wave_ballot: meeting({
        operands: ["bool"],
        result: "u64",
        doc: "A bit for each lane: whether it is active and its operand true.",
    }),
} satisfies Record<string, OpSpec>;
