// Expressions. Chains of operators are one loop here, whatever their precedence; `Chain` makes the tree, so that a chain
// costs no recursion. Lists begin with their first element: an empty array that grows has room for seventeen.

import type { IOrAlt, IToken, OrMethodOpts, ParserMethod } from "#chevrotain";
import { chainedComparison } from "../diagnostics/catalogue/syntax.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "./ast.js";
import { Chain } from "./operators.js";
import * as t from "./tokens.js";
import { TypeParser } from "./type-parser.js";

/** What follows an operand: `[…]`, `(…)`, `.name`. */
type Postfix = (operand: ast.Expr) => ast.Expr;

export abstract class ExpressionParser extends TypeParser {
    protected abstract readonly block: ParserMethod<[], ast.Block>;

    /** One or more, with commas between. */
    protected readonly expressions: ParserMethod<[], ast.Expr[]> = this.RULE("expressions", (): ast.Expr[] => {
        const list = [this.SUBRULE1(this.expression)];
        if (this.mayCome(t.Comma)) {
            this.MANY(() => {
                this.CONSUME(t.Comma);
                list.push(this.SUBRULE2(this.expression));
            });
        }
        return list;
    });

    protected readonly expression: ParserMethod<[], ast.Expr> = this.RULE("expression", (): ast.Expr => {
        const first = this.SUBRULE1(this.operand);
        return this.mayCome(t.BinaryOperator) ? this.chain(first) : first;
    });

    private chain(first: ast.Expr): ast.Expr {
        const chain = new Chain(first, this.join, this.reportChained);
        this.MANY(() => {
            const operator = this.CONSUME(t.BinaryOperator);
            const right = this.SUBRULE2(this.operand);
            this.ACTION(() => chain.add(operator, right));
        });
        return this.ACTION(() => chain.tree());
    }

    private readonly join = (operator: IToken, left: ast.Expr, right: ast.Expr): ast.Expr => {
        const span = { file: this.source, start: left.span.start, end: right.span.end };
        const height = this.heightOver(span, [left, right]);
        const op = operator.image as ast.BinaryOp;
        return { kind: "binary", span, height, op, opSpan: this.spanOfToken(operator), left, right };
    };

    private readonly reportChained = (first: IToken, second: IToken): void => {
        const args = { first: first.image, second: second.image };
        this.problems.push(diagnose(chainedComparison, this.spanOfToken(second), args));
    };

    /**
     * `-x[0] as f32` is `(-(x[0])) as f32`. One rule, and what most operands don't have is asked for before it is read:
     * half of all time was in this rule when it was four.
     */
    private readonly operand = this.RULE("operand", (): ast.Expr => {
        const prefixes = this.mayCome(t.PrefixOperator) ? this.prefixes() : null;
        let operand = this.OR1(this.atom);
        if (this.mayCome(t.PostfixOpener)) operand = this.postfixed(operand);
        if (prefixes !== null) operand = this.prefixed(prefixes, operand);
        return this.mayCome(t.As) ? this.casts(operand) : operand;
    });

    private prefixes(): IToken[] {
        const prefixes: IToken[] = [];
        this.MANY1(() => prefixes.push(this.CONSUME(t.PrefixOperator)));
        return prefixes;
    }

    private prefixed(prefixes: readonly IToken[], operand: ast.Expr): ast.Expr {
        return this.ACTION(() => prefixes.reduceRight((inner, token) => this.unary(token, inner), operand));
    }

    private postfixed(atom: ast.Expr): ast.Expr {
        let operand = atom;
        this.MANY2(() => {
            const postfix = this.OR2(this.postfixes);
            this.ACTION(() => {
                operand = postfix(operand);
            });
        });
        return operand;
    }

    private casts(value: ast.Expr): ast.Expr {
        let operand = value;
        this.MANY3(() => {
            this.CONSUME(t.As);
            const type = this.SUBRULE(this.plainType);
            operand = this.ACTION(() => {
                const span = this.spanFrom(operand.span.start);
                return { kind: "cast", span, height: this.heightOver(span, [operand]), operand, type };
            });
        });
        return operand;
    }

