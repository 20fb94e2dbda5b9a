// The kernels of bench/gpu: they compile for both vendors, and the pack says of each what its runner launches.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { KERNELS, packKernels } from "../../bench/gpu/pack.js";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";

const folder = mkdtempSync(join(tmpdir(), "soma-bench-gpu-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the pack has every kernel that the runner asks for, with its geometry and arguments", async () => {
    const lines = await packKernels("sm_90", folder);
    const packed = lines.filter((line) => line.startsWith("kernel ")).map((line) => line.split(" ")[1]);
    const runner = join(packageRoot(), "bench", "gpu", "runner");
    const sources = readdirSync(runner).map((file) => readFileSync(join(runner, file), "utf8"));
    const asked = sources.flatMap((text) => [...text.matchAll(/soma\.bind\(([^{]*)\{/g)]);
    const names = asked.flatMap(([, names = ""]) => [...names.matchAll(/"(\w+)"/g)].map(([, name]) => name));
    expect(new Set(names)).toEqual(new Set(packed));
    expect(lines).toEqual(expect.arrayContaining(["module streaming.ptx", "size n 31 + 32 /", "argument 0 scalar a"]));
    const saxpy = lines.indexOf("kernel saxpy saxpy over 256 1 1 32");
    expect(lines.slice(saxpy + 1, saxpy + 6)).toEqual([
        "size n 3 + 4 /",
        "argument 0 scalar a",
        "argument 8 view x",
        "argument 16 view y",
        "argument 24 dim n",
    ]);
    expect(readdirSync(folder).length).toBe(readdirSync(KERNELS).length);
});

test.each(readdirSync(KERNELS))("%s compiles for an AMD GPU without a warning", async (file) => {
    const source = { path: file, text: readFileSync(join(KERNELS, file), "utf8") };
    const { output, diagnostics } = await compile(source, loadModule, loadCodegen(), { target: "gfx1100" });
    expect(diagnostics).toEqual([]);
    expect(output).not.toBeNull();
});
