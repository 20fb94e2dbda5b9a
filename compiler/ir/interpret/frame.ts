// What a call of a function holds in the interpreter: its values by their ids, and its arrays.

import type { ConstantValue, IrFunction, OpId, ValueId } from "../module.js";
import type { Memory } from "./memory.js";
import { isMemory, scalarOfCarried, type TileValue } from "./tiles.js";

export type Argument = Memory | Carried;

/** What loops and branches hand on. */
export type Carried = ConstantValue | TileValue;

/** One call of a function. */
export interface Frame {
    readonly fn: IrFunction;
    readonly values: (Argument | undefined)[];
    readonly arrays: Map<OpId, Memory>;
}

export function bind(frame: Frame, ids: readonly ValueId[], values: readonly Carried[]): void {
    ids.forEach((id, at) => {
        frame.values[id] = values[at];
    });
}

export function argument(frame: Frame, id: ValueId | undefined): Argument {
    const value = id === undefined ? undefined : frame.values[id];
    if (value === undefined) throw new Error(`value ${id} is used before it is defined`);
    return value;
}

export function scalar(frame: Frame, id: ValueId | undefined): ConstantValue {
    return scalarOfCarried(carried(frame, id));
}

export function carried(frame: Frame, id: ValueId | undefined): Carried {
    const value = argument(frame, id);
    if (isMemory(value)) throw new Error(`value ${id} is a buffer`);
    return value;
}

export function index(frame: Frame, id: ValueId | undefined): bigint {
    const value = scalar(frame, id);
    if (typeof value !== "bigint") throw new Error(`value ${id} is no index`);
    return value;
}

export function buffer(frame: Frame, id: ValueId | undefined): Memory {
    const value = argument(frame, id);
    if (!isMemory(value)) throw new Error(`value ${id} is no buffer`);
    return value;
}

export function at<T>(list: readonly T[], place: number): T {
    const found = list[place];
    if (found === undefined) throw new Error(`nothing at place ${place}`);
    return found;
}