    private readonly postfixes: IOrAlt<Postfix>[] = [
        {
            ALT: () => {
                this.CONSUME(t.LeftBracket);
                const indices = this.SUBRULE(this.indices);
                this.CONSUME(t.RightBracket);
                return (base) => {
                    const span = this.spanFrom(base.span.start);
                    return { kind: "index", span, height: this.heightOver(span, [base, ...indices]), base, indices };
                };
            },
        },
        {
            ALT: () => {
                this.CONSUME(t.LeftParen);
                const args = this.SUBRULE(this.args);
                this.CONSUME(t.RightParen);
                return (callee) => {
                    const span = this.spanFrom(callee.span.start);
                    const values = args.map(({ value }) => value);
                    return { kind: "call", span, height: this.heightOver(span, [callee, ...values]), callee, args };
                };
            },
        },
        {
            ALT: () => {
                this.CONSUME(t.Dot);
                const name = this.CONSUME2(t.Identifier);
                return (base) => {
                    const span = this.spanFrom(base.span.start);
                    const member = this.nameOf(name);
                    return { kind: "member", span, height: this.heightOver(span, [base]), base, member };
                };
            },
        },
        {
            ALT: () => {
                this.CONSUME(t.PathColon);
                const args = this.SUBRULE(this.genericArgs);
                return (base) => {
                    const span = this.spanFrom(base.span.start);
                    const values = args.map(({ value }) => value);
                    return { kind: "generic", span, height: this.heightOver(span, [base, ...values]), base, args };
                };
            },
        },
    ];

    private readonly indices = this.RULE("indices", (): ast.Expr[] => {
        const list = [this.SUBRULE1(this.index)];
        if (this.mayCome(t.Comma)) {
            this.MANY(() => {
                this.CONSUME(t.Comma);
                list.push(this.SUBRULE2(this.index));
            });
        }
        return list;
    });

    /** `i`, `a .. b`, or `:` for a whole axis. */
    private readonly indexKinds: IOrAlt<ast.Expr>[] = [
        {
            ALT: () => {
                const colon = this.CONSUME(t.Colon);
                return { kind: "slice", span: this.spanOfToken(colon), height: 1, start: null, end: null };
            },
        },
        {
            ALT: () => {
                const start = this.SUBRULE1(this.expression);
                if (!this.mayCome(t.DotDot)) return start;
                const end = this.OPTION(() => {
                    this.CONSUME(t.DotDot);
                    return this.SUBRULE2(this.expression);
                });
                if (end === undefined) return start;
                return this.ACTION(() => {
                    const span = this.spanFrom(start.span.start);
                    return { kind: "slice", span, height: this.heightOver(span, [start, end]), start, end };
                });
            },
        },
    ];

    private readonly index = this.RULE(
        "index",
        (): ast.Expr => this.OR({ DEF: this.indexKinds, ERR_MSG: "an expression" }),
    );

    protected readonly args = this.RULE("args", (): ast.Argument[] => {
        if (!this.RECORDING_PHASE && this.LA(1).tokenType === t.RightParen) return [];
        return this.OPTION(this.someArgs) ?? [];
    });

    private readonly someArgs = (): ast.Argument[] => {
        const list = [this.SUBRULE1(this.argument)];
        if (this.mayCome(t.Comma)) {
            this.MANY(() => {
                this.CONSUME(t.Comma);
                list.push(this.SUBRULE2(this.argument));
            });
        }
        return list;
    };

    private readonly argument = this.RULE("argument", (): ast.Argument => {
        const label = this.label();
        const value = this.SUBRULE(this.expression);
        return this.ACTION(() => ({ label: label === undefined ? null : this.nameOf(label), value }));
    });

