// Reading PTX, which is what a code object for an NVIDIA GPU is: text that the driver assembles. Of its grammar (PTX ISA,
// sections "Directives") this knows what LLVM writes of a module's head and its kernels' heads; bodies it skips.

import type { Bytes } from "./bytes.js";
import { CodeObjectError } from "./error.js";

export interface Ptx {
    /** Of the PTX ISA, such as `7.8`: older drivers don't take it. */
    readonly version: string;
    /** Such as `sm_90`. */
    readonly target: string;
    readonly kernels: readonly PtxKernel[];
}

export interface PtxKernel {
    readonly name: string;
    readonly arguments: readonly PtxArgument[];
    /** Bytes of the argument buffer. */
    readonly argumentBytes: number;
    /** Bytes of the shared arrays that it names. */
    readonly sharedBytes: number;
    /** The only workgroup size it can be launched with, x first. */
    readonly requiredWorkgroupSize: readonly number[] | undefined;
}

export interface PtxArgument {
    /** Bytes from the start of the argument buffer. */
    readonly offset: number;
    readonly size: number;
}

const COMMENT = String.raw`//[^\n]*\n|/\*[\s\S]*?\*/`;
const START = new RegExp(String.raw`^(?:\s|${COMMENT})*\.version\s+(\d+\.\d+)\s`);
const TARGET = /^\s*\.target\s+(sm_\w+)/m;
const ENTRY = /^[^\S\n]*(?:\.visible\s+)?\.entry\s+([\w$%]+)\s*(?:\(([^)]*)\))?/gm;
const REQUIRED = /^\s*\.reqntid\s+(\d+(?:\s*,\s*\d+)*)/;
const SHARED = /^\s*\.shared\s+(?:\.align\s+\d+\s+)?\.[a-z](\d+)\s+([\w$%]+)(?:\[(\d+)\])?/gm;
const PARAMETER =
    /^\.param\s+(?:\.align\s+(\d+)\s+)?\.[a-z]+(\d+)\s+(?:\.ptr\s+(?:\.\w+\s+)?(?:\.align\s+\d+\s+)?)?[\w$%]+(?:\[(\d+)\])?$/;

/** Enough for the comments that may come before `.version`. */
const HEAD_BYTES = 4096;

/** Whether the bytes begin as PTX does. */
export function isPtx(bytes: Bytes): boolean {
    const head = bytes.array.subarray(0, HEAD_BYTES);
    return START.test(String.fromCharCode(...head));
}

/**
 * Of text that `isPtx`.
 * @throws CodeObjectError where it names no target, its last line is incomplete, or a kernel's head is not as LLVM writes it.
 */
export function readPtx(text: string): Ptx {
    const version = START.exec(text)?.[1];
    const target = TARGET.exec(text)?.[1];
    if (version === undefined || target === undefined) {
        throw new CodeObjectError("the PTX is damaged: it doesn't begin with .version and .target sm_…");
    }
    if (!text.endsWith("\n")) throw new CodeObjectError("the PTX is truncated: its last line doesn't end");
    const shared = [...text.matchAll(SHARED)].map(([, bits, name, count]) => ({
        name: name as string,
        bytes: (Number(bits) / 8) * Number(count ?? 1),
    }));
    const entries = [...text.matchAll(ENTRY)];
    const kernels = entries.map((entry, at): PtxKernel => {
        const [head, name = "", parameters = ""] = entry;
        const body = text.slice(entry.index + head.length, entries[at + 1]?.index);
        const words = new Set(body.match(/[\w$%]+/g));
        return {
            name,
            ...readParameters(name, parameters),
            sharedBytes: shared.filter((array) => words.has(array.name)).reduce((sum, { bytes }) => sum + bytes, 0),
            requiredWorkgroupSize: REQUIRED.exec(body)?.[1]?.split(",").map(Number),
        };
    });
    return { version, target, kernels };
}

/** Parameters lie as C lays out a struct: each at the next multiple of its alignment. */
function readParameters(kernel: string, text: string): Pick<PtxKernel, "arguments" | "argumentBytes"> {
    let end = 0;
    const declarations = text.split(",").map((declaration) => declaration.trim());
    const pieces = declarations.filter(Boolean).map((declaration) => {
        const match = PARAMETER.exec(declaration);
        if (match === null) {
            throw new CodeObjectError(`the PTX is damaged: ${kernel} has the parameter ${JSON.stringify(declaration)}`);
        }
        const bytes = Number(match[2]) / 8;
        const alignment = Number(match[1] ?? bytes);
        const offset = Math.ceil(end / alignment) * alignment;
        const size = bytes * Number(match[3] ?? 1);
        end = offset + size;
        return { offset, size };
    });
    return { arguments: pieces, argumentBytes: end };
}
