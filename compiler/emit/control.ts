// Structured control flow as basic blocks. Values that regions hand on become phis.
//
// Where the back end wants the lanes that are at a place as a mask (`writer.lanes`), each place at which some part and in
// which lanes meet later computes it from the mask before it, by a vote of all lanes of that one.

import { type Operation, type OpId, operation, type RegionId, region, type ValueId } from "../ir/module.js";
import { emitMemory } from "./memory.js";
import { progressOf } from "./progress.js";
import { emitReport } from "./reports.js";
import { emitScalar } from "./scalar.js";
import { llvmType, resultType } from "./text.js";
import { defineAll, type Slot, slotsOf, together, vectorType } from "./vectors.js";
import { Door, type Leave, wayOf, waysOut } from "./ways.js";
import { emitWide } from "./wide.js";
import type { Block, FunctionWriter } from "./writer.js";

/** Where the terminators of a region lead. */
interface Exits {
    /** What `yield` does. */
    readonly yield: (values: readonly ValueId[]) => void;
    /** What `break`, `continue` and `return` do. */
    readonly leave: Leave;
    /** The next round of the innermost loop, where lanes meet in that loop and no mask says which. */
    readonly round: Block | null;
}

export function emitBody(writer: FunctionWriter): void {
    const outermost = () => {
        throw new Error("yield outside an if or loop");
    };
    const leave: Leave = ({ op }, values, round) => {
        if (op !== "return") throw new Error(`${op} names no enclosing loop`);
        const type = resultType(writer.fn.results);
        if (round !== null) stayInLoop(writer, round);
        writer.line(values.length === 0 ? "ret void" : `ret ${type} ${gathered(writer, type, values)}`);
    };
    emitRegion(writer, writer.fn.body, { yield: outermost, leave, round: null });
}

function emitRegion(writer: FunctionWriter, id: RegionId, exits: Exits): void {
    for (const opId of region(writer.fn, id).operations) {
        const op = operation(writer.fn, opId);
        writer.at(op.span);
        if (emitScalar(writer, op) || emitMemory(writer, op) || emitWide(writer, op) || emitReport(writer, op))
            continue;
        if (writer.module.backend.wave(writer, op)) continue;
        emitControl(writer, op, opId, exits);
    }
}

function emitControl(writer: FunctionWriter, op: Operation, id: OpId, exits: Exits): void {
    const way = wayOf(op);
    if (way !== null) {
        exits.leave(way, writer.uses(op.operands), exits.round);
        return;
    }
    switch (op.op) {
        case "if":
        case "for":
        case "while":
            if (writer.lanes === null) emitHolder(writer, op, id, exits);
            else emitAmongLanes(writer, op, id, exits, writer.lanes);
            break;
        case "yield":
            exits.yield(op.operands);
            break;
        case "unreachable":
            writer.line("unreachable");
            break;
        default:
            throw new Error(`${op.op} has no emission`);
    }
}

function emitHolder(writer: FunctionWriter, op: Operation, id: OpId, exits: Exits): void {
    if (op.op === "if") emitIf(writer, op, exits);
    else if (op.op === "for") emitFor(writer, op, id, exits);
    else emitWhile(writer, op, id, exits);
}

/** Lanes that leave on the way are missing behind; within, the mask is carried on only where it is used. */
function emitAmongLanes(writer: FunctionWriter, op: Operation, id: OpId, exits: Exits, lanes: string): void {
    if (!writer.meets.has(id)) writer.lanes = null;
    const types = op.results.map((result) => llvmType(writer.typeOf(result)));
    const ways = waysOut(writer.fn, op.regions).filter(({ target }) => target !== id);
    if (ways.length === 0) {
        emitHolder(writer, op, id, exits);
        writer.lanes = lanes;
        return;
    }
    const door = new Door(writer, writer.block("door"), types, ways);
    emitHolder(writer, op, id, { ...exits, leave: (way, values) => door.leave(way, values) });
    door.arrive(writer.uses(op.results));
    writer.place(door.block);
    op.results.forEach((result, at) => {
        writer.define(result, door.values[at] ?? "");
    });
    writer.lanes = among(writer, lanes, door.stays());
    door.part((way, values) => exits.leave(way, values, exits.round));
}

/** The lanes of a mask for which a condition holds; all of them say so here. */
function among(writer: FunctionWriter, lanes: string, condition: string): string {
    const { backend } = writer.module;
    if (condition === "true" || backend.lanes === null) return lanes;
    return backend.lanes.among(writer, lanes, condition);
}

/**
 * Lanes that leave a loop meet on their way out those that leave it in the same round. But what only leads out of a loop
 * is no part of it to LLVM, which would let all lanes leave first and meet there. So the way out might go on to the next
 * round, on a condition that never holds and that LLVM can't see through.
 */
function stayInLoop(writer: FunctionWriter, round: Block): void {
    const leave = writer.block("leave");
    writer.supply(
        round,
        round.phis.map(() => "poison"),
    );
    writer.line(`br i1 ${writer.module.backend.never(writer)}, label %${round.label}, label %${leave.label}`);
    writer.place(leave);
}

