// `print("x = {}", x)` and `assert(c, "message {}", x)`: a text that stays with the host, and the values that the device
// sends for it.

import { piecesOfTemplate, templateOf } from "../../codeobject/manifest-text.js";
import { reportText } from "../diagnostics/catalogue/kernels.js";
import { diagnose } from "../diagnostics/entry.js";
import { count } from "../diagnostics/words.js";
import type * as ast from "../syntax/ast.js";
import { quietly } from "./conditional.js";
import type { BodyContext } from "./context.js";
import { checkExpr, demand } from "./expressions.js";
import { errorExpr, requireValue } from "./nodes.js";
import type { Expr } from "./program.js";
import { BOOL, isValue, scalarCount, VOID } from "./scalars.js";
import type { Type } from "./types.js";

type CallExpr = Extract<ast.Expr, { kind: "call" }>;

/** What a record on the device has room for. */
const MAX_VALUES = 16;

export function checkReport(ctx: BodyContext, name: string, call: CallExpr, args: readonly ast.Expr[]): Expr {
    const { span } = call;
    const isAssert = name === "assert";
    const [tested] = args;
    if (isAssert && tested?.kind === "text") {
        for (const value of args.slice(1)) checkExpr(ctx, value, null);
        ctx.report(diagnose(reportText, tested.span, USAGE.assert as Usage));
        return errorExpr(span);
    }
    const condition = isAssert && tested !== undefined ? demand(ctx, tested, BOOL) : null;
    const [text, ...values] = isAssert ? args.slice(1) : args;
    const checked = values.map((value) => requireValue(checkExpr(ctx, value, null), ctx.report));
    const template = isAssert && tested !== undefined && text === undefined ? conditionText(tested) : read(text);
    const problem = isAssert && tested === undefined ? USAGE.assert : template === null ? USAGE[name] : undefined;
    if (problem !== undefined || template === null) {
        if (text !== undefined && text.kind !== "text") checkExpr(quietly(ctx), text, null);
        ctx.report(diagnose(reportText, text?.span ?? span, problem ?? (USAGE.print as Usage)));
        return errorExpr(span);
    }
    const pieces = piecesOfTemplate(template);
    const scalars = checked.reduce((sum, { type }) => sum + (isValue(type) ? scalarCount(type) : 1), 0);
    const mistake = pieces === null ? LONE_BRACE : mismatch(pieces.length - 1, values.length, scalars);
    if (pieces === null || mistake !== null) {
        ctx.report(diagnose(reportText, text?.span ?? span, mistake ?? LONE_BRACE));
        return errorExpr(span);
    }
    if (condition?.type.kind === "error" || checked.some(({ type }) => type.kind === "error")) return errorExpr(span);
    const slots = checked.map(({ type }) => slotOf(type));
    const whole = pieces.map((piece, at) => `${templateOf(piece)}${slots[at] ?? ""}`).join("");
    return { kind: "report", span, type: VOID, condition, text: whole, args: checked };
}

/** The places of a value's scalars: `(1, 2)` of a vector, `[[1, 2], [3, 4]]` of an array, `Body(mass: 1)` of a structure. */
function slotOf(type: Type): string {
    switch (type.kind) {
        case "vector":
            return `(${new Array(type.length).fill("{}").join(", ")})`;
        case "array":
            return type.extents.reduceRight(
                (slot, extent) => `[${new Array(extent).fill(slot).join(", ")}]`,
                slotOf(type.element),
            );
        case "struct":
            return `${type.name}(${type.fields.map((field) => `${field.name}: ${slotOf(field.type)}`).join(", ")})`;
        default:
            return "{}";
    }
}

interface Usage {
    readonly what: string;
    readonly help: string;
}

const USAGE: Readonly<Record<string, Usage>> = {
    print: { what: "`print` begins with a text", help: 'write `print("x = {}", x)`' },
    assert: { what: "`assert` takes a condition and a text", help: 'write `assert(x > 0, "x is {}", x)`' },
};

const LONE_BRACE: Usage = {
    what: "a brace stands alone in this text",
    help: "write `{}` for a value, `{{` or `}}` for a brace",
};

/** What an assert without a text says: its condition, as written. */
function conditionText({ span }: ast.Expr): string {
    return templateOf(span.file.text.slice(span.start, span.end));
}

function read(text: ast.Expr | undefined): string | null {
    return text?.kind === "text" ? text.value : null;
}

function mismatch(places: number, values: number, scalars: number): Usage | null {
    if (scalars > MAX_VALUES) {
        return { what: `${scalars} values are more than one text takes`, help: `it takes at most ${MAX_VALUES}` };
    }
    if (places === values) return null;
    const what = `the text has ${count(places, "place")} for ${count(values, "value")}`;
    return { what, help: "write a `{}` for each value" };
}
