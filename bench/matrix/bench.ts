// `npm run bench:matrix`: what the kernels of kernels.soma execute on virtual GPUs, and what their code takes. Columns:
// the least number of matrix instructions that the shape needs over those executed; instructions for each of them, waits and
// hints left out; conflicts in LDS; bytes of global memory asked for over those of the tensors; registers, spills, LDS and
// occupancy; milliseconds of a compile of the file by itself, the best of three. Targets may be named: `gfx1100 gfx942`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { matrixInstruction } from "../../compiler/targets/matrix.js";
import { occupancy } from "../../compiler/targets/occupancy.js";
import { findTarget, type Target } from "../../compiler/targets/targets.js";
import type { ScalarType } from "../../runtime/elements.js";
import { type Gpu, open } from "../../runtime/index.js";

const NAMED = process.argv.slice(2);
const TARGETS = NAMED.length > 0 ? NAMED : ["gfx1100", "gfx1201", "gfx90a", "gfx942", "gfx950"];
const SIZE = 256;
const HEADS = 2;

type Shape = readonly [type: ScalarType, extents: readonly number[]];

interface Case {
    readonly kernel: string;
    readonly views: Readonly<Record<string, Shape>>;
    readonly scalars?: Readonly<Record<string, number>>;
    /** Products: their operands' type, and multiplications of them all. */
    readonly products: { readonly type: string; readonly count: number } | null;
}

const square = (type: ScalarType): Shape => [type, [SIZE, SIZE]];
const rows = (type: ScalarType): Shape => [type, [16, 1024]];

function product(kernel: string, type: ScalarType, sum: ScalarType): Case {
    const views = { a: square(type), b: square(type), c: square(sum) };
    return { kernel, views, products: { type, count: SIZE ** 3 } };
}

function attention(depth: number): Case {
    const shape: Shape = ["f16", [HEADS, SIZE, depth]];
    const views = { q: shape, k: shape, v: shape, o: shape };
    const products = { type: "f16", count: 2 * HEADS * SIZE * SIZE * depth };
    return { kernel: `attention_${depth}`, views, scalars: { scale: 0.125 }, products };
}

const CASES: readonly Case[] = [
    product("matmul_f16", "f16", "f16"),
    product("matmul_bf16", "bf16", "bf16"),
    product("matmul_i8", "i8", "i32"),
    attention(64),
    attention(128),
    { kernel: "softmax", views: { x: rows("f32"), y: rows("f32") }, products: null },
    {
        kernel: "layer_norm",
        views: { x: rows("f32"), gain: ["f32", [1024]], bias: ["f32", [1024]], y: rows("f32") },
        products: null,
    },
];

const HEADINGS = ["kernel", "share", "per mma", "instr", "conflicts", "global", "vgpr", "spill", "LDS", "occ"];

function least(target: Target, products: Case["products"]): number {
    const instruction = products && matrixInstruction(target, products.type, products.type, target.waveSize);
    return instruction && products ? products.count / (instruction.m * instruction.n * instruction.k) : 0;
}

async function measure(gpu: Gpu, target: Target, code: Uint8Array): Promise<void> {
    const { kernels: infos } = await loadCodegen().inspect(code);
    using module = await gpu.load(code);
    gpu.virtual?.profiling(true);
    console.log(`\n${target.name}`);
    console.log(HEADINGS.map((heading, at) => heading.padEnd(at === 0 ? 14 : 9)).join(""));
    for (const { kernel, views, scalars, products } of CASES) {
        const tensors = Object.entries(views).map(([name, [type, shape]]) => [name, gpu.tensor(type, shape)] as const);
        const launched = await module.kernels[kernel]?.({ ...scalars, ...Object.fromEntries(tensors) });
        const bytes = tensors.reduce((sum, [, tensor]) => sum + tensor.byteLength, 0);
        for (const [, tensor] of tensors) tensor.dispose();
        const info = infos.find(({ name }) => name === kernel);
        if (launched === undefined || info === undefined || launched.counters === "unavailable") continue;
        const {
            instructions = 0,
            wait = 0,
            other = 0,
            matrix = 0,
            ldsBankConflicts = 0,
            globalUsefulBytes = 0,
        } = launched.counters;
        const executed = instructions - wait - other;
        const lds = info.ldsBytes;
        const workgroup = (info.requiredWorkgroupSize ?? [1]).reduce((all, one) => all * one, 1);
        const held = occupancy(target.name, { vgprs: info.vgprs, sgprs: info.sgprs, lds, workgroup });
        const cells = [
            matrix === 0 ? "-" : (least(target, products) / matrix).toFixed(2),
            matrix === 0 ? "-" : ((executed - matrix) / matrix).toFixed(1),
            executed,
            ldsBankConflicts,
            (globalUsefulBytes / bytes).toFixed(2),
            info.vgprs,
            info.vgprSpills,
            lds,
            held?.wavesPerSimd ?? "-",
        ];
        console.log(kernel.padEnd(14) + cells.map((cell) => String(cell).padEnd(9)).join(""));
    }
}

const source = {
    path: "kernels.soma",
    text: readFileSync(join(packageRoot(), "bench", "matrix", "kernels.soma"), "utf8"),
};
for (const name of TARGETS) {
    const target = findTarget(name) as Target;
    let best = Number.POSITIVE_INFINITY;
    let code: Uint8Array | null = null;
    for (let round = 0; round < 3; round++) {
        const start = performance.now();
        const { output, diagnostics } = await compile(source, loadModule, loadCodegen(), { target: name });
        best = Math.min(best, performance.now() - start);
        if (output === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
        code = output;
    }
    using gpu = await open(`vgpu:${name}`);
    if (code !== null) await measure(gpu, target, code);
    console.log(`${best.toFixed(0)} ms for all ${CASES.length}`);
}
