// Where the elements of a matrix product's operands and result lie: the layouts of one matrix instruction, repeated over
// the tile and its waves. A tile of k elements may be multiplied in any order of k as long as both operands agree, so
// every lane takes 16 neighbouring bytes of k where the tile has them, over several instructions.

import type { MatrixInstruction } from "../targets/matrix.js";
import { bitsOfFormat } from "./formats.js";
import { type Layout, log2, padded, sizeOf, type Team } from "./layout.js";

/** How a product is done: with which instruction, by waves side by side along rows and columns. */
export interface Plan {
    readonly instruction: MatrixInstruction;
    /** Whether elements are pairs that the instruction takes as bytes: each half is multiplied by itself. */
    readonly isWidened: boolean;
    /**
     * Whether the instruction takes the right operand as its left one, and so gives the result transposed: a lane has
     * neighbours of a row instead of a column.
     */
    readonly isExchanged: boolean;
    /** Whether the left operand is made of such a result: places along k are in the order in which lanes have it. */
    readonly isChained: boolean;
    readonly m: number;
    readonly n: number;
    readonly k: number;
    /** Extents before rows and columns: as many products, of which every wave does its part of each. */
    readonly batch: readonly number[];
    readonly waveRowBits: number;
    readonly waveColumnBits: number;
    readonly team: Team;
}

/** Bits of a lane's number that name its row of `a`, its column of `b`, and one of the two in the result. */
function sideBits({ n }: MatrixInstruction): number {
    return log2(n);
}

/** Blocks of rows that the left operand consists of: each is as the right one's columns. */
export function leftBlocks({ m, n }: MatrixInstruction): number {
    return m / n;
}

/** Elements along k that a lane holds of a row for one instruction. */
export function heldAlongK({ form, n, k, waveSize }: MatrixInstruction): number {
    return form === "wmma11" ? k : (k * n) / waveSize;
}

/** Instructions along k whose elements a lane holds side by side. */
function stepsTogether(plan: Plan): number {
    const { instruction, k } = plan;
    const bytes = (heldAlongK(instruction) * bitsOfFormat(instruction.a)) / 8;
    return Math.max(1, Math.min(16 / bytes, k / instruction.k));
}

/** Neighbours along k that a lane reads at once: at most 16 bytes. */
export function togetherAlongK(plan: Plan): number {
    const held = heldAlongK(plan.instruction) * stepsTogether(plan);
    return Math.min(held, 128 / bitsOfFormat(plan.instruction.a));
}

/** Bits of k that a lane holds side by side, over several instructions. */
function bitsTogether(plan: Plan): number {
    return log2(heldAlongK(plan.instruction)) + log2(stepsTogether(plan));
}

/**
 * The bits of a place along k, those first that a lane holds, then those that tell lanes apart. Both operands may have them in
 * any order; in that of the result that an operand is made of, lanes hold what they are to hold.
 */
export function orderAlongK(plan: Plan): number[] {
    const { instruction, k, isChained, team } = plan;
    const bits = range(0, log2(k));
    const groupBits = team.laneBits - sideBits(instruction);
    const { ofRegisters, ofLanes } = sidesOfResult(instruction, groupBits);
    const isInOrder = ofRegisters.every((bit, at) => bit === at);
    if (!isChained || !isInOrder || instruction.form === "wmma11") return bits;
    const others = bits.filter((bit) => !ofLanes.includes(bit));
    const together = bitsTogether(plan);
    return [...others.slice(0, together), ...ofLanes, ...others.slice(together)];
}

function range(from: number, to: number): number[] {
    return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}

/**
 * Of an operand as rows of k elements (`b` transposed): registers go along what a lane holds of k, then the instructions
 * along k, then down the rows that the wave has.
 */
function operandRows(plan: Plan, rows: number, waveBits: number, isRight: boolean): Layout {
    const { instruction, k, team } = plan;
    const kBits = log2(k);
    const rowBits = log2(rows);
    const order = orderAlongK(plan);
    const along = (bit: number) => 2 ** (order[bit] ?? bit);
    const down = (bit: number) => 2 ** (kBits + bit);
    const together = bitsTogether(plan);
    const groupBits = instruction.form === "wmma11" ? 0 : team.laneBits - sideBits(instruction);
    const sides = range(0, sideBits(instruction)).map(down);
    const groups = range(together, together + groupBits).map(along);
    const lanes = lanesOf(instruction, sides, instruction.form === "wmma11" ? [0] : groups);
    const perWave = rowBits - waveBits;
    const registers = [
        ...range(0, together).map(along),
        ...range(together + groupBits, kBits).map(along),
        ...range(sideBits(instruction), perWave).map(down),
        ...batchBases(plan, kBits + rowBits),
    ];
    return {
        shape: [...plan.batch, rows, k],
        registers,
        lanes: padded(lanes, team.laneBits),
        waves: waveBases(plan, isRight, range(perWave, rowBits).map(down)),
        isFragment: true,
    };
}

