// What stands in columns: comments behind neighbouring lines, and the blocks of neighbouring one-line `on` clauses.

import type { Line } from "./lines.js";

export function printLines(lines: readonly Line[]): string {
    alignClauses(lines);
    const columns = commentColumns(lines);
    const out: string[] = [];
    lines.forEach((line, i) => {
        if (line.gap) out.push("");
        const code = " ".repeat(line.indent) + line.code;
        const gap = (columns[i] as number) - line.code.length;
        out.push(line.comment === "" ? code : code + " ".repeat(gap) + line.comment);
    });
    return out.length === 0 ? "" : `${out.join("\n")}\n`;
}

/** Runs of neighbours for which `belongs` holds, each at least one line long. */
function* runs(
    lines: readonly Line[],
    belongs: (line: Line, before: Line | null) => boolean,
): Generator<[number, number]> {
    for (let start = 0; start < lines.length; start++) {
        if (!belongs(lines[start] as Line, null)) continue;
        let end = start + 1;
        while (end < lines.length && belongs(lines[end] as Line, lines[end - 1] as Line)) end++;
        yield [start, end];
        start = end - 1;
    }
}

/** A run can have more lines than a call takes arguments. */
function greatest(run: readonly Line[], of: (line: Line) => number): number {
    return run.reduce((most, line) => Math.max(most, of(line)), 0);
}

function alignClauses(lines: readonly Line[]): void {
    const isClause = (line: Line, before: Line | null) =>
        line.code.startsWith("on ") &&
        line.block >= 0 &&
        (before === null || (!line.gap && line.indent === before.indent));
    for (const [start, end] of runs(lines, isClause)) {
        const run = lines.slice(start, end);
        const column = greatest(run, ({ brace }) => brace);
        for (const line of run) {
            const { code, brace } = line;
            line.code = code.slice(0, brace).padEnd(column) + code.slice(brace);
            line.brace = column;
        }
    }
}

/**
 * Where each line's comment stands, from its first character. Neighbours whose comments stood in one column keep it,
 * as far right as the longest code demands; comments right behind their code stay there.
 */
function commentColumns(lines: readonly Line[]): number[] {
    const columns = lines.map(() => 0);
    const isNeighbour = (line: Line, before: Line | null) =>
        line.comment !== "" &&
        (before === null ||
            (!line.gap && line.indent === before.indent && line.commentColumn === before.commentColumn));
    for (const [start, end] of runs(lines, isNeighbour)) {
        const run = lines.slice(start, end);
        const needed = greatest(run, ({ code }) => code.length + 1);
        const wanted = run[0]?.commentColumn ?? 0;
        columns.fill(run.some(({ isTight }) => isTight) ? needed : Math.max(wanted, needed), start, end);
    }
    return columns;
}
