// What the IR's interpreter, which computes exactly and knows no device, makes of the benchmark's cases.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KernelManifest } from "../../codeobject/manifest.js";
import { computeCall } from "../../compiler/constant-calls.js";
import { interpret } from "../../compiler/ir/interpret/interpret.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import type { IrModule } from "../../compiler/ir/module.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { kernelsOf } from "../../compiler/lower/manifest.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { bindDims } from "../../runtime/dims.js";
import { type LaunchLimits, launchGeometry } from "../../runtime/grid.js";
import { CASES, type Case, type View } from "./cases.js";
import type { Results } from "./measure.js";

/** Operations of one launch; more is an endless loop. */
const LIMIT = 100_000_000;
const LIMITS: LaunchLimits = {
    maxWorkgroupSize: 1024,
    maxWorkgroup: [1024, 1024, 1024],
    maxGrid: [2 ** 31 - 1, 65535, 65535],
    ldsBytes: 65536,
};

/** The views of each case after its launch. */
export function interpretSoma(): ReadonlyMap<string, { readonly results: Results }> {
    const path = join(packageRoot(), "bench", "codegen", "kernels.soma");
    const source = { path: "kernels.soma", text: readFileSync(path, "utf8") };
    const { program, diagnostics } = checkProgram(source, loadModule, DEFAULT_TARGET, computeCall);
    if (!program) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    const module = lowerProgram(program);
    const manifests = new Map(kernelsOf(program).map((manifest) => [manifest.name, manifest]));
    return new Map(
        CASES.map((each) => [each.name, { results: interpretCase(module, manifests.get(each.name), each) }]),
    );
}

function interpretCase(module: IrModule, manifest: KernelManifest | undefined, { name, args }: Case): Results {
    const parameters = module.functions.find((each) => each.name === name)?.parameters;
    if (!manifest || !parameters) throw new Error(`there is no kernel ${name}`);
    const views = args.flatMap(([view, value]) => ("data" in value ? [[view, value] as const] : []));
    const dims = bindDims(manifest, new Map(views.map(([view, { shape }]) => [view, shape])), new Map());
    const memories = new Map(views.map(([view, value]) => [view, memoryOf(view, value)]));
    const scalars = new Map(
        args.flatMap(([scalar, value]) =>
            "data" in value ? [] : [[scalar, value.type === "f32" ? Math.fround(value.value) : BigInt(value.value)]],
        ),
    );
    const { fault } = interpret(module, {
        kernel: name,
        groups: launchGeometry(manifest, dims, LIMITS).grid,
        args: parameters.map((each) => {
            const value = memories.get(each.name) ?? scalars.get(each.name) ?? dims.get(each.name);
            if (value === undefined) throw new Error(`${name} has no argument for ${each.name}`);
            return value;
        }),
        limit: LIMIT,
    });
    if (fault) throw new Error(`${name}: ${fault.message}`);
    return new Map([...memories].map(([view, { values }]) => [view, values.map(Number)]));
}

function memoryOf(name: string, { type, data }: View): Memory {
    return { name, element: type, values: type === "f32" ? data.map(Math.fround) : data.map(BigInt) };
}