/** The lanes of a group lie side by side on AMD's GPUs; on NVIDIA's those that have the same row or column. */
function lanesOf({ form }: MatrixInstruction, sides: readonly number[], groups: readonly number[]): number[] {
    return form === "mma" ? [...groups, ...sides] : [...sides, ...groups];
}

/** One product behind the other, above the bits of one. */
function batchBases({ batch }: Plan, above: number): number[] {
    return range(0, log2(sizeOf(batch))).map((bit) => 2 ** (above + bit));
}

/** Waves go along columns first; waves that differ in the other direction hold the same. */
function waveBases({ waveRowBits, waveColumnBits, team }: Plan, isRight: boolean, bases: readonly number[]): number[] {
    const columns = isRight ? bases : new Array<number>(waveColumnBits).fill(0);
    const rows = isRight ? new Array<number>(waveRowBits).fill(0) : bases;
    return padded([...columns, ...rows], team.waveBits);
}

/** Of the left operand, [m, k], behind the batch's dimensions. */
export function leftLayout(plan: Plan): Layout {
    return operandRows(plan, plan.m, plan.waveRowBits, false);
}

/** Of the right operand transposed, [n, k]. */
export function rightLayout(plan: Plan): Layout {
    return operandRows(plan, plan.n, plan.waveColumnBits, true);
}

/** Of the result, [m, n]: registers of one instruction, then along the columns and down the rows of the wave. */
export function resultLayout(plan: Plan): Layout {
    const { instruction, m, n, team } = plan;
    const [mBits, nBits] = [log2(m), log2(n)];
    const side = sideBits(instruction);
    const along = (bit: number) => 2 ** bit;
    const down = (bit: number) => 2 ** (nBits + bit);
    const [perWaveM, perWaveN] = [mBits - plan.waveRowBits, nBits - plan.waveColumnBits];
    const columns = range(perWaveN, nBits).map(along);
    const rows = range(perWaveM, mBits).map(down);
    const [across, held] = plan.isExchanged ? [down, along] : [along, down];
    const own = ownResult(instruction, team.laneBits - side, across, held);
    return {
        shape: [...plan.batch, m, n],
        registers: [
            ...own.registers,
            ...range(side, perWaveN).map(along),
            ...range(log2(instruction.m), perWaveM).map(down),
            ...batchBases(plan, mBits + nBits),
        ],
        lanes: own.lanes,
        waves: padded([...columns, ...rows], team.waveBits),
        isFragment: true,
    };
}

type Basis = (bit: number) => number;

/** Of one instruction's result, what its registers and the lanes name. */
function ownResult(instruction: MatrixInstruction, groupBits: number, along: Basis, down: Basis) {
    const { form, m } = instruction;
    const side = sideBits(instruction);
    if (form === "mma") {
        // A lane has two neighbours of a row, and of the other block of rows the same.
        const blocks = range(side, log2(m)).map(down);
        const groups = range(1, 1 + groupBits).map(along);
        return { registers: [along(0), ...blocks], lanes: lanesOf(instruction, range(0, side).map(down), groups) };
    }
    const { ofRegisters, ofLanes } = sidesOfResult(instruction, groupBits);
    const columns = range(0, side).map(along);
    return { registers: ofRegisters.map(down), lanes: lanesOf(instruction, columns, ofLanes.map(down)) };
}

/**
 * Bits of a row's number in a result of AMD's that registers name, and those that groups of lanes do. gfx11's lanes take turns
 * row by row, as MFMA's do with f64; otherwise a lane has neighbouring rows: with MFMA four, then the groups of lanes.
 */
function sidesOfResult(instruction: MatrixInstruction, groupBits: number) {
    const { form, sum } = instruction;
    const side = sideBits(instruction);
    const lanesFirst = form === "wmma11" || sum === "f64";
    const neighbours = form === "mfma" ? Math.min(2, side - groupBits) : side - groupBits;
    const ofLanes = lanesFirst ? range(0, groupBits) : range(neighbours, neighbours + groupBits);
    return { ofLanes, ofRegisters: range(0, side).filter((bit) => !ofLanes.includes(bit)) };
}
