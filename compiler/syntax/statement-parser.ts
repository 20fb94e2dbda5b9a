// Blocks and statements. A statement ends at a separator or at its block's brace; after an error in one, the parser
// goes on with the next.

import { type IOrAlt, type IToken, type ParserMethod, tokenMatcher } from "#chevrotain";
import type * as ast from "./ast.js";
import { ExpressionParser } from "./expression-parser.js";
import { reportExpected } from "./syntax-errors.js";
import * as t from "./tokens.js";

export abstract class StatementParser extends ExpressionParser {
    protected readonly block: ParserMethod<[], ast.Block> = this.RULE("block", (): ast.Block => {
        const start = this.here();
        const statements: ast.Statement[] = [];
        this.CONSUME(t.LeftBrace);
        this.MANY(() => {
            const statement = this.OR(this.parts);
            if (statement !== null) statements.push(statement);
        });
        this.CONSUME(t.RightBrace);
        return this.ACTION(() => {
            const span = this.spanFrom(start);
            return { span, height: this.heightOver(span, statements), statements };
        });
    });

    private readonly parts: IOrAlt<ast.Statement | null>[] = [
        {
            ALT: () => {
                this.CONSUME(t.Separator);
                return null;
            },
            IGNORE_AMBIGUITIES: true,
        },
        { ALT: () => this.SUBRULE(this.recoveringStatement) },
    ];

    private readonly recoveringStatement = this.RULE("recoveringStatement", (): ast.Statement | null =>
        this.recover(this.readStatement),
    );

    private readonly readStatement = (): ast.Statement | null => this.SUBRULE(this.statement);

    private readonly statement: ParserMethod<[], ast.Statement | null> = this.RULE(
        "statement",
        (): ast.Statement | null => this.OR(this.kinds),
    );

    /** `#unroll(4)`, and the end of its line if it has one of its own. */
    protected readonly attribute = this.RULE("attribute", (): ast.Attribute => {
        const start = this.here();
        this.CONSUME(t.Hash);
        const name = this.CONSUME(t.Identifier);
        const args =
            this.OPTION1(() => {
                this.CONSUME(t.LeftParen);
                const list = this.SUBRULE(this.args);
                this.CONSUME(t.RightParen);
                return list;
            }) ?? [];
        const span = this.ACTION(() => this.spanFrom(start));
        this.OPTION2(() => this.CONSUME(t.Separator));
        return this.ACTION(() => ({ span, name: this.nameOf(name), args }));
    });

    private readonly attributed = this.RULE("attributed", (): ast.Statement | null => {
        const start = this.here();
        const attributes: ast.Attribute[] = [];
        this.AT_LEAST_ONE(() => attributes.push(this.SUBRULE(this.attribute)));
        const statement = this.SUBRULE(this.statement);
        if (statement === null) return null;
        return this.ACTION(() => {
            const span = this.spanFrom(start);
            return { kind: "attributed", span, height: this.heightOver(span, [statement]), attributes, statement };
        });
    });

    /** The word is a name but before a name or a number. */
    private readonly isRefractory = () => {
        const next = this.LA(2);
        return next.tokenType === t.NumberToken || tokenMatcher(next, t.Identifier);
    };

