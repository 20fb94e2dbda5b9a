// Tables of numbers as text.

/** @param rows numbers are shown with three digits */
export function table(
    title: string,
    columns: readonly string[],
    rows: readonly (readonly (string | number)[])[],
): string {
    const cells = [columns, ...rows.map((row) => row.map(show))];
    const widths = columns.map((_, at) => Math.max(...cells.map((row) => (row[at] ?? "").length)));
    const lines = cells.map((row) =>
        row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  "),
    );
    return [title, ...lines.map((line) => `  ${line}`), ""].join("\n");
}

function show(value: string | number): string {
    if (typeof value === "string" || Number.isInteger(value)) return String(value);
    return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
