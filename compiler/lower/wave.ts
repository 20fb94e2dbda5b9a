// Calls of the wave's functions. What a ballot answers is said in terms of the ballot.

import type { Attributes, Combine, ShuffleFrom, ValueId } from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import type { Expr } from "../sema/program.js";
import { type Context, known } from "./context.js";
import { convertTo, lowerValue } from "./expression.js";

type Builtin = Extract<Expr, { kind: "builtin" }>;

const COMBINES: Readonly<Record<string, Combine>> = {
    sum: "add",
    min: "min",
    max: "max",
    and: "and",
    or: "or",
    xor: "xor",
};

const SHUFFLES: Readonly<Record<string, ShuffleFrom>> = {
    wave_shuffle: "lane",
    wave_shuffle_xor: "xor",
    wave_shuffle_up: "up",
    wave_shuffle_down: "down",
};

/** Null for a function that isn't the wave's. */
export function lowerWave(context: Context, call: Builtin): ValueId | null {
    const { builder } = context;
    const { name, span } = call;
    const value = (op: OpName, operands: readonly ValueId[], attributes: Attributes = {}) =>
        builder.value(op, operands, span, attributes);
    const ballot = (condition: ValueId) => value("wave_ballot", [condition]);
    if (name === "lane_id" || name === "wave_size") return value(name, []);
    if (name === "wave_is_first") {
        const first = value("trailing_zeros", [ballot(builder.constant(true, "bool", span))]);
        return value("eq", [convertTo(context, first, "index", call), value("lane_id", [])]);
    }
    if (!name.startsWith("wave_")) return null;
    const operands = call.args.map((arg) => lowerValue(context, arg));
    const nobody = () => builder.constant(0n, "u64", span);
    switch (name) {
        case "wave_any":
            return value("ne", [ballot(known(operands[0], name)), nobody()]);
        case "wave_all":
            return value("eq", [ballot(value("not", operands)), nobody()]);
        case "wave_ballot":
        case "wave_first":
        case "wave_broadcast":
            return value(name, operands);
    }
    const from = SHUFFLES[name];
    if (from !== undefined) return value("wave_shuffle", operands, { from });
    const [, scan = "reduce", combine = ""] = /^wave_(?:(inclusive|exclusive)_)?(\w+)$/.exec(name) ?? [];
    return value(`wave_${scan}` as OpName, operands, { combine: known(COMBINES[combine], name) });
}
