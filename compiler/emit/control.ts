// Structured control flow as basic blocks. Values that regions hand on become phis.

import { attribute, type Operation, type OpId, operation, type RegionId, region, type ValueId } from "../ir/module.js";
import { isSigned } from "../ir/types.js";
import { emitMemory } from "./memory.js";
import { emitReport } from "./reports.js";
import { emitScalar } from "./scalar.js";
import { llvmType, resultType } from "./text.js";
import type { Block, FunctionWriter } from "./writer.js";

/** Where the terminators of a region lead. */
interface Exits {
    /** What `yield` does. */
    readonly yield: (values: readonly string[]) => void;
    readonly loops: ReadonlyMap<OpId, Loop>;
    /** The next round of the innermost loop, where lanes meet in that loop. */
    readonly round: Block | null;
}

interface Loop {
    readonly break: Block;
    readonly continue: Block;
}

export function emitBody(writer: FunctionWriter): void {
    const outermost = () => {
        throw new Error("yield outside an if or loop");
    };
    emitRegion(writer, writer.fn.body, { yield: outermost, loops: new Map(), round: null });
}

function emitRegion(writer: FunctionWriter, id: RegionId, exits: Exits): void {
    for (const opId of region(writer.fn, id).operations) {
        const op = operation(writer.fn, opId);
        writer.at(op.span);
        if (emitScalar(writer, op) || emitMemory(writer, op) || emitReport(writer, op)) continue;
        if (writer.module.backend.wave(writer, op)) continue;
        emitControl(writer, op, opId, exits);
    }
}

