// Which instruction multiplies a product's operands, and how waves share it.

import type { IrFunction, Operation, ValueId } from "../ir/module.js";
import { attribute, typeOf, walk } from "../ir/module.js";
import { isTile, type TileType } from "../ir/types.js";
import { type MatrixInstruction, matrixInstructions } from "../targets/matrix.js";
import type { Target } from "../targets/targets.js";
import { formatsOf } from "./formats.js";
import type { Plan } from "./fragments.js";
import { log2, type Team } from "./layout.js";

/** The lanes and waves of a kernel's workgroup. */
export function teamOf(fn: IrFunction, target: Target): Team {
    const [size] = fn.kernel?.workgroup ?? [1];
    const waveSize = fn.options.wave ?? target.waveSize;
    return { laneBits: log2(waveSize), waveBits: log2(Math.max(1, size / waveSize)) };
}

/**
 * Null where no instruction of the target takes these operands, or a side is smaller than one. Where rows are reduced,
 * and where a product goes into another, a wave has whole rows, so that nothing of that crosses waves; otherwise it has
 * a part that is as square as can be, which reads least of LDS for each instruction.
 */
export function planOf(fn: IrFunction, dot: Operation, target: Target, team: Team): Plan | null {
    const [left, right] = dot.operands.map((operand) => typeOf(fn, operand));
    if (left === undefined || right === undefined || !isTile(left) || !isTile(right)) throw new Error("no tiles");
    const [a, b] = formatsOf(attribute(dot, "format"));
    const [m, k, n] = [left.shape.at(-2) ?? 0, left.shape.at(-1) ?? 0, right.shape.at(-1) ?? 0];
    const fitting = (left: string, right: string) =>
        matrixInstructions(target, left, right, 1 << team.laneBits).find(
            (each) => m >= each.m && n >= each.n && k >= each.k,
        );
    const own = fitting(a, b);
    // Pairs are bytes, of which an instruction for bytes multiplies first the one half and then the other.
    const instruction = own ?? (a === "i4x2" && b === "i4x2" ? fitting("i8", "i8") : undefined);
    if (!instruction) return null;
    const mostRows = log2(m / instruction.m);
    const mostColumns = log2(n / instruction.n);
    const rows = prefersRows(fn) ? mostRows : Math.floor((team.waveBits + log2(m) - log2(n)) / 2);
    const waveRowBits = Math.max(0, Math.min(rows, mostRows, team.waveBits));
    const waveColumnBits = Math.min(team.waveBits - waveRowBits, mostColumns);
    const batch = left.shape.slice(0, -2);
    const isWidened = own === undefined;
    const isExchanged = prefersRows(fn) && hasLikeSides(instruction) && !reducesOther(fn);
    const isChained = isExchanged && isOfProduct(fn, dot.operands[0] as ValueId);
    const waves = { waveRowBits, waveColumnBits, team };
    return { instruction, isWidened, isExchanged, isChained, m, n, k, batch, ...waves };
}

/** Whether an instruction takes the elements of both operands alike, so that they can be exchanged. */
function hasLikeSides({ form, a, b, m, n }: MatrixInstruction): boolean {
    return form !== "mma" && a === b && m === n;
}

/** Whether something else than the last axis of a matrix is reduced: then lanes are better off with parts of columns. */
function reducesOther(fn: IrFunction): boolean {
    let found = false;
    walk(fn, fn.body, (op) => {
        if (op.op !== "tile_reduce" && op.op !== "tile_scan") return;
        const type = typeOf(fn, op.operands[0] as ValueId);
        found ||= isTile(type) && type.shape.length > 1 && attribute(op, "axis") !== type.shape.length - 1;
    });
    return found;
}

/** Whether a tile is computed element by element of a product's result. */
function isOfProduct(fn: IrFunction, value: ValueId): boolean {
    const found = fn.operations.find(({ results }) => results.includes(value));
    if (found?.op === "tile_dot") return true;
    if (found?.op === "tile_mask") return isOfProduct(fn, found.operands[0] as ValueId);
    const shapeOf = (of: ValueId) => {
        const type = typeOf(fn, of);
        return isTile(type) ? type.shape.join() : "";
    };
    if (found?.op !== "tile_map") return false;
    return found.operands.some((operand) => shapeOf(operand) === shapeOf(value) && isOfProduct(fn, operand));
}

function prefersRows(fn: IrFunction): boolean {
    let products = 0;
    let reductions = 0;
    walk(fn, fn.body, ({ op }) => {
        if (op === "tile_dot") products++;
        if (op === "tile_reduce" || op === "tile_scan") reductions++;
    });
    return products > 1 || reductions > 0;
}

/** Elements of one access of 16 bytes, fewer where the workgroup would not have work otherwise. */
export function vectorOf({ shape }: TileType, bytes: number, team: Team): number {
    const elements = shape.reduce((product, extent) => product * extent, 1);
    const each = Math.max(1, elements >> (team.laneBits + team.waveBits));
    return Math.min(16 / bytes, each, shape.at(-1) ?? 1);
}
