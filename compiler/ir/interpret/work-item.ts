// One work-item's way through a kernel. It is a generator that stops at each barrier and each operation of its wave, so
// that work-items can meet there; everything between two stops happens in one go.

import { piecesOfTemplate } from "../../../codeobject/manifest-text.js";
import { wrap } from "../arithmetic.js";
import {
    accessedType,
    attribute,
    type ConstantValue,
    type IrFunction,
    type Operation,
    type OpId,
    operation,
    type RegionId,
    region,
    scalarOf,
    typeOf,
    type ValueId,
} from "../module.js";
import { OPS } from "../ops.js";
import { constantText } from "../print.js";
import { bytesOf, elementBytes, type IrScalar, isBuffer, isTile } from "../types.js";
import { Stop, type Triple } from "./fault.js";
import {
    type Argument,
    argument,
    at,
    bind,
    buffer,
    type Carried,
    carried,
    type Frame,
    index,
    scalar,
} from "./frame.js";
import { allocate, beginningAt, isAligned, load, type Memory, store, update, zeroOf } from "./memory.js";
import { elementCount, elementOf, scalarOfCarried, tileOperation } from "./tiles.js";

/** What a `print` sent. */
export interface Printed {
    readonly text: string;
    readonly group: Triple;
    readonly item: Triple;
}

/** What the work-items of a workgroup share. */
export interface Group {
    readonly functions: ReadonlyMap<string, IrFunction>;
    readonly id: Triple;
    /** Workgroups along each axis of the grid. */
    readonly count: Triple;
    /** Arrays in LDS, by the `alloc` that makes them. */
    readonly shared: Map<OpId, Memory>;
    /** Operations that may still be executed. */
    readonly fuel: { left: number };
    readonly waveSize: number;
    readonly onPrint: (printed: Printed) => void;
    /** Looks at each operation before it is executed, with the length of the work-item's path, and may stop it. */
    readonly guard?: (op: Operation, path: number, operand: (at: number) => ConstantValue) => void;
}

/** Where a work-item waits for others: a barrier, or an operation of the wave with its operands' values. */
export interface Meeting {
    readonly op: Operation;
    readonly values: readonly ConstantValue[];
    /** Of the operation's result. */
    readonly type: IrScalar;
}

/** The meetings that it stops at, in order; what it goes on with is the wave operation's result. */
export type Run<Result> = Generator<Meeting, Result, ConstantValue | undefined>;

/** The terminator that ended a region, with its operands' values. */
interface Exit {
    readonly op: Operation;
    readonly values: readonly Carried[];
}

export class WorkItem {
    /**
     * Where it is: from the kernel's body inwards, an operation's place in its region, then a branch or a loop's round.
     * A greater one, place by place, comes later in the program; at equal ones work-items are together.
     */
    readonly path: number[] = [];

    constructor(
        readonly group: Group,
        readonly id: Triple,
        readonly lane: number,
    ) {}

    /** Executes a function; gives its results. */
    *run(fn: IrFunction, args: readonly Argument[]): Run<readonly ConstantValue[]> {
        const frame: Frame = { fn, values: [], arrays: new Map() };
        fn.parameters.forEach(({ value }, at) => {
            frame.values[value] = args[at];
        });
        const { values } = yield* this.#region(frame, fn.body);
        return values.map(scalarOfCarried);
    }

