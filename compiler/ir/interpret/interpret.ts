// The reference for every device: executes a kernel of the IR by the op table, exactly. Workgroups run one after the
// other, x fastest; in a workgroup each work-item runs alone to its next barrier, or to where it meets the lanes of its
// wave, in order of its id, x fastest. So atomics happen in that order, and a program without data races has one result. `exp2` and `log2`, which hardware
// approximates, are computed more exactly than any device does: they agree with one within its bound only.

import type { ConstantValue, IrFunction, IrModule } from "../module.js";
import { OPS } from "../ops.js";
import { isBuffer, isFloat, isTile, typeText } from "../types.js";
import { type Fault, Stop, type Triple } from "./fault.js";
import type { Argument } from "./frame.js";
import { isMemory } from "./tiles.js";
import { meet } from "./wave.js";
import { type Group, type Meeting, type Printed, type Run, WorkItem } from "./work-item.js";

export interface Launch {
    /** The kernel's symbol. */
    readonly kernel: string;
    /** Workgroups on each axis; the kernel says how many work-items each has. */
    readonly groups: Triple;
    /** One for each parameter of the IR: the source's, then the dimension names' values. Memory is written in place. */
    readonly args: readonly Argument[];
    /** How many operations all work-items together may execute; default ten million. */
    readonly limit?: number;
    /** Lanes of a wave; default 32. */
    readonly waveSize?: 32 | 64;
    /** Called for each `print`, in the order in which they happen. */
    readonly onPrint?: (printed: Printed) => void;
}

export interface Outcome {
    /** Null where every work-item came to its end. */
    readonly fault: Fault | null;
    /** How many operations were executed. */
    readonly operations: number;
}

const DEFAULT_LIMIT = 10_000_000;

/** Runs a kernel of a well-formed module. */
export function interpret(module: IrModule, launch: Launch): Outcome {
    const { kernel: name, groups, args, limit = DEFAULT_LIMIT, waveSize = 32, onPrint = () => undefined } = launch;
    const functions = new Map(module.functions.map((fn) => [fn.name, fn]));
    const kernel = functions.get(name);
    if (!kernel?.kernel) throw new Error(`the module has no kernel @${name}`);
    checkArguments(kernel, args);
    const fuel = { left: limit };
    // A kernel of tiles is one program for its whole workgroup.
    const hasTiles = kernel.values.some(({ type }) => isTile(type));
    const size: Triple = hasTiles ? [1, 1, 1] : kernel.kernel.workgroup;
    for (const id of places(groups)) {
        const group: Group = { functions, id, count: groups, shared: new Map(), fuel, waveSize, onPrint };
        const fault = runGroup(kernel, size, args, group);
        if (fault) return { fault, operations: limit - Math.max(fuel.left, 0) };
    }
    return { fault: null, operations: limit - fuel.left };
}

function checkArguments({ name, parameters, values }: IrFunction, args: readonly Argument[]): void {
    if (args.length !== parameters.length) {
        throw new Error(`@${name} has ${parameters.length} parameters, not ${args.length}`);
    }
    parameters.forEach(({ value, name: parameter }, at) => {
        const type = values[value]?.type ?? "bool";
        const given = args[at];
        const fits = isBuffer(type)
            ? typeof given === "object" && isMemory(given) && given.element === type.element
            : typeof given === (type === "bool" ? "boolean" : isFloat(type) ? "number" : "bigint");
        if (!fits) throw new Error(`@${name}: the argument for ${parameter} is no ${typeText(type)}`);
    });
}

interface Running {
    readonly item: WorkItem;
    readonly run: Run<unknown>;
    /** Where it waits; null at its end. */
    meeting: Meeting | null;
}

/** Lets the work-items of a workgroup meet in their waves and at their barriers until all have ended. */
function runGroup(kernel: IrFunction, size: Triple, args: readonly Argument[], group: Group): Fault | null {
    const items = [...places(size)].map((id, at): Running => {
        const item = new WorkItem(group, id, at % group.waveSize);
        return { item, run: item.run(kernel, args), meeting: null };
    });
    const waves = Array.from({ length: Math.ceil(items.length / group.waveSize) }, (_, at) =>
        items.slice(at * group.waveSize, (at + 1) * group.waveSize),
    );
    let going: readonly Running[] = items;
    for (;;) {
        for (const running of going) {
            const fault = advance(kernel, running, undefined);
            if (fault) return fault;
        }
        for (const wave of waves) {
            const fault = runWave(kernel, wave, group.waveSize);
            if (fault) return fault;
        }
        const waiting = items.filter(({ meeting }) => meeting !== null);
        const [first] = waiting;
        if (!first) return null;
        const astray = waiting.find(({ meeting }) => meeting?.op !== first.meeting?.op);
        if (astray || waiting.length < items.length) {
            const message = astray
                ? "waits at another barrier than the first work-item of its workgroup"
                : `waits at a barrier that ${items.length - waiting.length} of its workgroup never reach`;
            const { item, meeting } = astray ?? first;
            return faultOf(kernel, item, new Stop(message, meeting?.op.span ?? kernel.span));
        }
        going = waiting;
    }
}

/** Lets a work-item go on to its next meeting. */
function advance(kernel: IrFunction, running: Running, result: ConstantValue | undefined): Fault | null {
    try {
        const { done, value } = running.run.next(result);
        running.meeting = done ? null : value;
        return null;
    } catch (error) {
        if (error instanceof Stop) return faultOf(kernel, running.item, error);
        throw error;
    }
}

/**
 * Lets the lanes of a wave meet until all are at barriers or have ended. Those that are furthest behind in the program
 * meet first: nobody else can come to where they are any more.
 */
function runWave(kernel: IrFunction, wave: readonly Running[], size: number): Fault | null {
    for (;;) {
        const waiting = wave.filter(({ meeting }) => meeting !== null && OPS[meeting.op.op].effects === "wave");
        const [last] = waiting.slice().sort((a, b) => compare(a.item.path, b.item.path));
        if (!last?.meeting) return null;
        const met = waiting.filter(({ item }) => compare(item.path, last.item.path) === 0);
        const lanes = new Array<readonly ConstantValue[] | undefined>(size).fill(undefined);
        for (const { item, meeting } of met) lanes[item.lane] = meeting?.values;
        const results = meet(last.meeting.op, lanes, last.meeting.type);
        for (const running of met) {
            const fault = advance(kernel, running, results[running.item.lane]);
            if (fault) return fault;
        }
    }
}

function compare(a: readonly number[], b: readonly number[]): number {
    const at = a.findIndex((place, index) => place !== b[index]);
    return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function faultOf({ name }: IrFunction, { group, id }: WorkItem, { message, span }: Stop): Fault {
    return { message, span, kernel: name, group: group.id, item: id };
}

/** All places of a box, x fastest. */
function* places([width, height, depth]: Triple): Generator<Triple> {
    for (let z = 0; z < depth; z++) {
        for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) yield [x, y, z];
        }
    }
}
