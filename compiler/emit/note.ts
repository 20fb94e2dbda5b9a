// The manifest as an ELF note: name "Soma", type 1, JSON as its description. The section isn't loaded, so it costs no
// device memory; it is written as assembly because a global variable's section always is.

import { MANIFEST_NOTE_NAME, MANIFEST_NOTE_TYPE, MANIFEST_SECTION, type Manifest } from "../../codeobject/manifest.js";
import { quoted } from "./text.js";

const BYTES_A_LINE = 100;

/** `module asm` lines that define the note's section. */
export function noteText(manifest: Manifest): string {
    const name = new TextEncoder().encode(`${MANIFEST_NOTE_NAME}\0`);
    const description = new TextEncoder().encode(JSON.stringify(manifest));
    const lines = [
        `.section ${MANIFEST_SECTION},"",@note`,
        ".p2align 2",
        `.long ${name.length}, ${description.length}, ${MANIFEST_NOTE_TYPE}`,
        ...asciiLines(name),
        ".p2align 2",
        ...asciiLines(description),
        ".p2align 2",
        ".text",
    ];
    return lines.map((line) => `module asm ${quoted(line)}\n`).join("");
}

/** `.ascii` directives; other than plain characters are written as three octal digits. */
function asciiLines(bytes: Uint8Array): string[] {
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += BYTES_A_LINE) {
        const text = [...bytes.subarray(at, at + BYTES_A_LINE)].map(asciiByte).join("");
        lines.push(`.ascii "${text}"`);
    }
    return lines;
}

function asciiByte(byte: number): string {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    return plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
}
