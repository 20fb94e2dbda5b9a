// Instructions by class and by source line, counted from a disassembly: what `soma build --report` shows.
// Classes follow from LLVM's mnemonics (AMDGPU instruction syntax).

import type { DisassembledFunction } from "../../native/llvm/index.js";

const CLASSES = [
    ["matrix", /^v_(?:mfma|smfmac|wmma|swmmac)/],
    ["scratch", /^scratch_/],
    ["memory", /^(?:global|flat|buffer|tbuffer)_/],
    ["LDS", /^ds_/],
    ["vector", /^v_/],
    ["scalar load", /^s_(?:load|buffer_load|store|atomic)/],
    ["wait", /^s_(?:wait|delay|nop|clause)/],
    ["branch", /^s_(?:c?branch|call|setpc|swappc|endpgm|barrier)/],
    ["scalar", /^s_/],
] as const;

export type InstructionClass = (typeof CLASSES)[number][0] | "other";

export interface LineMix {
    /** Null for instructions of no line. */
    readonly file: string | null;
    readonly line: number | null;
    readonly counts: ReadonlyMap<InstructionClass, number>;
    readonly total: number;
}

export function classOf(text: string): InstructionClass {
    return CLASSES.find(([, pattern]) => pattern.test(text))?.[0] ?? "other";
}

/** For each line that has instructions, in order of lines. */
export function instructionMix({ instructions }: DisassembledFunction): readonly LineMix[] {
    const lines = new Map<
        string,
        { file: string | null; line: number | null; counts: Map<InstructionClass, number> }
    >();
    for (const { text, file = null, line = null } of instructions) {
        const key = `${file}:${line}`;
        const entry = lines.get(key) ?? { file, line, counts: new Map<InstructionClass, number>() };
        lines.set(key, entry);
        const cls = classOf(text);
        entry.counts.set(cls, (entry.counts.get(cls) ?? 0) + 1);
    }
    const sum = (counts: ReadonlyMap<InstructionClass, number>) => [...counts.values()].reduce((a, b) => a + b, 0);
    return [...lines.values()]
        .map((entry) => ({ ...entry, total: sum(entry.counts) }))
        .sort((a, b) => (a.file ?? "").localeCompare(b.file ?? "") || (a.line ?? 0) - (b.line ?? 0));
}
