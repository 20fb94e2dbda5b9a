// The module's metadata, above all debug locations: which source line each instruction comes from. Lines, and subprograms,
// so that LLVM can say what was inlined where; variables where code is not optimised. Paths are as the user gave them and the
// directory is ".", so that the same source gives the same bytes on every machine.

import type { SourceFile, Span } from "../diagnostics/diagnostic.js";
import type { ElementLayout, Variable } from "../ir/module.js";
import { bitsOf, bytesOf, type IrType, isBuffer, isFloat, isScalar, isSigned } from "../ir/types.js";
import type { Unroll } from "../sema/program.js";
import type { Backend } from "./backend.js";
import { quoted } from "./text.js";

export class Metadata {
    readonly #nodes: string[] = [];
    readonly #files = new Map<SourceFile, File>();
    readonly #known = new Map<string, number>();
    /** The tails of the scope that was asked for last, by line and column: functions are written one by one. */
    readonly #locations = new Map<number, string>();
    #scope = "";
    readonly #unit: number;
    readonly #subroutine: number;

    /** `main` is the module that is compiled, `producer` the compiler's name and version. */
    constructor(
        main: SourceFile,
        producer: string,
        backend: Pick<Backend, "debug">,
        /** Nodes of `!llvm.module.flags` beside those about debugging. */
        readonly flags: readonly string[],
        /** The expression that leads from a variable's slot to its place; null where debuggers are told of lines alone. */
        readonly places: string | null = null,
    ) {
        this.#unit = this.#node("");
        const file = this.#file(main).node;
        const fields = `language: DW_LANG_C11, file: !${file}, producer: ${quoted(producer)}, isOptimized: ${places === null}`;
        this.#nodes[this.#unit] =
            `distinct !DICompileUnit(${fields}, runtimeVersion: 0, emissionKind: ${places !== null ? "FullDebug" : backend.debug})`;
        this.#subroutine = this.#node("!DISubroutineType(types: !{})");
    }

    /** The scope of a function's locations, as `!n`. */
    subprogram(name: string, span: Span): string {
        const file = this.#file(span.file).node;
        const { line } = this.#place(span);
        const fields = `name: ${quoted(name)}, scope: !${file}, file: !${file}, line: ${line}, scopeLine: ${line}`;
        const flags = `DISPFlagDefinition${this.places !== null ? "" : " | DISPFlagOptimized"}`;
        const rest = `type: !${this.#subroutine}, spFlags: ${flags}, unit: !${this.#unit}`;
        return `!${this.#node(`distinct !DISubprogram(${fields}, ${rest})`)}`;
    }

    /** Of what is loaded from global memory to LDS. */
    get scopeOfLoadsToLds(): string {
        const domain = this.node('!{!"LDS"}');
        return this.node(`!{${this.node(`!{!"loads to LDS", ${domain}}`)}}`);
    }

    /** The location of a span's start within a scope, as `!n`. */
    location(span: Span, scope: string): string {
        return this.tail(span, scope).slice(TAIL.length);
    }

