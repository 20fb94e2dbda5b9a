// Formulas of models and networks: from the syntax tree to `Formula`, with dimensions checked on the way.

import type { Formula, Operation } from "../../codeobject/network/formula.js";
import { unknownFunction, unknownName } from "../diagnostics/catalogue/names.js";
import { badValue, notInFormula, unitMismatch } from "../diagnostics/catalogue/networks.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import { multiply } from "./algebra.js";
import { requireDivisor, requireOrder } from "./check-constants.js";
import {
    type Dimension,
    exampleOf,
    isPlain,
    over,
    PLAIN,
    power,
    quantity,
    sameDimension,
    showDimension,
    TIME,
    times,
    WEIGHT,
} from "./units.js";

/** A formula and what it is a quantity of; conditions have no dimension. */
export interface Typed {
    readonly formula: Formula;
    readonly type: Dimension | "bool";
}

/** What a formula may draw: once when the network is made, in every step, or not at all. */
export type Drawing = "once" | "step" | "none";

export interface FormulaContext {
    readonly find: (name: string) => Typed | undefined;
    /** For suggestions. */
    readonly names: () => Iterable<string>;
    readonly drawing: Drawing;
    readonly report: (diagnostic: Diagnostic) => void;
    readonly units: Units;
}

/** What `weight` is a quantity of, once the formulas of a model have said so. */
export class Units {
    /** Null while it may be anything. */
    weight: Dimension | null = null;

    resolve(dimension: Dimension): Dimension {
        const exponent = dimension[3];
        if (this.weight === null || exponent === 0) return dimension;
        const [time, voltage, current] = dimension;
        return times([time, voltage, current, 0], power(this.weight, exponent));
    }

    /** Whether two dimensions agree, or can be made to by what `weight` is. */
    agree(one: Dimension, other: Dimension): boolean {
        const [a, b] = [this.resolve(one), this.resolve(other)];
        if (sameDimension(a, b)) return true;
        const exponent = a[3] - b[3];
        if (this.weight !== null || Math.abs(exponent) !== 1) return false;
        const rest = power(over(b, a), exponent);
        this.weight = [rest[0], rest[1], rest[2], 0];
        return true;
    }
}

type Shape = "plain" | "same" | "same to plain" | "root" | "power";

/** What functions do to dimensions, by name, with the number of their operands. */
const FUNCTIONS: Readonly<Record<string, readonly [Shape, number]>> = {
    abs: ["same", 1],
    min: ["same", 2],
    max: ["same", 2],
    clamp: ["same", 3],
    hypot: ["same", 2],
    relu: ["same", 1],
    sign: ["same to plain", 1],
    floor: ["plain", 1],
    ceil: ["plain", 1],
    trunc: ["plain", 1],
    round: ["plain", 1],
    exp: ["plain", 1],
    exp2: ["plain", 1],
    expm1: ["plain", 1],
    log: ["plain", 1],
    log2: ["plain", 1],
    log10: ["plain", 1],
    log1p: ["plain", 1],
    sin: ["plain", 1],
    cos: ["plain", 1],
    tan: ["plain", 1],
    sinh: ["plain", 1],
    cosh: ["plain", 1],
    tanh: ["plain", 1],
    atan: ["plain", 1],
    sigmoid: ["plain", 1],
    sqrt: ["root", 1],
    pow: ["power", 2],
};

/** The functions of formulas, for the specification. */
export const FORMULA_FUNCTIONS: readonly string[] = Object.keys(FUNCTIONS);

/** Null where it was reported. */
export function checkFormula(ctx: FormulaContext, expr: ast.Expr): Typed | null {
    switch (expr.kind) {
        case "integer":
            return { formula: Number(expr.value), type: PLAIN };
        case "float":
            return { formula: finite(expr.value), type: PLAIN };
        case "bool":
            return { formula: expr.value, type: "bool" };
        case "name":
            return checkName(ctx, expr.text, expr.span);
        case "quantity":
            return checkQuantity(ctx, expr);
        case "unary":
            return checkUnary(ctx, expr);
        case "binary":
            return checkBinary(ctx, expr);
        case "call":
            return checkCall(ctx, expr);
        case "if":
            return checkIf(ctx, expr);
        default:
            ctx.report(diagnose(notInFormula, expr.span, { what: WORDS[expr.kind] ?? "this" }));
            return null;
    }
}

