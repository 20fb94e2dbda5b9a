// LLVM 22's clang, which the baselines are compiled with.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Where it is: in the folder that `LLVM_DIR` names, where Debian has it, or on the path. */
export function clangPath(): string {
    const folders = [process.env.LLVM_DIR, "/usr/lib/llvm-22"].filter((folder) => folder !== undefined);
    const ofPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "clang-22"));
    const found = [...folders.map((folder) => join(folder, "bin", "clang")), ...ofPath].find((path) =>
        existsSync(path),
    );
    if (found === undefined) throw new Error("there is no clang of LLVM 22: set LLVM_DIR");
    return found;
}

/** The code object that it makes of a source file. */
export function compileByClang(source: string, options: readonly string[]): Uint8Array {
    const folder = mkdtempSync(join(tmpdir(), "soma-bench-"));
    try {
        const output = join(folder, "kernels.hsaco");
        execFileSync(clangPath(), [...options, "-o", output, source]);
        return readFileSync(output);
    } finally {
        rmSync(folder, { recursive: true });
    }
}
