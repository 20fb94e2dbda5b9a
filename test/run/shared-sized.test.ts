// Shared arrays whose sizes the launch says.

import { describe, expect, it } from "vitest";
import { LaunchError } from "../../runtime/index.js";
import { testGpu } from "./harness.js";

const SOURCE = `
fn total(x: f32[n]) -> f32 {
    var sum: f32 = 0.0
    for i in 0 .. n { sum += x[i] }
    sum
}
kernel f(x: f32[g, k], y: mut f32[g, 2]) groups g workgroup(32) {
    shared fixed: f32[8]
    shared ints: u8[k + 1]
    shared buf: f32[k, 2]
    for i in local_id() .. k by local_size() {
        buf[i, 0] = x[group_id(), i]
        buf[i, 1] = 2.0 * x[group_id(), i]
        ints[i] = 1
    }
    if local_id() == 0 { ints[k] = 7 }
    if local_id() < 8 { fixed[local_id()] = 1.0 }
    barrier()
    if local_id() == 0 {
        var ones: u32 = 0
        for i in 0 .. k + 1 { ones += ints[i] as u32 }
        var sum: f32 = 0.0
        for i in 0 .. k { sum += buf[i, 0] + buf[i, 1] }
        y[group_id(), 0] = sum + total(fixed)
        y[group_id(), 1] = ones as f32
    }
}`;

/** More than 48 KiB, which NVIDIA's GPUs let no kernel declare: the launch reserves it there. */
const LARGE = `
kernel f(x: f32[g, 256], z: f32[k], y: mut f32[g, 256]) groups g workgroup(256) {
    shared table: f32[48, 256]
    shared flags: u8[3]
    shared extra: f32[k]
    for row in 0 .. 48 { table[row, local_id()] = x[group_id(), local_id()] + row as f32 }
    if local_id() == 0 { flags[2] = 9 }
    for i in local_id() .. k by 256 { extra[i] = z[i] }
    barrier()
    let next = (local_id() + 1) % 256
    y[group_id(), local_id()] = table[47, next] + flags[2] as f32 + extra[k - 1]
}`;

describe.each([0, 3] as const)("at -O%i", (optimisation) => {
    it("lie behind more than 48 KiB of fixed size", async () => {
        const gpu = await testGpu();
        const { f } = await gpu.load<"f">({ source: LARGE }, { optimisation });
        const x = Float32Array.from({ length: 512 }, (_, i) => i);
        const y = gpu.tensor("f32", [2, 256]);
        const z = Float32Array.from({ length: 300 }, (_, i) => i);
        await f({ x: gpu.tensor("f32", [2, 256], x), z: gpu.tensor("f32", [300], z), y });
        const neighbour = (i: number) => (i < 256 ? (i + 1) % 256 : 256 + ((i + 1) % 256));
        expect(await y.read()).toEqual(x.map((_, i) => neighbour(i) + 47 + 9 + 299));
    });

    it("lie beside each other and beside those of fixed size", async () => {
        const gpu = await testGpu();
        const { f } = await gpu.load<"f">({ source: SOURCE }, { optimisation });
        for (const k of [1, 3, 100, 1000]) {
            const y = gpu.tensor("f32", [3, 2]);
            const x = Array.from({ length: 3 * k }, (_, i) => i % 5);
            await f({ x: gpu.tensor("f32", [3, k], x), y });
            const sums = [0, 1, 2].map((g) => x.slice(g * k, (g + 1) * k).reduce((sum, value) => sum + 3 * value, 8));
            expect([...(await y.read())]).toEqual(sums.flatMap((sum) => [sum, k + 7]));
        }
    });

    it("are refused where the device has not enough", async () => {
        const gpu = await testGpu();
        const { f } = await gpu.load<"f">({ source: SOURCE }, { optimisation });
        const args = { x: gpu.tensor("f32", [1, 60000]), y: gpu.tensor("f32", [1, 2]) };
        const error = await f(args).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(LaunchError);
        expect(String(error)).toMatch(
            /shared array buf: with the extents \[k = 60000, 2\] a workgroup takes \d+ bytes/,
        );
    });

    it("are checked", async () => {
        const gpu = await testGpu();
        const source = `kernel f(k: index, y: mut f32[n]) groups 1 workgroup(1) {
            shared buf: f32[n]
            buf[k] = 1.0
            y[0] = buf[k]
        }`;
        const { f } = await gpu.load<"f">({ source }, { optimisation, bounds: "checked" });
        const y = gpu.tensor("f32", [5]);
        await f({ k: 4, y });
        await expect(f({ k: 5, y })).rejects.toMatchObject({ view: { name: "buf" }, index: 5n, extent: 5n });
    });
});