    /** The end of an instruction's line: `, !dbg !n`. */
    tail(span: Span, scope: string): string {
        if (scope !== this.#scope) this.#locations.clear();
        this.#scope = scope;
        const { line, column } = this.#place(span);
        const key = line * (MAX_COLUMN + 1) + column;
        const known = this.#locations.get(key);
        if (known !== undefined) return known;
        const tail = `${TAIL}!${this.#node(`!DILocation(line: ${line}, column: ${column}, scope: ${scope})`)}`;
        this.#locations.set(key, tail);
        return tail;
    }

    /** A variable of a function, as `!n`; `argument` is which of its parameters it is, from 1, or 0. */
    variable({ name, span }: Pick<Variable, "name" | "span">, argument: number, type: string, scope: string): string {
        const fields = `name: ${quoted(name)}, scope: ${scope}, file: !${this.#file(span.file).node}`;
        const rest = `line: ${this.#place(span).line}, type: ${type}`;
        return `!${this.#node(`!DILocalVariable(${fields}, ${argument > 0 ? `arg: ${argument}, ` : ""}${rest})`)}`;
    }

    /** An array of so many elements of a type, which has so many bytes. */
    arrayOf(type: string, bytes: number, count: number): string {
        const range = this.node(`!DISubrange(count: ${count})`);
        const fields = `baseType: ${type}, size: ${count * bytes * 8}, elements: ${this.node(`!{${range}}`)}`;
        return this.node(`!DICompositeType(tag: DW_TAG_array_type, ${fields})`);
    }

    /** A structure whose fields are its scalars, by the names that the source gives them. */
    structure({ size, leaves }: ElementLayout): string {
        const members = leaves.map(({ type, offset, path }) => {
            const place = `size: ${bytesOf(type) * 8}, offset: ${offset * 8}`;
            const fields = `name: ${quoted(path.slice(1))}, baseType: ${this.typeOf(type)}, ${place}`;
            return this.node(`!DIDerivedType(tag: DW_TAG_member, ${fields})`);
        });
        const elements = this.node(`!{${members.join(", ")}}`);
        return this.node(`!DICompositeType(tag: DW_TAG_structure_type, size: ${size * 8}, elements: ${elements})`);
    }

    /** Scalars by Soma's names; a buffer is a pointer to its elements. */
    typeOf(type: IrType): string {
        if (isBuffer(type)) {
            const base = type.element === "bytes" ? "null" : this.typeOf(type.element);
            return this.node(`!DIDerivedType(tag: DW_TAG_pointer_type, baseType: ${base}, size: 64)`);
        }
        if (!isScalar(type)) throw new Error("a tile is no variable of a work-item");
        const kind = isFloat(type) ? "float" : type === "bool" ? "boolean" : isSigned(type) ? "signed" : "unsigned";
        const size = type === "bool" ? 8 : bitsOf(type);
        return this.node(`!DIBasicType(name: "${type}", size: ${size}, encoding: DW_ATE_${kind})`);
    }

    /** A node of metadata that is not about debugging, as `!n`; equal ones are one node. */
    node(text: string): string {
        return `!${this.#shared(text)}`;
    }

    /** Where a loop begins, by which LLVM names it, and what LLVM is asked to do with it: `!n` for the branch to its next round. */
    loop(location: string, unroll: Unroll | undefined): string {
        const hint = unroll === undefined ? "" : `, ${this.#unrolling(unroll)}`;
        const node = this.#node("");
        this.#nodes[node] = `distinct !{!${node}, ${location}${hint}}`;
        return `!${node}`;
    }

    #unrolling(unroll: Unroll): string {
        const hint = unroll === 1 ? "disable" : unroll === "all" ? "full" : "count";
        return this.node(`!{!"llvm.loop.unroll.${hint}"${hint === "count" ? `, i32 ${unroll}` : ""}}`);
    }

    /** All nodes, at the module's end. */
    text(): string {
        const flags = [
            ...this.flags,
            '!{i32 2, !"Debug Info Version", i32 3}',
            '!{i32 7, !"Dwarf Version", i32 5}',
        ].map((flag) => this.node(flag));
        const named = [`!llvm.dbg.cu = !{!${this.#unit}}`, `!llvm.module.flags = !{${flags.join(", ")}}`];
        let text = `${named.join("\n")}\n`;
        for (let at = 0; at < this.#nodes.length; at++) text += `!${at} = ${this.#nodes[at]}\n`;
        return text;
    }

    #node(text: string): number {
        return this.#nodes.push(text) - 1;
    }

    #shared(text: string): number {
        const known = this.#known.get(text);
        if (known !== undefined) return known;
        const node = this.#node(text);
        this.#known.set(text, node);
        return node;
    }

    #file(source: SourceFile): File {
        const known = this.#files.get(source);
        if (known) return known;
        const lines = [0];
        for (let at = source.text.indexOf("\n"); at >= 0; at = source.text.indexOf("\n", at + 1)) lines.push(at + 1);
        const node = this.#node(`!DIFile(filename: ${quoted(source.path)}, directory: ".")`);
        const file = { node, lines, recent: 0 };
        this.#files.set(source, file);
        return file;
    }

    /** Line and column from 1. */
    #place({ file: source, start }: Span): { line: number; column: number } {
        const file = this.#file(source);
        const { lines } = file;
        let low = 0;
        let high = lines.length - 1;
        // Most places are in the line of the one before.
        if (isWithin(lines, file.recent, start)) low = high = file.recent;
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if ((lines[middle] ?? 0) <= start) low = middle;
            else high = middle - 1;
        }
        file.recent = low;
        return { line: low + 1, column: Math.min(start - (lines[low] ?? 0) + 1, MAX_COLUMN) };
    }
}

const TAIL = ", !dbg ";

interface File {
    readonly node: number;
    /** Where each line begins. */
    readonly lines: readonly number[];
    /** The line of the place that was looked up last, from 0. */
    recent: number;
}

/** LLVM keeps columns in 16 bits. */
const MAX_COLUMN = 0xffff;

function isWithin(lines: readonly number[], line: number, offset: number): boolean {
    return (lines[line] ?? 0) <= offset && offset < (lines[line + 1] ?? Number.POSITIVE_INFINITY);
}
