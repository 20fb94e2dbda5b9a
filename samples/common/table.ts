// The table of what ran: one row for each kernel.

import type { LaunchResult } from "soma-lang/runtime";
import type { SampleRun } from "./sample.js";

export interface Row {
    readonly kernel: string;
    readonly target: string;
    readonly compileMilliseconds: number;
    readonly launch: LaunchResult;
    readonly largestError: number;
}

export function rowsOf(target: string, run: SampleRun, errors: Readonly<Record<string, number>>): Row[] {
    return Object.entries(run.launches).map(([kernel, launch]) => ({
        kernel,
        target,
        compileMilliseconds: run.compileMilliseconds,
        launch,
        largestError: errors[kernel] ?? Number.NaN,
    }));
}

const HEADER = ["kernel", "target", "grid", "compile time", "run time", "instructions", "largest error"];
/** The columns that are words; the others are numbers. */
const LEFT_ALIGNED = 3;

/** Rows as aligned text. The grid is workgroups × work-items of each; instructions count once for a wave. */
export function formatTable(rows: readonly Row[]): string {
    const cells = [HEADER, ...rows.map(formatRow)];
    const widths = HEADER.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
    const align = (cell: string, column: number) =>
        column < LEFT_ALIGNED ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
    const lines = cells.map((row) => row.map(align).join("  ").trimEnd());
    lines.splice(1, 0, widths.map((width) => "─".repeat(width)).join("  "));
    return lines.join("\n");
}

function formatRow({ kernel, target, compileMilliseconds, launch, largestError }: Row): string[] {
    const { grid, block, milliseconds, counters } = launch;
    const instructions = counters === "unavailable" ? undefined : counters.instructions;
    return [
        kernel,
        target,
        `${formatExtent(grid)} of ${formatExtent(block)}`,
        `${compileMilliseconds.toFixed(1)} ms`,
        `${milliseconds.toFixed(1)} ms`,
        instructions?.toLocaleString("en") ?? "unavailable",
        largestError === 0 ? "0" : largestError.toExponential(1),
    ];
}

/** Axes up to the last that is not 1, x first. */
function formatExtent(extent: readonly number[]): string {
    const last = extent.reduce((last, size, axis) => (size === 1 ? last : axis), 0);
    return extent.slice(0, last + 1).join("×");
}
