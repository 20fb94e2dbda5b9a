// Names, numbers and texts: expressions of one token, and what a number's unit makes of it.

import type { IToken } from "#chevrotain";
import { badEscape, badNumber } from "../diagnostics/catalogue/syntax.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "./ast.js";
import { readNumber } from "./numbers.js";
import { ParserBase } from "./parser-base.js";
import { readText } from "./texts.js";
import * as t from "./tokens.js";
import { isUnit } from "./units.js";

export abstract class LiteralParser extends ParserBase {
    protected name(token: IToken): ast.Expr {
        return { kind: "name", span: this.spanOfToken(token), height: 1, text: token.image };
    }

    protected bool(token: IToken, value: boolean): ast.Expr {
        return { kind: "bool", span: this.spanOfToken(token), height: 1, value };
    }

    protected float(token: IToken, value: number): ast.Expr {
        return { kind: "float", span: this.spanOfToken(token), height: 1, value };
    }

    /** A number, perhaps with a unit behind it on the same line. */
    protected quantity(token: IToken): ast.Expr {
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

    protected text(token: IToken): ast.Expr {
        const span = this.spanOfToken(token);
        const { value, mistake } = readText(token.image);
        if (mistake !== null) {
            const { start, end } = mistake;
            const place = { ...span, start: span.start + start, end: span.start + end };
            this.ACTION(() => this.problems.push(diagnose(badEscape, place, { image: token.image.slice(start, end) })));
        }
        return { kind: "text", span, height: 1, value };
    }

    protected number(token: IToken): ast.Expr {
        const { image } = token;
        const read = readNumber(image);
        const span = this.spanOfToken(token);
        if (read.kind === "float") return this.float(token, read.value);
        if (read.kind === "integer") return { kind: "integer", span, height: 1, value: read.value };
        const shown = image.length > 40 ? `${image.slice(0, 40)}…` : image;
        this.ACTION(() => this.problems.push(diagnose(badNumber, span, { image: shown, help: read.help })));
        return { kind: "integer", span, height: 1, value: 0n };
    }

    protected unary(token: IToken, operand: ast.Expr): ast.Expr {
        const span = { file: this.source, start: token.startOffset, end: operand.span.end };
        return {
            kind: "unary",
            span,
            height: this.heightOver(span, [operand]),
            op: token.image as "-" | "!" | "~",
            operand,
        };
    }
}
