// What is read of a file system: the disk's, or one of an embedding program.

import { readFileSync, realpathSync } from "node:fs";

/** Files by their paths, with `/` or the system's separator, relative to the working directory where they are relative. */
export interface FileSystem {
    /** The text of a file; undefined where there is none that can be read. */
    read(path: string): string | undefined;
    /** Where a file really is, behind links, as an absolute path; undefined where there is none. Default: where `read` finds one. */
    realPath?(path: string): string | undefined;
}

/** What a file that can't be a module fails with; the last is of a path with a zero character. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EACCES", "ENAMETOOLONG", "ELOOP", "ERR_INVALID_ARG_VALUE"]);

/** The files of the disk. */
export const DISK: FileSystem = {
    read: (path) => unlessAbsent(() => readFileSync(path, "utf8")),
    realPath: (path) => unlessAbsent(() => realpathSync(path)),
};

function unlessAbsent<T>(read: () => T): T | undefined {
    try {
        return read();
    } catch (error) {
        if (error instanceof Error && "code" in error && ABSENT.has(String(error.code))) return undefined;
        throw error;
    }
}
