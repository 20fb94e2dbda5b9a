// What all parts of the parser share: the file that is read, places in it, and recovery.

import { EOF, type IToken, tokenMatcher } from "#chevrotain";
import { tooDeep } from "../diagnostics/catalogue/syntax.js";
import type { Diagnostic, SourceFile, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type { Block, Expr, Name, Statement } from "./ast.js";
import { MAX_HEIGHT } from "./ast.js";
import { Engine } from "./engine.js";
import { endOf, spanOf } from "./layout.js";
import { NEXT_STATEMENT } from "./slips.js";
import { reportExpected } from "./syntax-errors.js";
import * as t from "./tokens.js";

export abstract class ParserBase extends Engine {
    protected source: SourceFile = { path: "", text: "" };
    /** Mistakes that don't stop the parser. */
    protected problems: Diagnostic[] = [];
    /** Whether the item being read is already known to be too high. */
    protected tooHigh = false;

    /** Offset of the next token. */
    protected here(): number {
        return this.LA(1).startOffset;
    }

    /** From an offset to the end of the token before the next one. */
    protected spanFrom(start: number): Span {
        return { file: this.source, start, end: endOf(this.LA(0)) };
    }

    protected spanOfToken(token: IToken): Span {
        return spanOf(this.source, token, token);
    }

    protected nameOf(token: IToken): Name {
        return { text: token.image, span: this.spanOfToken(token) };
    }

    /** One more than the highest part. Past the limit the item is refused, so that nobody recurses over it. */
    protected heightOver(span: Span, parts: readonly (Expr | Block | Statement | null)[]): number {
        let height = 0;
        for (const part of parts) if (part !== null && part.height > height) height = part.height;
        if (height < MAX_HEIGHT) return height + 1;
        if (!this.tooHigh) {
            const end = Math.min(span.end, span.start + 1);
            const args = { what: "this expression or block has too many levels", limit: MAX_HEIGHT };
            this.problems.push(diagnose(tooDeep, { ...span, end }, args));
        }
        this.tooHigh = true;
        return 1;
    }

    /**
     * Reads a statement or an item that must be followed by a separator or the end of what it is in.
     * After an error, skips to there; null means that nothing could be made of it, which was reported.
     */
    protected recover<T>(read: () => T): T | null {
        const depth = depthOf(this.LA(1));
        const result = this.attempt(read);
        if (this.RECORDING_PHASE || this.atEnd(depth)) return result;
        if (result !== null) this.reportTrailing();
        while (!this.atEnd(depth)) this.skip();
        return result;
    }

    private atEnd(depth: number): boolean {
        const next = this.LA(1);
        if (next.tokenType === EOF) return true;
        const nextDepth = depthOf(next);
        return nextDepth < depth || (nextDepth === depth && tokenMatcher(next, t.Separator));
    }

    private reportTrailing(): void {
        this.problems.push(reportExpected(this.source, NEXT_STATEMENT, this.LA(1), this.LA(0)));
    }
}

/** How many brackets are around a token. */
function depthOf(token: IToken): number {
    return (token.payload as number | undefined) ?? 0;
}
