// The op table: every operation of the IR, defined once.

import { ARITHMETIC } from "./ops/arithmetic.js";
import { CONTROL } from "./ops/control.js";
import type { OpSpec } from "./ops/define.js";
import { MATRIX } from "./ops/matrix.js";
import { MEMORY } from "./ops/memory.js";
import { REPORTS } from "./ops/reports.js";
import { TILE } from "./ops/tile.js";
import { WAVE } from "./ops/wave.js";

/** The families, in the order in which the specification lists them. */
export const FAMILIES = {
    Scalars: ARITHMETIC,
    "Memory, work-items and calls": MEMORY,
    Waves: WAVE,
    Tiles: TILE,
    "Matrix instructions": MATRIX,
    "Reports to the host": REPORTS,
    "Control flow": CONTROL,
} as const;

const TABLE = { ...ARITHMETIC, ...MEMORY, ...WAVE, ...TILE, ...MATRIX, ...REPORTS, ...CONTROL };

export type OpName = keyof typeof TABLE;
export type TerminatorName = "yield" | "break" | "continue" | "return" | "fail" | "unreachable";

export const OPS: Readonly<Record<OpName, OpSpec>> = TABLE;
