// Types and expressions. Chains of operators are one loop here, whatever their precedence; `foldOperators` makes the
// tree, so that a chain costs no recursion.

import { type IOrAlt, type IToken, type OrMethodOpts, type ParserMethod, tokenMatcher } from "#chevrotain";
import { badEscape, badNumber, chainedComparison } from "../diagnostics/catalogue/syntax.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "./ast.js";
import { readNumber } from "./numbers.js";
import { foldOperators, type Operator } from "./operators.js";
import { ParserBase } from "./parser-base.js";
import { readText } from "./texts.js";
import * as t from "./tokens.js";
import { isUnit } from "./units.js";

/** What follows an operand: `[…]`, `(…)`, `.name`. */
type Postfix = (operand: ast.Expr) => ast.Expr;

export abstract class ExpressionParser extends ParserBase {
    protected abstract readonly block: ParserMethod<[], ast.Block>;

    private readonly viewModifiers: IOrAlt<IToken>[] = [
        { ALT: () => this.CONSUME(t.Alias) },
        { ALT: () => this.CONSUME(t.Large) },
        { ALT: () => this.CONSUME(t.Strided) },
    ];

    protected readonly type = this.RULE("type", () => this.typeWith(() => this.OPTION4(this.typeArgs)));

    /** Behind `as` there is no `Name<…>`: `a as u32 < b` compares. Nor is there in a bound, where `>>` would be a shift. */
    protected readonly plainType = this.RULE("plainType", () => this.typeWith(() => undefined));

    private readonly typeArgs = (): ast.Argument[] => this.SUBRULE(this.genericArgs);

    private typeWith(readArgs: () => ast.Argument[] | undefined): ast.TypeExpr {
        const start = this.here();
        const mut = this.OPTION1(() => this.CONSUME(t.Mut));
        const modifiers: IToken[] = [];
        this.MANY({
            GATE: () => tokenMatcher(this.LA(2), t.Identifier),
            DEF: () => modifiers.push(this.OR(this.viewModifiers)),
        });
        const tile = this.OPTION2({
            GATE: () => tokenMatcher(this.LA(2), t.Identifier) && this.LA(2).tokenType !== t.By,
            DEF: () => this.CONSUME(t.Tile),
        });
        const name = this.CONSUME(t.Identifier);
        const args = readArgs();
        const extents = this.OPTION3(() => {
            this.CONSUME(t.LeftBracket);
            const list = this.SUBRULE(this.expressions);
            this.CONSUME(t.RightBracket);
            return list;
        });
        return this.ACTION(() => ({
            span: this.spanFrom(start),
            mut: mut === undefined ? null : this.spanOfToken(mut),
            modifiers: modifiers.map((token) => this.nameOf(token)),
            tile: tile === undefined ? null : this.spanOfToken(tile),
            name: this.nameOf(name),
            args: args ?? null,
            extents: extents ?? null,
        }));
    }

    /** One or more, with commas between. */
    protected readonly expressions = this.RULE("expressions", (): ast.Expr[] => {
        const list: ast.Expr[] = [];
        this.AT_LEAST_ONE_SEP({
            SEP: t.Comma,
            DEF: () => list.push(this.SUBRULE(this.expression)),
            ERR_MSG: "an expression",
        });
        return list;
    });

    protected readonly expression: ParserMethod<[], ast.Expr> = this.RULE("expression", (): ast.Expr => {
        const first = this.SUBRULE1(this.operand);
        return this.mayCome(t.BinaryOperator) ? this.chain(first) : first;
    });

    private chain(first: ast.Expr): ast.Expr {
        const operands = [first];
        const operators: Operator<IToken>[] = [];
        this.MANY(() => {
            const place = this.CONSUME(t.BinaryOperator);
            operators.push({ op: place.image as ast.BinaryOp, place });
            operands.push(this.SUBRULE2(this.operand));
        });
        return this.ACTION(() => this.fold(operands, operators));
    }

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
        const list: ast.Expr[] = [];
        this.AT_LEAST_ONE_SEP({
            SEP: t.Comma,
            DEF: () => list.push(this.OR(this.indexKinds)),
            ERR_MSG: "an expression",
        });
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

    protected readonly args = this.RULE("args", (): ast.Argument[] => {
        const list: ast.Argument[] = [];
        this.MANY_SEP({
            SEP: t.Comma,
            DEF: () => {
                const label = this.label();
                const value = this.SUBRULE(this.expression);
                this.ACTION(() => list.push({ label: label === undefined ? null : this.nameOf(label), value }));
            },
        });
        return list;
    });

    /** `label:` before an argument. */
    private label(): IToken | undefined {
        if (!this.RECORDING_PHASE && this.LA(2).tokenType !== t.Colon) return undefined;
        return this.OPTION(() => {
            const name = this.CONSUME(t.Identifier);
            this.CONSUME(t.Colon);
            return name;
        });
    }

