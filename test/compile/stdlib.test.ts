// The standard library and the samples as they are go through the compiler on every family of targets.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { BUILTINS } from "../../compiler/sema/builtins.js";
import { STANDARD_MODULES } from "../../compiler/sema/standard-modules.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";

const FAMILIES = ["gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1151", "gfx1200", "gfx1201", "gfx1250"];

/** A kernel that calls every function of the table that has library code for a type. */
function library(type: "f16" | "f32" | "f64"): string {
    const calls = [...BUILTINS.values()]
        .filter(({ kind, types }) => kind === "math" && (types[type] === "library" || types[type] === "viaF32"))
        .map(({ name, params }) => `    y[i] += ${name}(${params.map(() => "x[i]").join(", ")})`);
    return `kernel library(x: ${type}[n], y: mut ${type}[n]) over i in n {\n${calls.join("\n")}\n}\n`;
}

/** Imports every kernel of the standard library. */
function kernels(): string {
    const imports = STANDARD_MODULES.flatMap((module) => {
        const path = join(packageRoot(), "stdlib", `${module.replace("std.", "")}.soma`);
        const names = [...readFileSync(path, "utf8").matchAll(/^pub (?:matrix )?kernel (\w+)/gm)].map(
            ([, name]) => name,
        );
        return names.length === 0 ? [] : [`import ${module} { ${names.join(", ")} }`];
    });
    return `${imports.join("\n")}\n`;
}

async function build(path: string, text: string, target: string): Promise<Uint8Array | string> {
    const options = { target, verify: true } as const;
    const { output, diagnostics } = await compile({ path, text }, loadModule, loadCodegen(), options);
    return output ?? diagnostics.map(({ message, span }) => `${span.file.path}:${span.start}: ${message}`).join("\n");
}

describe.each(FAMILIES)("for %s", (target) => {
    test.each(["f16", "f32", "f64"] as const)("the mathematics of %s builds", async (type) => {
        expect(await build("library.soma", library(type), target)).toBeInstanceOf(Uint8Array);
    });

    test("the kernels of the standard library build", async () => {
        expect(await build("kernels.soma", kernels(), target)).toBeInstanceOf(Uint8Array);
    });
});

const SAMPLES = join(packageRoot(), "samples", "aura");

test.each(readdirSync(SAMPLES).filter((file) => file.endsWith(".soma")))("%s builds for every family", async (file) => {
    const text = readFileSync(join(SAMPLES, file), "utf8");
    for (const target of FAMILIES) expect(await build(file, text, target)).toBeInstanceOf(Uint8Array);
});
