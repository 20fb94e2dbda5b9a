// The compiler reads no files, starts no processes and loads no native code: only its shells do.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { packageRoot, packageVersion } from "../../compiler/shell/package-root.js";
import { COMPILER } from "../../compiler/version.js";

const COMPILER_FOLDER = join(packageRoot(), "compiler");
const SHELLS = ["cli", "lsp", "bundler", "shell", "cache"];
/** The library's entry hands out the shells' ready-made loaders beside the pure functions. */
const ENTRY = "index.ts";
/** Packages that compute and nothing else. */
const PURE_PACKAGES = ["#chevrotain", "picocolors"];

function sources(): string[] {
    return readdirSync(COMPILER_FOLDER, { recursive: true, encoding: "utf8" }).filter(
        (file) => file.endsWith(".ts") && !SHELLS.some((shell) => file.startsWith(`${shell}/`)) && file !== ENTRY,
    );
}

/** Every module that a file imports for its values. */
function imports(file: string): string[] {
    const text = readFileSync(join(COMPILER_FOLDER, file), "utf8");
    const statements = text.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm);
    const plain = text.matchAll(/^import\s+"([^"]+)"/gm);
    return [...statements, ...plain].map(([, a, b]) => a ?? b ?? "");
}

test("no part of the compiler outside its shells reaches the outside world", () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(30);
    const violations = files.flatMap((file) =>
        imports(file)
            .filter((name) => {
                if (!name.startsWith(".")) return !PURE_PACKAGES.includes(name);
                const target = relative(COMPILER_FOLDER, resolve(COMPILER_FOLDER, dirname(file), name));
                return (
                    SHELLS.some((shell) => target.startsWith(`${shell}/`)) || /^\.\.\/(runtime|native)\//.test(target)
                );
            })
            .map((name) => `${file} imports ${name}`),
    );
    expect(violations).toEqual([]);
});

test("no part of the compiler outside its shells uses the process", () => {
    const users = sources().filter((file) =>
        /\b(process\.|globalThis\.|fetch\(|require\(["`])/.test(readFileSync(join(COMPILER_FOLDER, file), "utf8")),
    );
    expect(users).toEqual([]);
});

test("diagnostics, targets and the IR import nothing of the stages before or after them", () => {
    const allowed: Record<string, RegExp> = {
        targets: /^targets\//,
        diagnostics: /^diagnostics\//,
        ir: /^(ir|diagnostics|sema\/types|\.\.\/codeobject\/(manifest|small-floats))/,
        passes: /^(passes|ir|diagnostics|sema\/types)/,
    };
    const violations = sources().flatMap((file) => {
        const rule = allowed[file.split("/")[0] ?? ""];
        if (!rule) return [];
        return imports(file)
            .filter((name) => name.startsWith("."))
            .map((name) => relative(COMPILER_FOLDER, resolve(COMPILER_FOLDER, dirname(file), name)))
            .filter((target) => !rule.test(target))
            .map((target) => `${file} imports ${target}`);
    });
    expect(violations).toEqual([]);
});

test("the compiler's version is the package's", () => {
    expect(COMPILER).toBe(`soma ${packageVersion()}`);
});
