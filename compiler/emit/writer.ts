// Writes one LLVM function: basic blocks with their phis, of which the incoming values become known later than the
// block's place in the text.

import type { Span } from "../diagnostics/diagnostic.js";
import { type Definitions, definitionsOf } from "../ir/definitions.js";
import { meetingHolders } from "../ir/meets.js";
import type { IrFunction, Operation, OpId, ValueId, Variable } from "../ir/module.js";
import { attribute, typeOf } from "../ir/module.js";
import { type BufferElement, bytesOf, type IrScalar, type IrType, isScalar } from "../ir/types.js";
import type { Sites } from "../lower/sites.js";
import type { Target } from "../targets/targets.js";
import type { Backend } from "./backend.js";
import type { Metadata } from "./metadata.js";
import { llvmType } from "./text.js";

export interface Block {
    readonly label: string;
    readonly phis: { readonly name: string; readonly type: string; readonly incoming: string[] }[];
    readonly lines: string[];
}

/** A value that is an element of a vector. */
export interface Element {
    readonly vector: string;
    /** The LLVM type of each of its elements. */
    readonly element: string;
    readonly count: number;
    readonly at: number;
}

/** What functions of a module share. */
export interface ModuleWriter {
    readonly backend: Backend;
    readonly metadata: Metadata;
    /** Declarations of the intrinsics that are called, by name. */
    readonly declarations: Map<string, string>;
    readonly globals: string[];
    /** Sets of functions' attributes; each is written once, under its number. */
    readonly attributes: Map<string, number>;
    readonly target: Target;
    /** Functions in which lanes of a wave meet. */
    readonly meeting: ReadonlySet<string>;
    /** Functions with a barrier behind them. */
    readonly waiting: ReadonlySet<string>;
    readonly sites: Sites;
}

export class FunctionWriter {
    readonly #blocks: Block[] = [];
    readonly #allocas: string[] = [];
    /** Where variables are kept for debuggers. */
    readonly #slots = new Map<Variable, string>();
    /** By id. */
    readonly #names: (string | undefined)[] = [];
    /** By id, of values that have no name. */
    readonly #elements: (Element | undefined)[] = [];
    /** What the current block has computed, by text. */
    #here = new Map<string, string>();
    /** Of operations: their results, those together that are one vector (vectors.ts). */
    readonly groups = new Map<Operation, readonly (readonly ValueId[])[]>();
    readonly #scope: string;
    #definitions: Definitions | null = null;
    #loadsToLds: boolean | null = null;
    /** Of accesses to global memory: by value, what it is called in the blocks that use it. */
    readonly offsets = new Map<ValueId, Map<Block, string>>();
    /** Loops and branches in which lanes of a wave meet. */
    readonly meets: ReadonlySet<OpId>;
    /** The mask of the lanes that are here, an `i32`, where the back end wants it and lanes meet here; else null. */
    lanes: string | null = null;
    #current: Block;
    #span: Span;
    /** What ends a line of `#span`, once an instruction needs it: many operations come to none. */
    #tail: string | null = null;
    #count = 0;