/** Several values as one of a struct type. */
function gathered(writer: FunctionWriter, type: string, values: readonly string[]): string {
    const [only] = values;
    if (only !== undefined && values.length === 1) return only;
    return values.reduce((whole, value, at) => {
        const part = `${llvmType(writer.fn.results[at] ?? "bool")} ${value}`;
        return writer.assign(`insertvalue ${type} ${whole}, ${part}, ${at}`);
    }, "poison");
}

function emitIf(writer: FunctionWriter, op: Operation, exits: Exits): void {
    const [condition, then, otherwise] = [op.operands[0], op.regions[0], op.regions[1]];
    if (condition === undefined || then === undefined || otherwise === undefined) throw new Error("an incomplete if");
    const blocks = [writer.block("then"), writer.block("else")] as const;
    const join = writer.block("join");
    const slots = slotsOf(writer, op);
    define(writer, join, op.results, slots);
    const lanes = writer.lanes === null ? null : parted(writer, writer.lanes, writer.use(condition));
    writer.line(`br i1 ${writer.use(condition)}, label %${blocks[0].label}, label %${blocks[1].label}`);
    const yielding = (values: readonly ValueId[]) => writer.jump(join, handed(writer, values, slots));
    const branches = [
        { block: blocks[0], body: then, lanes: lanes?.then ?? null },
        { block: blocks[1], body: otherwise, lanes: lanes?.otherwise ?? null },
    ];
    for (const { block, body, lanes: mask } of branches) {
        writer.place(block);
        writer.lanes = mask;
        emitRegion(writer, body, { ...exits, yield: yielding });
    }
    writer.place(join);
}

/** The lanes of the mask in the branches of an `if`. */
function parted(writer: FunctionWriter, lanes: string, condition: string): { then: string; otherwise: string } {
    const then = among(writer, lanes, condition);
    return { then, otherwise: writer.assign(`xor i32 ${lanes}, ${then}`) };
}

function emitWhile(writer: FunctionWriter, op: Operation, id: OpId, exits: Exits): void {
    const [test, round] = op.regions;
    if (test === undefined || round === undefined) throw new Error("an incomplete while");
    const [head, body, exit] = [writer.block("while"), writer.block("body"), writer.block("exit")];
    const tested = region(writer.fn, test).parameters;
    define(writer, head, tested);
    define(writer, exit, op.results);
    const before = writer.lanes === null ? [] : [writer.lanes];
    const [lanes = null] = before.map(() => writer.phi(head, "i32"));
    writer.jump(head, [...writer.uses(op.operands), ...before]);
    // What LLVM is to do with a loop it reads from the one branch back.
    const hint = loopHint(writer, op);
    const back = hint === "" && lanes === null ? head : writer.block("next");
    const ways = lanes === null ? [] : waysOut(writer.fn, [round], { op: "continue", target: id });
    const types = tested.map((value) => llvmType(writer.typeOf(value)));
    const door = back === head ? null : new Door(writer, back, types, ways);
    const again = (values: readonly string[]) => (door === null ? writer.jump(head, values) : door.arrive(values));
    writer.place(head);
    writer.lanes = lanes;
    const { parameters } = region(writer.fn, round);
    for (const parameter of parameters) writer.define(parameter, "poison");
    const next = meetsByRounds(writer, id) ? back : null;
    const leave = leavingLoop(writer, id, exit, exits);
    emitRegion(writer, test, {
        leave: (way, values, from) => {
            if (way.op === "continue" && way.target === id) again(values);
            else leave(way, values, from);
        },
        round: next,
        yield: (ids) => {
            const [holds = "", ...values] = writer.uses(ids);
            parameters.forEach((parameter, at) => {
                writer.define(parameter, values[at] ?? "");
            });
            writer.supply(exit, values);
            if (writer.lanes !== null) writer.lanes = among(writer, writer.lanes, holds);
            writer.line(`br i1 ${holds}, label %${body.label}, label %${exit.label}`);
        },
    });
    const going = writer.lanes;
    writer.place(body);
    emitRegion(writer, round, {
        yield: (values) => again(writer.uses(values)),
        leave: (way, values, from) => {
            if (way.op === "continue" && way.target === id) stayingIn(writer, from, back, () => again(values));
            else if (lanes !== null) door?.leave(way, values);
            else leave(way, values, from);
        },
        round: next,
    });
    if (door !== null) {
        writer.place(back);
        const stays = door.stays();
        const mask = going === null ? [] : [among(writer, going, stays)];
        writer.supply(head, [...door.values, ...mask]);
        if (ways.length === 0) writer.line(`br label %${head.label}${hint}`);
        else {
            const out = writer.block("out");
            writer.line(`br i1 ${stays}, label %${head.label}, label %${out.label}${hint}`);
            writer.place(out);
            door.part((way, values) => leave(way, values, null));
            writer.line("unreachable");
        }
    }
    writer.place(exit);
}

/** Whether lanes meet in a loop, and LLVM is to see to it. */
function meetsByRounds(writer: FunctionWriter, loop: OpId): boolean {
    return writer.module.backend.lanes === null && writer.meets.has(loop);
}

