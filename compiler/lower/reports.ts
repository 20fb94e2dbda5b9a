// `print` and `assert`. The values of an assert are evaluated only where it fails: they may say what is wrong with an
// index that can't be used.

import { isSmallFloat } from "../../codeobject/small-floats.js";
import type { Expr } from "../sema/program.js";
import { isValue } from "../sema/scalars.js";
import { type Context, known, type Values } from "./context.js";
import { lowerUnless } from "./control.js";
import { lowerValues } from "./expression.js";
import { layoutOf } from "./layout.js";
import { convertScalar } from "./small-floats.js";

export function lowerReport(
    context: Context,
    { condition, text, args, span }: Extract<Expr, { kind: "report" }>,
): void {
    const { builder } = context;
    const values = () => args.flatMap((arg) => reported(context, arg));
    if (condition === null) builder.effect("print", values(), span, { text });
    else lowerUnless(context, condition, args, () => builder.terminate("fail", values(), span, { text }));
}

/** Small floats are reported as the f32 of the same value. */
function reported(context: Context, arg: Expr): Values {
    const values = lowerValues(context, arg);
    if (!isValue(arg.type)) return values;
    const { leaves } = layoutOf(arg.type);
    return values.map((value, at) => {
        const { scalar } = known(leaves[at], "a scalar");
        return isSmallFloat(scalar) ? convertScalar(context, value, scalar, "f32", arg.span) : value;
    });
}
