// Reads tokens by a grammar in chevrotain's terms. chevrotain learns the grammar, looks for ambiguities in it and gives it to
// the specification; then tables of what each of its choices may begin with are made of it, and by these the same methods
// read. chevrotain's own do so four times slower: each of its rules keeps stacks for what is not wanted here.
//
// One token is looked at. Nothing recovers in here: a mistake is noted and leads to the nearest `attempt` around it.

import {
    type AtLeastOneSepMethodOpts,
    type ConsumeMethodOpts,
    createTokenInstance,
    type DSLMethodOpts,
    type DSLMethodOptsWithErr,
    EmbeddedActionsParser,
    EOF,
    type IOrAlt,
    type IToken,
    type ManySepMethodOpts,
    type OrMethodOpts,
    type ParserMethod,
    type SubruleMethodOpts,
    type TokenType,
    tokenMatcher,
} from "#chevrotain";
import { type Choices, choicesOf, NO_CHOICES } from "./choices.js";
import { TOKENS } from "./tokens.js";

/** That something else was expected than the token that stands there. */
export interface Mistake {
    readonly wanted: string;
    readonly found: IToken;
    readonly previous: IToken | undefined;
    /** In which it was found. */
    readonly rule: string;
}

/** A rule while it is read. */
interface Frame {
    readonly name: string;
    readonly read: (...args: readonly unknown[]) => unknown;
    choices: Choices;
}

/** Leads from a mistake to the attempt around it. */
const STOP = new Error("a syntax error");

const END = createTokenInstance(EOF, "", NaN, NaN, NaN, NaN, NaN, NaN);

type Repeated = (() => unknown) | DSLMethodOpts<unknown>;

export abstract class Engine extends EmbeddedActionsParser {
    protected mistakes: Mistake[] = [];
    private readonly frames = new Map<string, Frame>();
    private tokens: readonly IToken[] = [END];
    private at = 0;
    private frame: Frame = { name: "", read: () => undefined, choices: NO_CHOICES };

    /** `validate`: whether chevrotain looks for ambiguities in the grammar, which takes far longer than a file. */
    constructor(validate: boolean) {
        super(TOKENS, { maxLookahead: 1, recoveryEnabled: false, skipValidations: !validate });
    }

    /** To be called when all rules are there. */
    protected learn(): void {
        this.performSelfAnalysis();
        for (const [name, choices] of choicesOf(this.getGAstProductions())) {
            const frame = this.frames.get(name);
            if (frame !== undefined) frame.choices = choices;
        }
    }

    /** Reads all tokens by a rule. */
    protected readAll<T>(rule: ParserMethod<[], T>, tokens: readonly IToken[]): T {
        this.tokens = tokens.concat(END);
        this.at = 0;
        this.mistakes = [];
        const result = this.SUBRULE(rule);
        const found = this.LA(1);
        if (found !== END) this.mistakes.push({ wanted: "the end of the file", found, previous: undefined, rule: "" });
        this.tokens = [END];
        return result;
    }

    /** Null where it comes to a mistake, at which the reading then stands. */
    protected attempt<T>(read: () => T): T | null {
        const { frame } = this;
        try {
            return read();
        } catch (error) {
            if (error !== STOP) throw error;
            this.frame = frame;
            return null;
        }
    }

    /** Leaves out the next token. */
    protected skip(): void {
        this.at++;
    }

    /** Whether a token is next; while chevrotain learns the grammar, everything may come. */
    protected mayCome(type: TokenType): boolean {
        return this.RECORDING_PHASE || tokenMatcher(this.tokens[this.at] as IToken, type);
    }

    private unexpected(wanted = "something else"): Error {
        this.mistakes.push({ wanted, found: this.LA(1), previous: this.LA(0), rule: this.frame.name });
        return STOP;
    }

    protected override LA(distance: number): IToken {
        return this.tokens[this.at + distance - 1] ?? END;
    }

    protected override ACTION<T>(action: () => T): T {
        return action();
    }

    protected override RULE<F extends (...args: never[]) => unknown>(
        name: string,
        implementation: F,
    ): ParserMethod<Parameters<F>, ReturnType<F>> {
        const frame = { name, read: implementation as unknown as Frame["read"], choices: NO_CHOICES };
        this.frames.set(name, frame);
        return Object.assign(super.RULE(name, implementation), { frame });
    }

    protected override SUBRULE<A extends unknown[], R>(rule: ParserMethod<A, R>, options?: SubruleMethodOpts<A>): R {
        const outer = this.frame;
        const { frame } = rule as unknown as { readonly frame: Frame };
        this.frame = frame;
        const result = options?.ARGS === undefined ? frame.read() : frame.read(...options.ARGS);
        this.frame = outer;
        return result as R;
    }

    protected override CONSUME(type: TokenType): IToken {
        const token = this.tokens[this.at] as IToken;
        if (!tokenMatcher(token, type)) throw this.unexpected(type.LABEL ?? type.name);
        this.at++;
        return token;
    }

    private mayBegin(table: Uint8Array | undefined): boolean {
        return table?.[(this.tokens[this.at] as IToken).tokenTypeIdx] === 1;
    }

