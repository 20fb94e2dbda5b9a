// Reads the text form of the IR: printing what it gives yields the text's own form again. It knows the form only; what
// makes a module well formed is the verifier's business. The source places are those of the text.

import type { SourceFile, Span } from "../diagnostics/diagnostic.js";
import type { CodeOptions, Order, Scope, Unroll } from "../sema/program.js";
import type {
    AccessKind,
    AtomicKind,
    Attributes,
    Axis,
    Combine,
    ConstantValue,
    IrFunction,
    IrModule,
    KernelInfo,
    Operation,
    OpId,
    Parameter,
    Range,
    Region,
    RegionId,
    ShuffleFrom,
    Value,
    ValueId,
} from "./module.js";
import { OPS, type OpName } from "./ops.js";
import { type IrTextError, Malformed, type Token, type TokenKind, tokenize } from "./parse-tokens.js";
import { IR_SCALARS, type IrScalar, type IrType, isFloat, isInteger, isScalar, type Space } from "./types.js";

export type Parsed =
    | { readonly module: IrModule; readonly error: null }
    | { readonly module: null; readonly error: IrTextError };

/** Regions within regions: more than any program that the front end lets in. */
const MOST_NESTING = 1000;

export function parseModule(source: SourceFile): Parsed {
    try {
        return { module: { functions: new Parser(source).module() }, error: null };
    } catch (error) {
        if (!(error instanceof Malformed)) throw error;
        const before = source.text.slice(0, error.start).split("\n");
        const column = (before.at(-1)?.length ?? 0) + 1;
        return { module: null, error: { message: error.message, line: before.length, column } };
    }
}

class Parser {
    readonly #tokens: readonly Token[];
    #next = 0;
    #nesting = 0;
    // Of the function that is being read.
    #values: Value[] = [];
    #operations: Operation[] = [];
    #regions: Region[] = [];
    #named = new Map<string, ValueId>();
    #loops = new Map<string, OpId>();

    constructor(readonly source: SourceFile) {
        this.#tokens = tokenize(source.text);
    }

