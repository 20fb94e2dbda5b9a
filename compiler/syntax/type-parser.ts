// Types and the arguments in `<…>`.

import { type IOrAlt, type IToken, type ParserMethod, tokenMatcher } from "#chevrotain";
import type * as ast from "./ast.js";
import { LiteralParser } from "./literal-parser.js";
import * as t from "./tokens.js";

/** Nearly all types have none. */
const NO_MODIFIERS: readonly ast.Name[] = [];

export abstract class TypeParser extends LiteralParser {
    protected abstract readonly expressions: ParserMethod<[], ast.Expr[]>;
    protected abstract readonly parenthesised: ParserMethod<[], ast.Expr>;

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
        const mut = this.mayCome(t.Mut) ? this.OPTION1(() => this.CONSUME(t.Mut)) : undefined;
        // Most types are a name alone: words before it are looked for only where a name follows the next token.
        const isModified = this.RECORDING_PHASE || tokenMatcher(this.LA(2), t.Identifier);
        const modifiers = isModified ? this.modifiers() : NO_MODIFIERS;
        const tile = isModified ? this.tile() : undefined;
        const name = this.CONSUME(t.Identifier);
        const args = readArgs();
        const extents = this.mayCome(t.LeftBracket) ? this.extents() : undefined;
        return this.ACTION(() => ({
            span: this.spanFrom(start),
            mut: mut === undefined ? null : this.spanOfToken(mut),
            modifiers,
            tile: tile === undefined ? null : this.spanOfToken(tile),
            name: this.nameOf(name),
            args: args ?? null,
            extents: extents ?? null,
        }));
    }

    private modifiers(): ast.Name[] {
        const modifiers: ast.Name[] = [];
        this.MANY({
            GATE: () => tokenMatcher(this.LA(2), t.Identifier),
            DEF: () => {
                const word = this.OR(this.viewModifiers);
                this.ACTION(() => modifiers.push(this.nameOf(word)));
            },
        });
        return modifiers;
    }

    private tile(): IToken | undefined {
        return this.OPTION2({
            GATE: () => tokenMatcher(this.LA(2), t.Identifier) && this.LA(2).tokenType !== t.By,
            DEF: () => this.CONSUME(t.Tile),
        });
    }

    private extents(): ast.Expr[] | undefined {
        return this.OPTION3(() => {
            this.CONSUME(t.LeftBracket);
            const list = this.SUBRULE(this.expressions);
            this.CONSUME(t.RightBracket);
            return list;
        });
    }

    /** `label:` before an argument. */
    protected label(): IToken | undefined {
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
}
