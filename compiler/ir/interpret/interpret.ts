// The reference for every device: executes a kernel of the IR by the op table, exactly. Workgroups run one after the
// other, x fastest; in a workgroup each work-item runs alone to its next barrier, in order of its id, x fastest. So
// atomics happen in that order, and a program without data races has one result. `exp2` and `log2`, which hardware
// approximates, are computed more exactly than any device does: they agree with one within its bound only.

import type { IrFunction, IrModule, Operation } from "../module.js";
import { isBuffer, typeText } from "../types.js";
import { type Fault, Stop, type Triple } from "./fault.js";
import { type Argument, type Group, type Run, WorkItem } from "./work-item.js";

export interface Launch {
    /** The kernel's symbol. */
    readonly kernel: string;
    /** Workgroups on each axis; the kernel says how many work-items each has. */
    readonly groups: Triple;
    /** One for each parameter of the IR: the source's, then the dimension names' values. Memory is written in place. */
    readonly args: readonly Argument[];
    /** How many operations all work-items together may execute; default ten million. */
    readonly limit?: number;
}

export interface Outcome {
    /** Null where every work-item came to its end. */
    readonly fault: Fault | null;
    /** How many operations were executed. */
    readonly operations: number;
}

const DEFAULT_LIMIT = 10_000_000;

/** Runs a kernel of a well-formed module. */
export function interpret(module: IrModule, { kernel: name, groups, args, limit = DEFAULT_LIMIT }: Launch): Outcome {
    const functions = new Map(module.functions.map((fn) => [fn.name, fn]));
    const kernel = functions.get(name);
    if (!kernel?.kernel) throw new Error(`the module has no kernel @${name}`);
    checkArguments(kernel, args);
    const fuel = { left: limit };
    for (const id of places(groups)) {
        const group: Group = { functions, id, shared: new Map(), fuel };
        const fault = runGroup(kernel, kernel.kernel.workgroup, args, group);
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
            ? typeof given === "object" && given.element === type.element
            : typeof given === (type === "bool" ? "boolean" : type.startsWith("f") ? "number" : "bigint");
        if (!fits) throw new Error(`@${name}: the argument for ${parameter} is no ${typeText(type)}`);
    });
}

interface Running {
    readonly item: WorkItem;
    readonly run: Run<unknown>;
}

/** Lets the work-items of a workgroup meet at their barriers until all have ended. */
function runGroup(kernel: IrFunction, size: Triple, args: readonly Argument[], group: Group): Fault | null {
    const items = [...places(size)].map((id): Running => {
        const item = new WorkItem(group, id);
        return { item, run: item.run(kernel, args) };
    });
    for (;;) {
        const waiting: { readonly item: WorkItem; readonly barrier: Operation }[] = [];
        for (const { item, run } of items) {
            try {
                const { done, value } = run.next();
                if (!done) waiting.push({ item, barrier: value });
            } catch (error) {
                if (error instanceof Stop) return faultOf(kernel, item, error);
                throw error;
            }
        }
        const [first] = waiting;
        if (!first) return null;
        const astray = waiting.find(({ barrier }) => barrier !== first.barrier);
        if (astray || waiting.length < items.length) {
            const message = astray
                ? "waits at another barrier than the first work-item of its workgroup"
                : `waits at a barrier that ${items.length - waiting.length} of its workgroup never reach`;
            const { item, barrier } = astray ?? first;
            return faultOf(kernel, item, new Stop(message, barrier.span));
        }
    }
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
