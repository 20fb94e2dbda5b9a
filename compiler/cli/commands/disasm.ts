// `soma disasm`: a code object's instructions, each run of them under the source line it comes from.

import type { DisassembledFunction, Instruction } from "../../../native/llvm/index.js";
import { disassemble, readCodeObjects } from "../code-object-file.js";
import { EXIT } from "../errors.js";
import { type SourceLine, sourceLines } from "../source-lines.js";
import { writeOut } from "../terminal.js";

/** Where the comment with address and encoding starts, if the instruction leaves room. */
const COMMENT_COLUMN = 56;

function formatAddress(address: number): string {
    return `0x${address.toString(16).padStart(4, "0")}`;
}

function formatInstruction(instruction: Instruction): string {
    const { address, bytes, branch } = instruction;
    const target = branch === undefined ? "" : ` -> ${formatAddress(branch)}`;
    return `${`    ${instruction.text}`.padEnd(COMMENT_COLUMN)} ; ${formatAddress(address)}: ${bytes}${target}`;
}

/** @param sourceLine null for the instructions alone */
async function formatFunction(code: DisassembledFunction, sourceLine: SourceLine | null): Promise<string> {
    const kind = code.kernel ? "kernel" : "function";
    const lines = [`${`${code.name}:`.padEnd(COMMENT_COLUMN)} ; ${kind}, wave${code.waveSize}`];
    let place = "";
    for (const instruction of code.instructions) {
        const { file, line } = instruction;
        if (sourceLine !== null && file !== undefined && line !== undefined && place !== `${file}:${line}`) {
            place = `${file}:${line}`;
            lines.push(`; ${place}  ${await sourceLine(file, line)}`.trimEnd());
        }
        lines.push(formatInstruction(instruction));
    }
    return lines.join("\n");
}

export interface DisasmOptions {
    /** Of a bundle: the one to print. */
    readonly target?: string;
    /** Whether lines of the source stand between. Default true. */
    readonly source?: boolean;
}

export async function disasm(path: string, options: DisasmOptions): Promise<number> {
    const sources = options.source === false ? null : sourceLines();
    for (const file of await readCodeObjects(path, options.target)) {
        const { target, features, functions } = await disassemble(file);
        const texts = await Promise.all(functions.map((code) => formatFunction(code, sources)));
        await writeOut(`; ${[target, ...features].join(":")}\n\n${texts.join("\n\n")}\n`);
    }
    return EXIT.ok;
}
