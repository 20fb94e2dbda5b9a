// `soma build --report`: registers, spills, LDS and occupancy of each kernel, and its instructions by source line, which
// `soma inspect` shows as well.

import { formatOccupancy, type Inspection, type KernelInspection } from "./inspection.js";
import type { ClassCounts, InstructionMix } from "./instruction-mix.js";
import type { SourceLine } from "./source-lines.js";
import { formatTable } from "./terminal.js";

export async function formatReport(
    { target, kernels, functions }: Inspection,
    sourceLine: SourceLine,
): Promise<string> {
    const numbers = new Set([1, 2, 3, 4, 5]);
    const summary = formatTable(
        [["kernel", "VGPRs", "SGPRs", "spills", "LDS", "scratch", "occupancy"], ...kernels.map(summaryRow)],
        numbers,
    );
    const mixes = [...kernels, ...functions].map(
        async ({ name, instructions }) => `${name}: ${await formatMix(instructions, sourceLine)}`,
    );
    return `${[target, summary, ...(await Promise.all(mixes))].join("\n\n")}\n`;
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

/** A line of sums, and a table of the lines of the source. Without a disassembly there is nothing to count. */
export async function formatMix(mix: InstructionMix | null, sourceLine: SourceLine, indent = "  "): Promise<string> {
    if (mix === null) return "instructions not counted";
    const rows = mix.lines.map(async ({ file, line, count, classes }) => [
        `${indent}${line === 0 ? "(no line)" : `${file}:${line}`}`,
        String(count),
        formatCounts(classes),
        line === 0 ? "" : await sourceLine(file, line),
    ]);
    const table = formatTable(
        [[`${indent}line`, "count", "of which", "source"], ...(await Promise.all(rows))],
        new Set([1]),
    );
    return `${mix.count} instructions, ${mix.bytes} bytes: ${formatCounts(mix.classes)}\n${table}`;
}

function formatCounts(counts: ClassCounts): string {
    return Object.entries(counts)
        .map(([cls, count]) => `${count} ${cls}`)
        .join(", ");
}
