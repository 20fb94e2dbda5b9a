// `if const`: a condition that the compiler decides. Only the branch that is chosen becomes part of the program; the
// other may be wrong for this instance, and of it only the uses of names count.

import type * as ast from "../syntax/ast.js";
import { evaluate } from "./constants.js";
import type { BodyContext } from "./context.js";
import { checkExpr, demand } from "./expressions.js";
import { BOOL } from "./scalars.js";
import { statementBlock } from "./statements.js";

type If = Extract<ast.Expr, { kind: "if" }>;

export interface Chosen {
    /** Null for a missing `else`. */
    readonly branch: ast.Expr | null;
}

/** The branch that is compiled; null where the condition has no value, which was reported. */
export function chosenBranch(ctx: BodyContext, expr: If): Chosen | null {
    const value = evaluate(ctx, demand(ctx, expr.condition, BOOL), "the condition of `if const`");
    if (value === null) return null;
    const { then } = expr;
    const block: ast.Expr = { kind: "block", span: then.span, height: then.height, block: then };
    const [branch, other] = value ? [block, expr.otherwise] : [expr.otherwise, block];
    if (other !== null) markUses(ctx, other);
    return { branch };
}

/** Reads a branch for the names that it uses, so that none of them counts as unused. */
function markUses(ctx: BodyContext, branch: ast.Expr): void {
    const declared = ctx.scope.declared.length;
    const quiet = quietly(ctx);
    if (branch.kind === "block") statementBlock(quiet, branch.block);
    else checkExpr(quiet, branch, null);
    ctx.scope.declared.length = declared;
}

/** For what is read only for the names that it uses: nothing is reported of it, and it does nothing. */
export function quietly(ctx: BodyContext): BodyContext {
    return {
        ...ctx,
        report: () => undefined,
        calls: [],
        barriers: [],
        verdict: { isRight: true },
        unknown: new Map(),
    };
}
