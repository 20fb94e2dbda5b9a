// Instructions by class and by source line, counted from a disassembly: what `soma inspect` and `soma build --report` show.
// Classes are those of the virtual GPU's counters (native/vgpu/device.h), here by LLVM's mnemonics (AMDGPU instruction
// syntax), so that what a kernel has and what it executes can be put side by side; a test holds both against each other.

import type { DisassembledFunction } from "../../native/llvm/index.js";

/** The first that fits is an instruction's class. */
const CLASSES = [
    ["matrix", /^v_(?:mfma|smfmac|wmma|swmmac)/],
    ["transcendental", /^v_(?:rcp|rsq|sqrt|exp|log|sin|cos)_/],
    ["other", /^(?:v_(?:nop|pipeflush|clrexcp)$|ds_nop|(?:global|flat|buffer)_(?:inv|wb|gl[01]_inv|prefetch))/],
    ["salu", /^v_s_/],
    ["valu", /^v_/],
    ["lds", /^ds_/],
    ["scratch", /^scratch_/],
    ["vector load", /^(?:global|flat|t?buffer)_load/],
    ["vector store", /^(?:global|flat|t?buffer)_store/],
    ["vector atomic", /^(?:global|flat|buffer)_atomic/],
    ["scalar memory", /^s_(?:scratch_|buffer_)?(?:load|store|atomic)|^s_mem(?:real)?time/],
    ["barrier", /^s_(?:barrier|get_barrier_state)/],
    ["wait", /^s_wait(?:cnt|_)/],
    ["branch", /^s_(?:branch|cbranch_|call|setpc|swappc|set_pc|swap_pc)/],
    [
        "other",
        /^s_(?:nop|delay_alu|clause|endpgm|trap|sleep|sethalt|setprio|set_inst_prefetch|inst_prefetch|[id]cache_|gl1_inv|buffer_prefetch|prefetch|code_end|sendmsg(?:halt)?$|wakeup|version|ttracedata|[id][a-z]+perflevel)/,
    ],
    ["salu", /^s_/],
] as const;

export type InstructionClass = (typeof CLASSES)[number][0];

/** How many instructions of each class; classes without any are left out. */
export type ClassCounts = Readonly<Partial<Record<InstructionClass, number>>>;

export interface InstructionMix {
    /** Instructions of machine code; both halves of a dual-issue pair are one. */
    readonly count: number;
    /** Their size. */
    readonly bytes: number;
    readonly classes: ClassCounts;
    /** Every line that has instructions, by the name of the file and the line. */
    readonly lines: readonly LineMix[];
}

export interface LineMix {
    /** As the compiler was given it; empty for instructions without a line. */
    readonly file: string;
    /** From 1; 0 for instructions without a line. */
    readonly line: number;
    readonly count: number;
    readonly classes: ClassCounts;
}

export function classOf(text: string): InstructionClass {
    const [mnemonic = ""] = text.split(" ");
    return CLASSES.find(([, pattern]) => pattern.test(mnemonic))?.[0] ?? "other";
}

export function instructionMix({ instructions }: DisassembledFunction): InstructionMix {
    const lines = new Map<string, { file: string; line: number; texts: string[] }>();
    for (const { text, file = "", line = 0 } of instructions) {
        const key = `${file}:${line}`;
        const entry = lines.get(key) ?? { file, line, texts: [] };
        lines.set(key, entry);
        entry.texts.push(text);
    }
    return {
        count: instructions.length,
        bytes: instructions.reduce((sum, { bytes }) => sum + bytes.length / 2, 0),
        classes: countClasses(instructions.map(({ text }) => text)),
        lines: [...lines.values()]
            .map(({ file, line, texts }) => ({ file, line, count: texts.length, classes: countClasses(texts) }))
            .sort((a, b) => compareNames(a.file, b.file) || a.line - b.line),
    };
}

/** The most frequent first. */
function countClasses(texts: readonly string[]): ClassCounts {
    const counts = new Map<InstructionClass, number>();
    for (const text of texts) {
        const cls = classOf(text);
        counts.set(cls, (counts.get(cls) ?? 0) + 1);
    }
    return Object.fromEntries([...counts].sort(([a, one], [b, other]) => other - one || compareNames(a, b)));
}

/** The same on every machine, whatever its language. */
function compareNames(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
}
