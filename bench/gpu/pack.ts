// `npm run bench:gpu`: packs a folder that measures Soma's kernels on a machine with an NVIDIA GPU and nvcc, without Node,
// npm or a network: code objects, their manifests as lines of words, the sources of the runner, of libsoma_cuda.so and of
// the baselines, and run.sh, which builds, runs, checks and prints one table.
//
// Options: --target sm_90 (or what the GPU is; PTX for an older one runs as well), --out out/bench-gpu.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { KernelManifest, ManifestDim } from "../../codeobject/manifest.js";
import { loadCachedCodegen } from "../../compiler/cache/index.js";
import { renderDiagnostics } from "../../compiler/diagnostics/render.js";
import { compile } from "../../compiler/driver.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";

const ROOT = packageRoot();
export const KERNELS = join(ROOT, "bench", "gpu", "kernels");

/** An expression in reverse Polish notation, which takes a stack and no parser. */
function polish(dim: ManifestDim): string {
    return typeof dim === "object" ? `${polish(dim[1])} ${polish(dim[2])} ${dim[0]}` : String(dim);
}

/** A kernel as the runner's kernels.cpp reads it. */
function describe({ name, symbol, launch, arguments: pieces, argumentSize }: KernelManifest): string[] {
    const block = [0, 1, 2].map((axis) => launch.workgroup[axis] ?? 1);
    const sizes = launch.kind === "over" ? launch.extents : launch.groups;
    const { elements = 1 } = launch.kind === "over" ? launch : {};
    const items = sizes.map(
        (size, axis): ManifestDim => (axis > 0 || elements === 1 ? size : ["/", ["+", size, elements - 1], elements]),
    );
    return [
        `kernel ${name} ${symbol} ${launch.kind} ${block.join(" ")} ${argumentSize}`,
        ...items.map((size) => `size ${polish(size)}`),
        ...pieces.map((piece) => `argument ${piece.offset} ${piece.kind} ${piece.name}`),
    ];
}

/** Compiles every file of kernels/ into the folder. @returns the lines of kernels.txt */
export async function packKernels(target: string, folder: string): Promise<readonly string[]> {
    const lines: string[] = [];
    for (const file of readdirSync(KERNELS).sort()) {
        const source = { path: file, text: readFileSync(join(KERNELS, file), "utf8") };
        const { diagnostics, output, manifest } = await compile(source, loadModule, loadCachedCodegen(), { target });
        if (output === null || manifest === null) {
            throw new Error(renderDiagnostics(diagnostics));
        }
        const module = file.replace(/\.soma$/, ".ptx");
        writeFileSync(join(folder, module), output);
        lines.push(`module ${module}`, ...manifest.kernels.flatMap(describe));
    }
    return lines;
}

async function main(): Promise<void> {
    const { values } = parseArgs({
        options: {
            target: { type: "string", default: "sm_90" },
            out: { type: "string", default: join("out", "bench-gpu") },
        },
    });
    const out = values.out;
    rmSync(out, { recursive: true, force: true });
    mkdirSync(join(out, "kernels"), { recursive: true });
    const lines = await packKernels(values.target, join(out, "kernels"));
    writeFileSync(join(out, "kernels", "kernels.txt"), `${lines.join("\n")}\n`);
    for (const part of ["runner", "baselines", "run.sh"]) {
        cpSync(join(ROOT, "bench", "gpu", part), join(out, part), { recursive: true });
    }
    for (const part of ["cuda", "hip_abi"]) {
        cpSync(join(ROOT, "native", part), join(out, "native", part), { recursive: true });
    }
    console.log(`packed ${lines.filter((line) => line.startsWith("kernel ")).length} kernels for ${values.target}`);
    console.log(`copy ${out} to the machine with the GPU, and there: bash run.sh`);
}

if (process.argv[1]?.endsWith("pack.js")) {
    await main();
}
