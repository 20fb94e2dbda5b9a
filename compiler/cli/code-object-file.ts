// Reading a code object from a file, for the commands that look into one.

import { type CodeObject, readCodeObject } from "../../codeobject/codeobject.js";
import { CodeObjectError } from "../../codeobject/error.js";
import { UserError } from "./errors.js";
import { readBinary } from "./files.js";

export interface CodeObjectFile extends CodeObject {
    readonly path: string;
    readonly bytes: Uint8Array;
}

/** A UserError where the file cannot be read or is no code object. */
export async function readCodeObjectFile(path: string): Promise<CodeObjectFile> {
    const bytes = await readBinary(path);
    try {
        return { ...readCodeObject(bytes), path, bytes };
    } catch (error) {
        if (error instanceof CodeObjectError) {
            const help = path.endsWith(".soma") ? `compile it first: soma build ${path} --target …` : undefined;
            throw new UserError(`${path}: ${error.message}`, help);
        }
        throw error;
    }
}
