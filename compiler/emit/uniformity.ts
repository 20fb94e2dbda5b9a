// What differs between the lanes of a wave, as far as an operation's operands say: for sure, or perhaps.

import type { ValueId } from "../ir/module.js";
import { OPS, type OpName } from "../ir/ops.js";
import type { FunctionWriter } from "./writer.js";

/** Whether a value may differ between the lanes of a wave: it comes of a work-item's id, of memory, or of a loop. */
export function variesByLane(writer: FunctionWriter, value: ValueId): boolean {
    const op = writer.definitions.get(value);
    if (op === undefined) return !writer.fn.kernel || !writer.fn.parameters.some((each) => each.value === value);
    if (op.op === "local_id" || op.op === "lane_id") return true;
    return OPS[op.op].effects !== "pure" || op.operands.some((operand) => variesByLane(writer, operand));
}

/** What is different for different operands, where the others are the same. */
const MOVING: ReadonlySet<OpName> = new Set<OpName>(["add", "sub", "mul", "shl", "convert"]);

/** Operations within operations that are looked at. */
const DEPTH = 12;

/** Whether neighbouring lanes have different values: it is a sum or product with their id in it. */
export function movesWithLane(writer: FunctionWriter, value: ValueId, depth = DEPTH): boolean {
    const op = writer.definitions.get(value);
    if (op === undefined || depth === 0) return false;
    if (op.op === "local_id" || op.op === "lane_id") return op.op === "lane_id" || op.attributes.axis === 0;
    return MOVING.has(op.op) && op.operands.some((operand) => movesWithLane(writer, operand, depth - 1));
}