/** A formula of this dimension; null where it was reported. */
export function demandFormula(ctx: FormulaContext, expr: ast.Expr, wanted: Dimension | "bool", what: string) {
    const found = checkFormula(ctx, expr);
    return found !== null && agrees(ctx, found, wanted, expr.span, what) ? found.formula : null;
}

const WORDS: Readonly<Record<string, string>> = {
    cast: "`as`",
    index: "an index",
    member: "a member",
    block: "a block",
    text: "a text",
    generic: "a generic call",
    slice: "a range",
    tuple: "a list",
};

function finite(value: number): Formula {
    return value === Number.POSITIVE_INFINITY ? ["inf"] : value;
}

function show(type: Dimension | "bool"): string {
    return type === "bool" ? "a condition" : showDimension(type);
}

function agrees(ctx: FormulaContext, found: Typed, wanted: Dimension | "bool", span: Span, what: string): boolean {
    const { type } = found;
    const fits = type === "bool" || wanted === "bool" ? type === wanted : ctx.units.agree(type, wanted);
    if (!fits) {
        const resolved = (each: Dimension | "bool") => show(each === "bool" ? each : ctx.units.resolve(each));
        const help = remedyOf(type, wanted);
        ctx.report(diagnose(unitMismatch, span, { what, has: resolved(type), wants: resolved(wanted), help }));
    }
    return fits;
}

/** What to write where a quantity is of another dimension than the one that is wanted. */
function remedyOf(has: Dimension | "bool", wanted: Dimension | "bool"): string | undefined {
    if (has === "bool") return undefined;
    if (wanted === "bool") return "compare it: `v >= -50 mV`";
    if (sameDimension(over(has, TIME), wanted)) return "divide it by a time: `… / 20 ms`";
    const example = exampleOf(wanted);
    if (isPlain(has) && example !== undefined) return `a unit stands behind the number: \`${example}\``;
    if (isPlain(wanted)) return "leave the unit out, or divide by a quantity of the same kind: `v / 1 mV`";
    const changing = exampleOf(times(wanted, TIME));
    if (changing !== undefined) return `what changes as \`${changing}\` is divided by a time, as \`20 ms\``;
    return example && `write one, as \`${example}\`, or a formula whose units make one`;
}

function checkName(ctx: FormulaContext, name: string, span: Span): Typed | null {
    const found = ctx.find(name);
    if (found === undefined) ctx.report(diagnose(unknownName, span, { name, similar: nearest(name, ctx.names()) }));
    return found ?? null;
}

function checkQuantity(ctx: FormulaContext, expr: Extract<ast.Expr, { kind: "quantity" }>): Typed | null {
    const number = checkFormula(ctx, expr.value);
    if (number === null) return null;
    const { value, dimension } = quantity(number.formula as number, expr.unit.text);
    return { formula: value, type: dimension };
}

function checkUnary(ctx: FormulaContext, expr: Extract<ast.Expr, { kind: "unary" }>): Typed | null {
    if (expr.op === "~") {
        ctx.report(diagnose(notInFormula, expr.span, { what: "`~`" }));
        return null;
    }
    if (expr.op === "!") {
        const formula = demandFormula(ctx, expr.operand, "bool", "the operand of `!`");
        return formula === null ? null : { formula: ["!", formula], type: "bool" };
    }
    const operand = checkNumber(ctx, expr.operand, "the operand of `-`");
    if (operand === null) return null;
    const { formula, type } = operand;
    return { formula: typeof formula === "number" ? -formula : ["neg", formula], type };
}

interface Quantity {
    readonly formula: Formula;
    readonly type: Dimension;
}

/** A quantity of any dimension. */
export function checkNumber(ctx: FormulaContext, expr: ast.Expr, what: string): Quantity | null {
    const found = checkFormula(ctx, expr);
    if (found === null) return null;
    const { formula, type } = found;
    if (type !== "bool") return { formula, type };
    ctx.report(diagnose(unitMismatch, expr.span, { what, has: "a condition", wants: "a number" }));
    return null;
}