    constructor(
        readonly fn: IrFunction,
        readonly module: ModuleWriter,
        scope: string,
    ) {
        this.#scope = scope;
        this.meets = meetingHolders(fn, module.meeting);
        this.#current = this.block("entry");
        this.place(this.#current);
        this.#span = fn.span;
    }

    get definitions(): Definitions {
        this.#definitions ??= definitionsOf(this.fn);
        return this.#definitions;
    }

    /** From here on instructions come from this place in the source. */
    at(span: Span): void {
        if (span === this.#span) return;
        this.#span = span;
        this.#tail = null;
    }

    /** Whether it loads from global memory straight to LDS. */
    get loadsToLds(): boolean {
        this.#loadsToLds ??= this.fn.operations.some(({ op }) => op === "load_to_lds");
        return this.#loadsToLds;
    }

    get current(): Block {
        return this.#current;
    }

    get waveSize(): 32 | 64 {
        return this.fn.options.wave ?? this.module.target.waveSize;
    }

    /** LLVM's flags of the liberties that `#fast` grants, with a space before each. */
    get liberties(): string {
        return this.fn.options.fast ? " reassoc nsz arcp contract afn" : "";
    }

    /** A new block, which `place` puts into the text. */
    block(hint: string): Block {
        this.#count += 1;
        return { label: `${hint}.${this.#count}`, phis: [], lines: [] };
    }

    place(block: Block): void {
        this.#blocks.push(block);
        this.#current = block;
        this.#here = new Map();
    }

    /** A place of the source within this function, as `!n`. */
    location(span: Span): string {
        return this.module.metadata.location(span, this.#scope);
    }

    /** Appends an instruction that has no result. */
    line(text: string): void {
        this.#tail ??= this.module.metadata.tail(this.#span, this.#scope);
        this.#current.lines.push(`  ${text}${this.#tail}`);
    }

    /** Appends an instruction and gives its result's name. */
    assign(text: string): string {
        const name = this.fresh();
        this.#tail ??= this.module.metadata.tail(this.#span, this.#scope);
        this.#current.lines.push(`  ${name} = ${text}${this.#tail}`);
        return name;
    }

    /** As `assign`, for what has the same result wherever it stands in a block: it is computed once there. */
    once(text: string): string {
        const known = this.#here.get(text);
        if (known !== undefined) return known;
        const name = this.assign(text);
        this.#here.set(text, name);
        return name;
    }

    fresh(): string {
        this.#count += 1;
        return `%t.${this.#count}`;
    }

    /** A slot of the work-item's own memory, reserved once at the function's start. */
    alloca(slot: string): string {
        const name = this.fresh();
        this.#allocas.push(`  ${name} = alloca ${slot}`);
        return name;
    }

    /** Declares a phi of one of LLVM's types at a block's start and gives its name. */
    phi(block: Block, type: string): string {
        const name = this.fresh();
        block.phis.push({ name, type, incoming: [] });
        return name;
    }

    /** Adds values for a block's phis, in their order, on the edge from the current block. */
    supply(block: Block, values: readonly string[]): void {
        block.phis.forEach((phi, at) => {
            phi.incoming.push(`[ ${values[at]}, %${this.#current.label} ]`);
        });
    }

    /** Jumps to a block with values for its phis. */
    jump(block: Block, values: readonly string[]): void {
        this.supply(block, values);
        this.line(`br label %${block.label}`);
    }

    /** Calls an intrinsic; `attributes` belong to the result. */
    intrinsic(
        name: string,
        result: string,
        args: readonly [type: string, value: string][],
        attributes = "",
        metadata = "",
    ): string {
        const call = this.#call(name, result, args);
        return this.assign(`call ${attributes}${attributes ? " " : ""}${call}${metadata}`);
    }

    /** Calls an intrinsic without a result. */
    intrinsicEffect(name: string, args: readonly [type: string, value: string][], metadata = ""): void {
        this.line(`call ${this.#call(name, "void", args)}${metadata}`);
    }

    #call(name: string, result: string, args: readonly [type: string, value: string][]): string {
        const { declarations } = this.module;
        if (!declarations.has(name)) {
            declarations.set(name, `declare ${result} @llvm.${name}(${args.map(([type]) => type).join(", ")})`);
        }
        let list = "";
        for (const [type, value] of args) list += list === "" ? `${type} ${value}` : `, ${type} ${value}`;
        return `${result} @llvm.${name}(${list})`;
    }

    /** The same value of each lane as one of which LLVM doesn't know how it was computed; no instruction comes of it. */
    hidden(type: string, value: string): string {
        const { register } = this.module.backend;
        if (register === null) return value;
        return this.assign(`call ${type} asm "", "=${register},0"(${type} ${value})`);
    }

    /** @param block in which it is defined */
    define(id: ValueId, name: string, block = this.#current): void {
        this.#names[id] = name;
        if (this.module.metadata.places === null) return;
        for (const variable of this.fn.values[id]?.variables ?? []) {
            if (variable.exact) this.keep(variable, this.typeOf(id), name, block);
        }
    }

    /** @param element what it is; it is taken out where it is used */
    defineElement(id: ValueId, element: Element): void {
        this.#elements[id] = element;
        if (this.module.metadata.places !== null) this.define(id, this.use(id));
    }

    /** Whether vectors stay such beyond the operations that give them: where debuggers are told of values, each has a name. */
    get keepsVectors(): boolean {
        return this.module.backend.joinsRegisters && this.module.metadata.places === null;
    }

    /** Undefined for a value that is no element of a vector. */
    elementOf(id: ValueId): Element | undefined {
        return this.#elements[id];
    }

    /**
     * Stores what a variable has from here on where debuggers find it: in memory, as a value's register is soon another's.
     * @param argument which parameter it is, from 1; 0 for none
     */
    keep(variable: Variable, type: IrType, value: string, block = this.#current, argument = 0): void {
        const { metadata } = this.module;
        if (metadata.places === null) return;
        const location = this.location(variable.span);
        let slot = this.#slots.get(variable);
        if (slot === undefined) {
            slot = this.alloca(`${llvmType(type)}, addrspace(5)`);
            const node = metadata.variable(variable, argument, metadata.typeOf(type), this.#scope);
            this.#allocas.push(`    #dbg_declare(ptr addrspace(5) ${slot}, ${node}, ${metadata.places}, ${location})`);
            this.#slots.set(variable, slot);
        }
        block.lines.push(`  store ${llvmType(type)} ${value}, ptr addrspace(5) ${slot}, !dbg ${location}`);
    }

    /** Tells debuggers of an array in private memory, the value of an operation. */
    declareArray(slot: string, id: ValueId, op: Operation, element: BufferElement): void {
        const { metadata } = this.module;
        const layout = this.fn.values[id]?.elements;
        if (metadata.places === null) return;
        const count = attribute(op, "count");
        const type =
            element !== "bytes"
                ? metadata.arrayOf(metadata.typeOf(element), bytesOf(element), count)
                : layout && metadata.arrayOf(metadata.structure(layout), layout.size, count / layout.size);
        if (type === undefined) return;
        const node = metadata.variable({ name: attribute(op, "name"), span: op.span }, 0, type, this.#scope);
        const place = `${node}, ${metadata.places}, ${this.location(op.span)}`;
        this.#allocas.push(`    #dbg_declare(ptr addrspace(5) ${slot}, ${place})`);
    }

    /** The LLVM name, or constant, of a value. */
    use(id: ValueId): string {
        const name = this.#names[id];
        if (name !== undefined) return name;
        const found = this.#elements[id];
        if (found === undefined) throw new Error(`%${id} of ${this.fn.name} is used before it is defined`);
        const { vector, element, count, at } = found;
        return this.once(`extractelement <${count} x ${element}> ${vector}, i32 ${at}`);
    }

    uses(ids: readonly ValueId[]): string[] {
        return ids.map((id) => this.use(id));
    }

    typeOf(id: ValueId): IrType {
        return typeOf(this.fn, id);
    }

    scalarOf(id: ValueId): IrScalar {
        const type = this.typeOf(id);
        if (!isScalar(type)) throw new Error(`%${id} of ${this.fn.name} is no scalar`);
        return type;
    }

    /** The lines of all blocks, joined once. */
    text(): string {
        const lines: string[] = [];
        for (const block of this.#blocks) {
            if (block !== this.#blocks[0]) lines.push("");
            lines.push(`${block.label}:`);
            for (const phi of block.phis) lines.push(phiText(phi));
            if (block === this.#blocks[0]) for (const alloca of this.#allocas) lines.push(alloca);
            for (const line of block.lines) lines.push(line);
        }
        return lines.join("\n");
    }
}

/** A block that nothing leads to has phis without values, which LLVM's text can't say. */
function phiText({ name, type, incoming }: Block["phis"][number]): string {
    return incoming.length > 0 ? `  ${name} = phi ${type} ${incoming.join(", ")}` : `  ${name} = freeze ${type} poison`;
}