    /** `way` is the branch, or the round of a loop. */
    *#region(frame: Frame, id: RegionId, ...way: readonly number[]): Run<Exit> {
        const depth = this.path.length;
        this.path.push(...way);
        const exit = yield* this.#operations(frame, region(frame.fn, id).operations);
        this.path.length = depth;
        return exit;
    }

    *#operations(frame: Frame, operations: readonly OpId[]): Run<Exit> {
        const { fn } = frame;
        const depth = this.path.length;
        for (const [place, opId] of operations.entries()) {
            this.path[depth] = place;
            const op = operation(fn, opId);
            this.group.guard?.(op, depth, (at) => scalar(frame, op.operands[at]));
            this.#burn(op);
            if (OPS[op.op].terminator) {
                if (op.op === "unreachable") throw new Stop("reaches what was said to be unreachable", op.span);
                if (op.op === "fail") throw new Stop(`fails an assertion: ${textOf(frame, op)}`, op.span);
                return { op, values: op.operands.map((operand) => carried(frame, operand)) };
            }
            const { effects } = OPS[op.op];
            const waits = op.regions.length > 0 || op.op === "barrier" || op.op === "call" || effects === "wave";
            const exit = waits ? yield* this.#enter(frame, op, opId) : this.#simple(frame, op, opId);
            if (exit) return exit;
        }
        throw new Error("a region without a terminator");
    }

    #burn({ span }: Operation): void {
        const { fuel } = this.group;
        fuel.left -= 1;
        if (fuel.left < 0) throw new Stop("executes more operations than the limit allows", span);
    }

    /** Executes an operation that may come to a meeting; where it holds regions, the exit that leads beyond it. */
    *#enter(frame: Frame, op: Operation, id: OpId): Run<Exit | null> {
        switch (op.op) {
            case "if":
                return yield* this.#if(frame, op);
            case "for":
                return yield* this.#for(frame, op, id);
            case "while":
                return yield* this.#while(frame, op, id);
            case "call":
                return yield* this.#call(frame, op);
            case "tile_map":
                return yield* this.#map(frame, op);
            default: {
                const values = op.operands.map((operand) => scalar(frame, operand));
                const [id] = op.results;
                const type = id === undefined ? "bool" : scalarOf(frame.fn, id);
                const result = yield { op, values, type };
                if (result !== undefined) bind(frame, op.results, [result]);
                return null;
            }
        }
    }

    *#call(frame: Frame, op: Operation): Run<null> {
        const callee = this.group.functions.get(attribute(op, "callee"));
        if (!callee) throw new Error(`there is no function @${op.attributes.callee}`);
        const results = yield* this.run(
            callee,
            op.operands.map((operand) => argument(frame, operand)),
        );
        bind(frame, op.results, results);
        return null;
    }

    *#if(frame: Frame, op: Operation): Run<Exit | null> {
        const holds = scalar(frame, op.operands[0]);
        const branch = holds ? 0 : 1;
        const exit = yield* this.#region(frame, at(op.regions, branch), branch);
        if (exit.op.op !== "yield") return exit;
        bind(frame, op.results, exit.values);
        return null;
    }

    *#for(frame: Frame, op: Operation, id: OpId): Run<Exit | null> {
        const [start, end, step] = op.operands.slice(0, 3).map((operand) => scalar(frame, operand));
        const initial = op.operands.slice(3).map((operand) => carried(frame, operand));
        if (typeof start !== "bigint" || typeof end !== "bigint" || typeof step !== "bigint") {
            throw new Error("a for without integer bounds");
        }
        const type = scalarOf(frame.fn, at(op.operands, 0));
        const body = at(op.regions, 0);
        if (op.attributes.nowrap && step < 1n) throw new Error(`a nowrap loop with the step ${step}`);
        const goesOn = (counter: bigint) => (step > 0n ? counter < end : step < 0n && counter > end);
        let values: readonly Carried[] = initial;
        let round = 0;
        for (let counter = start; counter === wrap(counter, type) && goesOn(counter); counter += step) {
            bind(frame, region(frame.fn, body).parameters, [counter, ...values]);
            const exit = yield* this.#region(frame, body, round++);
            if (!endsRound(exit, id) && !breaks(exit, id)) return exit;
            values = exit.values;
            if (breaks(exit, id)) break;
            if (op.attributes.nowrap && counter + step !== wrap(counter + step, type)) {
                throw new Error(`a nowrap loop's counter goes from ${counter} by ${step}`);
            }
        }
        bind(frame, op.results, values);
        return null;
    }

    *#while(frame: Frame, op: Operation, id: OpId): Run<Exit | null> {
        const [condition, body] = [at(op.regions, 0), at(op.regions, 1)];
        let values: readonly Carried[] = op.operands.map((operand) => carried(frame, operand));
        for (let round = 0; ; round++) {
            bind(frame, region(frame.fn, condition).parameters, values);
            let exit = yield* this.#region(frame, condition, round, 0);
            if (exit.op.op === "yield") {
                const [holds, ...carried] = exit.values;
                values = carried;
                if (!holds) break;
                bind(frame, region(frame.fn, body).parameters, values);
                exit = yield* this.#region(frame, body, round, 1);
            }
            if (!endsRound(exit, id) && !breaks(exit, id)) return exit;
            values = exit.values;
            if (breaks(exit, id)) break;
        }
        bind(frame, op.results, values);
        return null;
    }

    /** A region for every element of a tile. */
    *#map(frame: Frame, op: Operation): Run<Exit | null> {
        const [result] = op.results;
        const type = typeOf(frame.fn, at(op.results, 0));
        if (!isTile(type) || result === undefined) throw new Error("a map that gives no tile");
        const operands = op.operands.map((operand) => carried(frame, operand));
        const body = at(op.regions, 0);
        const elements: ConstantValue[] = [];
        for (let element = 0; element < elementCount(type.shape); element++) {
            const each = operands.map((operand) => elementOf(operand, type.shape, element));
            bind(frame, region(frame.fn, body).parameters, each);
            const { values } = yield* this.#region(frame, body, element);
            elements.push(scalarOfCarried(values[0]));
        }
        frame.values[result] = { tile: elements, shape: type.shape };
        return null;
    }

    /** An array is made once for each `alloc`: of LDS in a workgroup, of scratch in a call. */
    #alloc(frame: Frame, op: Operation, id: OpId, count: number): Memory {
        const type = typeOf(frame.fn, at(op.results, 0));
        if (!isBuffer(type)) throw new Error("an alloc of no buffer");
        const arrays = type.space === "shared" ? this.group.shared : frame.arrays;
        const array = arrays.get(id) ?? allocate(attribute(op, "name"), type.element, count);
        arrays.set(id, array);
        return array;
    }

    #simple(frame: Frame, op: Operation, id: OpId): null {
        if (op.op.startsWith("tile_")) {
            const made = tileOperation(frame.fn, op, (at) => argument(frame, op.operands[at]));
            if (made !== null) frame.values[op.results[0] as ValueId] = made;
            return null;
        }
        const value =
            op.op === "alloc"
                ? this.#alloc(frame, op, id, attribute(op, "count"))
                : op.op === "alloc_sized"
                  ? this.#alloc(frame, op, id, Number(index(frame, op.operands[1])))
                  : op.op === "offset"
                    ? beginningAt(buffer(frame, op.operands[0]), index(frame, op.operands[1]))
                    : this.#value(frame, op);
        const [result] = op.results;
        if (result !== undefined && value !== null) frame.values[result] = value;
        return null;
    }

    #value(frame: Frame, op: Operation): ConstantValue | null {
        const { operands, span } = op;
        switch (op.op) {
            case "const":
                return attribute(op, "value");
            case "local_id":
                return BigInt(this.id[attribute(op, "axis")]);
            case "lane_id":
                return BigInt(this.lane);
            case "wave_size":
                return BigInt(this.group.waveSize);
            case "group_id":
                return BigInt(this.group.id[attribute(op, "axis")]);
            case "group_count":
                return BigInt(this.group.count[attribute(op, "axis")]);
            case "block_id":
                return index(frame, operands[2 + attribute(op, "axis")]);
            case "zero": {
                const array = buffer(frame, operands[0]);
                array.values.fill(array.element === "bytes" ? 0n : zeroOf(array.element));
                return null;
            }
            case "aligned": {
                const memory = buffer(frame, operands[0]);
                return isAligned(memory, 0n, elementBytes(memory.element), attribute(op, "align"));
            }
            case "load":
                expectAligned(frame, op);
                return load(buffer(frame, operands[0]), index(frame, operands[1]), accessedType(frame.fn, op), span);
            case "print":
                this.group.onPrint({ text: textOf(frame, op), group: this.group.id, item: this.id });
                return null;
            case "check":
                check(op, index(frame, operands[0]), index(frame, operands[1]));
                return null;
            case "store": {
                expectAligned(frame, op);
                const place = [buffer(frame, operands[0]), index(frame, operands[1])] as const;
                store(...place, scalar(frame, operands[2]), accessedType(frame.fn, op), span);
                return null;
            }
            // Work-items run one after the other, so an access is one step, and all see it.
            case "fence":
                return null;
            case "atomic_load":
                return load(buffer(frame, operands[0]), index(frame, operands[1]), accessedType(frame.fn, op), span);
            case "atomic_store": {
                const place = [buffer(frame, operands[0]), index(frame, operands[1])] as const;
                store(...place, scalar(frame, operands[2]), accessedType(frame.fn, op), span);
                return null;
            }
            case "atomic_rmw": {
                const place = [buffer(frame, operands[0]), index(frame, operands[1])] as const;
                return update(
                    ...place,
                    attribute(op, "atomic"),
                    scalar(frame, operands[2]),
                    accessedType(frame.fn, op),
                    span,
                );
            }
            case "atomic_cas": {
                const place = [buffer(frame, operands[0]), index(frame, operands[1])] as const;
                const type = accessedType(frame.fn, op);
                const former = load(...place, type, span);
                if (former === scalar(frame, operands[2])) store(...place, scalar(frame, operands[3]), type, span);
                return former;
            }
            default:
                return compute(frame, op);
        }
    }
}

