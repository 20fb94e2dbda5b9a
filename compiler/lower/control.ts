// Control flow: variables that a branch or loop assigns become its results.

import type { Span } from "../diagnostics/diagnostic.js";
import type { Attributes, RegionId, ValueId } from "../ir/module.js";
import type { IrType } from "../ir/types.js";
import type { Block, Expr, Local, Statement } from "../sema/program.js";
import { isValue } from "../sema/scalars.js";
import { assignedIn } from "./assigned.js";
import { bind, type Context, carriers, known, typesOfLocal, type Values, valuesOfLocals } from "./context.js";
import { lowerValue } from "./expression.js";
import { lowerBlock } from "./statement.js";
import { typesOfValue } from "./tiles.js";

interface Conditional {
    readonly condition: Expr;
    readonly then: Block;
    readonly otherwise: Block | null;
    readonly span: Span;
    /** The type of an `if` that is an expression. */
    readonly type?: Expr["type"];
}

/** Both branches, the variables they assign merged; the value of an expression. */
export function lowerIf(context: Context, { condition, then, otherwise, span, type }: Conditional): Values | null {
    const test = lowerValue(context, condition);
    const wanted = type !== undefined && isValue(type) ? typesOfValue(type) : null;
    const branch = (block: Block | null) => () => (block ? lowerBlock(context, block) : null) ?? [];
    const assigned = assignedVariables(context, [], otherwise ? [then, otherwise] : [then]);
    return branches(context, test, assigned, wanted, [branch(then), branch(otherwise)], span);
}

/** `a && b && c` along its left side without recursion: the right operand is only reached where it counts. */
export function lowerLogical(context: Context, root: Extract<Expr, { kind: "logical" }>): ValueId {
    const chain: (typeof root)[] = [];
    let leftmost: Expr = root;
    while (leftmost.kind === "logical") {
        chain.push(leftmost);
        leftmost = leftmost.left;
    }
    let left = lowerValue(context, leftmost);
    for (const { op, right, span } of chain.reverse()) {
        const decided = () => [context.builder.constant(op === "||", "bool", span)];
        const otherwise = () => [lowerValue(context, right)];
        const parts: [Branch, Branch] = op === "&&" ? [otherwise, decided] : [decided, otherwise];
        const assigned = assignedVariables(context, [right], []);
        left = branches(context, left, assigned, ["bool"], parts, span)?.[0] ?? left;
    }
    return left;
}

type Branch = () => Values;

/** Where the condition is false, does what `fails` says, which must not come back. */
export function lowerUnless(context: Context, condition: Expr, values: readonly Expr[], fails: () => void): void {
    const test = lowerValue(context, condition);
    const otherwise = () => {
        fails();
        return [];
    };
    branches(context, test, assignedVariables(context, values, []), null, [() => [], otherwise], condition.span);
}

function branches(
    context: Context,
    test: ValueId,
    assigned: readonly Local[],
    wanted: readonly IrType[] | null,
    parts: readonly [Branch, Branch],
    span: Span,
): Values | null {
    const { builder } = context;
    const before = valuesOfLocals(context, assigned);
    const regions: RegionId[] = [];
    let joins = false;
    for (const part of parts) {
        const region = builder.begin([]);
        const value = part();
        if (builder.reachable) {
            joins = true;
            builder.terminate("yield", [...valuesOfLocals(context, assigned), ...(wanted ? value : [])], span);
        }
        regions.push(builder.end(region));
        bind(context, assigned, before);
    }
    const carried = assigned.flatMap(typesOfLocal);
    const types = [...carried, ...(wanted ?? [])];
    const results = builder.structured("if", [test], types, regions, span);
    bind(context, assigned, results);
    if (!joins) builder.terminate("unreachable", [], span);
    return wanted && joins ? results.slice(carried.length) : null;
}

export function lowerWhile(
    context: Context,
    { condition, body, span, unroll }: Extract<Statement, { kind: "while" }>,
): void {
    const { builder } = context;
    const carried = assignedVariables(context, [condition], [body]);
    const initial = valuesOfLocals(context, carried);
    const parameters = carriers(carried, span);
    const id = builder.reserve();
    const test = builder.begin(parameters);
    bind(context, carried, test.parameters);
    const holds = lowerValue(context, condition);
    if (builder.reachable) builder.terminate("yield", [holds, ...valuesOfLocals(context, carried)], condition.span);
    builder.end(test);
    const round = builder.begin(parameters);
    loopBody(context, { id, carried }, round.parameters, body);
    builder.end(round);
    finishLoop(
        context,
        "while",
        carried,
        initial,
        [test.id, round.id],
        span,
        id,
        unroll === undefined ? {} : { unroll },
    );
}

export function lowerFor(context: Context, statement: Extract<Statement, { kind: "for" }>): void {
    const { builder } = context;
    const { variable, body, span } = statement;
    const bounds = [statement.start, statement.end, statement.step].map((bound) => lowerValue(context, bound));
    const carried = assignedVariables(context, [], [body]);
    const initial = valuesOfLocals(context, carried);
    const id = builder.reserve();
    const isRange = variable.type.kind === "range";
    const counter = { type: isRange ? "index" : (typesOfLocal(variable)[0] ?? "index"), span: variable.span };
    const round = builder.begin([counter, ...carriers(carried, span)]);
    const [first] = round.parameters;
    if (!isRange) bind(context, [variable], round.parameters.slice(0, 1));
    else context.ranges.set(variable, { start: known(first, "a counter"), end: known(bounds[1], "an end") });
    loopBody(context, { id, carried }, round.parameters.slice(1), body);
    const { unroll, stages, direct } = statement;
    const attributes = {
        ...(unroll !== undefined && { unroll }),
        ...(stages !== undefined && { stages }),
        ...(direct && { direct }),
    };
    finishLoop(context, "for", carried, [...bounds, ...initial], [builder.end(round)], span, id, attributes);
}

/** `break` and `continue` take the present values of the innermost loop's variables with them. */
export function lowerJump(context: Context, { kind, span }: Extract<Statement, { kind: "break" | "continue" }>): void {
    const loop = context.loops.at(-1);
    if (!loop) throw new Error(`${kind} outside a loop`);
    context.builder.terminate(kind, valuesOfLocals(context, loop.carried), span, { target: loop.id });
}

function loopBody(context: Context, loop: Context["loops"][number], values: readonly ValueId[], body: Block): void {
    bind(context, loop.carried, values);
    context.loops.push(loop);
    lowerBlock(context, body);
    context.loops.pop();
    if (context.builder.reachable) {
        context.builder.terminate("yield", valuesOfLocals(context, loop.carried), body.span);
    }
}

function finishLoop(
    context: Context,
    op: "for" | "while",
    carried: readonly Local[],
    operands: readonly ValueId[],
    regions: readonly RegionId[],
    span: Span,
    id: Context["loops"][number]["id"],
    attributes: Attributes,
): void {
    const types = carried.flatMap(typesOfLocal);
    const results = context.builder.structured(op, operands, types, regions, span, id, attributes);
    bind(context, carried, results);
}

/** The variables declared outside of the given parts that they assign, in order of declaration. */
function assignedVariables(context: Context, expressions: readonly Expr[], blocks: readonly Block[]): Local[] {
    const assigned = assignedIn(expressions, blocks);
    const outside: Local[] = [];
    if (assigned.size > 0) for (const local of context.values.keys()) if (assigned.has(local)) outside.push(local);
    return outside;
}
