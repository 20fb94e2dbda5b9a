// Binary operators: how tightly they bind, and the tree of a chain of them. Chains are folded with a stack, not by
// recursion. All operators are left-associative; comparisons don't chain.

import type { BinaryOp, Expr } from "./ast.js";

/** Higher binds tighter. Bitwise operators bind tighter than comparisons: `x & 1 == 0` tests a bit. */
export const PRECEDENCE: Readonly<Record<BinaryOp, number>> = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 3,
    "<=": 3,
    ">": 3,
    ">=": 3,
    "|": 4,
    "^": 5,
    "&": 6,
    "<<": 7,
    ">>": 7,
    "+": 8,
    "-": 8,
    "*": 9,
    "/": 9,
    "%": 9,
    "@": 9,
};

export interface Operator<Place> {
    readonly op: BinaryOp;
    readonly place: Place;
}

/**
 * Folds `operands[0] operators[0] operands[1] …` into a tree.
 * `onChained` hears of a comparison whose left operand is an unparenthesised comparison.
 */
export function foldOperators<Place>(
    operands: readonly Expr[],
    operators: readonly Operator<Place>[],
    join: (operator: Operator<Place>, left: Expr, right: Expr) => Expr,
    onChained: (first: Operator<Place>, second: Operator<Place>) => void,
): Expr {
    const values: Expr[] = [operands[0] as Expr];
    const pending: Operator<Place>[] = [];
    const reduce = () => {
        const right = values.pop() as Expr;
        const left = values.pop() as Expr;
        values.push(join(pending.pop() as Operator<Place>, left, right));
    };
    for (let i = 0; i < operators.length; i++) {
        const operator = operators[i] as Operator<Place>;
        const tightness = PRECEDENCE[operator.op];
        for (let top = pending.at(-1); top !== undefined && PRECEDENCE[top.op] >= tightness; top = pending.at(-1)) {
            if (tightness === PRECEDENCE["=="] && PRECEDENCE[top.op] === tightness) onChained(top, operator);
            reduce();
        }
        pending.push(operator);
        values.push(operands[i + 1] as Expr);
    }
    while (pending.length > 0) reduce();
    return values[0] as Expr;
}
