// The virtual GPU's counters, against what arithmetic says of kernels that were written for it.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { type KernelProfile, open } from "../../runtime/index.js";
import { FIXTURES, inFolder, pack } from "./hip-support.js";

const GROUPS = 8;
const ITEMS = 64 * GROUPS;

function build(target: string): Uint8Array {
    return inFolder((folder) => {
        const output = join(folder, "profile.hsaco");
        const flags = ["-x", "cl", "-cl-std=CL2.0", "-target", "amdgcn-amd-amdhsa", "-nogpulib", "-w", "-O2", "-g"];
        execFileSync(llvmTool("clang"), [...flags, `-mcpu=${target}`, join(FIXTURES, "profile.cl"), "-o", output]);
        return readFileSync(output);
    });
}

async function profileOf(target: string, kernel: string, groups: number, inputs: number, ...rest: number[]) {
    using gpu = await open(`vgpu:${target}`);
    using input = gpu.tensor("f32", [Math.max(inputs, 1)]);
    using output = gpu.tensor("f32", [ITEMS * 8]);
    const module = await gpu.device.loadModule(build(target));
    const stream = gpu.device.createStream();
    try {
        await gpu.synchronize();
        gpu.virtual?.profiling(true);
        const pointers = inputs === 0 ? [output.address] : [input.address, output.address];
        await stream.launch(module.kernel(kernel), {
            grid: [groups, 1, 1],
            block: [64, 1, 1],
            arguments: pack(...pointers, ...rest),
        });
        const profile = gpu.virtual?.profile();
        gpu.virtual?.profiling(false);
        expect(profile?.kernels.map(({ name }) => name)).toEqual([kernel]);
        return profile?.kernels[0] as KernelProfile;
    } finally {
        stream.dispose();
        module.dispose();
    }
}

// A line of the first-level cache has 128 bytes, on gfx90a 64; waves have 32 or 64 lanes.
test.each([
    ["gfx1100", 128, 1],
    ["gfx1100", 128, 2],
    ["gfx1201", 128, 32],
    ["gfx942", 128, 4],
    ["gfx90a", 64, 1],
    ["gfx90a", 64, 16],
])("on %s, lines of %i bytes, loads with stride %i", async (target, line, stride) => {
    const profile = await profileOf(target, "copy", GROUPS, ITEMS * stride, stride);
    const loads = Math.min(ITEMS, (ITEMS * 4 * stride) / line);
    const stores = (ITEMS * 4) / line;
    expect(profile.global.transactions).toBe(loads + stores);
    expect(profile.global.usefulBytes).toBe(ITEMS * 8);
    expect(profile.global.coalescing).toBeCloseTo((ITEMS * 8) / ((loads + stores) * line), 12);
    expect(profile.flops).toBe(ITEMS);
    expect(profile.lanesOn).toBe(1);
    // Every element lies in a 128-byte line of its own or shares it; the kernel's arguments take one or two more.
    const lines = Math.min(ITEMS, (ITEMS * 4 * stride) / 128) + (ITEMS * 4) / 128;
    expect(profile.footprintLines).toBeGreaterThanOrEqual(lines);
    expect(profile.footprintLines).toBeLessThanOrEqual(lines + 3);
});

// 32 banks, gfx950 64: a phase of 32 lanes with stride s takes gcd(s, banks) · 32 / banks cycles, at least one.
test.each([
    ["gfx1100", 32, 1],
    ["gfx1100", 32, 32],
    ["gfx1100", 32, 33],
    ["gfx942", 32, 2],
    ["gfx942", 32, 16],
    ["gfx950", 64, 32],
])("on %s, %i LDS banks and stride %i", async (target, banks, stride) => {
    const profile = await profileOf(target, "shared_stride", 1, 0, stride);
    const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
    const cycles = Math.max(1, (gcd(stride, banks) * 32) / banks);
    // A store and a load, each of two phases.
    expect(profile.lds).toEqual({ cycles: 4 * cycles, bankConflicts: 4 * (cycles - 1) });
});

test("lanes that are off, and the place where they went", async () => {
    const profile = await profileOf("gfx1100", "odd_lanes", 1, 0);
    // Two waves of 32 lanes; half of each leaves once.
    expect(profile.divergentBranches).toBe(2);
    const store = profile.lines.find(({ global }) => global.transactions > 0);
    expect(store?.file.endsWith("profile.cl")).toBe(true);
    expect(store?.line).toBe(22);
    expect(store?.global).toMatchObject({ transactions: 2, usefulBytes: 32 * 4 });
});

test("matrix instructions", async () => {
    const profile = await profileOf("gfx1100", "product", 1, 128 * 8);
    expect(profile.instructions.matrix).toBe(2);
    expect(profile.matrixFlops).toBe(2 * (2 * 16 * 16 * 16));
    expect(profile.flops).toBe(0);
    expect(profile.occupancy.mostWaves).toBe(32);
    expect(profile.rooflineEstimate.note).toContain("estimate");
});

// What the vendor publishes of the boards whose memory and clocks the target table has: f32 of vector instructions and f16 of
// matrix instructions in TFLOP/s, and GB/s. Sources: AMD's data sheets of MI210, MI300X and MI355X, product pages of the RX 7900
// XTX and RX 9070 XT (without sparsity).
test.each([
    ["gfx90a", 22.6, 181, 1638],
    ["gfx942", 163.4, 1307, 5300],
    ["gfx950", 157.3, 2516, 8000],
    ["gfx1100", 61.4, 122.8, 960],
    ["gfx1201", 48.7, 195, 640],
])("the estimate of %s is from the peaks of a board", async (target, vector, matrix, bandwidth) => {
    const { rooflineEstimate: estimate, footprintBytes, flops } = await profileOf(target, "copy", GROUPS, ITEMS, 1);
    const near = (value: number, published: number) => expect(Math.abs(value / published - 1)).toBeLessThan(0.03);
    near(estimate.peakVectorTflops, vector);
    near(estimate.peakMatrixTflops, matrix);
    near(estimate.peakGigabytesPerSecond, bandwidth);
    expect(estimate.memoryMicroseconds).toBeCloseTo(footprintBytes / (estimate.peakGigabytesPerSecond * 1e3), 9);
    expect(estimate.vectorMicroseconds).toBeCloseTo(flops / (estimate.peakVectorTflops * 1e6), 9);
    expect(estimate).toMatchObject({ bound: "memory", matrixMicroseconds: 0, flopsPerByte: flops / footprintBytes });
});