/** Goes somewhere from a round of a loop in which lanes meet. */
function stayingIn(writer: FunctionWriter, round: Block | null, to: Block, go: () => void): void {
    if (round !== null && round !== to) stayInLoop(writer, round);
    go();
}

/** The ways out of a loop: its own `break`, and those that lead further. */
function leavingLoop(writer: FunctionWriter, id: OpId, exit: Block, exits: Exits): Leave {
    return (way, values, round) => {
        if (way.op === "break" && way.target === id) stayingIn(writer, round, exit, () => writer.jump(exit, values));
        else exits.leave(way, values, round);
    };
}

/** What the source says of a loop, as metadata of the branch to its next round. */
function loopHint(writer: FunctionWriter, { attributes: { unroll }, span }: Operation): string {
    return `, !llvm.loop ${writer.module.metadata.loop(writer.location(span), unroll)}`;
}

/** A counted loop with its test at the end: a round costs a comparison and a sum (progress.ts). */
function emitFor(writer: FunctionWriter, op: Operation, id: OpId, exits: Exits): void {
    const [start, end, step, ...initial] = op.operands;
    const [bodyId] = op.regions;
    if (start === undefined || end === undefined || step === undefined || bodyId === undefined) {
        throw new Error("an incomplete for");
    }
    const [body, latch, exit] = [writer.block("for"), writer.block("next"), writer.block("exit")];
    const [counter, ...carried] = region(writer.fn, bodyId).parameters;
    if (counter === undefined) throw new Error("a for without a counter");
    const progress = progressOf(writer, op);

    const slots = slotsOf(writer, op);
    const first = handed(writer, initial, slots);
    define(writer, exit, op.results, slots);
    writer.supply(exit, first);
    const count = writer.phi(body, llvmType(writer.typeOf(counter)));
    define(writer, body, carried, slots);
    const before = writer.lanes;
    const ways = before === null ? [] : waysOut(writer.fn, [bodyId], { op: "continue", target: id });
    // Where all lanes go the same number of rounds nobody needs to ask.
    const votes =
        before !== null && !(ways.length === 0 && [start, end, step].every((each) => isUniform(writer, each)));
    const entering = votes ? [among(writer, before, progress.enters)] : [];
    const [lanes = before] = entering.map(() => writer.phi(body, "i32"));
    writer.supply(body, [writer.use(start), ...first, ...entering]);
    writer.line(`br i1 ${progress.enters}, label %${body.label}, label %${exit.label}`);

    writer.place(body);
    writer.define(counter, progress.counter(count));
    writer.lanes = lanes;
    const types = slots.map(({ element, count: elements }) => vectorType(element, elements));
    const door = new Door(writer, latch, types, ways);
    const leave = leavingLoop(writer, id, exit, exits);
    emitRegion(writer, bodyId, {
        yield: (values) => door.arrive(handed(writer, values, slots)),
        leave: (way, values, from) => {
            if (way.op === "continue" && way.target === id) stayingIn(writer, from, latch, () => door.arrive(values));
            else if (before !== null) door.leave(way, values);
            else leave(way, values, from);
        },
        round: meetsByRounds(writer, id) ? latch : null,
    });

    writer.at(op.span);
    writer.place(latch);
    const { more, following } = progress.advance(writer.use(counter));
    const goes = ways.length === 0 ? more : writer.assign(`and i1 ${door.stays()}, ${more}`);
    const mask = votes && lanes !== null ? [among(writer, lanes, goes)] : [];
    writer.supply(body, [following, ...door.values, ...mask]);
    const out = ways.length === 0 ? exit : writer.block("out");
    if (out === exit) writer.supply(exit, door.values);
    writer.line(`br i1 ${goes}, label %${body.label}, label %${out.label}${loopHint(writer, op)}`);
    if (out !== exit) {
        writer.place(out);
        door.part((way, values) => leave(way, values, null));
        writer.jump(exit, door.values);
    }
    writer.place(exit);
}

/** Whether a value is evidently the same in all lanes: a constant, or an argument of the kernel. */
function isUniform(writer: FunctionWriter, value: ValueId): boolean {
    const { kernel, parameters } = writer.fn;
    return /^-?\d+$/.test(writer.use(value)) || (kernel !== null && parameters.some((each) => each.value === value));
}

/** Makes phis of a block the given values, one for each slot. */
function define(
    writer: FunctionWriter,
    block: Block,
    values: readonly ValueId[],
    slots: readonly Slot[] = values.map((value) => ({ element: llvmType(writer.typeOf(value)), count: 1 })),
): void {
    let at = 0;
    for (const { element, count } of slots) {
        defineAll(writer, values.slice(at, at + count), element, writer.phi(block, vectorType(element, count)), block);
        at += count;
    }
}

/** What is handed on for each slot. */
function handed(writer: FunctionWriter, values: readonly ValueId[], slots: readonly Slot[]): string[] {
    let at = 0;
    return slots.map(({ element, count }) => {
        at += count;
        return together(writer, element, values.slice(at - count, at));
    });
}
