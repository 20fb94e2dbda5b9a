// Operands whose rows in memory are not what a product sums over, on targets that turn them round while they read LDS or
// global memory. gfx950 does the one: they lie there as in memory, so that what loads and writes them is as wide as can be;
// 16 lanes read E neighbours each, which together are 16 columns of E rows, and each lane gets the E elements of a column.
// gfx12 does the other: 8 lanes read 8 neighbours each and get a column each, which is what they write to LDS at once.
// Source: CDNA4 ISA, "MFMA Transpose Load from LDS"; RDNA4 ISA, "WMMA Matrix Load Ops with Transpose".

import type { TileType } from "../ir/types.js";
import { bytesOf } from "../ir/types.js";
import type { Target } from "../targets/targets.js";
import { type Bases, type Layout, log2, sizeOf, type Team } from "./layout.js";

/** Bytes that a lane reads. */
export const TURNED_BYTES = 8;

const COLUMN_BITS = 4;

/**
 * How lanes read an operand that they get in a layout: what that has in its lowest registers, neighbours along the sum, they
 * have among their lanes, and the other way round. Null where the target can't.
 */
export function turned(target: Target, layout: Layout, { tile, shape }: TileType): Layout | null {
    const size = bytesOf(tile);
    if (target.family !== "cdna4" || size > 2 || tile === "bool") return null;
    const own = log2(TURNED_BYTES / size);
    const { lanes, registers } = layout;
    const [rows, columns] = [registers.slice(0, own), lanes.slice(0, COLUMN_BITS)];
    if (rows.length < own || ![rows, columns].every(areNeighbours) || sizeOf(shape.slice(-2)) < 2 ** COLUMN_BITS)
        return null;
    return {
        ...layout,
        registers: [...columns.slice(0, own), ...registers.slice(own)],
        lanes: [...columns.slice(own), ...rows, ...lanes.slice(COLUMN_BITS)],
    };
}

const SQUARE_BITS = 3;

/** Lanes that load a square together, and elements that each reads. */
export const SQUARE = 2 ** SQUARE_BITS;

/** Whether a target loads squares of a tile turned round. */
export function hasTurnedLoads(target: Target, { laneBits }: Team, { tile, shape }: TileType): boolean {
    const isThere = target.family === "rdna4" && laneBits === 5 && tile !== "bool" && bytesOf(tile) <= 2;
    return isThere && shape.length > 1 && shape.slice(-2).every((extent) => extent >= SQUARE);
}

/** How lanes address a tile that they get in a layout by such loads; null for layouts that those don't give. */
export function turnedLoad(target: Target, team: Team, layout: Layout, type: TileType): Layout | null {
    const { lanes, registers, shape } = layout;
    if (!hasTurnedLoads(target, team, type)) return null;
    const [rows, columns] = [registers.slice(0, SQUARE_BITS), lanes.slice(0, SQUARE_BITS)];
    const isTurned = rows[0] === shape.at(-1) && columns[0] === 1 && [rows, columns].every(areNeighbours);
    if (!isTurned || rows.length < SQUARE_BITS) return null;
    return {
        ...layout,
        registers: [...columns, ...registers.slice(SQUARE_BITS)],
        lanes: [...rows, ...lanes.slice(SQUARE_BITS)],
    };
}

function areNeighbours(bases: Bases): boolean {
    return bases.every((basis, bit) => basis !== 0 && basis === (bases[0] ?? 0) * 2 ** bit);
}

/** Whether what writes a tile has as many neighbours as lanes read of it at once. */
export function hasNeighbours(from: Layout, by: Layout, size: number): boolean {
    return by.registers.slice(0, log2(TURNED_BYTES / size)).every((basis) => from.registers.includes(basis));
}
