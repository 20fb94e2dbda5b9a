// Operands of products that go from global memory straight to LDS, where the target has such loads. What a wave brings lies
// there one lane behind the other, so LDS keeps the order of memory, and what keeps banks apart is done where lanes load from: the
// layout of the load is the storage in LDS, inverted. Nothing is held in registers, and nothing can be turned round on the way.
// Sources: CDNA3 and CDNA4 ISA, "Memory Buffer Load to LDS" and GLOBAL_LOAD_LDS_*.

import type { TileType } from "../ir/types.js";
import { bytesOf } from "../ir/types.js";
import type { Family, Target } from "../targets/targets.js";
import { lostBits, type WaveAccess, withoutConflicts } from "./banks.js";
import type { Stored } from "./convert.js";
import { type Plan, togetherAlongK } from "./fragments.js";
import { apply, inverse, type Layout, log2, sizeOf, transposed } from "./layout.js";
import { operandLayout, type Side } from "./products.js";
import { TURNED_BYTES, turned } from "./turned.js";

export interface Direct {
    /** Bytes that a lane brings at once, at a multiple of as many. */
    readonly bytes: number;
    /** Where lanes load from: registers of one load, then those of others. */
    readonly layout: Layout;
    /** Where the operand then lies, as the product has it. */
    readonly stored: Pick<Stored, "storage" | "isTurned">;
}

/** Bytes that the widest of such loads bring to each lane. */
const WIDEST: Readonly<Partial<Record<Family, number>>> = { cdna2: 4, cdna3: 4, "cdna3-4": 4, cdna4: 16 };

export function hasDirectLoads(target: Target): boolean {
    return WIDEST[target.family as Family] !== undefined;
}

/** Through registers 16 bytes take two instructions, a load and a write; here each load has M0 set before it. */
const LEAST = 16;

/**
 * How an operand is brought that memory has as it is, or, where `isTransposed`, with its last dimensions exchanged. Null where it would have
 * to be turned round, where banks conflict, and, unless it `isAsked` for, where it takes more instructions than through registers.
 */
export function directOf(
    target: Target,
    plan: Plan,
    side: Side,
    operand: TileType,
    isTransposed: boolean,
    isAsked: boolean,
): Direct | null {
    const { tile, shape } = operand;
    const size = bytesOf(tile);
    const bytes = WIDEST[target.family as Family];
    if (bytes === undefined || (bytes < LEAST && !isAsked) || tile === "bool") return null;
    const inMemory = (layout: Layout) => (isTransposed ? transposed(layout) : layout);
    const fragment = operandLayout(plan, side);
    const isAlong = (side === "left") !== isTransposed;
    const by = isAlong ? fragment : turned(target, fragment, operand);
    if (by === null) return null;
    const widest = isAlong ? Math.min(16, togetherAlongK(plan) * size) : TURNED_BYTES;
    const read: WaveAccess = { lanes: inMemory(by).lanes, bytes: widest, isRead: true };
    const elements = Array.from({ length: log2(sizeOf(shape)) }, (_, bit) => 2 ** bit);
    const inOrder = elements.map((element) => size * element);
    const { laneBits, waveBits } = plan.team;
    const storage = withoutConflicts(target, inOrder, Math.max(bytes, widest), [read]);
    if (lostBits(target, storage, read) > 0) return null;
    const own = log2(bytes / size);
    const places = inverse(storage.map((address) => address / size));
    if (places.length < own + laneBits + waveBits) return null;
    const [lanes, waves] = [own, own + laneBits];
    const layout: Layout = {
        shape: inMemory(fragment).shape,
        registers: [...places.slice(0, own), ...places.slice(waves + waveBits)],
        lanes: places.slice(lanes, waves),
        waves: places.slice(waves, waves + waveBits),
        isFragment: false,
    };
    const whole: Layout = { shape, registers: elements, lanes: [], waves: [], isFragment: false };
    const asOperand = inMemory(whole).registers.map((element) => apply(storage, element));
    return { bytes, layout, stored: { storage: asOperand, ...(isAlong ? {} : { isTurned: true as const }) } };
}
