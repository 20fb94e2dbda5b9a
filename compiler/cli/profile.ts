// A profile of the virtual GPU as text: each kernel's sums, then its source lines, those with most instructions first.

import type { KernelProfile, LineProfile, Profile } from "../../runtime/index.js";

/** Lines that are shown; the JSON has all. */
const MOST_LINES = 20;

export function formatProfile({ target, kernels }: Profile): string {
    return kernels
        .map((kernel) => [...summary(kernel, target), "", ...lineTable(kernel.lines)].join("\n"))
        .join("\n\n");
}

function summary(kernel: KernelProfile, target: string): string[] {
    const { global, lds, occupancy, rooflineEstimate: estimate } = kernel;
    const launches = kernel.launches === 1 ? "" : `${count(kernel.launches)} launches, `;
    const classes = Object.entries(kernel.instructions).map(([name, executed]) => `${name} ${count(executed)}`);
    const footprint = `${count(kernel.footprintLines)} lines of 128 bytes touched`;
    const times = [
        `memory ${microseconds(estimate.memoryMicroseconds)}`,
        `vector ${microseconds(estimate.vectorMicroseconds)}`,
        `matrix ${microseconds(estimate.matrixMicroseconds)}`,
    ];
    return [
        `${kernel.name} on ${target}: ${launches}${count(kernel.workgroups)} workgroups, ${count(kernel.waves)} waves of ${kernel.waveSize}`,
        `  instructions  ${count(sum(kernel.instructions))}: ${classes.join(", ")}`,
        `  lanes         ${percent(kernel.lanesOn)} on; ${count(kernel.branches)} branches, ${count(kernel.divergentBranches)} times some lanes left`,
        `  global        ${count(global.transactions)} transactions of ${global.bytesPerTransaction} bytes, ${percent(global.coalescing)} of them wanted; ${footprint}`,
        `  LDS           ${count(lds.cycles)} cycles, ${count(lds.bankConflicts)} of them bank conflicts`,
        `  arithmetic    ${count(kernel.flops)} flops, ${count(kernel.matrixFlops)} on matrix cores`,
        `  occupancy     ${occupancy.waves} of ${occupancy.mostWaves} waves of a compute unit`,
        `  estimate      bound by ${estimate.bound}: ${times.join(", ")} at the target's peaks (nothing was timed)`,
    ];
}

function lineTable(lines: readonly LineProfile[]): string[] {
    const shown = [...lines].sort((a, b) => b.executed - a.executed).slice(0, MOST_LINES);
    const rows = [
        ["instructions", "lanes", "divergent", "transactions", "wanted", "conflicts", "flops", "line"],
        ...shown.map((line) => [
            count(line.executed),
            count(line.lanes),
            count(line.divergentBranches),
            count(line.global.transactions),
            line.global.transactions === 0 ? "" : percent(line.global.coalescing),
            count(line.lds.bankConflicts),
            count(line.flops + line.matrixFlops),
            line.line === 0 ? "(no line)" : `${line.file}:${line.line}`,
        ]),
    ];
    const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
    const last = widths.length - 1;
    const text = rows.map((row) => {
        const cells = row.map((cell, at) => (at === last ? cell : cell.padStart(widths[at] ?? 0)));
        return `  ${cells.join("  ")}`;
    });
    const rest = lines.length - shown.length;
    return rest === 0 ? text : [...text, `  … and ${count(rest)} lines more`];
}

function sum(values: Readonly<Record<string, number>>): number {
    return Object.values(values).reduce((total, value) => total + value, 0);
}

function count(value: number): string {
    return value.toLocaleString("en-US");
}

function percent(share: number): string {
    return `${(share * 100).toFixed(1)} %`;
}

function microseconds(value: number): string {
    return `${value < 0.01 && value > 0 ? "< 0.01" : value.toFixed(2)} µs`;
}