function checkBinary(ctx: FormulaContext, expr: Extract<ast.Expr, { kind: "binary" }>): Typed | null {
    const { op, left, right } = expr;
    if (op === "&&" || op === "||") {
        const a = demandFormula(ctx, left, "bool", `the left side of \`${op}\``);
        const b = demandFormula(ctx, right, "bool", `the right side of \`${op}\``);
        return a === null || b === null ? null : { formula: [op, a, b], type: "bool" };
    }
    if (!["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!="].includes(op)) {
        ctx.report(diagnose(notInFormula, expr.opSpan, { what: `\`${op}\`` }));
        return null;
    }
    const a = checkNumber(ctx, left, `the left side of \`${op}\``);
    const b = checkNumber(ctx, right, `the right side of \`${op}\``);
    if (a === null || b === null) return null;
    const formula: Formula = [op as Operation, a.formula, b.formula];
    if (op === "*") return { formula: multiply(a.formula, b.formula), type: times(a.type, b.type) };
    if (op === "/") {
        requireDivisor(ctx.report, b.formula, b.type, right.span);
        return { formula, type: over(a.type, b.type) };
    }
    if (!agrees(ctx, b, a.type, right.span, `the right side of \`${op}\``)) return null;
    return { formula, type: op === "+" || op === "-" || op === "%" ? ctx.units.resolve(a.type) : "bool" };
}

function checkIf(ctx: FormulaContext, expr: Extract<ast.Expr, { kind: "if" }>): Typed | null {
    const condition = demandFormula(ctx, expr.condition, "bool", "the condition of `if`");
    const then = blockValue(ctx, expr.then);
    const { otherwise } = expr;
    if (otherwise === null) {
        ctx.report(diagnose(notInFormula, expr.span, { what: "an `if` without `else`" }));
        return null;
    }
    const other = otherwise.kind === "block" ? blockValue(ctx, otherwise.block) : checkFormula(ctx, otherwise);
    if (condition === null || then === null || other === null) return null;
    if (!agrees(ctx, other, then.type, otherwise.span, "the value of `else`")) return null;
    return { formula: ["if", condition, then.formula, other.formula], type: then.type };
}

function blockValue(ctx: FormulaContext, block: ast.Block): Typed | null {
    const [statement] = block.statements;
    if (block.statements.length === 1 && statement?.kind === "expr") return checkFormula(ctx, statement.expr);
    ctx.report(diagnose(notInFormula, block.span, { what: "a block of anything but one value" }));
    return null;
}

function checkCall(ctx: FormulaContext, expr: Extract<ast.Expr, { kind: "call" }>): Typed | null {
    const { callee, args } = expr;
    if (callee.kind !== "name") {
        ctx.report(diagnose(notInFormula, expr.span, { what: "this call" }));
        return null;
    }
    const name = callee.text;
    const labelled = args.find(({ label }) => label !== null);
    if (labelled) {
        ctx.report(diagnose(notInFormula, labelled.value.span, { what: `a named argument of \`${name}\`` }));
        return null;
    }
    const values = args.map(({ value }) => value);
    const drawn = checkDraw(ctx, name, values, expr.span);
    if (drawn !== undefined) return drawn;
    const known = FUNCTIONS[name];
    if (known === undefined) {
        const similar = nearest(name, FORMULA_FUNCTIONS);
        ctx.report(diagnose(unknownFunction, callee.span, { name, similar }));
        return null;
    }
    const [shape, count] = known;
    if (!hasCount(ctx, name, values, count, expr.span)) return null;
    const operands = values.map((value) => checkNumber(ctx, value, `an argument of \`${name}\``));
    if (operands.includes(null)) return null;
    const typed = operands as Quantity[];
    const formula: Formula = [name as Operation, ...typed.map((each) => each.formula)];
    const [, low, high] = typed;
    if (name === "clamp" && low && high)
        requireOrder(ctx.report, "the bounds of `clamp`", low.formula, high.formula, expr.span);
    return typeOfCall(ctx, name, shape, typed, values, formula);
}

