// Calls of built-in functions: most are one operation of the same name.

import { type AtomicKind, type Axis, scalarOf, type ValueId } from "../ir/module.js";
import { OPS, type OpName } from "../ir/ops.js";
import type { IrScalar } from "../ir/types.js";
import type { Expr, Place } from "../sema/program.js";
import { type Context, known } from "./context.js";
import { lowerDim } from "./dims.js";
import { convertTo, lowerValue } from "./expression.js";
import { storedAs } from "./layout.js";
import { indexOf } from "./memory.js";
import { referenceTo } from "./place.js";
import { workgroupOf } from "./signature.js";
import { lowerWave } from "./wave.js";

type Builtin = Extract<Expr, { kind: "builtin" }>;

const ATOMICS: Readonly<Record<string, AtomicKind>> = {
    atomic_add: "add",
    atomic_sub: "sub",
    atomic_min: "min",
    atomic_max: "max",
    atomic_and: "and",
    atomic_or: "or",
    atomic_xor: "xor",
    atomic_exchange: "exchange",
};

/** Lowers a built-in function's call; null where it has no value. */
export function lowerBuiltin(context: Context, call: Builtin): ValueId | null {
    const { builder } = context;
    const { name, span } = call;
    if (name === "barrier") {
        builder.effect("barrier", [], span);
        return null;
    }
    if (name === "fence") {
        builder.effect("fence", [], span, { ...call.ordering });
        return null;
    }
    if (name.startsWith("atomic_")) return lowerAtomic(context, call);
    const wave = lowerWave(context, call);
    if (wave !== null) return wave;
    const indexFunction = INDEX_FUNCTIONS[name];
    if (indexFunction) return indexFunction(context, call);
    const operands = call.args.map((arg) => lowerValue(context, arg));
    if (name === "where") return builder.value("select", operands, span);
    if (name === "to_bits" || name.endsWith("_from_bits")) return bitcast(context, operands, resultOf(call), span);
    if (!isScalarOp(name)) throw new Error(`the built-in ${name} has no lowering`);
    return convertTo(context, builder.value(name, operands, span), resultOf(call), call);
}

/** A small float is its bits already. */
function bitcast({ builder }: Context, operands: readonly ValueId[], type: IrScalar, span: Builtin["span"]): ValueId {
    const [only] = operands;
    if (only !== undefined && scalarOf(builder.function, only) === type) return only;
    return builder.value("bitcast", operands, span, {}, type);
}

function isScalarOp(name: string): name is OpName {
    return name in OPS && OPS[name as OpName].effects === "pure";
}

function resultOf({ type, name }: Builtin): IrScalar {
    if (type.kind !== "scalar") throw new Error(`${name} gives no scalar`);
    return storedAs(type.name);
}

/** What an index function is along one axis of the grid (x is 0) that was written as the `written`th. */
type IndexFunction = (context: Context, axis: Axis, written: number, call: Builtin) => ValueId;

const along =
    (compute: IndexFunction) =>
    (context: Context, call: Builtin): ValueId => {
        const written = call.args[0]?.kind === "literal" ? Number(call.args[0].value) : 0;
        const { launch } = known(context.kernel ?? undefined, call.name);
        const rank = launch.kind === "groups" ? launch.groups.length : launch.domain.length;
        return compute(context, (rank - 1 - written) as Axis, written, call);
    };

const groupId: IndexFunction = ({ builder }, axis, _written, { span }) => builder.value("group_id", [], span, { axis });
const localId: IndexFunction = ({ builder }, axis, _written, { span }) => builder.value("local_id", [], span, { axis });

const localSize: IndexFunction = ({ builder, kernel }, axis, _written, { span }) =>
    builder.constant(BigInt(workgroupOf(known(kernel ?? undefined, "local_size"))[axis]), "index", span);

/** From the launch clause: the same arithmetic that the host launches by. */
const groupCount: IndexFunction = (context, _axis, written, { span }) => {
    const launch = context.kernel?.launch;
    if (launch?.kind !== "groups") throw new Error("group_count outside a groups kernel");
    return lowerDim(context, known(launch.groups[written], "group_count"), span);
};

const globalId: IndexFunction = (context, axis, written, call) => {
    const first = context.builder.value(
        "mul",
        [groupId(context, axis, written, call), localSize(context, axis, written, call)],
        call.span,
    );
    return context.builder.value("add", [first, localId(context, axis, written, call)], call.span);
};

const globalSize: IndexFunction = (context, axis, written, call) =>
    context.builder.value(
        "mul",
        [groupCount(context, axis, written, call), localSize(context, axis, written, call)],
        call.span,
    );

const INDEX_FUNCTIONS: Readonly<Record<string, (context: Context, call: Builtin) => ValueId>> = {
    local_id: along(localId),
    group_id: along(groupId),
    local_size: along(localSize),
    group_count: along(groupCount),
    global_id: along(globalId),
    global_size: along(globalSize),
};

function lowerAtomic(context: Context, call: Builtin): ValueId | null {
    const [place, ...rest] = call.args;
    const memory = place === undefined ? null : referenceTo(context, place as Place).memory;
    if (memory?.type.kind !== "scalar") throw new Error(`${call.name} without a place`);
    const type = storedAs(memory.type.name);
    const index = indexOf(context, memory, { type, offset: 0 });
    const operands = [memory.buffer, index, ...rest.map((arg) => lowerValue(context, arg))];
    const { builder } = context;
    const { name, span } = call;
    const ordering = { ...call.ordering };
    if (name === "atomic_load") return builder.value("atomic_load", operands, span, ordering, type);
    if (name === "atomic_store") {
        builder.effect("atomic_store", operands, span, ordering);
        return null;
    }
    if (name === "atomic_compare_exchange") return builder.value("atomic_cas", operands, span, ordering, type);
    const atomic = known(ATOMICS[name], name);
    return builder.value("atomic_rmw", operands, span, { ...ordering, atomic }, type);
}
