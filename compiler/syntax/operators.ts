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

/** What stands between two operands, with its place. */
interface Operator {
    readonly image: string;
}

/** An operator that waits for the end of its right operand. */
interface Waiting<O extends Operator> {
    readonly operator: O;
    readonly left: Expr;
    /** The one before, which binds less tightly. */
    readonly outer: Waiting<O> | null;
}

/** The tree of `first operators[0] operands[0] operators[1] …`, made as they come. */
export class Chain<O extends Operator> {
    private waiting: Waiting<O> | null = null;

    /**
     * `last` is the first operand, and later the latest; `onChained` hears of a comparison whose left operand is an
     * unparenthesised comparison.
     */
    constructor(
        private last: Expr,
        private readonly join: (operator: O, left: Expr, right: Expr) => Expr,
        private readonly onChained: (first: O, second: O) => void,
    ) {}

    add(operator: O, right: Expr): void {
        const tightness = tightnessOf(operator);
        while (this.waiting !== null) {
            const before = tightnessOf(this.waiting.operator);
            if (before < tightness) break;
            if (tightness === PRECEDENCE["=="] && before === tightness) this.onChained(this.waiting.operator, operator);
            this.reduce(this.waiting);
        }
        this.waiting = { operator, left: this.last, outer: this.waiting };
        this.last = right;
    }

    tree(): Expr {
        while (this.waiting !== null) this.reduce(this.waiting);
        return this.last;
    }

    private reduce({ operator, left, outer }: Waiting<O>): void {
        this.last = this.join(operator, left, this.last);
        this.waiting = outer;
    }
}

function tightnessOf({ image }: Operator): number {
    return PRECEDENCE[image as BinaryOp];
}
