// `npm run test:math:whole`: the mathematical functions of one argument over all 2³² numbers of f32. Packs a folder that a
// machine with a C++ compiler runs without Node: the functions' kernels as C++ headers, the virtual GPU's library and
// sweep.cpp. Its results stay, so that a run goes on where an earlier one stopped.
//
// Options: --out out/math-whole; names of functions, default all.

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadCachedCodegen } from "../../../compiler/cache/index.js";
import { renderDiagnostics } from "../../../compiler/diagnostics/render.js";
import { compile } from "../../../compiler/driver.js";
import { HOST_LANGUAGES } from "../../../compiler/hosts/hosts.js";
import { loadModule } from "../../../compiler/shell/modules.js";
import { packageRoot } from "../../../compiler/shell/package-root.js";
import { UNARY } from "../functions.js";
import { statedBounds } from "../reference.js";

const TARGET = "gfx1100";
const ROOT = packageRoot();

/** The header of a kernel that evaluates the function at consecutive bit patterns; its namespace is whole_NAME. */
async function headerOf(name: string): Promise<string> {
    const text = `kernel evaluate(first: u32, out: mut f32[n]) over i in n { out[i] = ${name}(f32_from_bits(first + (i as u32))) }\n`;
    const source = { path: `whole_${name}.soma`, text };
    const { diagnostics, output, manifest } = await compile(source, loadModule, loadCachedCodegen(), {
        target: TARGET,
    });
    if (output === null || manifest === null) throw new Error(renderDiagnostics(diagnostics));
    return HOST_LANGUAGES.cpp.text(manifest, `whole_${name}`, output);
}

function tableOf(names: readonly string[]): string {
    const bounds = statedBounds(`vgpu:${TARGET}`);
    const rows = names.map((name) => {
        const load = `[]() -> Evaluate {
        auto kernels = std::make_shared<whole_${name}::kernels>();
        return [kernels](std::uint32_t first, soma::view<float, 1> out) { kernels->evaluate(first, out); };
    }`;
        const bound = bounds.get(`${name}_f32`) as number;
        return `    {"${name}", ${bound}, exact::${name}, hash(whole_${name}::code_object), ${load}},`;
    });
    return `const Function kFunctions[] = {\n${rows.join("\n")}\n};\n`;
}

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: "string", default: join("out", "math-whole") } },
});
const folder = values.out;
const include = join(folder, "include");
mkdirSync(join(include, "hip"), { recursive: true });
const names = Object.keys(UNARY).filter((name) => positionals.length === 0 || positionals.includes(name));
for (const name of names) writeFileSync(join(include, `whole_${name}.hpp`), await headerOf(name));
writeFileSync(join(include, "kernels.hpp"), names.map((name) => `#include "whole_${name}.hpp"\n`).join(""));
writeFileSync(join(include, "hip", "hip_runtime_api.h"), '#include "../../native/hip_abi/hip_abi.h"\n');
writeFileSync(join(folder, "functions.inc"), tableOf(names));
for (const part of ["native/hip_abi", "native/vgpu/hip/soma_vgpu.h"]) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
}
cpSync(join(ROOT, "build/native/libsoma_vgpu.so"), join(folder, "libsoma_vgpu.so"), { dereference: true });
for (const part of ["sweep.cpp", "exact.h", "run.sh"])
    cpSync(join(ROOT, "test/stdlib/whole", part), join(folder, part));
console.log(`packed ${names.length} functions in ${folder}; run.sh there runs them, on this machine or another`);
