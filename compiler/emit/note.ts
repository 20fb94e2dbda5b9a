// The manifest as an ELF note: name "Soma", type 1, JSON as its description. The section isn't loaded, so it costs no
// device memory; it is written as assembly because a global variable's section always is.

import { MANIFEST_NOTE_NAME, MANIFEST_NOTE_TYPE, MANIFEST_SECTION, type Manifest } from "../../codeobject/manifest.js";
import { escaped, quoted } from "./text.js";

/** `module asm` lines that define the note's section. */
export function noteText(manifest: Manifest): string {
    const name = `${MANIFEST_NOTE_NAME}\0`;
    const description = JSON.stringify(manifest);
    const lengthOf = (text: string) => new TextEncoder().encode(text).length;
    const lines = [
        `.section ${MANIFEST_SECTION},"",@note`,
        ".p2align 2",
        `.long ${lengthOf(name)}, ${lengthOf(description)}, ${MANIFEST_NOTE_TYPE}`,
        ...asciiLines(name),
        ".p2align 2",
        ...asciiLines(description),
        ".p2align 2",
        ".text",
    ];
    return lines.map((line) => `module asm ${quoted(line)}\n`).join("");
}

/** `.ascii` directives for a hundred characters each; other than plain ones are written as three octal digits. */
function asciiLines(text: string): string[] {
    const octal = (byte: number) => `\\${byte.toString(8).padStart(3, "0")}`;
    return (text.match(/.{1,100}/gsu) ?? []).map((part) => `.ascii "${escaped(part, octal)}"`);
}
