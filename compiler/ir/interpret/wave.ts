// What the operations of a wave compute, from the operands of the lanes that meet. The order in which floats add up is
// the op table's, so every device gives these bits.

import { attribute, type Combine, type ConstantValue, type Operation } from "../module.js";
import { neutral } from "../neutral.js";
import { OPS } from "../ops.js";
import type { IrScalar } from "../types.js";
import { zeroOf } from "./memory.js";

/** The operands of a lane; undefined for one that isn't active. */
export type Lanes = readonly (readonly ConstantValue[] | undefined)[];
/** Where no lane took part, nothing. */
type Combined = readonly (ConstantValue | undefined)[];

const ROW = 16;

/** The result in each lane; those of lanes that aren't active don't matter. `type` is the result's. */
export function meet(op: Operation, lanes: Lanes, type: IrScalar): readonly (ConstantValue | undefined)[] {
    const values = lanes.map((operands) => operands?.[0]);
    const first = lanes.findIndex((operands) => operands !== undefined);
    switch (op.op) {
        case "wave_reduce": {
            const combine = combiner(attribute(op, "combine"), type);
            let all: Combined = values;
            for (let bit = 1; bit < lanes.length; bit *= 2) {
                const before = all;
                all = before.map((value, lane) => combine(value, before[lane ^ bit]));
            }
            return all;
        }
        case "wave_inclusive":
            return inclusive(values, combiner(attribute(op, "combine"), type));
        case "wave_exclusive": {
            const kind = attribute(op, "combine");
            const upTo = inclusive(values, combiner(kind, type));
            return upTo.map((_, lane) => upTo[lane - 1] ?? neutral(kind, type));
        }
        case "wave_shuffle":
            return lanes.map((operands, lane) => {
                const other = source(op, lane, operands?.[1], lanes.length);
                return other === null ? values[lane] : (values[other] ?? zeroOf(type));
            });
        case "wave_broadcast": {
            const other = Number(BigInt.asUintN(64, lanes[first]?.[1] as bigint) % BigInt(lanes.length));
            return lanes.map(() => values[other] ?? zeroOf(type));
        }
        case "wave_first":
            return lanes.map(() => values[first]);
        case "wave_ballot": {
            const bits = values.reduce<bigint>((sum, value, lane) => sum | (value ? 1n << BigInt(lane) : 0n), 0n);
            return lanes.map(() => bits);
        }
        default:
            throw new Error(`${op.op} is no operation of a wave`);
    }
}

/** The lane that a shuffle reads; null where it is to keep its own value. */
function source(op: Operation, lane: number, operand: ConstantValue | undefined, size: number): number | null {
    const by = BigInt.asIntN(64, (operand ?? 0n) as bigint);
    const modulo = (value: bigint) => Number(BigInt.asUintN(64, value) % BigInt(size));
    switch (attribute(op, "from")) {
        case "lane":
            return modulo(by);
        case "xor":
            return modulo(BigInt(lane) ^ by);
        case "up":
            return within(BigInt(lane) - by, size);
        case "down":
            return within(BigInt(lane) + by, size);
    }
}

function within(lane: bigint, size: number): number | null {
    return lane >= 0n && lane < BigInt(size) ? Number(lane) : null;
}

type Combiner = (a: ConstantValue | undefined, b: ConstantValue | undefined) => ConstantValue | undefined;

function combiner(kind: Combine, type: IrScalar): Combiner {
    return (a, b) => {
        if (a === undefined || b === undefined) return a ?? b;
        return OPS[kind].fold?.([a, b], type, type) ?? undefined;
    };
}

function inclusive(values: Combined, combine: Combiner): Combined {
    let all = values;
    const step = (from: (lane: number) => number | null) => {
        const before = all;
        all = before.map((value, lane) => {
            const other = from(lane);
            return other === null ? value : combine(before[other], value);
        });
    };
    for (let by = 1; by < ROW; by *= 2) step((lane) => (lane % ROW >= by ? lane - by : null));
    step((lane) => (lane & ROW ? (lane & -ROW) - 1 : null));
    step((lane) => (lane >= 32 ? 31 : null));
    return all;
}
