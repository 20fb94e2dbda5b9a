import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { ArgumentError, OutOfMemoryError, open } from "../../runtime/index.js";

const ADD = "kernel add_one(x: mut f32[n]) over i in n { x[i] = x[i] + 1.0 }";

it("uses memory again in the order of the streams", async () => {
    using gpu = await open("vgpu:gfx1100", { memory: { pool: true } });
    const { add_one } = await gpu.load<"add_one">({ source: ADD });
    const reads: Promise<Float32Array>[] = [];
    // Each tensor gets memory that kernels of the one before may still be using, on whichever stream.
    for (let i = 0; i < 40; i++) {
        using x = gpu.tensor("f32", [1000 + i], new Float32Array(1000 + i).fill(i));
        add_one.enqueue({ x });
        add_one.enqueue({ x });
        reads.push(x.read());
    }
    const values = await Promise.all(reads);
    values.forEach((each, i) => {
        expect(each.length).toBe(1000 + i);
        expect(new Set(each)).toEqual(new Set([i + 2]));
    });
    const { asked, reserved, hits, allocations } = gpu.memory;
    expect(asked).toBe(0);
    expect(reserved).toBe(2 << 20);
    expect([allocations, hits]).toEqual([40, 39]);
    expect(gpu.trim()).toBe(2 << 20);
    expect(gpu.memory.reserved).toBe(0);
});

it("has a limit, and says who holds what", async () => {
    using gpu = await open("vgpu:gfx1100", { memory: { limit: 1 << 20 } });
    using kept = gpu.tensor("f32", [1 << 17]);
    gpu.tensor("f32", [1 << 16]).dispose();
    using other = gpu.tensor("u8", [1 << 18]);
    const error = (() => {
        try {
            return gpu.tensor("f32", [1 << 17]);
        } catch (thrown) {
            return thrown;
        }
    })();
    expect(error).toBeInstanceOf(OutOfMemoryError);
    const { message } = error as OutOfMemoryError;
    expect(message).toContain("limit is 1048576 bytes");
    expect(message).toMatch(
        /2 tensors hold 786432 bytes:\n {2}524288 bytes: tensor f32\[131072\], made at .*memory\.test\.ts/,
    );
    expect(message).toContain("tensor u8[262144]");
    expect(await kept.read()).toHaveLength(1 << 17);
    expect(await other.read()).toHaveLength(1 << 18);
    await expect(open("vgpu:gfx1100", { memory: { limit: Number.NaN } })).rejects.toThrow(ArgumentError);
});

it("trims and tries again before it says that memory ran out", async () => {
    using gpu = await open("vgpu:gfx1100", { memory: { pool: true, limit: 8 << 20 } });
    for (let mebibytes = 1; mebibytes <= 7; mebibytes++) {
        // None of the chunks kept from before is large enough.
        using x = gpu.tensor("u8", [mebibytes << 20]);
        expect(await x.read()).toHaveLength(mebibytes << 20);
    }
    expect(gpu.memory.reserved).toBeLessThanOrEqual(8 << 20);
});

it("warns of a tensor that was forgotten, with the place where it was made", () => {
    const folder = mkdtempSync(join(tmpdir(), "soma-leak-"));
    try {
        const runtime = pathToFileURL(join(packageRoot(), "dist", "runtime", "index.js"));
        const program = join(folder, "forgets.mjs");
        writeFileSync(
            program,
            `import { open } from ${JSON.stringify(runtime.href)};
const gpu = await open("vgpu:gfx1100");
function forget() { gpu.tensor("f32", [1000]); }
for (let i = 0; i < 20; i++) forget();
await gpu.synchronize();
const warnings = [];
process.on("warning", (warning) => warnings.push(warning.message));
for (let i = 0; i < 20 && gpu.memory.live > 0; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 20)); }
console.log(JSON.stringify({ warnings, live: gpu.memory.live }));`,
        );
        const output = execFileSync(process.execPath, ["--expose-gc", "--no-warnings", program], { encoding: "utf8" });
        const { warnings, live } = JSON.parse(output) as { warnings: string[]; live: number };
        expect(live).toBe(0);
        expect(warnings).toHaveLength(1);
        expect(warnings[0]).toMatch(
            /tensor f32\[1000\] of vgpu:gfx1100 was collected.*made at forget \(.*forgets\.mjs:3:/,
        );
    } finally {
        rmSync(folder, { recursive: true });
    }
});
