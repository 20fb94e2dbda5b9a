// What tells two builds of the code generator apart: the linker's build id, a hash of the file's content, which is in its first
// page. Times of files don't: npm gives all files of all packages the same.

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { readLoadedNotes } from "../../codeobject/elf.js";
import { CodeObjectError } from "../../codeobject/error.js";

const FIRST_PAGE = 4096;
/** Of the GNU toolchain's notes (<elf.h>). */
const NT_GNU_BUILD_ID = 3;

/** The build id in hexadecimal; of a file without one its size and time. */
export function buildId(path: string): string {
    const id = notesOf(path).find(({ name, type }) => name === "GNU" && type === NT_GNU_BUILD_ID);
    if (id !== undefined) return Buffer.from(id.description.array).toString("hex");
    const { size, mtimeMs } = statSync(path);
    return `${size} bytes of ${mtimeMs}`;
}

function notesOf(path: string): ReturnType<typeof readLoadedNotes> {
    const page = Buffer.alloc(FIRST_PAGE);
    const file = openSync(path, "r");
    try {
        return readLoadedNotes(page.subarray(0, readSync(file, page)));
    } catch (error) {
        if (error instanceof CodeObjectError) return [];
        throw error;
    } finally {
        closeSync(file);
    }
}
