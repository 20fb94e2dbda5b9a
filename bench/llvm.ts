// LLVM 22's own tools, which baselines and foreign code objects are compiled with, and what Soma's are held against.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * The path of one of them, such as `clang` or `llvm-dwarfdump`: of the LLVM that `LLVM_DIR` names (its folder, or the folder of
 * LLVMConfig.cmake within it), where Debian has it, or on the path with the version behind the name.
 */
export function llvmTool(name: string): string {
    const named = process.env.LLVM_DIR?.replace(/\/lib\/cmake(\/llvm)?\/?$/, "");
    const folders = [named, "/usr/lib/llvm-22"].filter((folder) => folder !== undefined);
    const ofPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, `${name}-22`));
    const paths = [...folders.map((folder) => join(folder, "bin", name)), ...ofPath];
    const found = paths.find((path) => existsSync(path));
    if (found === undefined) throw new Error(`there is no ${name} of LLVM 22: set LLVM_DIR`);
    return found;
}

/** The code object that it makes of a source file. */
export function compileByClang(source: string, options: readonly string[]): Uint8Array {
    const folder = mkdtempSync(join(tmpdir(), "soma-bench-"));
    try {
        const output = join(folder, "kernels.hsaco");
        execFileSync(llvmTool("clang"), [...options, "-o", output, source]);
        return readFileSync(output);
    } finally {
        rmSync(folder, { recursive: true });
    }
}