    /** `<f16, BM: 64>` */
    protected readonly genericArgs = this.RULE("genericArgs", (): ast.Argument[] => {
        const list: ast.Argument[] = [];
        this.CONSUME(t.Less);
        this.AT_LEAST_ONE_SEP({
            SEP: t.Comma,
            DEF: () => {
                const label = this.label();
                const value = this.SUBRULE(this.genericArg);
                this.ACTION(() => list.push({ label: label === undefined ? null : this.nameOf(label), value }));
            },
            ERR_MSG: "a type or a value",
        });
        this.CONSUME(t.Greater);
        return list;
    });

    /** A type's name or a value. An operator would be taken for the closing `>`, so others stand in parentheses. */
    protected readonly genericArg = this.RULE("genericArg", (): ast.Expr => {
        const minus = this.OPTION(() => this.CONSUME(t.Minus));
        const value = this.OR({
            DEF: [
                { ALT: () => this.number(this.CONSUME(t.NumberToken)) },
                { ALT: () => this.name(this.CONSUME(t.Identifier)) },
                { ALT: () => this.bool(this.CONSUME(t.True), true) },
                { ALT: () => this.bool(this.CONSUME(t.False), false) },
                { ALT: () => this.SUBRULE(this.parenthesised) },
            ],
            ERR_MSG: "a type or a value",
        });
        return minus === undefined ? value : this.ACTION(() => this.unary(minus, value));
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

    private readonly parenthesised = this.RULE("parenthesised", (): ast.Expr => {
        const start = this.here();
        this.CONSUME(t.LeftParen);
        const elements = this.SUBRULE(this.expressions);
        this.CONSUME(t.RightParen);
        return this.ACTION(() => {
            const span = this.spanFrom(start);
            const [only] = elements;
            if (elements.length === 1) return { ...(only as ast.Expr), span };
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

    private name(token: IToken): ast.Expr {
        return { kind: "name", span: this.spanOfToken(token), height: 1, text: token.image };
    }

    private bool(token: IToken, value: boolean): ast.Expr {
        return { kind: "bool", span: this.spanOfToken(token), height: 1, value };
    }

    private float(token: IToken, value: number): ast.Expr {
        return { kind: "float", span: this.spanOfToken(token), height: 1, value };
    }

    /** A number, perhaps with a unit behind it on the same line. */
    private quantity(token: IToken): ast.Expr {
        const value = this.number(token);
        if (!this.RECORDING_PHASE && !this.isUnit(token, this.LA(1))) return value;
        const unit = this.OPTION(() => this.CONSUME3(t.Identifier, { LABEL: "unit" }));
        if (unit === undefined) return value;
        return this.ACTION(() => {
            const span = this.spanFrom(token.startOffset);
            return { kind: "quantity", span, height: this.heightOver(span, [value]), value, unit: this.nameOf(unit) };
        });
    }

    private isUnit(number: IToken, { image, startOffset }: IToken): boolean {
        return isUnit(image) && !/[\r\n]/.test(this.source.text.slice(number.startOffset, startOffset));
    }

    private text(token: IToken): ast.Expr {
        const span = this.spanOfToken(token);
        const { value, mistake } = readText(token.image);
        if (mistake !== null) {
            const { start, end } = mistake;
            const place = { ...span, start: span.start + start, end: span.start + end };
            this.ACTION(() => this.problems.push(diagnose(badEscape, place, { image: token.image.slice(start, end) })));
        }
        return { kind: "text", span, height: 1, value };
    }

    private number(token: IToken): ast.Expr {
        const { image } = token;
        const read = readNumber(image);
        const span = this.spanOfToken(token);
        if (read.kind === "float") return this.float(token, read.value);
        if (read.kind === "integer") return { kind: "integer", span, height: 1, value: read.value };
        const shown = image.length > 40 ? `${image.slice(0, 40)}…` : image;
        this.ACTION(() => this.problems.push(diagnose(badNumber, span, { image: shown, help: read.help })));
        return { kind: "integer", span, height: 1, value: 0n };
    }

    private unary(token: IToken, operand: ast.Expr): ast.Expr {
        const span = { file: this.source, start: token.startOffset, end: operand.span.end };
        return {
            kind: "unary",
            span,
            height: this.heightOver(span, [operand]),
            op: token.image as "-" | "!" | "~",
            operand,
        };
    }

    private fold(operands: readonly ast.Expr[], operators: readonly Operator<IToken>[]): ast.Expr {
        if (operators.length === 0) return operands[0] as ast.Expr;
        return foldOperators(
            operands,
            operators,
            ({ op, place }, left, right) => {
                const span = { file: this.source, start: left.span.start, end: right.span.end };
                const height = this.heightOver(span, [left, right]);
                return { kind: "binary", span, height, op, opSpan: this.spanOfToken(place), left, right };
            },
            (first, second) => {
                const args = { first: first.op, second: second.op };
                this.problems.push(diagnose(chainedComparison, this.spanOfToken(second.place), args));
            },
        );
    }
}
