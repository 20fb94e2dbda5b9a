// The files that commands read and write. What goes wrong with one is the user's mistake, told with its name.

import { randomBytes } from "node:crypto";
import { readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { SourceFile } from "../diagnostics/diagnostic.js";
import { UserError } from "./errors.js";

const REASONS: Record<string, string> = {
    ENOENT: "there is no such file",
    ENOTDIR: "a part of its path is no folder",
    EISDIR: "it is a folder",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
    ENOSPC: "no space is left on the device",
    ELOOP: "its symbolic links go round in a circle",
    ENAMETOOLONG: "the name is too long",
    ERR_FS_FILE_TOO_LARGE: "it is larger than 2 GiB",
};

/** Runs a file operation; a failure of the operating system becomes a UserError that names the file. */
export async function attempt<T>(verb: string, path: string, operation: () => Promise<T>): Promise<T> {
    try {
        return await operation();
    } catch (error) {
        const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
        if (code === undefined) {
            throw error;
        }
        throw new UserError(`cannot ${verb} ${path}: ${REASONS[code] ?? code}`);
    }
}

/** In place of a file's name: standard input or output. */
export const STANDARD_STREAM = "-";

/** The whole of a file. */
export function readBinary(path: string): Promise<Uint8Array> {
    return attempt("read", path, () => readFile(path));
}

/** A source text, reported under the path as given; `-` reads standard input. */
export async function readSource(file: string): Promise<SourceFile> {
    const isStream = file === STANDARD_STREAM;
    const path = isStream ? "<standard input>" : file;
    const bytes = isStream ? await buffer(process.stdin) : await readBinary(file);
    try {
        return { path, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
    } catch {
        throw new UserError(`cannot read ${path}: it is not UTF-8 text, as a source file is`);
    }
}

/** Whether two paths are the same file on disk, through whatever links. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
    try {
        const [a, b] = await Promise.all([stat(one), stat(other)]);
        return a.ino === b.ino && a.dev === b.dev;
    } catch {
        return false;
    }
}

/**
 * Writes a file so that a reader finds the old content or the new, never a part: beside it first, then renamed.
 * What is not a plain file (a pipe, `/dev/null`) is written directly.
 */
export async function writeAtomically(path: string, data: Uint8Array): Promise<void> {
    await attempt("write", path, async () => {
        // A symbolic link stays one: its target is what gets replaced.
        const target = await realpath(path).catch(() => path);
        const existing = await stat(target).catch(() => undefined);
        if (existing && !existing.isFile()) {
            await writeFile(target, data);
            return;
        }
        const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
        try {
            await writeFile(temporary, data, { flag: "wx", mode: existing ? existing.mode & 0o777 : 0o666 });
            await rename(temporary, target);
        } catch (error) {
            await rm(temporary, { force: true });
            throw error;
        }
    });
}