function emitControl(writer: FunctionWriter, op: Operation, id: OpId, exits: Exits): void {
    switch (op.op) {
        case "if":
            emitIf(writer, op, exits);
            break;
        case "for":
            emitFor(writer, op, id, exits);
            break;
        case "while":
            emitWhile(writer, op, id, exits);
            break;
        case "yield":
            exits.yield(writer.uses(op.operands));
            break;
        case "break":
        case "continue": {
            const loop = exits.loops.get(attribute(op, "target"));
            if (!loop) throw new Error(`${op.op} names no enclosing loop`);
            if (exits.round !== null && exits.round !== loop[op.op]) stayInLoop(writer, exits.round);
            writer.jump(loop[op.op], writer.uses(op.operands));
            break;
        }
        case "return": {
            const type = resultType(op.operands.map((operand) => writer.typeOf(operand)));
            if (exits.round !== null) stayInLoop(writer, exits.round);
            writer.line(op.operands.length === 0 ? "ret void" : `ret ${type} ${gathered(writer, type, op.operands)}`);
            break;
        }
        case "unreachable":
            writer.line("unreachable");
            break;
        default:
            throw new Error(`${op.op} has no emission`);
    }
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
function gathered(writer: FunctionWriter, type: string, values: readonly ValueId[]): string {
    const [only] = values;
    if (only !== undefined && values.length === 1) return writer.use(only);
    return values.reduce((whole, value, at) => {
        const part = `${llvmType(writer.typeOf(value))} ${writer.use(value)}`;
        return writer.assign(`insertvalue ${type} ${whole}, ${part}, ${at}`);
    }, "poison");
}

function emitIf(writer: FunctionWriter, op: Operation, exits: Exits): void {
    const [condition, then, otherwise] = [op.operands[0], op.regions[0], op.regions[1]];
    if (condition === undefined || then === undefined || otherwise === undefined) throw new Error("an incomplete if");
    const blocks = [writer.block("then"), writer.block("else")] as const;
    const join = writer.block("join");
    define(writer, join, op.results);
    writer.line(`br i1 ${writer.use(condition)}, label %${blocks[0].label}, label %${blocks[1].label}`);
    const yielding = (values: readonly string[]) => writer.jump(join, values);
    const branches = [
        { block: blocks[0], body: then },
        { block: blocks[1], body: otherwise },
    ];
    for (const { block, body } of branches) {
        writer.place(block);
        emitRegion(writer, body, { ...exits, yield: yielding });
    }
    writer.place(join);
}

function emitWhile(writer: FunctionWriter, op: Operation, id: OpId, exits: Exits): void {
    const [test, round] = op.regions;
    if (test === undefined || round === undefined) throw new Error("an incomplete while");
    const [head, body, exit] = [writer.block("while"), writer.block("body"), writer.block("exit")];
    const tested = region(writer.fn, test).parameters;
    define(writer, head, tested);
    define(writer, exit, op.results);
    writer.jump(head, writer.uses(op.operands));
    // What LLVM is to do with a loop it reads from the one branch back.
    const hint = loopHint(writer, op);
    const back = hint === "" ? head : writer.block("next");
    const handed = hint === "" ? [] : tested.map((value) => writer.phi(back, writer.typeOf(value)));
    writer.place(head);
    const loops = new Map(exits.loops).set(id, { break: exit, continue: back });
    const { parameters } = region(writer.fn, round);
    for (const parameter of parameters) writer.define(parameter, "poison");
    const next = writer.meets.has(id) ? back : null;
    emitRegion(writer, test, {
        loops,
        round: next,
        yield: ([holds = "", ...values]) => {
            parameters.forEach((parameter, at) => {
                writer.define(parameter, values[at] ?? "");
            });
            writer.supply(exit, values);
            writer.line(`br i1 ${holds}, label %${body.label}, label %${exit.label}`);
        },
    });
    writer.place(body);
    emitRegion(writer, round, { yield: (values) => writer.jump(back, values), loops, round: next });
    if (back !== head) {
        writer.place(back);
        writer.supply(head, handed);
        writer.line(`br label %${head.label}${hint}`);
    }
    writer.place(exit);
}

/** What the source says of a loop, as metadata of the branch to its next round. */
function loopHint(writer: FunctionWriter, { attributes: { unroll } }: Operation): string {
    return unroll === undefined ? "" : `, !llvm.loop ${writer.module.metadata.loop(unroll)}`;
}

/**
 * A counted loop with its test at the end: before the next round it compares the counter with the end less a step, which
 * is known before the loop, so that the counter can't wrap and a round costs a comparison and a sum.
 */
function emitFor(writer: FunctionWriter, op: Operation, id: OpId, exits: Exits): void {
    const [start, end, step, ...initial] = op.operands;
    const [bodyId] = op.regions;
    if (start === undefined || end === undefined || step === undefined || bodyId === undefined) {
        throw new Error("an incomplete for");
    }
    const [body, latch, exit] = [writer.block("for"), writer.block("next"), writer.block("exit")];
    const [counter, ...carried] = region(writer.fn, bodyId).parameters;
    if (counter === undefined) throw new Error("a for without a counter");
    const progress = progressOf(writer, start, end, step);

    define(writer, exit, op.results);
    writer.supply(exit, writer.uses(initial));
    define(writer, body, [counter, ...carried]);
    writer.supply(body, writer.uses([start, ...initial]));
    writer.line(`br i1 ${progress.enters}, label %${body.label}, label %${exit.label}`);

    writer.place(body);
    const next = carried.map((value) => writer.phi(latch, writer.typeOf(value)));
    const loops = new Map(exits.loops).set(id, { break: exit, continue: latch });
    emitRegion(writer, bodyId, {
        yield: (values) => writer.jump(latch, values),
        loops,
        round: writer.meets.has(id) ? latch : null,
    });

    writer.at(op.span);
    writer.place(latch);
    const { more, following } = progress.advance(writer.use(counter));
    writer.supply(body, [following, ...next]);
    writer.supply(exit, next);
    writer.line(`br i1 ${more}, label %${body.label}, label %${exit.label}${loopHint(writer, op)}`);
    writer.place(exit);
}

interface Progress {
    /** Whether there is a first round. */
    readonly enters: string;
    /** After a round: whether there is another, and its counter (of no meaning if not). */
    readonly advance: (counter: string) => { readonly more: string; readonly following: string };
}

function progressOf(writer: FunctionWriter, start: ValueId, end: ValueId, step: ValueId): Progress {
    const scalar = writer.scalarOf(start);
    const type = llvmType(scalar);
    const [from, to, by] = [writer.use(start), writer.use(end), writer.use(step)];
    const [less, greater] = isSigned(scalar) ? ["slt", "sgt"] : ["ult", "ugt"];
    const compare = (how: string, a: string, b: string) => writer.assign(`icmp ${how} ${type} ${a}, ${b}`);
    const add = (counter: string) => writer.assign(`add ${type} ${counter}, ${by}`);
    const constant = /^-?\d+$/.test(by) ? BigInt(by) : null;
    if (constant === 1n) {
        // Below the end there is always a next number, so the common loop has the form that LLVM knows best.
        const wrapFlag = isSigned(scalar) ? "nsw" : "nuw";
        const advance = (counter: string) => {
            const following = writer.assign(`add ${wrapFlag} ${type} ${counter}, 1`);
            return { following, more: compare(less, following, to) };
        };
        return { enters: compare(less, from, to), advance };
    }
    // A counter before this one has a next. Where it lies beyond the type it saturates, and no counter is before it.
    const signs = isSigned(scalar) ? "s" : "u";
    const last = writer.intrinsic(`${signs}sub.sat.${type}`, type, [
        [type, to],
        [type, by],
    ]);
    const forwards = constant === null ? compare(greater, by, "0") : null;
    if (constant !== 0n && (constant !== null || !isSigned(scalar))) {
        const before = constant !== null && constant < 0n ? greater : less;
        const enters = compare(before, from, to);
        return {
            enters: forwards === null ? enters : writer.assign(`and i1 ${forwards}, ${enters}`),
            advance: (counter) => ({ more: compare(before, counter, last), following: add(counter) }),
        };
    }
    const forward = forwards ?? "false";
    const backward = compare(less, by, "0");
    const below = writer.assign(`and i1 ${forward}, ${compare(less, from, to)}`);
    const above = writer.assign(`and i1 ${backward}, ${compare(greater, from, to)}`);
    const advance = (counter: string) => {
        const [under, over] = [compare(less, counter, last), compare(greater, counter, last)];
        return { more: writer.assign(`select i1 ${forward}, i1 ${under}, i1 ${over}`), following: add(counter) };
    };
    return { enters: writer.assign(`or i1 ${below}, ${above}`), advance };
}

/** Makes phis of a block the given values. */
function define(writer: FunctionWriter, block: Block, values: readonly ValueId[]): void {
    for (const value of values) writer.define(value, writer.phi(block, writer.typeOf(value)));
}
