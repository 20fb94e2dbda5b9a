// The verifier's rules for attributes, control flow and calls.

import { piecesOfTemplate } from "../../../codeobject/manifest-text.js";
import { roundTo, wrap } from "../arithmetic.js";
import type { Attributes, ConstantValue, Operation, OpId } from "../module.js";
import { OPS } from "../ops.js";
import { type IrScalar, type IrType, isBuffer, isInteger, isScalar } from "../types.js";
import { type Context, listTypes, regionOf, sameTypes } from "./context.js";
import { checkTiles } from "./tiles.js";

/** An operation has the attributes of the table and no others, each in its range. */
export function checkAttributes(context: Context, op: Operation): void {
    const wanted: readonly string[] = OPS[op.op].attributes;
    for (const key of wanted) {
        if (op.attributes[key as keyof Attributes] === undefined)
            context.report(`${op.op} without its attribute ${key}`);
    }
    const allowed: readonly string[] = [...wanted, ...OPS[op.op].optional];
    for (const key of Object.keys(op.attributes)) {
        if (!allowed.includes(key)) context.report(`${op.op} has no attribute ${key}`);
    }
    const { value, axis, count, align = 1, unroll = 1, stages = 1 } = op.attributes;
    if (![1, 2, 4, 8, 16].includes(align)) context.report(`${op.op} with multiples of ${align} bytes`);
    if (unroll !== "all" && !(Number.isInteger(unroll) && unroll >= 1))
        context.report(`${op.op} unrolled by ${unroll}`);
    if (!(Number.isInteger(stages) && stages >= 1)) context.report(`${op.op} in ${stages} stages`);
    const result = op.results[0] === undefined ? null : context.typeOf(op.results[0]);
    if (value !== undefined && result && isScalar(result) && !inRange(value, result)) {
        context.report(`${String(value)} is no ${result}`);
    }
    if (axis !== undefined && ![0, 1, 2].includes(axis)) context.report(`${op.op}: there is no axis ${String(axis)}`);
    if (count !== undefined && !(Number.isSafeInteger(count) && count > 0))
        context.report(`an array of ${count} elements`);
}

function inRange(value: ConstantValue, type: IrScalar): boolean {
    if (type === "bool") return typeof value === "boolean";
    if (isInteger(type)) return typeof value === "bigint" && wrap(value, type) === value;
    return typeof value === "number" && Object.is(roundTo(value, type), value);
}

/** `enclosing` are the operations whose regions the operation stands in, outermost first. */
export function checkControl(context: Context, op: Operation, enclosing: readonly OpId[]): void {
    const operands = op.operands.map((operand) => context.typeOf(operand));
    const results = op.results.map((result) => context.typeOf(result));
    if (checkTiles(context, op, operands, results)) return;
    switch (op.op) {
        case "if":
            if (!sameTypes(operands, ["bool"])) context.report(`if takes a bool, not ${listTypes(operands)}`);
            for (const at of [0, 1]) {
                expect(context, `an if's region takes`, regionOf(context.fn, op, at).parameters, []);
                expectYield(context, op, at, results);
            }
            break;
        case "for": {
            const [counter, end, step, ...carried] = operands;
            if (!counter || !isInteger(counter) || end !== counter || step !== counter) {
                context.report(`for takes three integers of one type first, not ${listTypes(operands)}`);
                break;
            }
            expect(context, "for gives", results, carried);
            expect(context, "a for's body takes", regionOf(context.fn, op, 0).parameters, [counter, ...carried]);
            expectYield(context, op, 0, carried);
            break;
        }
        case "while":
            expect(context, "while gives", results, operands);
            expect(context, "a while's condition takes", regionOf(context.fn, op, 0).parameters, operands);
            expect(context, "a while's body takes", regionOf(context.fn, op, 1).parameters, operands);
            expectYield(context, op, 0, ["bool", ...operands]);
            expectYield(context, op, 1, operands);
            break;
        case "yield":
            if (enclosing.length === 0) context.report("yield outside an if or loop");
            break;
        case "break":
        case "continue":
            checkJump(context, op, operands, enclosing);
            break;
        case "return":
            expect(context, "the function returns", operands, context.fn.results);
            break;
        case "print":
        case "fail": {
            const places = (piecesOfTemplate(op.attributes.text ?? "{")?.length ?? 0) - 1;
            if (places !== operands.length || operands.some(isBuffer)) {
                context.report(`${op.op} has a text for ${places} values, not for ${listTypes(operands)}`);
            }
            break;
        }
        case "unreachable":
            expect(context, "unreachable takes", operands, []);
            break;
        case "call":
            checkCall(context, op, operands, results);
            break;
        default:
    }
}

function checkJump(context: Context, op: Operation, operands: readonly IrType[], enclosing: readonly OpId[]): void {
    const { target } = op.attributes;
    const loop = target !== undefined && enclosing.includes(target) ? context.fn.operations[target] : undefined;
    if (!loop || (loop.op !== "for" && loop.op !== "while")) {
        context.report(`${op.op} names no enclosing loop`);
        return;
    }
    expect(
        context,
        `${op.op} carries`,
        operands,
        loop.results.map((result) => context.typeOf(result)),
    );
}

function checkCall(context: Context, op: Operation, operands: readonly IrType[], results: readonly IrType[]): void {
    const callee = context.callees.get(op.attributes.callee ?? "");
    if (!callee || callee.kernel) {
        context.report(`call of @${op.attributes.callee}, which is no function that comes before`);
        return;
    }
    const parameters = callee.parameters.map(({ value }) => callee.values[value]?.type ?? "bool");
    expect(context, `@${callee.name} takes`, operands, parameters);
    expect(context, `@${callee.name} returns`, results, callee.results);
    callee.parameters.forEach(({ mutable, name }, at) => {
        const operand = op.operands[at];
        const isGlobal = isGlobalBuffer(callee.values[callee.parameters[at]?.value ?? -1]?.type);
        if (mutable && isGlobal && operand !== undefined && !context.mutable.has(operand)) {
            context.report(`@${callee.name} writes to its ${name}, which isn't mutable here`);
        }
    });
}

function isGlobalBuffer(type: IrType | undefined): boolean {
    return type !== undefined && isBuffer(type) && type.space === "global";
}

function expect(context: Context, what: string, got: readonly IrType[], wanted: readonly IrType[]): void {
    if (!sameTypes(got, wanted)) context.report(`${what} ${listTypes(wanted)}, not ${listTypes(got)}`);
}

/** Where a region ends with `yield`, it gives the types that its operation wants. */
function expectYield(context: Context, op: Operation, at: number, wanted: readonly IrType[]): void {
    const { last } = regionOf(context.fn, op, at);
    if (last?.op !== "yield") return;
    const got = last.operands.map((operand) => context.typeOf(operand));
    expect(context, `${op.op}'s ${OPS[op.op].regions[at]} yields`, got, wanted);
}