    module(): IrFunction[] {
        const functions: IrFunction[] = [];
        while (this.#peek().kind !== "end") functions.push(this.#function());
        return functions;
    }

    #function(): IrFunction {
        this.#values = [];
        this.#operations = [];
        this.#regions = [];
        this.#named = new Map();
        this.#loops = new Map();
        const { start } = this.#peek();
        const isKernel = this.#oneOf(["kernel", "fn"]) === "kernel";
        const name = this.#take("symbol", "a function's name").text.slice(1);
        this.#sign("(");
        const parameters = this.#list(")", () => this.#parameter());
        const results: IrScalar[] = [];
        if (this.#has("->")) {
            do results.push(this.#scalar());
            while (this.#has(","));
        }
        const kernel = isKernel ? this.#kernelInfo() : null;
        const options = this.#options();
        this.#sign("{");
        const span = this.#spanFrom(start);
        const body = this.#region([]);
        this.#sign("}");
        const tables = { values: this.#values, operations: this.#operations, regions: this.#regions };
        return { name, span, kernel, options, parameters, results, ...tables, body };
    }

    #options(): CodeOptions {
        const wave = this.#has("wave") ? this.#inBrackets() : null;
        const wavesPerEu = this.#has("waves_per_eu") ? this.#inBrackets() : null;
        return {
            ...((wave === 32 || wave === 64) && { wave }),
            ...(wavesPerEu !== null && { wavesPerEu }),
            ...(this.#has("fast") && { fast: true as const }),
            ...(this.#has("inline") && { inline: true as const }),
            ...(this.#has("persistent") && { persistent: true as const }),
        };
    }

    #inBrackets(): number {
        this.#sign("(");
        const count = this.#count();
        this.#sign(")");
        return count;
    }

    #ordering(): Pick<Attributes, "order" | "scope"> {
        const order = ORDERS.find((word) => this.#has(word));
        const scope = SCOPES.find((word) => this.#has(word));
        return { ...(order && { order }), ...(scope && { scope }) };
    }

    #unroll(): Unroll {
        this.#sign("(");
        const unroll = this.#has("all") ? "all" : this.#count();
        this.#sign(")");
        return unroll;
    }

    #parameter(): Parameter {
        const value = this.#definition();
        const mutable = this.#has("mut");
        const large = this.#has("large");
        const alias = this.#has("alias");
        const range = this.#has("range") ? this.#range() : null;
        return { value, name: this.#string(), mutable, large, alias, range };
    }

    #range(): Range {
        this.#sign("(");
        const { start } = this.#peek();
        const [min, max, ...more] = this.#list(")", () => this.#bound());
        if (min === undefined || max === undefined || more.length > 0)
            throw new Malformed("a range has two bounds", start);
        return { min, max };
    }

    #kernelInfo(): KernelInfo {
        const workgroup = this.#sizes("workgroup");
        const mostGroups = this.#sizes("groups");
        return { workgroup, mostGroups, ...(this.#has("over") && { elements: this.#inBrackets() }) };
    }

    /** Along x, y and z. */
    #sizes(what: string): [number, number, number] {
        this.#sign(what);
        this.#sign("(");
        const { start } = this.#peek();
        const [x, y, z, ...more] = this.#list(")", () => this.#count());
        if (x === undefined || y === undefined || z === undefined || more.length > 0) {
            throw new Malformed(`a ${what} has three sizes`, start);
        }
        return [x, y, z];
    }

    /** Operations up to a `}` or the heading of the next region. */
    #region(parameters: readonly ValueId[]): RegionId {
        const operations: OpId[] = [];
        const id = this.#regions.push({ parameters, operations }) - 1;
        const ends = () => this.#peek().text === "}" || this.#peek(1).text === "(" || this.#peek().kind === "end";
        while (!ends()) operations.push(this.#operation());
        return id as RegionId;
    }

    #operation(): OpId {
        const { start } = this.#peek();
        const id = (this.#operations.push(placeholder(this.#spanFrom(start))) - 1) as OpId;
        const results: ValueId[] = [];
        if (this.#peek().kind === "value") {
            do results.push(this.#definition());
            while (this.#has(","));
            this.#sign("=");
        }
        const word = this.#take("word", "an operation");
        if (!Object.hasOwn(OPS, word.text)) throw new Malformed(`there is no operation \`${word.text}\``, word.start);
        const op = word.text as OpName;
        if (op === "for" || op === "while") this.#loops.set(this.#newLabel(), id);
        const attributes = this.#attributes(op, results[0]);
        const operands: ValueId[] = [];
        if (this.#peek().kind === "value" && !this.#beginsOperation()) {
            do operands.push(this.#use());
            while (this.#has(","));
        }
        const span = this.#spanFrom(start);
        const regions = this.#inner(op);
        this.#operations[id] = { op, operands, results, attributes, regions, span };
        return id;
    }

    /** Whether `%1: …` stands here, which begins the next operation. */
    #beginsOperation(): boolean {
        return this.#peek(1).text === ":";
    }

    #inner(op: OpName): RegionId[] {
        const headings = OPS[op].regions;
        if (headings.length === 0) return [];
        this.#sign("{");
        this.#nesting += 1;
        if (this.#nesting > MOST_NESTING) {
            throw new Malformed(`regions are nested more than ${MOST_NESTING} deep`, this.#peek().start);
        }
        const regions = headings.map((heading) => {
            this.#sign(heading);
            this.#sign("(");
            const parameters = this.#list(")", () => this.#definition());
            this.#sign(":");
            return this.#region(parameters);
        });
        this.#nesting -= 1;
        this.#sign("}");
        return regions;
    }

    /** In the printer's order. */
    #attributes(op: OpName, result: ValueId | undefined): Attributes {
        const { attributes, optional } = OPS[op];
        return {
            ...(optional.includes("nowrap") && this.#has("nowrap") && { nowrap: true as const }),
            ...(optional.includes("unroll") && this.#has("unroll") && { unroll: this.#unroll() }),
            ...(optional.includes("stages") && this.#has("stages") && { stages: this.#inBrackets() }),
            ...(optional.includes("direct") && this.#has("direct") && { direct: true as const }),
            ...(attributes.includes("target") && { target: this.#label() }),
            ...(attributes.includes("atomic") && { atomic: this.#oneOf(ATOMICS) }),
            ...(optional.includes("order") && this.#ordering()),
            ...(attributes.includes("combine") && { combine: this.#oneOf(COMBINES) }),
            ...(attributes.includes("from") && { from: this.#oneOf(SHUFFLES) }),
            ...(attributes.includes("axis") && { axis: Number(this.#oneOf(AXES)) as Axis }),
            ...(attributes.includes("callee") && { callee: this.#take("symbol", "a function's name").text.slice(1) }),
            ...([...attributes, ...optional].includes("align") && this.#has("align") && { align: this.#inBrackets() }),
            ...(attributes.includes("count") && { count: this.#count() }),
            ...(attributes.includes("name") && { name: this.#string() }),
            ...(attributes.includes("text") && { text: this.#string() }),
            ...(attributes.includes("format") && { format: this.#string() }),
            ...(attributes.includes("offset") && { offset: this.#count() }),
            ...(attributes.includes("access") && { access: this.#oneOf(ACCESSES) }),
            ...(attributes.includes("dimension") && { dimension: this.#count() }),
            ...(attributes.includes("value") && { value: this.#constant(result) }),
        };
    }

    #constant(result: ValueId | undefined): ConstantValue {
        const token = this.#advance();
        const { text, start } = token;
        const type = result === undefined ? undefined : this.#values[result]?.type;
        if (type === undefined || !isScalar(type)) throw new Malformed("a constant has one result, a scalar", start);
        if (type === "bool" && (text === "true" || text === "false")) return text === "true";
        if (token.kind === "number" && isInteger(type) && /^-?\d+$/.test(text)) return BigInt(text);
        if (token.kind === "number" && isFloat(type))
            return Number(text.replace("inf", "Infinity").replace("nan", "NaN"));
        throw new Malformed(`\`${text}\` is no ${type}`, start);
    }

    #bound(): bigint {
        const { text, start } = this.#take("number", "a bound");
        if (!/^-?\d+$/.test(text)) throw new Malformed(`\`${text}\` is no integer`, start);
        return BigInt(text);
    }

    #count(): number {
        const { text, start } = this.#take("number", "a count");
        if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
            throw new Malformed(`\`${text}\` is no count`, start);
        }
        return Number(text);
    }

    #string(): string {
        const { text, start } = this.#take("string", "a name in quotes");
        try {
            return String(JSON.parse(text));
        } catch {
            throw new Malformed(`${text} is no string of JSON`, start);
        }
    }

    #label(): OpId {
        const { text, start } = this.#take("word", "a loop's label");
        const loop = this.#loops.get(text);
        if (loop === undefined) throw new Malformed(`there is no loop ${text} around this`, start);
        return loop;
    }

    #newLabel(): string {
        const { text, start } = this.#take("word", "a loop's label");
        if (this.#loops.has(text)) throw new Malformed(`there are two loops ${text}`, start);
        return text;
    }

    #definition(): ValueId {
        const { text, start } = this.#take("value", "a value");
        if (this.#named.has(text)) throw new Malformed(`${text} is defined twice`, start);
        this.#sign(":");
        const id = (this.#values.push({ type: this.#type(), span: this.#spanFrom(start) }) - 1) as ValueId;
        this.#named.set(text, id);
        return id;
    }

    #use(): ValueId {
        const { text, start } = this.#take("value", "a value");
        const id = this.#named.get(text);
        if (id === undefined) throw new Malformed(`${text} is not defined before its use`, start);
        return id;
    }

    #type(): IrType {
        if (this.#has("tile")) {
            this.#sign("<");
            const tile = this.#scalar();
            const shape: number[] = [];
            while (this.#has(",")) shape.push(this.#count());
            this.#sign(">");
            return { tile, shape };
        }
        const space = SPACES.find((known) => known === this.#peek().text);
        if (space === undefined) return this.#scalar();
        this.#advance();
        this.#sign("<");
        const element = this.#has("bytes") ? "bytes" : this.#scalar();
        this.#sign(">");
        return { element, space };
    }

    #scalar(): IrScalar {
        return this.#oneOf(IR_SCALARS);
    }

    #list<T>(close: string, read: () => T): T[] {
        const items: T[] = [];
        if (this.#has(close)) return items;
        do items.push(read());
        while (this.#has(","));
        this.#sign(close);
        return items;
    }

    #oneOf<T extends string>(wanted: readonly T[]): T {
        const { text, start } = this.#peek();
        const found = wanted.find((known) => known === text);
        if (found === undefined) throw new Malformed(`expected ${wanted.join(", ")}; found \`${text}\``, start);
        this.#advance();
        return found;
    }

    #sign(text: string): void {
        if (!this.#has(text)) {
            throw new Malformed(`expected \`${text}\`; found \`${this.#peek().text}\``, this.#peek().start);
        }
    }

    #has(text: string): boolean {
        if (this.#peek().text !== text) return false;
        this.#advance();
        return true;
    }

    #take(kind: TokenKind, what: string): Token {
        const token = this.#peek();
        if (token.kind !== kind) throw new Malformed(`expected ${what}; found \`${token.text}\``, token.start);
        return this.#advance();
    }

    #peek(ahead = 0): Token {
        const last = this.#tokens.length - 1;
        return this.#tokens[Math.min(this.#next + ahead, last)] as Token;
    }

    #advance(): Token {
        const token = this.#peek();
        if (token.kind !== "end") this.#next += 1;
        return token;
    }

    #spanFrom(start: number): Span {
        const last = this.#tokens[this.#next - 1];
        return { file: this.source, start, end: Math.max(start, last ? last.start + last.text.length : start) };
    }
}

/** What an operation's id stands for until the operation has been read. */
const placeholder = (span: Span): Operation => ({
    op: "unreachable",
    operands: [],
    results: [],
    attributes: {},
    regions: [],
    span,
});

const SPACES: readonly Space[] = ["global", "shared", "private"];
const AXES = ["0", "1", "2"] as const;
const ACCESSES: readonly AccessKind[] = ["element", "end", "start"];
const ATOMICS: readonly AtomicKind[] = ["add", "sub", "min", "max", "and", "or", "xor", "exchange"];
const COMBINES: readonly Combine[] = ["add", "min", "max", "and", "or", "xor"];
const SHUFFLES: readonly ShuffleFrom[] = ["lane", "xor", "up", "down"];
const ORDERS: readonly Order[] = ["relaxed", "acquire", "release", "acq_rel"];
const SCOPES: readonly Scope[] = ["workgroup", "device", "system"];