    // Alternatives without local names are made once, not at every call: the most frequent rules would be mostly garbage.
    private readonly atoms: IOrAlt<ast.Expr>[] = [
        { ALT: () => this.quantity(this.CONSUME(t.NumberToken)) },
        { ALT: () => this.name(this.CONSUME(t.Identifier)) },
        { ALT: () => this.bool(this.CONSUME(t.True), true) },
        { ALT: () => this.bool(this.CONSUME(t.False), false) },
        { ALT: () => this.text(this.CONSUME(t.TextToken)) },
        { ALT: () => this.float(this.CONSUME(t.Inf), Infinity) },
        { ALT: () => this.float(this.CONSUME(t.Nan), NaN) },
        { ALT: () => this.SUBRULE(this.parenthesised) },
        { ALT: () => this.SUBRULE(this.list) },
        { ALT: () => this.SUBRULE(this.ifExpression) },
        { ALT: () => this.SUBRULE(this.blockExpression) },
    ];

    private readonly atom: OrMethodOpts<ast.Expr> = { DEF: this.atoms, ERR_MSG: "an expression" };

    protected readonly parenthesised: ParserMethod<[], ast.Expr> = this.RULE("parenthesised", (): ast.Expr => {
        const start = this.here();
        this.CONSUME(t.LeftParen);
        const elements = this.SUBRULE(this.expressions);
        this.CONSUME(t.RightParen);
        return this.ACTION(() => {
            const span = this.spanFrom(start);
            const [only] = elements;
            // It is nobody else's yet, and a copy would have another layout in memory than all others of its kind.
            if (elements.length === 1) return Object.assign(only as ast.Expr, { span });
            return { kind: "tuple", span, height: this.heightOver(span, elements), elements };
        });
    });

    /** The elements of an array. */
    protected readonly list = this.RULE("list", (): ast.Expr => {
        const start = this.here();
        this.CONSUME(t.LeftBracket);
        const elements = this.SUBRULE(this.expressions);
        this.CONSUME(t.RightBracket);
        return this.ACTION(() => {
            const span = this.spanFrom(start);
            return { kind: "list", span, height: this.heightOver(span, elements), elements };
        });
    });

    /** A chain of `else if` is read in a loop and nested afterwards. */
    protected readonly ifExpression = this.RULE("ifExpression", (): ast.Expr => {
        const branches: { start: number; isConst: boolean; condition: ast.Expr; then: ast.Block }[] = [];
        const start = this.here();
        this.CONSUME1(t.If);
        const isConst = this.OPTION1(() => this.CONSUME1(t.Const)) !== undefined;
        const condition = this.SUBRULE1(this.expression);
        const then = this.SUBRULE1(this.block);
        branches.push({ start, isConst, condition, then });
        this.MANY({
            GATE: () => this.LA(2).tokenType === t.If,
            DEF: () => {
                this.CONSUME1(t.Else);
                const start = this.here();
                this.CONSUME2(t.If);
                const isConst = this.OPTION2(() => this.CONSUME2(t.Const)) !== undefined;
                const condition = this.SUBRULE2(this.expression);
                const then = this.SUBRULE2(this.block);
                branches.push({ start, isConst, condition, then });
            },
        });
        const last = this.OPTION3(() => {
            this.CONSUME2(t.Else);
            return this.SUBRULE(this.blockExpression);
        });
        return this.ACTION(() =>
            branches.reduceRight<ast.Expr | null>((otherwise, { start, isConst, condition, then }) => {
                const span = this.spanFrom(start);
                const height = this.heightOver(span, [condition, then, otherwise]);
                return { kind: "if", span, height, isConst, condition, then, otherwise };
            }, last ?? null),
        ) as ast.Expr;
    });

    protected readonly blockExpression = this.RULE("blockExpression", (): ast.Expr => {
        const block = this.SUBRULE(this.block);
        return this.ACTION(() => ({ kind: "block", span: block.span, height: block.height, block }));
    });
}
