// The manifest as an ELF note: name "Soma", type 1, JSON as its description. The section isn't loaded, so it costs no
// device memory; it is written as assembly because a global variable's section always is.

import {
    MANIFEST_NOTE_NAME,
    MANIFEST_NOTE_TYPE,
    MANIFEST_SECTION,
    type Manifest,
} from "../../../codeobject/manifest.js";
import { plain } from "../../diagnostics/text.js";
import { quoted, spelled } from "../text.js";

/** `module asm` lines that define the note's section. */
export function noteText(manifest: Manifest): string {
    const name = `${MANIFEST_NOTE_NAME}\0`;
    const description = JSON.stringify(manifest);
    const lengthOf = (text: string) => new TextEncoder().encode(text).length;
    const lines = [
        ...[
            `.section ${MANIFEST_SECTION},"",@note`,
            ".p2align 2",
            `.long ${lengthOf(name)}, ${lengthOf(description)}, ${MANIFEST_NOTE_TYPE}`,
        ].map((line) => `module asm ${quoted(line)}\n`),
        ...asciiLines(name),
        `module asm ".p2align 2"\n`,
        ...asciiLines(description),
        `module asm ".p2align 2"\nmodule asm ".text"\n`,
    ];
    // Of documentation with other characters the JSON had two bytes a character, and with it the whole module's text.
    return plain(lines.join(""));
}

/** Bytes as the assembler's octal escapes, with the backslash in LLVM's spelling. */
const OCTAL = Array.from({ length: 256 }, (_, byte) => `\\5C${byte.toString(8).padStart(3, "0")}`);

/** Characters of a line: long ones are read as fast as short ones, and most manifests are one. */
const LINE = 4000;

/**
 * `.ascii` directives. Their texts are quoted twice, by the assembler's rules and by LLVM's; JSON is full of quotes, which
 * therefore are replaced by text, not character by character.
 */
function asciiLines(text: string): string[] {
    const special = /[^ -~]/u.test(text);
    return (text.match(new RegExp(`.{1,${LINE}}`, "gsu")) ?? []).map((part) => {
        const escaped = part.replaceAll("\\", "\\5C\\5C").replaceAll('"', "\\5C\\22");
        const ascii = special ? escaped.replace(/[^ -~]+/gu, (run) => spelled(run, OCTAL)) : escaped;
        return `module asm ".ascii \\22${ascii}\\22"\n`;
    });
}