    private choose<T>(index: number, written: IOrAlt<T>[] | OrMethodOpts<T>): T {
        const alternatives = Array.isArray(written) ? written : written.DEF;
        const tables = this.frame.choices.alternatives[index];
        const type = (this.tokens[this.at] as IToken).tokenTypeIdx;
        for (let which = tables?.first[type] ?? 0; which > 0; which = tables?.after(which, type) ?? 0) {
            const alternative = alternatives[which - 1] as IOrAlt<T>;
            if (alternative.GATE === undefined || alternative.GATE()) return alternative.ALT();
        }
        throw this.unexpected(Array.isArray(written) ? undefined : written.ERR_MSG);
    }

    private maybe<T>(index: number, written: (() => T) | DSLMethodOpts<T>): T | undefined {
        if (!this.mayBegin(this.frame.choices.options[index])) return undefined;
        if (typeof written === "function") return written();
        return written.GATE === undefined || written.GATE() ? written.DEF() : undefined;
    }

    private repeat(table: Uint8Array | undefined, written: Repeated): void {
        const read = typeof written === "function" ? written : written.DEF;
        const gate = typeof written === "function" ? undefined : written.GATE;
        while (this.mayBegin(table) && (gate === undefined || gate())) read();
    }

    private repeatSeparated({ DEF: read, SEP: separator }: ManySepMethodOpts<unknown>): void {
        read();
        while (tokenMatcher(this.tokens[this.at] as IToken, separator)) {
            this.at++;
            read();
        }
    }

    protected override OPTION<T>(written: (() => T) | DSLMethodOpts<T>): T | undefined {
        return this.maybe(0, written);
    }

    protected override OPTION1<T>(written: (() => T) | DSLMethodOpts<T>): T | undefined {
        return this.maybe(1, written);
    }

    protected override OPTION2<T>(written: (() => T) | DSLMethodOpts<T>): T | undefined {
        return this.maybe(2, written);
    }

    protected override OPTION3<T>(written: (() => T) | DSLMethodOpts<T>): T | undefined {
        return this.maybe(3, written);
    }

    protected override OPTION4<T>(written: (() => T) | DSLMethodOpts<T>): T | undefined {
        return this.maybe(4, written);
    }

    protected override OR<T>(written: IOrAlt<T>[] | OrMethodOpts<T>): T;
    protected override OR(written: IOrAlt<unknown>[] | OrMethodOpts<unknown>): unknown;
    protected override OR<T>(written: IOrAlt<T>[] | OrMethodOpts<T>): T {
        return this.choose(0, written);
    }

    protected override OR1<T>(written: IOrAlt<T>[] | OrMethodOpts<T>): T {
        return this.choose(1, written);
    }

    protected override OR2<T>(written: IOrAlt<T>[] | OrMethodOpts<T>): T {
        return this.choose(2, written);
    }

    protected override MANY(written: Repeated): void {
        this.repeat(this.frame.choices.repetitions[0], written);
    }

    protected override MANY1(written: Repeated): void {
        this.repeat(this.frame.choices.repetitions[1], written);
    }

    protected override MANY2(written: Repeated): void {
        this.repeat(this.frame.choices.repetitions[2], written);
    }

    protected override MANY3(written: Repeated): void {
        this.repeat(this.frame.choices.repetitions[3], written);
    }

    protected override MANY_SEP(written: ManySepMethodOpts<unknown>): void {
        if (this.mayBegin(this.frame.choices.lists[0])) this.repeatSeparated(written);
    }

    protected override AT_LEAST_ONE(written: (() => unknown) | DSLMethodOptsWithErr<unknown>): void {
        const table = this.frame.choices.repetitions[0];
        if (!this.mayBegin(table)) throw this.unexpected(typeof written === "function" ? undefined : written.ERR_MSG);
        this.repeat(table, written);
    }

    protected override AT_LEAST_ONE_SEP(written: AtLeastOneSepMethodOpts<unknown>): void {
        if (!this.mayBegin(this.frame.choices.lists[0])) throw this.unexpected(written.ERR_MSG);
        this.repeatSeparated(written);
    }

    // Several of a kind in a rule differ to chevrotain by their numbers; to read, these are the same.

    protected override CONSUME1(type: TokenType): IToken {
        return this.CONSUME(type);
    }

    protected override CONSUME2(type: TokenType): IToken {
        return this.CONSUME(type);
    }

    protected override CONSUME3(type: TokenType, _label?: ConsumeMethodOpts): IToken {
        return this.CONSUME(type);
    }

    protected override SUBRULE1<A extends unknown[], R>(rule: ParserMethod<A, R>, options?: SubruleMethodOpts<A>): R {
        return this.SUBRULE(rule, options);
    }

    protected override SUBRULE2<A extends unknown[], R>(rule: ParserMethod<A, R>, options?: SubruleMethodOpts<A>): R {
        return this.SUBRULE(rule, options);
    }

    protected override SUBRULE3<A extends unknown[], R>(rule: ParserMethod<A, R>, options?: SubruleMethodOpts<A>): R {
        return this.SUBRULE(rule, options);
    }
}
