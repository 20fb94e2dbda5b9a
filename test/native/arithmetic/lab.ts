// Runs single instructions on the virtual GPU: each becomes a kernel with the instruction as inline assembly, which clang
// compiles for the target, over arrays of operands.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { llvmTool } from "../../../bench/llvm.js";
import { open } from "../../../runtime/index.js";
import { inFolder, pack } from "../hip-support.js";

/** An instruction. Operands lie in registers of 32 bits; `inputs` and `output` count them. */
export interface Probe {
    readonly name: string;
    /** `%0` is the result, `%1` … the operands. */
    readonly assembly: string;
    readonly inputs: readonly number[];
    readonly output: number;
    /** What the result's register holds before; without it, it is one that no operand is in. */
    readonly before?: number;
    /** Operands (from 1) that are scalar registers, which hold the first lane's value. */
    readonly scalar?: readonly number[];
    /** The result is a scalar register. */
    readonly scalarResult?: boolean;
    /** MODE's lowest eight bits (rounding, denormals) while it runs; what compute kernels have is 0xf0. */
    readonly mode?: number;
    /** MODE's FP16_OVFL. */
    readonly saturates?: boolean;
}

export const ROUNDING = ["nearest", "up", "down", "zero"] as const;
export type Rounding = (typeof ROUNDING)[number];
/** MODE with that rounding for all types, and denormals kept. */
export function modeOf(rounding: Rounding): number {
    const code = ROUNDING.indexOf(rounding);
    return 0xf0 | code | (code << 2);
}

const word = (count: number) => (count === 1 ? "uint" : `words${count}`);

function kernelOf(probe: Probe): string {
    const results = `"=${probe.before === undefined ? "&" : ""}${probe.scalarResult ? "s" : "v"}"(r)`;
    const tied = probe.before === undefined ? [] : [`"0"(r)`];
    const operands = probe.inputs.map((_, i) => `"${probe.scalar?.includes(i + 1) ? "s" : "v"}"(x${i})`);
    const first = (text: string, i: number) =>
        probe.scalar?.includes(i + 1) ? `__builtin_amdgcn_readfirstlane(${text})` : text;
    // Operands that come after a tied one are counted on.
    const shift = tied.length;
    const body = probe.assembly.replace(/%(\d+)/g, (_, index) => `%${Number(index) === 0 ? 0 : Number(index) + shift}`);
    const special = probe.mode !== undefined || probe.saturates;
    const enter = special
        ? `s_setreg_imm32_b32 hwreg(HW_REG_MODE, 0, 8), ${probe.mode ?? 0xf0}\\ns_setreg_imm32_b32 hwreg(HW_REG_MODE, 23, 1), ${probe.saturates ? 1 : 0}\\n`
        : "";
    const leave = special
        ? "\\ns_setreg_imm32_b32 hwreg(HW_REG_MODE, 0, 8), 0xf0\\ns_setreg_imm32_b32 hwreg(HW_REG_MODE, 23, 1), 0"
        : "";
    const lines = [
        `kernel void k_${probe.name}(global ${word(probe.output)} *out${probe.inputs.map((n, i) => `, global const ${word(n)} *in${i}`).join("")}) {`,
        "  uint i = __builtin_amdgcn_workgroup_id_x() * 64 + __builtin_amdgcn_workitem_id_x();",
        ...probe.inputs.map((n, i) => `  ${word(n)} x${i} = ${first(`in${i}[i]`, i)};`),
        `  ${word(probe.output)} r${probe.before === undefined ? "" : ` = ${probe.before}`};`,
        `  __asm volatile("${enter}${body.replaceAll("\n", "\\n")}${leave}" : ${results} : ${[...tied, ...operands].join(", ")} : "memory", "vcc", "m0");`,
        "  out[i] = r;",
        "}",
    ];
    return lines.join("\n");
}

/** Compiles text, OpenCL C or another language, to a code object. */
export function compile(target: string, source: string, language = "cl", ...options: readonly string[]): Uint8Array {
    return inFolder((folder) => {
        const input = join(folder, "source");
        const output = join(folder, "object.hsaco");
        writeFileSync(input, source);
        const cl = language === "cl" ? ["-cl-std=CL2.0"] : [];
        const device = ["-target", "amdgcn-amd-amdhsa", `-mcpu=${target}`, "-nogpulib", "-w"];
        execFileSync(llvmTool("clang"), ["-x", language, ...cl, ...device, ...options, input, "-o", output], {
            stdio: "pipe",
        });
        return readFileSync(output);
    });
}

const TYPES = [2, 3, 4, 6, 8, 16, 32]
    .map((n) => `typedef uint words${n} __attribute__((ext_vector_type(${n})));`)
    .join("\n");

/** One launch of a loaded code object: workgroups of 64 work-items, the output first. */
export async function launch(
    target: string,
    object: Uint8Array,
    kernels: readonly { name: string; words: number; inputs: readonly Uint32Array[] }[],
    groups: number,
    options: { readonly block?: number } = {},
): Promise<Uint32Array[]> {
    using gpu = await open(`vgpu:${target}`);
    const module = await gpu.device.loadModule(object);
    const stream = gpu.device.createStream();
    try {
        const results: Uint32Array[] = [];
        for (const { name, words, inputs } of kernels) {
            using output = gpu.tensor("u32", [words]);
            const tensors = inputs.map((input) => gpu.tensor("u32", [input.length], input));
            await gpu.synchronize();
            await stream.launch(module.kernel(name), {
                grid: [groups, 1, 1],
                block: [options.block ?? 64, 1, 1],
                arguments: pack(output.address, ...tensors.map(({ address }) => address)),
            });
            results.push((await output.read()) as Uint32Array);
            for (const tensor of tensors) tensor.dispose();
        }
        return results;
    } finally {
        stream.dispose();
        module.dispose();
    }
}

/** Each probe's results over the operands, `output` words for each; `operands` gives those of a probe. */
export async function probe(
    target: string,
    probes: readonly Probe[],
    operands: (probe: Probe) => readonly Uint32Array[],
): Promise<Map<string, Uint32Array>> {
    const object = compile(target, [TYPES, ...probes.map(kernelOf)].join("\n"), "cl", "-O1");
    const all = probes.map((one) => ({ one, inputs: operands(one) }));
    const items = (all[0]?.inputs[0]?.length ?? 64) / (all[0]?.one.inputs[0] ?? 1);
    const results = await launch(
        target,
        object,
        all.map(({ one, inputs }) => ({ name: `k_${one.name}`, words: items * one.output, inputs })),
        Math.ceil(items / 64),
    );
    return new Map(probes.map((one, i) => [one.name, results[i] as Uint32Array]));
}

/** Numbers between 0 and 2^32, the same each time (xorshift). */
export function random(count: number, seed: number): Uint32Array {
    let state = seed * 0x9e3779b1 || 1;
    return Uint32Array.from({ length: count }, () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state >>> 0;
    });
}
