// Standard output and standard error. Results go to the first, everything said about them to the second. A reader that
// goes away (`soma … | head`) is no error: what it no longer wants is dropped quietly, and the command goes on.

import pc from "picocolors";

/** Errors of a stream whose reader has gone. */
const READER_GONE = new Set(["EPIPE", "ERR_STREAM_DESTROYED"]);

function isReaderGone(error: Error): boolean {
    return READER_GONE.has((error as NodeJS.ErrnoException).code ?? "");
}

/** To be called once, before anything is written. */
export function toleratePipes(): void {
    for (const stream of [process.stdout, process.stderr]) {
        stream.on("error", (error) => {
            if (!isReaderGone(error)) {
                throw error;
            }
        });
    }
}

/** Writes to standard output; resolves when it is on its way, so that a slow reader slows the writer down. */
export function writeOut(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
        process.stdout.write(data, (error) => {
            if (error && !isReaderGone(error)) {
                reject(error);
            } else {
                resolve();
            }
        });
    });
}

/** Writes a line to standard error. */
export function writeError(line: string): void {
    process.stderr.write(`${line}\n`);
}

/** Whether a stream takes colour: a terminal, and NO_COLOR (https://no-color.org) not set. */
function hasColor(stream: NodeJS.WriteStream): boolean {
    return stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";
}

export function errorHasColor(): boolean {
    return hasColor(process.stderr);
}

export function outHasColor(): boolean {
    return hasColor(process.stdout);
}

/** `error: message` and, where there is one, `help: …` below it. */
export function formatError(message: string, help?: string): string {
    const colors = pc.createColors(errorHasColor());
    const lines = [`${colors.bold(colors.red("error"))}: ${message}`];
    if (help !== undefined) {
        lines.push(`${colors.bold(colors.cyan("help"))}: ${help}`);
    }
    return lines.join("\n");
}

/** `note: message`. */
export function formatNote(message: string): string {
    const colors = pc.createColors(errorHasColor());
    return `${colors.bold(colors.cyan("note"))}: ${message}`;
}

/** Lays out rows in columns that are as wide as they need to be; columns named in `right` are aligned to the right. */
export function formatTable(rows: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string {
    const widths: number[] = [];
    for (const row of rows) {
        row.forEach((cell, column) => {
            widths[column] = Math.max(widths[column] ?? 0, cell.length);
        });
    }
    const lines = rows.map((row) =>
        row
            .map((cell, column) =>
                right.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
            )
            .join("  ")
            .trimEnd(),
    );
    return lines.join("\n");
}
