// How many elements of its domain a work-item should compute: as many as make its widest contiguous access 16 bytes,
// the most that one instruction moves on every target. It pays where accesses to neighbours are a good part of the work;
// a body with loops, or with much arithmetic, gains nothing from wide accesses and loses registers.

import {
    accessedType,
    type IrFunction,
    type Operation,
    operation,
    type RegionId,
    region,
    typeOf,
    type ValueId,
    walk,
} from "../ir/module.js";
import { OPS } from "../ir/ops.js";
import { bytesOf, isBuffer } from "../ir/types.js";
import { Affine } from "./affine.js";

/** The widest access, in bytes: global_load_b128, ld.global.v4.b32. */
const WIDEST = 16;
const MOST_ELEMENTS = 8;
/** Operations on an element, those of functions included, beyond which its accesses don't count. */
const MOST_WORK = 64;
const TOO_MUCH = MOST_WORK + 1;

/** 1 where coarsening isn't allowed or doesn't pay. `work` is that of the functions before (`noteWork`). */
export function elementsThatPay(
    fn: IrFunction,
    body: RegionId,
    point: ValueId,
    work: ReadonlyMap<string, number>,
): number {
    const widest = new Survey(work).widest(fn, body, point);
    return widest === null ? 1 : Math.min(MOST_ELEMENTS, WIDEST / widest);
}

/** Notes how many operations a call of the function does, where it only computes, and not too much for its accesses to count. */
export function noteWork(fn: IrFunction, work: Map<string, number>): void {
    const count = countWork(fn, fn.body, work);
    if (count <= MOST_WORK) work.set(fn.name, count);
}

/** More than `MOST_WORK` also where something does more than compute. */
function countWork(fn: IrFunction, id: RegionId, work: ReadonlyMap<string, number>): number {
    let count = 0;
    for (const opId of region(fn, id).operations) {
        const { op, attributes, regions } = operation(fn, opId);
        if (op === "call") count += work.get(attributes.callee ?? "") ?? TOO_MUCH;
        else if (op !== "if" && op !== "yield" && op !== "return" && !isPure(op)) return TOO_MUCH;
        count += 1;
        for (const inner of regions) count += countWork(fn, inner, work);
        if (count > MOST_WORK) return TOO_MUCH;
    }
    return count;
}

class Survey {
    #work = 0;

    constructor(readonly callees: ReadonlyMap<string, number>) {}

    /**
     * Bytes of the widest access to neighbours in neighbouring work-items; null where there is none, or where something
     * forbids that a work-item computes several elements. Accesses that would not become wide ones forbid it as well: what
     * neighbouring lanes access together would be split into several instructions.
     */
    widest(fn: IrFunction, body: RegionId, point: ValueId): number | null {
        const affine = new Affine(fn, point);
        const top = new Set(region(fn, body).operations);
        let widest: number | null = null;
        let allowed = true;
        walk(fn, body, (op, id) => {
            affine.note(op);
            if (!this.#isIndependent(op)) allowed = false;
            const moves = movement(fn, op, affine);
            if (moves === 1n && top.has(id)) widest = Math.max(widest ?? 0, bytesOf(accessedType(fn, op)));
            else if (moves !== 0n) allowed = false;
        });
        return allowed && this.#work <= MOST_WORK ? widest : null;
    }

    /** Whether an operation means the same whichever work-item does it, and beside others. */
    #isIndependent({ op, attributes }: Operation): boolean {
        this.#work += 1;
        if (op === "load" || op === "store" || op === "if" || op === "yield") return true;
        if (op !== "call") return isPure(op);
        this.#work += this.callees.get(attributes.callee ?? "") ?? TOO_MUCH;
        return true;
    }
}

function isPure(op: Operation["op"]): boolean {
    return OPS[op].effects === "pure" && op !== "local_id" && op !== "group_id" && op !== "lane_id";
}

/** How many elements an access moves where the point moves by one: 0 of all that is no access; null where it varies. */
function movement(fn: IrFunction, { op, operands }: Operation, affine: Affine): bigint | null {
    const [buffer, index] = operands;
    if ((op !== "load" && op !== "store") || buffer === undefined || index === undefined) return 0n;
    const type = typeOf(fn, buffer);
    return isBuffer(type) && type.space === "global" ? affine.factor(index) : null;
}
