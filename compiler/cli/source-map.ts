// Source maps (version 3, ECMA-426) of what a compile prints: from lines of assembly or of LLVM's IR to places in Soma's
// source. The text itself says where its lines come from: assembly by `.loc` (LLVM's and the PTX assembler's directive), IR
// by the `!dbg` of its instructions.

import { SourceMapGenerator } from "source-map";

/** What is mapped: `asm` is PTX as well. */
export type Mapped = "asm" | "llvm";

/** Lines from 1, columns from 1; 0 for the whole line. */
interface Place {
    readonly path: string;
    readonly line: number;
    readonly column: number;
}

/**
 * The source map, as JSON.
 * @param file the name of the text's file, as the map has it
 * @param resolve gives the name of a source in the map by its path in the text
 * @param content gives a source's text, which the map then has as well; undefined to leave it out
 */
export function sourceMap(
    text: string,
    kind: Mapped,
    file: string,
    resolve: (path: string) => string,
    content: (path: string) => string | undefined = () => undefined,
): string {
    const map = new SourceMapGenerator({ file });
    const sources = new Map<string, string>();
    (kind === "asm" ? assemblyPlaces(text) : llvmPlaces(text)).forEach((place, at) => {
        if (place === undefined) return;
        const source = sources.get(place.path) ?? resolve(place.path);
        sources.set(place.path, source);
        map.addMapping({
            generated: { line: at + 1, column: 0 },
            original: { line: place.line, column: Math.max(place.column - 1, 0) },
            source,
        });
    });
    for (const [path, source] of sources) {
        const known = content(path);
        if (known !== undefined) map.setSourceContent(source, known);
    }
    return map.toString();
}

const QUOTED = String.raw`"((?:[^"\\]|\\.)*)"`;
const FILE = new RegExp(String.raw`^\s*\.file\s+(\d+)\s+${QUOTED}(?:\s+${QUOTED})?`);
const LOC = /^\s*\.loc\s+(\d+)\s+(\d+)\s+(\d+)/;
/** A label, a directive, a comment, a brace, or nothing. */
const NO_INSTRUCTION = /^\s*(?:$|[.;#{}()/]|[\w$.]+:)/;

/** For each line of assembly: of which source line the instruction in it is. */
function assemblyPlaces(text: string): readonly (Place | undefined)[] {
    const lines = text.split("\n");
    const files = new Map<string, string>();
    for (const line of lines) {
        const [, number, first = "", second] = FILE.exec(line) ?? [];
        // A folder and a name, or a path; the compiler's folder is always `.`.
        if (number !== undefined) files.set(number, unescaped(second ?? first, "asm").replace(/^\.\//, ""));
    }
    let place: Place | undefined;
    return lines.map((line) => {
        const [, number = "", at, column] = LOC.exec(line) ?? [];
        if (at !== undefined) {
            const path = files.get(number);
            place = path === undefined || at === "0" ? undefined : { path, line: Number(at), column: Number(column) };
            return undefined;
        }
        if (/^\s*\.(?:Lfunc_end|section|text|visible|entry)/.test(line)) place = undefined;
        return NO_INSTRUCTION.test(line) ? undefined : place;
    });
}

const NODE = /^!(\d+) = (?:distinct )?!(DILocation|DISubprogram|DILexicalBlock|DIFile)\((.*)\)$/;
const DEBUG = /, !dbg !(\d+)/;

/** For each line of LLVM's IR: the place of the instruction in it. */
function llvmPlaces(text: string): readonly (Place | undefined)[] {
    const lines = text.split("\n");
    const nodes = new Map<string, { readonly kind: string; readonly fields: string }>();
    for (const line of lines) {
        const [, number, kind, fields] = NODE.exec(line) ?? [];
        if (number !== undefined && kind !== undefined && fields !== undefined) nodes.set(number, { kind, fields });
    }
    const reference = (fields: string, name: string) => new RegExp(`\\b${name}: !(\\d+)`).exec(fields)?.[1] ?? "";
    const pathOf = (scope: string): string | undefined => {
        const node = nodes.get(scope);
        if (node === undefined) return undefined;
        const file = nodes.get(reference(node.fields, "file"));
        const name = file && new RegExp(`filename: ${QUOTED}`).exec(file.fields)?.[1];
        return name === undefined ? pathOf(reference(node.fields, "scope")) : unescaped(name, "llvm");
    };
    return lines.map((line) => {
        const node = line.startsWith(" ") ? nodes.get(DEBUG.exec(line)?.[1] ?? "") : undefined;
        const at = node && /\bline: (\d+)/.exec(node.fields)?.[1];
        if (node?.kind !== "DILocation" || at === undefined || at === "0") return undefined;
        const path = pathOf(reference(node.fields, "scope"));
        const column = Number(/\bcolumn: (\d+)/.exec(node.fields)?.[1] ?? 0);
        return path === undefined ? undefined : { path, line: Number(at), column };
    });
}

const ENCODER = new TextEncoder();

/** Of strings in assembly, where a byte of UTF-8 is three octal digits, and in LLVM's IR, where it is two of hexadecimal. */
function unescaped(text: string, kind: Mapped): string {
    const escapes = kind === "asm" ? /\\(?:([0-7]{3})|(.))/g : /\\(?:([0-9A-Fa-f]{2})|(\\))/g;
    const bytes: number[] = [];
    let end = 0;
    for (const { 0: whole, 1: digits, 2: other = "", index } of text.matchAll(escapes)) {
        bytes.push(...ENCODER.encode(text.slice(end, index)));
        if (digits === undefined) bytes.push(...ENCODER.encode(other));
        else bytes.push(Number.parseInt(digits, kind === "asm" ? 8 : 16));
        end = index + whole.length;
    }
    bytes.push(...ENCODER.encode(text.slice(end)));
    return new TextDecoder().decode(Uint8Array.from(bytes));
}
