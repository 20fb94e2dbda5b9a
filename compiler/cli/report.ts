// `soma build --report`: registers, spills, LDS and occupancy of each kernel, and its instructions by source line.

import type { AmdCodeObject } from "../../codeobject/codeobject.js";
import type { Disassembly } from "../../native/llvm/index.js";
import { formatOccupancy, inspectCodeObject, type KernelInspection } from "./inspection.js";
import { type InstructionClass, instructionMix } from "./instruction-mix.js";
import { formatTable } from "./terminal.js";

/** @param sourceLine the text of a line, or empty where it is not known */
export function formatReport(
    codeObject: AmdCodeObject,
    disassembly: Disassembly,
    sourceLine: (file: string, line: number) => string,
): string {
    const { target, kernels } = inspectCodeObject(codeObject);
    const numbers = new Set([1, 2, 3, 4, 5]);
    const summary = formatTable(
        [["kernel", "VGPRs", "SGPRs", "spills", "LDS", "scratch", "occupancy"], ...kernels.map(summaryRow)],
        numbers,
    );
    const details = kernels.flatMap(({ name, symbol }) => {
        const code = disassembly.functions.find((each) => `${each.name}.kd` === symbol);
        return code === undefined ? [] : [formatMix(name, instructionMix(code), sourceLine)];
    });
    return `${[`${target}`, summary, ...details].join("\n\n")}\n`;
}

function summaryRow(kernel: KernelInspection): readonly string[] {
    return [
        kernel.name,
        String(kernel.vgprs),
        String(kernel.sgprs),
        String(kernel.vgprSpills + kernel.sgprSpills),
        String(kernel.ldsBytes),
        String(kernel.scratchBytes),
        formatOccupancy(kernel.occupancy),
    ];
}

function formatMix(
    name: string,
    mix: ReturnType<typeof instructionMix>,
    sourceLine: (file: string, line: number) => string,
): string {
    const total = mix.reduce((sum, line) => sum + line.total, 0);
    const rows = mix.map(({ file, line, counts, total: count }) => [
        `  ${line === null ? "-" : line}`,
        String(count),
        formatCounts(counts),
        file === null || line === null ? "" : sourceLine(file, line).trim(),
    ]);
    const table = formatTable([["  line", "count", "of which", "source"], ...rows], new Set([0, 1]));
    return `${name}: ${total} instructions\n${table}`;
}

function formatCounts(counts: ReadonlyMap<InstructionClass, number>): string {
    return [...counts]
        .sort(([, a], [, b]) => b - a)
        .map(([cls, count]) => `${count} ${cls}`)
        .join(", ");
}
