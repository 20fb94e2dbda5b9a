// `soma disasm`: a code object's instructions, each run of them under the source line it comes from.

import { readFile, stat } from "node:fs/promises";
import type { DisassembledFunction, Disassembly, Instruction } from "../../../native/llvm/index.js";
import { loadCodegen } from "../../shell/codegen.js";
import { type CodeObjectFile, readCodeObjects } from "../code-object-file.js";
import { EXIT, UserError } from "../errors.js";
import { writeOut } from "../terminal.js";

/** Where the comment with address and encoding starts, if the instruction leaves room. */
const COMMENT_COLUMN = 56;

/** Lines of a source file. */
type SourceLines = (file: string) => Promise<readonly string[]>;

/** None where there is no such file: a code object may have come from anywhere, and name anything. */
async function readLines(file: string): Promise<readonly string[]> {
    try {
        const isFile = (await stat(file)).isFile();
        return isFile ? (await readFile(file, "utf8")).split("\n") : [];
    } catch {
        return [];
    }
}

function cachedSources(): SourceLines {
    const known = new Map<string, Promise<readonly string[]>>();
    return (file) => {
        const lines = known.get(file) ?? readLines(file);
        known.set(file, lines);
        return lines;
    };
}

function formatAddress(address: number): string {
    return `0x${address.toString(16).padStart(4, "0")}`;
}

function formatInstruction(instruction: Instruction): string {
    const { address, bytes, branch } = instruction;
    const target = branch === undefined ? "" : ` -> ${formatAddress(branch)}`;
    return `${`    ${instruction.text}`.padEnd(COMMENT_COLUMN)} ; ${formatAddress(address)}: ${bytes}${target}`;
}

/** @param sourceLines null for the instructions alone */
async function formatFunction(code: DisassembledFunction, sourceLines: SourceLines | null): Promise<string> {
    const kind = code.kernel ? "kernel" : "function";
    const lines = [`${`${code.name}:`.padEnd(COMMENT_COLUMN)} ; ${kind}, wave${code.waveSize}`];
    let place = "";
    for (const instruction of code.instructions) {
        const { file, line } = instruction;
        if (sourceLines !== null && file !== undefined && line !== undefined && place !== `${file}:${line}`) {
            place = `${file}:${line}`;
            const text = (await sourceLines(file))[line - 1]?.trim() ?? "";
            lines.push(`; ${place}  ${text}`.trimEnd());
        }
        lines.push(formatInstruction(instruction));
    }
    return lines.join("\n");
}

async function disassemble({ path, bytes, format, target }: CodeObjectFile): Promise<Disassembly> {
    if (format === "ptx") {
        throw new UserError(
            `${path} is PTX, which is text as it stands: the driver makes instructions of it when it loads it`,
            `to see NVIDIA's instructions: ptxas -arch=${target} ${path} -o kernels.cubin && nvdisasm kernels.cubin`,
        );
    }
    const codegen = loadCodegen();
    try {
        return await codegen.disassemble(bytes);
    } catch (error) {
        // Given bytes, it fails only for what is in them.
        throw error instanceof Error ? new UserError(`${path}: ${error.message}`) : error;
    }
}

export interface DisasmOptions {
    /** Of a bundle: the one to print. */
    readonly target?: string;
    /** Whether lines of the source stand between. Default true. */
    readonly source?: boolean;
}

export async function disasm(path: string, options: DisasmOptions): Promise<number> {
    const sources = options.source === false ? null : cachedSources();
    for (const file of await readCodeObjects(path, options.target)) {
        const { target, features, functions } = await disassemble(file);
        const texts = await Promise.all(functions.map((code) => formatFunction(code, sources)));
        await writeOut(`; ${[target, ...features].join(":")}\n\n${texts.join("\n\n")}\n`);
    }
    return EXIT.ok;
}
