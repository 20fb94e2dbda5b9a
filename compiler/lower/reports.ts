// `print` and `assert`. The values of an assert are evaluated only where it fails: they may say what is wrong with an
// index that can't be used.

import type { Expr } from "../sema/program.js";
import type { Context } from "./context.js";
import { lowerUnless } from "./control.js";
import { lowerValues } from "./expression.js";

export function lowerReport(
    context: Context,
    { condition, text, args, span }: Extract<Expr, { kind: "report" }>,
): void {
    const { builder } = context;
    const values = () => args.flatMap((arg) => lowerValues(context, arg));
    if (condition === null) builder.effect("print", values(), span, { text });
    else lowerUnless(context, condition, args, () => builder.terminate("fail", values(), span, { text }));
}