/** An operation on scalars, by the op table. */
function compute(frame: Frame, op: Operation): ConstantValue {
    const { fold, approximates } = OPS[op.op];
    const result: IrScalar = scalarOf(frame.fn, at(op.results, 0));
    const first: IrScalar = scalarOf(frame.fn, at(op.operands, 0));
    const operands = op.operands.map((operand) => scalar(frame, operand));
    const value = (fold ?? approximates)?.(operands, result, first) ?? null;
    if (value === null) throw new Error(`the op table doesn't say what ${op.op} of ${first} computes`);
    return value;
}

function endsRound({ op }: Exit, loop: OpId): boolean {
    return op.op === "yield" || (op.op === "continue" && op.attributes.target === loop);
}

function breaks({ op }: Exit, loop: OpId): boolean {
    return op.op === "break" && op.attributes.target === loop;
}

/** The text of a report with its values. */
function textOf(frame: Frame, op: Operation): string {
    const [first = "", ...rest] = piecesOfTemplate(attribute(op, "text")) ?? [];
    return rest.reduce((text, piece, at) => `${text}${constantText(scalar(frame, op.operands[at]))}${piece}`, first);
}

/** What a pass claimed of an access's place. */
function expectAligned(frame: Frame, op: Operation): void {
    const { align } = op.attributes;
    if (align === undefined) return;
    const bytes = bytesOf(accessedType(frame.fn, op));
    if (isAligned(buffer(frame, op.operands[0]), index(frame, op.operands[1]), bytes, align)) return;
    throw new Error(`${op.op} at no multiple of ${align} bytes`);
}

function check(op: Operation, value: bigint, limit: bigint): void {
    if (value >= 0n && value < limit) return;
    const name = attribute(op, "name");
    const dimension = attribute(op, "dimension");
    switch (attribute(op, "access")) {
        case "element":
            throw new Stop(`index ${dimension} of \`${name}\` is ${value}, its extent ${limit}`, op.span);
        case "end":
            throw new Stop(`a slice of \`${name}\` ends at ${value}, extent ${dimension} is ${limit - 1n}`, op.span);
        case "start":
            throw new Stop(`a slice of \`${name}\` starts at ${value} and ends at ${limit - 1n}`, op.span);
    }
}
