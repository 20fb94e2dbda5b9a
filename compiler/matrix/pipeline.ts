// Software pipelining: a loop's loads from global memory are begun one round before their tiles are used, so that they
// are under way while the round before computes. Which loads: those whose place depends on the loop's counter alone.

import {
    type ConstantValue,
    type IrFunction,
    type Operation,
    operation,
    type RegionId,
    region,
    type ValueId,
    walk,
} from "../ir/module.js";

/** A load, and the operations of the loop's body that say where it is, in their order. */
export interface Prefetch {
    readonly load: Operation;
    readonly place: readonly Operation[];
}

/** Of a `for` loop. `written` are buffers that the kernel writes: of these nothing is loaded early. */
export function prefetches(fn: IrFunction, loop: Operation, written: ReadonlySet<ValueId>): Prefetch[] {
    if (isLeft(fn, loop)) return [];
    const body = region(fn, loop.regions[0] as RegionId);
    const [, ...carried] = body.parameters;
    const operations = body.operations.map((id) => operation(fn, id));
    const definitions = new Map<ValueId, Operation>();
    for (const op of operations) for (const result of op.results) definitions.set(result, op);
    return operations.flatMap((load) => {
        if (load.op !== "tile_load" || written.has(load.operands[0] as ValueId)) return [];
        const place = placeOf(load, definitions, new Set(carried));
        return place === null ? [] : [{ load, place: operations.filter((op) => place.has(op)) }];
    });
}

function isLeft(fn: IrFunction, loop: Operation): boolean {
    let leaves = false;
    walk(fn, loop.regions[0] as RegionId, ({ op }) => {
        if (op === "break" || op === "continue" || op === "return") leaves = true;
    });
    return leaves;
}

/** Why nothing of a loop can be begun early. */
export function hindrance(fn: IrFunction, loop: Operation, written: ReadonlySet<ValueId>): string {
    if (isLeft(fn, loop)) return "it is left by `break`, `continue` or `return`";
    const loads = region(fn, loop.regions[0] as RegionId)
        .operations.map((id) => operation(fn, id))
        .filter(({ op }) => op === "tile_load");
    if (loads.length === 0) return "it loads no tiles itself";
    if (loads.every(({ operands }) => written.has(operands[0] as ValueId)))
        return "the kernel writes to the views that it loads from";
    return "where its tiles lie follows from more than arithmetic on its counter";
}

/** Whether a loop's rounds do nothing but load tiles and multiply them, by matrix instructions: other products are loops themselves. */
export function multipliesAlone(fn: IrFunction, loop: Operation, hasPlan: (dot: Operation) => boolean): boolean {
    return region(fn, loop.regions[0] as RegionId)
        .operations.map((id) => operation(fn, id))
        .every((op) => (op.op === "tile_dot" ? hasPlan(op) : isLoadingOrPlace(op)));
}

function isLoadingOrPlace({ op }: Operation): boolean {
    return op === "tile_load" || op === "yield" || ARITHMETIC.has(op) || SHAPED.has(op);
}

/** Null where it takes more than arithmetic on the counter. */
function placeOf(
    load: Operation,
    definitions: ReadonlyMap<ValueId, Operation>,
    carried: ReadonlySet<ValueId>,
): ReadonlySet<Operation> | null {
    const found = new Set<Operation>();
    const pending = [...load.operands];
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
        if (carried.has(value)) return null;
        const op = definitions.get(value);
        if (!op || found.has(op)) continue;
        if (!ARITHMETIC.has(op.op)) return null;
        found.add(op);
        pending.push(...op.operands);
    }
    return found;
}

const ARITHMETIC: ReadonlySet<string> = new Set(["const", "add", "sub", "mul", "min", "max", "div", "rem"]);

const SHAPED: ReadonlySet<string> = new Set(["tile_mask", "tile_transpose"]);

/** The loads that were begun, with what masks and turns them and the arithmetic for that, apart from what is left. */
export function operandsFirst(
    list: readonly Operation[],
    fetched: readonly Prefetch[],
): { early: readonly Operation[]; rest: readonly Operation[] } {
    const own = new Set(list.flatMap(({ results }) => results));
    const known = new Set<ValueId>();
    const early = list.filter((op) => {
        const isFetched = fetched.some(({ load }) => load === op);
        const isSimple = ARITHMETIC.has(op.op) || SHAPED.has(op.op);
        if (!isFetched && !(isSimple && op.operands.every((operand) => known.has(operand) || !own.has(operand))))
            return false;
        for (const result of op.results) known.add(result);
        return true;
    });
    return { early, rest: list.filter((op) => !early.includes(op)) };
}

/** The values of places that change with a loop's counter, and that itself. */
export function dependents(list: readonly Prefetch[], counter: ValueId): ReadonlySet<ValueId> {
    const found = new Set([counter]);
    for (const { operands, results } of list.flatMap(({ place }) => place)) {
        if (operands.some((operand) => found.has(operand))) for (const result of results) found.add(result);
    }
    return found;
}

/** Whether a value grows by as much whenever the counter does. */
export function isLinear(value: ValueId, place: readonly Operation[], changing: ReadonlySet<ValueId>): boolean {
    if (!changing.has(value)) return true;
    const op = place.find(({ results }) => results[0] === value);
    if (op === undefined) return true;
    const linear = op.operands.every((operand) => isLinear(operand, place, changing));
    if (op.op === "add" || op.op === "sub") return linear;
    return op.op === "mul" && linear && op.operands.filter((operand) => changing.has(operand)).length === 1;
}

export function isPowerOf2(known: ConstantValue | undefined): known is bigint {
    return typeof known === "bigint" && (known & (known - 1n)) === 0n;
}