    private readonly kinds: IOrAlt<ast.Statement | null>[] = [
        { ALT: () => this.SUBRULE(this.declaration), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.attributed), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.forLoop), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.whileLoop), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.returnStatement), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.jump(this.CONSUME(t.Break), "break"), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.jump(this.CONSUME(t.Continue), "continue"), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.effect(this.SUBRULE(this.ifExpression)), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.effect(this.SUBRULE(this.blockExpression)), IGNORE_AMBIGUITIES: true },
        { GATE: this.isRefractory, ALT: () => this.SUBRULE(this.refractory), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.SUBRULE(this.expressionStatement), IGNORE_AMBIGUITIES: true },
        { ALT: () => this.stray(this.CONSUME(t.Anything)) },
    ];

    protected readonly declaration = this.RULE("declaration", (): ast.Statement => {
        const start = this.here();
        const keyword = this.OR([
            { ALT: () => this.CONSUME(t.Let) },
            { ALT: () => this.CONSUME(t.Var) },
            { ALT: () => this.CONSUME(t.Const) },
            { ALT: () => this.CONSUME(t.Shared) },
        ]);
        const name = this.CONSUME(t.Identifier);
        const type = this.OPTION1(() => {
            this.CONSUME(t.Colon);
            return this.SUBRULE(this.type);
        });
        const value = this.OPTION2(() => {
            this.CONSUME(t.Assign);
            return this.SUBRULE(this.expression);
        });
        return this.ACTION(() => {
            const span = this.spanFrom(start);
            return {
                kind: "declare",
                span,
                height: this.heightOver(span, [value ?? null]),
                keyword: keyword.image as "let" | "var" | "const" | "shared",
                name: this.nameOf(name),
                type: type ?? null,
                value: value ?? null,
            };
        });
    });

    private readonly forLoop = this.RULE("forLoop", (): ast.Statement => {
        const at = this.here();
        this.CONSUME(t.For);
        const variable = this.CONSUME(t.Identifier);
        this.CONSUME(t.In);
        const first = this.SUBRULE1(this.expression);
        const second = this.OPTION1(() => {
            this.CONSUME(t.DotDot);
            return this.SUBRULE2(this.expression);
        });
        const step = this.OPTION2(() => {
            this.CONSUME(t.By);
            return this.SUBRULE3(this.expression);
        });
        const body = this.SUBRULE(this.block);
        return this.ACTION(() => {
            const span = this.spanFrom(at);
            const height = this.heightOver(span, [first, second ?? null, step ?? null, body]);
            const [start, end] = second === undefined ? [null, first] : [first, second];
            return { kind: "for", span, height, variable: this.nameOf(variable), start, end, step: step ?? null, body };
        });
    });

    private readonly whileLoop = this.RULE("whileLoop", (): ast.Statement => {
        const start = this.here();
        this.CONSUME(t.While);
        const condition = this.SUBRULE(this.expression);
        const body = this.SUBRULE(this.block);
        return this.ACTION(() => {
            const span = this.spanFrom(start);
            return { kind: "while", span, height: this.heightOver(span, [condition, body]), condition, body };
        });
    });

    private readonly returnStatement = this.RULE("returnStatement", (): ast.Statement => {
        const start = this.here();
        this.CONSUME(t.Return);
        const value = this.OPTION(() => this.SUBRULE(this.expression)) ?? null;
        return this.ACTION(() => {
            const span = this.spanFrom(start);
            return { kind: "return", span, height: this.heightOver(span, [value]), value };
        });
    });

    private readonly refractory = this.RULE("refractory", (): ast.Statement => {
        const start = this.here();
        this.CONSUME(t.Refractory);
        const value = this.SUBRULE(this.expression);
        return this.ACTION(() => {
            const span = this.spanFrom(start);
            return { kind: "refractory", span, height: this.heightOver(span, [value]), value };
        });
    });

    private readonly expressionStatement = this.RULE("expressionStatement", (): ast.Statement => {
        const start = this.here();
        const place = this.SUBRULE1(this.expression);
        const assigned = this.OPTION(() => {
            const op = this.CONSUME(t.AssignOperator);
            return { op, value: this.SUBRULE2(this.expression) };
        });
        return this.ACTION(() => {
            const span = this.spanFrom(start);
            if (assigned === undefined)
                return { kind: "expr", span, height: this.heightOver(span, [place]), expr: place };
            const { op, value } = assigned;
            return { kind: "assign", span, height: this.heightOver(span, [place, value]), place, op: op.image, value };
        });
    });

    private jump(token: IToken, kind: "break" | "continue"): ast.Statement {
        return this.ACTION(() => ({ kind, span: this.spanOfToken(token), height: 1 }));
    }

    private effect(expr: ast.Expr): ast.Statement {
        return this.ACTION(() => ({ kind: "expr", span: expr.span, height: this.heightOver(expr.span, [expr]), expr }));
    }

    /** What begins no statement. */
    private stray(token: IToken): null {
        this.ACTION(() => {
            this.problems.push(reportExpected(this.source, "a statement", token, undefined));
        });
        return null;
    }
}
