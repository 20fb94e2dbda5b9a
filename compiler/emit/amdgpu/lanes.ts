// Values moved between the lanes of a wave, 32 bits at a time, by what each generation of targets has for it: DPP (data
// parallel primitives), permlanes and LDS's crossbar. Sources: the sections "Data Parallel Processing" and "LDS
// instructions" of AMD's CDNA3, RDNA2, RDNA3 and RDNA4 ISA manuals; LLVM's user guide for AMDGPU, "LLVM IR Intrinsics".

import type { LaneMoves } from "../../targets/targets.js";
import type { FunctionWriter } from "../writer.js";

/** Lanes of a row, which DPP doesn't leave. */
export const ROW = 16;

/** DPP's controls: from which lane a lane reads. */
export const dpp = {
    /** `from` says which lane of its four each of them reads. */
    quad: (from: readonly number[]) => from.reduce((bits, lane, at) => bits | (lane << (2 * at)), 0),
    rowShr: (by: number) => 0x110 | by,
    rowRor: (by: number) => 0x120 | by,
    /** gfx9 only. */
    waveShr1: 0x138,
    rowMirror: 0x140,
    rowHalfMirror: 0x141,
    /** gfx9 only: the last lane of each row to the next row. */
    broadcast15: 0x142,
    /** gfx9 only: lane 31 to the rows above it. */
    broadcast31: 0x143,
    /** gfx10 and later. */
    rowXor: (mask: number) => 0x160 | mask,
    own: 0xe4,
} as const;

/** Which rows a DPP move writes, a bit each. */
export const rows = { all: 0xf, odd: 0xa, upperHalf: 0xc } as const;

/** How the target moves values between lanes. */
export function laneMovesOf({ module: { target } }: FunctionWriter): LaneMoves {
    if (target.backend !== "amdgpu") throw new Error(`${target.name} is no target of AMD's`);
    return target.laneMoves;
}

/**
 * What `from` is in the lane that a DPP control names; `old` where that lane isn't active or there is none, and in rows
 * that aren't written. Null where all rows are written: it is zero from such lanes, and leaves LLVM free to make one
 * instruction of move and use.
 */
export function moveDpp(
    writer: FunctionWriter,
    old: string | null,
    from: string,
    control: number,
    mask: number = rows.all,
): string {
    return writer.intrinsic("amdgcn.update.dpp.i32", "i32", [
        ["i32", old ?? "poison"],
        ["i32", from],
        ["i32", String(control)],
        ["i32", String(mask)],
        ["i32", String(rows.all)],
        ["i1", String(old === null)],
    ]);
}

/** From gfx10 on: the lane of the other row of each pair that `selectors`, 4 bits for each lane of a row, name. */
export function otherRow(writer: FunctionWriter, word: string, [low, high]: readonly [number, number]): string {
    return writer.intrinsic("amdgcn.permlanex16.i32", "i32", [
        ["i32", "0"],
        ["i32", word],
        ["i32", String(low)],
        ["i32", String(high)],
        ["i1", "false"],
        ["i1", "true"],
    ]);
}

/**
 * In whole-wave mode, waves of 64: the lane of the other half. gfx10 has nothing that reaches it but reading and writing
 * single lanes.
 */
export function otherHalf(writer: FunctionWriter, word: string): string {
    if (laneMovesOf(writer) === "permlanex16") {
        const lanes = Array.from({ length: 64 }, (_, lane) => lane);
        return lanes.reduce((all, lane) => writeLane(writer, readLane(writer, word, lane ^ 32), lane, all), word);
    }
    return writer.intrinsic("amdgcn.permlane64.i32", "i32", [["i32", word]]);
}

export function readLane(writer: FunctionWriter, word: string, lane: string | number): string {
    return writer.intrinsic("amdgcn.readlane.i32", "i32", [
        ["i32", word],
        ["i32", String(lane)],
    ]);
}

export function readFirstLane(writer: FunctionWriter, word: string): string {
    return writer.intrinsic("amdgcn.readfirstlane.i32", "i32", [["i32", word]]);
}

export function writeLane(writer: FunctionWriter, word: string, lane: number, into: string): string {
    return writer.intrinsic("amdgcn.writelane.i32", "i32", [
        ["i32", word],
        ["i32", String(lane)],
        ["i32", into],
    ]);
}

/**
 * Through LDS's crossbar: any lane of the wave on gfx9, of the same 32 from gfx10 on. Zero from a lane that isn't active.
 * LLVM makes a read of the lane's register, whatever is in it, where it knows that all lanes name the same one, and nothing
 * at all where all have the same word: so it isn't to know.
 */
export function permute(writer: FunctionWriter, word: string, lane: string): string {
    const address = writer.hidden("i32", writer.assign(`shl i32 ${lane}, 2`));
    return writer.intrinsic("amdgcn.ds.bpermute", "i32", [
        ["i32", address],
        ["i32", writer.hidden("i32", word)],
    ]);
}

/** The lane's number with bits flipped, below 32. Zero from a lane that isn't active. */
export function swizzleXor(writer: FunctionWriter, word: string, mask: number): string {
    return writer.intrinsic("amdgcn.ds.swizzle", "i32", [
        ["i32", word],
        ["i32", String((mask << 10) | 0x1f)],
    ]);
}

export function laneId(writer: FunctionWriter): string {
    const low = writer.intrinsic("amdgcn.mbcnt.lo", "i32", [
        ["i32", "-1"],
        ["i32", "0"],
    ]);
    if (writer.waveSize === 32) return low;
    return writer.intrinsic("amdgcn.mbcnt.hi", "i32", [
        ["i32", "-1"],
        ["i32", low],
    ]);
}

/** A bit for each active lane whose condition holds. */
export function ballot(writer: FunctionWriter, condition: string): string {
    const bits = `i${writer.waveSize}`;
    return writer.intrinsic(`amdgcn.ballot.${bits}`, bits, [["i1", condition]]);
}

/** In strict whole-wave mode, which computes for lanes that aren't active as well: these have `inactive`. */
export function whole(writer: FunctionWriter, word: string, inactive: string): string {
    return writer.intrinsic("amdgcn.set.inactive.i32", "i32", [
        ["i32", word],
        ["i32", inactive],
    ]);
}

/** Back from whole-wave mode. */
export function active(writer: FunctionWriter, word: string): string {
    return writer.intrinsic("amdgcn.strict.wwm.i32", "i32", [["i32", word]]);
}