function hasCount(ctx: FormulaContext, name: string, values: readonly ast.Expr[], count: number, span: Span): boolean {
    if (values.length === count) return true;
    const what = `\`${name}\` with ${values.length} argument${values.length === 1 ? "" : "s"}`;
    ctx.report(diagnose(notInFormula, span, { what, help: `it takes ${count}` }));
    return false;
}

function typeOfCall(
    ctx: FormulaContext,
    name: string,
    shape: Shape,
    operands: readonly Quantity[],
    values: readonly ast.Expr[],
    formula: Formula,
): Typed | null {
    const [first, second] = operands as [Quantity, Quantity | undefined];
    const spanOf = (at: number) => (values[at] as ast.Expr).span;
    const what = `an argument of \`${name}\``;
    switch (shape) {
        case "plain":
            return operands.every((each, at) => agrees(ctx, each, PLAIN, spanOf(at), what))
                ? { formula, type: PLAIN }
                : null;
        case "same":
        case "same to plain":
            return operands.every((each, at) => agrees(ctx, each, first.type, spanOf(at), what))
                ? { formula, type: shape === "same" ? first.type : PLAIN }
                : null;
        case "root":
            return { formula, type: power(first.type, 0.5) };
        case "power": {
            const exponent = second as Quantity;
            if (!agrees(ctx, exponent, PLAIN, spanOf(1), "an exponent")) return null;
            if (isPlain(first.type)) return { formula, type: PLAIN };
            if (typeof exponent.formula === "number") return { formula, type: power(first.type, exponent.formula) };
            const has = `${showDimension(first.type)} to a power that isn't a number`;
            ctx.report(diagnose(unitMismatch, spanOf(0), { what: "this", has, wants: "a plain number" }));
            return null;
        }
    }
}

/** Random numbers; undefined where the name is none of them. */
function checkDraw(ctx: FormulaContext, name: string, values: readonly ast.Expr[], span: Span) {
    const needs = (drawing: Drawing, when: string): boolean => {
        if (ctx.drawing === drawing) return true;
        ctx.report(
            diagnose(notInFormula, span, { what: `\`${name}\` with ${values.length} arguments, which draws ${when},` }),
        );
        return false;
    };
    if ((name === "random" || name === "normal") && values.length > 0) {
        if (!needs("once", "when the network is made") || !hasCount(ctx, name, values, 2, span)) return null;
        const [a, b] = values.map((value) => checkNumber(ctx, value, `an argument of \`${name}\``));
        if (!a || !b || !agrees(ctx, b, a.type, (values[1] as ast.Expr).span, `an argument of \`${name}\``))
            return null;
        if (name === "random") requireOrder(ctx.report, "the ends of `random`", a.formula, b.formula, span);
        else if (typeof b.formula === "number" && b.formula < 0) {
            const help = "write how far the values spread, 0 or more";
            ctx.report(diagnose(badValue, span, { what: `the deviation of \`normal\` is ${b.formula}`, help }));
        }
        return { formula: [name, a.formula, b.formula] as Formula, type: a.type };
    }
    if (name === "random" || name === "normal" || name === "noise") {
        if (!needs("step", "in every step") || !hasCount(ctx, name, values, 0, span)) return null;
        if (name === "random") return { formula: ["uniform"] as Formula, type: PLAIN };
        if (name === "normal") return { formula: ["gauss"] as Formula, type: PLAIN };
        return { formula: ["/", ["gauss"], ["sqrt", "dt"]] as Formula, type: power(TIME, -0.5) };
    }
    if (name === "poisson") {
        if (!needs("step", "in every step") || !hasCount(ctx, name, values, 1, span)) return null;
        const mean = demandFormula(ctx, values[0] as ast.Expr, PLAIN, "the mean of `poisson`");
        return mean === null ? null : { formula: ["poisson", mean] as Formula, type: PLAIN };
    }
    return undefined;
}

/** What connections' weights are, in formulas that know no more of them. */
export const WEIGHT_NAME: Typed = { formula: "weight", type: WEIGHT };
